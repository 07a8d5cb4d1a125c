"""A whole apply: many campaigns, one lock, one journal, one report.

The vendor answers requests, the clock is virtual, everything else is the real thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from ccops.applying.apply import apply_plan
from ccops.applying.compensation import ROUNDS
from ccops.applying.report import Ending, Report
from ccops.errors import (
    Blocked,
    Diagnostic,
    ExitCode,
    Severity,
    StoreUnavailable,
    VendorFault,
)
from ccops.model import NOW, Limits, Live, Recipients, Status, Target, When
from ccops.planning.plan import Change, Finding, Permission, Plan, Verdict
from ccops.planning.verdict import Facts, decide
from ccops.ports import Halt, WriteState
from tests.applying.virtual_api import Api, Happening, MemoryStore
from tests.planning.samples import ACCOUNT
from tests.simulation.campaign import (
    BOARD,
    DONORS,
    DRAFT,
    HOUR,
    LIMITS,
    MINUTE,
    STRANGERS,
    change_of,
    deep,
    scheduled,
    sent,
)
from tests.simulation.network import Fate
from tests.simulation.vendor import SECOND, START, Rules, Vendor

WHEN = START + 3 * HOUR
LATER = WHEN + HOUR
OLD = START - 24 * HOUR
NUMBERS = {"a": 1, "b": 2, "c": 3}


class Killed(BaseException):
    """The process is gone, without a word."""


def kills(_: Api) -> None:
    raise Killed


def interrupts(_: Api) -> None:
    raise KeyboardInterrupt


def stops(api: Api) -> None:
    api.stop = ExitCode.INTERRUPTED


def live(name: str, status: Live = DRAFT) -> Live:
    """An activity of its own."""
    number = NUMBERS[name]
    return replace(
        status,
        name=name,
        campaign_id=str(UUID(int=number)),
        activity_id=str(UUID(int=1000 + number)),
    )


def api_of(store: MemoryStore | None = None, **lives: Live) -> Api:
    vendors = {name: Vendor(live=live(name, one)) for name, one in lives.items()}
    return Api(vendors=vendors, store=store or MemoryStore())


def wanted(name: str, *sends: When, recipients: Recipients = DONORS) -> Target:
    return Target(
        campaign=name,
        activity_id=live(name).activity_id,
        sends=sends,
        recipients=recipients,
    )


def change(api: Api, one: Target, permissions: tuple[Permission, ...] = ()) -> Change:
    """What a plan made now holds of one campaign."""
    vendor = api.vendors[one.campaign]
    before = None if vendor.gone else deep(vendor.live, one)
    lines = [line for line in api.store.lines if line.activity_id == one.activity_id]
    facts = Facts(
        target=one,
        live=before,
        now=api.now,
        limits=LIMITS,
        newest=lines[-1] if lines else None,
        restored=any(permission.campaign == one.campaign for permission in permissions),
    )
    made = change_of(one, before, decide(facts))
    return replace(made, campaign=one.campaign, campaign_id=vendor.live.campaign_id)


def plan_of(api: Api, *targets: Target, **rest: object) -> Plan:
    permissions = rest.get("permissions", ())
    assert isinstance(permissions, tuple)
    plan = Plan(
        account=ACCOUNT,
        origin="http://127.0.0.1:8000",
        zone="UTC",
        created_at=api.now,
        expires_at=api.now + 24 * HOUR,
        ccops_version="1",
        tzdata="2026b",
        changes=tuple(change(api, one, permissions) for one in targets),
    )
    return replace(plan, **rest)  # type: ignore[arg-type]  # fields by name


def applied(api: Api, plan: Plan, *, run: str = "run-1", limits: Limits = LIMITS) -> Report:
    return apply_plan(plan, checksum="sha256:1", run=run, limits=limits, world=api.world())


def endings(report: Report) -> dict[str, Ending]:
    return {one.change.campaign: one.ending for one in report.results}


def used(**lives: Live) -> Api:
    """An account whose store has a memory: another campaign was scheduled before."""
    api = api_of(None, **lives, c=DRAFT)
    applied(api, plan_of(api, wanted("c", LATER)), run="run-0")
    api.calls.clear()
    api.waits.clear()
    api.told.clear()
    api.counts.clear()
    return api


DONE, STOPPED, UNKNOWN = Ending.DONE, Ending.STOPPED, Ending.UNKNOWN
NOTHING, NOT_STARTED, NEEDS_PERSON = Ending.NOTHING, Ending.NOT_STARTED, Ending.NEEDS_PERSON


# --- generations and halts ------------------------------------------------------------------------


def test_a_plan_that_a_newer_one_overtook_is_refused() -> None:
    """A run that was frozen between plan and lock does not undo what was decided since."""
    api = used(a=DRAFT)
    old = plan_of(api, wanted("a", LATER))
    api.sleep(60)
    assert applied(api, plan_of(api, wanted("a")), run="run-2").exit_code is ExitCode.DONE
    report = applied(api, old, run="run-3")
    (one,) = report.results
    assert (one.ending, report.exit_code) == (STOPPED, ExitCode.STALE)
    assert one.detail == "a newer plan was applied here since this one was made; run plan again"
    assert api.writes == []


def test_a_newer_plan_for_another_campaign_overtakes_nothing() -> None:
    """Generations are kept for each activity."""
    api = used(a=DRAFT, b=DRAFT)
    old = plan_of(api, wanted("a", LATER))
    api.sleep(60)
    applied(api, plan_of(api, wanted("b")), run="run-2")
    assert endings(applied(api, old, run="run-3")) == {"a": DONE}


def test_the_newest_plan_is_remembered_before_anything_is_done() -> None:
    """Killed at its first request, it has overtaken the older one all the same."""
    api = used(a=DRAFT)
    old = plan_of(api, wanted("a", LATER))
    api.sleep(60)
    api.before = {"request 0": kills}
    with pytest.raises(Killed):
        applied(api, plan_of(api, wanted("a", LATER + HOUR)), run="run-2")
    assert applied(api, old, run="run-3").exit_code is ExitCode.STALE


def test_a_plan_may_be_applied_again() -> None:
    """It does not overtake itself."""
    api = used(a=DRAFT)
    plan = plan_of(api, wanted("a", LATER))
    assert endings(applied(api, plan, run="run-2")) == {"a": DONE}
    assert endings(applied(api, plan, run="run-3")) == {"a": NOTHING}


def halted(api: Api, name: str, *sends: When) -> Halt:
    mark = Halt(
        activity_id=live(name).activity_id, campaign=name, reason="a typo", at=api.now, sends=sends
    )
    api.store.halt(mark)
    return mark


def test_a_halted_campaign_is_not_scheduled_and_stops_no_other() -> None:
    """Even a plan that was made before the halt needs a person then."""
    api = used(a=DRAFT, b=DRAFT)
    plan = plan_of(api, wanted("a", WHEN), wanted("b", LATER))
    mark = halted(api, "a", WHEN)
    report = applied(api, plan)
    assert endings(report) == {"a": NEEDS_PERSON, "b": DONE}
    assert report.exit_code is ExitCode.BLOCKED
    assert "halted it" in report.results[0].detail
    assert api.store.halts() == (mark,)


@pytest.mark.parametrize(("sends", "left"), [((), 1), ((LATER,), 0)])
def test_only_another_send_ends_a_halt(sends: tuple[When, ...], left: int) -> None:
    """A manifest that says unscheduled may not be the only checkout there is."""
    api = used(a=DRAFT)
    halted(api, "a", WHEN)
    assert applied(api, plan_of(api, wanted("a", *sends))).exit_code is ExitCode.DONE
    assert len(api.store.halts()) == left


def test_an_overtaken_plan_ends_no_halt() -> None:
    """It knew nothing of it."""
    api = used(a=DRAFT)
    old = plan_of(api, wanted("a", LATER))
    api.sleep(60)
    mark = halted(api, "a", WHEN)
    api.store.held = True
    api.store.advance(api.now, [live("a").activity_id])
    api.store.held = False
    applied(api, old)
    assert api.store.halts() == (mark,)


@pytest.mark.parametrize(
    ("unreleased", "code", "left"), [(False, ExitCode.DONE, 0), (True, ExitCode.LOCKED, 1)]
)
def test_a_permission_lifts_a_halt_once_the_send_is_scheduled(
    unreleased: bool, code: ExitCode, left: int
) -> None:
    """A store that fails at the very end costs no report; the mark that stays does no harm."""
    api = used(a=DRAFT)
    halted(api, "a", WHEN)
    api.store.unreleased = unreleased
    permission = Permission(rule="halted", campaign="a", reason="mended")
    report = applied(api, plan_of(api, wanted("a", WHEN), permissions=(permission,)))
    assert (endings(report), report.exit_code) == ({"a": DONE}, code)
    assert len(api.store.halts()) == left


def test_a_permission_lifts_a_halt_of_what_is_scheduled_as_declared() -> None:
    """Somebody scheduled it again by hand, and this is allowed to stand."""
    api = used(a=scheduled(DRAFT, WHEN))
    halted(api, "a", WHEN)
    permission = Permission(rule="halted", campaign="a", reason="mended")
    plan = plan_of(api, wanted("a", WHEN), permissions=(permission,))
    assert applied(api, plan).exit_code is ExitCode.DONE
    assert (api.store.halts(), api.writes) == ((), [])


def test_a_permission_that_brought_nothing_about_lifts_no_halt() -> None:
    """The mark stays until the send is verified."""
    api = used(a=DRAFT)
    halted(api, "a", WHEN)
    permission = Permission(rule="halted", campaign="a", reason="mended")
    plan = plan_of(api, wanted("a", WHEN), permissions=(permission,))
    api.vendors["a"].edit(subject="Something else")
    assert applied(api, plan).exit_code is ExitCode.STALE
    assert len(api.store.halts()) == 1


def test_a_schedule_that_somebody_else_made_is_not_taken_back() -> None:
    """Killed while it took its own back; meanwhile a person scheduled it anew, for another time."""
    api = used(a=DRAFT)
    plan = plan_of(api, wanted("a", WHEN))
    api.before = {
        "post 0": lambda one: one.vendors["a"].edit(recipients=STRANGERS),
        "delete 0": kills,
    }
    with pytest.raises(Killed):
        applied(api, plan)
    api.vendors["a"].person_unschedules()
    api.vendors["a"].person_schedules(LATER)
    report = applied(api, plan, run="run-2")
    assert report.exit_code is ExitCode.UNKNOWN
    assert "somebody made another one" in report.results[0].detail
    assert api.vendors["a"].live.status is Status.SCHEDULED


# --- what a report holds -------------------------------------------------------------------------


def test_all_changes_are_applied_and_told_in_the_plans_order() -> None:
    """Every write verified: exit code 0, requests counted, nothing open."""
    api = used(a=DRAFT, b=scheduled(DRAFT, WHEN))
    plan = plan_of(api, wanted("b", WHEN, recipients=BOARD), wanted("a", LATER))
    report = applied(api, plan)
    assert [one.change.campaign for one in report.results] == ["b", "a"]
    assert set(endings(report).values()) == {DONE}
    assert report.exit_code is ExitCode.DONE
    assert (report.writes, len(api.writes)) == (4, 4)
    assert report.reads == 2 + 4 + 2
    assert report.started_at < report.finished_at == api.now
    assert api.store.open_writes() == set()


def test_waits_of_several_campaigns_overlap() -> None:
    """Two sequences take hardly longer than one."""
    alone, both = used(a=scheduled(DRAFT, WHEN)), used(a=scheduled(DRAFT, WHEN), b=DRAFT)
    starts = [alone.now, both.now]
    one = wanted("a", WHEN, recipients=BOARD)
    applied(alone, plan_of(alone, one))
    applied(both, plan_of(both, one, wanted("b", WHEN, recipients=BOARD)))
    assert both.now - starts[1] < (alone.now - starts[0]) * 1.5


def test_what_is_in_sync_costs_no_request() -> None:
    """And is told as nothing to do."""
    api = used(a=scheduled(DRAFT, WHEN))
    report = applied(api, plan_of(api, wanted("a", WHEN)))
    assert endings(report) == {"a": NOTHING}
    assert (api.calls, report.reads, report.exit_code) == ([], 0, ExitCode.DONE)


def test_a_campaign_that_needs_a_person_does_not_stop_the_others() -> None:
    """The others are applied; the exit code says that a person is needed."""
    api = used(a=DRAFT, b=DRAFT)
    report = applied(api, plan_of(api, wanted("a", START + MINUTE), wanted("b", WHEN)))
    assert endings(report) == {"a": NEEDS_PERSON, "b": DONE}
    assert report.results[0].detail == report.results[0].change.reason != ""
    assert report.exit_code is ExitCode.BLOCKED


def test_a_campaign_that_stops_does_not_stop_the_others_on_their_way() -> None:
    """Once all were checked, each is alone."""
    api = used(a=DRAFT, b=DRAFT)
    api.fates = {0: Fate.REJECTED}
    report = applied(api, plan_of(api, wanted("a", WHEN), wanted("b", WHEN)))
    assert endings(report) == {"a": STOPPED, "b": DONE}
    assert report.exit_code is ExitCode.PARTIAL


# --- before the first write ----------------------------------------------------------------------


def test_a_blocked_plan_is_refused_before_any_request() -> None:
    """A guard or a missing permission: neither lock nor account is touched."""
    api = used(a=DRAFT)
    diagnostics = [Diagnostic(code=f"CC40{at}", message="no") for at in range(3)]
    findings = tuple(
        Finding(guard="expect", campaign="a", blocking=at > 0, diagnostic=one)
        for at, one in enumerate(diagnostics)
    )
    with pytest.raises(Blocked) as refused:
        applied(api, plan_of(api, wanted("a", WHEN), findings=findings))
    assert refused.value.diagnostics == tuple(diagnostics[1:])
    assert (api.calls, len(api.store.lines)) == ([], 3)


def test_a_blocked_plan_tells_what_is_still_open() -> None:
    """Nothing was settled, so it must not look as if nothing were wrong but the guard."""
    api = used(a=DRAFT, b=DRAFT)
    killed(api, plan_of(api, wanted("a", NOW)), "post 0")
    finding = Finding(
        guard="expect", campaign="b", blocking=True, diagnostic=Diagnostic(code="CC400", message="")
    )
    with pytest.raises(Blocked) as refused:
        applied(api, plan_of(api, wanted("b", WHEN), findings=(finding,)))
    _, told = refused.value.diagnostics
    assert (told.code, told.severity) == ("CC713", Severity.WARNING)
    assert told.message == 'what became of an earlier write to "a" is not known yet'


def test_a_warning_blocks_nothing() -> None:
    """It was shown with the plan."""
    api = used(a=DRAFT)
    warning = Finding(
        guard="expect",
        campaign="a",
        blocking=False,
        diagnostic=Diagnostic(code="CC401", message=""),
    )
    report = applied(api, plan_of(api, wanted("a", WHEN), findings=(warning,)))
    assert report.exit_code is ExitCode.DONE


@pytest.mark.parametrize("store", [MemoryStore(held=True), MemoryStore(broken=True)])
def test_without_the_lock_or_the_journal_nothing_is_asked_for(store: MemoryStore) -> None:
    """Another run works on the account, or the store cannot be read."""
    api = api_of(store, a=DRAFT)
    with pytest.raises(StoreUnavailable):
        applied(api, plan_of(api, wanted("a", WHEN)))
    assert api.calls == []


@pytest.mark.parametrize("stale", ["a", "b"])
def test_nothing_is_written_when_any_target_is_stale(stale: str) -> None:
    """All are read before the first write; one that changed stops them all."""
    api = used(a=DRAFT, b=DRAFT)
    plan = plan_of(api, wanted("a", WHEN), wanted("b", WHEN))
    api.vendors[stale].edit(subject="Something else")
    report = applied(api, plan)
    other = {"a": "b", "b": "a"}[stale]
    assert endings(report) == {stale: STOPPED, other: NOT_STARTED}
    assert (api.writes, report.exit_code) == ([], ExitCode.STALE)


def test_nothing_is_written_when_any_target_cannot_be_read() -> None:
    """A failed reading is no agreement."""
    api = used(a=DRAFT, b=DRAFT)
    plan = plan_of(api, wanted("a", WHEN), wanted("b", WHEN))
    api.unread = frozenset({4})
    report = applied(api, plan)
    assert endings(report) == {"a": NOT_STARTED, "b": STOPPED}
    assert (api.writes, report.exit_code) == ([], ExitCode.UNEXPECTED)


def test_a_store_without_memory_waits_for_earlier_writes_once() -> None:
    """Another runner may have died with a write under way."""
    api = api_of(a=DRAFT, b=DRAFT)
    report = applied(api, plan_of(api, wanted("a", WHEN), wanted("b", WHEN)))
    assert report.exit_code is ExitCode.DONE
    settle = LIMITS.settle.total_seconds()
    assert [wait for wait in api.waits if wait >= settle] == [settle]
    assert api.waits[0] == settle
    assert api.told[0] == "first run with this store: waiting 120 s for earlier writes"


@pytest.mark.parametrize("limits", [LIMITS, Limits(settle=timedelta(0))])
def test_nobody_waits_without_a_reason(limits: Limits) -> None:
    """Nothing to write, or no settle time: the account is not kept waiting."""
    api = api_of(a=DRAFT)
    one = wanted("a") if limits is LIMITS else wanted("a", WHEN)
    report = applied(api, plan_of(api, one), limits=limits)
    assert report.exit_code is ExitCode.DONE
    assert [wait for wait in api.waits if wait > LIMITS.read_lag.total_seconds()] == []


def test_a_store_with_a_memory_does_not_wait() -> None:
    """It knows what it left open, and that is nothing."""
    api = used(a=DRAFT)
    applied(api, plan_of(api, wanted("a", WHEN)))
    assert max(api.waits) <= LIMITS.read_lag.total_seconds()


def test_a_permission_reaches_the_campaign_it_names() -> None:
    """`--allow reschedule=a` restores what somebody unscheduled; without it a person is asked."""
    api = used(a=DRAFT, b=DRAFT)
    applied(api, plan_of(api, wanted("a", WHEN), wanted("b", WHEN)))
    for name in ("a", "b"):
        api.vendors[name].person_unschedules()
    granted = (Permission(rule="reschedule", campaign="a", reason="a slip"),)
    plan = plan_of(api, wanted("a", WHEN), wanted("b", WHEN), permissions=granted)
    report = applied(api, plan, run="run-2")
    assert endings(report) == {"a": DONE, "b": NEEDS_PERSON}


# --- what earlier runs left open -----------------------------------------------------------------


def killed(api: Api, plan: Plan, at: str) -> None:
    """Run until the process is killed."""
    api.before = {at: kills}
    with pytest.raises(Killed):
        applied(api, plan)
    api.before = {}
    api.calls.clear()


@pytest.mark.parametrize(
    ("at", "state"),
    [("post 0", WriteState.RESOLVED), ("sleep 2", WriteState.VERIFIED)],
    ids=["before", "after"],
)
def test_an_open_write_outside_the_plan_is_settled(at: str, state: WriteState) -> None:
    """It either took effect or it did not, and a reading told which; no result is about it."""
    api = used(a=DRAFT, b=DRAFT)
    killed(api, plan_of(api, wanted("a", WHEN)), at)
    report = applied(api, plan_of(api, wanted("b")), run="run-2")
    assert endings(report) == {"b": NOTHING}
    became = "it took effect" if state is WriteState.VERIFIED else "it had no effect"
    assert api.told[-1] == f"a: an earlier run's write is settled: {became}"
    assert api.store.lines[-1].state is state
    assert api.writes == []


def test_an_open_write_outside_the_plan_that_stays_unknown_is_told() -> None:
    """After the plan's own results; a person must look."""
    api = used(a=DRAFT, b=DRAFT)
    killed(api, plan_of(api, wanted("a", NOW)), "post 0")
    report = applied(api, plan_of(api, wanted("b", WHEN)), run="run-2")
    assert list(endings(report)) == ["b", "a"]
    assert endings(report) == {"b": DONE, "a": UNKNOWN}
    assert report.exit_code is ExitCode.UNKNOWN
    assert report.results[1].change.place.file == "journal"


