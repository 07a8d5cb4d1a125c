"""The driver plays flows against real requests, a real journal and a real clock.

The flows here are small ones made for the test; the protocol has its own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from ccops.applying.driver import Halted, play
from ccops.applying.effects import (
    Flow,
    Get,
    Read,
    Unread,
    ask_time,
    get,
    record,
    sleep_until,
    write,
)
from ccops.applying.progress import Progress, Task, begin
from ccops.applying.report import Ending, Result
from ccops.constantcontact.wire import schedule_step, unschedule_step
from ccops.errors import ExitCode, NoReply, StoreUnavailable, VendorFault
from ccops.model import Live, Status
from ccops.planning.plan import Change, Verdict
from ccops.ports import JournalEntry, Reply, WriteState
from tests.applying.virtual_api import Api, MemoryStore
from tests.simulation.campaign import (
    DRAFT,
    HOUR,
    LIMITS,
    PLACE,
    scheduled,
    sent,
    target,
)
from tests.simulation.network import Fate
from tests.simulation.vendor import SECOND, START, Vendor

WHEN = START + 3 * HOUR
FlowOf = Callable[[Progress], Flow[Result | None]]


def activity(number: int) -> Live:
    """An activity of its own."""
    campaign_id, activity_id = str(UUID(int=number)), str(UUID(int=1000 + number))
    return replace(
        DRAFT, name=f"Campaign {number}", campaign_id=campaign_id, activity_id=activity_id
    )


def api_of(count: int = 1, **settings: object) -> Api:
    vendors = {str(number): Vendor(live=activity(number)) for number in range(count)}
    return Api(vendors=vendors, **settings)  # type: ignore[arg-type]  # settings of the dataclass


def progress_of(live: Live) -> Progress:
    """What the driver knows of one activity."""
    wanted = replace(target(WHEN), campaign=live.name, activity_id=live.activity_id)
    change = Change(
        campaign=live.name,
        verdict=Verdict.SCHEDULE,
        row=19,
        place=PLACE,
        campaign_id=live.campaign_id,
        target=wanted,
        zone="UTC",
        before=live,
    )
    return begin(Task(change=change, run="run-1", plan="sha256:0", made_at=START, limits=LIMITS))


def progresses(api: Api) -> list[Progress]:
    return [progress_of(vendor.live) for vendor in api.vendors.values()]


def entry(progress: Progress, state: WriteState = WriteState.INTENT) -> JournalEntry:
    activity_id = progress.task.change.target.activity_id
    return JournalEntry(
        write_id=f"run-1:{activity_id}:1",
        run="run-1",
        plan="sha256:0",
        activity_id=activity_id,
        campaign=progress.task.change.campaign,
        step=unschedule_step(activity_id),
        when=WHEN,
        recipients=None,
        state=state,
        fingerprint="sha256:0",
        at=START,
    )


def done(progress: Progress, detail: str = "") -> Result:
    return Result(change=progress.task.change, ending=Ending.DONE, detail=detail)


def run(api: Api, flow: FlowOf) -> dict[int, Result | None]:
    with api.store.lock():
        return play(flow, progresses(api), api.world())


# --- effects and their answers -------------------------------------------------------------------


def test_a_reading_is_one_of_the_activity_as_it_is() -> None:
    """With its campaign's name, its schedule and its history, as far as they are wanted."""
    live = scheduled(replace(activity(0), history=sent(START - HOUR)), WHEN)
    api = Api(vendors={"0": Vendor(live=live)})

    def flow(progress: Progress) -> Flow[Result | None]:
        found = yield from get(progress.task.change.target.activity_id)
        assert isinstance(found, Read)
        assert found.live == live
        return done(progress)

    assert run(api, flow)[0] is not None
    assert api.calls == ["GET 0 campaign", "GET 0", "GET 0/schedules", "GET 0/send_history"]


def test_the_campaign_is_read_once_a_run_and_readings_are_counted() -> None:
    """Its name is no part of the activity, and does not change every second."""
    api = api_of()
    world = api.world()

    def flow(progress: Progress) -> Flow[Result | None]:
        for _ in range(3):
            yield from get(progress.task.change.target.activity_id)
        return None

    assert play(flow, progresses(api), world) == {0: None}
    assert api.calls.count("GET 0 campaign") == 1
    assert world.reads == 3


