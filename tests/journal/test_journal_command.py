"""`ccops journal` against the sandbox: the way out of exit 10, and never a write on that way."""

import json
import signal
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ccops.errors import Blocked
from ccops.planning.resolution import Choice
from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.session.journaled import resolve
from ccops.session.wiring import reading
from tests.e2e.stage import PATIENCE, START, TOKEN, Done, Stage, finish, manifest, workspace
from tests.e2e.window import window

MEMBERS = list_id_of("Members")
MARCH_9 = "Tue 2027-03-09 09:00"
AT_9 = START + timedelta(days=8)
ALLOW = ("--allow", "send-now=Recall", "--reason", "The handle can break")
HOSTILE = "##[error] `@octocat` <img src=x> | ::set-output"


def saved(stage: Stage) -> tuple[str, ...]:
    """Save a plan that may send Recall now; return the command that applies it."""
    stage.run("plan", *ALLOW, "--save", "plan.json")
    plan = json.loads((stage.folder / "plan.json").read_text("utf-8"))
    return ("apply", "plan.json", "--checksum", plan["checksum"])


@pytest.fixture
def lost(stage: Stage) -> Stage:
    """A `now` whose request was lost on its way: nobody can tell that from outside."""
    stage.world.add_campaign("Recall", lists=[MEMBERS])
    stage.write(manifest("Recall", "Members", send_at="now"))
    stage.fault("drop_before", "POST")
    assert stage.run(*saved(stage)).code == 10
    return stage


@pytest.fixture
def scheduled(stage: Stage) -> Stage:
    """A POST that took effect, in a run that could not look any more."""
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    stage.fault("drop_after", "POST")
    stage.fault("500_before", "GET", "*/schedules", times=99)
    assert stage.run("apply", "--yes").code == 10
    stage.world.faults.clear()
    return stage


def shown(stage: Stage, *flags: str) -> dict[str, Any]:
    """The journal as a document; nothing but readings is made for it."""
    stage.world.log.clear()
    done = stage.run("journal", "show", "--format", "json", *flags)
    assert {one.method for one in stage.world.requests} <= {"GET"}
    document: dict[str, Any] = done.document
    assert document["exit_code"] == done.code
    return document


def decide(stage: Stage, choice: str, *, reason: str = "I looked") -> Done:
    """Decide about the one open write; nothing but readings is made for it."""
    name = shown(stage, "--offline")["open"][0]["write_id"]
    stage.world.log.clear()
    done = stage.run("journal", "resolve", name, f"--{choice}", "--reason", reason)
    assert {one.method for one in stage.world.requests} == {"GET"}
    return done


def edit(stage: Stage, name: str, **values: Any) -> None:
    """Somebody edits a campaign in Constant Contact."""
    found = stage.world.activities[activity_id_of(name)]
    stage.world.put_activity(replace(found, **values))


def test_the_way_out_of_exit_10(lost: Stage) -> None:
    """Unknown for every apply, shown, decided, then sent: exactly one mail in the end."""
    again = saved(lost)
    assert [lost.run(*again).code for _ in range(2)] == [10, 10]
    (one,) = shown(lost)["open"]
    assert (one["state"], one["account"]["in_words"]) == ("unknown", "a draft, not scheduled")
    done = decide(lost, "no-effect", reason="nobody received it")
    assert done.code == 0
    assert "Nothing was written to the account." in done.out
    assert shown(lost)["open"] == []
    assert lost.run("apply", "--yes").code == 6
    assert lost.sent("Recall") == []
    assert lost.run(*saved(lost)).code == 0
    assert lost.sent("Recall") == [lost.world.lists[MEMBERS].members]
    assert lost.run("apply", "--yes").code == 0
    assert len(lost.sent("Recall")) == 1


def test_other_campaigns_are_not_held_up_for_ever(lost: Stage) -> None:
    """As long as one is open, each apply exits 10, though it applies the others."""
    lost.world.add_campaign("Spring", lists=[MEMBERS])
    lost.write(manifest("Spring", "Members", send_at=MARCH_9))
    assert [lost.run("apply", "--yes").code for _ in range(2)] == [10, 10]
    assert decide(lost, "no-effect").code == 0
    assert lost.run("apply", "--yes").code == 0
    assert lost.run("verify").code == 0
    assert lost.sent("Recall") == []


