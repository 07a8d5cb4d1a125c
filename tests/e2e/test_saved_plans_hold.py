"""A saved plan is applied to what was reviewed: the same manifests, lists and segments, or not at all."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import Done, Stage, account, manifest, on_stage
from tests.refresh.test_refreshed_apply import EXCHANGES, make_a_twin

MEMBERS, DONORS, BOARD = (list_id_of(name) for name in ("Members", "Donors", "Board"))
MARCH_9, MARCH_10 = "Tue 2027-03-09 09:00", "Wed 2027-03-10 09:00"
APPLY = ("apply", "plan.json", "--yes")
COLLECTIONS = {"/v3/contact_lists", "/v3/segments"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A draft for a list, one for a segment, and a campaign that is to be unscheduled."""
    with on_stage(tmp_path / "workspace", furnished()) as stage:
        yield stage


def furnished() -> World:
    world = account()
    for name in ("Draft", "Survey"):
        world.add_campaign(name, lists=[DONORS])
    return world


def drafts(stage: Stage) -> None:
    stage.write(
        manifest("Draft", "Members", send_at=MARCH_9),
        manifest("Survey", segment="Active", send_at=MARCH_9),
    )


def saved(stage: Stage) -> None:
    assert stage.run("plan", "--save", "plan.json").code == 0
    stage.world.log.clear()


def refused(stage: Stage, code: str) -> Done:
    """Apply the plan; it must be stale by this code, and nothing be written."""
    done = stage.run(*APPLY)
    assert (done.code, stage.writes()) == (7, [])
    assert f"error[{code}]" in done.err
    return done


def collections(stage: Stage) -> Counter[str]:
    return Counter(one.path for one in stage.world.requests if one.path in COLLECTIONS)


# Lists and segments.


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda one: one.__name__)
def test_a_list_or_segment_that_is_another_one_now(
    stage: Stage, exchange: Callable[[Stage], None]
) -> None:
    """Deleted, renamed, exchanged or no longer the only one of its name."""
    drafts(stage)
    saved(stage)
    exchange(stage)
    done = refused(stage, "CC616")
    assert "campaigns/one.yaml:" in done.err


def test_a_list_that_is_deleted_behind_a_plan(stage: Stage) -> None:
    """By somebody, beside ccops: a send to nobody would have counted as verified."""
    stage.write(manifest("Draft", "Board", send_at=MARCH_9))
    saved(stage)
    control = f"{stage.url}/__sandbox/lists/{BOARD}"
    with urlopen(Request(control, method="DELETE"), timeout=30) as answer:
        assert answer.status == 204
    done = refused(stage, "CC616")
    assert 'the list "Board", to which "Draft" would go, was deleted' in done.err


def test_a_list_that_is_named_by_its_id(stage: Stage) -> None:
    """Another one of its name is no matter; that it is called otherwise is."""
    listed = f"lists: [{{id: {MEMBERS}}}]"
    stage.write(f"campaign: Draft\nrecipients: {{{listed}}}\nsend_at: {MARCH_9}\n")
    saved(stage)
    world = stage.world
    world.lists[MEMBERS] = replace(world.lists[MEMBERS], name="Former members")
    assert 'is called "Former members" now' in refused(stage, "CC616").err
    world.lists[MEMBERS] = replace(world.lists[MEMBERS], name="Members")
    make_a_twin(stage)
    assert stage.run(*APPLY).code == 0


def test_an_update_alone_is_looked_up_too(stage: Stage) -> None:
    """Nothing is scheduled by it, and the next plan would rest on it."""
    stage.write(manifest("Draft", "Members", send_at="unscheduled"))
    saved(stage)
    stage.world.delete_list(MEMBERS)
    refused(stage, "CC616")


def test_a_list_that_was_emptied(stage: Stage) -> None:
    """Its active contacts come with its name, so the guard is asked again for nothing."""
    drafts(stage)
    saved(stage)
    stage.world.set_members(MEMBERS, [])
    done = stage.run(*APPLY)
    assert (done.code, "CC415" in done.err, stage.writes()) == (6, True, [])


@pytest.mark.parametrize("guards", ["", "guards: {max-contacts: 9, counting: {segments: 9}}\n"])
def test_each_collection_is_read_once_and_only_if_needed(stage: Stage, guards: str) -> None:
    """One page of lists and one of segments, whatever guards ask; no other request is added."""
    path = stage.folder / "ccops.yaml"
    path.write_text(path.read_text("utf-8") + guards, "utf-8")
    stage.write(manifest("Draft", "Members", send_at=MARCH_9))
    saved(stage)
    assert stage.run(*APPLY, "--dry-run").code == 0
    assert collections(stage) == {"/v3/contact_lists": 1}
    drafts(stage)
    saved(stage)
    assert stage.run(*APPLY).code == 0
    assert collections(stage) == {"/v3/contact_lists": 1, "/v3/segments": 1}


def test_a_plan_that_is_applied_at_once_reads_nothing_again(stage: Stage) -> None:
    """The plan's own reading is seconds old."""
    drafts(stage)
    assert stage.run("apply", "--yes").code == 0
    assert collections(stage) == {"/v3/contact_lists": 1, "/v3/segments": 1}


# The brake.


