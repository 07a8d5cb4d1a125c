"""A job and an outcome as text: equal when read back, and nothing else is read."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import ExitCode, InvalidInput
from ccops.fleet.jobs import Action, Job, Outcome

texts = st.text(max_size=12)
instants = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001 - the zone follows
    lambda when: when.replace(tzinfo=UTC)
)
jobs = st.builds(
    Job,
    workspace=texts,
    action=st.sampled_from(Action),
    account=texts,
    origin=texts,
    selectors=st.lists(texts, max_size=3).map(tuple),
    plan_file=st.none() | texts,
    checksum=st.none() | texts,
    earliest=st.none() | instants,
    locked=st.booleans(),
)
outcomes = st.builds(
    Outcome,
    job=jobs,
    exit_code=st.sampled_from(ExitCode),
    summary=texts,
    verdicts=st.dictionaries(texts, st.integers(0, 10_000), max_size=3),
    reason=texts,
)
JOB = Job(workspace="/w", action=Action.PLAN, account="a1", origin="https://api.cc.email")
OUTCOME = Outcome(job=JOB, exit_code=ExitCode.DONE, summary="", verdicts={"schedule": 1})


@given(jobs)
def test_a_job_is_read_back_equal(job: Job) -> None:
    """On one line of ASCII, with its instant in UTC."""
    text = job.to_json()
    assert text.isascii()
    assert "\n" not in text
    assert Job.from_json(text) == job


@given(outcomes)
def test_an_outcome_is_read_back_equal(outcome: Outcome) -> None:
    """With its job."""
    assert Outcome.from_json(outcome.to_json()) == outcome


@given(jobs)
def test_equal_jobs_are_equal_texts(job: Job) -> None:
    """So that a queue can tell one that it has already; keys may come in any order."""
    shuffled = dict(reversed(list(json.loads(job.to_json()).items())))
    assert Job.from_json(json.dumps(shuffled)).to_json() == job.to_json()


def test_an_instant_of_another_offset_is_read_as_utc() -> None:
    """It is the same instant, and it is told in one way."""
    there = datetime(2027, 3, 1, 9, tzinfo=timezone(timedelta(hours=-5)))
    document = {**json.loads(JOB.to_json()), "earliest": there.isoformat()}
    assert Job.from_json(json.dumps(document)).earliest == datetime(2027, 3, 1, 14, tzinfo=UTC)


def test_a_job_of_before_is_not_locked() -> None:
    """Nor is a job that is not locked written in any other way than it was then."""
    assert "locked" not in json.loads(JOB.to_json())
    locked = replace(JOB, locked=True)
    assert json.loads(locked.to_json()) == {**json.loads(JOB.to_json()), "locked": True}


BAD_JOBS = {
    "a lock that is no flag": {"locked": "yes"},
    "a lock that is a number": {"locked": 1},
    "a lock that is nothing": {"locked": None},
    "a key more": {"more": 1},
    "another version": {"format_version": 2},
    "a workspace that is no text": {"workspace": None},
    "an unknown action": {"action": "send"},
    "selectors that are no list": {"selectors": "tag:x"},
    "a selector that is no text": {"selectors": [1]},
    "a plan file that is no text": {"plan_file": 1},
    "no instant": {"earliest": "soon"},
    "an instant without offset": {"earliest": "2027-03-01T09:00:00"},
}
BAD_OUTCOMES = {
    "an exit code that is none": {"exit_code": 11},
    "an exit code that is no number": {"exit_code": True},
    "counts that are no object": {"verdicts": []},
    "a count below zero": {"verdicts": {"schedule": -1}},
    "a count that is no number": {"verdicts": {"schedule": True}},
    "a job that is none": {"job": []},
    "a key more": {"more": 1},
}


@pytest.mark.parametrize("change", BAD_JOBS.values(), ids=BAD_JOBS)
def test_what_is_no_job_is_refused(change: dict[str, object]) -> None:
    """A queue may hold the job of another version: it is not guessed at."""
    text = json.dumps({**json.loads(JOB.to_json()), **change})
    with pytest.raises(InvalidInput, match="CC250"):
        Job.from_json(text)


@pytest.mark.parametrize("change", BAD_OUTCOMES.values(), ids=BAD_OUTCOMES)
def test_what_is_no_outcome_is_refused(change: dict[str, object]) -> None:
    """As a job is."""
    text = json.dumps({**json.loads(OUTCOME.to_json()), **change})
    with pytest.raises(InvalidInput, match="CC250"):
        Outcome.from_json(text)


@pytest.mark.parametrize("text", ["", "[]", "1", "{", '{"a":1,"a":1}', "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    """Whatever stands in a damaged row; a long one is quoted in part."""
    for kind in (Job, Outcome):
        with pytest.raises(InvalidInput, match="CC250") as refusal:
            kind.from_json(text)
        assert len(str(refusal.value)) < 300
