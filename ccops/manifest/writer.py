"""`Desired` to the canonical text of a manifest; reading it gives an equal `Desired` again."""

import re
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from ccops.manifest.clock import wall_time
from ccops.manifest.scalars import resolve
from ccops.model import NOW, Desired, Expect, RecipientKind, Reference, SendTime

_WIDTH = 88
_WIDEST = 0xFFFF
_PLAIN = re.compile(r"[^\W\d_][^\[\]{},\"'#:?]*")
# What other YAML readers (1.1) take for a truth value.
_SPEAKING = frozenset({"y", "n", "yes", "no", "on", "off"})


def write_manifest(desired: Desired, *, zone: str | None = None, schema: str | None = None) -> str:
    """Write one manifest, keys in the order of the manual.

    `zone` is the workspace's zone; the manifest's own is written only if it differs. `schema` is
    the address of the JSON Schema for the modeline that editors read. The law: `read_manifests`
    of this text with the same `zone` gives a value equal to `desired`, for each that it can give.
    """
    return "".join(f"{line}\n" for line in _lines(desired, zone, schema))


def _lines(desired: Desired, zone: str | None, schema: str | None) -> Iterator[str]:
    if schema is not None:
        yield f"# yaml-language-server: $schema={schema}"
    context = _context(desired, zone)
    first, *again = desired.sends or (None,)
    yield f"campaign: {quote(desired.campaign)}"
    yield "recipients:"
    yield from _recipients(desired)
    yield f"send_at: {_time(first, context) if first else 'unscheduled'}"
    if desired.activity_id is not None:
        yield f"activity: {desired.activity_id}"
    if context is not None and context != zone:
        yield f"timezone: {context}"
    if again:
        yield "resend_to_new_contacts:"
        yield from (f"  - {_time(send, context)}" for send in again)
    yield from _expect(desired.expect)
    if desired.tags:
        yield from _list("tags", (quote(tag) for tag in desired.tags), "")
    if desired.owner is not None:
        yield f"owner: {quote(desired.owner)}"
    if desired.overrides:
        yield "overrides:"
        for one in desired.overrides:
            yield f"  - {{guard: {one.guard}, reason: {quote(one.reason)}}}"


def _context(desired: Desired, zone: str | None) -> str | None:
    """Give the zone of the times that will name none; None if each must name its own."""
    if desired.zone == zone:
        return zone
    alike = all(send.zone == desired.zone for send in desired.sends)
    return desired.zone if alike else None


def _recipients(desired: Desired) -> Iterator[str]:
    words = [_reference(one) for one in desired.references]
    if desired.kind is RecipientKind.LISTS:
        yield from _list("lists", words, "  ")
    else:
        yield f"  segment: {words[0]}"


def _reference(one: Reference) -> str:
    return quote(one.name) if one.name is not None else f"{{id: {one.id}}}"


def _list(key: str, words: Iterable[str], indent: str) -> Iterator[str]:
    entries = list(words)
    line = f"{indent}{key}: [{', '.join(entries)}]"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"{indent}{key}:"
    yield from (f"{indent}  - {entry}" for entry in entries)


def _expect(expect: Expect) -> Iterator[str]:
    if expect == Expect():
        return
    yield "expect:"
    if expect.subject is not None:
        yield f"  subject: {quote(expect.subject)}"
    if expect.from_email is not None:
        yield f"  from: {quote(expect.from_email)}"
    if expect.contacts is not None:
        yield f"  contacts: {quote(str(expect.contacts))}"


def _time(send: SendTime, context: str | None) -> str:
    if send.when is NOW:
        return "now"
    text, alone = wall_time(send.when, send.zone)
    if not alone:
        return send.when.astimezone(ZoneInfo(send.zone)).isoformat()
    return text if send.zone == context else f"{text} {send.zone}"


def quote(text: str) -> str:
    """Write a text as a scalar of one line that every YAML reader takes for this text.

    What cannot be seen, a no-break blank for instance, is written as an escape.
    """
    known = text.casefold() in _SPEAKING or not isinstance(resolve(text), str)
    if _PLAIN.fullmatch(text) and text.isprintable() and text == text.strip() and not known:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in {'"', "\\"}:
        return f"\\{char}"
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\U{code:08x}" if code > _WIDEST else f"\\u{code:04x}"
