"""What guards know of the account beyond a plan's changes: counts, senders, privileges, holidays.

Counts are of contacts, never contacts. What is not known is None or absent, and satisfies nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from ccops.constantcontact.beside import Attached
from ccops.model import Live, Named, Recipients, SendRecord
from ccops.planning.case import completed


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A campaign that was read beside the plan's: without a manifest, or sent and not planned anew.

    `attached` is what Constant Contact sends beside it by itself.
    """

    live: Live
    attached: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The facts that were read for one plan.

    `members` are the active contacts of each list by id, `contacts` those of recipients together,
    everybody once. `uncounted` says why counting failed ("": it did not). `confirmed` are the
    sender addresses that may send, in lower case; `lacking` the privileges that the login lacks
    for sending, each with who has it; None: not read. `spent` requests went into segments.
    `beside` are the other campaigns whose sends count.
    """

    members: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    contacts: Mapping[Recipients, int] = field(default_factory=lambda: MappingProxyType({}))
    uncounted: str = ""
    confirmed: frozenset[str] | None = None
    lacking: tuple[tuple[str, str], ...] | None = None
    spent: int = 0
    holidays: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    beside: tuple[Beside, ...] = ()


def members(lists: Iterable[Named]) -> dict[str, int]:
    """The active contacts of each list of which they are told, by id."""
    return {one.id: one.members for one in lists if one.members is not None}


def contacts_of(recipients: Recipients | None, known: Known) -> int | None:
    """How many contacts recipients have together, everybody once; None: not counted.

    Without a count of their own: lists without members add nobody, and a single other one is the
    sum. Two that have members may share some, and a segment tells no number.
    """
    if recipients is None or recipients.empty:
        return None
    if recipients in known.contacts:
        return known.contacts[recipients]
    each = [known.members.get(one) for one in recipients.lists]
    filled = [one for one in each if one is not None and one > 0]
    if recipients.segments or None in each or len(filled) > 1:
        return None
    return sum(filled)


def never_empty(recipients: Recipients | None, known: Known) -> bool:
    """Whether some list is known to have members, however many there are together."""
    return recipients is not None and any(known.members.get(one, 0) for one in recipients.lists)


def sent_to(record: SendRecord, live: Live) -> Recipients:
    """Whom a past send went to; where the record does not say, whom the activity names now."""
    return live.recipients if record.recipients is None else record.recipients


def reached(live: Live, recipients: Recipients) -> int | None:
    """How many contacts the activity has reached in its completed sends to the same recipients.

    The same are exactly the same lists, or the same segment; not their members, which come and go.
    Constant Contact leaves out who has had the activity (spec), so its sends add up to everybody
    whom the recipients held until the last of them. None: it never went to them.
    """
    same = [one.count for one in completed(live) if sent_to(one, live) == recipients]
    return sum(same) if same else None


def last_reached(lives: Iterable[Live]) -> Mapping[Recipients, int]:
    """Of all recipients that these activities went to: how many the one that did so last reached."""
    sends = [
        (record.ran_at, live.campaign_id, sent_to(record, live), live)
        for live in lives
        for record in completed(live)
    ]
    last = {recipients: live for _, _, recipients, live in sorted(sends, key=lambda one: one[:2])}
    return {recipients: reached(live, recipients) or 0 for recipients, live in last.items()}
