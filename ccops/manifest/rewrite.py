"""Stop sends in a manifest's text: `send_at: unscheduled  # was …`. Text to text.

Nothing but what declares the stopped sends is touched: every other byte, comments and line breaks
included, stays. What comes out is read again and compared; if it does not say exactly what was
meant, it is refused, and a person writes it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.clock import wall_time
from ccops.manifest.document import FASTEST, Loader
from ccops.manifest.reader import read_manifests
from ccops.manifest.spans import Keys, Span, find_keys
from ccops.manifest.splice import Edit, edited
from ccops.model import NOW, Desired, JsonObject, SendTime

_FIRST, _FURTHER = "send_at", "resend_to_new_contacts"
_CLOSING = re.compile(r"[ ,\]}]*")
_ENTRY = re.compile(r" *-(?: |\r?\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A manifest as it was read, whose sends after the first `done` ones are to be stopped."""

    desired: Desired
    done: int

    @property
    def stopped(self) -> tuple[SendTime, ...]:
        """The sends that go."""
        return self.desired.sends[self.done :]


def stop_sends(
    file: str,
    text: str,
    stops: Iterable[Stop],
    *,
    schema: JsonObject,
    zone: str | None,
    loader: Loader = FASTEST,
) -> str:
    """Give the text of a file in which these sends are declared no more; idempotent.

    A campaign of which nothing was sent becomes `unscheduled`, and its resends become comments.
    Of one that was sent before, the resends that are still to come do; the done ones stay.

    Raises:
        InvalidInput: CC123, a manifest is not there (any more) as it was read, is written in a
            way that cannot be changed safely, or would say something else than is meant; what
            `read_manifests` says, if the file is no longer sound.
    """
    before = read_manifests([(file, text)], schema=schema, zone=zone)
    wanted = {stop.desired.campaign: stop for stop in stops}
    known = {one.campaign: one for one in before}
    for name, stop in wanted.items():
        if name not in known or not _is_either(known[name], stop):
            raise _refusal(stop.desired.place, "it was changed since it was read")
    edits = [
        edit
        for one, keys in zip(before, find_keys(file, text, loader), strict=True)
        if one.campaign in wanted
        for edit in _edits(text, keys, one, wanted[one.campaign].done)
    ]
    after = [_without(one, wanted.get(one.campaign)) for one in before]
    return _checked(file, edited(text, edits), after, schema, zone) if edits else text


def by_hand(stop: Stop) -> tuple[str, ...]:
    """Give the lines that a person writes where this module cannot."""
    words = [_in_words(send) for send in stop.stopped]
    if not words:
        return ()
    if stop.done:
        return tuple(f"# halted: - {one}" for one in words)
    first, *further = words
    again = [f"# halted: {_FURTHER}:"] if further else []
    return (
        f"{_FIRST}: unscheduled  # was {first}",
        *again,
        *(f"# halted:   - {one}" for one in further),
    )


def _in_words(send: SendTime) -> str:
    if send.when is NOW:
        return "now"
    return f"{wall_time(send.when, send.zone)[0]} {send.zone}"


def _is_either(found: Desired, stop: Stop) -> bool:
    """Whether a manifest is as it was read, or has been rewritten already."""
    return found == stop.desired or _essence(found) == _essence(_without(stop.desired, stop))


def _without(desired: Desired, stop: Stop | None) -> Desired:
    return desired if stop is None else replace(desired, sends=desired.sends[: stop.done])


def _checked(
    file: str, text: str, wanted: Sequence[Desired], schema: JsonObject, zone: str | None
) -> str:
    """Let a text pass only if it reads as wanted."""
    try:
        found = read_manifests([(file, text)], schema=schema, zone=zone)
    except InvalidInput as error:
        raise _refusal(wanted[0].place, f"it would not be sound: {error}") from None
    if [_essence(one) for one in found] != [_essence(one) for one in wanted]:
        raise _refusal(wanted[0].place, "it would not say what is meant")
    return text


def _essence(desired: Desired) -> Desired:
    """Without sends, a manifest in which no key names a zone has none to speak of."""
    return desired if desired.sends else replace(desired, zone="")


