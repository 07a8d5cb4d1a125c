"""A plan that a longer run made seconds ago, applied under the lock it holds: as a halt does."""

from dataclasses import replace

import pytest

from ccops.applying.apply import apply_held
from ccops.applying.progress import STILL_OPEN
from ccops.applying.report import Ending, Report
from ccops.errors import ExitCode, StoreUnavailable
from ccops.model import Status
from ccops.planning.plan import Plan
from ccops.ports import Halt
from tests.applying.test_apply_plan import (
    DONE,
    LATER,
    NOTHING,
    STOPPED,
    UNKNOWN,
    WHEN,
    applied,
    endings,
    interrupts,
    killed,
    live,
    plan_of,
    used,
    wanted,
)
from tests.applying.virtual_api import Api, MemoryStore
from tests.simulation.campaign import DRAFT, LIMITS, MINUTE, STRANGERS, scheduled
from tests.simulation.network import Fate

SCHEDULED = scheduled(DRAFT, WHEN)


def held(api: Api, plan: Plan) -> Report:
    """Under a lock that is held already."""
    api.store.held = True
    report = apply_held(plan, checksum="sha256:1", run="run-2", limits=LIMITS, world=api.world())
    assert api.store.held
    return report


def stop(api: Api, *names: str) -> Plan:
    """A plan to unschedule these."""
    return plan_of(api, *map(wanted, names))


def test_one_reading_less_than_an_apply() -> None:
    """What was read to make the plan is not compared once more; each write has its own reading."""
    api = used(a=SCHEDULED)
    plan = stop(api, "a")
    assert endings(held(api, plan)) == {"a": DONE}
    kinds = [call.split(maxsplit=1)[0] for call in api.calls]
    other = used(a=SCHEDULED)
    applied(other, stop(other, "a"))
    campaign, reading = 1, 3
    assert kinds == ["GET"] * (campaign + reading) + ["DELETE", "GET"]
    assert len(other.calls) == len(kinds) + reading


def test_what_changed_since_keeps_no_other_waiting() -> None:
    """The content of one is another: this plan's request was made for the old one, and not that."""
    api = used(a=SCHEDULED, b=SCHEDULED)
    plan = stop(api, "a", "b")
    api.vendors["a"].edit(subject="Something else")
    report = held(api, plan)
    assert endings(report) == {"a": STOPPED, "b": DONE}
    assert report.results[0].exit_code is ExitCode.STALE
    assert api.writes == ["DELETE b/schedules"]


def test_other_recipients_since_hinder_no_unscheduling() -> None:
    """The schedule is taken away all the same; that they differ is told then."""
    api = used(a=SCHEDULED)
    plan = stop(api, "a")
    api.vendors["a"].edit(recipients=STRANGERS)
    report = held(api, plan)
    assert (endings(report), api.writes) == ({"a": STOPPED}, ["DELETE a/schedules"])
    assert api.vendors["a"].live.status is Status.DRAFT


def test_its_own_open_write_is_settled_first() -> None:
    """The process that scheduled it died: found, verified, and taken away."""
    api = used(a=DRAFT)
    killed(api, plan_of(api, wanted("a", WHEN)), "sleep 2")
    report = held(api, stop(api, "a"))
    assert (endings(report), api.writes) == ({"a": DONE}, ["DELETE a/schedules"])
    assert round(max(api.waits)) == LIMITS.settle.total_seconds()


def test_what_came_to_light_is_not_called_nothing_to_do() -> None:
    """Planned as at rest, while the open POST was still under way: it landed, and that is told."""
    api = used(a=DRAFT)
    api.fates = {0: Fate.LATE}
    killed(api, plan_of(api, wanted("a", WHEN)), "sleep 2")
    plan = stop(api, "a")
    report = held(api, plan)
    assert api.vendors["a"].live.status is Status.SCHEDULED
    assert (endings(report), report.exit_code) == ({"a": STOPPED}, ExitCode.STALE)


def test_open_writes_of_others_are_left_to_others() -> None:
    """Nothing waits for them, and nothing is said of them."""
    api = used(a=SCHEDULED, b=DRAFT)
    killed(api, plan_of(api, wanted("b", LATER)), "sleep 2")
    before = api.store.open_writes()
    report = held(api, stop(api, "a"))
    assert (endings(report), api.store.open_writes()) == ({"a": DONE}, before)
    assert api.writes == ["DELETE a/schedules"]


def test_a_mark_stays() -> None:
    """Whatever the plan declares: its caller has just set it."""
    api = used(a=DRAFT)
    mark = Halt(
        activity_id=live("a").activity_id, campaign="a", reason="r", at=api.now, sends=(LATER,)
    )
    api.store.marks[mark.activity_id] = mark
    held(api, plan_of(api, wanted("a", WHEN)))
    assert api.store.halts() == (mark,)


def test_it_is_remembered_as_the_newest_plan() -> None:
    """An older one that was saved before is refused after it."""
    api = used(a=SCHEDULED)
    older = plan_of(api, wanted("a", LATER))
    held(api, replace(stop(api, "a"), created_at=api.now + MINUTE))
    api.store.held = False
    assert applied(api, older, run="run-3").exit_code is ExitCode.STALE


def test_a_store_that_fails_writes_nothing() -> None:
    """No generation, no request."""
    api = used(a=SCHEDULED)
    plan = stop(api, "a")
    api.store = MemoryStore(lines=api.store.lines, broken=True)
    with pytest.raises(StoreUnavailable):
        held(api, plan)
    assert api.calls == []


def test_an_interrupted_one_tells_what_is_open() -> None:
    """And what Constant Contact shows now is unknown, as nothing was read since."""
    api = used(a=SCHEDULED, b=SCHEDULED)
    api.before = {"delete 0": interrupts}
    report = held(api, stop(api, "a", "b"))
    first, second = report.results
    assert (first.ending, second.ending) == (UNKNOWN, Ending.NOT_STARTED)
    assert report.exit_code is ExitCode.UNKNOWN
    assert first.live is None
    assert STILL_OPEN in first.detail


def test_nothing_to_do_costs_nothing() -> None:
    """At rest, and nobody wrote meanwhile."""
    api = used(a=DRAFT)
    api.sleep(7_200)
    assert endings(held(api, stop(api, "a"))) == {"a": NOTHING}
    assert api.calls == []
