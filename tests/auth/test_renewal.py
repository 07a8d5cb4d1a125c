"""A login that ends soon is renewed once, by one process, and never with a token shown twice."""

import json
from dataclasses import replace

import pytest

from ccops.constantcontact.grants import RefreshKind
from tests.auth.browsing import (
    CLIENT,
    TOKEN_PATH,
    asked_for_tokens,
    begin_device,
    log_in,
    secrets_of,
    visit,
)
from tests.auth.logins import (
    at,
    ending,
    grant_of,
    issue,
    logged_in,
    login_store,
    ready,
    revoked,
    status,
)
from tests.e2e.stage import Stage
from tests.e2e.window import Fate, killed, window

REFRESHED = ("refresh_token", 200)
STORES = ("files", "postgres")


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """The stage with one store or the other, logged in, at the end of the access token's life."""
    if request.param == "postgres":
        stage = at(stage, CCOPS_STORE=request.getfixturevalue("server").address())
    logged_in(stage)
    ending(stage)
    return stage


# --- when it is renewed ------------------------------------------------------------------------


def test_a_login_that_ends_within_two_hours_is_renewed(kept: Stage) -> None:
    """Once, before the first request of the account, and what came is stored: then none is due."""
    before = grant_of(kept)
    runs = [kept.run("plan"), status(kept), kept.run("doctor")]
    assert [one.code for one in runs] == [0, 0, 0]
    assert asked_for_tokens(kept.world) == [REFRESHED]
    assert kept.world.requests[0].path == TOKEN_PATH
    after = grant_of(kept)
    assert after.refresh is not None
    assert before.refresh is not None
    assert after.refresh.reveal() != before.refresh.reveal()
    assert after.kind is RefreshKind.ROTATING
    said = "".join(one.out + one.err for one in runs)
    assert not [one for one in secrets_of(kept.world) if one in said]


def test_a_login_that_lives_longer_is_left_alone(stage: Stage) -> None:
    """Twenty-four hours are enough for any run."""
    logged_in(stage)
    assert stage.run("plan").code == 0
    assert asked_for_tokens(stage.world) == []


def test_an_apply_renews_at_its_start_and_never_again(kept: Stage) -> None:
    """Not in the middle of a sequence."""
    assert kept.run("apply", "--yes").code == 0
    grants = [index for index, one in enumerate(kept.world.requests) if one.path == TOKEN_PATH]
    assert grants == [0]
    assert [one.split()[0] for one in kept.effects()[1:]] == ["PUT", "POST"]


def test_a_long_lived_token_comes_back_and_is_known_as_such(stage: Stage) -> None:
    """It may be shown again, also after a renewal that was not answered."""
    stage.world.set_switch("refresh_tokens", "long_lived")
    logged_in(stage)
    for _ in range(2):
        ending(stage)
        assert status(stage).document["refresh_token"] == "long-lived"
    ending(stage)
    stage.fault("drop_after", "POST", TOKEN_PATH)
    assert status(stage).code == 4
    assert status(stage).code == 0
    assert not revoked(stage)


def test_a_login_without_a_refresh_token_lives_to_its_end(stage: Stage) -> None:
    """Then it is told what to do; nothing is asked for."""
    under_way = begin_device(stage)
    visit(under_way.url)
    assert under_way.done().code == 0
    stage.world.log.clear()
    ending(stage)
    assert stage.run("plan").code == 0
    ending(stage, minutes=-1)
    done = stage.run("plan")
    assert (done.code, "CC546" in done.err, "ccops auth login" in done.err) == (4, True, True)
    assert asked_for_tokens(stage.world) == []


# --- misfortune --------------------------------------------------------------------------------


LOSING = ("drop_before", "drop_after", "truncate", "html", "html502", "500_before", "500_after")


@pytest.mark.parametrize("kind", LOSING)
def test_s02_a_lost_answer_is_not_asked_for_again(stage: Stage, kind: str) -> None:
    """F-20, F-21: exit 4 with the command that repairs it, one attempt, now and in later runs."""
    logged_in(stage)
    ending(stage)
    stage.fault(kind, "POST", TOKEN_PATH)
    runs = [stage.run("plan"), stage.run("apply", "--yes"), status(stage)]
    assert [one.code for one in runs] == [4, 4, 4]
    assert all("CC547" in one.err and "ccops auth login" in one.err for one in runs)
    assert len(asked_for_tokens(stage.world)) == 1
    assert len(stage.world.requests) == 1
    said = "".join(one.out + one.err for one in runs)
    assert not [one for one in secrets_of(stage.world) if one in said]


def test_logging_in_again_repairs_it(stage: Stage) -> None:
    """As the message says."""
    logged_in(stage)
    ending(stage)
    stage.fault("drop_after", "POST", TOKEN_PATH)
    assert status(stage).code == 4
    assert log_in(stage).code == 0
    assert stage.run("plan").code == 0


def test_s02_killed_while_the_answer_is_under_way(kept: Stage) -> None:
    """The token has rotated, and nobody knows the new one: said, and not tried."""
    killed(kept, "POST", TOKEN_PATH, fate=Fate.DONE, arguments=("auth", "status"))
    runs = [status(kept), status(kept)]
    assert [(one.code, "CC547" in one.err) for one in runs] == [(4, True)] * 2
    assert asked_for_tokens(kept.world) == [REFRESHED]


def test_s02_killed_between_the_answer_and_its_being_stored(kept: Stage) -> None:
    """The same, one instruction later."""
    process = ready(kept, "die")
    process.communicate("go\n", timeout=30)
    assert process.returncode == -9
    runs = [status(kept), status(kept)]
    assert [(one.code, "CC547" in one.err) for one in runs] == [(4, True)] * 2
    assert asked_for_tokens(kept.world) == [REFRESHED]
    assert not revoked(kept)


