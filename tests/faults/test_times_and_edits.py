"""Faults of time, and people at work in the account while ccops is."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ccops.sandbox.app import make_app
from ccops.sandbox.furnish import PastSend, with_history
from ccops.sandbox.ids import list_id_of
from ccops.session import applied
from tests.e2e.stage import START, Stage, manifest
from tests.e2e.test_faults import made
from tests.faults.spring import (
    APPLY,
    AT_9,
    BOARD,
    DELETE,
    DONORS,
    MARCH_10,
    MEMBERS,
    POST,
    edit,
    mails,
    posts,
    spring,
)

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

SAVED = ("apply", "plan.json", "--yes")
MINUTE = 60


def saved(stage: Stage) -> Stage:
    """Plan, and keep the plan for later."""
    assert stage.run("plan", "--save", "plan.json").code == 0
    return stage


def during(stage: Stage, method: str, path: str, happening: Any, after: int = 0) -> None:
    """Let something happen in the account just before a request is carried out."""
    stage.fault("delay", method, path, seconds=1, after=after)
    stage.world.sleep = lambda _: happening()


# --- clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "code"), [(-3600, 6), (-60, 0), (60, 0), (3600, 6)], ids=str)
def test_f23_a_clock_that_is_off_refuses_to_write(
    draft: Stage, monkeypatch: pytest.MonkeyPatch, seconds: int, code: int
) -> None:
    """Beyond two minutes nothing is written; only a sandbox, whose clock is virtual, is let off."""
    monkeypatch.setattr(applied, "is_loopback", lambda _: False)
    monkeypatch.setattr(applied, "local_now", lambda: START + timedelta(seconds=seconds))
    done = draft.run(*APPLY)
    assert (done.code, "CC480" in done.err) == (code, code == 6)
    assert draft.writes() == ([] if code else [POST])


def test_f24_a_server_that_tells_no_time_is_not_written_to(draft: Stage) -> None:
    """Without its clock nobody knows how near a send is."""
    inner = make_app(draft.world)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            dated = [(name, "soon" if name == "Date" else value) for name, value in headers]
            return start_response(status, [*dated, ("Date", "soon")], *rest)

        return inner(environ, start)

    with made(app) as url:
        done = draft.run(*APPLY, "--base-url", url)
    assert (done.code, draft.writes()) == (1, [])
    assert "CC517" in done.err


def test_f26_a_send_time_that_passed_is_missed(draft: Stage) -> None:
    """The saved plan has expired by then, and a new one calls it missed."""
    saved(draft).world.move_to(START + timedelta(days=9, seconds=1))
    assert draft.run(*SAVED).code == 7
    assert draft.run(*APPLY).code == 6
    assert (draft.writes(), mails(draft)) == ([], 0)


def test_f26_a_send_time_within_the_lead_is_too_late(draft: Stage) -> None:
    """Planned in time, applied too late: it needs a person, and nothing was written."""
    draft.write(manifest("Spring", "Members", send_at="Mon 2027-03-01 09:30"))
    saved(draft).world.advance(16 * MINUTE)
    assert draft.run(*SAVED).code in {6, 7}
    assert draft.run(*APPLY).code == 6
    assert draft.writes() == []


# --- people ----------------------------------------------------------------------------------------

EDITS: dict[str, dict[str, object]] = {
    "recipients": {"contact_list_ids": (BOARD,)},
    "subject": {"subject": "Another"},
    "preheader": {"preheader": "Another"},
    "sender's name": {"from_name": "Another"},
    "sender's address": {"from_email": "other@sandbox.example"},
    "reply-to": {"reply_to_email": "other@sandbox.example"},
    "time": {"status": "SCHEDULED", "scheduled": AT_9},
}


@pytest.mark.parametrize("what", EDITS)
def test_f28_an_edit_between_plan_and_apply_is_stale(draft: Stage, what: str) -> None:
    """Whatever it was: nothing is written, and the plan has to be made anew."""
    edit(saved(draft), **EDITS[what])
    assert (draft.run(*SAVED).code, draft.writes()) == (7, [])


def test_f29_an_edit_between_the_look_and_the_post(draft: Stage) -> None:
    """Nobody approved these recipients: the schedule that ccops made is taken back."""
    during(draft, "POST", "*", lambda: edit(draft, contact_list_ids=(DONORS,)))
    done = draft.run(*APPLY)
    assert (done.code, draft.writes()) == (8, [POST, DELETE])
    assert mails(draft) == 0


def schedules(stage: Stage) -> None:
    edit(stage, status="SCHEDULED", scheduled=AT_9)


def sends(stage: Stage) -> None:
    edit(stage, status="SCHEDULED", scheduled=stage.world.now)
    stage.world.advance(1)


def deletes(stage: Stage) -> None:
    stage.world.trash_campaign(spring(stage).campaign_id)


@pytest.mark.parametrize(
    ("what", "codes", "sent"),
    [(schedules, {6, 7, 8, 10}, 1), (sends, {1, 6, 7, 8, 10}, 1), (deletes, {1, 6, 7, 8, 10}, 0)],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_f30_somebody_acts_mid_run(
    draft: Stage, method: str, what: Any, codes: set[int], sent: int
) -> None:
    """Right before the last look, or right before the POST: no second send, and never silence."""
    path = "*/schedules" if method == "POST" else "/v3/emails/activities/*"
    during(draft, method, path, lambda: what(draft), after=4 if method == "GET" else 0)
    assert draft.run(*APPLY).code in codes
    assert len(posts(draft)) <= 1
    assert mails(draft) == sent


def test_f30_somebody_unschedules_mid_run(moved: Stage) -> None:
    """What was to be unscheduled is unscheduled: the rest of the plan is no surprise."""
    during(moved, "DELETE", "*", lambda: edit(moved, status="DRAFT", scheduled=None))
    code = moved.run(*APPLY).code
    assert code in {0, 7, 8}
    assert mails(moved) == len(posts(moved))


def test_f32_a_list_is_deleted_before_the_apply(moved: Stage) -> None:
    """The account has no such list any more: nothing is unscheduled for it, whatever is refused."""
    moved.world.set_switch("put_unknown_recipients", "refuse")
    saved(moved)
    moved.world.delete_list(list_id_of("Members"))
    assert moved.run(*APPLY).code == 3
    done = moved.run(*SAVED)
    assert (done.code, "CC616" in done.err, moved.writes()) == (7, True, [])


def test_f32_a_list_is_deleted_after_the_plan(moved: Stage) -> None:
    """Its id leads nowhere in the middle of the apply: the account refuses it."""
    moved.world.set_switch("put_unknown_recipients", "refuse")
    saved(moved)
    during(moved, "PUT", "*", lambda: moved.world.delete_list(list_id_of("Members")))
    done = moved.run(*SAVED)
    assert done.code == 8
    assert "unscheduled now and will not be sent" in done.out
    assert (posts(moved), mails(moved)) == ([], 0)


def test_f32_a_list_that_a_draft_names_is_deleted(draft: Stage) -> None:
    """The draft loses its recipients with the list: it is no longer as it was planned."""
    saved(draft)
    draft.world.delete_list(list_id_of("Members"))
    edit(draft, contact_list_ids=())
    assert (draft.run(*SAVED).code, draft.writes()) == (7, [])


def test_f48_sent_by_hand_since_the_plan(draft: Stage) -> None:
    """Somebody was faster: nothing is written, and it is sent once."""
    sends(saved(draft))
    assert (draft.run(*SAVED).code, draft.writes()) == (7, [])
    assert mails(draft) == 1


@pytest.mark.parametrize("reason", [5, 6])
def test_f49_a_send_that_failed_half_way_needs_a_person(stage: Stage, reason: int) -> None:
    """Some may have it already, or may still get it."""
    failed = PastSend(
        run_date=START - timedelta(days=2), send_status="ERRORED", count=3, reason_code=reason
    )
    stage.world.add_campaign("Spring", lists=[MEMBERS], history=[failed])
    stage.write(manifest("Spring", "Members", send_at=MARCH_10))
    assert (stage.run(*APPLY).code, stage.writes()) == (6, [])


def test_f50_it_is_being_sent_when_the_delete_arrives(moved: Stage) -> None:
    """Too late: the DELETE is refused, nothing else is written, and it says so."""
    moved.world.set_switch("send_seconds", 3600)
    moved.write(manifest("Spring", "Donors", send_at="unscheduled"))
    during(moved, "DELETE", "*", lambda: moved.world.move_to(AT_9 + timedelta(seconds=1)))
    done = moved.run(*APPLY)
    assert done.code in {6, 8}
    assert moved.effects() == []
    assert len(moved.sent("Spring")) == 1


def test_f35_an_older_plan_after_a_newer_one(draft: Stage) -> None:
    """The newer one says unscheduled and wrote nothing; the older one is refused all the same."""
    saved(draft).world.advance(MINUTE)
    wanted = (draft.folder / "campaigns" / "one.yaml").read_text("utf-8")
    draft.write(manifest("Spring", "Members", send_at="unscheduled"))
    assert draft.run(*APPLY).code == 0
    done = draft.run(*SAVED)
    assert (done.code, "CC617" in done.err, draft.writes()) == (7, True, [])
    draft.write(wanted)  # the checkout of the older commit
    done = draft.run(*SAVED)
    assert (done.code, draft.writes()) == (7, [])
    assert "a newer plan was applied" in done.out


@pytest.mark.parametrize(
    ("send_at", "code"),
    [
        ("Sun 2027-03-14 02:30", "CC11"),
        ("Sun 2027-11-07 01:30", "CC11"),
        ("2027-03-10 09:00 EST", "CC11"),
    ],
    ids=["in the gap", "in the fold", "three letters"],
)
def test_f25_a_time_that_is_none_or_two(draft: Stage, send_at: str, code: str) -> None:
    """Refused with its place, before any request."""
    draft.write(manifest("Spring", "Members", send_at=send_at))
    done = draft.run(*APPLY)
    assert (done.code, draft.world.requests) == (3, ())
    assert f"error[{code}" in done.err


def test_f25_a_time_without_a_zone_from_anywhere(draft: Stage) -> None:
    """Neither the manifest nor the workspace says one."""
    path = draft.folder / "ccops.yaml"
    path.write_text(f"version: 1\naccount: {draft.world.encoded_account_id}\n", encoding="utf-8")
    assert (draft.run(*APPLY).code, draft.world.requests) == (3, ())


def test_f25_a_plan_made_with_other_zone_data_is_stale(
    draft: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A local time may mean another instant since."""
    saved(draft)
    monkeypatch.setattr("ccops.session.planned.tzdata.IANA_VERSION", "2099z")
    done = draft.run(*SAVED)
    assert (done.code, draft.writes()) == (7, [])
    assert "CC610" in done.err


def test_f60_a_send_to_nobody_is_found_afterwards(draft: Stage) -> None:
    """The list was emptied before it went out: Constant Contact calls that completed."""
    assert draft.run(*APPLY).code == 0
    assert draft.run("verify").code == 0
    draft.world.set_members(MEMBERS, [])
    draft.world.move_to(START + timedelta(days=9, hours=1))
    done = draft.run("verify")
    assert (done.code, "nobody" in done.out) == (6, True)


def test_f60_a_send_that_failed_is_found_afterwards(draft: Stage) -> None:
    """With the vendor's reason, in words."""
    assert draft.run(*APPLY).code == 0
    failed = PastSend(run_date=START + timedelta(days=9), send_status="ERRORED", reason_code=7)
    draft.world.move_to(START + timedelta(days=9, hours=-1))
    edit(draft, status="DRAFT", scheduled=None)
    draft.world.put_activity(with_history(draft.world, spring(draft), [failed]))
    edit(draft, status="ERROR")
    draft.world.move_to(START + timedelta(days=9, hours=1))
    done = draft.run("verify")
    assert (done.code, "images" in done.out) == (6, True)
