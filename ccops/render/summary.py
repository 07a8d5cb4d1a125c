"""The page of a job: what stands there beside a plan or a report."""

from collections.abc import Sequence
from typing import assert_never

from ccops.errors import Diagnostic, ExitCode
from ccops.planning.review import Likeness
from ccops.render.budget import Section, fitted
from ccops.render.escape import code
from ccops.render.outcome import MEANING

NOT_SHOWN = "_The page of this step would be too long for GitHub: it stands in the log._\n"


def trouble_markdown(title: str, diagnostics: Sequence[Diagnostic], *, budget: int) -> str:
    """Why a command was refused: each diagnostic with its place and what to do."""
    rows = tuple(_row(one) for one in diagnostics)
    return fitted((Section(head=f"## {title}\n", rows=rows, required=1),), budget)


def refused(command: str, exit_code: ExitCode) -> str:
    """The title of a page about a refusal: `ccops ci plan: blocked, or …`."""
    return f"{command}: {MEANING[exit_code]}"


def _row(one: Diagnostic) -> str:
    place = f" {code(f'{one.place.file}:{one.place.line}')}" if one.place else ""
    parts = (
        f"- **{one.severity}**{place} {code(one.message)}",
        code(one.label) if one.label else "",
        f"To do: {code(one.help)}" if one.help else "",
        code(one.code),
    )
    return "<br>".join(part for part in parts if part)


def valid_markdown(campaigns: str, files: str) -> str:
    """What `ccops ci validate` found, where nothing is wrong."""
    return f"## ccops ci validate: valid\n\n{campaigns} in {files}.\n"


def nothing_selected(
    selection: Sequence[str], deleted: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Say that nothing is selected, in one line; and what that leaves as it is."""
    words = f"No manifest matches {' and '.join(selection)}: there is nothing to do."
    return words, tuple(
        f"{one} was deleted: nothing is written for that, and what is scheduled still goes out"
        for one in deleted
    )


def nothing_markdown(selection: Sequence[str], reasons: Sequence[str], *, budget: int) -> str:
    """The same as a page."""
    which = " and ".join(map(code, selection))
    head = f"## ccops: nothing to do\n\nNo manifest matches {which}.\n"
    rows = tuple(f"- {code(one)}" for one in reasons)
    return fitted((Section(head=head, rows=rows, required=1),), budget)


def likeness(found: Likeness, number: int) -> str:
    """How a plan compares with the one that was reviewed, as a line of a page."""
    match found:
        case Likeness.SAME:
            return f"**The same as reviewed in #{number:d}.**"
        case Likeness.OTHER:
            return f"**Not the same as reviewed in #{number:d}, and no riskier.**"
        case Likeness.RISKIER:
            return f"**Riskier than what was reviewed in #{number:d}.**"
        case never:
            assert_never(never)


def run_link(url: str) -> str:
    """The line at a comment's end that leads to the run; `url` is made of checked parts."""
    return f"<sub>[All of it, with the log]({url})</sub>" if url else ""
