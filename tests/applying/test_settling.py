"""What an earlier run left open and this one found out about is told in the report, once each.

The journal is the measure: what it held open before the run and holds open no more.
"""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.apply import apply_held
from ccops.applying.report import Became, Report
from ccops.errors import ExitCode
from ccops.model import NOW, Live, Recipients, StepKind, When
from ccops.ports import WriteState
from tests.applying.test_apply_plan import (
    DONE,
    LATER,
    NOTHING,
    STOPPED,
    UNKNOWN,
    WHEN,
    Killed,
    applied,
    endings,
    interrupts,
    killed,
    kills,
    plan_of,
    stops,
    used,
    wanted,
)
from tests.applying.virtual_api import Api, Happening
from tests.simulation.campaign import (
    BOARD,
    DONORS,
    DRAFT,
    HOUR,
    LIMITS,
    STRANGERS,
    scheduled,
)
from tests.simulation.network import Fate

TOOK, NO_EFFECT = Became.TOOK_EFFECT, Became.NO_EFFECT
TAKEN_BACK, OTHERWISE = Became.TAKEN_BACK, Became.OTHERWISE


def became(report: Report) -> dict[str, Became]:
    """By campaign; none is told twice."""
    found = {one.write.entry.campaign: one.became for one in report.settled}
    assert len(found) == len(report.settled)
    return found


def broken_off(api: Api, *sends: When, at: str, fate: Fate = Fate.FINE) -> None:
    """A run over campaign a that is killed at this point."""
    api.fates = {0: fate}
    killed(api, plan_of(api, wanted("a", *sends)), at)
    api.fates = {}


def person_unschedules_and_sends(api: Api) -> None:
    api.vendors["a"].person_unschedules()
    api.vendors["a"].person_sends()
    api.sleep(60)


def edits(api: Api) -> None:
    api.vendors["a"].edit(recipients=STRANGERS)


def nobody(_: Api) -> None:
    """Nothing happens."""


def time_passes(api: Api) -> None:
    api.sleep(4 * HOUR.total_seconds())


@pytest.mark.parametrize(
    ("at", "send", "meanwhile", "expected"),
    [
        ("post 0", WHEN, nobody, NO_EFFECT),
        ("sleep 2", WHEN, nobody, TOOK),
        ("sleep 2", NOW, nobody, TOOK),
        ("sleep 2", WHEN, time_passes, TOOK),
        ("sleep 2", WHEN, edits, TAKEN_BACK),
        ("sleep 2", WHEN, person_unschedules_and_sends, OTHERWISE),
    ],
    ids=["lost", "arrived", "now-went-out", "sent-since", "taken-back", "sent-by-somebody"],
)
def test_what_became_of_it(at: str, send: When, meanwhile: Happening, expected: Became) -> None:
    """Each is named, whatever else the report says of its campaign."""
    api = used(a=DRAFT, b=DRAFT)
    broken_off(api, send, at=at)
    begun = next(line.at for line in api.store.lines if line.campaign == "a")
    meanwhile(api)
    report = applied(api, plan_of(api, wanted("a", WHEN), wanted("b")), run="run-2")
    assert became(report) == {"a": expected}
    (one,) = report.settled
    entry = one.write.entry
    assert (entry.run, entry.step.kind, entry.when) == ("run-1", StepKind.SCHEDULE, send)
    assert (one.write.begun, one.zone) == (begun, "UTC")
    assert not entry.state.open


def test_a_request_that_came_too_late_had_no_effect() -> None:
    """An unscheduling that was overtaken by the send itself."""
    api = used(a=scheduled(DRAFT, WHEN), b=DRAFT)
    broken_off(api, at="delete 0")
    time_passes(api)
    report = applied(api, plan_of(api, wanted("b")), run="run-2")
    assert became(report) == {"a": NO_EFFECT}
    assert report.settled[0].write.entry.detail.startswith("it was sent")
    assert endings(report) == {"b": NOTHING, "a": STOPPED}


def test_a_taking_back_that_the_send_overtook_is_no_write_without_effect() -> None:
    """The schedule was ccops' own, and it went out."""
    api = used(a=DRAFT, b=DRAFT)
    api.before = {"sleep 2": edits, "delete 0": kills}
    with pytest.raises(Killed):
        applied(api, plan_of(api, wanted("a", WHEN)))
    api.before = {}
    time_passes(api)
    report = applied(api, plan_of(api, wanted("b")), run="run-2")
    assert became(report) == {"a": OTHERWISE}
    assert "it was sent before ccops could unschedule it" in report.settled[0].write.entry.detail


def test_what_stays_unknown_is_not_settled() -> None:
    """A lost `now` is for a person, by this run and the next."""
    api = used(a=DRAFT, b=DRAFT)
    broken_off(api, NOW, at="post 0")
    for run in ("run-2", "run-3"):
        report = applied(api, plan_of(api, wanted("b")), run=run)
        assert (report.settled, endings(report)["a"]) == ((), UNKNOWN)


def test_it_is_told_by_one_run_only() -> None:
    """The run after that knows of nothing that was open."""
    api = used(a=DRAFT, b=DRAFT)
    broken_off(api, WHEN, at="sleep 2")
    plan = plan_of(api, wanted("a", WHEN), wanted("b"))
    assert became(applied(api, plan, run="run-2")) == {"a": TOOK}
    assert applied(api, plan, run="run-3").settled == ()


