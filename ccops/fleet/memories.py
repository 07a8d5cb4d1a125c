"""What one account's store remembers: its journal and its halts; no login, no request."""

from dataclasses import dataclass

from ccops.planning.resolution import recorded
from ccops.ports import Halt, JournalEntry
from ccops.session.wiring import environment
from ccops.store.choice import open_memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The journal, oldest line first, and the campaigns that are halted."""

    entries: tuple[JournalEntry, ...]
    halts: tuple[Halt, ...]

    @property
    def open(self) -> tuple[JournalEntry, ...]:
        """The newest line of each write whose outcome is open, oldest write first."""
        return tuple(one.entry for one in recorded(self.entries) if one.entry.state.open)


def remembered(origin: str, account: str) -> Remembered:
    """Read the store of an account; its workspace is not needed.

    Raises:
        InvalidInput, StoreUnavailable: as `ccops.store.choice.open_memory`.
    """
    given = environment()
    with open_memory(
        given.store,
        given.state,
        origin=origin,
        account=account,
        key=f"{origin} {given.api_key}",
        run="none",
    ) as memory:
        return Remembered(entries=memory.store.entries(), halts=memory.store.halts())
