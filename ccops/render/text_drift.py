"""A drift for the terminal: what is no drift first, then the drift, soonest send first."""

from collections.abc import Iterator

from ccops.errors import ExitCode
from ccops.planning.drift import Drift, DriftItem, DriftState
from ccops.render.drifting import (
    CALM,
    FRESH,
    PARTIAL,
    WORDING,
    ahead,
    applied,
    place,
    sides,
    title,
    totals,
    verdict,
)
from ccops.render.layout import Block, Line, Span, line, paint, sections
from ccops.render.moment import absolute
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style

_NAMES = 12
_SIDES = 10
_HANG = 4 + _NAMES


def drift_text(
    found: Drift,
    code: ExitCode,
    *,
    style: Style,
    width: int | None = None,
    encoding: str = "utf-8",
) -> str:
    """Everything that is not in sync, with the exit `code` in the last lines."""
    calm = (tuple(_calm(state, found)) for state in CALM)
    loud = (tuple(_item(one, found)) for one in (*found.drifted, *_doubts(found)))
    blocks = sections(_header(found), *calm, *loud, _end(found, code))
    return paint(blocks, style=style, width=width, encoding=encoding)


def _doubts(found: Drift) -> tuple[DriftItem, ...]:
    return found.of(DriftState.NEEDS_PERSON, DriftState.UNKNOWN)


def _header(found: Drift) -> Iterator[Block]:
    account = f"{found.account.name} · {found.account.id} · {found.zone} · {found.origin}"
    yield _headed("Account", account)
    as_of = absolute(found.as_of, zone=found.zone)
    yield _headed("As of", f"{as_of} · commit {found.commit}" if found.commit else as_of)
    if found.selection:
        yield _headed("Partial", f"only {', '.join(found.selection)}; {PARTIAL}")
    if found.fresh:
        yield _headed("Journal", FRESH)


def _headed(name: str, text: str) -> Line:
    return line(Span(f"{name:<11}", Meaning.STRONG), text, hang=11)


def _calm(state: DriftState, found: Drift) -> Iterator[Block]:
    items = found.of(state)
    if items:
        wording = WORDING[state]
        name = Span(wording.says.capitalize(), wording.meaning)
        yield line(name, f" (no drift): {wording.means}", hang=4)
    for one in items:
        remedy = "" if state is DriftState.PENDING else one.remedy
        parts = (one.reason, remedy, ahead(one, found), place(one))
        told = "; ".join(part for part in parts if part)
        yield line("  ", Span(one.campaign, Meaning.STRONG), f": {told}", hang=6)


def _item(one: DriftItem, found: Drift) -> Iterator[Block]:
    wording = WORDING[one.state]
    name = Span(one.campaign, Meaning.STRONG)
    where = Span(place(one), Meaning.DIM) if one.place else None
    yield line(Span(wording.says.upper(), wording.meaning), "  ", name, right=where)
    for field in one.fields:
        for number, (label, words) in enumerate(sides(one, field)):
            head = "" if number else field.compared
            yield _field(head, f"{label:<{_SIDES}}{words}", hang=_HANG + _SIDES)
    told = (
        ("soonest", ahead(one, found)),
        ("last write", applied(one)),
        ("found", one.reason),
        ("means", wording.means),
        ("owner", one.owner or ""),
        ("to do", one.remedy),
    )
    yield from (_field(head, text) for head, text in told if text)


def _field(name: str, text: str, *, hang: int = _HANG) -> Line:
    return line(f"    {name:<{_NAMES}}", text, hang=hang)


def _end(found: Drift, code: ExitCode) -> Iterator[Block]:
    words, meaning = title(found, code)
    yield line(Span(f"{words}.", meaning), f" {totals(found)}.")
    yield line(f"Exit code {int(code)}: {verdict(found, code)}.")
    if found.requests:
        yield line(Span(f"Made with {counted(found.requests, 'request')}.", Meaning.DIM))