def test_an_activity_whose_campaign_is_not_known_is_read_by_itself() -> None:
    """As for an earlier run's write that no change is about."""
    api = api_of()
    [progress] = progresses(api)
    change = replace(progress.task.change, campaign_id="", before=None)
    progress = begin(replace(progress.task, change=change))

    def flow(progress: Progress) -> Flow[Result | None]:
        found = yield from get(progress.task.change.target.activity_id)
        assert isinstance(found, Read)
        assert found.live is not None
        return done(progress, found.live.name)

    ended = play(flow, [progress], api.world())[0]
    assert ended is not None
    assert ended.detail == "Campaign 0"
    assert "GET 0 campaign" not in api.calls


def test_the_status_of_an_unknown_campaign_is_the_plans() -> None:
    """A row is made up from what the plan read."""
    api = api_of()
    [progress] = progresses(api)
    change = replace(progress.task.change, campaign_id="")
    world = api.world()

    def flow(progress: Progress) -> Flow[Result | None]:
        yield from get(progress.task.change.target.activity_id)
        return None

    play(flow, [begin(replace(progress.task, change=change))], world)
    assert world.rows[change.target.activity_id].status is Status.DRAFT


def test_a_campaign_that_is_gone_reads_as_nothing() -> None:
    """404 in the API's own envelope."""
    api = api_of()
    api.vendors["0"].person_deletes()

    def flow(progress: Progress) -> Flow[Result | None]:
        found = yield from get(progress.task.change.target.activity_id)
        assert found == Read(live=None)
        return done(progress)

    assert run(api, flow)[0] is not None


@pytest.mark.parametrize("number", range(3))
def test_a_reading_that_fails_says_nothing_of_the_activity(number: int) -> None:
    """At whichever of its requests."""
    api = api_of(unread=frozenset({number}))

    def flow(progress: Progress) -> Flow[Result | None]:
        found = yield from get(progress.task.change.target.activity_id)
        assert isinstance(found, Unread)
        assert isinstance(found.error, VendorFault)
        return done(progress)

    assert run(api, flow)[0] is not None


def test_a_write_is_answered_by_its_reply_or_by_none() -> None:
    """Exactly the step's request, once; what came of it is for the protocol to say."""
    api = api_of(fates={1: Fate.LOST_AFTER})
    answers: list[Reply | NoReply] = []

    def flow(progress: Progress) -> Flow[Result | None]:
        identity = progress.task.change.target.activity_id
        answers.append((yield from write(schedule_step(identity, WHEN))))
        answers.append((yield from write(unschedule_step(identity))))
        return done(progress)

    run(api, flow)
    assert api.calls == ["POST 0/schedules", "DELETE 0/schedules"]
    assert isinstance(answers[0], Reply)
    assert isinstance(answers[1], NoReply)
    assert answers[0].status == 201
    assert [line for line in api.told if "POST" in line or "DELETE" in line] == api.told


def test_a_journal_line_is_durable_before_the_flow_goes_on() -> None:
    """The store has it when the next effect is asked for."""
    api = api_of()

    def flow(progress: Progress) -> Flow[Result | None]:
        yield from record(entry(progress))
        assert api.store.lines == [entry(progress)]
        return done(progress)

    assert run(api, flow)[0] is not None


def test_the_time_is_the_servers() -> None:
    """Not this machine's."""
    api = api_of()
    api.vendors["0"].advance(START + HOUR)

    def flow(progress: Progress) -> Flow[Result | None]:
        assert (yield from ask_time()) == START + HOUR
        return done(progress)

    assert run(api, flow)[0] is not None


# --- waits, and whose turn it is ---------------------------------------------------------------


def test_waits_overlap_and_the_plans_order_is_kept() -> None:
    """Three activities wait at the same time; among equals the plan's order decides."""
    api = api_of(3)
    order: list[tuple[str, datetime]] = []

    def flow(progress: Progress) -> Flow[Result | None]:
        for _ in range(2):
            now = yield from ask_time()
            order.append((progress.task.change.campaign, now))
            yield from sleep_until(now + 100 * SECOND, "to rest")
        return done(progress)

    assert list(run(api, flow)) == [0, 1, 2]
    assert [name for name, _ in order] == [f"Campaign {number}" for number in (0, 1, 2)] * 2
    assert api.now == START + 200 * SECOND
    assert api.told == [f"Campaign {at}: waiting 100 s to rest" for at in (0, 1, 2)] * 2


def test_the_shorter_wait_ends_first() -> None:
    """Each activity goes on when its own time has come."""
    api = api_of(2)
    woken: list[str] = []

    def flow(progress: Progress) -> Flow[Result | None]:
        span = 10 if progress.task.change.campaign == "Campaign 1" else 50
        yield from sleep_until(START + span * SECOND, "to rest")
        woken.append(progress.task.change.campaign)
        return done(progress)

    run(api, flow)
    assert woken == ["Campaign 1", "Campaign 0"]


