"""Laws of the protocol, in thousands of hostile worlds and at every point where a run can die.

Each seed is one small history: an activity, a manifest, perhaps a second commit, runs that are
killed and started again, requests that fail in every way, people at work in the browser. What is
true is told by the world; the protocol's own belief is only what is judged.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from random import Random

import pytest

from ccops.applying.effects import Get, Record, Write
from ccops.applying.judgement import content
from ccops.applying.report import Ending, Report, Result
from ccops.errors import ExitCode
from ccops.model import NOW, Live, Recipients, SendRecord, Status, Step, StepKind, Target
from ccops.planning.plan import Change, Verdict
from ccops.ports import WriteState
from tests.applying.misfortune import Chance, Script, dies
from tests.applying.virtual_vendor import SECOND, START, By, Mail, Rules, Vendor
from tests.applying.virtual_world import (
    BOARD,
    CERTAIN_REFUSALS,
    DRAFT,
    HOUR,
    MINUTE,
    Died,
    Fate,
    World,
    scheduled,
    sent,
    target,
)

SEEDS = 3_000
OLD = START - 24 * HOUR
STAFF = Recipients(lists=("33333333-3333-3333-3333-333333333333",))
SENT = replace(DRAFT, status=Status.DONE, history=sent(OLD))
FAILED = replace(
    DRAFT,
    status=Status.ERROR,
    history=(SendRecord(ran_at=OLD, completed=False, count=0, reason=1),),
)
LOUD = frozenset({Ending.STOPPED, Ending.UNKNOWN, Ending.NEEDS_PERSON})


def situations(when: datetime) -> dict[str, tuple[Live, Target]]:
    """Every sequence that a plan can hold."""
    later = when + HOUR
    return {
        "schedule": (DRAFT, target(when)),
        "schedule for others": (DRAFT, target(when, recipients=BOARD)),
        "update a draft": (DRAFT, target(recipients=BOARD)),
        "move up": (scheduled(DRAFT, later), target(when)),
        "move back": (scheduled(DRAFT, when), target(later)),
        "update": (scheduled(DRAFT, when), target(when, recipients=BOARD)),
        "unschedule": (scheduled(DRAFT, when), target()),
        "unschedule and update": (scheduled(DRAFT, when), target(recipients=BOARD)),
        "unschedule a resend": (scheduled(SENT, when), target(OLD)),
        "resend": (SENT, target(OLD, when)),
        "resend to others": (SENT, target(OLD, when, recipients=BOARD)),
        "retry": (FAILED, target(when)),
        "now": (DRAFT, target(NOW)),
        "now to others": (DRAFT, target(NOW, recipients=BOARD)),
    }


# --- one history per seed --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One run, and the truth at its end. `result` is None when it had nothing to write."""

    change: Change
    result: Result | None
    died: bool
    mails: int
    truth: Live
    seen_to_the_end: bool
    opened: bool
    on_the_way: bool

    @property
    def ending(self) -> Ending | None:
        return self.result.ending if self.result else None

    @property
    def loud(self) -> bool:
        if self.result is None:
            return self.change.verdict.needs_person
        return self.ending in LOUD

    @property
    def detail(self) -> str:
        return self.result.detail if self.result else ""


@dataclass(slots=True, kw_only=True)
class Story:
    """All runs of one seed, and what came of them two days later."""

    seed: int
    name: str
    wanted: list[Target]
    world: World
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def mails(self) -> list[Mail]:
        return self.world.vendor.mails

    @property
    def ours(self) -> list[Mail]:
        return [one for one in self.mails if one.by is By.CCOPS]

    def __str__(self) -> str:
        ends = [f"{one.change.verdict}: {one.ending} {one.detail}" for one in self.attempts]
        heading = f"seed {self.seed}: {self.name}"
        return "\n".join([heading, self.world.story(), *ends, *map(str, self.mails)])


@cache
def stories(first: int, number: int) -> tuple[Story, ...]:
    return tuple(story(seed) for seed in range(first, first + number))


