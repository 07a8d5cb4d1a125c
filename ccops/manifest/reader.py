"""Manifests to `Desired`: every file, every document, every mistake in one run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import ParamSpec, TypeVar

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.clock import Zone, find_zone, read_time
from ccops.manifest.document import read_documents
from ccops.manifest.names import (
    read_name,
    read_references,
    read_tags,
    read_text,
    text_of,
)
from ccops.manifest.nodes import Entries, Node, items_of, value_of
from ccops.manifest.overrides import read_overrides, read_range
from ccops.manifest.schema import Check, compile_schema, sound
from ccops.manifest.text import bounded
from ccops.manifest.unseen import noted
from ccops.model import NOW, Desired, Expect, JsonObject, SendTime

_Manifest = tuple[Desired, Place | None]
"""What a document wants, and where it names its activity."""

P = ParamSpec("P")
T = TypeVar("T")


def read_manifests(
    texts: Iterable[tuple[str, str]], *, schema: JsonObject, zone: str | None
) -> tuple[Desired, ...]:
    """Read all manifests: pairs of file name and text, in any order.

    `zone` is the workspace's IANA zone. Gives one `Desired` per document, by file name and then
    as they stand. Raises one InvalidInput with every error of every file, by file, line, column.
    """
    desired, errors = examine_manifests(texts, schema=schema, zone=zone)
    if errors:
        raise InvalidInput(*errors)
    return desired


def examine_manifests(
    texts: Iterable[tuple[str, str]], *, schema: JsonObject, zone: str | None
) -> tuple[tuple[Desired, ...], tuple[Diagnostic, ...]]:
    """Read all manifests like `read_manifests`, but return the errors.

    Unless there are no errors, the `Desired` are not all: nothing may be done with them.
    """
    judge = _Judge(schema)
    errors: list[Diagnostic] = []
    manifests: list[_Manifest] = []
    for file, text in sorted(texts):
        read = _remembered if len(text) <= _SHORT else _read
        found, wrong = read(file, text, zone, judge)
        manifests += found
        errors += wrong
    errors += _twins(manifests)
    return tuple(desired for desired, _ in manifests), in_order(errors)


class _Judge:
    """The check of a schema. Two of the same schema are equal, so that what one read, both did."""

    __slots__ = ("check", "schema")

    def __init__(self, schema: JsonObject) -> None:
        self.schema, self.check = schema, compile_schema(schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Judge) and other.schema is self.schema

    def __hash__(self) -> int:
        return id(self.schema)


def _read(
    file: str, text: str, zone: str | None, judge: _Judge
) -> tuple[tuple[_Manifest, ...], tuple[Diagnostic, ...]]:
    trees, wrong = read_documents(file, text)
    mistakes: list[Diagnostic] = [] if trees or wrong else [_empty(file)]
    manifests = [_attempt(mistakes, _manifest, tree, judge.check, zone) for tree in trees]
    return tuple(filter(None, manifests)), (*wrong, *map(noted, bounded(file, mistakes)))


# A comparison with a commit reads most files twice, and a file means the same the second time.
_remembered = lru_cache(maxsize=20_000)(_read)
_SHORT = 4_096
"""How long a text is remembered, in characters: so many of them stay below 200 MB."""


def in_order(errors: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort diagnostics by file, line and column; those without a place come first."""
    return tuple(sorted(errors, key=_rank))


def _rank(error: Diagnostic) -> tuple[str, int, int, str]:
    place = error.place or Place(file="", line=0, column=0)
    return place.file, place.line, place.column, error.code


def _attempt(
    errors: list[Diagnostic], make: Callable[P, T], *args: P.args, **named: P.kwargs
) -> T | None:
    try:
        return make(*args, **named)
    except InvalidInput as refused:
        errors += refused.diagnostics
        return None


def _empty(file: str) -> Diagnostic:
    return Diagnostic(
        code="CC122",
        message="no manifest in this file",
        place=Place(file=file, line=1, column=1),
        help="write `campaign:`, `recipients:` and `send_at:`, or delete the file",
    )


def _twins(manifests: Iterable[_Manifest]) -> list[Diagnostic]:
    """Refuse two manifests for one campaign or one activity, over all files."""
    seen: dict[tuple[str, str], Place] = {}
    twins = []
    for desired, activity_place in manifests:
        claims = [("campaign", desired.campaign, desired.place)]
        if desired.activity_id and activity_place:
            claims.append(("activity", desired.activity_id, activity_place))
        for kind, word, place in claims:
            first = seen.setdefault((kind, word), place)
            if first is not place:
                twins.append(_twin(kind, word, place, first))
    return twins


