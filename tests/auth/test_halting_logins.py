"""The emergency brake works with any login that lives, whatever has become of its renewal."""

from datetime import timedelta

import pytest

from ccops.sandbox.ids import list_id_of
from tests.auth.browsing import TOKEN_PATH, asked_for_tokens
from tests.auth.logins import at, ending, issue, logged_in
from tests.e2e.stage import START, Stage

HALT = ("halt", "--yes", "--reason", "the link is wrong")


@pytest.fixture
def live(stage: Stage) -> Stage:
    """A campaign is scheduled; somebody is logged in, for minutes."""
    stage.world.add_campaign(
        "Live", lists=[list_id_of("Members")], scheduled=START + timedelta(days=8)
    )
    stage.write(
        'campaign: Live\nrecipients: {lists: [Members]}\nsend_at: "2027-03-09 09:00"\n',
    )
    logged_in(stage)
    ending(stage, minutes=3)
    return stage


def halted(stage: Stage) -> bool:
    live = stage.world.primary(stage.world.campaigns[stage.world.campaign_by_name["Live"]])
    return live.scheduled is None


@pytest.mark.parametrize("kind", ["drop_after", "500_before", "throttled"])
def test_the_login_service_is_not_asked(live: Stage, kind: str) -> None:
    """It may be down, and its answer could use up the refresh token: the access token will do."""
    live.fault(kind, "POST", TOKEN_PATH, times=9)
    assert (live.run(*HALT).code, halted(live), asked_for_tokens(live.world)) == (0, True, [])


def test_a_dead_refresh_token_does_not_hold_it_back(live: Stage) -> None:
    """Every other command says so, and it stops what is scheduled."""
    live.world.tokens.pop("refresh-token-of-a-person")
    live.world.log.clear()
    assert live.run("plan").code == 4
    assert (live.run(*HALT).code, halted(live)) == (0, True)


def test_an_ended_one_is_renewed(live: Stage) -> None:
    """As for every command."""
    ending(live, minutes=-1)
    assert (live.run(*HALT).code, halted(live)) == (0, True)
    assert asked_for_tokens(live.world) == [("refresh_token", 200)]


@pytest.mark.parametrize("after", range(8))
def test_a_token_that_ends_on_the_way_is_renewed_and_it_goes_on(live: Stage, after: int) -> None:
    """At any request: a DELETE is a whole sequence, after which nothing is half done."""
    live.fault("expire_token", "*", "/v3/*", after=after)
    assert (live.run(*HALT).code, halted(live)) == (0, True)
    assert asked_for_tokens(live.world) in [[], [("refresh_token", 200)]]


def test_the_seed_of_a_job_will_do(live: Stage) -> None:
    """What grew out of it is kept apart, and is used while it lives."""
    issue(live, "refresh", "seed-of-a-runner")
    runner = at(live, CCOPS_REFRESH_TOKEN="seed-of-a-runner")
    assert runner.run("plan").code == 0
    live.world.log.clear()
    live.fault("500_before", "POST", TOKEN_PATH, times=9)
    assert (runner.run(*HALT).code, halted(live), asked_for_tokens(live.world)) == (0, True, [])


def test_without_any_login_it_says_so(live: Stage) -> None:
    """Exit 4, with the command that repairs it."""
    assert live.run("auth", "logout").code == 0
    done = live.run(*HALT)
    assert (done.code, "ccops auth login" in done.err, halted(live)) == (4, True, False)
