"""What the run tells at its end: kill points × outcome."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.processes.places import Place, Stand
from tests.processes.sequences import CASES, Case

SAME = "same"
"""Applied again, it ended like an undisturbed run, with each write in effect once."""

ASKS = "10"
"""Applied again, it wrote nothing and asked for a person: exit 10."""

LEFT_OUT = "·"
LABEL = 34

LEGEND = (
    "before, intent, …, verified: how far the write was; lost, late: its request was under way,",
    "and never arrived, or was carried out afterwards. Cells: the exit code of the struck process,",
    "if it had one, then how it ended when it was applied again: same = like an undisturbed run,",
    "with each write in effect once; 10 = nothing was written any more, and a person is asked.",
    "",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Outcomes by what befell the process, the sequence and the place; and lines of other tests."""

    told: dict[tuple[str, str, Place], Counter[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def note(self, blow: str, case: Case, place: Place, outcome: str) -> None:
        """Count one point."""
        self.told.setdefault((blow, case.name, place), Counter())[outcome] += 1

    def packed(self) -> str:
        """Write it down for another process."""
        told = [
            [blow, case, place.write, place.stand, dict(counted)]
            for (blow, case, place), counted in self.told.items()
        ]
        return json.dumps([told, self.lines])

    def take(self, packed: str) -> None:
        """Add what another process wrote down; nothing if it told nothing."""
        told, lines = json.loads(packed or "[[], []]")
        for blow, case, write, stand, counted in told:
            place = Place(write=write, stand=Stand(stand))
            self.told.setdefault((blow, case, place), Counter()).update(counted)
        self.lines.extend(lines)

    def report(self) -> Iterator[str]:
        """Give the tables, line by line; nothing if nothing was told."""
        if self.told:
            yield from LEGEND
        for blow in dict.fromkeys(blow for blow, _, _ in self.told):
            yield from self._table(blow)
            yield ""
        yield from self.lines

    def _table(self, blow: str) -> Iterator[str]:
        outcomes = sum((one for key, one in self.told.items() if key[0] == blow), Counter[str]())
        total = ", ".join(f"{outcome} ×{count}" for outcome, count in outcomes.most_common())
        rows = [("", [*Stand]), *self._rows(blow)]
        width = max(len(cell) for _, cells in rows for cell in cells) + 2
        yield f"{blow}: {outcomes.total()} points: {total}"
        for label, cells in rows:
            yield f"{label:{LABEL}}" + "".join(f"{cell:>{width}}" for cell in cells)

    def _rows(self, blow: str) -> Iterator[tuple[str, list[str]]]:
        """Give a line for each write of each sequence that was struck."""
        for case in CASES:
            for number, write in enumerate(case.writes):
                cells = [self._cell(blow, case, Place(write=number, stand=one)) for one in Stand]
                if {*cells} - {"", LEFT_OUT}:
                    yield f"{case.name}, {number + 1} {write.split()[0]}", cells

    def _cell(self, blow: str, case: Case, place: Place) -> str:
        if place.stand is Stand.BEFORE and place.write:
            return ""  # it is where the write before was verified
        counted = self.told.get((blow, case.name, place), Counter[str]())
        words = (f"{one} ×{n}" if n > 1 else one for one, n in counted.most_common())
        return ", ".join(words) or LEFT_OUT
