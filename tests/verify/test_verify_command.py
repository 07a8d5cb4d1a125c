"""`ccops verify` against the sandbox: what really became of the sends, by readings alone."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.sandbox.records import Activity, Script
from ccops.session.verified import verify
from ccops.session.wiring import reading
from tests.e2e.stage import START, TOKEN, Stage, manifest, workspace

MEMBERS = list_id_of("Members")
MARCH_9 = "Tue 2027-03-09 09:00"
AT_9 = START + timedelta(days=8)
HOUR = timedelta(hours=1)
HOSTILE = "##[error] `@octocat` <img src=x> | ::set-output"


@pytest.fixture
def applied(stage: Stage) -> Stage:
    """One campaign, applied for March 9."""
    return apply(stage, "Spring")


def apply(stage: Stage, *names: str) -> Stage:
    for name in names:
        stage.world.add_campaign(name)
    stage.write(*(manifest(name, "Members", send_at=MARCH_9) for name in names))
    assert stage.run("apply", "--yes").code == 0
    return stage


def activity(stage: Stage, name: str = "Spring") -> Activity:
    return stage.world.activities[activity_id_of(name)]


def change(stage: Stage, name: str = "Spring", **values: Any) -> None:
    """Somebody edits a campaign in Constant Contact."""
    stage.world.put_activity(replace(activity(stage, name), **values))


def found(stage: Stage, *flags: str) -> tuple[int, list[str]]:
    """Verify; return the exit code and the states, by the times of the sends."""
    stage.world.log.clear()
    done = stage.run("verify", "--format", "json", *flags)
    assert {one.method for one in stage.world.requests} <= {"GET"}
    assert done.document["exit_code"] == done.code
    return done.code, [one["state"] for one in done.document["deliveries"]]


def test_still_to_come_then_sent(applied: Stage) -> None:
    """Scheduled as applied, then sent as applied: nobody is needed."""
    assert found(applied) == (0, ["to-come"])
    applied.world.move_to(AT_9 + HOUR)
    assert found(applied) == (0, ["sent"])
    document = applied.run("verify", "--format", "json").document
    (one,) = document["deliveries"]
    assert (one["count"], one["ran_at"], one["applied_for"]) == (
        len(applied.sent("Spring")[0]),
        "2027-03-09T14:00:00Z",
        "2027-03-09T14:00:00Z",
    )


def test_being_sent(applied: Stage) -> None:
    """EXECUTING at its time is as it should be."""
    applied.world.set_switch("send_seconds", 3600)
    applied.world.move_to(AT_9 + timedelta(minutes=1))
    assert found(applied) == (0, ["sending"])


@pytest.mark.parametrize(
    ("script", "state"),
    [
        (Script(send_status="COMPLETED", reason_code=12, count=0), "sent-to-nobody"),
        (Script(send_status="ERRORED", reason_code=9), "failed"),
        (Script(send_status="ERRORED", reason_code=6, count=3), "failed"),
        (Script(send_status="ERRORED", reason_code=5), "held"),
    ],
)
def test_what_looks_done_and_is_not(applied: Stage, script: Script, state: str) -> None:
    """Exit 6, and the reason in words instead of its number."""
    change(applied, script=script)
    applied.world.move_to(AT_9 + HOUR)
    assert found(applied) == (6, [state])
    assert applied.run("verify").code == 6


def test_a_list_that_emptied_is_sent_to_nobody(applied: Stage) -> None:
    """The account calls it a success; verify does not."""
    applied.world.set_members(MEMBERS, ())
    applied.world.move_to(AT_9 + HOUR)
    assert activity(applied).status == "DONE"
    done = applied.run("verify")
    assert done.code == 6
    assert "SENT TO NOBODY  Spring" in done.out
    assert "no contact received it" in done.out


def unscheduled(stage: Stage) -> None:
    change(stage, status="DRAFT", scheduled=None)


def deleted(stage: Stage) -> None:
    stage.world.trash_campaign(activity(stage).campaign_id)


def at_another_time(stage: Stage) -> None:
    change(stage, scheduled=AT_9 + HOUR)


def to_others(stage: Stage) -> None:
    change(stage, contact_list_ids=(list_id_of("Board"),))


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (unscheduled, ["gone"], ["overdue"]),
        (deleted, ["gone"], ["gone"]),
        (at_another_time, ["changed"], ["changed"]),
        (to_others, ["changed"], ["changed"]),
    ],
)
def test_somebody_changed_it(
    applied: Stage, edit: Any, before: list[str], after: list[str]
) -> None:
    """Noticed before the send, and after it."""
    edit(applied)
    assert found(applied) == (6, before)
    applied.world.move_to(AT_9 + 3 * HOUR)
    assert found(applied) == (6, after)


def test_sent_once_more_by_somebody(applied: Stage) -> None:
    """A send that ccops did not ask for, after the one it did."""
    applied.world.move_to(AT_9 + HOUR)
    change(applied, status="SCHEDULED", scheduled=AT_9 + 2 * HOUR)
    assert found(applied) == (6, ["sent", "sent-elsewhere"])
    applied.world.move_to(AT_9 + 3 * HOUR)
    assert found(applied) == (6, ["sent", "sent-elsewhere"])


@pytest.mark.parametrize(
    ("members", "expected"),
    [(6, (6, ["sent", "sent-to-nobody"])), (8, (0, ["sent", "sent"]))],
)
def test_a_resend_is_judged_for_itself(
    applied: Stage, members: int, expected: tuple[int, list[str]]
) -> None:
    """Each declared send has its own line; the second reaches newcomers alone, if there are any."""
    applied.world.move_to(AT_9 + HOUR)
    resend = {"resend_to_new_contacts": ["Wed 2027-03-10 09:00"]}
    applied.write(manifest("Spring", "Members", send_at=MARCH_9, **resend))
    assert applied.run("apply", "--yes").code == 0
    assert found(applied) == (0, ["sent", "to-come"])
    applied.world.set_members(MEMBERS, members)
    applied.world.move_to(AT_9 + timedelta(days=1, hours=1))
    assert found(applied) == expected


def test_what_ccops_took_back_is_not_missed(applied: Stage) -> None:
    """Unscheduled by an apply: not to be sent; and loud if it is all the same."""
    applied.write(manifest("Spring", "Members", send_at="unscheduled"))
    assert applied.run("apply", "--yes").code == 0
    assert found(applied) == (0, ["withdrawn"])
    change(applied, status="SCHEDULED", scheduled=AT_9)
    assert found(applied) == (6, ["changed"])
    applied.world.move_to(AT_9 + HOUR)
    assert found(applied) == (6, ["sent-elsewhere"])


def test_what_was_asked_for_in_vain_is_missed(applied: Stage) -> None:
    """To be moved by ccops: unscheduled, and its new time refused. Nothing goes out: exit 6."""
    applied.fault("refuse", "POST", times=9)
    applied.write(manifest("Spring", "Members", send_at="2027-03-10 09:00"))
    assert applied.run("apply", "--yes").code == 8
    assert found(applied) == (6, ["not-scheduled"])
    told = applied.run("verify")
    assert "NOT SCHEDULED  Spring" in told.out
    assert "applied for Wed 10 Mar 2027, 09:00 EST" in told.out
    applied.world.faults.clear()
    assert applied.run("apply", "--yes").code == 0
    assert found(applied) == (0, ["to-come"])


def test_a_send_moved_by_ccops_is_one_send(applied: Stage) -> None:
    """The newest time counts; the old one was taken back."""
    applied.write(manifest("Spring", "Members", send_at="Wed 2027-03-10 09:00"))
    assert applied.run("apply", "--yes").code == 0
    assert found(applied) == (0, ["to-come"])


def test_an_open_write_is_unknown(stage: Stage) -> None:
    """Exit 10, and the way on is named."""
    stage.world.add_campaign("Recall", lists=[MEMBERS])
    stage.write(manifest("Recall", "Members", send_at="now"))
    stage.fault("drop_before", "POST")
    stage.run("plan", "--allow", "send-now=Recall", "--reason", "x", "--save", "plan.json")
    plan = json.loads((stage.folder / "plan.json").read_text("utf-8"))
    assert stage.run("apply", "plan.json", "--checksum", plan["checksum"]).code == 10
    assert found(stage) == (10, ["unknown"])
    assert "run ccops journal show" in stage.run("verify").out


def test_the_span_and_the_selection(stage: Stage) -> None:
    """Old sends are left out, and so are other campaigns; a name needs no manifest any more."""
    apply(stage, "Spring", "Summer")
    assert found(stage, "--select", "name:Spr*") == (0, ["to-come"])
    stage.world.move_to(AT_9 + timedelta(days=3))
    assert found(stage) == (0, ["sent", "sent"])
    assert found(stage, "--since", "48h") == (0, [])
    assert found(stage, "--since", "2027-03-09") == (0, ["sent", "sent"])
    assert found(stage, "--since", "2027-03-09T14:00:01Z") == (0, [])
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    assert found(stage, "--select", "name:Summer") == (0, ["sent"])
    assert found(stage, "--select", "file:campaigns/*") == (0, ["sent"])


def test_nothing_was_applied(stage: Stage) -> None:
    """Said aloud, with exit 0; only the account is asked who it is."""
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    done = stage.run("verify")
    assert (done.code, "Nothing was ever applied with this store" in done.out) == (0, True)
    assert [one.path for one in stage.world.requests] == ["/v3/account/summary"]


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--since", "yesterday"), 3, "CC298"),
        (("--select", "name:Nobody"), 3, "CC287"),
        (("--select", "Spring"), 3, "CC286"),
    ],
)
def test_a_wrong_command_line(
    applied: Stage, flags: tuple[str, ...], code: int, words: str
) -> None:
    """Exit 3, with what can be written instead."""
    done = applied.run("verify", *flags)
    assert (done.code, done.out) == (code, "")
    assert words in done.err


@pytest.mark.parametrize(
    ("fault", "path", "code"),
    [
        ("html", "/v3/emails/activities/*", 1),
        ("429 quota_exceeded", "*/schedules", 5),
        ("expire_token", "/v3/emails/activities/*", 4),
    ],
)
def test_a_reading_that_fails_is_no_verdict(
    applied: Stage, fault: str, path: str, code: int
) -> None:
    """Nothing is concluded from it, least of all that a send is gone."""
    applied.world.add_token(TOKEN)
    applied.fault(fault, "GET", path, times=9)
    done = applied.run("verify")
    assert (done.code, done.out) == (code, "")


def test_another_account_is_refused(applied: Stage) -> None:
    """Exit 4: its sends would be compared with a stranger's."""
    path = applied.folder / "ccops.yaml"
    path.write_text(path.read_text("utf-8").replace("account: ", "account: other"), "utf-8")
    assert applied.run("verify").code == 4


