"""Diagnostics as GitHub annotations: on the lines that they are about, worst first.

GitHub shows ten of each kind for a step, and drops the rest without a word (docs); so the last
of them says how many there are.
"""

from collections.abc import Iterator, Sequence

from ccops.errors import Diagnostic, Place, Severity
from ccops.render.escape import clip, command_property, command_text

MOST = 10
"""So many of each kind does GitHub show for one step (docs)."""

_LONGEST = 1_000
_BREAKS = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def annotations(diagnostics: Sequence[Diagnostic], *, folder: str = "") -> str:
    """The workflow commands that annotate a commit, a line each; "" for no diagnostic.

    `folder` is where the workspace lies in the repository, "" or with "/" at its end: GitHub
    wants paths from the root of the repository. They are for the log of a job, and for nothing
    else that is shown.
    """
    lines = (
        line
        for severity, kind in _KINDS.items()
        for line in _of_kind([one for one in diagnostics if one.severity is severity], kind, folder)
    )
    return "".join(f"{line}\n" for line in lines)


def mask(secret: str) -> str:
    """The workflow command after which no log of the job shows this text (docs).

    It holds the secret itself, and goes to a runner that obeys it, and nowhere else.
    """
    return f"::add-mask::{secret.translate(_BREAKS)}\n"


def _of_kind(diagnostics: Sequence[Diagnostic], kind: str, folder: str) -> Iterator[str]:
    room = MOST if len(diagnostics) <= MOST else MOST - 1
    yield from (_annotation(one, kind, folder) for one in diagnostics[:room])
    left = len(diagnostics) - room
    if left > 0:
        yield f"::{kind} title=ccops::and {left} more: see the summary of this job"


def _annotation(one: Diagnostic, kind: str, folder: str) -> str:
    title = command_property(f"ccops {one.code}")
    place = "" if one.place is None else _at(one.place, folder)
    parts = (one.message, one.label, f"To do: {one.help}" if one.help else "")
    text = "%0A".join(command_text(clip(part, _LONGEST)) for part in parts if part)
    return f"::{kind} title={title}{place}::{text}"


def _at(place: Place, folder: str) -> str:
    file = command_property(f"{folder}{place.file}")
    end = place.column + max(place.width, 1) - 1
    return f",file={file},line={place.line},col={place.column},endColumn={end}"
