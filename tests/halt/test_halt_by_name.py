"""A halt without the network stops by name what ccops never wrote, until somebody decides anew."""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import ExitCode
from ccops.planning.halts import by_key, halt_of
from ccops.planning.plan import Permission
from ccops.ports import Halt, named
from ccops.sandbox.ids import list_id_of
from ccops.session.halting.marks import Marks
from ccops.session.halting.sightings import Sighting
from ccops.session.wiring import reading
from tests.applying.test_apply_plan import LATER, WHEN, applied, plan_of, used, wanted
from tests.applying.virtual_api import MemoryStore
from tests.e2e.stage import START, Stage, manifest
from tests.e2e.window import Fate, killed
from tests.halt.conftest import HALT, standings
from tests.planning.samples import ACTIVITY, DAY, HOUR, NOW_IS, desired, row, scheduled
from tests.simulation.campaign import DRAFT

ALL = (*HALT, "--yes")
NAMES = ("First", "Second", "Third", "Fourth")
FOUR = tuple(
    manifest(name, "Members", send_at=f"2027-03-1{place} 09:00") for place, name in enumerate(NAMES)
)


@pytest.fixture
def four(stage: Stage) -> Stage:
    """Four drafts that are declared to be sent."""
    for name in NAMES:
        stage.world.add_campaign(name)
    stage.write(*FOUR)
    return stage


def halted_offline(stage: Stage) -> None:
    """Halt it all without any answer; then the network is back, and another checkout's files."""
    stage.fault("drop_before", times=10_000)
    done = stage.run(*ALL, "--format", "json")
    assert done.code == 1
    assert {one["marked"] for one in done.document["campaigns"]} == {True}
    stage.world.faults.clear()
    stage.world.advance(1)
    stage.write(*FOUR)


def scheduled_now(stage: Stage) -> set[str]:
    return {told.split()[1] for told in stage.effects() if told.startswith("POST")}