def test_the_decision_is_kept_with_its_reason(lost: Stage) -> None:
    """The line is the write's last one, and says that a person decided."""
    decide(lost, "no-effect", reason="  support says so  ")
    lines = shown(lost, "--all")["lines"]
    assert [one["state"] for one in lines] == ["intent", "unknown", "resolved"]
    assert lines[-1]["detail"] == "decided by a person: support says so"
    assert len({one["write_id"] for one in lines}) == 1
    assert "decided by a person: support says so" in lost.run("journal", "show", "--all").out


@pytest.mark.parametrize("status", ["EXECUTING", "DONE"])
def test_what_was_sent_cannot_be_called_unsent(lost: Stage, status: str) -> None:
    """Somebody's send or ours: what the account shows, the next apply settles by itself."""
    lost.world.set_switch("send_seconds", 3600 if status == "EXECUTING" else 0)
    edit(lost, "Recall", status="SCHEDULED", scheduled=START)
    lost.world.advance(1)
    assert lost.world.activities[activity_id_of("Recall")].status == status
    done = decide(lost, "no-effect")
    assert (done.code, done.out) == (6, "")
    assert "CC723" in done.err
    assert len(shown(lost)["open"]) == 1
    assert decide(lost, "took-effect").code == 0
    assert lost.run("apply", "--yes").code == 0
    assert len(lost.sent("Recall")) == 1


def test_a_send_that_nothing_shows_cannot_be_called_done(lost: Stage) -> None:
    """The plan would offer to send it again, and the journal would claim that it went."""
    assert decide(lost, "took-effect").code == 6
    assert len(shown(lost)["open"]) == 1


def test_a_schedule_that_stands_cannot_be_called_unmade(scheduled: Stage) -> None:
    """Otherwise the next plan might schedule it once more."""
    (one,) = shown(scheduled)["open"]
    refused, allowed = one["decisions"][1], one["decisions"][0]
    assert refused["follows"].startswith("refused as long as")
    assert allowed["command"].endswith('--took-effect --reason "…"')
    assert decide(scheduled, "no-effect").code == 6
    assert decide(scheduled, "took-effect").code == 0
    assert scheduled.run("plan", "--detailed-exitcode").code == 0
    assert scheduled.run("apply", "--yes").code == 0
    assert scheduled.effects() == []


def test_a_schedule_of_another_is_left_to_the_plan(scheduled: Stage) -> None:
    """Scheduled for a time nobody declared: either decision, and then a reviewed plan."""
    edit(scheduled, "Spring", scheduled=AT_9 + timedelta(hours=3))
    assert scheduled.run("apply", "--yes").code == 10
    assert decide(scheduled, "no-effect").code == 0
    scheduled.world.log.clear()
    assert scheduled.run("apply", "--yes").code == 0
    assert scheduled.effects() == ["DELETE Spring", "POST Spring 2027-03-09T14:00:00.000Z"]
    assert scheduled.sent("Spring") == []


def test_called_done_and_not_scheduled_asks_a_person(scheduled: Stage) -> None:
    """A timed send that is said to have taken effect is never simply scheduled again."""
    edit(scheduled, "Spring", status="DRAFT", scheduled=None)
    assert decide(scheduled, "took-effect").code == 0
    scheduled.world.log.clear()
    assert scheduled.run("apply", "--yes").code == 6
    assert scheduled.effects() == []
    allow = ("--allow", "reschedule=Spring", "--reason", "yes")
    assert scheduled.run("apply", "--yes", *allow).code == 0


def test_a_name_that_means_no_open_write(lost: Stage) -> None:
    """Unknown, or decided before: exit 3, with the state that it is in; nothing is read."""
    write_id = shown(lost)["open"][0]["write_id"]
    lost.world.log.clear()
    unknown = lost.run("journal", "resolve", "x", "--no-effect", "--reason", "r")
    assert (unknown.code, "CC720" in unknown.err) == (3, True)
    assert lost.world.requests == ()
    assert lost.run("journal", "resolve", write_id[:6], "--no-effect", "--reason", "r").code == 0
    again = lost.run("journal", "resolve", write_id, "--no-effect", "--reason", "r")
    assert (again.code, "CC722" in again.err) == (3, True)
    assert "it is resolved (decided by a person: r)" in again.err


