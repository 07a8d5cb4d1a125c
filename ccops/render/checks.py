"""One check of `ccops doctor`, as a value."""

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """How a check came out. A warning is worth knowing; a failure stops other commands."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, how it came out, what was seen and, unless it is fine, what to do."""

    title: str
    state: CheckState
    detail: str = ""
    remedy: str = ""
