"""What the runs of a story wrote, and what the journal said before each write."""

from collections.abc import Iterator

from ccops.applying.effects import Record
from ccops.model import Step
from ccops.ports import WriteState
from tests.simulation.network import CERTAIN_REFUSALS, Fate
from tests.simulation.records import Happened
from tests.simulation.story import Story


def refused(line: Happened) -> bool:
    """Whether a write certainly had no effect, and the answer said so."""
    return line.fate in CERTAIN_REFUSALS or (line.fate is Fate.FINE and not line.took)


def writes(one: Story) -> Iterator[tuple[Happened, Step, Record | None]]:
    """Each write, its step, and the newest line that its run had recorded before it."""
    newest: dict[int, Record] = {}
    for line in one.world.happened:
        if isinstance(line.effect, Record):
            newest[line.run] = line.effect
        if line.step is not None:
            yield line, line.step, newest.get(line.run)


def recorded(record: Record | None) -> WriteState | None:
    """The state of a journal line, if there is one."""
    return record.entry.state if record else None
