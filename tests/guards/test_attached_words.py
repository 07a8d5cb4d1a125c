"""What Constant Contact sends by itself, in the plan's words and in the agenda."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.model import NOW, SendRecord, Status, When
from ccops.planning.agenda import agenda
from ccops.planning.agenda_entries import AgendaState, entries
from ccops.planning.following import times
from ccops.planning.plan import Change, Verdict
from ccops.render.agenda_view import view
from ccops.render.attached import attached
from tests.guards.test_guard_neighbours import SOON, resend, went
from tests.planning.samples import NOW_IS
from tests.render import render_builders as build

DAY = timedelta(days=1)
AGAIN = Attached(kind=AttachedKind.NON_OPENERS, subject="Once more", delay=3 * DAY)
TEST = Attached(kind=AttachedKind.AB_TEST, subject="Other words", delay=timedelta(hours=6))
ODD = Attached(kind=AttachedKind.NON_OPENERS, subject="Once more", delay=timedelta(minutes=721))


def sent(at: int) -> Change:
    """A campaign that was sent so many days ago."""
    record = SendRecord(ran_at=build.NOON - at * DAY, completed=True, count=9)
    live = replace(build.live(Status.DONE), history=(record,))
    return build.change("News", Verdict.SENT, before=live)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (AGAIN, "as “Once more”, 3 days later"),
        (replace(AGAIN, delay=None), "as “Once more”"),
        (ODD, "12 h 1 min later"),
        (replace(ODD, delay=timedelta(0)), "0 seconds later"),
        (TEST, "the winner goes to the others 6 hours later"),
        (replace(TEST, delay=None), "an A/B test with the subject “Other words”"),
    ],
)
def test_without_a_time_its_distance_is_told(one: Attached, words: str) -> None:
    """Of a campaign that is not to be sent, or is sent now."""
    for send in (None, NOW):
        change = replace(build.updated(), send=send, attached=(one,))
        (told,) = attached(change, now=build.NOON)
        assert told.replace('"', "”").replace(" ”", " “").endswith(words)


def test_a_campaign_that_is_sent_again_may_be_followed_twice() -> None:
    """Which of its sends the resend belongs to is not certain, so both times are told."""
    at = build.NOON + DAY
    change = replace(sent(2), verdict=Verdict.RESEND, send=at, attached=(replace(AGAIN, at=at),))
    (told,) = attached(change, now=build.NOON)
    assert " or " in told
    (past,) = attached(change, now=at)
    assert " or " not in past
    assert " or " in attached(change)[0]


def test_the_agenda_tells_of_it_on_its_day() -> None:
    """Of what was sent, of what stands, of what is planned; nothing of what is taken back."""
    when = build.NOON + DAY
    states = {
        change.verdict: [one.state for one in entries(change, now=build.NOON) if one.attached]
        for change in (
            replace(sent(1), attached=(AGAIN,)),
            replace(build.in_sync("Held", when), attached=(AGAIN, TEST)),
            replace(build.scheduled(), attached=(AGAIN,)),
            replace(build.unscheduled(), attached=(replace(AGAIN, at=when),)),
        )
    }
    assert states == {
        Verdict.SENT: [AgendaState.SCHEDULED],
        Verdict.IN_SYNC: [AgendaState.SCHEDULED] * 2,
        Verdict.SCHEDULE: [AgendaState.PLANNED],
        Verdict.UNSCHEDULE: [],
    }
    (gone,) = [
        one for one in entries(replace(sent(9), attached=(AGAIN,)), now=build.NOON) if one.attached
    ]
    assert gone.state is AgendaState.PASSED


def test_its_card_is_its_own() -> None:
    """Its own key and subject; no findings, no count of everybody; and who changes it."""
    held = replace(build.in_sync("Held", build.NOON + DAY), attached=(AGAIN, TEST))
    shown = view(agenda(build.plan([held]), now=build.NOON))
    cards = [card for day in shown.coming for card in day.cards]
    assert len({card.key for card in cards}) == 3
    by_itself = [card for card in cards if "never changes it" in "".join(card.notes)]
    assert [(one.subject, one.contacts) for one in by_itself] == [
        ("", "only some of them"),
        ("Once more", "only some of them"),
    ]
    assert "did not open it" in by_itself[1].says
    assert "winner" in by_itself[0].says
    assert [one.alarms for one in by_itself] == [(), ()]


@pytest.mark.parametrize(
    ("one", "send", "history", "withdrawn", "expected"),
    [
        (resend(at=SOON, days=3), SOON, (), False, [SOON + 3 * DAY]),
        (resend(days=3), NOW, (), False, [NOW_IS + 3 * DAY]),
        (resend(at=SOON, days=3), SOON, (went(NOW_IS - DAY),), False, [SOON, SOON + 3 * DAY]),
        (resend(at=NOW_IS - DAY, days=3), SOON, (went(NOW_IS - 4 * DAY),), False, [NOW_IS - DAY]),
        (resend(days=3), None, (went(NOW_IS - DAY),), False, [NOW_IS + 2 * DAY]),
        (resend(at=SOON), SOON, (), False, [SOON]),
        (resend(days=3), None, (), False, []),
        (resend(), SOON, (), False, []),
        (resend(at=SOON, days=3), None, (), True, []),
        (resend(at=SOON, days=3), None, (went(NOW_IS - DAY),), True, [SOON]),
    ],
)
def test_when_something_follows(
    one: Attached,
    send: When | None,
    history: tuple[SendRecord, ...],
    withdrawn: bool,
    expected: list[datetime],
) -> None:
    """A moved send moves it; what a past send left ahead stays; what is doubtful is told twice."""
    found = times(one, send=send, history=history, now=NOW_IS, withdrawn=withdrawn)
    assert list(found) == expected
