"""Read one campaign from the account, as deep as its verdict needs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from ccops.constantcontact import reader
from ccops.model import CampaignRow, Live, Status
from ccops.planning.cache import Reading
from ccops.planning.case import disagreement
from ccops.planning.locking import astray
from ccops.planning.stale import Recollection, keeps_history
from ccops.planning.verdict import wants_history
from ccops.ports import Send
from ccops.surveying.around import Around, Ask, Seen, Wanted, observation


def read(around: Around, ask: Ask, wanted: Wanted) -> Seen:
    """Read a campaign's activity; what is known of it saves the look-up of its id.

    An answer about another campaign than the known one makes that knowledge worth nothing.
    """
    read_at = ask.clock().replace(microsecond=0)
    row = _row(ask.send, wanted)
    live = _live(around, ask, wanted, row) if row and row.activity_id else None
    if wanted.known is not None and not _same(live, wanted.known):
        return read(around, ask, replace(wanted, known=None))
    stray = astray(wanted.desired, live, around.pins) if live is not None else None
    if stray is not None:
        bare = observation(wanted.match, None, None, None)
        return Seen(observation=bare, breaches=(stray,))
    if live is not None and wanted.match.row is None:
        row, live = _pinned(live, around.rows)
    return replace(wanted.seen(row, live), reading=_reading(around, live, read_at))


def _same(live: Live | None, known: Recollection) -> bool:
    return live is not None and live.campaign_id.lower() == known.reading.row.campaign_id.lower()


def _reading(around: Around, live: Live | None, read_at: datetime) -> Reading | None:
    """Keep what was read beside its row: without one, no later change of it would be noticed."""
    row = around.by_id.get(live.campaign_id.lower()) if live is not None else None
    return Reading(row=row, live=live, read_at=read_at) if row and live else None


def _row(send: Send, wanted: Wanted) -> CampaignRow | None:
    """Return the campaign with its activity id; a pin's campaign is known from the activity."""
    row, pin = wanted.match.row, wanted.desired.activity_id
    if row is None:
        return CampaignRow(campaign_id="", name="", status=Status.UNKNOWN, activity_id=pin)
    if row.activity_id is not None:
        return row
    if wanted.known is not None:
        return replace(row, activity_id=wanted.known.reading.live.activity_id)
    return reader.read_campaign(send, row.campaign_id)


def _live(around: Around, ask: Ask, wanted: Wanted, row: CampaignRow) -> Live | None:
    """Read the activity; once more when its parts contradict each other, for a send begins."""
    target = wanted.target(row.activity_id or "")
    if wanted.known is not None or around.pins.campaign(target.campaign) is not None:
        # Cache and lock say which campaign it is; the answer must be free to say otherwise.
        row = replace(row, campaign_id="")
    wants = partial(wants_history, target)
    live = _with_known_history(ask.send, row, wants, wanted.known, around.now)
    if live is None or not disagreement(target, live):
        return live
    ask.pause()
    return reader.read_live(ask.send, row, wants_history=wants)


def _with_known_history(
    send: Send,
    row: CampaignRow,
    wants: Callable[[Live], bool],
    known: Recollection | None,
    now: datetime,
) -> Live | None:
    """Read an activity, but its history only where the known one does not hold any more."""

    def keeps(live: Live) -> bool:
        return known is not None and wants(live) and keeps_history(known, live, now)

    live = reader.read_live(send, row, wants_history=lambda one: wants(one) and not keeps(one))
    if live is None or known is None or not keeps(live):
        return live
    return replace(live, history=known.reading.live.history)


def _pinned(live: Live, rows: Sequence[CampaignRow]) -> tuple[CampaignRow | None, Live]:
    """Find the campaign of a pinned activity: the listing knows its name and type."""
    row = next((one for one in rows if one.campaign_id == live.campaign_id), None)
    if row is None:
        return None, replace(live, status=Status.REMOVED)
    return replace(row, activity_id=live.activity_id), replace(
        live, name=row.name, ab_test=row.ab_test
    )
