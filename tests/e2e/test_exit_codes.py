"""Every exit code, as a real process leaves it behind, and what was written by then."""

import json
import signal
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ccops.errors import ExitCode
from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Done, Stage, finish, manifest
from tests.e2e.window import window

MARCH_9 = "Tue 2027-03-09 09:00"
AT_MARCH_9 = "2027-03-09T14:00:00.000Z"
MARCH_10 = "Wed 2027-03-10 09:00"
AT_MARCH_10 = "2027-03-10T14:00:00.000Z"
MEMBERS = list_id_of("Members")
BOTH = ["PUT First [Members]", f"POST First {AT_MARCH_9}"]
REST = ["PUT Second [Members]", f"POST Second {AT_MARCH_10}"]
SIGNALS = [
    (signal.SIGINT, ExitCode.INTERRUPTED),
    (signal.SIGTERM, ExitCode.TERMINATED),
]


@pytest.fixture
def two(stage: Stage) -> Stage:
    """Two drafts, each of which wants its recipients and a schedule."""
    stage.world.add_campaign("First")
    stage.world.add_campaign("Second")
    stage.write(
        manifest("First", "Members", send_at=MARCH_9),
        manifest("Second", "Members", send_at=MARCH_10),
    )
    return stage


@pytest.fixture
def moved(stage: Stage) -> Stage:
    """A scheduled campaign that is to go out a day later."""
    stage.world.add_campaign("First", lists=[MEMBERS], scheduled=START + timedelta(days=8))
    stage.write(manifest("First", "Members", send_at=MARCH_10))
    return stage


def test_0_done(two: Stage) -> None:
    """Every write was made and verified, and nothing is left to do."""
    assert two.process("apply", "--yes").code == 0
    assert two.writes() == BOTH + REST
    assert two.run("plan", "--detailed-exitcode").code == 0


def test_1_unexpected(two: Stage) -> None:
    """A page of HTML is no answer; it is not read as an empty account."""
    two.fault("html", "GET", "/v3/emails", times=3)
    done = two.process("plan")
    assert (done.code, done.out) == (1, "")
    assert "error[CC5" in done.err


def test_2_changes(two: Stage) -> None:
    """Only when it was asked for."""
    assert two.process("plan", "--detailed-exitcode").code == 2
    assert two.writes() == []


def test_3_invalid(two: Stage) -> None:
    """A wrong manifest, with the place of the mistake."""
    two.write(manifest("First", "Members", send_at="tomorrow"))
    done = two.process("apply", "--yes")
    assert (done.code, two.world.requests) == (3, ())
    assert "campaigns/one.yaml:3:10" in done.err


def test_4_access(two: Stage) -> None:
    """A right is missing: told before the first write."""
    two.world.privileges = tuple(one for one in two.world.privileges if one != "campaign:send")
    assert two.process("apply", "--yes").code == 4
    assert two.writes() == []


def test_5_quota(two: Stage) -> None:
    """The day's requests are used up; that is not tried again."""
    two.fault("429 quota_exceeded", "GET", "/v3/emails", times=9)
    done = two.process("apply", "--yes")
    assert (done.code, two.writes()) == (5, [])
    assert len([one for one in two.world.requests if one.path == "/v3/emails"]) == 1


def test_6_blocked(two: Stage) -> None:
    """A person is needed for one campaign; the other one is applied all the same."""
    two.world.advance(9 * 86_400)
    done = two.run("apply", "--yes")
    assert done.code == 6
    assert "NEEDS A PERSON  First" in done.out
    assert two.writes() == []
    two.write(
        manifest("First", "Members", send_at=MARCH_9),
        manifest("Second", "Members", send_at="Thu 2027-03-11 09:00"),
    )
    assert two.process("apply", "--yes").code == 6
    assert two.writes() == ["PUT Second [Members]", "POST Second 2027-03-11T14:00:00.000Z"]


def test_7_tampered(two: Stage) -> None:
    """One character of a saved plan was changed."""
    two.run("plan", "--save", "plan.json")
    path = two.folder / "plan.json"
    path.write_text(path.read_text("utf-8").replace("2027-03-09T14", "2027-03-08T14"), "utf-8")
    done = two.process("apply", "plan.json", "--yes")
    assert (done.code, two.writes()) == (7, [])
    assert "CC604" in done.err


def test_7_stale(two: Stage) -> None:
    """Somebody edited one of two campaigns after the review: neither is written."""
    two.run("plan", "--save", "plan.json")
    _change(two, "Second", contact_list_ids=(list_id_of("Board"),))
    done = two.run("apply", "plan.json", "--yes")
    assert (done.code, two.writes()) == (7, [])


def test_7_expired(two: Stage) -> None:
    """A day later the review is too old."""
    two.run("plan", "--save", "plan.json")
    two.world.advance(86_401)
    assert two.run("apply", "plan.json", "--yes").code == 7
    assert two.writes() == []


def test_8_partly_applied(moved: Stage) -> None:
    """Refused between DELETE and POST: every outcome is known, and the danger is said loudly."""
    moved.run("plan", "--save", "plan.json")  # while its sender is confirmed
    moved.world.set_switch("sender_check", "schedule")
    moved.world.account = replace(moved.world.account, senders=())
    done = moved.process("apply", "plan.json", "--yes")
    assert done.code == 8
    assert moved.writes() == ["DELETE First", f"POST First {AT_MARCH_10}"]
    assert moved.effects() == ["DELETE First"]
    assert "unscheduled now and will not be sent" in done.out