def test_an_open_unscheduling_outside_the_plan_is_closed() -> None:
    """Its manifest wanted no send at all."""
    api = used(a=scheduled(DRAFT, WHEN), b=DRAFT)
    killed(api, plan_of(api, wanted("a")), "delete 0")
    report = applied(api, plan_of(api, wanted("b")), run="run-2")
    assert (endings(report), api.store.open_writes()) == ({"b": NOTHING}, set())


def test_a_foreign_schedule_outside_the_plan_is_taken_back() -> None:
    """Other recipients came in between; the others are not stopped by it."""
    api = used(a=DRAFT, b=DRAFT)
    plan = plan_of(api, wanted("a", WHEN))
    api.before = {"post 0": lambda api: api.vendors["a"].edit(recipients=STRANGERS)}
    api.before = {**api.before, "sleep 2": kills}
    with pytest.raises(Killed):
        applied(api, plan)
    api.before = {}
    report = applied(api, plan_of(api, wanted("b", WHEN)), run="run-2")
    assert endings(report) == {"b": DONE, "a": STOPPED}
    assert api.vendors["a"].live.status is Status.DRAFT
    assert report.exit_code is ExitCode.PARTIAL


@pytest.mark.parametrize("late", [Fate.LATE, Fate.LOST_AFTER])
def test_a_late_write_is_not_hidden_by_a_plan_that_writes_nothing(late: Fate) -> None:
    """The commit says unscheduled, the plan saw a draft; then the dead run's POST arrived."""
    api = used(a=DRAFT)
    api.fates = {0: late}
    if late is Fate.LATE:
        killed(api, plan_of(api, wanted("a", WHEN)), "sleep 2")
        plan = plan_of(api, wanted("a"))
        assert plan.changes[0].verdict is Verdict.IN_SYNC
        report = applied(api, plan, run="run-2")
        assert report.exit_code is ExitCode.STALE
    else:
        killed(api, plan_of(api, wanted("a", WHEN)), "sleep 2")
    report = applied(api, plan_of(api, wanted("a")), run="run-3")
    api.sleep(timedelta(days=2).total_seconds())
    assert api.vendors["a"].mails == []
    assert report.exit_code is ExitCode.DONE


