"""Several hands at once: the same requests for each activity, in the same order, on one line each."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby, pairwise
from random import Random
from threading import Lock
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.apply import apply_plan
from ccops.applying.report import Ending, Report
from ccops.errors import ExitCode
from ccops.model import Live, Target
from ccops.planning.plan import Plan
from ccops.ports import Call, Reply
from tests.applying.puppets import Puppets, Request
from tests.applying.test_apply_plan import plan_of
from tests.applying.virtual_api import Api, MemoryStore
from tests.simulation.campaign import HOUR, LIMITS
from tests.simulation.network import Fate
from tests.simulation.situations import situations
from tests.simulation.vendor import START, Vendor

WHEN = START + 12 * HOUR
SITUATIONS = {name: one for name, one in situations(WHEN).items() if not name.startswith("now")}
HANDS = 4

names = st.lists(st.sampled_from(sorted(SITUATIONS)), min_size=1, max_size=7)
randoms = st.randoms(use_true_random=False)
LOST = [Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LATE, Fate.REJECTED]
fates = st.dictionaries(st.integers(0, 12), st.sampled_from(LOST), max_size=4)


def of_its_own(number: int, live: Live, wanted: Target) -> tuple[Live, Target]:
    activity_id = str(UUID(int=1000 + number))
    name = f"Campaign {number}"
    live = replace(live, name=name, campaign_id=str(UUID(int=number)), activity_id=activity_id)
    return live, replace(wanted, campaign=name, activity_id=activity_id)


def account(chosen: Sequence[str], **settings: object) -> tuple[Api, Plan]:
    """An account with a store that has a memory, and the plan that is due."""
    both = [of_its_own(number, *SITUATIONS[name]) for number, name in enumerate(chosen)]
    vendors = {live.name: Vendor(live=live) for live, _ in both}
    api = Api(vendors=vendors, store=Remembering(), **settings)  # type: ignore[arg-type]  # by name
    return api, plan_of(api, *(wanted for _, wanted in both))


class LockedPuppets(Puppets):
    """The account of these is for one thread at a time."""

    guard = Lock()

    def made(self, line: int, call: Call) -> Reply:
        with self.guard:
            return super().made(line, call)


class Remembering(MemoryStore):
    """A store that other runs have used, so that none waits for what it does not know."""

    def fresh(self) -> bool:
        return False


def serially(chosen: Sequence[str], **settings: object) -> tuple[Api, Report]:
    api, plan = account(chosen, **settings)
    return api, apply_plan(plan, checksum="1", run="1", limits=LIMITS, world=api.world())


def puppets(api: Api, random: Random) -> Puppets:
    return Puppets(api=api, choose=random.randrange, size=HANDS)


def applied(crew: Puppets, plan: Plan) -> Report:
    return apply_plan(plan, checksum="1", run="1", limits=LIMITS, world=crew.world())


def each(calls: Sequence[str]) -> Mapping[str, list[str]]:
    """The requests about each campaign, in their order."""
    found: dict[str, list[str]] = {}
    for call in calls:
        number = next(word for word in call.replace("/", " ").split() if word.isdigit())
        found.setdefault(number, []).append(call)
    return found


def endings(report: Report) -> list[tuple[str, Ending, int]]:
    return [(one.change.campaign, one.ending, len(one.writes)) for one in report.results]


def state(api: Api) -> list[tuple[object, ...]]:
    lives = [one.live for one in api.vendors.values()]
    return [(one.name, one.status, one.recipients, one.schedules) for one in lives]


def writes_follow_their_reading(requests: Sequence[Request]) -> bool:
    """Whether the request before each write, on its line, read the same activity."""
    by_line = groupby(sorted(requests, key=lambda one: one.line), key=lambda one: one.line)
    pairs = [pair for _, line in by_line for pair in pairwise(line)]
    writes = [(before, one) for before, one in pairs if one.method != "GET"]
    made = sum(one.method != "GET" for one in requests)
    right = [before.method == "GET" and before.activity == one.activity for before, one in writes]
    return len(right) == made and all(right)


@given(names, randoms)
@settings(max_examples=20)
def test_whoever_is_answered_first_everything_is_done_as_by_one_hand(
    chosen: list[str], random: Random
) -> None:
    """The same requests of each activity in the same order, the same endings, the same account."""
    alone, expected = serially(chosen)
    api, plan = account(chosen)
    crew = Puppets(api=api, choose=random.randrange, size=HANDS, fair=True)
    report = applied(crew, plan)
    assert each(api.calls) == each(alone.calls)
    assert (endings(report), report.reads) == (endings(expected), expected.reads)
    assert state(api) == state(alone)
    assert writes_follow_their_reading(crew.requests)
    assert api.store.open_writes() == set()


@given(names, randoms, fates)
@settings(max_examples=30)
def test_misfortune_meets_several_hands_as_it_meets_one(
    chosen: list[str], random: Random, misfortunes: dict[int, Fate]
) -> None:
    """Whatever is lost or late: intents first, one request an activity at a time, nothing twice."""
    alone, _ = serially(chosen)
    api, plan = account(chosen, fates=misfortunes)
    crew = puppets(api, random)
    applied(crew, plan)
    assert writes_follow_their_reading(crew.requests)
    api.fates = {}
    api.sleep(LIMITS.settle.total_seconds() * 2)
    apply_plan(plan, checksum="1", run="2", limits=LIMITS, world=api.world())
    assert state(api) == state(alone)


@given(names, randoms, st.integers(0, 60), st.booleans())
@settings(max_examples=30)
def test_a_run_that_is_cut_short_waits_for_the_writes_that_left(
    chosen: list[str], random: Random, moment: int, twice: bool
) -> None:
    """No hand makes a write after the report; what was open is told as unknown, and goes on later."""
    alone, _ = serially(chosen)
    api, plan = account(chosen)
    crew = puppets(api, random)

    def interrupted(look: int) -> None:
        if look == moment or (twice and look > moment):
            raise KeyboardInterrupt

    crew.before = interrupted
    report = applied(crew, plan)
    if crew.looks > moment:
        assert report.interrupted is ExitCode.INTERRUPTED
        assert crew.closed
        ids = {one.change.target.activity_id: one.ending for one in report.results}
        assert {ids[one] for one, _ in api.store.open_writes()} <= {Ending.UNKNOWN}
    api.sleep(LIMITS.settle.total_seconds() * 2)
    apply_plan(plan, checksum="1", run="2", limits=LIMITS, world=api.world())
    assert state(api) == state(alone)


class Killed(BaseException):
    """The process is gone, without a word."""


@given(names, randoms, st.integers(0, 60))
@settings(max_examples=30)
def test_a_process_may_die_with_every_hand_full(
    chosen: list[str], random: Random, moment: int
) -> None:
    """Each request under way then is lost, or carried out after its death; the next run does the rest."""
    alone, _ = serially(chosen)
    api, plan = account(chosen)
    crew = puppets(api, random)

    def dies(look: int) -> None:
        if look == moment:
            raise Killed

    crew.before = dies
    with suppress(Killed):
        applied(crew, plan)
    for job in list(crew.busy.values()) if crew.looks > moment else []:
        if crew.choose(2):
            job()
    api.sleep(LIMITS.settle.total_seconds() / 2)
    apply_plan(plan, checksum="1", run="2", limits=LIMITS, world=api.world())
    assert state(api) == state(alone)


@given(names, randoms, st.integers(0, 30))
@settings(max_examples=20)
def test_a_store_that_fails_stops_every_hand(chosen: list[str], random: Random, line: int) -> None:
    """Nothing leaves without its line; what was under way is told, and settled by the next run."""
    alone, _ = serially(chosen)
    api, plan = account(chosen)
    api.store.fails = frozenset(range(line, 1_000))
    crew = puppets(api, random)
    report = applied(crew, plan)
    if api.store.asked > line:
        assert report.interrupted is ExitCode.LOCKED
    api.store.fails = frozenset()
    api.sleep(LIMITS.settle.total_seconds() * 2)
    apply_plan(plan, checksum="1", run="2", limits=LIMITS, world=api.world())
    assert state(api) == state(alone)


@given(names, randoms, st.integers(0, 40))
@settings(max_examples=20)
def test_after_a_signal_nothing_new_begins(chosen: list[str], random: Random, moment: int) -> None:
    """Each campaign is finished or not begun, however many were under way."""
    alone, expected = serially(chosen)
    api, plan = account(chosen)
    crew = puppets(api, random)

    def signalled(look: int) -> None:
        if look == moment:
            api.stop = ExitCode.TERMINATED

    crew.before = signalled
    report = applied(crew, plan)
    done = dict(zip(each(alone.writes), each(alone.writes).values(), strict=True))
    assert all(done[name] == writes for name, writes in each(api.writes).items())
    assert {one.ending for one in report.results} <= {
        *(one.ending for one in expected.results),
        Ending.NOT_STARTED,
    }


def test_as_many_are_under_way_as_there_are_hands() -> None:
    """And no more; the others wait in the plan's order."""
    api, plan = account(["schedule"] * 6)
    most = list[int]()
    crew = Puppets(api=api, choose=lambda _: 0, size=HANDS)
    crew.before = lambda _: most.append(len(crew.busy))
    applied(crew, plan)
    assert max(most) == HANDS
    planned = [one.target.activity_id for one in plan.changes]
    assert list(dict.fromkeys(crew.started)) == planned


