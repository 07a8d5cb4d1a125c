"""What a halt asks of Constant Contact, counted, and what it says of an answer that was no."""

import pytest

from tests.e2e.stage import Stage
from tests.halt.conftest import HALT, MANIFESTS

ALL = (*HALT, "--yes")
_RUN = ["summary", "emails"]
"""Once for a run: whose account it is, and the listing."""
_READING = ["activity", "schedules", "send_history"]
_STOPPED = ["campaign", *_READING, *_READING, "DELETE", "activity"]


def asked(stage: Stage) -> list[str]:
    """Each request by what it is about."""
    return [_name(one.method, one.path) for one in stage.world.requests]


def _name(method: str, path: str) -> str:
    *_, before, last = path.split("/")
    named = {"activities": "activity", "emails": "campaign"}.get(before, last)
    return named if method == "GET" else method


def test_one_scheduled_campaign_takes_nine_requests(several: Stage) -> None:
    """Read to be marked, read again just before the DELETE, which that justifies, and after it."""
    several.write(MANIFESTS[0])
    assert several.run(*ALL).code == 0
    assert asked(several) == [*_RUN, *_STOPPED]


def test_each_further_one_takes_as_many(several: Stage) -> None:
    """Three are scheduled, one is a draft, and two are nothing to look at."""
    several.write(*MANIFESTS)
    assert several.run(*ALL).code == 0
    requests = asked(several)
    assert requests.count("DELETE") == 3
    assert len(requests) <= len(_RUN) + 3 * len(_STOPPED) + 3 * (1 + len(_READING))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("500_before", "the last one: answered 500"),
        ("html502", "the last one: answered 502"),
        ("drop_before", "the last one: DELETE"),
    ],
)
def test_the_reason_of_the_last_answer_is_told(several: Stage, kind: str, said: str) -> None:
    """Whoever has to act by hand now must know why."""
    several.write(MANIFESTS[1])
    several.fault(kind, "DELETE", times=1000)
    done = several.run(*ALL)
    assert done.code == 8
    assert "NOT HALTED  Later" in done.out
    assert f"3 attempts to unschedule had no effect; {said}" in " ".join(done.out.split())