def test_a_late_write_to_a_campaign_that_needs_a_person_is_told() -> None:
    """The plan said "too late", and now it is scheduled after all."""
    api = used(a=DRAFT)
    api.fates = {0: Fate.LATE}
    soon = START + 20 * MINUTE
    killed(api, plan_of(api, wanted("a", soon)), "sleep 2")
    api.sleep(30)
    plan = plan_of(api, wanted("a", soon + SECOND))
    report = applied(api, plan, run="run-2")
    assert report.exit_code in {ExitCode.STALE, ExitCode.UNKNOWN}


def test_what_an_apply_says_is_in_the_manifests_zone() -> None:
    """As in the plan: a time that is named can be written into the manifest."""
    api = used(a=DRAFT)
    plan = plan_of(api, wanted("a", START + 30 * MINUTE))
    plan = replace(plan, changes=(replace(plan.changes[0], zone="Asia/Tokyo"),))
    api.sleep(timedelta(minutes=25).total_seconds())
    (result,) = applied(api, plan).results
    assert "Asia/Tokyo" in result.detail
    assert "UTC" not in result.detail


def test_a_send_that_an_earlier_run_made_is_in_sync() -> None:
    """Its record is closed, the plan's "sent" stands, nothing is stale."""
    api = used(a=DRAFT)
    killed(api, plan_of(api, wanted("a", WHEN)), "sleep 2")
    api.sleep(timedelta(days=1).total_seconds())
    plan = plan_of(api, wanted("a", WHEN))
    assert plan.changes[0].verdict is Verdict.SENT
    report = applied(api, plan, run="run-2")
    assert (endings(report), report.exit_code) == ({"a": NOTHING}, ExitCode.DONE)
    assert api.store.open_writes() == set()