@pytest.fixture
def braked(stage: Stage) -> Stage:
    """A saved plan that only unschedules, one campaign with its recipients and one without."""
    for name in ("Ahead", "Beside"):
        stage.world.add_campaign(name, lists=[BOARD], scheduled=stage.world.now.replace(day=9))
    stage.write(
        manifest("Ahead", "Board", send_at="unscheduled"),
        manifest("Beside", "Members", send_at="unscheduled"),
    )
    saved(stage)
    return stage


def recipients_gone(stage: Stage) -> None:
    stage.world.delete_list(MEMBERS)
    stage.world.delete_list(BOARD)


def other_recipients(stage: Stage) -> None:
    stage.write(
        manifest("Ahead", "Donors", send_at="unscheduled"),
        manifest("Beside", segment="Active", send_at="unscheduled"),
    )


def another_day(stage: Stage) -> None:
    stage.write(*(manifest(name, "Board", send_at=MARCH_10) for name in ("Ahead", "Beside")))


def no_manifest(stage: Stage) -> None:
    stage.write(manifest("Draft", "Members", send_at=MARCH_9))


@pytest.mark.parametrize(
    "change",
    [recipients_gone, other_recipients, another_day, no_manifest],
    ids=lambda one: one.__name__,
)
def test_taking_back_is_held_up_by_nothing(braked: Stage, change: Callable[[Stage], None]) -> None:
    """Nor does it read what it does not need."""
    change(braked)
    done = braked.run(*APPLY)
    assert done.code == 0
    assert [one for one in braked.effects() if one.startswith("DELETE")] == [
        "DELETE Ahead",
        "DELETE Beside",
    ]
    assert collections(braked) == {}


def test_what_is_wanted_again_is_not_taken_back(braked: Stage) -> None:
    """A manifest that has come to declare the very send."""
    at = "2027-03-09T14:00:00Z"
    braked.write(
        manifest("Ahead", "Board", send_at=at), manifest("Beside", "Board", send_at="unscheduled")
    )
    refused(braked, "CC617")


# Manifests.


def test_a_manifest_that_says_unscheduled_now(stage: Stage) -> None:
    """In the same folder; the place is told, and what to do."""
    drafts(stage)
    saved(stage)
    stage.write(
        manifest("Draft", "Members", send_at="unscheduled"),
        manifest("Survey", segment="Active", send_at=MARCH_9),
    )
    done = refused(stage, "CC617")
    assert '"Draft" is declared otherwise now than when the plan was made' in done.err
    assert "campaigns/one.yaml:1:" in done.err
    assert "plan again" in done.err
    assert collections(stage) == {}


def test_a_dry_run_says_it_too(stage: Stage) -> None:
    """Whoever looks first is not told that all is well."""
    drafts(stage)
    saved(stage)
    no_manifest(stage)
    assert stage.run("apply", "plan.json", "--dry-run").code == 7


def test_a_lock_that_is_written_meanwhile_changes_nothing(stage: Stage) -> None:
    """It pins what the plan was made for."""
    drafts(stage)
    saved(stage)
    assert stage.run("lock").code == 0
    assert stage.run(*APPLY).code == 0


def test_a_manifest_of_a_campaign_that_is_not_written(stage: Stage) -> None:
    """Is not this plan's matter; nor is another spelling of the same."""
    drafts(stage)
    stage.write(manifest("Other", "Board", send_at=MARCH_9), name="two.yaml")
    stage.world.add_campaign("Other", lists=[DONORS])
    assert stage.run("plan", "--select", "name:[DS]*", "--save", "plan.json").code == 0
    stage.write(manifest("Other", "Donors", send_at="unscheduled"), name="two.yaml")
    stage.write(
        manifest("Survey", segment="Active", send_at="2027-03-09T14:00:00.000Z", tags=["x"]),
        manifest("Draft", "Members", send_at="Tue 2027-03-09 08:00 America/Chicago"),
    )
    assert stage.run(*APPLY).code == 0
    assert len(stage.effects()) == 4


TIMES = st.sampled_from([MARCH_9, MARCH_10, "unscheduled", "Tue 2027-03-09 09:01"])
LISTS = st.lists(st.sampled_from(["Members", "Donors", "Board"]), unique=True, max_size=3)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage with a saved plan of one campaign, which no refusal uses up."""
    folder = tmp_path_factory.mktemp("edits") / "workspace"
    with on_stage(folder, furnished()) as stage:
        stage.write(manifest("Draft", "Members", send_at=MARCH_9))
        saved(stage)
        yield stage


@given(send_at=TIMES, lists=LISTS, again=st.booleans())
@settings(max_examples=25)
def test_every_edit_of_sends_or_recipients_makes_a_plan_stale(
    waiting: Stage, send_at: str, lists: list[str], *, again: bool
) -> None:
    """Exit 7 and no request that writes; the manifest that was planned is not refused."""
    resend = [MARCH_10] if again and send_at == MARCH_9 else []
    more = {"resend_to_new_contacts": resend} if resend else {}
    segment = None if lists else "Active"
    waiting.write(manifest("Draft", *lists, segment=segment, send_at=send_at, **more))
    same = (send_at, lists, resend) == (MARCH_9, ["Members"], [])
    done = waiting.run("apply", "plan.json", "--dry-run" if same else "--yes")
    assert (done.code, waiting.writes()) == (0 if same else 7, [])
    assert same or "CC617" in done.err
