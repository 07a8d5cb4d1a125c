"""Faults of single writes: lost, late, refused, answered oddly, or delivered twice."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.stage import START, Stage, account, manifest, on_stage, workspace
from tests.faults.spring import (
    APPLY,
    AT_9,
    DELETE,
    DONORS,
    MARCH_9,
    MARCH_10,
    MEMBERS,
    MOVE,
    POST,
    as_wanted,
    edit,
    mails,
    posts,
    scheduled,
    spring,
)

READINGS = 6
"""How often an activity or its history is read before the POST of a new schedule."""


def test_f01_a_post_that_never_arrived_is_made_once_more(draft: Stage) -> None:
    """The account shows that nothing happened; only then it is posted again."""
    draft.fault("drop_before", "POST")
    assert draft.run(*APPLY).code == 0
    assert draft.effects() == [POST]
    assert (as_wanted(draft), mails(draft)) == (True, 1)


def test_f02_a_post_that_was_carried_out_is_not_repeated(draft: Stage) -> None:
    """The answer was lost, and the account shows the schedule."""
    draft.fault("drop_after", "POST")
    assert draft.run(*APPLY).code == 0
    assert draft.writes() == [POST]
    assert mails(draft) == 1


def test_f03_a_post_that_arrives_late_is_waited_for(tmp_path: Path) -> None:
    """It takes effect while ccops waits for it to settle."""
    with on_stage(tmp_path / "workspace", account(frozen=False)) as stage:
        workspace(stage.folder, stage.world, settle="400 ms")
        stage.world.add_campaign("Spring", lists=[MEMBERS])
        stage.write(manifest("Spring", "Members", send_at=MARCH_10))
        stage.fault("late", "POST", seconds=0.2)
        assert stage.run(*APPLY).code == 0
        assert stage.writes() == [POST]
        assert as_wanted(stage)


def test_f04_a_late_post_does_not_outlive_a_newer_commit(tmp_path: Path) -> None:
    """The run was killed with its POST on the way; the next commit says unscheduled."""
    with on_stage(tmp_path / "workspace", account(frozen=False)) as stage:
        workspace(stage.folder, stage.world, settle="400 ms")
        stage.world.add_campaign("Spring", lists=[MEMBERS])
        stage.write(manifest("Spring", "Members", send_at=MARCH_10))
        stage.fault("late", "POST", seconds=0.2)
        stage.fault("500_before", "GET", "*/activities/*", after=READINGS, times=99)
        assert stage.run(*APPLY).code == 10
        stage.world.faults.clear()
        stage.write(manifest("Spring", "Members", send_at="unscheduled"))
        code = stage.run(*APPLY).code
        assert code == 0 or stage.run(*APPLY).code == 0
        assert (posts(stage), scheduled(stage)[0]) == ([POST], None)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_f05_a_delete_of_unclear_outcome(moved: Stage, fault: str) -> None:
    """Made again only if the account still shows the schedule."""
    moved.fault(fault, "DELETE")
    assert moved.run(*APPLY).code == 0
    assert moved.writes() == [DELETE, *MOVE] if fault == "drop_before" else MOVE
    assert as_wanted(moved)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_f06_a_put_of_unclear_outcome(moved: Stage, fault: str) -> None:
    """No POST before the account shows the recipients."""
    moved.fault(fault, "PUT")
    assert moved.run(*APPLY).code == 0
    assert moved.effects() == MOVE
    assert len(posts(moved)) == 1


def test_f07_recipients_that_change_while_it_is_scheduled(draft: Stage) -> None:
    """Whatever changed them after the last look: the schedule that ccops made is taken back."""
    draft.fault("delay_after", "POST", seconds=1)
    draft.world.sleep = lambda _: edit(draft, contact_list_ids=(DONORS,))
    done = draft.run(*APPLY)
    assert (done.code, draft.writes()) == (8, [POST, DELETE])
    assert (mails(draft), "unscheduled it again" in done.out) == (0, True)


@pytest.mark.parametrize(("times", "code"), [(1, 0), (9, 5)])
def test_f08_a_throttled_write_waits_and_looks_first(draft: Stage, times: int, code: int) -> None:
    """Refused for certain; tried again after a reading, and not for ever."""
    draft.fault("throttled", "POST", times=times)
    assert draft.run(*APPLY).code == code
    assert draft.effects() == ([POST] if code == 0 else [])
    assert len(posts(draft)) == min(times + 1, 3)


@pytest.mark.parametrize("fault", ["500_before", "500_after"])
def test_f12_a_crash_for_a_post_proves_nothing(draft: Stage, fault: str) -> None:
    """The account tells whether it was carried out."""
    draft.fault(fault, "POST")
    assert draft.run(*APPLY).code == 0
    assert (len(posts(draft)), as_wanted(draft)) == (2 if fault == "500_before" else 1, True)


def test_f13_a_page_of_html_for_a_post_is_not_shown(draft: Stage) -> None:
    """It is no answer, and its text may be anybody's."""
    draft.fault("html502", "POST")
    done = draft.run(*APPLY)
    assert (done.code, as_wanted(draft)) == (0, True)
    assert "<html" not in done.out + done.err


