"""Stories that once went wrong, and stories written by hand for what chance hardly meets."""

from datetime import datetime
from random import Random

import pytest

from ccops.applying.report import Ending
from ccops.errors import ExitCode
from ccops.model import NOW, Target
from tests.simulation.campaign import BOARD, DRAFT, HOUR, MINUTE, STRANGERS, target
from tests.simulation.guards import Guard
from tests.simulation.laws import LAWS, violations
from tests.simulation.luck import Script, changes_recipients, changes_subject, dies, sends, sleeps
from tests.simulation.network import Fate
from tests.simulation.process import applying
from tests.simulation.records import Run
from tests.simulation.residual import Residual, residuals
from tests.simulation.story import Story, story
from tests.simulation.vendor import SECOND, START, Vendor
from tests.simulation.world import Lane, World

WHEN = START + 3 * HOUR

SLEPT = "a plan for other people found it sent to the old ones, and called that nothing to do"
UNSEEN = "planned as in sync or sent while another run was at work, and not looked at again"
ADOPTED = "a POST was judged by the content that a later plan showed, not by what it rested on"
ONCE = {
    533: SLEPT,
    2665: SLEPT,
    3087: UNSEEN,
    4866: SLEPT,
    5738: UNSEEN,
    6917: UNSEEN,
    7476: UNSEEN,
    78_949: SLEPT,
    78_988: ADOPTED,
}
"""Seeds, and what they showed."""


@pytest.mark.parametrize(
    "seed", [pytest.param(one, id=f"{one}: {why}") for one, why in ONCE.items()]
)
def test_what_once_went_wrong_goes_well(seed: int) -> None:
    """Each seed tells a story that no law objects to."""
    one = story(seed)
    assert violations(one) == {}, str(one)


# --- by hand ---------------------------------------------------------------------------------


def process(world: World, wanted: Target, at: datetime) -> Lane[Run]:
    """Plan and apply at a moment, as a process of its own."""
    yield at
    plan, seen_at = yield from world.planning(wanted)
    run = world.process(plan)
    run.seen_at = seen_at
    return (yield from applying(world, run))


def told(world: World, *wanted: Target) -> Story:
    """What came of it two days later."""
    world.vendor.advance(START + 48 * HOUR)
    return Story(
        seed=0, name="by hand", when=WHEN, world=world, random=Random(0), pushed=list(wanted)
    )


def played(luck: Script, *starts: tuple[datetime, Target]) -> Story:
    """Some processes in one world, and two days."""
    world = World(vendor=Vendor(live=DRAFT), luck=luck)
    world.interleave([process(world, wanted, at) for at, wanted in starts])
    return told(world, *(wanted for _, wanted in starts))


WANTED = target(WHEN)


def test_a_run_that_lost_its_lock_takes_back_no_schedule_of_another() -> None:
    """Frozen as it was to take its own schedule back; since then others made it right.

    Each DELETE of a compensation needs the store's word, as any other write does.
    """
    luck = Script(
        before={"write 0": changes_recipients, "write 1": sleeps(3_000 * SECOND)},
        lasts=30 * SECOND,
    )
    starts = [(START + minutes * MINUTE, WANTED) for minutes in (0, 10, 20)]
    one = played(luck, *starts)
    assert one.runs[2].well
    assert violations(one) == {}, str(one)


def test_a_send_by_hand_to_others_is_not_what_the_plan_wanted() -> None:
    """Sent by hand to the old recipients just before the PUT landed: the plan's send is missing."""
    luck = Script(before={"write 0": sends}, fates={0: Fate.SEVERED}, late=MINUTE)
    world = World(vendor=Vendor(live=DRAFT), luck=luck)
    wanted = target(NOW, recipients=BOARD)
    plan, _ = world.alone(world.planning(wanted))
    world.alone(applying(world, world.process(plan)))
    world.later(MINUTE)
    again = world.alone(applying(world, world.process(plan)))
    assert again.loud
    assert violations(told(world, wanted)) == {}


def test_a_post_is_judged_by_what_it_rested_on() -> None:
    """Edited in the window, and died; the next run's plan shows the edit, and that excuses none."""
    luck = Script(before={"write 0": changes_subject, "get 2": dies})
    late = (WHEN - 10 * MINUTE, target(WHEN, recipients=BOARD))
    one = played(luck, (START, WANTED), late)
    assert [run.exit_code for run in one.runs] == [None, ExitCode.PARTIAL]
    assert (one.ours, violations(one)) == ([], {})


