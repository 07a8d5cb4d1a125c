"""What the pretended vendor does where only the live API could tell: each switch, both ways."""

import pytest

from ccops.constantcontact.wire import schedule_step, unschedule_step, update_step
from ccops.model import NOW, Live, Status, StepKind
from tests.simulation.campaign import ACTIVITY, BOARD, DONORS, DRAFT, HOUR, MINUTE, scheduled
from tests.simulation.network import pretended
from tests.simulation.situations import FAILED, SENT
from tests.simulation.vendor import SECOND, START, Rules, Vendor

WHEN = START + HOUR


@pytest.mark.parametrize(("sends", "status"), [(True, 201), (False, 400)])
def test_a_past_date_is_sent_at_once_or_refused(sends: bool, status: int) -> None:
    """A POST that comes too late is a send at the wrong time, or nothing."""
    vendor = Vendor(live=DRAFT, rules=Rules(past_date_sends=sends))
    vendor.advance(WHEN + MINUTE)
    assert vendor.take(schedule_step(ACTIVITY, WHEN)).status == status
    assert [mail.at for mail in vendor.mails] == ([WHEN + MINUTE] if sends else [])


@pytest.mark.parametrize("overwrites", [True, False])
def test_a_second_post_overwrites_or_is_refused(overwrites: bool) -> None:
    """Either way there is one schedule."""
    vendor = Vendor(live=DRAFT, rules=Rules(second_post_overwrites=overwrites))
    vendor.take(schedule_step(ACTIVITY, WHEN))
    assert vendor.take(schedule_step(ACTIVITY, WHEN + HOUR)).took is overwrites
    assert vendor.live.schedules == ((WHEN + HOUR if overwrites else WHEN),)


@pytest.mark.parametrize("half", [True, False])
def test_a_put_on_scheduled_is_refused_and_may_yet_change_the_audience(half: bool) -> None:
    """The answer is the same."""
    vendor = Vendor(live=scheduled(DRAFT, WHEN), rules=Rules(put_half_applies=half))
    assert vendor.take(update_step(vendor.live, BOARD)).status == 400
    assert vendor.live.recipients == (BOARD if half else DONORS)


@pytest.mark.parametrize(("ok", "status"), [(True, 200), (False, 201)])
@pytest.mark.parametrize(("nothing", "length"), [(True, 0), (False, 1)])
def test_a_post_is_answered_in_four_ways(ok: bool, status: int, nothing: bool, length: int) -> None:
    """By 200 or 201, with the date or an empty array; it takes effect all the same."""
    vendor = Vendor(live=DRAFT, rules=Rules(answers_200=ok, answers_nothing=nothing))
    verb = vendor.take(schedule_step(ACTIVITY, WHEN))
    assert isinstance(verb.document, list)
    assert (verb.status, len(verb.document)) == (status, length)
    assert vendor.live.schedules == (WHEN,)


@pytest.mark.parametrize("live", [SENT, FAILED], ids=["done", "error"])
def test_a_resend_and_a_retry_can_be_scheduled(live: Live) -> None:
    """After a send, and after one that failed; a DELETE returns it to what it was."""
    vendor = Vendor(live=live)
    assert vendor.take(schedule_step(ACTIVITY, WHEN)).took
    assert vendor.take(unschedule_step(ACTIVITY)).took
    assert vendor.live.status is live.status


def test_a_send_that_fails_reaches_nobody_and_ends_as_error() -> None:
    """Its entry is ERRORED."""
    vendor = Vendor(live=DRAFT, rules=Rules(sends_fail=True))
    vendor.take(schedule_step(ACTIVITY, NOW))
    vendor.advance(START + HOUR)
    assert vendor.live.status is Status.ERROR
    assert [mail.reached for mail in vendor.mails] == [False]
    assert vendor.live.history
    assert not vendor.live.history[-1].completed


def test_the_past_can_be_looked_at() -> None:
    """A lagging reading shows what was, not what is."""
    vendor = Vendor(live=DRAFT)
    vendor.advance(START + MINUTE)
    vendor.take(schedule_step(ACTIVITY, WHEN))
    before, after = vendor.shown(START + MINUTE - SECOND), vendor.shown(START + MINUTE)
    assert before == DRAFT
    assert after == scheduled(DRAFT, WHEN)


@pytest.mark.parametrize("kind", StepKind)
def test_a_pretended_success_looks_like_one(kind: StepKind) -> None:
    """The fate of a request that the vendor accepts and forgets."""
    steps = {
        StepKind.UNSCHEDULE: unschedule_step(ACTIVITY),
        StepKind.UPDATE: update_step(DRAFT, BOARD),
        StepKind.SCHEDULE: schedule_step(ACTIVITY, WHEN),
    }
    assert pretended(steps[kind]).status in {200, 201, 204}
