"""A world with one process at a time: for examples, and for runs that die at every point."""

from ccops.applying.effects import Flow
from ccops.applying.progress import Progress
from ccops.applying.report import Result
from ccops.model import StepKind, Target
from ccops.planning.guards import RESCHEDULE
from ccops.planning.plan import Change, Permission
from ccops.ports import WriteState
from tests.simulation.campaign import NAME, deep, plan_of
from tests.simulation.luck import Died
from tests.simulation.process import applying, begin, follow
from tests.simulation.world import World


class Alone(World):
    """Each call plays its part to the end; only the vendor's clock goes on between them."""

    __slots__ = ()

    def plan(self, wanted: Target, *, restored: bool = False) -> Change:
        """Read the account as it is, at once, and decide."""
        live = self.vendor.shown(self.now)
        before = None if live is None else deep(live, wanted)
        return self.decided(wanted, before, _permitted(restored=restored))

    def progress(self, change: Change, *, restored: bool = False) -> Progress:
        """Begin a run over what the journal knows, with the lock."""
        run = self.process(plan_of(change, self.now, _permitted(restored=restored)))
        run.session.acquire()
        return begin(self, run)

    def play(self, flow: Flow[Result | None], _: Target) -> Result | None:
        """Answer every effect of the run that was begun last, until the flow ends."""
        return self.alone(follow(self, flow, self.runs[-1]))

    def apply(self, change: Change, *, restored: bool = False) -> Result | None:
        """Plan and apply as one process does; None: there was nothing to write.

        Raises:
            Died: the process was killed on the way.
        """
        run = self.process(plan_of(change, self.now, _permitted(restored=restored)))
        self.alone(applying(self, run))
        if run.died:
            raise Died
        return run.result


def _permitted(*, restored: bool) -> tuple[Permission, ...]:
    return (Permission(rule=RESCHEDULE, campaign=NAME),) if restored else ()


def states(world: World) -> list[WriteState]:
    """The journal's states, oldest first."""
    return [one.state for one in world.journal]


def kinds(world: World) -> list[StepKind]:
    """The kinds of all writes made, in order."""
    return [one.step.kind for one in world.happened if one.step is not None]
