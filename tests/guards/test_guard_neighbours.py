"""Which other sends a guard sees: what Constant Contact really holds, not what manifests hope for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.errors import Place
from ccops.manifest.rules import Guard
from ccops.model import NOW, Recipients, SendRecord, Status, When
from ccops.planning.facts import Beside, Known
from ccops.planning.guarding.judge import judged
from ccops.planning.guarding.scene import scene_of
from ccops.planning.ownership import Observation
from ccops.planning.plan import Finding, Plan, Verdict
from tests.guards.guard_examples import CONFIRMED, MEMBERS, NEWS, new_york, rules_of
from tests.planning.samples import (
    BOARD,
    CATALOGUE,
    DAY,
    DONORS,
    HOUR,
    LISTS,
    LIVE,
    NAME,
    NOW_IS,
    desired,
)
from tests.planning.strategies import planned

BOARDS = Recipients(lists=(BOARD,))
SOON = NOW_IS + DAY
OWN = Observation(desired=desired(SOON), live=replace(LIVE, format_type=3), recipients=LISTS)


def other(*sends: When, names: tuple[str, ...] = ("Donors",), **live: object) -> Observation:
    """Another campaign: its manifest, and what Constant Contact holds of it."""
    wanted = desired(*sends, names=names, campaign=NEWS)
    found = {"recipients": LISTS, **live}
    return Observation(
        desired=replace(wanted, place=Place(file="news.yaml", line=1, column=1)),
        live=replace(
            LIVE,
            name=NEWS,
            campaign_id="00000001-0000-0000-0000-000000000001",
            activity_id="00000001-0000-0000-0000-000000000000",
            **found,  # type: ignore[arg-type]  # fields of Live
        ),
        recipients=LISTS if names == ("Donors",) else BOARDS,
    )


def look(
    *seen: Observation,
    text: str = "min-gap-same-recipients: 48 hours",
    attached: Sequence[Attached] = (),
    to: str = NEWS,
    beside: Sequence[Beside] = (),
) -> Plan:
    """Judge these campaigns; `attached` is set up beside the campaign `to`."""
    plan = planned(seen)
    changes = [
        replace(one, attached=tuple(attached)) if one.campaign == to else one
        for one in plan.changes
    ]
    known = Known(members=MEMBERS, confirmed=CONFIRMED, lacking=(), beside=tuple(beside))
    return judged(
        scene_of(
            replace(plan, changes=tuple(changes)),
            rules=rules_of(text),
            known=known,
            manifests=[one.desired for one in seen],
            catalogue=CATALOGUE,
            now=NOW_IS,
        )
    )


def said(plan: Plan, guard: Guard, campaign: str = NAME) -> list[Finding]:
    """What a guard says of a campaign."""
    return [one for one in plan.findings if (one.guard, one.campaign) == (guard, campaign)]


def gaps(plan: Plan) -> list[str]:
    """How near other sends are, if that blocks."""
    return [one.diagnostic.message for one in said(plan, Guard.MIN_GAP) if one.blocking]


def resend(
    *, at: datetime | None = None, days: int | None = None, kind: str = "non-openers"
) -> Attached:
    """A resend to non-openers, or a test."""
    delay = None if days is None else days * DAY
    return Attached(kind=AttachedKind(kind), subject="Once more", at=at, delay=delay)


def went(at: datetime, count: int = 9, reason: int = 0, *, completed: bool = True) -> SendRecord:
    """A send of the past."""
    return SendRecord(ran_at=at, completed=completed, count=count, reason=reason, recipients=LISTS)


def test_what_stands_goes_to_those_whom_constant_contact_has() -> None:
    """A manifest that wants others now, and is too late, changes nothing about who gets it."""
    held = NOW_IS + timedelta(minutes=10)
    frozen = other(held, names=("Board",), status=Status.SCHEDULED, schedules=(held,))
    plan = look(OWN, frozen)
    assert [one.verdict for one in plan.changes if one.campaign == NEWS] == [Verdict.FROZEN]
    (found,) = said(plan, Guard.MIN_GAP)
    assert (found.blocking, found.diagnostic.label) == (True, "1,402 contacts would have both")


def test_sizes_are_of_those_whom_constant_contact_has() -> None:
    """On what stands a guard warns, by the recipients that really get it."""
    held = NOW_IS + timedelta(minutes=10)
    frozen = other(held, names=("Board",), status=Status.SCHEDULED, schedules=(held,))
    plan = look(frozen, text="max-contacts: 1000\nforbidden-lists: Don*")
    found = {one.guard: one.diagnostic.label for one in plan.findings}
    assert set(found) == {Guard.MAX_CONTACTS, Guard.FORBIDDEN_LISTS}
    assert not plan.blocked


def test_what_is_being_sent_right_now_counts() -> None:
    """Its history is still silent, and it has no schedule any more."""
    plan = look(OWN, other(NOW_IS - HOUR, status=Status.EXECUTING, history=None))
    assert [one.verdict for one in plan.changes if one.campaign == NEWS] == [Verdict.SENDING]
    assert gaps(plan) == [f'"{NAME}" would be sent 24 hours after "{NEWS}"']


@pytest.mark.parametrize(
    ("count", "reason", "counts"), [(9, 6, True), (0, 5, True), (3, 1, True), (0, 1, False)]
)
def test_a_failed_send_that_may_have_reached_people_counts(
    count: int, reason: int, counts: bool
) -> None:
    """Partly sent, or held for a review and still to come; not one that reached nobody."""
    record = went(NOW_IS - HOUR, count, reason, completed=False)
    plan = look(OWN, other(NOW_IS - HOUR, status=Status.ERROR, history=(record,)))
    assert bool(gaps(plan)) == counts


def test_a_schedule_too_many_counts_each() -> None:
    """A campaign that contradicts itself is blocked, and may be sent at any of its times."""
    held = (NOW_IS + 3 * HOUR, NOW_IS + 30 * HOUR)
    plan = look(OWN, other(held[0], status=Status.SCHEDULED, schedules=held))
    assert gaps(plan) == [f'"{NAME}" would be sent 6 hours before "{NEWS}"']


def test_a_nearer_send_to_others_hides_none_to_the_same() -> None:
    """The first send of a campaign went to the list; its second, nearer one, to another."""
    records = (
        went(NOW_IS - 10 * HOUR),
        replace(went(NOW_IS - HOUR), recipients=Recipients(lists=("x",))),
    )
    sent = other(NOW_IS - 10 * HOUR, NOW_IS - HOUR, status=Status.DONE, history=records)
    found = look(OWN, sent)
    assert f'"{NAME}" would be sent 34 hours after "{NEWS}"' in gaps(found)


def test_the_resend_of_a_campaign_that_was_sent_counts() -> None:
    """The usual way to be mailed twice in a day: it went out on Monday, and again on Thursday."""
    sent = other(NOW_IS - 2 * DAY, status=Status.DONE, history=(went(NOW_IS - 2 * DAY),))
    assert gaps(look(OWN, sent, text="min-gap-same-recipients: 12 hours")) == []
    plan = look(
        OWN,
        sent,
        text="min-gap-same-recipients: 12 hours",
        attached=[resend(at=SOON - HOUR, days=3)],
    )
    assert gaps(plan) == [f'"{NAME}" would be sent 1 hour after "{NEWS}"']


@pytest.mark.parametrize("kind", ["non-openers", "a/b test"])
def test_what_follows_a_send_now_counts_from_now(kind: str) -> None:
    """It has no date yet, but it will: the winner of a test too goes to the same people."""
    text = "min-gap-same-recipients: 12 hours"
    assert gaps(look(OWN, other(NOW), text=text)) == []
    plan = look(OWN, other(NOW), text=text, attached=[resend(days=1, kind=kind)])
    assert gaps(plan) == [f'"{NAME}" would be sent no time after "{NEWS}"']


def test_a_resend_at_a_bad_time_is_warned_of() -> None:
    """We make the send, and Constant Contact the resend that follows it on a Saturday."""
    own = replace(OWN, desired=desired(new_york(14, 9)))
    plan = look(own, text="quiet-days: [Sat]", attached=[resend(days=3)], to=NAME)
    (found,) = said(plan, Guard.QUIET_DAYS)
    assert not found.blocking
    assert found.diagnostic.message.startswith(f'the resend of "{NAME}" to non-openers would')
    test = look(own, text="quiet-days: [Sat]", attached=[resend(days=3, kind="a/b test")], to=NAME)
    assert "the winner of the A/B test" in said(test, Guard.QUIET_DAYS)[0].diagnostic.message


def stranger(**live: object) -> Beside:
    """A campaign that no manifest names."""
    found = other(NOW_IS, **live).live
    assert found is not None
    return Beside(live=found)


@pytest.mark.parametrize(
    "live",
    [
        {"status": Status.SCHEDULED, "schedules": (SOON + HOUR,)},
        {"status": Status.DONE, "history": (went(NOW_IS - HOUR),)},
        {"status": Status.EXECUTING, "history": None},
        {"status": Status.SCHEDULED, "schedules": (SOON + HOUR,), "recipients": Recipients()},
    ],
)
def test_a_campaign_that_no_manifest_names_counts(live: dict[str, object]) -> None:
    """Scheduled, sent or being sent in Constant Contact; of unknown recipients nothing is hoped."""
    plan = look(OWN, beside=[stranger(**live)])
    (found,) = said(plan, Guard.MIN_GAP)
    assert found.blocking
    unknown = live.get("recipients") is not None
    assert ("not counted" in found.diagnostic.label) == unknown
    assert [(one.contacts, {one.first, one.second}) for one in plan.overlaps] == [
        (None if unknown else MEMBERS[DONORS], {NAME, NEWS})
    ]


def test_the_resend_of_a_stranger_counts_too() -> None:
    """Of a campaign that was sent in Constant Contact, and is sent again to non-openers."""
    sent = stranger(status=Status.DONE, history=(went(NOW_IS - 3 * DAY),))
    assert gaps(look(OWN, beside=[sent])) == []
    again = replace(sent, attached=(resend(at=SOON + HOUR, days=4),))
    assert gaps(look(OWN, beside=[again])) == [f'"{NAME}" would be sent 1 hour before "{NEWS}"']


def test_the_last_campaign_to_the_same_recipients_is_what_growth_is_measured_by() -> None:
    """Whichever that was, with a manifest or without; one to others says nothing."""
    text = "max-growth: 20%"
    sent = other(NOW_IS - DAY, status=Status.DONE, history=(went(NOW_IS - DAY, 1_000),))
    (found,) = said(look(OWN, sent, text=text), Guard.MAX_GROWTH)
    assert (found.blocking, found.diagnostic.code) == (True, "CC416")
    plan = look(
        OWN, beside=[stranger(status=Status.DONE, history=(went(NOW_IS, 1_000),))], text=text
    )
    assert said(plan, Guard.MAX_GROWTH)
    assert [one.audience and one.audience.before for one in plan.changes] == [1_000]
    later = stranger(status=Status.DONE, history=(went(NOW_IS, 1_300),))
    assert said(look(OWN, sent, beside=[later], text=text), Guard.MAX_GROWTH) == []
    elsewhere = replace(went(NOW_IS - DAY, 1), recipients=BOARDS)
    others = other(NOW_IS - DAY, status=Status.DONE, history=(elsewhere,))
    assert said(look(OWN, others, text=text), Guard.MAX_GROWTH) == []


def test_a_sent_campaign_is_one_send_of_its_day() -> None:
    """Declared for 09:00 and begun a minute later, it is not two."""
    at = new_york(6, 7)
    sent = other(at, status=Status.DONE, history=(went(at + timedelta(minutes=1)),))
    own = replace(OWN, desired=desired(new_york(6, 20)))
    plan = look(own, sent, text="max-sends-per-day: 2")
    assert said(plan, Guard.MAX_SENDS) == []
    assert said(look(own, sent, text="max-sends-per-day: 1"), Guard.MAX_SENDS)


def test_the_day_is_that_of_the_workspace() -> None:
    """Two sends of one evening in New York are two of one day, in whatever zone they are written."""
    own = desired(new_york(13, 22))
    sends = tuple(replace(one, zone="Asia/Tokyo") for one in own.sends)
    abroad = replace(OWN, desired=replace(own, sends=sends))
    standing = other(new_york(13, 8), status=Status.SCHEDULED, schedules=(new_york(13, 8),))
    assert said(look(abroad, standing, text="max-sends-per-day: 1"), Guard.MAX_SENDS)


def test_without_the_guard_a_certain_overlap_is_told_as_a_fact() -> None:
    """Of sends less than a day apart; never of recipients of which nothing is known."""
    near = other(SOON - HOUR, status=Status.SCHEDULED, schedules=(SOON - HOUR,))
    plan = look(OWN, near, text="{}")
    assert [(one.first, one.second, one.contacts) for one in plan.overlaps] == [
        (NEWS, NAME, MEMBERS[DONORS])
    ]
    assert plan.findings == ()
    apart = other(SOON - DAY, status=Status.SCHEDULED, schedules=(SOON - DAY,))
    assert look(OWN, apart, text="{}").overlaps == ()
    disjoint = other(
        SOON, names=("Board",), status=Status.SCHEDULED, schedules=(SOON,), recipients=BOARDS
    )
    assert look(OWN, disjoint, text="{}").overlaps == ()


def test_of_several_sends_of_one_campaign_the_most_is_told() -> None:
    """Once for two campaigns; and if one of them is not counted, nobody knows."""
    records = (went(NOW_IS - HOUR), replace(went(NOW_IS), recipients=Recipients(lists=("x",))))
    sent = other(NOW_IS - HOUR, NOW_IS, status=Status.DONE, history=records)
    assert [one.contacts for one in look(OWN, sent).overlaps] == [None]
