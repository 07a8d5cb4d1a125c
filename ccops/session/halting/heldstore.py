"""The store as one step of a longer run sees it, which holds the lock already."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from ccops.ports import Halt, JournalEntry, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStore:
    """`ports.Store` for a halt's own requests: the lock is held, and these activities are all.

    Other activities' open writes are for another run to settle: no brake may wait for them. And
    marks stay, though a halt's plan declares other sends than the mark names.
    """

    store: Store
    activities: frozenset[str]

    def lock(self) -> AbstractContextManager[None]:
        """Do nothing: the whole run holds it."""
        return nullcontext()

    def fresh(self) -> bool:
        """Whether no run has recorded anything yet."""
        return self.store.fresh()

    def append(self, entry: JournalEntry) -> None:
        """Add a line durably."""
        self.store.append(entry)

    def entries(self) -> tuple[JournalEntry, ...]:
        """The lines about these activities, oldest first."""
        return tuple(one for one in self.store.entries() if one.activity_id in self.activities)

    def generations(self) -> Mapping[str, datetime]:
        """When the newest plan was made, by activity id."""
        return self.store.generations()

    def advance(self, made_at: datetime, activities: Iterable[str]) -> None:
        """Remember a newer plan."""
        self.store.advance(made_at, activities)

    def halts(self) -> tuple[Halt, ...]:
        """The marks."""
        return self.store.halts()

    def halt(self, halt: Halt) -> None:
        """Set a mark."""
        self.store.halt(halt)

    def release(self, activity_id: str) -> None:
        """Keep the mark."""
