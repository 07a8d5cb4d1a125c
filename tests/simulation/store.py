"""The store of the simulated world: one shelf, and a session of it for every process.

The lock is a session's. It is free when its process dies, and stays held while its process is
frozen; in some worlds it is lost while its holder lives (a time-to-live that ran out, a session
that was terminated, a failover), and then every write of the old holder fails.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Optional

from ccops.errors import Diagnostic, StoreUnavailable
from ccops.ports import Halt, JournalEntry


def unavailable(message: str) -> StoreUnavailable:
    """The store says no."""
    return StoreUnavailable(Diagnostic(code="CC702", message=message))


@dataclass(slots=True, kw_only=True)
class Shelf:
    """What lasts: journal, generations and marks, and who holds the lock.

    `guarded`: whether there is a lock, and the rule of one open write. `faults` tells what was
    done against that rule.
    """

    lines: list[JournalEntry] = field(default_factory=list)
    made_at: dict[str, datetime] = field(default_factory=dict)
    marks: dict[str, Halt] = field(default_factory=dict)
    holder: Optional["Session"] = None
    guarded: bool = True
    open: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, entry: JournalEntry) -> None:
        """Add a line; a second open write for one activity is refused, and noticed."""
        other = self.open.get(entry.activity_id, entry.write_id)
        if self.guarded and entry.state.open and other != entry.write_id:
            self.faults.append(f"{entry.write_id} beside {other}")
            raise unavailable("another write is open")
        self.lines.append(entry)
        if entry.state.open:
            self.open[entry.activity_id] = entry.write_id
        elif other == entry.write_id:
            self.open.pop(entry.activity_id, None)


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """`ports.Store` as one process has it. `failing`: the store is down from here on."""

    shelf: Shelf
    failing: bool = False

    @property
    def holding(self) -> bool:
        """Whether the lock is this session's (always, where there is none)."""
        return self.shelf.holder is self or not self.shelf.guarded

    def acquire(self) -> None:
        """Take the lock, or fail at once."""
        if self.shelf.guarded and self.shelf.holder is not None:
            raise StoreUnavailable(Diagnostic(code="CC701", message="another run holds the lock"))
        self.shelf.holder = self

    def free(self) -> None:
        """Let the lock go, or lose it; nothing if it is somebody else's."""
        if self.shelf.holder is self:
            self.shelf.holder = None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lock meanwhile."""
        self.acquire()
        try:
            yield
        finally:
            self.free()

    def _writing(self) -> Shelf:
        if self.failing or not self.holding:
            raise unavailable("the lock was lost" if not self.failing else "the disk is full")
        return self.shelf

    def fresh(self) -> bool:
        """Whether nothing was ever recorded."""
        return not self.shelf.lines

    def append(self, entry: JournalEntry) -> None:
        """Add a line."""
        self._writing().add(entry)

    def entries(self) -> tuple[JournalEntry, ...]:
        """All lines, oldest first."""
        return tuple(self.shelf.lines)

    def generations(self) -> Mapping[str, datetime]:
        """When the newest plan was made, by activity."""
        return self.shelf.made_at

    def advance(self, made_at: datetime, activities: Iterable[str]) -> None:
        """Raise the generation."""
        known = self._writing().made_at
        for one in activities:
            known[one] = max(made_at, known.get(one, made_at))

    def halts(self) -> tuple[Halt, ...]:
        """The campaigns that a person stopped."""
        return tuple(self.shelf.marks.values())

    def halt(self, *halts: Halt) -> None:
        """Mark some."""
        self._writing().marks.update({one.key: one for one in halts})

    def release(self, *keys: str) -> None:
        """Take marks away."""
        for one in keys:
            self._writing().marks.pop(one, None)