def story(seed: int) -> Story:
    random = Random(seed)
    when = START + random.choice([40 * MINUTE, HOUR, 3 * HOUR])
    name, (live, wanted) = random.choice(list(situations(when).items()))
    rules = Rules(
        past_date_sends=random.random() < 0.5,
        second_post_overwrites=random.random() < 0.5,
        put_half_applies=random.random() < 0.5,
        sends_fail=random.random() < 0.1,
    )
    world = World(vendor=Vendor(live=live, rules=rules), luck=Chance.of(random))
    found = Story(seed=seed, name=name, wanted=commits(random, wanted), world=world)
    for one in found.wanted:
        apply_until_it_ends(found, one, random)
    world.vendor.advance(START + 48 * HOUR)
    return found


def commits(random: Random, wanted: Target) -> list[Target]:
    """The manifest, and sometimes a second commit that takes the send back or moves its aim."""
    if NOW in wanted.sends or random.random() < 0.6:
        return [wanted]
    stopped = replace(wanted, sends=wanted.sends[:-1])
    return [wanted, random.choice([stopped, replace(wanted, recipients=STAFF)])]


def apply_until_it_ends(found: Story, wanted: Target, random: Random) -> None:
    """Run; a run that died is followed by one of the same plan or of a new one."""
    world, change = found.world, None
    for _ in range(8):
        if change is None or random.random() < 0.6:
            change = world.plan(wanted)
        done = attempt(world, change)
        found.attempts.append(done)
        again = done.ending in {Ending.STOPPED, Ending.UNKNOWN} and random.random() < 0.5
        if not done.died and not again:
            return
        world.later(random.choice([1, 5, 20]) * SECOND)
        change = change if done.died else None


def attempt(world: World, change: Change) -> Attempt:
    mails, died, result = len(world.vendor.mails), False, None
    try:
        result = world.apply(change)
    except Died:
        died = True
    return Attempt(
        change=change,
        result=result,
        died=died,
        mails=len(world.vendor.mails) - mails,
        truth=world.vendor.live,
        seen_to_the_end=world.vendor.edited_at < world.seen_at,
        opened=bool(world.open_writes()),
        on_the_way=bool(world.vendor.due),
    )


# --- what must never happen ------------------------------------------------------------------


def sent_twice(one: Story) -> Iterator[str]:
    """A declared send happens at most once by ccops."""
    counts = Counter(mail.when for mail in one.ours)
    yield from (f"{when} {number} times" for when, number in counts.items() if number > 1)


def sent_wrong_in_silence(one: Story) -> Iterator[str]:
    """What ccops sends is what some plan showed, or a run said loudly that it is not.

    Only an edit that came after the last reading can make it different (residual R1).
    """
    told = any(done.loud for done in one.attempts)
    seen = one.attempts[-1].seen_to_the_end
    plans = [done.change for done in one.attempts]
    for mail in one.ours:
        if seen and not told and not any(right(mail, plan) for plan in plans):
            yield f"{mail} by {plans}"


def right(mail: Mail, plan: Change) -> bool:
    """Whether this send is the one that the plan shows."""
    in_time = mail.when is NOW or mail.at == mail.when
    shown = plan.before is not None and content(mail.live) == content(plan.before)
    return in_time and shown and mail.live.recipients == plan.target.recipients


def sent_although_unwanted(one: Story) -> Iterator[str]:
    """Nothing goes out after a run that ended well and wanted nothing to go out."""
    last = one.attempts[-1]
    quiet = last.seen_to_the_end and not last.loud and not last.died
    after = one.mails[sum(done.mails for done in one.attempts) :]
    if quiet and last.change.send is None and after:
        yield f"{after}"


def lost_in_silence(one: Story) -> Iterator[str]:
    """After a run that ended well, the send that it promises happens."""
    last = one.attempts[-1]
    quiet = last.seen_to_the_end and not last.loud and not last.died
    if quiet and last.change.send is not None and not one.mails:
        yield f"{last.change.send} never came"


def done_but_different(one: Story) -> Iterator[str]:
    """DONE is said only of an account that is as the plan wants it."""
    for done in one.attempts:
        if done.ending is Ending.DONE and done.seen_to_the_end and not as_wanted(done, one.mails):
            yield f"{done.change.verdict} {done.truth}"