@pytest.mark.parametrize(
    "flags",
    [
        ("--reason", "r"),
        ("--no-effect",),
        ("--no-effect", "--reason", " "),
        ("--no-effect", "--reason", "…"),
        ("--took-effect", "--no-effect", "--reason", "r"),
    ],
)
def test_half_a_decision_is_none(lost: Stage, flags: tuple[str, ...]) -> None:
    """Exactly one of the two, and a reason: else exit 3, and nothing is recorded."""
    write_id = shown(lost)["open"][0]["write_id"]
    assert lost.run("journal", "resolve", write_id, *flags).code == 3
    assert len(shown(lost, "--all")["lines"]) == 2


def test_not_while_an_apply_runs(lost: Stage) -> None:
    """The lock is that apply's: exit 9, and nothing is recorded."""
    write_id = shown(lost)["open"][0]["write_id"]
    lost.world.add_campaign("Spring", lists=[MEMBERS])
    lost.write(manifest("Spring", "Members", send_at=MARCH_9))
    with window(lost, "POST") as opened:
        running = lost.start("apply", "--yes")
        opened.wait()
        done = lost.process("journal", "resolve", write_id, "--no-effect", "--reason", "r")
        opened.release()
        assert (done.code, finish(running).code) == (9, 10)
    assert "CC701" in done.err
    assert len(shown(lost)["open"]) == 1


@pytest.mark.parametrize(
    ("fault", "code"), [("html", 1), ("429 quota_exceeded", 5), ("expire_token", 4)]
)
def test_without_a_reading_nothing_is_decided(lost: Stage, fault: str, code: int) -> None:
    """`show` shows the journal all the same, and says why it knows no more."""
    lost.world.add_token(TOKEN)
    lost.fault(fault, "GET", "/v3/emails/activities/*", times=99)
    done = decide(lost, "no-effect")
    assert (done.code, done.out) == (code, "")
    lost.world.set_switch("strict_auth", fault == "expire_token")
    document = shown(lost)
    assert (document["exit_code"], len(document["open"])) == (code, 1)
    assert document["account_unread"].startswith("CC5")
    text = lost.run("journal", "show")
    assert (text.code, "account       not read: CC5" in text.out) == (code, True)


def test_offline_needs_no_login(lost: Stage) -> None:
    """No token and no request; without `--offline` the missing login is told."""
    environment = {key: value for key, value in lost.environment.items() if "TOKEN" not in key}
    stage = Stage(folder=lost.folder, world=lost.world, url=lost.url, environment=environment)
    stage.world.log.clear()
    done = stage.run("journal", "show", "--offline")
    assert (done.code, "OPEN  Recall" in done.out, stage.world.requests) == (0, True, ())
    assert "not read: it was not asked" in done.out
    told = stage.run("journal", "show")
    assert (told.code, "OPEN  Recall" in told.out, "CC526" in told.out) == (4, True, True)


def test_nothing_open_asks_nobody(stage: Stage) -> None:
    """An account is read only for what is open."""
    stage.world.add_campaign("Spring")
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    assert stage.run("apply", "--yes").code == 0
    stage.world.log.clear()
    done = stage.run("journal", "show")
    assert (done.code, stage.world.requests) == (0, ())
    assert done.out.startswith("Nothing is open.")
    every = stage.run("journal", "show", "--all")
    assert (every.code, stage.world.requests, every.out.count("verified")) == (0, (), 2)


def test_selectors_choose_campaigns(lost: Stage) -> None:
    """By name, also without a manifest; a selection of nothing is a mistake."""
    lost.write(manifest("Spring", "Members", send_at="unscheduled"))
    assert len(shown(lost, "--select", "name:Rec*")["open"]) == 1
    assert shown(lost, "--select", "name:Spring")["open"] == []
    assert lost.run("journal", "show", "--select", "name:Nobody").code == 3


