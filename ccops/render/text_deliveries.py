"""What `ccops verify` found, for the terminal: what is well first, trouble and the verdict last."""

from collections.abc import Iterator

from ccops.errors import ExitCode
from ccops.planning.delivery import Delivery
from ccops.render.delivering import (
    WORDING,
    Verification,
    asked,
    briefly,
    legend,
    nothing,
    ran,
    totals,
    verdict,
)
from ccops.render.layout import Block, Line, Span, line, paint, sections
from ccops.render.moment import absolute
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style

_NAMES = 12
_HANG = 4 + _NAMES
_TITLES = {
    ExitCode.DONE: ("As applied.", Meaning.OK),
    ExitCode.BLOCKED: ("A person is needed.", Meaning.WARNING),
    ExitCode.UNKNOWN: ("A person must look.", Meaning.IRREVERSIBLE),
}


def deliveries_text(
    found: Verification, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """Everything that was applied, send by send, each with what it means in plain words."""
    calm = tuple(_calm(one, found) for one in found.deliveries if one.state.as_applied)
    loud = (tuple(_trouble(one, found)) for one in found.trouble)
    meanings = tuple(line(f"  {says}: {means}", hang=4) for says, means in legend(found))
    blocks = sections(_header(found), calm, meanings, *loud, _end(found))
    return paint(blocks, style=style, width=width, encoding=encoding)


def _header(found: Verification) -> Iterator[Block]:
    account = f"{found.account.name} · {found.account.id} · {found.zone} · {found.origin}"
    yield _headed("Account", account)
    yield _headed("As of", absolute(found.as_of, zone=found.zone))
    yield _headed("Since", absolute(found.since, zone=found.zone))
    if found.selection:
        yield _headed("Partial", f"only {', '.join(found.selection)}")


def _headed(title: str, text: str) -> Line:
    return line(Span(f"{title:<11}", Meaning.STRONG), text, hang=11)


def _calm(one: Delivery, found: Verification) -> Line:
    name = Span(one.campaign, Meaning.STRONG)
    told = briefly(one, zone=found.zone, now=found.as_of)
    return line(Span("=", WORDING[one.state].meaning), " ", name, f": {told}", hang=4)


def _trouble(one: Delivery, found: Verification) -> Iterator[Block]:
    wording = WORDING[one.state]
    yield line(
        Span(wording.says.upper(), wording.meaning), "  ", Span(one.campaign, Meaning.STRONG)
    )
    fields = (
        ("applied for", asked(one, zone=found.zone, now=found.as_of)),
        ("ran", ran(one, zone=found.zone)),
        ("found", one.detail),
        ("journal", one.noted),
        ("means", wording.means),
        ("to do", wording.todo),
    )
    yield from (_field(name, text) for name, text in fields if text)


def _field(name: str, text: str) -> Line:
    return line(f"    {name:<{_NAMES}}", text, hang=_HANG)


def _end(found: Verification) -> Iterator[Block]:
    if not found.deliveries:
        yield line(nothing(found))
    else:
        title, meaning = _TITLES[found.exit_code]
        yield line(Span(title, meaning), f" {totals(found)}.")
    yield line(f"Exit code {int(found.exit_code)}: {verdict(found)}.")
    if found.requests:
        yield line(Span(f"Made with {counted(found.requests, 'request')}.", Meaning.DIM))