def marks(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Which campaigns are marked, and by what."""
    for name, value in stage.environment.items():
        monkeypatch.setenv(name, value)
    with reading(stage.folder, stage.url) as session:
        return {
            one.campaign: "activity" if one.activity_id else "name" for one in session.store.halts()
        }


def test_what_was_never_written_is_not_scheduled_either(four: Stage) -> None:
    """An apply died after two of four; the halt after it reached nobody, and yet it holds."""
    killed(four, "POST", fate=Fate.DONE, after=1)
    before = four.effects()
    halted_offline(four)
    done = four.run("apply", "--yes", "--format", "json")
    assert {one["verdict"] for one in done.document["results"]} == {"halted"}
    assert (done.code, four.effects()) == (6, before)


@pytest.mark.parametrize("declared", ["2027-03-20 09:00", "unscheduled"])
def test_what_ccops_scheduled_itself_is_stopped_whatever_is_declared_here(
    stage: Stage, declared: str
) -> None:
    """One checkout applied a time; another, that declares something else, halts without an answer."""
    stage.world.add_campaign("First")
    stage.write(FOUR[0])
    assert stage.run("apply", "--yes").code == 0
    stage.write(manifest("First", "Members", send_at=declared))
    stage.fault("drop_before", times=10_000)
    assert stage.run(*ALL).code == 1
    stage.world.faults.clear()
    stage.write(FOUR[0])
    done = stage.run("apply", "--yes", "--format", "json")
    assert (done.code, {one["verdict"] for one in done.document["results"]}) == (6, {"halted"})


def test_the_next_halt_marks_what_it_reads(four: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark by name gives way to one of the activity, which holds whatever it is called."""
    halted_offline(four)
    assert marks(four, monkeypatch) == dict.fromkeys(NAMES, "name")
    done = four.run(*ALL, "--format", "json")
    assert standings(done.document) == dict.fromkeys(NAMES, "held")
    assert marks(four, monkeypatch) == dict.fromkeys(NAMES, "activity")


def test_another_time_ends_it(four: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it ends any halt, of this campaign and of no other."""
    halted_offline(four)
    four.write(FOUR[0].replace("09:00", "11:00"), *FOUR[1:])
    assert (four.run("apply", "--yes").code, scheduled_now(four)) == (6, {"First"})
    assert set(marks(four, monkeypatch)) == set(NAMES[1:])


def test_a_permission_ends_it(four: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, with a reason."""
    halted_offline(four)
    permission = ("--allow", "halted=Second", "--reason", "the link works again")
    assert (four.run("apply", "--yes", *permission).code, scheduled_now(four)) == (6, {"Second"})
    assert set(marks(four, monkeypatch)) == {"First", "Third", "Fourth"}


def test_pull_says_that_it_is_halted(four: Stage) -> None:
    """Somebody scheduled it by hand meanwhile: that is not adopted without a word."""
    halted_offline(four)
    mine = next(one for one in four.world.campaigns.values() if one.name == "Third")
    live = four.world.primary(mine)
    members, at = (list_id_of("Members"),), START + timedelta(days=11)
    four.world.put_activity(
        replace(live, status="SCHEDULED", scheduled=at, contact_list_ids=members)
    )
    (four.folder / "campaigns" / "one.yaml").unlink()
    assert "a person halted it" in four.run("pull", "--dry-run").out


def store_of(*halts: Halt) -> MemoryStore:
    store = MemoryStore()
    store.held = True
    store.halt(*halts)
    return store


def mark(activity: str = "", campaign: str = "Fall", at: datetime = NOW_IS, **more: object) -> Halt:
    made = Halt(activity_id=activity, campaign=campaign, reason="x", at=at, sends=(NOW_IS + DAY,))
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of the cases below


def test_a_campaign_is_found_by_either_mark() -> None:
    """Both count: the newer one's reason is told, and what either stopped stays stopped."""
    older = mark(ACTIVITY, campaign="its old name")
    newer = mark(at=NOW_IS + HOUR, reason="y", sends=(NOW_IS + 2 * DAY,))
    both = by_key([older, newer])
    merged = replace(newer, sends=(NOW_IS + DAY, NOW_IS + 2 * DAY))
    assert halt_of(both, ACTIVITY, "Fall") == merged
    assert halt_of(by_key([older]), ACTIVITY, "Fall") == older
    assert halt_of(by_key([newer]), ACTIVITY, "Fall") == newer
    assert halt_of(both, "another", "Winter") is None


@settings(max_examples=50)
@given(st.text())
def test_a_key_is_that_of_the_name_as_it_is_compared(name: str) -> None:
    """However its accents are composed; no store has a character that it could not hold."""
    keys = {named(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")} | {named(name)}
    assert len(keys) == 1
    assert all(key.isascii() and key.isprintable() for key in keys)
    assert mark(campaign=name).key in keys


@pytest.mark.parametrize("permissions", [(), ("halted",)])
@pytest.mark.parametrize("when", [WHEN, LATER])
def test_no_older_plan_is_applied_to_it(when: datetime, permissions: tuple[str, ...]) -> None:
    """Whatever that plan was permitted to do: the halt is the newer decision, and stands."""
    api = used(a=DRAFT)
    granted = tuple(Permission(rule=one, campaign="a", reason="mended") for one in permissions)
    halted = Halt(activity_id="", campaign="a", reason="x", at=api.now, sends=(WHEN,))
    if permissions:
        api.store.halt(halted)
    old = plan_of(api, wanted("a", when), permissions=granted)
    api.sleep(60)
    halted = replace(halted, at=api.now)
    api.store.halt(halted)
    assert applied(api, old).exit_code is ExitCode.STALE
    assert (api.writes, api.store.halts()) == ([], (halted,))


def seen(campaign: str = "Fall", **more: object) -> Sighting:
    one = Sighting(desired=desired(NOW_IS + DAY, campaign=campaign))
    return replace(one, **more)  # type: ignore[arg-type]  # the fields of the cases below


def test_a_mark_by_name_hands_its_sends_on() -> None:
    """Another checkout declared another time when the network was gone: both are stopped."""
    store = store_of(mark(sends=(NOW_IS + 3 * DAY,)))
    marking = Marks.begin(store, "y")
    live = scheduled(NOW_IS + 2 * DAY)
    marking.mark([seen(row=replace(row(), activity_id=ACTIVITY), live=live)], NOW_IS)
    (left,) = store.halts()
    assert left.activity_id == live.activity_id
    assert set(left.sends) == {NOW_IS + DAY, NOW_IS + 2 * DAY, NOW_IS + 3 * DAY}


def test_the_mark_of_what_proves_to_be_over_is_taken_back() -> None:
    """This halt's; one that was there before is another person's word."""
    store = store_of(mark(campaign="Earlier"))
    marking = Marks.begin(store, "y")
    both = [seen("Earlier"), seen("Fall")]
    marking.mark_known([one.desired for one in both], NOW_IS)
    assert {one.campaign for one in store.halts()} == {"Earlier", "Fall"}
    assert all(marking.holds(one) for one in both)
    marking.mark(both, NOW_IS)
    assert {one.campaign for one in store.halts()} == {"Earlier"}


def test_a_name_that_could_not_be_read_stays_marked() -> None:
    """Two campaigns of one name, or none: which one was meant is for a person to say."""
    store = store_of()
    marking = Marks.begin(store, "y")
    unread = seen(problem="2 campaigns have this name")
    marking.mark_known([unread.desired], NOW_IS)
    marking.mark([unread], NOW_IS)
    assert [one.key for one in store.halts()] == [named("Fall")]
    assert list(marking.times()) == []


def test_a_pinned_campaign_is_marked_by_its_pin_alone() -> None:
    """Its name says nothing that the pin does not."""
    store = store_of()
    Marks.begin(store, "y").mark_known([replace(seen().desired, activity_id=ACTIVITY)], NOW_IS)
    assert [one.key for one in store.halts()] == [ACTIVITY]