def test_each_activity_is_read_once(stage: Stage) -> None:
    """One activity, one schedule, one history: three requests a campaign, and one for the account."""
    apply(stage, "Spring", "Summer")
    stage.world.log.clear()
    assert stage.run("verify").code == 0
    paths = [one.path for one in stage.world.requests]
    assert len(paths) == len(set(paths)) == 7


def test_a_send_that_begins_between_two_readings(applied: Stage) -> None:
    """What contradicts itself is read once more before anybody is called."""
    applied.fault("delay", "GET", "*/schedules")
    applied.world.sleep = lambda _: applied.world.move_to(AT_9 + HOUR)
    assert found(applied) == (0, ["sent"])


def test_right_after_an_apply_it_waits(applied: Stage) -> None:
    """A reading is trusted only so long after the last write; never longer than that."""
    workspace(applied.folder, applied.world, read_lag="5 seconds")
    slept: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in applied.environment.items():
            patch.setenv(name, value)
        with reading(applied.folder, applied.url) as session:
            verify(session, since="7d", select=(), sleep=slept.append)
        applied.world.advance(60)
        with reading(applied.folder, applied.url) as session:
            verify(session, since="7d", select=(), sleep=slept.append)
    assert len(slept) == 1
    assert 0 < slept[0] <= 5


def test_hostile_names_stay_in_their_place(stage: Stage) -> None:
    """A campaign's name commands no log, mentions nobody and makes no image."""
    apply(stage, HOSTILE)
    text = stage.run("verify")
    page = stage.run("verify", "--format", "markdown")
    document = stage.run("verify", "--format", "json")
    assert {one.code for one in (text, page, document)} == {0}
    assert all("##[" not in one.out for one in (text, page, document))
    assert document.document["deliveries"][0]["campaign"] == HOSTILE
    assert "- ``# #[error] `@octocat` <img src=x> | ::set-output``" in page.out


def test_a_process_of_its_own(applied: Stage) -> None:
    """As a nightly run starts it; help shows how."""
    done = applied.process("verify")
    assert (done.code, "= Spring: still to come" in done.out) == (0, True)
    assert "Examples:" in applied.process("verify", "--help").out
