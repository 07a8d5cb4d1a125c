"""How a halt is put to the apply protocol, and how a campaign stands afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccops import __version__
from ccops.applying.report import Ending, Report, Result
from ccops.constantcontact.client import Client
from ccops.errors import CcopsError, ExitCode
from ccops.model import Account, CampaignRow, Live, Status
from ccops.planning.assemble import make_plan
from ccops.planning.case import completed
from ccops.planning.ownership import Observation, unmanaged
from ccops.planning.plan import Plan
from ccops.planning.resolve import Catalogue
from ccops.ports import JournalEntry
from ccops.render.halting import HaltedCampaign, HaltedManifest, Standing
from ccops.session.halting.sightings import UNDER_WAY, Sighting
from ccops.session.loading import local_now
from ccops.session.planned import zone_data
from ccops.session.wiring import Session

AT_ONCE = timedelta(0)
"""The settle time of what is hurried: an unclear answer is read, and decided, at once."""
_SOON = timedelta(minutes=30)
"""What goes out within this time is hurried: others may have to be stopped before it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a campaign stands, why, and the exit code of what kept it from being stopped."""

    standing: Standing
    detail: str = ""
    cause: ExitCode | None = None


def stopping_plan(
    sightings: Sequence[Sighting], session: Session, *, account: Account, made_at: datetime
) -> Plan:
    """Plan to unschedule these: their manifests without further sends, recipients as they are.

    Nothing is resolved, so that a list's name can hinder no halt; nothing but a DELETE can come
    of it. Of several manifests for one activity the first counts.
    """
    first = {one.activity_id: one for one in reversed(sightings)}
    settings = session.workspace.settings
    return make_plan(
        observations=[_observation(one, made_at) for one in first.values()],
        rows=(),
        catalogue=Catalogue(),
        account=account,
        origin=session.origin,
        zone=settings.zone or account.zone,
        now=made_at,
        limits=settings.limits,
        newest={},
        permissions=(),
        selection=(),
        ccops_version=__version__,
        tzdata=zone_data(),
        commit=session.commit,
    )


def _observation(one: Sighting, now: datetime) -> Observation:
    without = replace(one.desired, sends=one.desired.sends[: one.done(now)])
    recipients = one.live.recipients if one.live else None
    return Observation(desired=without, row=one.row, live=one.live, recipients=recipients)


def parted(
    sightings: Iterable[Sighting], entries: Iterable[JournalEntry], now: datetime
) -> tuple[Sequence[Sighting], Sequence[Sighting], Sequence[Sighting]]:
    """Part what is to be unscheduled, or has a write of an earlier run open, so that none waits.

    First what goes out soon; then what has no write open; last what must be settled before.
    """
    newest = {one.activity_id: one for one in entries}
    open_still = {activity for activity, one in newest.items() if one.state.open}
    hurried, clear, unsettled = [], [], []
    for one in sightings:
        if one.scheduled and one.was is not None and one.was < now + _SOON:
            hurried.append(one)
        elif one.live and one.activity_id in open_still:
            unsettled.append(one)
        elif one.scheduled:
            clear.append(one)
    return hurried, clear, unsettled


def strangers(rows: Iterable[CampaignRow], sightings: Iterable[Sighting]) -> tuple[str, ...]:
    """Name what the listing showed as scheduled and no manifest that was read is about."""
    seen = [Observation(desired=one.desired, row=one.row, live=one.live) for one in sightings]
    found = unmanaged(seen, rows, ())
    return tuple(one.name for one in found if one.status is Status.SCHEDULED)


def outcome_of(first: Sighting, latest: Sighting, result: Result | None, now: datetime) -> Outcome:
    """Say how a campaign stands, from its first and its latest reading and what was done."""
    if result is not None and result.ending is Ending.UNKNOWN:
        return Outcome(standing=Standing.UNKNOWN, detail=result.detail)
    if latest.problem:
        return _unread(first, latest, now)
    if latest.live is not None and _went(first.live, latest.live):
        return Outcome(standing=Standing.TOO_LATE, detail=_too_late(latest.live))
    if latest.scheduled:
        return _still_scheduled(result)
    if first.scheduled:
        return Outcome(standing=Standing.UNSCHEDULED)
    return Outcome(standing=Standing.HELD if latest.to_stop(now) else Standing.OVER)


def _unread(first: Sighting, latest: Sighting, now: datetime) -> Outcome:
    """What cannot be read counts as not halted if anything of it may be to come."""
    listed = latest.row is not None and latest.row.status in UNDER_WAY
    if listed or first.scheduled or latest.to_stop(now):
        return Outcome(standing=Standing.NOT_HALTED, detail=latest.problem, cause=latest.cause)
    return Outcome(standing=Standing.OVER)


def _went(first: Live | None, latest: Live) -> bool:
    before = len(completed(first)) if first else len(completed(latest))
    return latest.status is Status.EXECUTING or len(completed(latest)) > before


def _too_late(live: Live) -> str:
    if live.status is Status.EXECUTING:
        return "Constant Contact is sending it now, and a sent email cannot be recalled"
    return "it was sent before it could be stopped, and a sent email cannot be recalled"


def _still_scheduled(result: Result | None) -> Outcome:
    if result is None:
        detail, cause = "the run ended before it", ExitCode.UNEXPECTED
    elif result.ending is Ending.NEEDS_PERSON:
        detail, cause = result.detail, ExitCode.BLOCKED
    else:
        detail = result.detail or "the run ended before it"
        cause = result.exit_code or ExitCode.UNEXPECTED
    return Outcome(standing=Standing.NOT_HALTED, detail=detail, cause=cause)


def effective(report: Report) -> int:
    """How many requests may have changed the account."""
    return report.writes - sum(one.refusals for one in report.results)


def halted_campaign(
    first: Sighting,
    latest: Sighting,
    outcome: Outcome,
    *,
    now: datetime,
    marked: bool,
    manifest: HaltedManifest | None,
) -> HaltedCampaign:
    """Put one campaign's part of the report together."""
    desired = latest.desired
    stopped = first.to_stop(now) and desired.sends[latest.done(now) :]
    return HaltedCampaign(
        campaign=desired.campaign,
        place=desired.place,
        zone=_zone(first, now),
        standing=outcome.standing,
        activity_id=latest.activity_id,
        was=first.was,
        sends=tuple(one.when for one in stopped),
        marked=marked,
        detail=outcome.detail,
        cause=outcome.cause,
        manifest=manifest,
    )


def _zone(first: Sighting, now: datetime) -> str:
    """The zone in which the author thinks of the next send, as a plan shows it; else of the last."""
    sends = first.desired.sends
    ahead = sends[first.done(now) :] or sends[-1:]
    return ahead[0].zone if ahead else first.desired.zone


def server_time(send: Client) -> datetime:
    """Return the server's time in whole seconds; this machine's while the server tells none."""
    try:
        return send.clock.now().replace(microsecond=0)
    except CcopsError:
        return local_now().replace(microsecond=0)