def test_a_take_back_that_cannot_be_read_is_read_again_a_little_later() -> None:
    """The failures are told at once; asking again at once would use up the tries in seconds."""
    api = used(a=DRAFT)

    def edits(_: Api) -> None:
        api.vendors["a"].edit(recipients=STRANGERS)

    def blinds(_: Api) -> None:
        api.unread = frozenset(range(200))

    api.before = {"post 0": edits, "delete 0": blinds}
    report = applied(api, plan_of(api, wanted("a", WHEN)))
    assert (report.exit_code, endings(report)) == (ExitCode.UNKNOWN, {"a": UNKNOWN})
    assert [call.split()[0] for call in api.writes] == ["POST", "DELETE"]
    assert [round(wait) for wait in api.waits].count(5) >= ROUNDS


# --- being cut short -----------------------------------------------------------------------------


def two() -> tuple[Api, Plan]:
    """One long sequence and one short one."""
    api = used(a=scheduled(DRAFT, WHEN), b=DRAFT)
    plan = plan_of(api, wanted("a", WHEN, recipients=BOARD), wanted("b", WHEN))
    return api, plan


def effects() -> dict[str, int]:
    """How many requests, waits and journal lines the undisturbed run has."""
    api, plan = two()
    lines = len(api.store.lines)
    applied(api, plan)
    made = {kind: api.counts[kind] for kind in ("request", "sleep")}
    return made | {"line": len(api.store.lines) - lines}


