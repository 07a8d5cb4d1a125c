"""Every way in which ccops says no: one root class, one exit code each.

An error holds fields, never prose made elsewhere: `ccops.render.diagnostics` turns its
diagnostics into text. A class stands for *what the user does next*, hence for one exit code.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar, NamedTuple


class ExitCode(IntEnum):
    """What a process tells its caller (design §7). Never a count."""

    DONE = 0
    UNEXPECTED = 1
    CHANGES = 2
    INVALID = 3
    ACCESS = 4
    THROTTLED = 5
    BLOCKED = 6
    STALE = 7
    PARTIAL = 8
    LOCKED = 9
    UNKNOWN = 10
    INTERRUPTED = 130
    TERMINATED = 143


class Severity(StrEnum):
    """How a diagnostic weighs: an error stops the run, a warning is shown, a note explains."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Place(NamedTuple):
    """Where something stands in a file.

    `line` and `column` count from 1, columns in Unicode code points; `width` is the number of
    code points meant; `text` is the whole source line, without its line break, for the caret.
    A tuple: of 10,000 manifests 50,000 are made, and a frozen dataclass takes twice as long.
    """

    file: str
    line: int
    column: int
    width: int = 1
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing wrong: what, where, why (`label`, under the caret) and what to do (`help`).

    `code` is stable: CC0xx YAML text, CC1xx manifest values, CC2xx workspace and usage,
    CC3xx names and account, CC4xx guards and permissions, CC5xx network and vendor,
    CC6xx plan files, CC7xx store. `also` are further places that belong to it.
    """

    code: str
    message: str
    place: Place | None = None
    label: str = ""
    help: str = ""
    severity: Severity = Severity.ERROR
    also: tuple[tuple[Place, str], ...] = ()


class CcopsError(Exception):
    """The root: whatever ccops refuses or fails at on purpose. Carries one or more diagnostics."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNEXPECTED

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return "; ".join(f"{one.code}: {one.message}" for one in self.diagnostics)


class InvalidInput(CcopsError):
    """A manifest, a configuration or the command line is wrong: correct it and run again."""

    exit_code = ExitCode.INVALID


class AccessDenied(CcopsError):
    """Login, scope, privilege or account is wrong: log in, or ask for the right."""

    exit_code = ExitCode.ACCESS


class Throttled(CcopsError):
    """Constant Contact asks for patience (`throttled`) or the day's quota is used up."""

    exit_code = ExitCode.THROTTLED


class Blocked(CcopsError):
    """A guard or a missing permission stands in the way; nothing was written."""

    exit_code = ExitCode.BLOCKED


class StalePlan(CcopsError):
    """The plan is stale, expired or not the one that was reviewed; nothing was written."""

    exit_code = ExitCode.STALE


class StoreUnavailable(CcopsError):
    """The lock is held, or the store cannot be read or written: without it nothing is sent."""

    exit_code = ExitCode.LOCKED


class VendorFault(CcopsError):
    """An answer that no part of the API's description allows. Never read as "absent"."""


class NoReply(CcopsError):
    """A request got no complete answer.

    `maybe_sent` is False only when it is certain that no byte of the request left: name
    resolution, connecting or the TLS handshake failed, or a write was held back by its lease.
    """

    def __init__(self, *diagnostics: Diagnostic, maybe_sent: bool) -> None:
        super().__init__(*diagnostics)
        self.maybe_sent = maybe_sent