@pytest.mark.parametrize(("status", "code"), [(201, 0), (200, 0)])
def test_f17_any_success_is_read_back(draft: Stage, status: int, code: int) -> None:
    """Which 2xx it is does not matter: only what the account shows afterwards."""
    draft.world.set_switch("schedule_status", status)
    assert (draft.run(*APPLY).code, posts(draft)) == (code, [POST])


def test_f17_a_schedule_for_another_time_is_taken_back(draft: Stage) -> None:
    """Accepted, but not for the time that was asked for."""
    draft.fault("delay_after", "POST", seconds=1)
    draft.world.sleep = lambda _: edit(draft, scheduled=AT_9)
    done = draft.run(*APPLY)
    assert (done.code, draft.writes()) == (8, [POST, DELETE])
    assert (mails(draft), "another time" in done.out) == (0, True)


def test_f19_a_401_for_a_post_is_not_repeated_blindly(draft: Stage) -> None:
    """Nobody can look until somebody logs in again: exit 10, then 4, then it is found out."""
    token = draft.environment["CCOPS_ACCESS_TOKEN"]
    draft.world.add_token(token)
    draft.world.set_switch("strict_auth", True)
    draft.fault("expire_token", "POST")
    assert draft.run(*APPLY).code == 10
    assert draft.run(*APPLY).code == 4
    draft.world.add_token(token)
    assert draft.run(*APPLY).code == 0
    assert (as_wanted(draft), mails(draft)) == (True, 1)


def test_f31_the_quota_ends_between_delete_and_post(moved: Stage) -> None:
    """Known and loud if the account can still be read; else a person must look."""
    codes = set()
    for quota in range(14, 30):
        moved.world.set_switch("quota", 0)
        edit(moved, scheduled=AT_9, contact_list_ids=(DONORS,), status="SCHEDULED")
        moved.world.log.clear()
        with on_stage(moved.folder.parent / f"quota-{quota}", account()) as stage:
            stage.world.add_campaign("Spring", lists=[DONORS], scheduled=AT_9)
            stage.write(manifest("Spring", "Members", send_at=MARCH_10))
            stage.world.set_switch("quota", quota)
            done = stage.run(*APPLY)
            if stage.effects() and posts(stage) == []:
                codes.add(done.code)
                loud = "unscheduled now and will not be sent" in done.out
                assert done.code == 10 or loud, quota
            stage.world.set_switch("quota", 0)
            assert done.code == 0 or stage.run(*APPLY).code == 0, quota
            assert as_wanted(stage)
    assert codes <= {8, 10}
    assert codes


def test_f52_a_request_that_arrives_twice_has_one_effect(draft: Stage) -> None:
    """Constant Contact refuses a second POST while it is scheduled; ccops reads back as ever."""
    draft.fault("delay_after", "POST", seconds=1)
    draft.world.sleep = lambda _: edit(draft, scheduled=spring(draft).scheduled)
    assert draft.run(*APPLY).code == 0
    assert mails(draft) == 1


def test_f61_a_delete_that_arrives_late_cannot_meet_the_new_post(tmp_path: Path) -> None:
    """An unclear DELETE is given its settle time before anything else is written."""
    with on_stage(tmp_path / "workspace", account(frozen=False)) as stage:
        workspace(stage.folder, stage.world, settle="400 ms")
        stage.world.add_campaign("Spring", lists=[MEMBERS], scheduled=AT_9)
        stage.write(manifest("Spring", "Members", send_at=MARCH_10))
        stage.fault("late", "DELETE", seconds=0.2)
        assert stage.run(*APPLY).code == 0
        assert stage.writes() == [DELETE, POST]
        assert as_wanted(stage)


def test_f62_a_run_right_after_another_waits_before_it_trusts(tmp_path: Path) -> None:
    """The account lags behind; the second run knows from the journal when the last write was."""
    with on_stage(tmp_path / "workspace", account(frozen=False)) as stage:
        workspace(stage.folder, stage.world, read_lag="400 ms")
        stage.world.set_switch("read_lag", 0.3)
        stage.world.add_campaign("Spring", lists=[MEMBERS])
        stage.write(manifest("Spring", "Members", send_at=MARCH_10))
        assert stage.run(*APPLY).code == 0
        stage.write(manifest("Spring", "Members", send_at=MARCH_9))
        code = stage.run(*APPLY).code
        assert code == 0 or stage.run(*APPLY).code == 0
        assert scheduled(stage)[0] == START + timedelta(days=8)


def test_f51_readings_that_lag_are_waited_for(tmp_path: Path) -> None:
    """Shorter than the declared lag: nobody notices. Longer: a person must look, and one POST."""
    for number, (lag, codes) in enumerate([(0.2, {0}), (60.0, {10})]):
        with on_stage(tmp_path / str(number), account(frozen=False)) as stage:
            workspace(stage.folder, stage.world, read_lag="300 ms", settle="100 ms")
            stage.world.add_campaign("Spring", lists=[MEMBERS])
            stage.write(manifest("Spring", "Members", send_at=MARCH_10))
            stage.world.set_switch("read_lag", lag)
            done = stage.run(*APPLY, "--format", "json")
            assert {done.code} == codes, json.dumps(done.document)
            assert posts(stage) == [POST]