COUNTS = effects()
MOMENTS = [f"{kind} {at}" for kind in ("request", "sleep") for at in range(COUNTS[kind])]


def states(api: Api) -> list[tuple[object, ...]]:
    return [
        (one.live.status, one.live.recipients, one.live.schedules) for one in api.vendors.values()
    ]


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupted_run_tells_what_is_open(moment: str) -> None:
    """10 exactly if a write is left open, else 130; what was written is told; run again: done."""
    expected, plan = two()
    applied(expected, plan)
    api, plan = two()
    api.before = {moment: interrupts}
    report = applied(api, plan)
    opened = bool(api.store.open_writes())
    assert report.exit_code is (ExitCode.UNKNOWN if opened else ExitCode.INTERRUPTED)
    assert report.writes in {len(api.writes), len(api.writes) + opened}
    api.before = {}
    again = applied(api, plan, run="run-2")
    assert again.exit_code is ExitCode.DONE
    assert states(api) == states(expected)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_is_finished_by_the_next_one(moment: str) -> None:
    """With the same plan or with a new one."""
    expected, plan = two()
    applied(expected, plan)
    for same in (True, False):
        api, plan = two()
        killed(api, plan, moment)
        targets = [one.target for one in plan.changes]
        report = applied(api, plan if same else plan_of(api, *targets), run="run-2")
        assert report.exit_code is ExitCode.DONE
        assert states(api) == states(expected)


