"""What `ccops.lock` pins, held against what the account shows.

A lock never makes a name mean what it does not say: the name must still lead to the pinned id,
and the pinned id must still have the name. Anything else is for a person to look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ccops.errors import Diagnostic, Place
from ccops.manifest.lockfile import CampaignPin, Lock
from ccops.model import CampaignRow, Desired, Live, Named, RecipientKind, Reference
from ccops.planning.names import plain, same_name
from ccops.planning.resolve import Catalogue, Match

_RELOCK = "if that is what you mean, run `ccops lock` and have the change reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The pins in force. `lock` None: there is no lock. `strict`: nothing else is resolved."""

    lock: Lock | None = None
    strict: bool = False

    def campaign(self, name: str) -> CampaignPin | None:
        """What a campaign's name is pinned to."""
        return self.lock.campaigns.get(plain(name)) if self.lock else None

    def recipients(self, kind: RecipientKind) -> Mapping[str, str]:
        """The pinned ids of one kind, by name."""
        return self.lock.of(kind) if self.lock else {}


UNPINNED = Pins()
"""No lock: every name is resolved by itself."""


def missing_lock() -> Diagnostic:
    """Say that nothing can be resolved strictly, for there is no lock."""
    return Diagnostic(
        code="CC325",
        message="--locked resolves no name but by ccops.lock, and there is none",
        help="run `ccops lock`, and commit what it writes",
    )


def pinned(one: Match, rows: Mapping[str, CampaignRow], pins: Pins) -> Match:
    """Complete a manifest's campaign by its pin: nothing needs to be looked up for it then.

    `rows` are the living campaigns by id. Only for a match without a breach.
    """
    pin = pins.campaign(one.desired.campaign)
    row = one.row or (rows.get(pin.campaign_id) if pin and not one.problem else None)
    if pin is None or row is None:
        return one
    return replace(one, row=replace(row, activity_id=pin.activity_id))


def campaign_breach(one: Match, rows: Mapping[str, CampaignRow], pins: Pins) -> Diagnostic | None:
    """Say how a manifest's campaign is not the pinned one; None if nothing speaks against it.

    A campaign that is gone, and that no other has replaced, is no breach: the plan has its own
    words for that. So is a name without a pin, unless the pins are strict (CC323).
    """
    desired, pin = one.desired, pins.campaign(one.desired.campaign)
    if pin is None:
        found_by_name = desired.activity_id is None
        return (
            _unpinned("campaign", desired.campaign, desired.place)
            if (pins.strict and found_by_name)
            else None
        )
    if desired.activity_id is not None and desired.activity_id != pin.activity_id:
        return _another(desired, f"its `activity:` is {desired.activity_id}, not {pin.activity_id}")
    row = rows.get(pin.campaign_id)
    if row is not None and not same_name(row.name, desired.campaign):
        return _renamed("campaign", desired.campaign, pin.campaign_id, row.name, desired.place)
    if one.row is not None and one.row.campaign_id.lower() != pin.campaign_id:
        ids = f"it was {pin.campaign_id}, which is gone, and is now {one.row.campaign_id}"
        return _another(desired, ids)
    return None


def astray(desired: Desired, live: Live, pins: Pins) -> Diagnostic | None:
    """Say that the pinned activity is not the pinned campaign's; None if it is."""
    pin = pins.campaign(desired.campaign)
    if pin is None or live.campaign_id.lower() == pin.campaign_id:
        return None
    return Diagnostic(
        code="CC324",
        message=f'ccops.lock pins an activity of another campaign for "{desired.campaign}"',
        place=desired.place,
        label=f"{pin.activity_id} belongs to {live.campaign_id}, not to {pin.campaign_id}",
        help="somebody edited ccops.lock: restore it, or delete it and run `ccops lock`",
    )


def recipient_breaches(
    desired: Desired, catalogue: Catalogue, pins: Pins
) -> tuple[Diagnostic, ...]:
    """Say which names of a manifest's recipients are not what is pinned, each at its place.

    `catalogue` holds living objects only: a deleted segment still answers by its id (spec), so
    its item would show nothing.
    """
    known = catalogue.of(desired.kind)
    named = [one for one in desired.references if one.name is not None]
    found = (_recipient(one, one.name or "", known, pins) for one in named)
    return tuple(one for one in found if one is not None)


def unpinned(breaches: Iterable[Diagnostic]) -> bool:
    """Whether one of these only says that the lock lacks a name, so that the input is wrong."""
    return any(one.code == "CC323" for one in breaches)


def _recipient(
    reference: Reference, name: str, known: Sequence[Named], pins: Pins
) -> Diagnostic | None:
    noun = "list" if reference.kind is RecipientKind.LISTS else "segment"
    pin = pins.recipients(reference.kind).get(plain(name))
    if pin is None:
        return _unpinned(noun, name, reference.place) if pins.strict else None
    living = next((one for one in known if one.id.lower() == pin), None)
    if living is not None:
        same = same_name(living.name, name)
        return None if same else _renamed(noun, name, pin, living.name, reference.place)
    others = [one.id for one in known if same_name(one.name, name)]
    return _gone(noun, name, pin, others, reference.place)


def _another(desired: Desired, ids: str) -> Diagnostic:
    return Diagnostic(
        code="CC320",
        message=f'"{desired.campaign}" is another campaign than the one that ccops.lock pins',
        place=desired.place,
        label=ids,
        help="Constant Contact keeps people from getting one campaign twice, not two campaigns; "
        + _RELOCK,
    )


def _renamed(noun: str, name: str, identity: str, now: str, place: Place) -> Diagnostic:
    return Diagnostic(
        code="CC321",
        message=f'the {noun} that ccops.lock pins as "{name}" is now called "{now}"',
        place=place,
        label=f"its id is {identity}",
        help=f"name it back in Constant Contact; or write the name of the {noun} that is meant, "
        "run `ccops lock` and have both reviewed",
    )


def _gone(noun: str, name: str, identity: str, others: Sequence[str], place: Place) -> Diagnostic:
    if others:
        return Diagnostic(
            code="CC320",
            message=f'"{name}" is another {noun} than the one that ccops.lock pins',
            place=place,
            label=f"it was {identity}, which was deleted, and is now {' and '.join(others)}",
            help=f"look at who is in it; {_RELOCK}",
        )
    return Diagnostic(
        code="CC322",
        message=f'the {noun} that ccops.lock pins as "{name}" was deleted',
        place=place,
        label=f"its id was {identity}",
        help=f"name a {noun} that exists, run `ccops lock` and have both reviewed",
    )


def _unpinned(noun: str, name: str, place: Place) -> Diagnostic:
    return Diagnostic(
        code="CC323",
        message=f'ccops.lock does not pin the {noun} "{name}"',
        place=place,
        label="--locked resolves nothing by name",
        help="run `ccops lock`, and commit what it writes",
    )