@pytest.mark.parametrize("size", [1, HANDS])
def test_what_was_begun_is_finished_before_others_begin(size: int) -> None:
    """Few campaigns are without a schedule at any time, however many get another one."""
    api, plan = account(["move back"] * 40)
    crew = Puppets(api=api, choose=lambda _: 0, size=size, fair=True)
    applied(crew, plan)
    bare, most = 0, 0
    for call in api.writes:
        bare += call.startswith("DELETE") - call.startswith("POST")
        most = max(most, bare)
    assert (bare, len(api.writes)) == (0, 80)
    assert most < 20
    assert crew.resumed.count(True) >= 80


@pytest.mark.parametrize("size", [1, HANDS])
def test_real_threads_do_the_same(size: int) -> None:
    """The crew that a run employs, on an account that answers one at a time."""
    chosen = sorted(SITUATIONS)
    alone, expected = serially(chosen)
    api, plan = account(chosen)
    crew = LockedPuppets(api=api, choose=lambda _: 0, size=size)
    world = replace(crew.world(), employ=api.world().employ)
    report = apply_plan(plan, checksum="1", run="1", limits=LIMITS, world=world)
    assert endings(report) == endings(expected)
    assert state(api) == state(alone)
    assert writes_follow_their_reading(crew.requests)
