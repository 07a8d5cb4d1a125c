"""Diagnostics as text: what is wrong, where, why (under the carets) and what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ccops.errors import Diagnostic, Place, Severity
from ccops.render.layout import BLANK, Block, Line, Span, line, paint
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style

MOST = 100
"""So many diagnostics are shown: all that anybody reads at once, and a screen of bombs no more."""
_TAB = 4
_CONTEXT = 60
_LONGEST = 160

_MEANINGS = {
    Severity.ERROR: Meaning.ERROR,
    Severity.WARNING: Meaning.WARNING,
    Severity.NOTE: Meaning.STRONG,
}


def diagnostics_text(
    diagnostics: Sequence[Diagnostic],
    *,
    style: Style,
    width: int | None = None,
    encoding: str = "utf-8",
    plain: bool = False,
    limit: int | None = MOST,
    closing: str = "Nothing was written.",
) -> str:
    """All diagnostics, in the order given, and one line that sums up.

    At most `limit` are shown (None: all), with the number left out. `plain` gives one line for
    each, `file:line:column: error CC101: …`, for editors and screen readers. `closing` ends the
    summary of a failure: say there whether anything was written.
    """
    shown = diagnostics[:limit]
    blocks = _plainly(shown) if plain else (*_framed(shown),)
    left_out = len(diagnostics) - len(shown)
    more = (line(f"… and {left_out} more."),) if left_out else ()
    blocks = (*blocks, *more, _summary(diagnostics, closing))
    return paint(blocks, style=style, width=None if plain else width, encoding=encoding)


def _framed(diagnostics: Sequence[Diagnostic]) -> Iterator[Block]:
    for diagnostic in diagnostics:
        yield from diagnostic_blocks(diagnostic)
        yield BLANK


def _plainly(diagnostics: Sequence[Diagnostic]) -> tuple[Block, ...]:
    return tuple(line(_one_line(diagnostic), hang=None) for diagnostic in diagnostics)


def _one_line(diagnostic: Diagnostic) -> str:
    where = f"{diagnostic.place}: " if diagnostic.place else ""
    label = f" ({diagnostic.label})" if diagnostic.label else ""
    also = "".join(f"; {place}: {text}" for place, text in diagnostic.also)
    remedy = f"; help: {diagnostic.help}" if diagnostic.help else ""
    title = f"{diagnostic.severity} {diagnostic.code}: {diagnostic.message}"
    return f"{where}{title}{label}{also}{remedy}"


def _summary(diagnostics: Sequence[Diagnostic], closing: str) -> Line:
    errors = sum(one.severity is Severity.ERROR for one in diagnostics)
    warnings = sum(one.severity is Severity.WARNING for one in diagnostics)
    files = len({one.place.file for one in diagnostics if one.place})
    found = (counted(errors, "error"), counted(warnings, "warning"))
    amounts = " and ".join(text for text in found if not text.startswith("0 "))
    where = f" in {counted(files, 'file')}" if files else ""
    if errors:
        return line(Span("Failed.", Meaning.ERROR), f" {amounts}{where}. {closing}".rstrip())
    return line(f"{amounts or 'No error and no warning'}{where}.")


def diagnostic_blocks(diagnostic: Diagnostic, *notes: str) -> tuple[Block, ...]:
    """One diagnostic with its source lines; `notes` are added below its help."""
    meaning = _MEANINGS[diagnostic.severity]
    title = Span(f"{diagnostic.severity}[{diagnostic.code}]", meaning)
    marks = _marks(diagnostic, meaning)
    gutter = " " * max((len(str(mark.place.line)) for mark in marks), default=1)
    helps = (f"help: {diagnostic.help}",) if diagnostic.help else ()
    loose = tuple(mark.label for mark in marks if mark.label and not mark.place.text)
    if not marks and diagnostic.label:
        loose = (diagnostic.label,)
    tail = (*loose, *helps, *notes)
    return (
        line(title, Span(f": {diagnostic.message}", Meaning.STRONG), hang=4),
        *_frame(marks, gutter),
        *(line(Span(f"{gutter} = ", Meaning.PLACE), text, hang=len(gutter) + 9) for text in tail),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A place, its label and what underlines it: carets for the culprit, dashes for the rest."""

    place: Place
    label: str
    fill: str
    meaning: Meaning


def _marks(diagnostic: Diagnostic, meaning: Meaning) -> tuple[_Mark, ...]:
    if diagnostic.place is None:
        return ()
    culprit = _Mark(place=diagnostic.place, label=diagnostic.label, fill="^", meaning=meaning)
    others = (
        _Mark(place=place, label=label, fill="-", meaning=Meaning.PLACE)
        for place, label in diagnostic.also
    )
    return (culprit, *others)


def _frame(marks: tuple[_Mark, ...], gutter: str) -> Iterator[Line]:
    """The source lines of the culprit's file first, then those of other files."""
    for file in dict.fromkeys(mark.place.file for mark in marks):
        here = [mark for mark in marks if mark.place.file == file]
        yield line(Span(f"{gutter}--> ", Meaning.PLACE), f"{here[0].place}", hang=None)
        yield from _excerpt(sorted((one for one in here if one.place.text), key=_position), gutter)


def _position(mark: _Mark) -> tuple[int, int]:
    return mark.place.line, mark.place.column


def _excerpt(marks: Sequence[_Mark], gutter: str) -> Iterator[Line]:
    if not marks:
        return
    ruler = Span(f"{gutter} | ", Meaning.PLACE)
    yield line(ruler)
    previous = marks[0].place._replace(line=marks[0].place.line - 1, text="")
    for mark in marks:
        place = _window(mark.place)
        if place.line > previous.line + 1:
            yield line(Span("...", Meaning.PLACE))
        if (place.line, place.text) != (previous.line, previous.text):
            numbered = Span(f"{place.line:>{len(gutter)}} | ", Meaning.PLACE)
            yield line(numbered, place.text, hang=None)
        yield line(ruler, *_underlined(place, mark), hang=None)
        previous = place
    yield line(ruler)


def _window(place: Place) -> Place:
    """The place with its tabs as blanks, and a long source line cut to what surrounds it."""
    before = place.text[: place.column - 1].ljust(place.column - 1).expandtabs(_TAB)
    text = before + place.text[place.column - 1 :].expandtabs(_TAB)
    column, cut = len(before) + 1, len(before) - _CONTEXT
    if len(text) > _LONGEST and cut > 0:
        text, column = "…" + text[cut:], column - cut + 1
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return place._replace(text=text, column=column)


def _underlined(place: Place, mark: _Mark) -> tuple[Span, ...]:
    start = place.column - 1
    meant = place.text[start : start + max(place.width, 1)]
    label = f" {mark.label}" if mark.label else ""
    return (
        *((Span(place.text[:start], fill=" "),) if start else ()),
        Span(meant, mark.meaning, fill=mark.fill),
        Span(label, mark.meaning),
    )
