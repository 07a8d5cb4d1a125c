"""What is checked on a file's text before any YAML parser sees it.

Bytes become text, size and nesting are bounded, and what a reviewer cannot see is refused. The
bounds come first because C parsers crash on deep nesting (probe: 30,000 brackets).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.unseen import ODD_INDENT, code_point

MAX_BYTES = 1024 * 1024
"""The largest file read: 1 MiB of UTF-8."""

MAX_DEPTH = 32
"""How many collections may stand inside one another."""

MAX_ERRORS = 1_000
"""How many errors of one file are told; what is found after them is only mentioned."""

# What YAML does not allow in a file, and what is invisible or reorders the line it stands in:
# such a character may be meant, but then it must be written as an escape that a reviewer sees.
_UNSEEN = (
    r"\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f"
)
_REFUSED = (  # compiled when it is needed, which is seldom, and takes 5 ms
    rf"[^\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[{_UNSEEN}]|\r(?!\n)"
)
_BREAK = re.compile(r"\r?\n")
_DOCUMENT = re.compile(r"^---(?=[ \r\n]|\Z)", re.MULTILINE)
_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: |\Z)")
_DASHES = re.compile(r"(?:[-?] +)+")
_BRACKET = re.compile(r"[\[\]{}]")
_WIDEST = 4
"""How many bytes of UTF-8 a code point has at most."""
_MARKS = b"<=>|"
_PLAIN = (bytes(range(0x20, 0x7F)) + b"\n").translate(None, _MARKS + b"%?[{")
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_MARK = 7
"""How many characters a mark of a merge conflict has."""
_INDENTED = b" " * (MAX_DEPTH // 2)
_INDENTED_LINE = b"\n" + _INDENTED
_FEW = MAX_DEPTH // 2
"""How many collections a text can hold, beside those that its indentation shows, that is
nested too deeply by no means."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Source(NamedTuple):
    """One document's share of a file: its text and how many lines stand before it.

    `lines` are all those of the whole file, without their breaks.
    """

    file: str
    text: str
    before: int
    lines: tuple[str, ...]

    def line(self, line: int) -> str:
        """Give the text of a line counted from 0; the last one for a line beyond the end."""
        return self.lines[min(self.before + line, len(self.lines) - 1)]

    def place(self, line: int, column: int, width: int = 1) -> Place:
        """Give the place of a line and column counted from 0 within this document."""
        index = min(self.before + line, len(self.lines) - 1)
        return Place(self.file, index + 1, column + 1, width, self.lines[index])


def decode(file: str, data: bytes) -> str:
    """Give the text of a file. Raises InvalidInput CC010 where it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode().removeprefix("\ufeff")
        lines = _BREAK.split(before)
        after = re.split(rb"[\r\n]", data[error.start :], maxsplit=1)[0]
        text = lines[-1] + after.decode(errors="replace")
        place = Place(file=file, line=len(lines), column=len(lines[-1]) + 1, text=text)
        raise InvalidInput(
            Diagnostic(
                code="CC010",
                message="the file is not UTF-8",
                place=place,
                label=f"byte 0x{data[error.start]:02X} cannot stand here",
                help="save it as UTF-8"
                + (" (it looks like UTF-16)" if data.startswith(_UTF16) else ""),
            )
        ) from None


def split(file: str, text: str) -> tuple[Source, ...]:
    """Cut a file into its documents, so that an error in one does not hide those of the next.

    `---` at the start of a line begins a document wherever it stands (YAML 1.2, 9.1.2). A byte
    order mark is dropped. Raises InvalidInput CC011 if the file is larger than 1 MiB.
    """
    text = text.removeprefix("\ufeff")
    if len(text) * _WIDEST > MAX_BYTES < len(text.encode(errors="surrogatepass")):
        raise InvalidInput(too_large(file))
    lines = tuple(_BREAK.split(text) if "\r" in text else text.split("\n"))
    if "\n---" not in text:  # most files hold one document
        return (Source(file=file, text=text, before=0, lines=lines),)
    starts = [0, *(found.start() for found in _DOCUMENT.finditer(text) if found.start())]
    sources, before = [], 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        part = text[start:end]
        sources.append(Source(file=file, text=part, before=before, lines=lines))
        before += part.count("\n")
    return tuple(sources)


def too_large(file: str) -> Diagnostic:
    """Say that a file is larger than ccops reads."""
    return Diagnostic(
        code="CC011",
        message="the file is larger than 1 MiB",
        place=Place(file=file, line=1, column=1),
        help="split it: any number of files is fine",
    )


def bounded(file: str, errors: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Give the errors of a file, or the first thousand of them and a word that there are more."""
    if len(errors) <= MAX_ERRORS:
        return tuple(errors)
    more = Diagnostic(
        code="CC015",
        message=f"more than {MAX_ERRORS:,} errors in this file; the others are not shown",
        place=Place(file=file, line=1, column=1),
        help="correct these first",
    )
    return (*errors[:MAX_ERRORS], more)


