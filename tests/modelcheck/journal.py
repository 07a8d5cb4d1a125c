"""The store of the model: lines that say the same to every later run are the same journal."""

from collections.abc import Sequence
from dataclasses import replace

from ccops.planning.case import newest_lines
from ccops.ports import JournalEntry, WriteState
from tests.modelcheck.account import ACTIVITY, START

_EFFECTIVE = frozenset({WriteState.VERIFIED, WriteState.COMPENSATED})
Lines = tuple[JournalEntry, ...]


class Journals:
    """Journals by number; the empty one is 0. `timed`: when the last line was made matters."""

    def __init__(self, *, timed: bool) -> None:
        self.lines: list[Lines] = [()]
        self._numbers: dict[Lines, int] = {(): 0}
        self._after: dict[tuple[int, JournalEntry], int | None] = {}
        self._timed = timed

    def append(self, number: int, entry: JournalEntry) -> int | None:
        """The journal with one more line; None: refused, for another write is still open."""
        key = (number, entry)
        if key not in self._after:
            self._after[key] = self._appended(self.lines[number], entry)
        return self._after[key]

    def _appended(self, lines: Lines, entry: JournalEntry) -> int | None:
        if any(one.write_id != entry.write_id for one in _open(lines)):
            return None
        before = tuple(replace(one, at=START) for one in lines)
        last = replace(entry, at=entry.at if self._timed else START, detail="")
        kept = telling((*before, last))
        number = self._numbers.setdefault(kept, len(self.lines))
        if number == len(self.lines):
            self.lines.append(kept)
        return number


def _open(lines: Lines) -> list[JournalEntry]:
    """The newest lines of the writes whose effect is not established."""
    newest = {one.write_id: one for one in lines}
    return [one for one in newest.values() if one.state.open]


def telling(lines: Sequence[JournalEntry]) -> Lines:
    """The lines that a later run or plan can tell from their absence.

    Those are the last one, the last of a write that had an effect, the newest that counts, one of
    each plan; and of each write among them its newest line.
    """
    effective = [one for one in lines if one.state in _EFFECTIVE]
    counted = newest_lines(lines).get(ACTIVITY)
    newest = {one.write_id: one for one in lines}
    plans = {one.plan: one for one in lines}
    kept = [*lines[-1:], *effective[-1:], *([counted] if counted else []), *plans.values()]
    identities = {id(one) for one in (*kept, *(newest[one.write_id] for one in kept))}
    return tuple(one for one in lines if id(one) in identities)
