"""Faults of a login: a token that is refused on the way, and renewals that come to nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.auth.browsing import CLIENT, TOKEN_PATH, asked_for_tokens
from tests.auth.logins import at, ending, grant_of, issue, logged_in, ready, revoked
from tests.e2e.stage import Stage, account, manifest, on_stage
from tests.e2e.window import Fate, window
from tests.faults.spring import APPLY, AT_9, DONORS, MARCH_10, MOVE, POST, as_wanted, mails
from tests.security.bent import Said, bent

REFRESHED = ("refresh_token", 200)
ACTIVITY = "/v3/emails/activities/*"
SUMMARY = "/v3/account/summary"


@pytest.fixture
def wanted(draft: Stage) -> Stage:
    """The draft, with a stored login instead of a given token."""
    return with_login(draft)


@contextmanager
def a_move(folder: Path) -> Iterator[Stage]:
    """Scheduled for March 9 to others; to go to Members on March 10; somebody is logged in."""
    with on_stage(folder, account()) as stage:
        stage.world.add_campaign("Spring", lists=[DONORS], scheduled=AT_9)
        stage.write(manifest("Spring", "Members", send_at=MARCH_10))
        yield with_login(stage)


def with_login(stage: Stage) -> Stage:
    stage.world.set_switch("strict_auth", True)
    here = at(stage, CCOPS_ACCESS_TOKEN="", CCOPS_CLIENT_ID=CLIENT)
    logged_in(here)
    return here


def expired(stage: Stage, method: str = "GET", after: int = 0) -> None:
    """Let the access token end at this request, though its date lies ahead."""
    stage.fault("expire_token", method, "/v3/*", after=after)


def sent_writes(stage: Stage) -> list[str]:
    """Every write to the account, whatever its answer; requests for tokens are none."""
    return [one for one in stage.writes() if TOKEN_PATH not in one]


def effects(stage: Stage) -> list[str]:
    return [one for one in stage.effects() if TOKEN_PATH not in one]


def test_f18_a_401_before_the_first_write_renews_once_and_goes_on(wanted: Stage) -> None:
    """Whichever reading it is: one renewal, the same requests otherwise, exit 0."""
    assert wanted.run("apply", "--dry-run").code == 0
    count = len(wanted.world.requests)
    for after in range(count):
        wanted.world.log.clear()
        expired(wanted, after=after)
        assert wanted.run("apply", "--dry-run").code == 0, after
        assert asked_for_tokens(wanted.world) == [REFRESHED], after
    wanted.world.log.clear()
    expired(wanted, after=count)
    assert wanted.run(*APPLY).code == 0
    assert asked_for_tokens(wanted.world) == [REFRESHED]
    assert sent_writes(wanted) == [POST]
    assert (as_wanted(wanted), mails(wanted)) == (True, 1)


ON_THE_WAY = range(5, 15)
"""Readings of the activity at which the token ends: from the last before the first write to one after the last."""


def test_f18_a_401_anywhere_in_a_run_costs_no_write_and_repeats_none(tmp_path: Path) -> None:
    """After a write the run ends there, known and loud; the next one goes on where it ended."""
    codes = set()
    for after in ON_THE_WAY:
        with a_move(tmp_path / f"{after}") as moving:
            moving.fault("expire_token", "GET", ACTIVITY, after=after)
            done = moving.run(*APPLY)
            loud = "unscheduled now and will not be sent" in done.out
            assert (done.code, loud) == ((0, False) if effects(moving) == MOVE else (8, True))
            codes.add(done.code)
            assert moving.run(*APPLY).code == 0
            assert sent_writes(moving) == effects(moving) == MOVE
            assert asked_for_tokens(moving.world) in [[], [REFRESHED]]
            assert (as_wanted(moving), mails(moving)) == (True, 1)
    assert codes == {0, 8}


def test_f18_a_given_token_cannot_be_renewed(wanted: Stage) -> None:
    """CCOPS_ACCESS_TOKEN ends the run, and no stored login speaks in its place."""
    issue(wanted, "access", "given-by-a-person")
    expired(wanted)
    done = at(wanted, CCOPS_ACCESS_TOKEN="given-by-a-person").run("plan")
    assert (done.code, "CC520" in done.err) == (4, True)
    assert asked_for_tokens(wanted.world) == []


def test_f18_a_second_401_ends_the_run(wanted: Stage) -> None:
    """Somebody takes the tokens away: one renewal a run, then it is said."""
    wanted.fault("expire_token", "GET", "/v3/*", times=99)
    done = wanted.run(*APPLY)
    assert (done.code, "CC520" in done.err) == (4, True)
    assert asked_for_tokens(wanted.world) == [REFRESHED]
    assert sent_writes(wanted) == []


def test_f18_a_later_401_ends_the_run_too(wanted: Stage) -> None:
    """The token that was got is taken away as well: nobody asks for a third one."""
    expired(wanted)
    expired(wanted, after=6)
    done = wanted.run(*APPLY)
    assert (done.code, "CC520" in done.err) == (4, True)
    assert asked_for_tokens(wanted.world) == [REFRESHED]
    assert sent_writes(wanted) == []


def test_f18_without_a_refresh_token_the_refusal_stands(wanted: Stage) -> None:
    """There is nothing to renew with: the command that repairs it is told."""
    ending(wanted, 600, refresh=None, kind=type(grant_of(wanted).kind)("none"))
    expired(wanted)
    done = wanted.run("plan")
    assert (done.code, "CC520" in done.err, "ccops auth login" in done.err) == (4, True, True)
    assert asked_for_tokens(wanted.world) == []


def test_f18_what_another_process_got_is_used_without_asking(wanted: Stage) -> None:
    """Somebody logged in while the run was under way, which ended the token it had."""
    with window(wanted, "GET", "/v3/emails", fate=Fate.LOST) as opened:
        process = wanted.start("plan", "--format", "json")
        opened.wait()
        issue(wanted, "access", "token-of-the-newer-login")
        ending(wanted, 600, access=type(grant_of(wanted).access)("token-of-the-newer-login"))
        wanted.world.tokens.pop("access-token-of-a-person")
        opened.release()
        out, err = process.communicate(timeout=30)
    assert (process.returncode, asked_for_tokens(wanted.world)) == (0, []), err
    assert json.loads(out)["summary"]


def test_f18_a_login_of_another_account_is_not_gone_on_with(wanted: Stage) -> None:
    """Whose token came is asked before it is used for anything else."""
    other = Said(body=json.dumps({"encoded_account_id": "b2", "organization_name": "B"}).encode())
    renewed = lambda: bool(asked_for_tokens(wanted.world))  # noqa: E731 - a word for what follows
    with bent(
        wanted.world, lambda _, path: other if renewed() and path == SUMMARY else None
    ) as url:
        at_proxy = at(wanted, CCOPS_BASE_URL=url)
        logged_in(replace(at_proxy, url=url))
        expired(wanted, after=1)
        done = at_proxy.run(*APPLY)
    assert (done.code, "CC557" in done.err) == (4, True), done.err
    assert sent_writes(wanted) == []


def test_f19_a_401_for_a_post_is_looked_at_with_another_token(wanted: Stage) -> None:
    """The write is not repeated in that run; the next one finds it not made, and makes it."""
    expired(wanted, "POST")
    done = wanted.run(*APPLY)
    assert (done.code, effects(wanted), sent_writes(wanted)) == (8, [], [POST])
    assert asked_for_tokens(wanted.world) == [REFRESHED]
    assert wanted.run(*APPLY).code == 0
    assert (as_wanted(wanted), mails(wanted)) == (True, 1)


LOSING = ("drop_before", "drop_after", "truncate", "html", "html502", "500_before", "500_after")


@pytest.mark.parametrize("kind", LOSING)
def test_f20_no_write_begins_when_the_renewal_fails(wanted: Stage, kind: str) -> None:
    """Exit 4, and nothing is asked of the account."""
    ending(wanted)
    wanted.fault(kind, "POST", TOKEN_PATH)
    done = wanted.run(*APPLY)
    assert (done.code, "ccops auth login" in done.err) == (4, True)
    assert len(wanted.world.requests) == 1


def test_f20_a_dead_grant_begins_no_write(wanted: Stage) -> None:
    """`invalid_grant`: exit 4 with the command that repairs it."""
    ending(wanted)
    wanted.world.tokens.pop("refresh-token-of-a-person")
    done = wanted.run(*APPLY)
    assert (done.code, "CC541" in done.err, sent_writes(wanted)) == (4, True, [])


def test_f20_in_mid_sequence_a_person_is_called(tmp_path: Path) -> None:
    """A token that ends on the way and cannot be replaced: what was begun is known to the journal."""
    codes = set()
    for after in ON_THE_WAY[2::2]:
        with a_move(tmp_path / f"{after}") as moving:
            moving.world.tokens.pop("refresh-token-of-a-person")
            moving.fault("expire_token", "GET", ACTIVITY, after=after)
            done = moving.run(*APPLY)
            assert sent_writes(moving) == effects(moving)
            codes.add((done.code, len(effects(moving))))
            logged_in(moving)
            assert moving.run(*APPLY).code == 0
            assert sent_writes(moving) == MOVE
            assert (as_wanted(moving), mails(moving)) == (True, 1)
    assert {code for code, writes in codes if writes == 0} == {4}
    assert {code for code, writes in codes if 0 < writes < len(MOVE)} == {10}


def test_f20_a_service_that_is_down_stops_nobody_who_has_an_hour(wanted: Stage) -> None:
    """Nothing was used up: it is said, and a later run renews; with less than an hour, exit 5."""
    ending(wanted, minutes=90)
    wanted.fault("throttled", "POST", TOKEN_PATH, times=2)
    done = wanted.run(*APPLY)
    assert (done.code, effects(wanted)) == (0, [POST])
    assert len(asked_for_tokens(wanted.world)) == 1
    ending(wanted, minutes=59)
    assert wanted.run("plan").code == 5
    assert wanted.run("plan").code == 0
    assert not revoked(wanted)


def test_f20_an_apply_does_not_begin_in_the_last_hour(wanted: Stage) -> None:
    """A login without a refresh token reads to its end, and writes until an hour before it."""
    ending(wanted, minutes=59, refresh=None, kind=type(grant_of(wanted).kind)("none"))
    assert wanted.run("plan").code == 0
    done = wanted.run(*APPLY)
    assert (done.code, "CC553" in done.err, sent_writes(wanted)) == (4, True, [])
    ending(wanted, minutes=61)
    assert wanted.run(*APPLY).code == 0


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "500_after"])
def test_f21_a_lost_answer_is_not_asked_for_again(wanted: Stage, kind: str) -> None:
    """The token has rotated and nobody knows the new one: exit 4, one try, in all runs."""
    ending(wanted)
    wanted.fault(kind, "POST", TOKEN_PATH)
    runs = [wanted.run("plan"), wanted.run(*APPLY), wanted.run("auth", "status")]
    assert [(one.code, "CC547" in one.err) for one in runs] == [(4, True)] * 3
    assert all("ccops auth login" in one.err for one in runs)
    assert len(wanted.world.requests) == 1


def test_f22_of_eight_runners_one_renews(wanted: Stage, server: object) -> None:
    """With a shared store: one request for tokens, and eight that succeed."""
    shared = at(wanted, CCOPS_STORE=server.address())  # type: ignore[attr-defined]  # the cluster of tests/store
    logged_in(shared)
    ending(shared)
    with window(shared, "POST", TOKEN_PATH, fate=Fate.DONE) as opened:
        processes = [ready(shared) for _ in range(8)]
        for one in processes:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in processes:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        opened.wait()
        opened.release()
        ends = [one.communicate(timeout=60) for one in processes]
    assert [one.returncode for one in processes] == [0] * 8, ends
    assert asked_for_tokens(shared.world) == [REFRESHED]
