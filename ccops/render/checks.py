"""One check of `ccops doctor`, as a value: what is looked at, and how it came out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ccops.errors import CcopsError, Diagnostic, ExitCode


class CheckState(StrEnum):
    """How a check came out.

    A warning is worth knowing; a failure stops other commands. Skipped: it could not be made,
    because what it depends on failed.
    """

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Subject(StrEnum):
    """What `ccops doctor` looks at, in the order shown. These words stay: programs know them."""

    WORKSPACE = "workspace"
    EDITOR = "editor"
    LOGIN = "login"
    TOKEN = "token"  # noqa: S105 - the name of a check
    SCOPES = "scopes"
    ACCOUNT = "account"
    PRIVILEGES = "privileges"
    SENDERS = "senders"
    FOOTER = "footer-address"
    TIME_ZONE = "time-zone"
    CLOCK = "clock"
    ZONE_DATA = "zone-data"
    STORE = "store"
    JOURNAL = "journal"
    REQUESTS = "requests-today"
    LOCK = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, how it came out, what was seen and, unless it is fine, what to do.

    `id` is a `Subject`'s word. `code` is that of the error behind it, "" without one. A failure
    tells by `exit_code` what the process ends with, if it is the first.
    """

    id: str
    state: CheckState
    detail: str = ""
    remedy: str = ""
    code: str = ""
    exit_code: ExitCode = ExitCode.DONE

    @property
    def title(self) -> str:
        """What was looked at, as people say it."""
        return self.id.replace("-", " ")


def passed(subject: Subject, detail: str) -> Check:
    """Say that a thing is fine."""
    return Check(id=subject, state=CheckState.OK, detail=detail)


def warned(subject: Subject, detail: str, remedy: str) -> Check:
    """Say that a thing is worth a look, and that no command stops at it."""
    return Check(id=subject, state=CheckState.WARNING, detail=detail, remedy=remedy)


def failed(
    subject: Subject, detail: str, remedy: str, *, exit_code: ExitCode = ExitCode.ACCESS
) -> Check:
    """Say that a thing stands in the way."""
    return Check(
        id=subject, state=CheckState.FAILED, detail=detail, remedy=remedy, exit_code=exit_code
    )


def skipped(subject: Subject, needs: str) -> Check:
    """Say that a thing could not be looked at without what it needs."""
    return Check(id=subject, state=CheckState.SKIPPED, detail=f"not looked at: it needs {needs}")


def refused(subject: Subject, error: CcopsError) -> Check:
    """Say that looking at a thing ended with an error; several are told by the first."""
    found = told(subject, error.diagnostics)
    return replace(found, state=CheckState.FAILED, exit_code=error.exit_code)


def told(subject: Subject, diagnostics: Sequence[Diagnostic]) -> Check:
    """Say with diagnostics, of which there is one at least, what is worth a look."""
    first = diagnostics[0]
    where = f"{first.place}: " if first.place else ""
    why = f"; {first.label}" if first.label else ""
    more = f"; and {len(diagnostics) - 1:,} more" if len(diagnostics) > 1 else ""
    return Check(
        id=subject,
        state=CheckState.WARNING,
        detail=f"{where}{first.message}{why}{more}",
        remedy=first.help or f"look {first.code} up in docs/errors.md",
        code=first.code,
    )
