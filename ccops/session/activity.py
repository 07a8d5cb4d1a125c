"""One activity that the journal names, read whole; and which campaigns selectors mean."""

from collections.abc import Callable, Iterable, Sequence

from ccops.constantcontact.reader import read_live
from ccops.constantcontact.wire import PRIMARY_EMAIL
from ccops.errors import Place
from ccops.model import CampaignRow, Desired, Live, Status, Target
from ccops.planning.case import disagreement
from ccops.planning.select import select as selected
from ccops.ports import JournalEntry, Send

_NOWHERE = Place(file="", line=1, column=1)


def read_activity(
    send: Send, activity_id: str, campaign: str, *, pause: Callable[[], None]
) -> Live | None:
    """Read an activity with its schedule and its send history; None: it does not exist.

    The name is the journal's: a campaign that was renamed since is the same one. What
    contradicts itself is read once more, after a `pause`, for a send may have begun in between.

    Raises:
        CcopsError: a reading failed; it is never taken for absence.
    """
    row = CampaignRow(campaign_id="", name=campaign, status=Status.UNKNOWN, activity_id=activity_id)
    live = read_live(send, row, wants_history=_has_history)
    if live is None or not disagreement(_as_it_is(live), live):
        return live
    pause()
    return read_live(send, row, wants_history=_has_history)


def _has_history(live: Live) -> bool:
    """Whether there is a history to ask for: other roles than an email's have none (spec)."""
    return live.role == PRIMARY_EMAIL


def _as_it_is(live: Live) -> Target:
    return Target(
        campaign=live.name, activity_id=live.activity_id, sends=(), recipients=live.recipients
    )


def about(
    entries: Iterable[JournalEntry], desired: Sequence[Desired], select: Sequence[str]
) -> tuple[JournalEntry, ...]:
    """Return the lines about the selected campaigns, in their order.

    A name also means a campaign that no manifest names any more; the newest name of an activity
    counts.

    Raises:
        InvalidInput: CC286 no selector, CC287 nothing is selected.
    """
    lines = tuple(entries)
    if not select:
        return lines
    names = {one.activity_id: one.campaign for one in lines}
    known = {one.campaign for one in desired}
    orphans = (name for name in dict.fromkeys(names.values()) if name not in known)
    chosen = selected([*desired, *map(_orphan, orphans)], select)
    meant = {one.campaign for one in chosen}
    return tuple(one for one in lines if names[one.activity_id] in meant)


def _orphan(name: str) -> Desired:
    return Desired(campaign=name, references=(), sends=(), zone="UTC", place=_NOWHERE)
