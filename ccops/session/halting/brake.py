"""The emergency brake: stop every selected campaign, and keep it stopped.

The order is the safety. The lock first; then a mark in the store for each campaign, durable, so
that no later run restores what a death in the middle leaves; then the DELETEs, through the same
protocol as any other write; then the manifests. What is to be sent first is stopped first, and
nothing here waits before a DELETE that can be made now.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ccops.applying.apply import apply_held
from ccops.applying.driver import World
from ccops.applying.report import Report
from ccops.constantcontact.reader import read_campaigns
from ccops.constantcontact.writes import WriteList
from ccops.errors import CcopsError, Diagnostic, ExitCode
from ccops.model import Desired, Limits, StepKind
from ccops.planning.planfile import checksum
from ccops.planning.resolve import Match, match
from ccops.planning.select import select as selected
from ccops.render.halting import HaltedManifest, HaltReport, Standing
from ccops.session.halting.locking import PATIENCE, locked
from ccops.session.halting.marks import Marks
from ccops.session.halting.memory import Halting
from ccops.session.halting.rewritten import rewrite
from ccops.session.halting.sightings import Sighting, in_groups, look
from ccops.session.halting.stopping import (
    AT_ONCE,
    effective,
    parted,
    stopping_plan,
    strangers,
)
from ccops.session.signals import heard_signals
from ccops.session.wiring import Session, writer
from ccops.survey import own_account

HALT_WRITES = WriteList(kinds=frozenset({StepKind.UNSCHEDULE}))
"""DELETE of a schedule, and nothing else."""

_WORTH_ANOTHER_TRY = frozenset({ExitCode.STALE, ExitCode.UNEXPECTED})


def halt(
    session: Session,
    *,
    select: Sequence[str],
    reason: str,
    tell: Callable[[str], None],
    unread: Sequence[Diagnostic] = (),
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> HaltReport:
    """Unschedule every selected campaign, mark it, and rewrite its manifest.

    A failure on the way ends nothing that is still possible: the report names each campaign that
    is not halted. `tell` hears what happens; `unread` is what is wrong with manifests that could
    not be read; `patience` are seconds to wait for the lock; `sleep` waits, in seconds.

    Raises:
        InvalidInput: a selection of nothing, or no selector.
        StoreUnavailable: the lock is held or the store is down; nothing was done.
    """
    desired = selected(session.workspace.desired, select)
    with locked(session.store, patience, tell, sleep), heard_signals() as signals:
        halting = Halting(
            session=session,
            send=writer(session, HALT_WRITES),
            marks=Marks.begin(session.store, reason),
            tell=tell,
            sleep=sleep,
            signals=signals,
        )
        manifests = _all_stopped(halting, desired)
        trouble = halting.trouble
        return HaltReport(
            reason=reason,
            started_at=halting.started or halting.now(),
            finished_at=halting.now(),
            campaigns=tuple(halting.told(one, manifests.get(one.campaign)) for one in desired),
            unread=tuple(unread),
            unmanaged=() if select else strangers(halting.rows, halting.latest.values()),
            writes=halting.writes,
            failure=trouble.exit_code if trouble else None,
            trouble=trouble.diagnostics if trouble else (),
            interrupted=signals.code,
        )


def _all_stopped(halting: Halting, desired: Sequence[Desired]) -> dict[str, HaltedManifest]:
    """Do it, in the order that is the safety; return what became of the manifests."""
    fresh = halting.session.store.fresh()
    halting.marks.mark_known(desired, halting.now())
    _venture(halting, lambda: _stop_all(halting, desired))
    halting.admit(desired)
    manifests = rewrite(halting.session.workspace, halting.stops(desired))
    if fresh:
        _venture(halting, lambda: _look_once_more(halting))
    return manifests


def _venture(halting: Halting, step: Callable[[], None]) -> None:
    """Go as far as it can; what ends it is told in the report, with all that was done before."""
    try:
        step()
    except CcopsError as error:
        halting.failure = error
    except KeyboardInterrupt:
        # A second signal: the first one ended the run already, and is in the report.
        return


def _stop_all(halting: Halting, desired: Sequence[Desired]) -> None:
    session = halting.session
    halting.account = own_account(halting.send, session.workspace.settings)
    halting.started = halting.now()
    halting.rows = read_campaigns(halting.send, origin=session.origin)
    halting.matches = match(desired, halting.rows)
    _stop(halting, halting.matches)
    _stop(halting, [one for one in halting.matches if _worth_another_try(halting, one)])


def _worth_another_try(halting: Halting, one: Match) -> bool:
    """Whether what kept it from being stopped may have passed: an edit, a lost connection."""
    outcome = halting.outcomes.get(one.desired.campaign)
    return outcome is None or (
        outcome.standing is Standing.NOT_HALTED and outcome.cause in _WORTH_ANOTHER_TRY
    )


def _stop(halting: Halting, matches: Iterable[Match]) -> None:
    """Stop some campaigns, the soonest first; last those with a write that must be settled."""
    halting.lost, halting.unreachable = False, None
    unsettled: list[Sighting] = []
    for group in in_groups(matches, halting.marks.times(), halting.now()):
        unsettled += _stop_group(halting, group)
    if halting.goes_on:
        _unschedule(halting, halting.limits, unsettled)


def _stop_group(halting: Halting, matches: Sequence[Match]) -> Sequence[Sighting]:
    """Look at some campaigns, mark them, and unschedule those that are scheduled.

    Returns those that have a write of an earlier run open, and time to wait for it.
    """
    sightings = tuple(_looks(halting, matches))
    if not sightings:
        return ()
    halting.marks.mark(sightings, halting.now())
    entries = halting.session.store.entries()
    hurried, clear, unsettled = parted(sightings, entries, halting.now())
    for pace, group in (
        (replace(halting.limits, settle=AT_ONCE), hurried),
        (halting.limits, clear),
    ):
        if halting.goes_on:
            _unschedule(halting, pace, group)
    return unsettled


def _looks(halting: Halting, matches: Iterable[Match]) -> Iterator[Sighting]:
    """Look at one after another, until the run ends or the network is gone.

    Without it, asking about the others would only delay the report.
    """

    def pause() -> None:
        halting.sleep(halting.limits.reread.total_seconds())

    for one in matches:
        if not halting.goes_on or halting.unreachable:
            return
        seen = look(halting.send, one, now=halting.now(), pause=pause)
        if seen.lost and halting.lost:
            halting.unreachable = seen.error
        halting.lost = seen.lost
        halting.learn(seen, None)
        yield seen


def _unschedule(halting: Halting, limits: Limits, group: Sequence[Sighting]) -> None:
    """Make the DELETEs through the protocol, as a plan that declares no further send."""
    if not group:
        return
    report = _applied(halting, limits, group)
    halting.writes += effective(report)
    results = {one.change.target.activity_id: one for one in report.results}
    for one in group:
        result = results[one.activity_id]
        newest = replace(one, live=result.live) if result.live else one
        halting.learn(newest, replace(result, exit_code=result.exit_code or report.interrupted))


def _applied(halting: Halting, limits: Limits, group: Sequence[Sighting]) -> Report:
    session, halting.rounds = halting.session, halting.rounds + 1
    activities = frozenset(one.activity_id for one in group)
    made_at = halting.marks.made_at(activities, halting.now())
    plan = stopping_plan(group, session, account=halting.account, made_at=made_at)
    return apply_held(
        plan,
        checksum=checksum(plan),
        run=f"{session.run}.{halting.rounds}",
        limits=limits,
        world=World(
            send=halting.send,
            store=session.store,
            clock=halting.send.clock.now,
            monotonic=time.monotonic,
            sleep=halting.sleep,
            tell=halting.tell,
            stopped=lambda: halting.signals.code,
            rows={one.activity_id: one.row for one in group if one.row},
        ),
    )


def _look_once_more(halting: Halting) -> None:
    """Wait for what another machine may have sent before, and stop that too.

    A store without any memory of this account cannot know of it.
    """
    left = halting.limits.settle.total_seconds()
    if left == 0 or not halting.goes_on or halting.unreachable:
        return
    halting.tell(f"looking once more in {left:.0f} s, for what another machine may have sent")
    while left > 0 and halting.goes_on:
        halting.sleep(min(left, 1.0))
        left -= 1.0
    gone = {name for name, seen in halting.latest.items() if seen.gone}
    _stop(halting, [one for one in halting.matches if one.desired.campaign not in gone])
