"""Several hands without threads: who is answered next is chosen, and time is the virtual one's."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Self

from ccops.applying.driver import World
from ccops.applying.hands import Errand
from ccops.crew import Job, Outcome
from ccops.errors import Diagnostic, NoReply
from ccops.ports import Call, Reply, Send
from tests.applying.virtual_api import Api

PASSED_OVER = 4
"""How often a fair crew lets others work, or time pass, before somebody's turn."""

Choose = Callable[[int], int]
"""Choose one of so many."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as its line saw it."""

    line: int
    method: str
    path: str

    @property
    def activity(self) -> str:
        """The id in its path."""
        return self.path.removeprefix("/v3/emails/").removeprefix("activities/")[:36]


@dataclass(kw_only=True)
class Puppets:
    """A crew whose members work only when they are chosen, and an account that they work on.

    `before` is called at each look for an answer, with its number. `fair`: nobody is passed over
    for so long that a reading grows old.
    """

    api: Api
    choose: Choose
    size: int
    fair: bool = False
    started: list[str] = field(default_factory=list)
    resumed: list[bool] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    closed: bool = False
    looks: int = 0
    before: Callable[[int], object] = lambda _: None
    busy: dict[int, Job[Any]] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)

    def world(self) -> World:
        """What the driver is given."""
        hands = tuple(_Hand(puppets=self, line=line) for line in range(self.size))
        return replace(self.api.world(), hands=hands, employ=lambda _: self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody is left to be told."""

    def start(self, member: int, job: Job[Any]) -> None:
        """Take the job, and leave it for later; nobody has two, and no activity is in two."""
        assert not self.closed
        assert member not in self.busy
        errand = job.args[0]  # type: ignore[attr-defined]  # a partial
        assert isinstance(errand, Errand)
        assert errand.number == member
        assert activity_of(job) not in [activity_of(one) for one in self.busy.values()]
        self.started.append(activity_of(job))
        self.busy[member], self.since[member] = job, self.looks

    def finished(self, seconds: float | None = None) -> tuple[int, Outcome[Any]] | None:
        """Let somebody work, or time pass."""
        assert self.busy
        look, self.looks = self.looks, self.looks + 1
        self.before(look)
        oldest = min(self.busy, key=lambda member: self.since[member])
        late = self.fair and look - self.since[oldest] > PASSED_OVER
        if seconds and not late and self.choose(2):
            self.api._pass(timedelta(seconds=min(seconds, 0.5) if self.fair else seconds))
            return None
        member = oldest if late else sorted(self.busy)[self.choose(len(self.busy))]
        made = self.busy.pop(member)()
        return member, lambda: made

    def made(self, line: int, call: Call) -> Reply:
        """Make a request, and note on which line."""
        if self.closed and self.choose(2):
            # It waited for its slot until then; or else it had left before.
            raise NoReply(Diagnostic(code="CC506", message="held back"), maybe_sent=False)
        self.requests.append(Request(line=line, method=call.method, path=call.path))
        if call.method != "GET":
            self._intended(self.requests[-1].activity)
        return self.api.send(call)

    def _intended(self, activity: str) -> None:
        """A durable line says that this activity is about to be written."""
        assert activity in {one for one, _ in self.api.store.open_writes()}


def activity_of(job: Job[Any]) -> str:
    """The activity that a job is about."""
    about = job.args[1]  # type: ignore[attr-defined]  # a partial
    path = getattr(about, "path", None)
    return str(path.split("/")[3] if path else about.target.activity_id)


@dataclass(frozen=True, kw_only=True)
class _Hand:
    puppets: Puppets
    line: int

    def turn(self, *, resumes: bool = False) -> Send:
        self.puppets.resumed.append(resumes)
        return lambda call: self.puppets.made(self.line, call)

    def close(self) -> None:
        self.puppets.closed = True
