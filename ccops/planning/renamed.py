"""A saved plan's lists and segments beside those that the account has now.

A plan writes the ids that were reviewed, under the names that were reviewed. A list or segment
that is gone reaches nobody, and such a send still counts as completed (spec); one that has another
name now may hold other people.
"""

from collections.abc import Iterator, Mapping, Sequence

from ccops.errors import Diagnostic, Place
from ccops.model import Desired, Named, RecipientKind, Recipients
from ccops.planning.names import plain, same_name
from ccops.planning.plan import Change, Plan
from ccops.planning.redeclared import by_campaign, takes_back
from ccops.planning.resolve import Catalogue

_REPLAN = "make a new plan, and have it reviewed"
_REREAD = (
    "the plan has its name from the cache: make a new one without `--refresh changed`, "
    "and have it reviewed"
)


def reaching(plan: Plan) -> tuple[Change, ...]:
    """The changes that set recipients or schedule a send to them; not those that take one back."""
    return tuple(one for one in plan.writing if not takes_back(one))


def kinds(plan: Plan) -> frozenset[RecipientKind]:
    """Which catalogues must be read to find the lists and segments of a plan."""
    wanted = [one.target.recipients or Recipients() for one in reaching(plan)]
    named = {
        RecipientKind.LISTS: any(one.lists for one in wanted),
        RecipientKind.SEGMENT: any(one.segments for one in wanted),
    }
    return frozenset(kind for kind, present in named.items() if present)


def renamed(
    plan: Plan, manifests: Sequence[Desired], catalogue: Catalogue
) -> tuple[Diagnostic, ...]:
    """Say which lists and segments of a plan are gone, or are called otherwise now.

    `catalogue` holds all that live of the plan's `kinds`. Where a manifest names one by its name,
    no other may have that name by now.
    """
    named = by_campaign(manifests)
    remedy = _REREAD if plan.recalled and plan.recalled.names_at else _REPLAN
    return tuple(
        told
        for change in reaching(plan)
        for told in _amiss(change, named.get(plain(change.campaign)), catalogue, remedy)
    )


def _amiss(
    change: Change, desired: Desired | None, catalogue: Catalogue, remedy: str
) -> Iterator[Diagnostic]:
    wanted = change.target.recipients or Recipients()
    names = dict(change.audience.items) if change.audience else {}
    places = _places(desired)
    for noun, ids, living in (
        ("list", wanted.lists, catalogue.lists),
        ("segment", wanted.segments, catalogue.segments),
    ):
        for identity in ids:
            name = names.get(identity, "")
            became = _became(identity, name, living, alone=plain(name) in places)
            if became:
                yield Diagnostic(
                    code="CC616",
                    message=f'the {noun} "{name or identity}", to which "{change.campaign}" would '
                    f"go, {became}",
                    place=places.get(plain(name)) or places.get(identity),
                    help=remedy,
                )


def _places(desired: Desired | None) -> Mapping[str, Place]:
    """Where a manifest names its recipients, by name or id."""
    references = desired.references if desired else ()
    return {plain(one.name or one.id or ""): one.place for one in references}


def _became(identity: str, name: str, living: Sequence[Named], *, alone: bool) -> str:
    """Say what became of a list or segment since it was planned; empty if it is what it was."""
    now = next((one.name for one in living if one.id == identity), None)
    if now is None:
        return "was deleted"
    if name and not same_name(now, name):
        return f'is called "{now}" now'
    if alone and any(one.id != identity and same_name(one.name, name) for one in living):
        return "is not the only one of that name any more"
    return ""