@pytest.mark.parametrize("number", range(COUNTS["line"]))
def test_a_failing_store_stops_everything_and_tells_what_is_open(number: int) -> None:
    """No line, no write; a write without its next line is unknown; else 9, or 8 after writes."""
    api, plan = two()
    api.store.asked = 0
    api.store.fails = frozenset({number})
    report = applied(api, plan)
    opened = bool(api.store.open_writes())
    codes = {ExitCode.UNKNOWN} if opened else {ExitCode.LOCKED, ExitCode.PARTIAL}
    assert report.exit_code in codes
    intents = [line for line in api.store.lines[3:] if line.state is WriteState.INTENT]
    assert len(api.writes) == len(intents) == report.writes
    api.store.fails = frozenset()
    assert applied(api, plan, run="run-2").exit_code is ExitCode.DONE


@pytest.mark.parametrize("at", ["sleep 0", "request 0"])
def test_an_interrupt_while_an_earlier_write_is_open_is_no_plain_interrupt(at: str) -> None:
    """130 would promise that nothing is open."""
    api = used(a=DRAFT)
    plan = plan_of(api, wanted("a", WHEN))
    killed(api, plan, "post 0")
    api.counts.clear()
    api.before = {at: interrupts}
    report = applied(api, plan, run="run-2")
    assert report.exit_code is ExitCode.UNKNOWN
    assert endings(report) == {"a": UNKNOWN}


