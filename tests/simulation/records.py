"""What the simulated world remembers, for its laws and for people: effects, requests, runs."""

from dataclasses import dataclass, field
from datetime import datetime

from ccops.applying.effects import Effect, Record, SleepUntil, Write
from ccops.applying.progress import NEVER, Progress
from ccops.applying.protocol import LEASE
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.model import Live, Step
from ccops.planning.plan import Change, Plan
from ccops.ports import Halt
from tests.simulation.campaign import LIMITS
from tests.simulation.network import Fate
from tests.simulation.store import Session
from tests.simulation.vendor import START

LOUD = frozenset({Ending.STOPPED, Ending.UNKNOWN, Ending.NEEDS_PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One effect of one run, and how a write fared; or, without an effect, `words`.

    `at` is when it began, but for a write when it left.
    """

    run: int
    at: datetime
    effect: Effect | None = None
    fate: Fate | None = None
    took: bool = False
    words: str = ""

    @property
    def step(self) -> Step | None:
        """The step that was written; None for any other effect."""
        return self.effect.step if isinstance(self.effect, Write) else None

    def __str__(self) -> str:
        match self.effect:
            case None:
                words = self.words
            case Write(step=step):
                words = f"{step.method} {step.body or ''} {self.fate} took={self.took}"
            case Record(entry=entry):
                words = f"{entry.state} of {entry.step.kind} {entry.detail}"
            case SleepUntil(instant=instant, reason=reason):
                words = f"sleep to {instant:%H:%M:%S} {reason}"
            case _:
                words = type(self.effect).__name__
        who = f"run {self.run}: " if self.run else ""
        return f"{self.at:%d %H:%M:%S} {who}{words}"


@dataclass(slots=True, kw_only=True)
class Flight:
    """One request on its way: `checked_at` by the fence, `left_at` this process, `landed_at`.

    `seen_at` is the oldest moment of the reading that it rests on; `halt` the mark of a person, if
    there was one when it was checked. `takes_back`: it deletes the schedule that its own run made.
    """

    number: int
    run: int
    step: Step
    seen_at: datetime
    checked_at: datetime
    halt: Halt | None = None
    takes_back: bool = False
    landed_at: datetime | None = None
    took: bool = False


@dataclass(slots=True, kw_only=True)
class Run:
    """One apply of one process, from its lock to its exit, and the truth at its end.

    `result` is None when it had nothing to write. `answered_at` is when the last complete answer
    came, and `seen_at` the oldest moment that the last reading shows; `looks` are those
    moments of all its readings.
    """

    number: int
    plan: Plan
    session: Session
    began_at: datetime
    answered_at: datetime = NEVER
    seen_at: datetime = START
    progress: Progress | None = None
    result: Result | None = None
    exit_code: ExitCode | None = None
    died: bool = False
    refused: bool = False
    lost: bool = False
    ended_at: datetime = NEVER
    truth: Live | None = None
    mails: int = 0
    edited: bool = False
    opened: bool = False
    on_the_way: bool = False
    flights: list[Flight] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)
    frozen: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def change(self) -> Change:
        """The one change of its plan."""
        return self.plan.changes[0]

    @property
    def made_at(self) -> datetime:
        """When its plan was made."""
        return self.plan.created_at

    @property
    def ending(self) -> Ending | None:
        """How its one change ended."""
        return self.result.ending if self.result else None

    @property
    def detail(self) -> str:
        """What it says of that."""
        return self.result.detail if self.result else ""

    @property
    def well(self) -> bool:
        """Whether it ended by itself, and told its caller that all is as the plan wants it."""
        return self.exit_code is ExitCode.DONE

    @property
    def loud(self) -> bool:
        """Whether it asked for a person."""
        return self.exit_code not in {None, ExitCode.DONE}

    def gone(self, at: datetime) -> bool:
        """Whether it could do nothing before a moment.

        It was dead, or frozen over it or until so little before that no reading could be trusted
        in time, or never had the lock, or came so late that the settle time of the open write was
        not over.
        """
        dead = self.died and self.ended_at <= at
        late = self.began_at > at - LIMITS.settle - LIMITS.read_lag
        awake = at - LIMITS.read_lag - LEASE
        frozen = any(since <= at and awake <= till for since, till in self.frozen)
        return dead or late or frozen or self.refused

    def cut_off(self, since: datetime) -> bool:
        """Whether it could not look any more after a moment, or not act, and said so."""
        blind = not any(at > since for at in self.looks)
        return self.loud and (self.lost or blind)

    def __str__(self) -> str:
        code = "died" if self.died else f"exit {self.exit_code}"
        made = f"plan of {self.made_at:%H:%M:%S}"
        return (
            f"run {self.number}: {self.change.verdict} ({made}): {code} {self.ending} {self.detail}"
        )
