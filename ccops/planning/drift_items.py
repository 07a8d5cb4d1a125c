"""A plan beside the journal → the drift. Pure and total: every campaign of the plan is judged."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ccops.model import NOW, Live, Recipients, Status, When
from ccops.planning.diff import Names, in_words
from ccops.planning.drift import (
    Compared,
    Drift,
    DriftField,
    DriftItem,
    DriftState,
    ordered,
)
from ccops.planning.drift_applied import LastApplied, named
from ccops.planning.drift_fields import Sides, fields_of, gone, who_moved
from ccops.planning.drift_table import TABLE, Cell, cell_of
from ccops.planning.drift_words import WRITING, reason_of, remedy_of
from ccops.planning.plan import Change, Plan, Unmanaged, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What became of a campaign to which its manifest's name leads no more.

    `namesakes` counts the living campaigns of that name. `live` is the activity that ccops
    applied under it, under the campaign's name of now; None: it is gone, or was never applied.
    """

    namesakes: int = 0
    live: Live | None = None


NOWHERE = Whereabouts()
"""There is no such campaign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A scheduled campaign that no manifest names. `live` None: it is no email that can be read."""

    row: Unmanaged
    live: Live | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a plan does not hold.

    `applied` is what ccops left, by activity id. `digest` gives the fingerprint of an activity's
    content, as the journal keeps it. `moving` are the activities that a run wrote to while they
    were read. `whereabouts` go by the manifest's campaign; `names` of lists and segments by id.
    """

    applied: Mapping[str, LastApplied]
    digest: Callable[[Live], str]
    moving: Collection[str] = ()
    whereabouts: Mapping[str, Whereabouts]
    strangers: Sequence[Stranger]
    names: Names
    fresh: bool


def assess(plan: Plan, seen: Evidence, *, requests: int) -> Drift:
    """Judge every campaign of a plan, and every stranger."""
    items = [_item(change, plan, seen) for change in plan.changes]
    strange = [_strange(one, plan, seen) for one in _left_over(items, seen.strangers)]
    apart = [one for one in items if one.state is not DriftState.IN_SYNC]
    return Drift(
        account=plan.account,
        origin=plan.origin,
        zone=plan.zone,
        as_of=plan.created_at,
        items=ordered((*apart, *strange)),
        in_sync=len(items) - len(apart),
        selection=plan.selection,
        commit=plan.commit,
        fresh=seen.fresh,
        requests=requests,
    )


def lost(plan: Plan) -> tuple[Change, ...]:
    """Return the changes whose campaign was not found by its name."""
    return tuple(
        change
        for change in plan.changes
        if change.verdict is Verdict.BLOCKED
        and change.before is None
        and not change.target.activity_id
    )


def told(plan: Plan, seen: Evidence) -> tuple[Recipients, ...]:
    """Return the recipients whose names are needed to tell of the drift."""
    found = [one.live.recipients for one in seen.strangers if one.live is not None]
    for change in plan.changes:
        wanted, live = change.target.recipients, change.before
        if wanted is not None and live is not None and wanted != live.recipients:
            known = seen.applied.get(live.activity_id)
            found += [wanted, live.recipients]
            found += [known.recipients] if known and known.recipients is not None else []
    return tuple(found)


def _item(change: Change, plan: Plan, seen: Evidence) -> DriftItem:
    where = seen.whereabouts.get(change.campaign, NOWHERE)
    live = change.before or where.live
    applied = _applied(change, live, seen)
    sides = _sides(change, live, applied, plan, seen) if live else None
    fields = fields_of(sides) if sides else ()
    cell = _cell(change, live, where, applied, fields)
    fields = (gone(change, applied, plan.created_at),) if cell is Cell.GONE else fields
    state = _state(change, live, cell)
    item = DriftItem(
        state=state,
        campaign=change.campaign,
        campaign_id=live.campaign_id if live else change.campaign_id,
        activity_id=_activity(change, live) or (applied.activity_id if applied else ""),
        zone=change.zone,
        place=change.place,
        verdict=change.verdict,
        fields=fields,
        reason=reason_of(state, change, fields, applied),
        remedy=remedy_of(state, change, fields),
        applied_at=applied.at if applied else None,
        soonest=_soonest(change, live, sides.was if sides else None, plan.created_at),
        owner=change.owner,
    )
    return _unsettled(item) if item.activity_id in seen.moving else item


def _sides(
    change: Change, live: Live, applied: LastApplied | None, plan: Plan, seen: Evidence
) -> Sides:
    return Sides(
        change=change,
        live=live,
        applied=applied,
        content=seen.digest(live),
        now=plan.created_at,
        names=seen.names,
    )


def _activity(change: Change, live: Live | None) -> str:
    return live.activity_id if live else change.target.activity_id


def _applied(change: Change, live: Live | None, seen: Evidence) -> LastApplied | None:
    activity = _activity(change, live)
    return seen.applied.get(activity) if activity else named(seen.applied, change.campaign)


def _cell(
    change: Change,
    live: Live | None,
    where: Whereabouts,
    applied: LastApplied | None,
    fields: Iterable[DriftField],
) -> Cell:
    if applied is not None and applied.open:
        return Cell.OPEN
    absent = live is None and change.verdict is Verdict.BLOCKED and where.namesakes <= 1
    if absent or (live is not None and live.status is Status.REMOVED):
        return Cell.GONE
    return cell_of(fields)


def _state(change: Change, live: Live | None, cell: Cell) -> DriftState:
    found = TABLE[change.verdict][cell]
    if found is DriftState.HALTED and live is not None and live.schedules:
        return DriftState.NEEDS_PERSON  # a person stopped it, and yet it goes out
    return found


def _unsettled(item: DriftItem) -> DriftItem:
    remedy = "wait for the end of that run, and run ccops drift again"
    return replace(item, state=DriftState.NEEDS_PERSON, reason=WRITING, remedy=remedy)


def _soonest(
    change: Change, live: Live | None, applied: When | None, now: datetime
) -> datetime | None:
    """The earliest send ahead on any side; what is being sent, or is to be at once, is now."""
    if live is not None and live.status is Status.EXECUTING:
        return now
    sends = () if change.verdict is Verdict.SENT else change.target.sends
    sides = (*(live.schedules if live else ()), *sends, applied)
    ahead = [one for one in sides if isinstance(one, datetime) and one >= now]
    at_once = change.verdict is Verdict.SEND_NOW or applied is NOW
    return now if at_once else min(ahead, default=None)


def _left_over(items: Iterable[DriftItem], strangers: Iterable[Stranger]) -> list[Stranger]:
    """The strangers that are none of the items under another name."""
    known = {one.campaign_id for one in items}
    return [one for one in strangers if one.row.campaign_id not in known]


def _strange(one: Stranger, plan: Plan, seen: Evidence) -> DriftItem:
    live = one.live
    applied = seen.applied.get(live.activity_id) if live else None
    ours = applied is not None and applied.newest is not None
    left = "; ccops scheduled it, so its manifest was removed or names another campaign now"
    return DriftItem(
        state=DriftState.UNMANAGED,
        campaign=one.row.name,
        campaign_id=one.row.campaign_id,
        activity_id=live.activity_id if live else "",
        zone=plan.zone,
        fields=_strange_fields(live, applied, seen.names) if live else (),
        reason=f"it is scheduled, and no manifest names it{left if ours else ''}",
        remedy="run ccops pull to write its manifest, or unschedule it in Constant Contact",
        applied_at=applied.at if applied else None,
        soonest=min(live.schedules, default=None) if live else None,
    )


def _strange_fields(
    live: Live, applied: LastApplied | None, names: Names
) -> tuple[DriftField, DriftField]:
    """What is scheduled, and for whom; git declares nothing of it."""
    at, people = min(live.schedules, default=None), live.recipients
    left = applied.scheduled(live.history or ()) if applied else None
    were = applied.recipients if applied else None
    return (
        DriftField(
            compared=Compared.SEND_AT,
            moved=who_moved(None, left, at, known=applied is not None),
            applied=left,
            live=at,
        ),
        DriftField(
            compared=Compared.RECIPIENTS,
            moved=who_moved(None, were, people, known=were is not None),
            applied=None if were is None else in_words(were, names),
            live=in_words(people, names),
        ),
    )
