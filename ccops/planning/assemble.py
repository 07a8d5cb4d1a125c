"""Put observations together into a plan: every decision made, in the one order there is."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ccops.model import (
    Account,
    CampaignRow,
    Limits,
    Live,
    Status,
    StepKind,
    Target,
    When,
)
from ccops.planning import consequence, guards
from ccops.planning.audience import Audience
from ccops.planning.case import completed
from ccops.planning.diff import Names, differences
from ccops.planning.halts import by_key, halt_of
from ccops.planning.names import same_name
from ccops.planning.ownership import (
    Observation,
    campaign_id,
    refuse_shared,
    target_of,
    unmanaged,
)
from ccops.planning.plan import (
    Change,
    FieldChange,
    Permission,
    Plan,
    Risk,
    Unmanaged,
    Verdict,
)
from ccops.planning.resolve import Catalogue
from ccops.planning.select import in_state, parse, require_some
from ccops.planning.verdict import Decision, Facts, decide
from ccops.ports import Halt, JournalEntry

__all__ = ["Observation", "make_plan"]

_LAST = datetime.max.replace(tzinfo=UTC)
_FIRST_TOLD_ROW = 7
"""Above it, nothing about recipients and times is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is the same for all campaigns of one plan; journal by activity id, halts by key."""

    now: datetime
    limits: Limits
    names: Names
    newest: Mapping[str, JournalEntry]
    halts: Mapping[str, Halt]


def make_plan(
    *,
    observations: Sequence[Observation],
    rows: Iterable[CampaignRow],
    catalogue: Catalogue,
    account: Account,
    origin: str,
    zone: str,
    now: datetime,
    limits: Limits,
    newest: Mapping[str, JournalEntry],
    permissions: Sequence[Permission],
    selection: tuple[str, ...],
    ccops_version: str,
    tzdata: str,
    commit: str = "",
    requests: int = 0,
    elsewhere: Collection[str] = (),
    halts: Iterable[Halt] = (),
) -> Plan:
    """Decide about every observed campaign, in whatever order they come, and judge the result.

    `newest` holds the newest journal line by activity id, `elsewhere` the campaigns whose manifests
    the selection left out, `halts` those that a person stopped. Raises InvalidInput: CC287 no
    campaign is in a state that is selected; CC304 two manifests for one activity; CC403 to CC405 a
    permission that permits nothing.
    """
    refuse_shared(observations)
    names, marks = _names(catalogue), by_key(halts)
    told = _Told(now=now, limits=limits, names=names, newest=newest, halts=marks)
    changes = _selected([(one, _change(one, told, permissions)) for one in observations], selection)
    guards.check_permissions(permissions, changes)
    strangers = unmanaged(observations, rows, elsewhere)
    return Plan(
        account=account,
        origin=origin,
        zone=zone,
        created_at=now.replace(microsecond=0),
        expires_at=consequence.expires_at(now.replace(microsecond=0), changes),
        ccops_version=ccops_version,
        tzdata=tzdata,
        changes=changes,
        findings=guards.findings(changes, permissions),
        permissions=_spelled([*permissions, *_overridden(observations)], changes),
        unmanaged=_scheduled(strangers),
        unmanaged_count=len(strangers),
        selection=selection,
        commit=commit,
        requests=requests,
    )


def _selected(
    decided: Iterable[tuple[Observation, Change]], selectors: Sequence[str]
) -> tuple[Change, ...]:
    """The changes of campaigns in a state that is selected, in their order.

    Where no activity was read, the listing's status counts.
    """
    selection, found = parse(selectors), []
    for seen, change in decided:
        known = seen.live or seen.row
        if in_state(selection, change.verdict, known.status if known else None):
            found.append(change)
    require_some(found, selection)
    return tuple(sorted(found, key=_order))


def _names(catalogue: Catalogue) -> Names:
    return {one.id: one.name for one in (*catalogue.lists, *catalogue.segments)}


def _scheduled(rows: Iterable[CampaignRow]) -> tuple[Unmanaged, ...]:
    return tuple(
        Unmanaged(campaign_id=row.campaign_id, name=row.name)
        for row in rows
        if row.status is Status.SCHEDULED
    )


def _order(change: Change) -> tuple[bool, datetime, str, str, str, tuple[str, int, int]]:
    """The one order: what cannot be undone last; earliest send first; then campaign name.

    A change's send is the earlier of the one that it makes and the one that it finds scheduled;
    without either it comes after all times. Ids and places break ties.
    """
    live = change.before.schedules if change.before else ()
    moments = [when for when in (change.send, *live) if isinstance(when, datetime)]
    return (
        change.risk is Risk.R3,
        min(moments, default=_LAST),
        change.campaign,
        change.campaign_id,
        change.target.activity_id,
        (change.place.file, change.place.line, change.place.column),
    )


def _change(seen: Observation, told: _Told, permissions: Sequence[Permission]) -> Change:
    desired, live, limits = seen.desired, seen.live, told.limits
    target = target_of(seen)
    decision = _decide(seen, target, told, permissions)
    return Change(
        campaign=desired.campaign,
        verdict=decision.verdict,
        row=decision.row,
        place=desired.place,
        campaign_id=campaign_id(seen),
        reason=decision.reason,
        remedy=decision.remedy,
        target=target,
        zone=_zone(seen),
        before=live,
        as_of=seen.as_of,
        audience=_audience(seen, told.names),
        fields=_fields(live, target, decision, told.names),
        steps=decision.steps,
        send=_send(live, decision),
        risk=consequence.risk(decision),
        undo=consequence.undo(decision, live, limits),
        apply_by=consequence.apply_by(decision, live, limits),
        waiting=consequence.waiting(decision, target, told.now, limits),
        undeclared=completed(live)[len(target.sends) :] if live else (),
        tags=desired.tags,
        owner=desired.owner,
    )


def _decide(
    seen: Observation, target: Target, told: _Told, permissions: Sequence[Permission]
) -> Decision:
    if seen.sent:
        reason = "Constant Contact lists it as sent"
        return Decision(row=5, verdict=Verdict.SENT, reason=reason, remedy="")
    if seen.unread:
        remedy = "plan without `--refresh none`, which reads it"
        return Decision(row=1, verdict=Verdict.BLOCKED, reason=seen.unread, remedy=remedy)
    return decide(
        Facts(
            target=target,
            live=None if seen.problem else seen.live,
            absent_reason=seen.problem,
            now=told.now,
            limits=told.limits,
            newest=told.newest.get(target.activity_id),
            restored=guards.granted(guards.RESCHEDULE, target.campaign, permissions),
            halt=_halt(target, told, permissions),
            zone=_zone(seen),
        )
    )


def _halt(target: Target, told: _Told, permissions: Sequence[Permission]) -> Halt | None:
    """The mark of a person who stopped it, unless this plan may go against it."""
    lifted = guards.granted(guards.HALTED, target.campaign, permissions)
    return None if lifted else halt_of(told.halts, target.activity_id, target.campaign)


def _send(live: Live | None, decision: Decision) -> When | None:
    """The next send that holds: as declared if it is in sync or made so, else the live one."""
    if decision.verdict.writes or decision.verdict is Verdict.IN_SYNC:
        return decision.when
    return live.schedules[0] if live and len(live.schedules) == 1 else None


def _zone(seen: Observation) -> str:
    """The zone in which the author thinks of the next send; the manifest's, where none is known."""
    ahead = seen.desired.sends[len(completed(seen.live)) :] if seen.live else ()
    return ahead[0].zone if ahead else seen.desired.zone