def test_a_dead_grant_is_told_once_and_not_shown_again(stage: Stage) -> None:
    """Revoked at the vendor, or unused for 180 days."""
    logged_in(stage)
    ending(stage)
    for value, token in list(stage.world.tokens.items()):
        stage.world.tokens[value] = replace(token, dead=True)
    stage.world.log.clear()
    one, other = stage.run("plan"), stage.run("plan")
    assert (one.code, "CC541" in one.err, "ccops auth login" in one.err) == (4, True, True)
    assert (other.code, "CC547" in other.err) == (4, True)
    assert len(asked_for_tokens(stage.world)) == 1


def test_what_is_throttled_is_asked_for_again(stage: Stage) -> None:
    """Exit 5: the limit comes before the token is looked at, so that nothing is used up."""
    logged_in(stage)
    ending(stage)
    stage.fault("throttled", "POST", TOKEN_PATH)
    assert status(stage).code == 5
    assert status(stage).code == 0
    assert not revoked(stage)


def test_a_refused_client_can_be_put_right(stage: Stage) -> None:
    """An application that is unknown for an hour does not cost a login: the token was not used."""
    logged_in(stage)
    ending(stage, client_id="")
    assert [(one.code, "CC540" in one.err) for one in (status(stage), status(stage))] == [
        (4, True),
        (4, True),
    ]
    ending(stage, client_id=CLIENT)
    assert status(stage).code == 0


def test_what_is_stored_is_no_login(stage: Stage) -> None:
    """Said with its remedy; it is neither shown nor replaced by a guess."""
    logged_in(stage)
    with login_store(stage) as opened, opened.tokens.hold() as held:
        held.write('{"access_token": "needle"}')
    done = stage.run("plan")
    assert (done.code, "CC549" in done.err, "needle" in done.err) == (4, True, False)


# --- several processes -------------------------------------------------------------------------


def test_s02_of_eight_processes_one_renews(stage: Stage) -> None:
    """S-02: exactly one request for tokens, and eight that succeed; F-22 is the same with a server."""
    logged_in(stage)
    ending(stage)
    with window(stage, "POST", TOKEN_PATH, fate=Fate.DONE) as opened:
        processes = [ready(stage) for _ in range(8)]
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
    assert {json.loads(out)["refresh_token"] for out, _ in ends} == {"rotating"}
    assert asked_for_tokens(stage.world) == [REFRESHED]


# --- a refresh token in the environment --------------------------------------------------------


def seed(stage: Stage, value: str = "seed-of-a-runner") -> Stage:
    """A refresh token that somebody else got, for jobs that are given it."""
    issue(stage, "refresh", value)
    return at(stage, CCOPS_REFRESH_TOKEN=value)


def test_a_runner_begins_with_its_own_and_goes_on_with_what_came(stage: Stage) -> None:
    """The next run uses what is stored, and the one after a renewal what that left."""
    runner = seed(stage)
    assert [runner.run("plan").code for _ in range(2)] == [0, 0]
    assert asked_for_tokens(stage.world) == [REFRESHED]
    shown = status(runner).document
    assert (shown["source"], shown["refresh_token"]) == ("CCOPS_REFRESH_TOKEN", "rotating")


def test_a_runner_whose_disk_does_not_stay_cannot_rotate(stage: Stage) -> None:
    """Its token was used up by the run before: exit 4, and what to do."""
    runner = seed(stage)
    assert runner.run("plan").code == 0
    fresh = at(runner, CCOPS_STATE_DIR=str(stage.folder / "fresh"))
    done = fresh.run("plan")
    assert (done.code, "CC541" in done.err, "CCOPS_REFRESH_TOKEN" in done.err) == (4, True, True)


def test_a_token_of_the_environment_leaves_the_person_s_login_alone(stage: Stage) -> None:
    """Each has its own record, and so have two jobs."""
    logged_in(stage)
    mine = grant_of(stage).access.reveal()
    assert seed(stage, "seed-of-one-job").run("plan").code == 0
    stage.world.set_switch("refresh_tokens", "long_lived")
    assert seed(stage, "seed-of-another-job").run("plan").code == 0
    assert grant_of(stage).access.reveal() == mine


def test_a_runner_s_token_may_stand_in_a_file(stage: Stage) -> None:
    """With a line break at its end, as most have."""
    seed(stage)
    (stage.folder / "secret").write_text("seed-of-a-runner\n", "utf-8")
    assert at(stage, CCOPS_REFRESH_TOKEN_FILE=str(stage.folder / "secret")).run("plan").code == 0


@pytest.mark.parametrize(
    ("environment", "code", "told"),
    [
        ({"CCOPS_CLIENT_ID": ""}, 4, "CC548"),
        ({"CCOPS_REFRESH_TOKEN_FILE": "/dev/null"}, 3, "CC550"),
        ({"CCOPS_REFRESH_TOKEN": "two words"}, 4, "CC551"),
        ({"CCOPS_REFRESH_TOKEN": "", "CCOPS_REFRESH_TOKEN_FILE": "/nowhere"}, 3, "CC550"),
        ({"CCOPS_REFRESH_TOKEN": "", "CCOPS_REFRESH_TOKEN_FILE": "/dev/zero"}, 3, "CC550"),
    ],
)
def test_variables_that_do_not_go_together(
    stage: Stage, environment: dict[str, str], code: int, told: str
) -> None:
    """Before any request, and without repeating them."""
    done = at(seed(stage), **environment).run("plan")
    assert (done.code, told in done.err, "seed-of" in done.err) == (code, True, False)
    assert stage.world.requests == ()