def test_hostile_names_stay_in_their_place(stage: Stage) -> None:
    """In the text, in every line of the table and in the document."""
    stage.world.add_campaign(HOSTILE, lists=[MEMBERS])
    stage.write(manifest(HOSTILE, "Members", send_at=MARCH_9))
    stage.fault("drop_after", "POST")
    stage.fault("500_before", "GET", "*/schedules", times=99)
    assert stage.run("apply", "--yes").code == 10
    stage.world.faults.clear()
    runs = [
        stage.run("journal", "show", *flags)
        for flags in ((), ("--all",), ("--format", "json"), ("--all", "--format", "json"))
    ]
    runs.append(decide(stage, "took-effect", reason=HOSTILE))
    assert {one.code for one in runs} == {0}
    assert all("##[" not in one.out + one.err for one in runs)
    assert not any(line.lstrip().startswith("::") for one in runs for line in one.out.splitlines())


def test_a_run_that_was_killed_is_waited_for(stage: Stage) -> None:
    """Its request may have left until just now: the settle time counts from the lock."""
    stage.world.add_campaign("Recall", lists=[MEMBERS])
    stage.write(manifest("Recall", "Members", send_at="now"))
    apply = saved(stage)
    with window(stage, "POST") as opened:
        process = stage.start(*apply)
        opened.wait()
        process.send_signal(signal.SIGKILL)
        finish(process)
        workspace(stage.folder, stage.world, settle="120 seconds", read_lag="5 seconds")
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            """The request arrives while it is waited for."""
            slept.append(seconds)
            opened.release()
            _arrived(stage)

        with pytest.raises(Blocked, match="CC723"):
            _resolve(stage, sleep)
    assert sum(slept) == pytest.approx(125, abs=1)
    assert len(stage.sent("Recall")) == 1


def test_a_run_that_looked_itself_is_not_waited_for_again(lost: Stage) -> None:
    """It gave up after its own settle time; only what is left of it counts."""
    workspace(lost.folder, lost.world, settle="120 seconds", read_lag="5 seconds")
    lost.world.advance(3600)
    slept: list[float] = []
    _resolve(lost, slept.append)
    assert slept == []


def _resolve(stage: Stage, sleep: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stage.environment.items():
            patch.setenv(name, value)
        with reading(Path(stage.folder), stage.url) as session:
            resolve(session, "2", Choice.NO_EFFECT, reason="r", tell=lambda _: None, sleep=sleep)


def _arrived(stage: Stage) -> None:
    """Wait until the request that was in the window is carried out."""
    deadline = time.monotonic() + PATIENCE
    while not stage.sent("Recall") and time.monotonic() < deadline:
        time.sleep(0.001)


def test_help_shows_how(stage: Stage) -> None:
    """Each with an example; the group alone explains itself."""
    for command in ("show", "resolve"):
        assert "Example:" in stage.run("journal", command, "--help").out
    assert stage.run("journal").code == 3


def test_times_are_told_in_the_zone_of_the_manifest(stage: Stage) -> None:
    """As the plan showed them; where no manifest tells one any more, the page says which it is."""
    stage.world.add_campaign("Abroad", lists=[MEMBERS])
    stage.write(manifest("Abroad", "Members", send_at="2027-03-10 10:00 Europe/London"))
    london, new_york = "Wed 10 Mar 2027, 10:00 GMT (10:00 UTC)", "Wed 10 Mar 2027, 05:00 EST"
    note = "Times of campaigns that no manifest here is about are in America/New_York."
    assert london in stage.run("plan").out
    stage.fault("drop_after", "POST")
    stage.fault("500_before", "GET", "*/schedules", times=99)
    assert stage.run("apply", "--yes").code == 10
    stage.world.faults.clear()
    for flags in ((), ("--offline",), ("--all",)):
        told = stage.run("journal", "show", *flags).out
        assert (london in told, new_york in told, note in told) == (True, False, False)
    document = shown(stage, "--offline")
    assert (document["time_zone"], document["open"][0]["time_zone"]) == (
        "America/New_York",
        "Europe/London",
    )
    stage.write(manifest("Another", "Members", send_at="unscheduled"))
    told = stage.run("journal", "show", "--offline").out
    assert (london in told, new_york in told, told.count(note)) == (False, True, 1)
    stage.write(manifest("Abroad", "Members", send_at="2027-03-10 10:00 Europe/London"))
    name = document["open"][0]["write_id"]
    done = stage.run("journal", "resolve", name, "--took-effect", "--reason", "I looked")
    assert london in done.out
