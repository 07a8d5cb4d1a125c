"""How many contacts receive a send, in words: today's counts; what is not counted is never nobody.

The numbers are ours; the names of lists and segments are foreign, and none stands here.
"""

from collections.abc import Iterator

from ccops.planning.audience import Audience, Overlap
from ccops.planning.case import completed
from ccops.planning.plan import (
    Change,
    Plan,
    Verdict,
)
from ccops.planning.words import contacts_in_words

NOT_COUNTED = "not counted"

_WORTH_TELLING = 20
"""One part in so many: a count that moved by no more since the last send is no news."""


def headcount(audience: Audience | None, *, further: bool = False) -> str:
    """All contacts of the recipients together, everybody once: `14,899`; or `not counted`.

    `further`: of a send that leaves out who has had the campaign, they are `at most 14,899`.
    """
    if audience is None or audience.contacts is None:
        return NOT_COUNTED
    return f"{_most(audience.contacts, further=further)}{_number(audience.contacts)}"


def contacts(audience: Audience | None, *, further: bool = False) -> str:
    """The same as a phrase: `at most 14,899 contacts`, `nobody`, `contacts not counted`."""
    if audience is None or audience.contacts is None:
        return f"contacts {NOT_COUNTED}"
    return f"{_most(audience.contacts, further=further)}{contacts_in_words(audience.contacts)}"


def _most(count: int, *, further: bool) -> str:
    return "at most " if further and count else ""


def sizes(audience: Audience) -> tuple[str, ...]:
    """The count of each list, in their order; "" where the headcount says it already."""
    if len(audience.items) == 1 or not audience.counts:
        return ("",) * len(audience.items)
    # Counts that do not belong to the items say nothing about any of them.
    if len(audience.counts) != len(audience.items):
        return (NOT_COUNTED,) * len(audience.items)
    return tuple(NOT_COUNTED if one is None else _number(one) for one in audience.counts)


def further(change: Change) -> bool:
    """Whether the next send leaves out who has had the campaign: one was completed before (spec)."""
    done = change.before is not None and bool(completed(change.before))
    return done or change.verdict is Verdict.RESEND


def at_most(change: Change) -> str:
    """A word for a count of which a further send reaches a part; else empty."""
    counted = change.audience is not None and change.audience.contacts
    return "at most" if counted and further(change) else ""


def moved(audience: Audience | None) -> str:
    """What the count was at the last send, if it moved by more than 5 % since; else empty."""
    if audience is None or audience.contacts is None or audience.before is None:
        return ""
    apart = abs(audience.contacts - audience.before)
    if apart * _WORTH_TELLING <= audience.before:
        return ""
    return f"was {_number(audience.before)} at the last send"


def counted_today(plan: Plan) -> bool:
    """Whether any number of contacts stands in what this plan writes."""
    return any(_counts(change) for change in plan.writing)


def _counts(change: Change) -> bool:
    audience = change.audience
    if audience is None:
        return False
    return audience.contacts is not None or any(one is not None for one in audience.counts)


def overlapping(plan: Plan) -> Iterator[tuple[Overlap, str]]:
    """Each pair of sends that reach the same people, or may, with how many they are."""
    for one in plan.overlaps:
        unknown = f"perhaps the same contacts: {NOT_COUNTED}"
        yield one, unknown if one.contacts is None else contacts_in_words(one.contacts)


def _number(count: int) -> str:
    return contacts_in_words(count) if count == 0 else f"{count:,}"