def test_9_lock_held(two: Stage) -> None:
    """Another process is writing; this one does not wait for it, and writes nothing."""
    with window(two, "PUT") as opened:
        first = two.start("apply", "--yes")
        opened.wait()
        second = two.process("apply", "--yes")
        opened.release()
        assert (second.code, finish(first).code) == (9, 0)
    assert "CC701" in second.err
    assert two.writes() == BOTH + REST


def test_9_store_down(two: Stage) -> None:
    """Without a memory nothing is sent."""
    (two.folder / ".state").write_text("no folder", encoding="utf-8")
    assert two.run("apply", "--yes").code == 9
    assert two.writes() == []


def test_10_unknown(two: Stage) -> None:
    """The POST may have arrived, and the account cannot be read: a person must look."""
    two.write(manifest("First", "Members", send_at=MARCH_9))
    two.fault("drop_after", "POST")
    two.fault("500_before", "GET", "*/schedules", times=99)
    done = two.process("apply", "--yes", "--format", "json")
    assert done.code == 10
    endings = {one["campaign"]: one["ending"] for one in done.document["results"]}
    assert endings["First"] == "unknown"
    two.world.faults.clear()
    assert two.run("apply", "--yes").code == 0
    assert two.effects() == BOTH


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_10_an_ambiguous_now_is_never_repeated(stage: Stage, fault: str) -> None:
    """Whatever the account shows; if it shows the send, that is the end of it."""
    stage.world.add_campaign("Recall", lists=[MEMBERS])
    stage.write(manifest("Recall", "Members", send_at="now"))
    stage.fault(fault, "POST")
    stage.run("plan", "--allow", "send-now=Recall", "--reason", "x", "--save", "plan.json")
    plan = json.loads((stage.folder / "plan.json").read_text("utf-8"))
    apply = ("apply", "plan.json", "--checksum", plan["checksum"])
    run = stage.process if fault == "drop_before" else stage.run
    assert run(*apply).code == (10 if fault == "drop_before" else 0)
    stage.run(*apply)
    assert stage.writes() == ["POST Recall 0"]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_before_the_first_write(two: Stage, number: signal.Signals, code: int) -> None:
    """While the targets are compared with the plan: nothing was begun, nothing is."""
    with window(two, "GET", "/v3/emails/activities/*", after=4) as opened:
        process = two.start("apply", "--yes")
        opened.wait()
        process.send_signal(number)
        opened.release()
        assert _ending(finish(process)) == code
    assert two.writes() == []


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_planning(two: Stage, number: signal.Signals, code: int) -> None:
    """As a shell tells it, whether the signal is caught or ends the process by itself."""
    with window(two, "GET", "/v3/contact_lists") as opened:
        process = two.start("apply", "--yes")
        opened.wait()
        process.send_signal(number)
        done = finish(process)
    assert _ending(done) == code
    assert "Traceback" not in done.err
    assert two.writes() == []


@pytest.mark.parametrize(
    ("method", "number", "code"), [("PUT", *SIGNALS[0]), ("POST", *SIGNALS[1])]
)
def test_a_signal_during_an_apply(
    two: Stage, method: str, number: signal.Signals, code: int
) -> None:
    """What was begun is finished, nothing else is begun, and the next apply does the rest."""
    with window(two, method) as opened:
        process = two.start("apply", "--yes", "--format", "json")
        opened.wait()
        process.send_signal(number)
        opened.release()
        done = finish(process)
    assert done.code == code
    endings = {one["campaign"]: one["ending"] for one in done.document["results"]}
    assert endings == {"First": "done", "Second": "not-started"}
    assert two.writes() == BOTH
    assert two.run("apply", "--yes").code == 0
    assert two.writes() == BOTH + REST


def test_a_second_signal_leaves_a_write_open(two: Stage) -> None:
    """Whoever insists gets his way, and is told that a write's outcome is unknown."""
    with window(two, "POST") as opened:
        process = two.start("apply", "--yes")
        opened.wait()
        # Two different ones: two of a kind may be delivered as one.
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        done = finish(process)
    assert done.code == 10
    assert "OUTCOME UNKNOWN  First" in done.out
    assert two.run("apply", "--yes").code == 0
    assert two.effects() == BOTH + REST


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_second_signal_with_nothing_open(two: Stage, number: signal.Signals, code: int) -> None:
    """It ends the run at once, with the code of the signal that was sent."""
    two.fault("delay", "GET", "/v3/emails/activities/*", after=4)
    two.world.sleep = lambda _: _twice(number)
    assert two.run("apply", "--yes").code == code
    assert two.writes() == []


def _twice(number: signal.Signals) -> None:
    """Send a signal to the main thread, wait until it was heard, and send it again."""
    main = threading.main_thread().ident or 0
    signal.pthread_kill(main, number)
    while getattr(signal.getsignal(number), "code", None) is None:
        time.sleep(0.001)
    signal.pthread_kill(main, number)


def _ending(done: Done) -> int:
    """The code that a shell would tell: 128 and the signal's number, if one ended the process."""
    return done.code if done.code >= 0 else 128 - done.code


def _change(stage: Stage, name: str, **values: Any) -> None:
    """Somebody edits a campaign in Constant Contact."""
    world = stage.world
    activity = world.primary(world.campaigns[world.campaign_by_name[name]])
    world.put_activity(replace(activity, **values))
