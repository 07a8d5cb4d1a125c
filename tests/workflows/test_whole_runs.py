"""Whole runs: an event, the workflows that it starts, their jobs, the account, the pull request."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.stage import START
from tests.workflows.machine import Job
from tests.workflows.repository import (
    MARCH_2,
    MARCH_9,
    MEMBERS,
    YESTERDAY,
    Repository,
    on_github,
)


@pytest.fixture
def repository(tmp_path: Path, python: Path) -> Iterator[Repository]:
    with on_github(tmp_path, python) as found:
        yield found


def results(jobs: Mapping[str, Job]) -> dict[str, str]:
    return {name: job.result for name, job in jobs.items()}


def logs(jobs: Mapping[str, Job]) -> str:
    return "\n".join(job.log for job in jobs.values())


def test_a_change_is_planned_reviewed_merged_and_applied(repository: Repository) -> None:
    """The whole way: the comment shows the plan, the merge applies it, the comment is the receipt."""
    repository.declare("Other", MARCH_9)
    opened = repository.open()
    assert repository.host.starts(opened) == ["ccops-plan", "ccops-validate"]
    planned = repository.host.run("ccops-plan", opened)
    assert results(planned) == {"plan": "success"}, logs(planned)
    (body,) = repository.hub.bodies(7)
    assert "Other" in body
    assert "ccops-calendar.html" in repository.host.site.artifacts
    assert repository.effects() == []
    merged = repository.merge()
    assert repository.host.starts(merged) == ["ccops-apply"]
    applied = repository.host.run("ccops-apply", merged)
    assert results(applied) == {"plan": "success", "apply": "success"}, logs(applied)
    assert repository.effects() == ["POST Other 2027-03-09T14:00:00.000Z"]
    (body,) = repository.hub.bodies(7)
    assert "Applied" in body


def test_a_change_that_is_taken_back_is_taken_back_in_the_comment(repository: Repository) -> None:
    """Nobody approves by a plan that holds no more."""
    repository.declare("Other", MARCH_9)
    repository.host.run("ccops-plan", repository.open())
    assert "Other" in repository.hub.bodies(7)[0]
    repository.git("checkout", "--quiet", "main", "--", "mail/campaigns")
    repository.git("commit", "--quiet", "-m", "taken back")
    (repository.root / "README.md").write_text("new", "utf-8")
    opened = repository.open(onto="change")
    again = repository.host.run("ccops-plan", opened)
    assert results(again) == {"plan": "success"}, logs(again)
    (body,) = repository.hub.bodies(7)
    assert "nothing to do" in body
    assert "Tue 9 Mar" not in body


def test_all_commits_of_a_push_are_planned(repository: Repository) -> None:
    """However many they are: the checkout reaches back to the commit before."""
    before = repository.git("rev-parse", "HEAD")
    repository.declare("Other", MARCH_9)
    for _ in range(3):
        repository.push()
    applied = repository.host.run("ccops-apply", repository.pushed(before))
    assert results(applied) == {"plan": "success", "apply": "success"}, logs(applied)
    assert repository.effects() == ["POST Other 2027-03-09T14:00:00.000Z"]


def test_an_old_run_brings_nothing_back(repository: Repository) -> None:
    """Neither started anew nor from where it waited: its checkout does not know of later commits."""
    repository.declare("Other", MARCH_9)
    earlier = repository.push()
    host = repository.host
    waiting = host.run("ccops-apply", earlier)
    assert repository.effects() == ["POST Other 2027-03-09T14:00:00.000Z"]
    repository.declare("Other", "unscheduled")
    host.run("ccops-apply", repository.push())
    assert repository.effects()[1:] == ["DELETE Other"]
    again = host.run("ccops-apply", earlier)
    assert results(again) == {"plan": "failure", "apply": "skipped"}
    assert "has changed since" in again["plan"].log
    held = {"ccops-plan": b"{}"}
    host.site.artifacts.update(held)
    assert "has changed since" in host.rerun("ccops-apply", earlier, "apply", waiting).log
    assert len(repository.effects()) == 2


def test_nothing_is_applied_if_github_does_not_say_what_holds_now(repository: Repository) -> None:
    """Not to know is no permission."""
    repository.declare("Other", MARCH_9)
    event = repository.push()
    origin = repository.host.site.origin
    waiting = repository.host.run("ccops-apply", event)
    (origin / "refs" / "heads" / "main").rename(origin / "main")
    done = repository.effects()
    ran = repository.host.run("ccops-apply", event)
    assert results(ran) == {"plan": "failure", "apply": "skipped"}
    assert "does not say what main holds now" in ran["plan"].log
    assert waiting["apply"].result == "success"
    assert repository.effects() == done


@pytest.mark.parametrize(
    ("before", "said"), [("0" * 40, "made the branch"), ("", "is not in this checkout")]
)
def test_a_push_with_no_known_past_applies_nothing(
    repository: Repository, before: str, said: str
) -> None:
    """A new branch, or a forced push; by hand, with a commit to compare with, it can be done."""
    first = repository.git("rev-parse", "HEAD")
    repository.git("commit", "--quiet", "--allow-empty", "-m", "lost")
    lost = repository.push().sha
    repository.git("reset", "--quiet", "--hard", first)
    repository.declare("Other", MARCH_9)
    event = repository.push(force=True)
    ran = repository.host.run("ccops-apply", repository.pushed(before or lost))
    assert results(ran) == {"plan": "failure", "apply": "skipped"}
    assert said in ran["plan"].log
    assert repository.effects() == []
    by_hand = repository.host.run("ccops-apply", repository.start(since=first))
    assert results(by_hand) == {"plan": "success", "apply": "success"}, logs(by_hand)
    assert event.sha == repository.timer().sha


def test_a_fork_is_checked_without_secrets(repository: Repository) -> None:
    """Its plan is not even started; what it declares stands on the page of the job."""
    repository.declare("Other", MARCH_9)
    opened = repository.open(fork=True)
    asked = len(repository.stage.world.requests)
    assert results(repository.host.run("ccops-plan", opened)) == {"plan": "skipped"}
    checked = repository.host.run("ccops-validate", opened)
    assert results(checked) == {"validate": "success"}, logs(checked)
    assert "+ send_at: Tue 9 Mar 2027, 09:00 EST" in checked["validate"].page
    lent = [word for one in repository.host.site.processes for word in one.environment.values()]
    assert not [word for word in lent if word.startswith("refresh-token-")]
    assert repository.hub.writes() == []
    assert len(repository.stage.world.requests) == asked


def test_one_campaign_that_needs_a_person_does_not_stop_the_others(repository: Repository) -> None:
    """The job of the plan is red, and what can be applied is."""
    repository.declare("Other", MARCH_9)
    repository.declare("Near", "Fri 2027-02-26 09:00")
    ran = repository.host.run("ccops-apply", repository.push())
    assert ran["plan"].result == "failure"
    assert ran["plan"].outputs["exit-code"] == "6"
    assert repository.effects() == ["POST Other 2027-03-09T14:00:00.000Z"], logs(ran)


def test_without_its_secret_a_job_says_so_and_applies_nothing(repository: Repository) -> None:
    """As on the first day, before anybody made the environments."""
    repository.declare("Other", MARCH_9)
    repository.lend("constantcontact-plan", {})
    ran = repository.host.run("ccops-apply", repository.push())
    assert results(ran) == {"plan": "failure", "apply": "skipped"}
    assert (ran["plan"].outputs["exit-code"], "::error" in ran["plan"].log) == ("4", True)


def test_only_the_step_that_needs_the_login_has_it(repository: Repository) -> None:
    """Neither what sets Python up nor what installs ccops could give it away."""
    repository.host.run("ccops-keepalive", repository.timer())
    having = {
        one.step
        for one in repository.host.site.processes
        if any(word.startswith("refresh-token-") for word in one.environment.values())
    }
    assert having == {"Run ccops"}
    assert {one.step for one in repository.host.site.processes} > having


def test_each_login_is_kept_alive(repository: Repository) -> None:
    """The one that plans and the one that applies are renewed."""
    ran = repository.host.run("ccops-keepalive", repository.timer())
    assert results(ran) == {"plan": "success", "production": "success"}, logs(ran)
    renewed = [one for one in repository.stage.world.requests if one.path.endswith("/token")]
    assert len(renewed) == 2
    assert repository.effects() == []


def test_the_hourly_run_schedules_what_is_due(repository: Repository) -> None:
    """Once, and never a first send: Near is declared for tomorrow as well."""
    repository.declare("Near", MARCH_2)
    repository.declare("Sent", YESTERDAY, resend_to_new_contacts=[MARCH_2])
    event = repository.push()
    for _ in range(2):
        ran = repository.host.run("ccops-resend", repository.timer())
        assert results(ran) == {"resend": "success"}, logs(ran)
    assert repository.effects() == ["POST Sent 2027-03-02T14:00:00.000Z"]
    repository.declare("Sent", YESTERDAY)
    repository.push()
    late = replace(repository.timer(), sha=event.sha)
    ran = repository.host.run("ccops-resend", late)
    assert (results(ran), "has changed since" in logs(ran)) == ({"resend": "success"}, True)
    assert len(repository.effects()) == 1


def test_the_nightly_run_keeps_one_issue(repository: Repository) -> None:
    """Opened when somebody changed the account, and closed when it is as declared again."""
    world = repository.stage.world
    repository.declare("Near", "unscheduled")
    repository.push()
    host, hub = repository.host, repository.hub
    assert results(host.run("ccops-nightly", repository.timer())) == {"nightly": "success"}
    assert hub.issues == {}
    world.add_campaign("Stray", lists=[MEMBERS], scheduled=START + timedelta(days=3))
    ran = host.run("ccops-nightly", repository.timer())
    assert results(ran) == {"nightly": "success"}, logs(ran)
    ((number, issue),) = hub.issues.items()
    assert (issue["state"], "Stray" in issue["body"]) == ("open", True)
    del world.campaigns[next(key for key, one in world.campaigns.items() if one.name == "Stray")]
    ran = host.run("ccops-nightly", repository.timer())
    assert hub.issues[number]["state"] == "closed", logs(ran)
    assert repository.effects() == []


def test_now_is_sent_with_the_checksum_that_was_shown(repository: Repository) -> None:
    """Nothing is sent without one, or with another; and never by the push that declared it."""
    host = repository.host
    repository.declare("Other", "now")
    pushed = host.run("ccops-apply", repository.push())
    assert results(pushed) == {"plan": "failure", "apply": "skipped"}
    asked = {"campaign": "Other", "reason": "the gala is tonight"}
    shown = host.run("ccops-send-now", repository.start(**asked, checksum=""))
    assert results(shown) == {"plan": "success", "send": "skipped"}, logs(shown)
    checksum = shown["plan"].outputs["checksum"]
    assert checksum in logs(shown) + shown["plan"].page
    wrong = host.run("ccops-send-now", repository.start(**asked, checksum=f"{checksum[:-1]}x"))
    assert results(wrong) == {"plan": "failure", "send": "skipped"}
    assert repository.effects() == []
    sent = host.run("ccops-send-now", repository.start(**asked, checksum=checksum))
    assert results(sent) == {"plan": "success", "send": "success"}, logs(sent)
    assert [one.split()[:2] for one in repository.effects()] == [["POST", "Other"]]


def test_a_branch_cannot_use_the_login_that_applies(repository: Repository) -> None:
    """Its own rule stands in the workflow, and the environment's behind it."""
    stranger = replace(repository.start(since="1" * 40), ref="refs/heads/other")
    ran = repository.host.run("ccops-apply", stranger)
    assert results(ran) == {"plan": "skipped", "apply": "skipped"}
