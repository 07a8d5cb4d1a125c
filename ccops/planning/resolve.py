"""Manifests meet the account: campaigns by name or pin, recipients by name or id."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.model import (
    CampaignRow,
    Desired,
    Named,
    RecipientKind,
    Recipients,
    Reference,
    Status,
)
from ccops.planning.names import plain, suggest

_NEAR_GUESSES = 20
"""So many unknown campaign names are compared with every other one; the rest only by folding."""
_SHOWN = 5
"""So many ids of one name are shown; a crowd of them would only be noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The account's living lists and segments, as far as they were read."""

    lists: tuple[Named, ...] = ()
    segments: tuple[Named, ...] = ()

    def of(self, kind: RecipientKind) -> tuple[Named, ...]:
        """All objects of one kind."""
        return self.lists if kind is RecipientKind.LISTS else self.segments


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A manifest beside its campaign in the listing.

    Neither `row` nor `problem`: the manifest pins an activity, whose campaign is known only
    once the activity was read. `problem` says why there is no row, and what may be meant.
    """

    desired: Desired
    row: CampaignRow | None = None
    problem: str = ""


def match(desired: Iterable[Desired], rows: Iterable[CampaignRow]) -> tuple[Match, ...]:
    """Find each manifest's campaign, in the order of the manifests.

    A name must be exactly (NFC) that of one campaign; deleted ones count only where no living
    one has the name. A pinned activity is looked up by its id alone.
    """
    pins: dict[str, CampaignRow] = {}
    names: dict[str, list[CampaignRow]] = {}
    for row in rows:
        names.setdefault(plain(row.name), []).append(row)
        if row.activity_id is not None:
            pins[row.activity_id] = row
    budget = iter(range(_NEAR_GUESSES))
    return tuple(_match(one, pins, names, budget) for one in desired)


def _match(
    desired: Desired,
    pins: Mapping[str, CampaignRow],
    names: Mapping[str, Sequence[CampaignRow]],
    budget: Iterator[int],
) -> Match:
    if desired.activity_id is not None:
        return Match(desired=desired, row=pins.get(desired.activity_id))
    found = names.get(plain(desired.campaign), ())
    living = [row for row in found if row.status is not Status.REMOVED] or found
    if len(living) == 1:
        return Match(desired=desired, row=living[0])
    if living:
        ids = _few(", ", [row.campaign_id for row in living])
        problem = f"{len(living)} campaigns have this name ({ids}); pin one with `activity:`"
        return Match(desired=desired, problem=problem)
    guess = suggest(desired.campaign, names, near=next(budget, None) is not None)
    problem = "Constant Contact has no campaign of this name"
    return Match(desired=desired, problem=f"{problem}; {guess}" if guess else problem)


def already_sent(desired: Desired, row: CampaignRow, now: datetime) -> bool:
    """Whether the listing alone shows that nothing is left to do: it costs no further request.

    True for a campaign that is Done and whose one declared send is `now` or lies in the past.
    """
    if row.status is not Status.DONE or row.ab_test or len(desired.sends) != 1:
        return False
    when = desired.sends[0].when
    return not isinstance(when, datetime) or when <= now


def needs(desired: Iterable[Desired]) -> frozenset[RecipientKind]:
    """Which catalogues must be read to resolve these manifests."""
    return frozenset(one.kind for one in desired)


def resolve(desired: Desired, catalogue: Catalogue) -> Recipients:
    """Turn the names and ids of one manifest into ids.

    A name must be exactly (NFC) that of one living object, an id must be alive: `catalogue`
    holds living objects only.

    Raises:
        InvalidInput: CC301 unknown name, CC302 a name of several objects, CC303 unknown id;
            all of them at once, each at its place.
    """
    known = catalogue.of(desired.kind)
    names: dict[str, list[str]] = {}
    for one in known:
        names.setdefault(plain(one.name), []).append(one.id)
    ids = frozenset(one.id for one in known)
    found = [_find(reference, names, ids) for reference in desired.references]
    wrong = [one for one in found if isinstance(one, Diagnostic)]
    if wrong:
        raise InvalidInput(*wrong)
    chosen = tuple(sorted({one for one in found if isinstance(one, str)}))
    if desired.kind is RecipientKind.LISTS:
        return Recipients(lists=chosen)
    return Recipients(segments=chosen)


def _find(
    reference: Reference, names: Mapping[str, Sequence[str]], ids: frozenset[str]
) -> str | Diagnostic:
    noun = "list" if reference.kind is RecipientKind.LISTS else "segment"
    if reference.name is None:
        wanted = reference.id or ""
        return wanted if wanted in ids else _dead(wanted, noun, reference.place)
    found = names.get(plain(reference.name), ())
    if len(found) == 1:
        return found[0]
    if found:
        return _ambiguous(reference.name, noun, found, reference.place)
    return Diagnostic(
        code="CC301",
        message=f'unknown {noun} "{reference.name}"',
        place=reference.place,
        label=f"no {noun} of this name in the account",
        help=suggest(reference.name, names)
        or f"create the {noun} in Constant Contact, or write the name of one that exists",
    )


def _ambiguous(name: str, noun: str, found: Sequence[str], place: Place) -> Diagnostic:
    ids = _few(" or ", [f"{{id: {one}}}" for one in found])
    return Diagnostic(
        code="CC302",
        message=f'{len(found)} {noun}s are called "{name}"',
        place=place,
        label="which one is not clear",
        help=f"write {ids}",
    )


def _few(separator: str, ids: Iterable[str]) -> str:
    shown = sorted(ids)
    more = len(shown) - _SHOWN
    few = separator.join(shown[:_SHOWN])
    return f"{few} and {more} more" if more > 0 else few


def _dead(wanted: str, noun: str, place: Place) -> Diagnostic:
    return Diagnostic(
        code="CC303",
        message=f"no {noun} has the id {wanted}",
        place=place,
        label="deleted, or of another account",
        help=f"write the name or id of a {noun} that exists",
    )
