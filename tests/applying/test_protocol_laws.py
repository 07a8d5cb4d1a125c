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

from ccops.applying.effects import Get, Record
from ccops.applying.judgement import content
from ccops.applying.report import Ending, Report, Result
from ccops.errors import ExitCode
from ccops.model import NOW, Limits, Live, Recipients, SendRecord, Status, Step, StepKind, Target
from ccops.planning.case import completed
from ccops.planning.plan import Change
from ccops.ports import WriteState
from tests.applying.misfortune import Chance, Script, dies
from tests.applying.virtual_vendor import SECOND, START, By, Mail, Rules, Vendor
from tests.applying.virtual_world import (
    BOARD,
    CERTAIN_REFUSALS,
    DRAFT,
    HOUR,
    LIMITS,
    MINUTE,
    Died,
    Fate,
    Happened,
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
COMPENSATING = WriteState.COMPENSATING
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
        "now and again": (DRAFT, target(NOW, later)),
        "schedule and again": (DRAFT, target(when, later)),
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
    ended_at: datetime
    seen_at: datetime
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


def story(seed: int, limits: Limits = LIMITS) -> Story:
    random = Random(seed)
    when = START + random.choice([40 * MINUTE, HOUR, 3 * HOUR])
    name, (live, wanted) = random.choice(list(situations(when).items()))
    rules = Rules(
        past_date_sends=random.random() < 0.5,
        second_post_overwrites=random.random() < 0.5,
        put_half_applies=random.random() < 0.5,
        sends_fail=random.random() < 0.1,
    )
    vendor = Vendor(live=live, rules=rules)
    world = World(vendor=vendor, luck=Chance.of(random), limits=limits)
    found = Story(seed=seed, name=name, wanted=commits(random, wanted), world=world)
    for one in found.wanted:
        apply_until_it_ends(found, one, random)
        if name.endswith("again"):
            world.vendor.advance(when + 5 * MINUTE)
    world.vendor.advance(START + 48 * HOUR)
    return found


def commits(random: Random, wanted: Target) -> list[Target]:
    """The manifest, and sometimes a second commit that takes the send back or moves its aim.

    With resends, a second apply of the same one.
    """
    if len(wanted.sends) > 1 and OLD not in wanted.sends:
        return [wanted, wanted]
    if NOW in wanted.sends or random.random() < 0.6:
        return [wanted]
    stopped = replace(wanted, sends=wanted.sends[:-1])
    return [wanted, random.choice([stopped, replace(wanted, recipients=STAFF)])]


def apply_until_it_ends(found: Story, wanted: Target, random: Random) -> None:
    """Run; a run that died is followed by one of the same plan or of a new one."""
    world, change, planned_at = found.world, None, START
    for _ in range(8):
        if change is None or random.random() < 0.6:
            change, planned_at = world.plan(wanted), world.now
        world.seen_at = planned_at
        done = attempt(world, change)
        found.attempts.append(done)
        again = done.ending in {Ending.STOPPED, Ending.UNKNOWN} and random.random() < 0.5
        if not done.died and not again:
            return
        world.later(random.choice([1, 5, 20]) * SECOND)
        change = change if done.died else None


def attempt(world: World, change: Change) -> Attempt:
    before, died, result = len(world.vendor.mails), False, None
    try:
        result = world.apply(change)
    except Died:
        died = True
    return Attempt(
        change=change,
        result=result,
        died=died,
        mails=sum(mail.reached or mail.by is By.CCOPS for mail in world.vendor.mails[before:]),
        truth=world.vendor.live,
        ended_at=world.now,
        seen_at=world.seen_at,
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

    Only an edit that no run saw and outlived before the send can make it different (residual
    R1).
    """
    told = any(done.loud for done in one.attempts)
    plans = [done.change for done in one.attempts]
    edited_at = one.world.vendor.edited_at
    for mail in one.ours:
        ends = (done for done in one.attempts if not done.died and edited_at < done.seen_at)
        in_time = any(done.ended_at < mail.at or mail.when is NOW for done in ends)
        if in_time and not told and not any(shown(mail, plan) for plan in plans):
            yield f"{mail} by {plans}"


def shown(mail: Mail, plan: Change) -> bool:
    """Whether these people, this content and this time are what a plan shows."""
    in_time = mail.when is NOW or mail.at == mail.when
    same = plan.before is not None and content(mail.live) == content(plan.before)
    return in_time and same and mail.live.recipients == plan.target.recipients


def sent_although_unwanted(one: Story) -> Iterator[str]:
    """Nothing goes out after a run that ended well and wanted nothing to go out."""
    last = one.attempts[-1]
    quiet = last.seen_to_the_end and not last.loud and not last.died
    after = [mail for mail in one.mails if mail.at > last.ended_at]
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
    right = any(shown(mail, change) and mail.when == change.send for mail in mails)
    if done.mails or right:
        return right
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
    for line, step, record in writes(one):
        planned = step in one.attempts[line.run - 1].change.steps
        takes_back = step.kind is StepKind.UNSCHEDULE and recorded(record) is COMPENSATING
        if not planned and not takes_back:
            yield str(line)


def wrote_unrecorded(one: Story) -> Iterator[str]:
    """The newest line before a write is its own intent, or the compensation that it is part of."""
    for line, step, record in writes(one):
        intended = recorded(record) is WriteState.INTENT and record and record.entry.step == step
        if not intended and recorded(record) is not COMPENSATING:
            yield str(line)


def wrote_again_without_looking(one: Story) -> Iterator[str]:
    """Between two equal writes stands a reading."""
    last: Step | None = None
    for line in one.world.happened:
        if isinstance(line.effect, Get):
            last = None
        if line.step is not None:
            if line.step == last:
                yield str(line)
            last = line.step


def sent_now_again(one: Story) -> Iterator[str]:
    """`now` is asked for once, in all runs, unless it was refused for certain."""
    lines = [line for line, step, _ in writes(one) if '"0"' in (step.body or "")]
    yield from (
        str(line) for line in lines[1:] if not all(map(refused, lines[: lines.index(line)]))
    )


def refused(line: Happened) -> bool:
    """Whether a write certainly had no effect, and the answer said so."""
    return line.fate in CERTAIN_REFUSALS or (line.fate is Fate.FINE and not line.took)


def named_twice(one: Story) -> Iterator[str]:
    """Each intent has a name of its own in the journal."""
    intents = [line for line in one.world.journal if line.state is WriteState.INTENT]
    names = Counter(line.write_id for line in intents)
    yield from (name for name, number in names.items() if number > 1)


def writes(one: Story) -> Iterator[tuple[Happened, Step, Record | None]]:
    """Each write, its step, and the journal's newest line of its run before it."""
    record: Record | None = None
    for line in one.world.happened:
        record = line.effect if isinstance(line.effect, Record) else record
        if line.step is not None:
            same_run = record is not None and record.entry.run == f"run-{line.run}"
            taking_back = recorded(record) is COMPENSATING
            yield line, line.step, record if same_run or taking_back else None


def recorded(record: Record | None) -> WriteState | None:
    """The state of a journal line, if there is one."""
    return record.entry.state if record else None


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


def test_the_worlds_are_hostile_enough() -> None:
    """Every kind of misfortune, ending and sequence occurs, so that no law holds of nothing."""
    told = stories(0, SEEDS)
    fates = {line.fate for one in told for line in one.world.writes}
    endings = {done.ending for one in told for done in one.attempts}
    assert fates == set(Fate)
    assert endings == {*Ending, None} - {Ending.NOT_STARTED}
    assert {one.name for one in told} == set(situations(START))
    assert sum(done.died for one in told for done in one.attempts) > SEEDS // 5
    assert sum(bool(one.ours) for one in told) > SEEDS // 3
    states = {line.state for one in told for line in one.world.journal}
    assert states == set(WriteState)


def test_without_the_settle_time_laws_break() -> None:
    """The laws can see a protocol that trusts a reading too early."""
    hasty = replace(LIMITS, settle=timedelta(0))
    told = (story(seed, hasty) for seed in range(1_500))
    laws = (sent_although_unwanted, lost_in_silence)
    assert any(list(law(one)) for one in told for law in laws)


# --- a run that dies, wherever ---------------------------------------------------------------

WHEN = START + 3 * HOUR
SITUATIONS = {name: one for name, one in situations(WHEN).items() if not name.endswith("again")}
"""Those in which one plan is all that there is to do."""
SAME_PLAN = [True, False]


def outcome(world: World) -> tuple[object, ...]:
    """What people got, and the account two days later."""
    world.vendor.advance(START + 48 * HOUR)
    live = world.vendor.live
    mails = [(mail.when, mail.live.recipients, mail.live.subject) for mail in world.vendor.mails]
    return mails, live.status, live.recipients, live.schedules, len(live.history or ())


def finish(world: World, change: Change, *, same: bool) -> Result | None:
    """Run again, with the same plan or a new one, and with a new one when told that it is stale."""
    for _ in range(3):
        world.later(5 * SECOND)
        change = change if same else world.plan(change.target)
        ended = world.apply(change)
        if ended is None or ended.exit_code is not ExitCode.STALE:
            return ended
        same = False
    raise AssertionError(world.story())


def undisturbed(name: str) -> tuple[int, tuple[object, ...]]:
    live, wanted = SITUATIONS[name]
    luck = Script()
    world = World(vendor=Vendor(live=live), luck=luck)
    ended = world.apply(world.plan(wanted))
    assert ended is not None
    assert ended.ending is Ending.DONE
    return luck.counts["effect"], outcome(world)


def disturbed(name: str, luck: Script) -> tuple[World, Change]:
    live, wanted = SITUATIONS[name]
    world = World(vendor=Vendor(live=live), luck=luck)
    change = world.plan(wanted)
    with pytest.raises(Died):
        world.apply(change)
    return world, change


@pytest.mark.parametrize("same", SAME_PLAN, ids=["the same plan", "a new plan"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_dying_before_any_effect_changes_nothing_in_the_end(name: str, same: bool) -> None:
    """Killed anywhere and started again: the same sends as undisturbed; of `now`, or unknown."""
    effects, expected = undisturbed(name)
    for number in range(effects):
        world, change = disturbed(name, Script(before={f"effect {number}": dies}))
        ended = finish(world, change, same=same)
        unknown = ended is not None and ended.ending is Ending.UNKNOWN
        assert (unknown and NOW in change.target.sends) or outcome(world) == expected, world.story()
        assert bool(world.open_writes()) is unknown


@pytest.mark.parametrize("same", SAME_PLAN, ids=["the same plan", "a new plan"])
@pytest.mark.parametrize("name", ["update", "resend to others"])
def test_dying_twice_changes_nothing_either(name: str, same: bool) -> None:
    """The run that recovers can die too, wherever."""
    effects, expected = undisturbed(name)
    for first in range(0, effects, 2):
        for second in range(first + 1, first + effects, 3):
            deaths = {f"effect {first}": dies, f"effect {second}": dies}
            world, change = disturbed(name, Script(before=deaths))
            try:
                finish(world, change, same=same)
            except Died:
                finish(world, change, same=same)
            assert outcome(world) == expected, world.story()


def severed() -> Iterator[tuple[str, int]]:
    """Every write of every sequence."""
    for name, (live, wanted) in SITUATIONS.items():
        steps = World(vendor=Vendor(live=live)).plan(wanted).steps
        yield from ((name, number) for number in range(len(steps)))


SEVERED = tuple(severed())
ARRIVALS = (SECOND, MINUTE, LIMITS.settle - SECOND)
"""When the effect of a write comes after the process that made it died."""


@pytest.mark.parametrize("same", SAME_PLAN, ids=["the same plan", "a new plan"])
@pytest.mark.parametrize(("name", "number"), SEVERED)
def test_a_write_may_arrive_after_its_process_died(name: str, number: int, same: bool) -> None:
    """The next run waits for it, and ends as if nothing had been; of `now`, or unknown."""
    _, expected = undisturbed(name)
    for late in ARRIVALS:
        luck = Script(fates={number: Fate.SEVERED}, late=late)
        world, change = disturbed(name, luck)
        ended = finish(world, change, same=same)
        unknown = ended is not None and ended.ending is Ending.UNKNOWN
        assert (unknown and NOW in change.target.sends) or outcome(world) == expected, world.story()


@pytest.mark.parametrize(
    ("name", "number"), [one for one in SEVERED if not one[0].startswith("now")]
)
def test_a_commit_that_takes_the_send_back_beats_a_late_write(name: str, number: int) -> None:
    """A write of the run that died lands after the new plan was made: still nothing is sent."""
    for late in ARRIVALS:
        world, change = disturbed(name, Script(fates={number: Fate.SEVERED}, late=late))
        done = completed(change.before) if change.before else ()
        stopped = replace(change.target, sends=change.target.sends[: len(done)])
        finish(world, replace(change, target=stopped), same=False)
        world.vendor.advance(START + 48 * HOUR)
        assert (world.vendor.mails, world.open_writes()) == ([], []), world.story()


@pytest.mark.parametrize("name", SITUATIONS)
def test_apply_twice_is_apply_once(name: str) -> None:
    """After DONE neither the saved plan nor a new one writes, and no write is open."""
    live, wanted = SITUATIONS[name]
    world = World(vendor=Vendor(live=live))
    change = world.plan(wanted)
    world.apply(change)
    made = len(world.writes)
    world.later(MINUTE)
    again = world.apply(change)
    assert again is None or again.ending is Ending.NOTHING, again
    assert not world.plan(wanted).verdict.writes
    assert world.apply(world.plan(wanted)) is None
    assert (len(world.writes), world.open_writes()) == (made, [])


def test_an_exit_code_of_zero_means_verified() -> None:
    """A report of one change ends with 0 exactly if the run ended well."""
    for one in stories(0, 500):
        for done in one.attempts:
            if done.result is None:
                continue
            report = Report(
                checksum="", started_at=START, finished_at=START, results=(done.result,)
            )
            well = done.ending in {Ending.DONE, Ending.NOTHING}
            assert (report.exit_code is ExitCode.DONE) is well
