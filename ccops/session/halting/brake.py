"""The emergency brake: stop every selected campaign, and keep it stopped.

The order is the safety. The lock first; then a mark in the store for each campaign, durable, so
that no later run restores what a death in the middle leaves; then the DELETEs, through the same
protocol as any other write; then the manifests. Nothing here waits before a DELETE that can be
made now.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ccops.applying.apply import apply_plan
from ccops.applying.driver import World
from ccops.applying.report import Report, Result
from ccops.constantcontact.client import Client
from ccops.constantcontact.reader import read_campaigns
from ccops.constantcontact.writes import WriteList
from ccops.errors import CcopsError, ExitCode
from ccops.manifest.rewrite import Stop
from ccops.model import Account, Desired, Limits, StepKind
from ccops.planning.planfile import checksum
from ccops.planning.resolve import Match, match
from ccops.planning.select import select as selected
from ccops.render.halting import HaltedCampaign, HaltedManifest, HaltReport, Standing
from ccops.session.halting.heldstore import HeldStore
from ccops.session.halting.marks import Marks
from ccops.session.halting.rewritten import rewrite
from ccops.session.halting.sightings import Sighting, by_urgency, look
from ccops.session.halting.stopping import (
    Outcome,
    batches,
    effective,
    halted_campaign,
    outcome_of,
    server_time,
    stopping_plan,
)
from ccops.session.signals import Signals, heard_signals
from ccops.session.wiring import Session, writer
from ccops.survey import own_account

HALT_WRITES = WriteList(kinds=frozenset({StepKind.UNSCHEDULE}))
"""DELETE of a schedule, and nothing else."""

_WORTH_ANOTHER_TRY = frozenset({ExitCode.STALE, ExitCode.UNEXPECTED})
_UNREAD = Account(id="", name="", zone="UTC")
_UNASKED = "Constant Contact could not be asked about it"


@dataclass(slots=True, kw_only=True)
class _Halting:
    """The memory of one halt; what is known of each campaign stands under its name.

    `first` holds the reading before anything was done to it, `latest` the newest one.
    """

    session: Session
    send: Client
    marks: Marks
    tell: Callable[[str], None]
    sleep: Callable[[float], None]
    signals: Signals
    account: Account = _UNREAD
    started: datetime | None = None
    matches: tuple[Match, ...] = ()
    first: dict[str, Sighting] = field(default_factory=dict)
    latest: dict[str, Sighting] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    rounds: int = 0
    writes: int = 0
    failure: CcopsError | None = None

    @property
    def limits(self) -> Limits:
        """The workspace's."""
        return self.session.workspace.settings.limits

    @property
    def goes_on(self) -> bool:
        """Whether nothing ended the run."""
        return self.signals.code is None and self.failure is None

    def now(self) -> datetime:
        """The server's time, in whole seconds; this machine's while the server tells none."""
        return server_time(self.send)


