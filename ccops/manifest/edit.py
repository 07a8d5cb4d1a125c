"""Set values in an existing manifest: every other byte of its file stays. Text to text.

Comments, quotes, blank lines, line breaks and the order of keys are the author's. What comes out
is read again and compared; if it does not say exactly what is meant, it is refused, and a person
writes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import yaml

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.clock import wall_time
from ccops.manifest.comments import find_comments
from ccops.manifest.document import FASTEST, Loader, read_documents
from ccops.manifest.entries import words_of
from ccops.manifest.keys import Changes, Key, Value, set_key
from ccops.manifest.nodes import Mapping as Tree
from ccops.manifest.nodes import Node, Scalar
from ccops.manifest.reader import read_manifests
from ccops.manifest.spans import Span, find_roots
from ccops.manifest.splice import CannotSplice, Id, Word, edited, open_page
from ccops.model import NOW, Desired, JsonObject, RecipientKind, Reference, SendTime

_LISTS = frozenset({Key.LISTS, Key.RESENDS, Key.TAGS})


def set_values(
    file: str,
    text: str,
    campaign: str,
    changes: Changes,
    *,
    schema: JsonObject,
    zone: str | None,
    loader: Loader = FASTEST,
) -> str:
    """Give the text of a file in which the manifest of `campaign` has these values.

    A value keeps the quotes of the one before it; a new key stands at its standard place. A list
    keeps the entries that it goes on having; an empty one takes its key away. No comment is ever
    lost: that of an entry or key that goes stays, on a line of its own. Idempotent.

    Raises:
        InvalidInput: CC123, the manifest is not there, is written in a way in which it cannot be
            changed safely, or would not say what is meant; what `read_manifests` says, if the
            file is not sound.
    """
    before = read_manifests([(file, text)], schema=schema, zone=zone)
    number = _number(file, before, campaign)
    place = before[number].place
    meant = {key: _meant(key, changes[key]) for key in Key if key in changes}
    after = text
    for key, value in meant.items():
        try:
            page = open_page(file, after, loader)
            after = edited(after, tuple(set_key(page, page.roots[number], key, value)))
        except (CannotSplice, yaml.YAMLError) as problem:
            raise _refusal(place, str(problem)) from None
    try:
        read_manifests([(file, after)], schema=schema, zone=zone)
    except InvalidInput as error:
        raise _refusal(place, f"it would not be sound: {error}") from None
    said = _said(file, text)
    said[number] = _changed(said[number], meant)
    kept = _comments(file, text, loader) == _comments(file, after, loader)
    if _said(file, after) != said or not kept:
        raise _refusal(place, "it would not say what is meant")
    return after


def amend(
    file: str,
    text: str,
    campaign: str,
    wanted: Desired,
    *,
    schema: JsonObject,
    zone: str | None,
    loader: Loader = FASTEST,
) -> str:
    """Give the text of a file in which the manifest of `campaign` wants what `wanted` does.

    What is equal stays as it is written: an instant in whatever words, recipients in whatever
    order. New times are written in the manifest's own zone; the zones of `wanted` do not count.

    Raises:
        InvalidInput: as `set_values` does.
    """
    before = read_manifests([(file, text)], schema=schema, zone=zone)
    number = _number(file, before, campaign)
    root = tuple(find_roots(file, text, loader))[number]
    changes = dict(_differences(root, before[number], wanted, named=_unzoned(root, zone)))
    after = set_values(file, text, campaign, changes, schema=schema, zone=zone, loader=loader)
    found = read_manifests([(file, after)], schema=schema, zone=zone)[number]
    if _essence(found) != _essence(wanted):
        raise _refusal(before[number].place, "it would not say what is meant")
    return after


def _number(file: str, manifests: Sequence[Desired], campaign: str) -> int:
    for number, one in enumerate(manifests):
        if one.campaign == campaign:
            return number
    raise _refusal(Place(file=file, line=1, column=1), f"there is none for `{campaign}`")


def _meant(key: Key, value: Value) -> Value:
    """Raises TypeError for a list where none can be, and for one text where a list must be."""
    if value is not None and isinstance(value, tuple) != (key in _LISTS):
        raise TypeError(key, value)
    return None if value == () else value


def _differences(
    root: Span, old: Desired, new: Desired, *, named: bool
) -> Iterator[tuple[Key, Value]]:
    pairs: tuple[tuple[Key, str | None, str | None], ...] = (
        (Key.CAMPAIGN, old.campaign, new.campaign),
        (Key.ACTIVITY, old.activity_id, new.activity_id),
        (Key.SUBJECT, old.expect.subject, new.expect.subject),
        (Key.FROM, old.expect.from_email, new.expect.from_email),
        (Key.OWNER, old.owner, new.owner),
    )
    yield from ((key, after) for key, before, after in pairs if before != after)
    if old.tags != new.tags:
        yield Key.TAGS, new.tags
    if set(old.references) != set(new.references):
        yield _recipients(root, old, new)
    yield from _sends(root, old, new, named=named)


def _recipients(root: Span, old: Desired, new: Desired) -> tuple[Key, Value]:
    """Keep those that stay as they are written and where they are, and add the others."""
    ((_, value),) = root.entries["recipients"][1].entries.values()
    written = dict(zip(old.references, words_of(value), strict=True))
    stay = [one for one in old.references if one in new.references]
    words = [written.get(one) or _word(one) for one in dict.fromkeys([*stay, *new.references])]
    if new.kind is RecipientKind.SEGMENT:
        return Key.SEGMENT, words[0]
    return Key.LISTS, tuple(words)


def _word(one: Reference) -> Word:
    return one.name if one.name is not None else Id(id=one.id or "")


def _sends(root: Span, old: Desired, new: Desired, *, named: bool) -> Iterator[tuple[Key, Value]]:
    before, after = ([send.when for send in one.sends] for one in (old, new))
    if before == after:
        return
    again = words_of(root.entries[Key.RESENDS][1]) if Key.RESENDS in root.entries else ()
    written = dict(zip(before[1:], again, strict=True))
    if before[:1] != after[:1]:
        yield Key.SEND_AT, _time(new.sends[0], old, named=named) if after else "unscheduled"
    if before[1:] != after[1:]:
        yield (
            Key.RESENDS,
            tuple(written.get(one.when) or _time(one, old, named=named) for one in new.sends[1:]),
        )


def _unzoned(root: Span, zone: str | None) -> bool:
    """Whether each time of a manifest must name its zone."""
    return zone is None and Key.TIMEZONE not in root.entries


def _time(send: SendTime, old: Desired, *, named: bool) -> str:
    """Write a time in the manifest's zone."""
    if send.when is NOW:
        return "now"
    text, alone = wall_time(send.when, old.zone)
    if not alone:
        return send.when.astimezone(ZoneInfo(old.zone)).isoformat()
    return f"{text} {old.zone}" if named else text


