"""Laws of the protocol at every point where a run can die; see tests/simulation for the rest.

What is true is told by the world; the protocol's own belief is only what is judged.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode
from ccops.model import NOW
from ccops.planning.case import completed
from ccops.planning.plan import Change
from tests.simulation.alone import Alone as World
from tests.simulation.campaign import HOUR, LIMITS, MINUTE
from tests.simulation.luck import Died, Script, dies
from tests.simulation.network import Fate
from tests.simulation.situations import situations
from tests.simulation.vendor import SECOND, START, Vendor

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
    after = world.apply(world.plan(wanted))
    assert after is None or after.ending is Ending.NOTHING, after
    assert (len(world.writes), world.open_writes()) == (made, [])
