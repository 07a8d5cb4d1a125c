"""Lists and segments as manifests speak of them: by a name that means one, else by its id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ccops.errors import InvalidInput, Place
from ccops.manifest.names import read_name
from ccops.manifest.nodes import Scalar
from ccops.model import Desired, Named, RecipientKind, Recipients, Reference
from ccops.planning.names import plain

NOWHERE = Place(file="", line=1, column=1)
"""Where that stands which stands in no file yet."""
_MERGE_KEY = "<<"
"""The one name that no key of a strictly read YAML file can be, and so none of `ccops.lock`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The living lists, or the living segments, as manifests speak of them.

    `names`: by id, the name that means it alone; one without can be named only by its id. `ids`
    is the way back, by name in its composed form.
    """

    living: frozenset[str]
    names: Mapping[str, str]
    ids: Mapping[str, str]

    def meaning(self, reference: Reference) -> str:
        """The id of what is meant; "" for a name that no living object has, or several have."""
        return reference.id or self.ids.get(plain(reference.name or ""), "")


def directory(living: Iterable[Named]) -> Directory:
    """Say what each living list or segment can be called."""
    found = tuple(living)
    by_name: dict[str, list[str]] = {}
    for one in found:
        by_name.setdefault(plain(one.name), []).append(one.id)
    ids = {name: bearers[0] for name, bearers in by_name.items() if len(bearers) == 1}
    names = {bearer: name for name, bearer in ids.items() if not unwritable(name)}
    return Directory(living=frozenset(one.id for one in found), names=names, ids=ids)


def unwritable(name: str) -> str:
    """Say why no manifest, or no lock, can write a name; empty if both can."""
    text = plain(name)
    try:
        read_name(Scalar(value=text, text=text, place=NOWHERE))
    except InvalidInput as refused:
        return f"no manifest can write {refused.diagnostics[0].message}"
    return "no lock can hold the name <<" if text == _MERGE_KEY else ""


def kind_of(recipients: Recipients) -> RecipientKind:
    """Whether lists or a segment are meant; for recipients of one kind."""
    return RecipientKind.LISTS if recipients.lists else RecipientKind.SEGMENT


def references(recipients: Recipients, found: Directory) -> tuple[Reference, ...]:
    """Name each by its name, in the order of names; by its id what has none of its own."""
    kind = kind_of(recipients)
    ids = (*recipients.lists, *recipients.segments)
    named = sorted((found.names[one], one) for one in ids if one in found.names)
    others = sorted(one.lower() for one in ids if one not in found.names)
    return (
        *(Reference(kind=kind, name=name, place=NOWHERE) for name, _ in named),
        *(Reference(kind=kind, id=one, place=NOWHERE) for one in others),
    )


def dead_of(recipients: Recipients, found: Directory) -> tuple[str, ...]:
    """The ids that lead to nothing alive."""
    ids = (*recipients.lists, *recipients.segments)
    return tuple(one for one in ids if one not in found.names and one.lower() not in found.living)


def resolved(desired: Desired, found: Directory) -> Recipients | None:
    """The recipients of a manifest by id; None where a name or id leads to nothing alive."""
    ids = {found.meaning(one) for one in desired.references}
    if not ids <= found.living:
        return None
    chosen = tuple(sorted(ids))
    if desired.kind is RecipientKind.LISTS:
        return Recipients(lists=chosen)
    return Recipients(segments=chosen)
