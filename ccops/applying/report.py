"""What an apply did: one result per change, and the exit code that follows from them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccops.errors import ExitCode
from ccops.model import Live, Step
from ccops.planning.plan import Change
from ccops.planning.resolution import Recorded


class Ending(StrEnum):
    """How one change ended.

    DONE: every write is verified. NOTHING: there was nothing (left) to do. NEEDS_PERSON: the
    verdict is one only a person can act on; nothing was written. STOPPED: known, but not as
    planned (refused by the vendor, overtaken by an edit, too late, own schedule taken back).
    UNKNOWN: a write's effect could not be established. NOT_STARTED: the run ended before it.
    """

    DONE = "done"
    NOTHING = "nothing"
    NEEDS_PERSON = "needs-person"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    NOT_STARTED = "not-started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One change's ending.

    `writes` are the requests that were sent, in order, of which `refusals` were refused for
    certain; `live` is the last state read, None (unknown) when a write that may have changed it
    was made since; `detail` says why it did not end as planned, and what to do now.
    """

    change: Change
    ending: Ending
    writes: tuple[Step, ...] = ()
    live: Live | None = None
    detail: str = ""
    refusals: int = 0
    exit_code: ExitCode | None = None
    """A cause that has a code of its own (access, throttled, stale …), for a STOPPED change."""


class Became(StrEnum):
    """What became of a write that an earlier run left open.

    TAKEN_BACK: ccops' own schedule, by which something else than approved would have been sent.
    OTHERWISE: it was sent, but not as the write asked for it, or before ccops could take it back.
    """

    TOOK_EFFECT = "took-effect"
    NO_EFFECT = "no-effect"
    TAKEN_BACK = "taken-back"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A write that an earlier run left open, and what this run found to have become of it.

    `write` is its newest line, which is closed, and when it was intended (UTC); `zone` the one in
    which the times are told.
    """

    write: Recorded
    became: Became
    zone: str


_BROKEN = frozenset({Ending.STOPPED, Ending.NOT_STARTED})
_SIGNALS = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All results, in the plan's order. `reads` and `writes` count requests made.

    `settled` are earlier runs' writes, oldest first: none of them is among the results' writes.
    `interrupted` is the exit code of what ended the run before its end: a signal, or the store.
    """

    checksum: str
    started_at: datetime
    finished_at: datetime
    results: tuple[Result, ...]
    settled: tuple[Settled, ...] = ()
    reads: int = 0
    interrupted: ExitCode | None = None

    @property
    def writes(self) -> int:
        """How many requests that change the account were sent."""
        return sum(len(result.writes) for result in self.results)

    @property
    def exit_code(self) -> ExitCode:
        """10 > 130, 143 > 8 > 7 > 6 > others (design §7)."""
        endings = {result.ending for result in self.results}
        if Ending.UNKNOWN in endings:
            return ExitCode.UNKNOWN
        if self.interrupted is not None and self.interrupted in _SIGNALS:
            return self.interrupted
        broken = bool(endings & _BROKEN)
        if broken and self.writes > sum(one.refusals for one in self.results):
            return ExitCode.PARTIAL
        ranked = (ExitCode.STALE, ExitCode.BLOCKED, *ExitCode)
        none = ExitCode.UNEXPECTED if broken else ExitCode.DONE
        causes = self._causes()
        return next((code for code in ranked if code in causes), none)

    def _causes(self) -> set[ExitCode | None]:
        causes = {one.exit_code for one in self.results if one.ending in _BROKEN}
        person = any(one.ending is Ending.NEEDS_PERSON for one in self.results)
        return causes | {self.interrupted, ExitCode.BLOCKED if person else None}
