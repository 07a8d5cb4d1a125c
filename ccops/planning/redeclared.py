"""A saved plan beside the manifests as they are now: is what it would write still declared?

Compared is what a plan was approved for: the sends, the recipients, the expectations and the
email. Names are compared with those that the plan shows, by id, so that nothing needs to be read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ccops.errors import Diagnostic, Place
from ccops.model import Desired, RecipientKind, Recipients, StepKind, When
from ccops.planning.diff import in_words
from ccops.planning.locking import Pins
from ccops.planning.names import plain
from ccops.planning.plan import Change, Plan
from ccops.planning.words import when_in_words

_REPLAN = "plan again, and have that plan reviewed"


def takes_back(change: Change) -> bool:
    """Whether a change unschedules a campaign for good: nothing may hold up such a change.

    It may set recipients as well, which reach nobody until a later plan schedules a send to them.
    """
    kinds = {step.kind for step in change.steps}
    return StepKind.UNSCHEDULE in kinds and StepKind.SCHEDULE not in kinds


def by_campaign(manifests: Iterable[Desired]) -> Mapping[str, Desired]:
    """The manifests by the name of their campaign (NFC); there is at most one of a name."""
    return {plain(one.campaign): one for one in manifests}


def redeclared(plan: Plan, manifests: Sequence[Desired], pins: Pins) -> tuple[Diagnostic, ...]:
    """Say of each campaign that the plan writes to what its manifest declares otherwise now.

    A name means what the lock pins (`pins`), else what the plan shows. A change that takes a send
    back gives way to nothing but a manifest that has come to declare that very send.
    """
    named = by_campaign(manifests)
    found = ((change, named.get(plain(change.campaign))) for change in plan.writing)
    return tuple(told for change, desired in found for told in _differences(change, desired, pins))


def _differences(change: Change, desired: Desired | None, pins: Pins) -> Iterator[Diagnostic]:
    if takes_back(change):
        if desired is not None and _wants_again(change, desired):
            yield _wanted_again(change, desired)
        return
    if desired is None:
        yield _undeclared(change)
        return
    if _sends(desired) != change.target.sends:
        yield _other_sends(change, desired)
    if _ids(change, desired, pins) != _planned_ids(change):
        yield _other_recipients(change, desired)
    if desired.expect != change.target.expect:
        place = desired.expect.place or desired.place
        yield _otherwise(change, place, "`expect` is not the one that the plan was made with")
    pinned = _pinned(desired, pins)
    if pinned is not None and pinned != change.target.activity_id.lower():
        email = f"pinned is {pinned}; the plan is for {change.target.activity_id}"
        yield _otherwise(change, desired.place, email)


def _sends(desired: Desired) -> tuple[When, ...]:
    return tuple(one.when for one in desired.sends)


def _wants_again(change: Change, desired: Desired) -> bool:
    """Whether a manifest declares what is scheduled now, and did not when the plan was made."""
    scheduled = change.before.schedules if change.before else ()
    return bool({*scheduled} & {*_sends(desired)} - {*change.target.sends})


def _ids(change: Change, desired: Desired, pins: Pins) -> frozenset[str] | None:
    """The ids that a manifest's recipients mean; None: a name tells none, or several."""
    items = change.audience.items if change.audience else ()
    pinned, found = pins.recipients(desired.kind), set[str]()
    for one in desired.references:
        if one.name is None:
            meant = {one.id or ""}
        elif plain(one.name) in pinned:
            meant = {pinned[plain(one.name)]}
        else:
            meant = {identity for identity, name in items if plain(name) == plain(one.name)}
        if len(meant) != 1:
            return None
        found |= meant
    return frozenset(f"{desired.kind} {one.lower()}" for one in found)


def _planned_ids(change: Change) -> frozenset[str]:
    wanted = change.target.recipients or Recipients()
    of = {RecipientKind.LISTS: wanted.lists, RecipientKind.SEGMENT: wanted.segments}
    return frozenset(f"{kind} {one.lower()}" for kind, ids in of.items() for one in ids)


def _pinned(desired: Desired, pins: Pins) -> str | None:
    """The id of the email that is meant, in lower case; None: whichever has the name."""
    pin = pins.campaign(desired.campaign)
    return desired.activity_id or (pin.activity_id if pin else None)


def _wanted_again(change: Change, desired: Desired) -> Diagnostic:
    label = "the plan takes the send back that is declared now"
    return _otherwise(change, _place_of_sends(change, desired), label)


def _undeclared(change: Change) -> Diagnostic:
    return Diagnostic(
        code="CC617",
        message=f'no manifest declares "{change.campaign}" any more, for which the plan was made',
        place=change.place,
        label="declared here when the plan was made",
        help=_REPLAN,
    )


def _other_sends(change: Change, desired: Desired) -> Diagnostic:
    now, then = (_times(times, change.zone) for times in (_sends(desired), change.target.sends))
    label = f"the plan was made for {then}; declared is {now}"
    return _otherwise(change, _place_of_sends(change, desired), label)


def _times(times: Sequence[When], zone: str) -> str:
    return ", ".join(when_in_words(one, zone=zone) for one in times) or "unscheduled"


def _place_of_sends(change: Change, desired: Desired) -> Place:
    """Where the first send stands that is new; where none is, the manifest."""
    new = (one.place for one in desired.sends if one.when not in change.target.sends)
    return next(new, desired.place)


def _other_recipients(change: Change, desired: Desired) -> Diagnostic:
    names = dict(change.audience.items) if change.audience else {}
    then = in_words(change.target.recipients or Recipients(), names) or "nobody"
    now = ", ".join(sorted(one.name or f"id {one.id}" for one in desired.references))
    noun = "segment " if desired.kind is RecipientKind.SEGMENT else ""
    label = f"the plan was made for {then}; declared is {noun}{now}"
    return _otherwise(change, desired.references[0].place, label)


def _otherwise(change: Change, place: Place, label: str) -> Diagnostic:
    return Diagnostic(
        code="CC617",
        message=f'"{change.campaign}" is declared otherwise now than when the plan was made',
        place=place,
        label=label,
        help=_REPLAN,
    )