def test_an_interrupt_while_a_write_outside_the_plan_is_open_is_told() -> None:
    """It has a result of its own then."""
    api = used(a=DRAFT, b=DRAFT)
    killed(api, plan_of(api, wanted("a", WHEN)), "post 0")
    api.counts.clear()
    api.before = {"request 0": interrupts}
    report = applied(api, plan_of(api, wanted("b")), run="run-2")
    assert endings(report) == {"b": NOTHING, "a": UNKNOWN}
    assert report.exit_code is ExitCode.UNKNOWN


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_request_to_stop_lets_what_has_begun_end(moment: str) -> None:
    """Every outcome is known, nothing is open; what was not begun is not."""
    api, plan = two()
    api.before = {moment: stops}
    report = applied(api, plan)
    assert report.exit_code is ExitCode.INTERRUPTED
    assert set(endings(report).values()) <= {DONE, NOT_STARTED}
    assert api.store.open_writes() == set()


def breaks(_: Api) -> None:
    raise RuntimeError("a bug")


def test_a_bug_before_any_write_is_raised_as_it_is() -> None:
    """Nothing is to be said of the account."""
    api, plan = two()
    api.before = {"request 0": breaks}
    with pytest.raises(RuntimeError):
        applied(api, plan)
    assert api.writes == []


def test_a_bug_with_a_write_under_way_is_an_unknown_outcome() -> None:
    """First of all a person must look."""
    api, plan = two()
    api.before = {"delete 0": breaks}
    report = applied(api, plan)
    assert report.exit_code is ExitCode.UNKNOWN
    assert endings(report)["a"] is UNKNOWN


def test_a_bug_while_an_earlier_write_is_open_is_an_unknown_outcome() -> None:
    """This run wrote nothing; but what another one wrote is still not known."""
    api = used(a=DRAFT)
    plan = plan_of(api, wanted("a", WHEN))
    killed(api, plan, "post 0")
    api.counts.clear()
    api.before = {"request 0": breaks}
    assert applied(api, plan, run="run-2").exit_code is ExitCode.UNKNOWN


def test_a_bug_with_nothing_open_is_no_interrupt() -> None:
    """Nobody pressed a key: a write was refused, and then ccops failed."""
    api = used(a=DRAFT)
    api.fates = {0: Fate.REJECTED}
    api.before = {"sleep 2": breaks}
    report = applied(api, plan_of(api, wanted("a", WHEN)))
    assert (endings(report), len(api.writes)) == ({"a": STOPPED}, 1)
    assert report.exit_code is ExitCode.UNEXPECTED


def loses_the_time(api: Api) -> None:
    api.clock_fails = True


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_server_that_tells_no_time_any_more_loses_no_report(moment: str) -> None:
    """What was written is told, and what is open is unknown."""
    api, plan = two()
    api.before = {moment: loses_the_time}
    try:
        report = applied(api, plan)
    except VendorFault:
        assert api.writes == []
    else:
        opened = bool(api.store.open_writes())
        assert (report.exit_code is ExitCode.UNKNOWN) is opened
        assert report.exit_code is not ExitCode.DONE or set(endings(report).values()) == {DONE}


def fails(api: Api) -> None:
    """The store takes no more lines in this run."""
    api.store.fails = frozenset(range(api.store.asked, 10_000))


TROUBLES: tuple[Happening, ...] = (kills, interrupts, stops, fails, breaks, loses_the_time)
FATES = (Fate.FINE, Fate.FINE, Fate.FINE, Fate.LATE, Fate.LOST_AFTER, Fate.LOST_BEFORE)


def troubled(api: Api, random: Random) -> None:
    """Two things go wrong somewhere in the next run, and some writes fare badly."""
    api.stop, api.clock_fails, api.store.fails = None, False, frozenset()
    api.counts.clear()
    api.before = {random.choice(MOMENTS): random.choice(TROUBLES) for _ in range(2)}
    api.fates = {number: random.choice(FATES) for number in range(12)}