def examine(source: Source) -> tuple[Diagnostic, ...]:
    """Say what in a document's text forbids parsing it: the first thousand things at least."""
    if _harmless(source.text):
        return ()
    lines = source.text.split("\n")
    checks = (_characters, _indentation, _conflict, _directives)
    found = (one for check in checks for one in check(source, lines))
    return tuple(islice(found, MAX_ERRORS + 1)) or tuple(_depth(source, lines))


def _harmless(text: str) -> bool:
    """Say at a glance that no check can refuse a text; most texts need no more than that.

    What Python calls printable is never refused (a test compares all of Unicode). Lines nest no
    deeper than they are indented, and by what opens an entry or a bracket.
    """
    unix = text.replace("\r\n", "\n") if "\r" in text else text
    data = unix.encode(errors="surrogatepass")
    rest = data.translate(None, _PLAIN)
    telling = rest.translate(None, _BEYOND_ASCII)
    return (
        rest.decode(errors="surrogatepass").isprintable()
        and (len(telling) < _MARK or sum(map(telling.count, _MARKS)) < _MARK)
        and b"%" not in telling
        and not data.startswith(_INDENTED)
        and _INDENTED_LINE not in data
        and len(telling) + data.count(b"- ") <= _FEW
    )


def _characters(source: Source, lines: list[str]) -> Iterator[Diagnostic]:
    if not re.search(_REFUSED, source.text):
        return
    for number, line in enumerate(lines):
        bad = re.search(_REFUSED, line if number == len(lines) - 1 else line + "\n")
        if bad:
            yield _character(bad.group(), source.place(number, bad.start()))


def _character(char: str, place: Place) -> Diagnostic:
    if char == "\t":
        return Diagnostic(
            code="CC008",
            message="a tab",
            place=place,
            label="YAML does not indent with tabs",
            help="use blanks; inside a text write \\t in double quotes",
        )
    return Diagnostic(
        code="CC009",
        message=f"{code_point(char)} cannot be seen in a review",
        place=place,
        help="remove it, or write it as an escape in double quotes",
    )


def _indentation(source: Source, lines: list[str]) -> Iterator[Diagnostic]:
    """Refuse what only looks like a blank where a line begins: the line then belongs elsewhere.

    In a quoted text that runs over several lines it may be meant; written as an escape it is seen.
    """
    for number, line in enumerate(lines):
        if odd := ODD_INDENT.match(line):
            column = odd.end() - 1
            yield Diagnostic(
                code="CC009",
                message=f"{code_point(line[column])} only looks like a blank",
                place=source.place(number, column),
                label=f"in the indentation, column {column + 1}",
                help="indent with ordinary blanks",
            )


def _conflict(source: Source, lines: list[str]) -> Iterator[Diagnostic]:
    marks = (number for number, line in enumerate(lines) if _CONFLICT.match(line.rstrip("\r")))
    for number in islice(marks, 1):
        yield Diagnostic(
            code="CC012",
            message="an unresolved merge conflict",
            place=source.place(number, 0, 7),
            label="git left this mark",
            help="choose what is to hold, and remove the lines with <<<<<<<, =======, >>>>>>>",
        )


def _directives(source: Source, lines: list[str]) -> Iterator[Diagnostic]:
    for number, line in enumerate(lines):
        if line.startswith("%"):
            yield Diagnostic(
                code="CC014",
                message="a YAML directive",
                place=source.place(number, 0, len(line.rstrip())),
                help="remove the line: files are always YAML 1.2; a text that begins with % needs quotes",
            )


def _depth(source: Source, lines: list[str]) -> Iterator[Diagnostic]:
    """Bound the nesting by indentation, leading dashes and open brackets, in one pass.

    Brackets inside quotes count too: 32 of them that are never closed stand in no real manifest.
    """
    indents: list[int] = []
    flow = 0
    for number, line in enumerate(lines):
        words = line.lstrip(" ")
        if not words.strip():
            continue
        indent = len(line) - len(words)
        while indents and indents[-1] >= indent:
            indents.pop()
        indents.append(indent)
        dashes = _DASHES.match(words)
        base = len(indents) + (len(dashes.group().split()) if dashes else 0)
        deepest = flow = flow if indent else 0
        for bracket in _BRACKET.findall(line):
            flow = flow + 1 if bracket in "[{" else max(0, flow - 1)
            deepest = max(deepest, flow)
        if base + deepest > MAX_DEPTH + 1:
            yield too_deep(source.place(number, indent))
            return


def too_deep(place: Place) -> Diagnostic:
    """Say that collections are nested deeper than ccops reads."""
    return Diagnostic(
        code="CC011",
        message=f"nested more than {MAX_DEPTH} deep",
        place=place,
        help="a manifest is 3 deep; is a bracket not closed?",
    )
