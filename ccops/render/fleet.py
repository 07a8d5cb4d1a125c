"""What one command did with many accounts: a line for each, and the sum."""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ccops.errors import ExitCode
from ccops.render.documents import document
from ccops.render.layout import Block, Span, Table, line, paint, sections
from ccops.render.phrases import counted, joined
from ccops.render.style import Meaning, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """How one account ended; `name` is its folder's for people, `workspace` the whole path."""

    name: str
    workspace: str
    account: str
    exit_code: ExitCode
    summary: str
    verdicts: Mapping[str, int]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetView:
    """All accounts, in the order in which they were to be done, and the exit code of all.

    `checksum` is that of the set of plans that was saved to, or applied from, `folder`; `left_out`
    are accounts that the set should cover and does not.
    """

    action: str
    lines: tuple[AccountLine, ...]
    exit_code: ExitCode
    checksum: str | None = None
    folder: str | None = None
    left_out: tuple[AccountLine, ...] = ()


def fleet_text(
    view: FleetView, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """One account a line, never cut; what a set does not cover; the sum, and how to go on from it."""
    titles = ("EXIT", "ACCOUNT", "ID", "RESULT", "WHY")
    head = tuple(Span(title, Meaning.STRONG) for title in titles)
    table = Table(rows=(head, *map(_row, view.lines)), indent=0)
    blocks: Sequence[Block] = (table,) if view.lines else ()
    parts = sections(blocks, _left_out(view), _next(view), (_sum(view),))
    return paint(parts, style=style, width=width, encoding=encoding)


def _row(one: AccountLine) -> tuple[Span, ...]:
    return (
        Span(str(int(one.exit_code)), meaning_of(one.exit_code)),
        Span(one.name, Meaning.STRONG),
        Span(one.account or "-", Meaning.DIM),
        Span(one.summary),
        Span(one.reason),
    )


def meaning_of(code: ExitCode) -> Meaning:
    """How an exit code is coloured."""
    if code is ExitCode.DONE:
        return Meaning.OK
    return Meaning.WARNING if code in {ExitCode.CHANGES, ExitCode.BLOCKED} else Meaning.ERROR


def _sum(view: FleetView) -> Block:
    codes = Counter(one.exit_code for one in view.lines)
    amounts = [f"{codes[one]:,} ended {int(one)}" for one in sorted(codes)]
    told = f"{counted(len(view.lines), 'account')}: {joined(amounts) or 'nothing to do'}."
    missing = counted(len(view.left_out), "account") if view.left_out else ""
    without = Span(f" Not in the set: {missing}.", Meaning.ERROR) if missing else ""
    return line(told, without, f" Exit {int(view.exit_code)}.")


def _left_out(view: FleetView) -> Iterator[Block]:
    """Name them where the set is applied; where it is made, a line each has told of them."""
    if view.left_out and view.action != "plan":
        words = "Not in the set, so that nothing was done: correct it, and plan again."
        yield line(Span(words, Meaning.ERROR))
        yield Table(rows=tuple(map(_row, view.left_out)))


def _next(view: FleetView) -> Iterator[Block]:
    if view.checksum is None or view.folder is None:
        return
    yield line(Span("Checksum  ", Meaning.STRONG), view.checksum, hang=None)
    if view.action == "plan":
        words = f"ccops fleet apply {shlex.quote(view.folder)} --checksum {view.checksum}"
        yield line(Span("To apply  ", Meaning.STRONG), words, hang=None)


def fleet_json(view: FleetView) -> str:
    """The same for other programs; `verdicts` are counts of campaigns."""
    return document(
        "fleet",
        {
            "action": view.action,
            "exit_code": int(view.exit_code),
            "checksum": view.checksum,
            "accounts": [_fields(one) for one in view.lines],
            "left_out": [_fields(one) for one in view.left_out],
        },
    )


def _fields(one: AccountLine) -> Mapping[str, object]:
    return {
        "name": one.name,
        "workspace": one.workspace,
        "account": one.account,
        "exit_code": int(one.exit_code),
        "summary": one.summary,
        "verdicts": dict(one.verdicts),
        "reason": one.reason,
    }