def as_wanted(done: Attempt, mails: list[Mail]) -> bool:
    """Whether the account, as the world knows it, is as the plan wants it."""
    change, live = done.change, done.truth
    if change.send is None:
        at_rest = live.status not in {Status.SCHEDULED, Status.EXECUTING}
        return at_rest and not done.mails
    if done.mails:
        return done.mails == 1 and any(right(mail, change) for mail in mails)
    same = change.before is not None and content(live) == content(change.before)
    people = live.recipients == change.target.recipients
    return same and people and live.schedules == (change.send,)


def open_but_known(one: Story) -> Iterator[str]:
    """A write is left open exactly if the run says that its effect is unknown."""
    for done in one.attempts:
        if not done.died and done.opened is not (done.ending is Ending.UNKNOWN):
            yield f"{done.ending}, open: {done.opened} {done.detail}"


def untrue_words(one: Story) -> Iterator[str]:
    """What a run says of a send in words is true."""
    for done in one.attempts:
        going_out = done.truth.status is Status.SCHEDULED or done.mails or done.on_the_way
        if not done.seen_to_the_end:
            continue
        if "will not be sent" in done.detail and going_out:
            yield done.detail
        if "it was sent before" in done.detail and not one.mails:
            yield done.detail


def wrote_what_nobody_planned(one: Story) -> Iterator[str]:
    """Every write is a step of its plan, or takes back ccops' own schedule."""
    for line, record, _ in writes(one):
        plan = one.attempts[line.run - 1].change
        if line.effect.step in plan.steps:
            continue
        unschedules = line.effect.step.kind is StepKind.UNSCHEDULE
        if not (unschedules and record is WriteState.COMPENSATING):
            yield str(line)


def wrote_unrecorded(one: Story) -> Iterator[str]:
    """The newest line before a write is its own intent, or the compensation that it is part of."""
    for line, record, step in writes(one):
        intended = record is WriteState.INTENT and step == line.effect.step
        if not intended and record is not WriteState.COMPENSATING:
            yield str(line)


def wrote_again_without_looking(one: Story) -> Iterator[str]:
    """Between two equal writes stands a reading."""
    last: Step | None = None
    for line in one.world.happened:
        if isinstance(line.effect, Get):
            last = None
        if isinstance(line.effect, Write):
            if line.effect.step == last:
                yield str(line)
            last = line.effect.step


def sent_now_again(one: Story) -> Iterator[str]:
    """`now` is asked for once, in all runs, unless it was refused for certain."""
    asked = [
        line
        for line in one.world.writes
        if '"0"' in (line.effect.step.body or "") and line.fate not in CERTAIN_REFUSALS
    ]
    yield from map(str, asked[1:])


def named_twice(one: Story) -> Iterator[str]:
    """Each intent has a name of its own in the journal."""
    intents = [line for line in one.world.journal if line.state is WriteState.INTENT]
    names = Counter(line.write_id for line in intents)
    yield from (name for name, number in names.items() if number > 1)


def writes(one: Story) -> Iterator[tuple["Line", WriteState | None, Step | None]]:
    """Each write, with the state and the step of the journal's newest line before it."""
    state: WriteState | None = None
    step: Step | None = None
    for line in one.world.happened:
        if isinstance(line.effect, Record):
            state, step = line.effect.entry.state, line.effect.entry.step
        if isinstance(line.effect, Write):
            yield Line(run=line.run, effect=line.effect), state, step


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A write and the run that made it."""

    run: int
    effect: Write


LAWS: tuple[Callable[[Story], Iterable[str]], ...] = (
    sent_twice,
    sent_wrong_in_silence,
    sent_although_unwanted,
    lost_in_silence,
    done_but_different,
    open_but_known,
    untrue_words,
    wrote_what_nobody_planned,
    wrote_unrecorded,
    wrote_again_without_looking,
    sent_now_again,
    named_twice,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_no_misfortune_breaks_a_law(law: Callable[[Story], Iterable[str]]) -> None:
    """Whatever fails, dies or is edited meanwhile: what must never happen does not."""
    for one in stories(0, SEEDS):
        assert list(law(one)) == [], str(one)