@pytest.mark.parametrize("seed", range(80))
def test_whatever_cuts_runs_short_the_last_one_brings_what_is_wanted(seed: int) -> None:
    """Five troubled runs of new or old plans, then an undisturbed one: each sent once, rightly."""
    random = Random(seed)
    api, plan = two()
    targets = [one.target for one in plan.changes]
    for number in range(5):
        troubled(api, random)
        plan = plan_of(api, *targets) if random.random() < 0.5 else plan
        try:
            report = applied(api, plan, run=f"run-{number}")
        except (Killed, RuntimeError, VendorFault):
            continue
        unknown = report.exit_code is ExitCode.UNKNOWN
        assert unknown is bool(api.store.open_writes()), report
    api.stop, api.clock_fails, api.store.fails = None, False, frozenset()
    api.before, api.fates = {}, {}
    report = applied(api, plan_of(api, *targets), run="run-9")
    if report.exit_code is ExitCode.STALE:
        report = applied(api, plan_of(api, *targets), run="run-10")
    assert report.exit_code is ExitCode.DONE
    api.sleep(timedelta(days=2).total_seconds())
    for target in targets:
        [mail] = api.vendors[target.campaign].mails
        assert (mail.at, mail.live.recipients) == (WHEN, target.recipients)


# --- more than one thing at a time ---------------------------------------------------------------


def test_now_comes_with_resends_that_later_plans_make() -> None:
    """`now` is done as soon as it is verified; the resend waits for its own plan."""
    api = used(a=DRAFT)
    plan = plan_of(api, wanted("a", NOW, LATER))
    assert plan.changes[0].verdict is Verdict.SEND_NOW
    assert endings(applied(api, plan)) == {"a": DONE}
    api.sleep(MINUTE.total_seconds())
    assert endings(applied(api, plan, run="run-2")) == {"a": NOTHING}
    again = plan_of(api, wanted("a", NOW, LATER))
    assert again.changes[0].verdict is Verdict.RESEND
    assert endings(applied(api, again, run="run-3")) == {"a": DONE}
    api.sleep(timedelta(days=1).total_seconds())
    assert len(api.vendors["a"].mails) == 2


def test_a_send_by_hand_after_a_verified_schedule_is_not_nothing() -> None:
    """The plan is applied again; meanwhile somebody unscheduled it and sent it hours early."""
    api = used(a=DRAFT)
    plan = plan_of(api, wanted("a", WHEN))
    applied(api, plan)
    api.vendors["a"].person_unschedules()
    api.vendors["a"].person_sends()
    api.sleep(MINUTE.total_seconds())
    report = applied(api, plan, run="run-2")
    assert report.exit_code is not ExitCode.DONE


LIVES: Mapping[str, Live] = {
    "draft": DRAFT,
    "scheduled": scheduled(DRAFT, WHEN),
    "sent": replace(DRAFT, status=Status.DONE, history=sent(OLD)),
}
EDITS: Mapping[str, Callable[[Vendor], None]] = {
    "recipients": lambda one: one.edit(recipients=STRANGERS),
    "subject": lambda one: one.edit(subject="Something else"),
    "unscheduled": Vendor.person_unschedules,
    "sent": Vendor.person_sends,
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("state", LIVES)
def test_an_edit_at_any_moment_is_never_sent_in_silence(state: str, edit: str) -> None:
    """Before each request once: what goes out is what the plan shows, or the code is not 0.

    An edit after the last look at the activity can be seen by nobody.
    """
    sends = (OLD, WHEN) if state == "sent" else (WHEN,)
    one = wanted("a", *sends, recipients=BOARD)
    undisturbed = used(a=LIVES[state])
    applied(undisturbed, plan_of(undisturbed, one))
    for number in range(undisturbed.counts["request"]):
        api = used(a=LIVES[state])
        plan = plan_of(api, one)
        api.before = {f"request {number}": happening(edit)}
        report = applied(api, plan)
        last_look = max(at for at, call in enumerate(api.calls) if call == "GET a")
        api.sleep(timedelta(days=2).total_seconds())
        mails = api.vendors["a"].mails
        right = [mail.live.recipients == BOARD and mail.at == WHEN for mail in mails]
        same = [mail.live.subject == DRAFT.subject for mail in mails]
        well = (right, same) == ([True], [True])
        assert report.exit_code is not ExitCode.DONE or well or number > last_look


def happening(edit: str) -> Happening:
    return lambda api: EDITS[edit](api.vendors["a"])


def test_a_vendor_that_refuses_past_dates_changes_nothing() -> None:
    """Neither of the vendor's possible rules is relied on."""
    rules = Rules(past_date_sends=False, second_post_overwrites=True, put_half_applies=False)
    api = used(a=DRAFT)
    api.vendors["a"].rules = rules
    assert applied(api, plan_of(api, wanted("a", WHEN))).exit_code is ExitCode.DONE