def halt(
    session: Session,
    *,
    select: Sequence[str],
    reason: str,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> HaltReport:
    """Unschedule every selected campaign, mark it, and rewrite its manifest.

    A failure on the way ends nothing that is still possible: the report names each campaign that
    is not halted. `tell` hears what happens; `sleep` waits, in seconds.

    Raises:
        InvalidInput: a selection of nothing, or no selector.
        StoreUnavailable: the lock is held or the store is down; nothing was done.
    """
    desired = selected(session.workspace.desired, select)
    with heard_signals() as signals, session.store.lock():
        halting = _Halting(
            session=session,
            send=writer(session, HALT_WRITES),
            marks=Marks.begin(session.store, reason),
            tell=tell,
            sleep=sleep,
            signals=signals,
        )
        fresh = session.store.fresh()
        halting.marks.mark_known(desired, halting.now())
        _venture(halting, lambda: _stop_all(halting, desired))
        _admit(halting, desired)
        manifests = _rewritten(halting, desired)
        if fresh:
            _venture(halting, lambda: _look_once_more(halting))
        return HaltReport(
            reason=reason,
            started_at=halting.started or halting.now(),
            finished_at=halting.now(),
            campaigns=tuple(_told(halting, one, manifests) for one in desired),
            writes=halting.writes,
            failure=halting.failure.exit_code if halting.failure else None,
            trouble=halting.failure.diagnostics if halting.failure else (),
            interrupted=signals.code,
        )


def _venture(halting: _Halting, step: Callable[[], None]) -> None:
    """Go as far as it can; what ends it is told in the report, with all that was done before."""
    try:
        step()
    except CcopsError as error:
        halting.failure = error


def _stop_all(halting: _Halting, desired: Sequence[Desired]) -> None:
    session = halting.session
    halting.account = own_account(halting.send, session.workspace.settings)
    halting.started = halting.now()
    halting.matches = match(desired, read_campaigns(halting.send, origin=session.origin))
    for group in by_urgency(halting.matches):
        _stop(halting, group)
    for one in tuple(one for one in halting.matches if _worth_another_try(halting, one)):
        _stop(halting, [one])
        if halting.latest[one.desired.campaign].problem:
            break  # the network is gone: trying the others would only delay the report


def _worth_another_try(halting: _Halting, one: Match) -> bool:
    """Whether what kept it from being stopped may have passed: an edit, a lost connection."""
    outcome = halting.outcomes.get(one.desired.campaign)
    return (
        halting.goes_on
        and outcome is not None
        and outcome.standing is Standing.NOT_HALTED
        and outcome.cause in _WORTH_ANOTHER_TRY
    )


def _stop(halting: _Halting, matches: Iterable[Match]) -> None:
    """Look at some campaigns, mark them, and unschedule those that are scheduled."""
    sightings: list[Sighting] = []
    for one in matches:
        if not halting.goes_on:
            break
        sightings += look(halting.send, [one], now=halting.now(), pause=lambda: _pause(halting))
        _learn(halting, sightings[-1], None)
    halting.marks.mark(sightings, halting.now())
    entries = halting.session.store.entries()
    for limits, group in batches(sightings, entries, halting.limits, halting.now()):
        if halting.goes_on:
            _unschedule(halting, limits, group)


def _pause(halting: _Halting) -> None:
    halting.sleep(halting.limits.reread.total_seconds())


def _unschedule(halting: _Halting, limits: Limits, group: Sequence[Sighting]) -> None:
    """Make the DELETEs through the protocol, as a plan that declares no further send."""
    report = _applied(halting, limits, group)
    halting.writes += effective(report)
    results = {one.change.target.activity_id: one for one in report.results}
    for one in group:
        result = results[one.activity_id]
        newest = replace(one, live=result.live) if result.live else one
        _learn(halting, newest, replace(result, exit_code=result.exit_code or report.interrupted))


def _applied(halting: _Halting, limits: Limits, group: Sequence[Sighting]) -> Report:
    session, halting.rounds = halting.session, halting.rounds + 1
    activities = frozenset(one.activity_id for one in group)
    made_at = halting.marks.made_at(activities, halting.now())
    plan = stopping_plan(group, session, account=halting.account, made_at=made_at)
    return apply_plan(
        plan,
        checksum=checksum(plan),
        run=f"{session.run}.{halting.rounds}",
        limits=limits,
        world=World(
            send=halting.send,
            store=HeldStore(store=session.store, activities=activities),
            clock=halting.send.clock.now,
            monotonic=time.monotonic,
            sleep=halting.sleep,
            tell=halting.tell,
            stopped=lambda: halting.signals.code,
            rows={one.activity_id: one.row for one in group if one.row},
        ),
        patient=False,
    )


def _learn(halting: _Halting, one: Sighting, result: Result | None) -> None:
    name = one.desired.campaign
    first = halting.first.get(name)
    if first is None or first.problem or (one.scheduled and not first.scheduled):
        halting.first[name] = one
    halting.latest[name] = one
    halting.outcomes[name] = outcome_of(halting.first[name], one, result, halting.now())


def _admit(halting: _Halting, desired: Iterable[Desired]) -> None:
    """Count what could not even be looked at as not halted, if anything of it is to come."""
    cause = halting.failure.exit_code if halting.failure else ExitCode.UNEXPECTED
    for one in desired:
        if one.campaign not in halting.latest:
            _learn(halting, Sighting(desired=one, problem=_UNASKED, cause=cause), None)


def _rewritten(halting: _Halting, desired: Iterable[Desired]) -> dict[str, HaltedManifest]:
    stops = []
    for one in desired:
        latest, first = halting.latest[one.campaign], halting.first[one.campaign]
        stop = Stop(desired=one, done=latest.done(halting.now()))
        if stop.stopped and (first.to_stop(halting.now()) or latest.to_stop(halting.now())):
            stops.append(stop)
    return rewrite(halting.session.workspace, stops)


def _look_once_more(halting: _Halting) -> None:
    """Wait for what another machine may have sent before, and stop that too.

    A store without any memory of this account cannot know of it.
    """
    left = halting.limits.settle.total_seconds()
    if left == 0 or not halting.goes_on:
        return
    halting.tell(f"looking once more in {left:.0f} s, for what another machine may have sent")
    while left > 0 and halting.goes_on:
        halting.sleep(min(left, 1.0))
        left -= 1.0
    _stop(halting, [one for one in halting.matches if not _gone(halting, one)])


def _gone(halting: _Halting, one: Match) -> bool:
    name = one.desired.campaign
    return name in halting.latest and halting.latest[name].gone


def _told(
    halting: _Halting, desired: Desired, manifests: Mapping[str, HaltedManifest]
) -> HaltedCampaign:
    name = desired.campaign
    first, latest = halting.first[name], halting.latest[name]
    return halted_campaign(
        first,
        latest,
        halting.outcomes[name],
        now=halting.now(),
        marked=halting.marks.holds(latest),
        manifest=manifests.get(name),
    )