def test_a_wait_for_the_past_is_none() -> None:
    """The flow goes on at once, and nobody else has a turn."""
    api = api_of(2)
    turns: list[str] = []

    def flow(progress: Progress) -> Flow[Result | None]:
        for _ in range(2):
            turns.append(progress.task.change.campaign)
            yield from sleep_until(START, "in vain")
        return done(progress)

    run(api, flow)
    assert turns == ["Campaign 0"] * 2 + ["Campaign 1"] * 2
    assert [wait for wait in api.waits if wait] == []


def test_a_wait_of_less_than_a_second_is_not_worth_a_word() -> None:
    """It is waited for all the same."""
    api = api_of()

    def flow(progress: Progress) -> Flow[Result | None]:
        yield from sleep_until(START + timedelta(milliseconds=900), "briefly")
        return done(progress)

    run(api, flow)
    assert api.told == []
    assert sum(api.waits) == pytest.approx(0.9)


# --- a request to stop -------------------------------------------------------------------------


def stop(api: Api) -> None:
    api.stop = ExitCode.TERMINATED


def begun_after_a_wait(progress: Progress) -> Flow[Result | None]:
    """Wait, then begin to write."""
    now = yield from ask_time()
    yield from sleep_until(now + 10 * SECOND, "before it begins")
    progress.writes.append(unschedule_step(progress.task.change.target.activity_id))
    yield from sleep_until(now + 20 * SECOND, "for its own write")
    return done(progress)


def test_after_a_stop_nothing_new_begins() -> None:
    """Those not begun yet have no result."""
    api = api_of(2, stop=ExitCode.INTERRUPTED)
    assert run(api, begun_after_a_wait) == {}
    assert api.waits == []


def test_after_a_stop_what_has_begun_is_finished() -> None:
    """With writes made, or with a write whose effect is still to be established."""
    api = api_of(3, before={"sleep 0": stop})
    begun = progresses(api)
    begun[0].writes.append(unschedule_step(activity(0).activity_id))
    begun[2].pending = entry(begun[2])
    ended = play(begun_after_a_wait, begun, api.world())
    assert sorted(ended) == [0, 2]


def test_a_stop_during_a_wait_is_seen_at_its_end() -> None:
    """An activity that was waiting, and had not begun, does not begin."""
    api = api_of(1)
    api.before = {"sleep 1": stop}
    assert run(api, begun_after_a_wait) == {}


# --- what ends a run -----------------------------------------------------------------------------


def intends_and_writes(progress: Progress) -> Flow[Result | None]:
    """One write with its two lines."""
    yield from record(entry(progress))
    progress.pending = entry(progress)
    step = unschedule_step(progress.task.change.target.activity_id)
    progress.writes.append(step)
    yield from write(step)
    yield from record(entry(progress, WriteState.VERIFIED))
    progress.pending = None
    return done(progress)


def test_a_store_that_fails_before_a_write_prevents_it() -> None:
    """Without its line nothing leaves; what ended before is told."""
    api = api_of(3, store=MemoryStore(fails=frozenset({2})))
    with pytest.raises(Halted) as halted:
        run(api, intends_and_writes)
    assert isinstance(halted.value.cause, StoreUnavailable)
    assert list(halted.value.results) == [0]
    assert api.calls == ["DELETE 0/schedules"]


def test_a_store_that_fails_after_a_write_ends_the_run() -> None:
    """The next activity is not begun."""
    api = api_of(2, store=MemoryStore(fails=frozenset({1})))
    with pytest.raises(Halted) as halted:
        run(api, intends_and_writes)
    assert halted.value.results == {}
    assert api.calls == ["DELETE 0/schedules"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_whatever_ends_a_run_goes_up_with_the_results_so_far(error: BaseException) -> None:
    """A second signal, or a mistake in ccops."""

    def breaks(_: Api) -> None:
        raise error

    api = api_of(3, before={"request 1": breaks})
    with pytest.raises(Halted) as halted:
        run(api, intends_and_writes)
    assert halted.value.cause is error
    assert list(halted.value.results) == [0]


def test_a_flow_may_end_without_a_result() -> None:
    """It let the next stage through."""

    def flow(progress: Progress) -> Flow[Result | None]:
        yield Get(activity_id=progress.task.change.target.activity_id)
        return None

    assert run(api_of(2), flow) == {0: None, 1: None}
