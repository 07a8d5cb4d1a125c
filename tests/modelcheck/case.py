"""What one case of the model check is made of: commits, bounds, and the guards in force."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import ModuleType

from ccops.model import Limits, Target
from ccops.planning.plan import Permission
from tests.modelcheck.account import TICK, target_of
from tests.modelcheck.vendor import Seen


class Law(StrEnum):
    """What must never happen."""

    TWICE = "more mails than declared sends"
    PEOPLE = "mailed to recipients that nobody declared"
    TIME = "mailed at another time than declared"
    OVERRULED = "mailed although a newer decision, finished before, wants otherwise"
    MISSED = "ended without a word, but not as if undisturbed"
    OVERLAP = "a write left while another was still under way"


class Lock(StrEnum):
    """What keeps two runs apart."""

    SESSION = "held until the process ends"
    TTL = "may end at any moment; the store then refuses to write"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What a manifest declares, in ticks."""

    audience: int
    sends: tuple[int, ...] = ()

    @property
    def target(self) -> Target:
        """The same for ccops."""
        return target_of(self.audience, self.sends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much happens: the last tick, network faults, edits, and runs of each commit.

    `freezes` counts how often a process stands still although it could act, for any time and at
    any place; a process that was killed and is not started again counts as one. `delay` is how
    many ticks a request may be under way, at most the settle time.
    """

    horizon: int
    faults: int = 1
    freezes: int = 1
    edits: int = 0
    runs: int = 2
    delay: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A guard switched off: another value for a name of ccops, while the case runs."""

    module: ModuleType
    name: str
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case.

    `commits` stand oldest first; each is applied by runs of its own. `saved`: a plan is applied
    again as it is, instead of being made anew for each run. `together`: at first every
    commit makes its plan, in either order. `prompt_writes`: no process stands
    still just before a write. `lagging`: a reading may show any state of this tick.
    `expected` is the law that must be found broken (None: none may be); `watched` are the laws
    that are looked at. `residual`: the known residual risk must be found, and nothing else.
    """

    name: str
    title: str
    start: Seen
    commits: tuple[Commit, ...]
    bounds: Bounds
    limits: Limits
    lock: Lock = Lock.SESSION
    serial: bool = True
    fence: bool = True
    saved: bool = False
    together: bool = False
    prompt_writes: bool = False
    lagging: bool = False
    permissions: tuple[Permission, ...] = ()
    off: tuple[Switch, ...] = ()
    expected: Law | None = None
    watched: frozenset[Law] = frozenset(Law)
    residual: bool = False

    @property
    def allowed(self) -> int:
        """How many mails any commit declares, beyond those there were."""
        return max(len(one.sends) for one in self.commits) - len(self.start.history)


def limits(*, lead: int, settle: int = 1, lag: int = 0) -> Limits:
    """Safety distances in ticks."""
    return replace(
        Limits(),
        lead=lead * TICK,
        freeze=lead * TICK,
        settle=settle * TICK,
        read_lag=lag * TICK,
        request_gap=timedelta(0),
    )
