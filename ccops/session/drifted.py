"""What drifted: a plan that is never applied, beside the journal, by a client that cannot write."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from ccops.applying.judgement import content_digest
from ccops.constantcontact.reader import (
    read_campaign,
    read_campaigns,
    read_lists,
    read_live,
    read_segments,
)
from ccops.model import CampaignRow, Live, Recipients, Status
from ccops.planning.diff import Names
from ccops.planning.drift import Drift
from ccops.planning.drift_applied import LastApplied, last_applied, named
from ccops.planning.drift_items import Evidence, Stranger, Whereabouts, assess, lost, told
from ccops.planning.names import same_name
from ccops.planning.plan import Plan, Unmanaged
from ccops.planning.select import NothingSelected, parse, refuse_unmatched
from ccops.ports import JournalEntry, Send
from ccops.session.activity import read_activity
from ccops.session.planned import plan as make_plan
from ccops.session.wiring import Session
from ccops.survey import own_account
from ccops.surveying.ahead import in_order


def drift(
    session: Session,
    *,
    select: Sequence[str],
    locked: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Drift:
    """Say what differs between git and the account although no commit changed it.

    With a selection, campaigns that no manifest names are not looked at. Where `sends<`, `state:`
    or `changed:` leave nothing of what the other selectors match, nothing drifted. `sleep` waits,
    in seconds.

    Raises:
        CcopsError: as `ccops.session.planned.plan`; a reading that failed is never "no drift".
            InvalidInput CC287: selectors match nothing, and will not by themselves.
    """
    entries = session.store.entries()
    _await_trust(session, entries, sleep)
    try:
        plan = make_plan(session, select=select, allow=(), reason="", locked=locked)
    except NothingSelected:
        return _nothing_now(session, select)
    applied = last_applied(entries)
    since = session.store.entries()[len(entries) :]
    seen = Evidence(
        applied=applied,
        digest=content_digest,
        moving=frozenset(entry.activity_id for entry in since),
        whereabouts=_whereabouts(session, plan, applied, sleep),
        strangers=() if plan.selection else _strangers(session, plan),
        names={},
        fresh=session.store.fresh(),
    )
    seen = replace(seen, names=_names(session, told(plan, seen)))
    return assess(plan, seen, requests=session.send.requests)


def _nothing_now(session: Session, select: Sequence[str]) -> Drift:
    """Say that nothing drifted of what only the hour, git or the account left empty."""
    refuse_unmatched(session.workspace.desired, parse(select))
    settings = session.workspace.settings
    account = own_account(session.send, settings)
    return Drift(
        account=account,
        origin=session.origin,
        zone=settings.zone or account.zone,
        as_of=session.send.clock.now().replace(microsecond=0),
        items=(),
        selection=tuple(select),
        commit=session.commit,
        fresh=session.store.fresh(),
        requests=session.send.requests,
    )


def _await_trust(
    session: Session, entries: Sequence[JournalEntry], sleep: Callable[[float], None]
) -> None:
    """Wait until the readings show what was written last; right after an apply they may not."""
    lag = session.workspace.settings.limits.read_lag
    if not entries or not lag:
        return
    own_account(session.send, session.workspace.settings)  # the server's clock is heard with it
    left = max(one.at for one in entries) + lag - session.send.clock.now()
    if left > timedelta(0):
        # A clock that was ahead when the line was written must not hold anybody up for long.
        sleep(min(left, lag).total_seconds())


def _whereabouts(
    session: Session,
    plan: Plan,
    applied: Mapping[str, LastApplied],
    sleep: Callable[[float], None],
) -> Mapping[str, Whereabouts]:
    """Look for the campaigns that their names lead to no more: by name, and by what was applied."""
    missing = lost(plan)
    if not missing:
        return {}
    rows = read_campaigns(session.send, origin=session.origin)
    return {
        one.campaign: Whereabouts(
            namesakes=sum(same_name(row.name, one.campaign) for row in rows),
            live=_renamed(session, named(applied, one.campaign), rows, sleep),
        )
        for one in missing
    }


def _renamed(
    session: Session,
    known: LastApplied | None,
    rows: Iterable[CampaignRow],
    sleep: Callable[[float], None],
) -> Live | None:
    """Read the activity that ccops applied, and its campaign's name of now; None: it is gone."""
    if known is None:
        return None
    pause = session.workspace.settings.limits.reread.total_seconds()
    live = read_activity(
        session.send, known.activity_id, known.campaign, pause=lambda: sleep(pause)
    )
    row = next((one for one in rows if live and one.campaign_id == live.campaign_id), None)
    if live is None or row is None:
        return None
    return replace(live, name=row.name, ab_test=row.ab_test)


def _strangers(session: Session, plan: Plan) -> tuple[Stranger, ...]:
    """Read when each campaign is to be sent that no manifest names; three requests each."""
    found: list[Stranger | None] = []
    for one in in_order(session.send.readers, plan.unmanaged, _stranger):
        found.append(one)
        session.tell(f"Read {len(found)} of {len(plan.unmanaged)} campaigns without a manifest")
    return tuple(one for one in found if one is not None)


def _stranger(line: Send, row: Unmanaged) -> Stranger | None:
    """Read one of them; None: nothing is to be sent, or it was removed since it was listed."""
    campaign = read_campaign(line, row.campaign_id)
    if campaign is None:
        return None
    if campaign.activity_id is None:
        return Stranger(row=row, live=None)
    live = read_live(line, campaign, wants_history=lambda _: False)
    return Stranger(row=row, live=live) if live and live.status is Status.SCHEDULED else None


def _names(session: Session, wanted: Sequence[Recipients]) -> Names:
    """Read the names of the kinds of recipients that are told of, and no others."""
    lists = any(one.lists for one in wanted)
    segments = any(one.segments for one in wanted)
    known = (
        *(read_lists(session.send, origin=session.origin) if lists else ()),
        *(read_segments(session.send, origin=session.origin) if segments else ()),
    )
    return {one.id: one.name for one in known}