def _audience(seen: Observation, names: Names) -> Audience | None:
    if seen.recipients is None:
        return None
    ids = (*seen.recipients.lists, *seen.recipients.segments)
    items = sorted(((one, names.get(one, "")) for one in ids), key=lambda item: item[::-1])
    return Audience(kind=str(seen.desired.kind), items=tuple(items))


def _fields(
    live: Live | None, target: Target, decision: Decision, names: Names
) -> tuple[FieldChange, ...]:
    """What is written; or, where nothing is, what differs."""
    if live is None or decision.row < _FIRST_TOLD_ROW:
        return ()
    kept = decision.verdict.writes and StepKind.UPDATE not in decision.kinds
    wanted = None if kept else target.recipients
    return differences(live, wanted or live.recipients, decision.when, names)


def _overridden(observations: Iterable[Observation]) -> Iterator[Permission]:
    """What manifests themselves override, each for its own campaign."""
    for desired in (seen.desired for seen in observations):
        for one in desired.overrides:
            yield Permission(rule=one.guard, campaign=desired.campaign, reason=one.reason)


def _spelled(
    permissions: Iterable[Permission], changes: Sequence[Change]
) -> tuple[Permission, ...]:
    """The permissions, sorted, each naming its campaign exactly as the changes do."""
    spelled = {
        replace(one, campaign=change.campaign)
        for one in permissions
        for change in changes
        if same_name(one.campaign, change.campaign)
    }
    return tuple(sorted(spelled, key=lambda one: (one.rule, one.campaign, one.reason)))