def test_only_one_of_two_runs_gets_the_lock() -> None:
    """The other one exits 9 at once, and writes nothing."""
    one = played(Script(), (START, WANTED), (START + SECOND, WANTED))
    assert [run.exit_code for run in one.runs] == [ExitCode.DONE, ExitCode.LOCKED]
    assert len(one.ours) == 1


def test_a_frozen_run_keeps_its_lock() -> None:
    """A session's lock has no clock: the other run waits until it thaws."""
    luck = Script(before={"write 0": sleeps(3_000 * SECOND)})
    one = played(luck, (START, WANTED), (START + 20 * MINUTE, WANTED))
    assert [run.exit_code for run in one.runs] == [ExitCode.DONE, ExitCode.LOCKED]
    assert [line.fate for line in one.world.writes] == [Fate.FENCED, Fate.FINE]
    assert violations(one) == {}


def test_a_lost_lock_ends_the_run_at_its_next_line() -> None:
    """Its request may have taken effect, so it is unknown; the next run establishes it."""
    luck = Script(before={"record 1": sleeps(60 * SECOND)}, lasts=30 * SECOND)
    one = played(luck, (START, WANTED), (START + 20 * MINUTE, WANTED))
    assert [run.exit_code for run in one.runs] == [ExitCode.UNKNOWN, ExitCode.DONE]
    assert (len(one.ours), violations(one)) == (1, {})


def test_an_older_plan_does_not_undo_a_newer_one() -> None:
    """Planned first, applied last: refused, and what the newer one decided stands."""
    world = World(vendor=Vendor(live=DRAFT))
    older = world.alone(world.planning(WANTED))[0]
    world.later(MINUTE)
    newer = world.alone(process(world, target(), world.now))
    late = world.alone(applying(world, world.process(older)))
    assert (newer.exit_code, late.exit_code) == (ExitCode.DONE, ExitCode.STALE)
    assert late.ending is Ending.STOPPED
    assert world.writes == []


# --- what is excused, and what is not ------------------------------------------------------------

EDITED = {"write 0": changes_recipients}


def test_dead_until_after_the_send_is_the_residual() -> None:
    """Edited in the window, and the process died before it could look: R1."""
    one = played(Script(before={**EDITED, "get 2": dies}), (START, WANTED))
    assert [mail.live.recipients for mail in one.ours] == [STRANGERS]
    assert list(residuals(one)) == [Residual.GONE]
    assert violations(one) == {}


def test_frozen_until_after_the_send_is_the_residual() -> None:
    """The same, and it comes back too late."""
    one = played(Script(before={**EDITED, "get 2": sleeps(4 * HOUR)}), (START, WANTED))
    assert list(residuals(one)) == [Residual.GONE]
    assert one.runs[0].exit_code is ExitCode.PARTIAL
    assert violations(one) == {}


def test_cut_off_until_after_the_send_is_the_residual_if_it_says_so() -> None:
    """It cannot read what became of its POST: exit 10, a person must look."""
    one = played(Script(before=EDITED, unread=frozenset({2})), (START, WANTED))
    assert list(residuals(one)) == [Residual.CUT_OFF]
    assert one.runs[0].exit_code is ExitCode.UNKNOWN


def test_a_run_that_is_awake_is_not_excused() -> None:
    """It looks, and takes its schedule back: nothing is sent, nothing is to be excused."""
    one = played(Script(before=EDITED), (START, WANTED))
    assert (one.ours, list(residuals(one)), violations(one)) == ([], [], {})


def test_a_run_that_believes_its_answer_is_not_excused() -> None:
    """Awake, and without a look: that is a violation, and no residual."""
    world = World(
        vendor=Vendor(live=DRAFT), luck=Script(before=EDITED), off=frozenset({Guard.VERIFY})
    )
    world.alone(process(world, WANTED, START))
    one = told(world, WANTED)
    assert "I2 sent wrong" in violations(one)
    assert list(residuals(one)) == []


def test_an_edit_after_the_schedule_stands_is_the_marketers() -> None:
    """Verified, and edited later: neither a violation nor a residual."""
    world = World(vendor=Vendor(live=DRAFT))
    world.alone(process(world, WANTED, START))
    world.later(HOUR)
    changes_subject(world)
    one = told(world, WANTED)
    assert (violations(one), list(residuals(one)), len(one.ours)) == ({}, [], 1)


def test_every_law_has_a_number_and_a_name() -> None:
    """So that a report points to one of them."""
    assert all(name[0] == "I" and name[1].isdigit() for name in LAWS)
    assert len(set(LAWS.values())) == len(LAWS)
