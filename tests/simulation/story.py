"""One small history per seed: the same seed, the same story.

An activity, a manifest, perhaps a second commit, perhaps a person who halts it; processes that
overlap, are killed and started again; requests that fail in every way; people at work in the
browser. The vendor's unknowns are the seed's lowest bits, so that any 64 seeds in a row hold every
combination of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from ccops.errors import ExitCode, StoreUnavailable
from ccops.model import NOW, Target
from ccops.planning.case import completed
from ccops.planning.guards import HALTED, RESCHEDULE
from ccops.planning.plan import Permission, Plan
from ccops.ports import Halt
from tests.simulation.campaign import (
    ACTIVITY,
    HOUR,
    MINUTE,
    NAME,
    STAFF,
    target,
)
from tests.simulation.guards import Guard, limits_without, taken_away
from tests.simulation.luck import EDITS, Chance
from tests.simulation.process import applying
from tests.simulation.records import Run
from tests.simulation.situations import OLD, situations
from tests.simulation.store import Session, Shelf
from tests.simulation.vendor import SECOND, START, By, Mail, Rules, Vendor
from tests.simulation.world import Lane, World

SWITCHES = (
    "a past date is sent at once",
    "a second POST overwrites",
    "a PUT on SCHEDULED is half applied",
    "readings lag",
    "POST is answered 200",
    "POST is answered []",
)
"""What only the live API could tell, by bit of the seed; off: refused, in time, 201, a date."""
AHEAD = tuple(span * MINUTE for span in (1, 17, 20, 40, 60, 180))
"""How far away the first send is: too near, near the lead, or far."""
COMBINATIONS = 2 ** len(SWITCHES)
TRIES = 8


@dataclass(slots=True, kw_only=True)
class Story:
    """All runs of one seed, and what came of them two days later.

    `pushed` are the manifests so far, newest last.
    """

    seed: int
    name: str
    when: datetime
    world: World
    random: Random
    pushed: list[Target] = field(default_factory=list)
    halted: bool = False

    @property
    def runs(self) -> list[Run]:
        """All runs, in the order in which they began."""
        return self.world.runs

    @property
    def mails(self) -> list[Mail]:
        """All that people got."""
        return self.world.vendor.mails

    @property
    def ours(self) -> list[Mail]:
        """What people got because ccops asked for it."""
        return [one for one in self.mails if one.by is By.CCOPS]

    def __str__(self) -> str:
        on = [name for bit, name in enumerate(SWITCHES) if self.seed >> bit & 1]
        luck = self.world.luck
        heading = [
            f"seed {self.seed}: {self.name}, first asked for {self.when:%d %H:%M:%S}",
            f"switches: {', '.join(on) or 'none'}; {self.world.vendor.rules}",
            f"luck: {luck}",
            *(f"manifest: {_wanted(one)}" for one in self.pushed),
        ]
        return "\n".join(
            [*heading, self.world.story(), *map(str, self.runs), *map(str, self.mails)]
        )


def _wanted(one: Target) -> str:
    sends = ", ".join("now" if at is NOW else f"{at:%d %H:%M:%S}" for at in one.sends)
    people = one.recipients.lists if one.recipients else ()
    return f"{sends or 'unscheduled'} to {', '.join(name[:4] for name in people)}"


def story(seed: int, off: frozenset[Guard] = frozenset()) -> Story:
    """Tell the story of one seed, with some guards taken away."""
    random = Random(seed)
    when = START + random.choice(AHEAD)
    name, (live, wanted) = random.choice(list(situations(when).items()))
    luck = Chance.of(random, lagging=bool(seed >> 3 & 1))
    world = World(
        vendor=Vendor(live=live, rules=_rules(seed, random)),
        luck=luck,
        limits=limits_without(off),
        off=off,
        shelf=Shelf(guarded=Guard.LOCK not in off),
    )
    told = Story(seed=seed, name=name, when=when, world=world, random=random)
    with taken_away(off):
        world.interleave(_lanes(told, wanted))
    world.vendor.advance(START + 48 * HOUR)
    return told


def _rules(seed: int, random: Random) -> Rules:
    return Rules(
        past_date_sends=bool(seed & 1),
        second_post_overwrites=bool(seed >> 1 & 1),
        put_half_applies=bool(seed >> 2 & 1),
        answers_200=bool(seed >> 4 & 1),
        answers_nothing=bool(seed >> 5 & 1),
        sends_fail=random.random() < 0.1,
    )


# --- who is at work --------------------------------------------------------------------------


def _lanes(told: Story, wanted: Target) -> Iterator[Lane[None]]:
    """The pipelines of one or two commits, the marketer, and a person who halts."""
    random, commits = told.random, _commits(told.random, wanted)
    if told.name.endswith("again"):
        yield _one_after_the_other(told, commits, told.when + 5 * MINUTE)
    elif len(commits) > 1 and random.random() < 0.6:
        starts = sorted(_moment(told) for _ in commits)
        for commit, start in zip(commits, starts, strict=True):
            yield _pipeline(told, commit, start)
    else:
        yield _one_after_the_other(told, commits, START)
    if random.random() < 0.15:
        yield _marketer(told, _moment(told))
    if random.random() < 0.15:
        yield _halt(told, _moment(told))


def _moment(told: Story) -> datetime:
    """Close to the others, or anywhere before the send."""
    ahead = (told.when - START).total_seconds()
    span = told.random.choice((10.0, 300.0, ahead))
    return START + timedelta(seconds=told.random.random() * span)


def _commits(random: Random, wanted: Target) -> list[Target]:
    """The manifest, and sometimes a second commit that takes the send back or moves its aim.

    With resends, a second apply of the same one.
    """
    if len(wanted.sends) > 1 and OLD not in wanted.sends:
        return [wanted, wanted]
    if NOW in wanted.sends or random.random() < 0.5:
        return [wanted]
    stopped = replace(wanted, sends=wanted.sends[:-1])
    others = replace(wanted, recipients=STAFF)
    moved = replace(wanted, sends=(*wanted.sends[:-1], START + 5 * HOUR))
    return [wanted, random.choice((stopped, stopped, others, moved))]


def _one_after_the_other(told: Story, commits: Sequence[Target], second: datetime) -> Lane[None]:
    """The second commit's pipeline begins when the first one's is over, and not before a time."""
    for number, commit in enumerate(commits):
        yield from _pipeline(told, commit, second if number else START)


def _marketer(told: Story, at: datetime) -> Lane[None]:
    """Somebody is at work in the browser, at a moment of their own."""
    yield at
    told.random.choice(EDITS)(told.world)


def _pipeline(told: Story, wanted: Target, start: datetime) -> Lane[None]:
    """Plan, review, apply; again as long as somebody or something starts it again."""
    world, random = told.world, told.random
    yield max(start, world.now)
    told.pushed.append(wanted)
    planned: tuple[Plan, datetime] | None = None
    for _ in range(TRIES):
        if planned is None:
            planned = yield from world.planning(_manifest(told, wanted), _permissions(told))
            yield world.now + random.choice((0, 0, 0, 5, 120, 1200)) * SECOND
        run = world.process(planned[0])
        run.seen_at = planned[1]
        yield from applying(world, run)
        again = _again(told, run)
        if again is None:
            return
        yield world.now + again
        same = run.died and random.random() < 0.4
        planned = planned if same or run.refused else None


def _again(told: Story, run: Run) -> timedelta | None:
    """When the pipeline is started again; None: never."""
    random = told.random
    if run.died:
        return random.choice((1, 5, 20, 20, 600, 3600)) * SECOND
    if run.refused:
        return random.choice((5, 30, 300)) * SECOND
    if run.exit_code is ExitCode.STALE:
        return SECOND if random.random() < 0.7 else None
    if run.loud and random.random() < 0.5:
        return random.choice((1, 20, 300)) * SECOND
    return None


def _manifest(told: Story, wanted: Target) -> Target:
    """What a new plan is made of: its own commit, or the newest; a halt rewrites the manifest."""
    if told.random.random() < 0.5:
        wanted = told.pushed[-1]
    if told.halted and told.random.random() < 0.5:
        return replace(wanted, sends=tuple(one for one in wanted.sends if one == OLD))
    return wanted


def _permissions(told: Story) -> tuple[Permission, ...]:
    """Mostly none."""
    halted = told.halted and told.random.random() < 0.2
    rules = [HALTED] if halted else []
    if told.random.random() < 0.1:
        rules.append(RESCHEDULE)
    return tuple(Permission(rule=rule, campaign=NAME) for rule in rules)


def _halt(told: Story, at: datetime) -> Lane[None]:
    """A person marks it as halted and unschedules it, under one lock; again until that is done."""
    world, random = told.world, told.random
    yield at
    for _ in range(TRIES):
        session = Session(shelf=world.shelf)
        try:
            session.acquire()
        except StoreUnavailable:
            yield world.now + random.choice((1, 20)) * SECOND
            continue
        planned, seen_at = yield from world.planning(_marked(told, session))
        run = world.process(planned, session)
        run.seen_at = seen_at
        yield from applying(world, run, locked=True)
        if run.well:
            return
        yield world.now + random.choice((1, 20)) * SECOND


def _marked(told: Story, session: Session) -> Target:
    """Mark what is declared and not done; return a target that declares no more than was done."""
    wanted = told.pushed[-1] if told.pushed else target(told.when)
    done = len(completed(told.world.vendor.live))
    mark = Halt(
        activity_id=ACTIVITY,
        campaign=NAME,
        reason="a mistake in the subject",
        at=told.world.now,
        sends=wanted.sends[done:],
    )
    session.halt(mark)
    told.halted = True
    told.world.note(f"somebody halts it: {len(mark.sends)} sends")
    return replace(wanted, sends=wanted.sends[:done])