def _edits(text: str, keys: Keys, desired: Desired, done: int) -> Iterator[Edit]:
    if len(desired.sends) <= done:
        return
    if not done:
        _, first = keys.entries[_FIRST]
        yield from _unscheduled(text, first, desired.place)
    if _FURTHER in keys.entries:
        yield from _shortened(text, keys, desired.place, max(done - 1, 0))


def _unscheduled(text: str, value: Span, place: Place) -> Iterator[Edit]:
    _refuse_unless_written([value], place)
    yield Edit(value.start, value.end, "unscheduled")
    yield _remark(text, value.end, f"was {value.text}")


def _remark(text: str, at: int, words: str) -> Edit:
    """Write a comment at the end of the line of `at`, before one that stands there already.

    Where other keys follow on that line, it gets a line of its own, above.
    """
    line = text[at : _line_end(text, at)]
    closing = _CLOSING.match(line)
    shut = closing.group() if closing else ""
    rest = line[len(shut) :]
    if not rest:
        end = at + len(shut.rstrip(" "))
        return Edit(end, end, f"  # {words}")
    if rest.startswith("#"):
        end = at + len(shut)
        gap = len(shut) - len(shut.rstrip(" "))
        return Edit(end, end, f"{' ' * (2 - gap)}# {words} ")
    start = _line_start(text, at)
    return Edit(start, start, f"# {words}{_line_break(text, at)}")


def _shortened(text: str, keys: Keys, place: Place, keep: int) -> Iterator[Edit]:
    """Take the resends from number `keep` on out of the list; without any left, its key too."""
    key, value = keys.entries[_FURTHER]
    dropped = value.items[keep:]
    _refuse_unless_written(dropped, place)
    if keep and value.flow:
        yield from _cut(text, value, place, keep)
    elif keep:
        yield from _comments(text, _entry_line(text, dropped[0].start), dropped[-1].end)
    elif keys.flow:
        raise _refusal(place, f"it is written in one pair of braces, with `{_FURTHER}` in it")
    else:
        end = value.end if value.flow else dropped[-1].end
        yield from _comments(text, _line_start(text, key.start), end)


def _cut(text: str, value: Span, place: Place, keep: int) -> Iterator[Edit]:
    """Take entries out of a list in brackets, and remark behind it what they were."""
    start, end = value.items[keep - 1].end, value.items[-1].end
    if "#" in text[start:end]:
        raise _refusal(place, f"there are comments between the entries of `{_FURTHER}`")
    yield Edit(start, end, "")
    yield _remark(text, value.end, f"halted: {', '.join(one.text for one in value.items[keep:])}")


def _comments(text: str, start: int, end: int) -> Iterator[Edit]:
    """Turn the lines from `start` to the one of `end` into comments; what is one already stays."""
    while start < end:
        line = text[start : _line_end(text, start)]
        words = line.lstrip(" ")
        if words and not words.startswith("#"):
            at = start + len(line) - len(words)
            yield Edit(at, at, "# halted: ")
        start = text.find("\n", start) + 1 or len(text)


def _entry_line(text: str, at: int) -> int:
    """Give the start of the line with the dash of a list's entry, which may stand above it."""
    start = _line_start(text, at)
    while start and not _ENTRY.match(text[start : _line_end(text, start)]):
        start = _line_start(text, start - 1)
    return start


def _line_start(text: str, at: int) -> int:
    found = text.rfind("\n", 0, at) + 1
    return found or len(text) - len(text.removeprefix("\ufeff"))


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    end = len(text) if found < 0 else found
    return end - 1 if text[at:end].endswith("\r") else end


def _line_break(text: str, at: int) -> str:
    return "\r\n" if text[_line_end(text, at) :].startswith("\r\n") else "\n"


def _refuse_unless_written(values: Iterable[Span], place: Place) -> None:
    if not all(one.written for one in values):
        raise _refusal(place, "a time is written below a `|` or `>`")


def _refusal(place: Place, why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC123",
            message=f"the manifest cannot be rewritten: {why}",
            place=place,
            help="write the lines by hand",
        )
    )