def _twin(kind: str, word: str, place: Place, first: Place) -> Diagnostic:
    return Diagnostic(
        code="CC121",
        message=f"two manifests for the {kind} `{word}`",
        place=place,
        label="again here",
        help="keep one; further sends of a campaign go under `resend_to_new_contacts`",
        also=((first, "first here"),),
    )


@dataclass(slots=True)
class _Reading:
    """The keys of one manifest, and what was found wrong with them so far."""

    entries: Entries
    errors: list[Diagnostic]

    def key(self, name: str, parse: Callable[[Node], T]) -> T | None:
        """Read one key, if it is there; what is wrong with it is noted, and hides nothing else."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        try:
            return parse(entry[1])
        except InvalidInput as refused:
            self.errors.extend(refused.diagnostics)
            return None


def _manifest(tree: Node, check: Check, zone: str | None) -> _Manifest:
    """Read each key on its own, so that one mistake does not hide another."""
    complaints = check(tree)
    broken = {one.key for one in complaints}
    errors = [one.diagnostic for one in complaints]
    entries = sound(tree, complaints, apart=_APART)
    at = _zone(entries, zone, broken, errors)
    read = _Reading(entries, errors).key
    campaign = read("campaign", read_name) or ""
    references = read("recipients", read_references) or ()
    sends = _attempt(errors, _sends, entries, at) or ()
    expect = read("expect", _expect) or _NOTHING_EXPECTED
    tags = read("tags", read_tags) or ()
    owner = read("owner", read_name)
    overrides = read("overrides", read_overrides) or ()
    activity = read("activity", text_of)
    if errors:
        raise InvalidInput(*errors)
    desired = Desired(
        campaign=campaign,
        activity_id=activity.lower() if activity else None,
        references=references,
        sends=sends,
        zone=at.name if at else next((send.zone for send in sends), "UTC"),
        expect=expect,
        tags=tags,
        owner=owner,
        overrides=overrides,
        place=entries["campaign"][1].place,
    )
    return desired, entries["activity"][1].place if activity else None


_NOTHING_EXPECTED = Expect()
_APART = frozenset({"expect"})
"""Of these each key is read by itself, and what is wrong with one hides no other."""


def _zone(
    entries: Entries, default: str | None, broken: set[str], errors: list[Diagnostic]
) -> Zone | None:
    if "timezone" in broken:
        return Zone(name="UTC")  # so that its times are still checked for all else
    if "timezone" not in entries:
        return Zone(name=default) if default else None
    node = entries["timezone"][1]
    found = _attempt(errors, find_zone, text_of(node), node.place)
    return Zone(name=found.key, place=node.place) if found else Zone(name="UTC")


def _expect(node: Node) -> Expect:
    subject, sender = value_of(node, "subject"), value_of(node, "from")
    contacts = value_of(node, "contacts")
    return Expect(
        subject=read_text(subject) if subject else None,
        from_email=read_text(sender) if sender else None,
        contacts=read_range(contacts) if contacts else None,
        place=node.place,
    )


def _sends(entries: Entries, zone: Zone | None) -> tuple[SendTime, ...]:
    """Read the declared sends: strictly ascending, `now` only first, none if `unscheduled`."""
    errors: list[Diagnostic] = []
    sends: list[SendTime] = []
    first = entries["send_at"][1] if "send_at" in entries else None
    again = entries.get("resend_to_new_contacts")
    word = text_of(first) if first else ""
    if first and word == "now":
        sends.append(SendTime(when=NOW, zone=zone.name if zone else "UTC", place=first.place))
    elif first and word != "unscheduled":
        sends += _times(errors, first, zone)
    elif first and again:
        message = "a campaign that is not scheduled cannot be sent again"
        errors.append(_misuse(message, again[0].place, "remove this, or write a time in `send_at`"))
    for item in items_of(again[1]) if again else ():
        sends += _times(errors, item, zone)
    errors += _disorder(sends)
    if errors:
        raise InvalidInput(*errors)
    return tuple(sends)


def _times(errors: list[Diagnostic], node: Node, zone: Zone | None) -> list[SendTime]:
    text = text_of(node)
    if text in {"now", "unscheduled"}:
        errors.append(_misuse(f"`{text}` stands only in `send_at`", node.place, "write a time"))
        return []
    send = _attempt(errors, read_time, text, node.place, zone)
    return [send] if send else []


def _disorder(sends: list[SendTime]) -> list[Diagnostic]:
    return [
        Diagnostic(
            code="CC119",
            message="this send is not later than the one before it",
            place=after.place,
            help="declare sends in the order in which they happen, each at its own time",
            also=((before.place, "the send before it"),),
        )
        for before, after in pairwise(sends)
        if isinstance(before.when, datetime)
        and isinstance(after.when, datetime)
        and before.when >= after.when
    ]


def _misuse(message: str, place: Place, help_: str) -> Diagnostic:
    return Diagnostic(code="CC120", message=message, place=place, help=help_)