def test_it_is_no_write_of_this_run() -> None:
    """Its own writes are counted apart, and it goes on with the same campaign."""
    api = used(a=DRAFT, b=DRAFT)
    broken_off(api, WHEN, at="post 0")
    report = applied(api, plan_of(api, wanted("a", WHEN)), run="run-2")
    assert (became(report), endings(report)) == ({"a": NO_EFFECT}, {"a": DONE})
    assert report.writes == 1


@pytest.mark.parametrize(
    ("fails", "told"),
    [(0, [{}, {"a": TOOK}]), (1, [{"a": TOOK}, {}])],
    ids=["at-that-line", "at-the-next-line"],
)
def test_a_store_that_fails(fails: int, told: list[dict[str, Became]]) -> None:
    """What was recorded is told; what could not be is open still, and is the next run's to tell."""
    api = used(a=DRAFT, b=DRAFT)
    broken_off(api, WHEN, at="sleep 2")
    plan = plan_of(api, wanted("b", WHEN))
    api.store.fails = frozenset({api.store.asked + fails})
    first = applied(api, plan, run="run-2")
    assert first.interrupted is ExitCode.LOCKED
    assert [became(first), became(applied(api, plan, run="run-3"))] == told


def test_a_run_that_ends_while_it_looks_tells_what_it_found() -> None:
    """The line about the second open write cannot be written any more; the first one stands."""
    api = used(a=DRAFT, b=DRAFT)
    plan = plan_of(api, wanted("a", WHEN), wanted("b", WHEN))
    api.before = {"sleep 4": kills}
    with pytest.raises(Killed):
        applied(api, plan)
    api.before = {}
    left = api.store.open_writes()
    assert len(left) == len(plan.changes)
    api.store.fails = frozenset({api.store.asked + 1})
    first = applied(api, plan, run="run-2")
    second = applied(api, plan, run="run-3")
    told = [set(became(one)) for one in (first, second)]
    assert sorted(map(sorted, told)) == [["a"], ["b"]]


def test_a_store_that_cannot_be_read_costs_no_report() -> None:
    """It fails right after the line was written."""
    api = used(a=DRAFT, b=DRAFT)
    broken_off(api, WHEN, at="sleep 2")

    def breaks(api: Api) -> None:
        api.store.broken = True

    api.before = {f"request {api.counts['request']}": breaks}
    assert applied(api, plan_of(api, wanted("b")), run="run-2").settled == ()


def test_a_longer_run_tells_its_own_only() -> None:
    """Under a lock that is held already, others' open writes are left to others."""
    api = used(a=DRAFT, b=DRAFT)
    broken_off(api, WHEN, at="sleep 2")
    api.store.held = True
    for name, expected in (("b", {}), ("a", {"a": TOOK})):
        plan = plan_of(api, wanted(name))
        world = api.world()
        report = apply_held(plan, checksum="sha256:1", run="run-2", limits=LIMITS, world=world)
        assert became(report) == expected


POINTS = ["post 0", "put 0", "delete 0"]
POINTS += [f"{kind} {at}" for kind in ("sleep", "request") for at in range(8)]
MEANWHILE = (nobody, edits, person_unschedules_and_sends, time_passes)
SECOND = (interrupts, stops, nobody)


@settings(max_examples=60, deadline=None)
@given(
    first=st.sampled_from(POINTS),
    live=st.sampled_from([DRAFT, scheduled(DRAFT, LATER)]),
    sends=st.sampled_from([(WHEN,), (NOW,), ()]),
    people=st.sampled_from([DONORS, BOARD]),
    fate=st.sampled_from([Fate.FINE, Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LATE]),
    meanwhile=st.sampled_from(MEANWHILE),
    planned=st.sampled_from([("a",), ("b",), ("a", "b")]),
    second=st.tuples(st.sampled_from(POINTS), st.sampled_from(SECOND)),
)
def test_whatever_was_settled_is_told_exactly_once(
    *,
    first: str,
    live: Live,
    sends: tuple[When, ...],
    people: Recipients,
    fate: Fate,
    meanwhile: Happening,
    planned: tuple[str, ...],
    second: tuple[str, Happening],
) -> None:
    """Wherever either run breaks off: told is what was open before it and is not after it."""
    api = used(a=live, b=DRAFT)
    api.fates, api.before = {0: fate}, {first: kills}
    with suppress(Killed):
        applied(api, plan_of(api, wanted("a", *sends, recipients=people)))
    api.fates, api.before = {}, {}
    meanwhile(api)
    before, held = api.store.open_writes(), len(api.store.lines)
    plan = plan_of(api, *(wanted(name, WHEN) for name in planned))
    api.counts.clear()
    api.before = dict([second])
    report = applied(api, plan, run="run-2")
    told = [(one.write.entry.activity_id, one.write.entry.write_id) for one in report.settled]
    assert sorted(told) == sorted(before - api.store.open_writes())
    newest = {line.write_id: line for line in api.store.lines[held:]}
    assert all(newest[one.write.entry.write_id] == one.write.entry for one in report.settled)
    unsent = [one for one in report.settled if one.became is NO_EFFECT]
    assert all(one.write.entry.state is WriteState.RESOLVED for one in unsent)