def _essence(one: Desired) -> tuple[object, ...]:
    """Give what `amend` is to bring about: all but the words, order and zones."""
    sends = tuple(send.when for send in one.sends)
    return replace(one, sends=(), references=(), zone=""), sends, frozenset(one.references)


def _said(file: str, text: str) -> list[object]:
    """Give the words of every manifest of a file."""
    return [_words(tree) for tree in read_documents(file, text)[0]]


def _words(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Tree):
        return {name: _words(value) for name, (_, value) in node.entries.items()}
    return [_words(item) for item in node.items]


def _changed(said: object, changes: Changes) -> object:
    """Give the words of a manifest as they are to be."""
    root = dict(said) if isinstance(said, dict) else {}
    for key, value in changes.items():
        outer, _, inner = key.value.partition(".")
        if not inner:
            root = _with(root, outer, value)
        else:
            exclusive = key in {Key.LISTS, Key.SEGMENT}
            nested = {} if exclusive else dict(root.get(outer, {}))
            root[outer] = _with(nested, inner, value)
            root = root if root[outer] else _with(root, outer, None)
    return root


def _with(words: Mapping[str, object], name: str, value: Value) -> dict[str, object]:
    others = {key: old for key, old in words.items() if key != name}
    return others if value is None else {**others, name: _plain(value)}


def _plain(value: Value) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return {"id": value.id} if isinstance(value, Id) else value


def _comments(file: str, text: str, loader: Loader) -> list[str]:
    return [one.text.rstrip() for one in find_comments(text, tuple(find_roots(file, text, loader)))]


def _refusal(place: Place, why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC123",
            message=f"the manifest cannot be rewritten: {why}",
            place=place,
            help="write the lines by hand",
        )
    )
