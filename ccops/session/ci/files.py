"""The files through which a step speaks to its runner: the outputs, and the page of the job."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput
from ccops.render.summary import NOT_SHOWN
from ccops.render.summary_outputs import outputs_text
from ccops.session.ci.surroundings import Job

MAX_PAGE = 1024 * 1024
"""Bytes: a longer page of one step is not cut but thrown away (runner, FileCommandManager.cs)."""

PAGE = 900_000
"""Bytes that a page takes at most, so that what comes after it has room."""


def set_outputs(job: Job, values: Mapping[str, str]) -> None:
    """Set outputs of the step. Raises InvalidInput CC232: the next steps would not know of them."""
    if job.outputs is not None:
        _append(job.outputs, outputs_text(values, delimiter=f"ccops_{secrets.token_hex(16)}"))


def add_page(job: Job, page: Callable[[int], str]) -> None:
    """Add to the page of the job what `page` makes of a budget in bytes.

    Raises InvalidInput CC232.
    """
    if job.summary is None:
        return
    held = _size(job.summary)
    text = page(max(PAGE - held, 0)).rstrip() + "\n\n"
    _append(job.summary, text if held + len(text.encode()) <= MAX_PAGE else NOT_SHOWN)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _append(path: Path, text: str) -> None:
    """Add to a file; a link in its place is not followed."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        message = f"cannot write the runner's file {path}: {error.strerror}"
        raise InvalidInput(Diagnostic(code="CC232", message=message)) from error
