"""Observations become a plan: the one order, what each change means, what is unmanaged."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import InvalidInput, Place
from ccops.model import NOW, CampaignRow, Live, Recipients, Status, StepKind, When
from ccops.planning.assemble import Observation, make_plan
from ccops.planning.audience import Audience
from ccops.planning.plan import (
    Change,
    Permission,
    Plan,
    Risk,
    Undo,
    UndoKind,
    Unmanaged,
    Verdict,
    Waiting,
)
from tests.planning.samples import (
    ACCOUNT,
    ACTIVITY,
    BOARD,
    CAMPAIGN_ID,
    CATALOGUE,
    DAY,
    DONORS,
    HOUR,
    LIMITS,
    LISTS,
    LIVE,
    NAME,
    NOW_IS,
    OTHER_LISTS,
    SEGMENT,
    SEGMENTED,
    completed,
    desired,
    errored,
    journal,
    row,
    scheduled,
)
from tests.planning.strategies import MINUTE, observations, planned

SOON = NOW_IS + DAY
THEN = NOW_IS - 30 * DAY
LEAD, FREEZE, HEAD = LIMITS.lead, LIMITS.freeze, LIMITS.head_start
MAY = Permission(rule="send-now", campaign=NAME, reason="urgent")


def seen(*sends: When, live: Live = LIVE, recipients: Recipients | None = LISTS) -> Observation:
    return Observation(desired=desired(*sends), live=live, recipients=recipients)


def change_of(*sends: When, live: Live = LIVE, recipients: Recipients | None = LISTS) -> Change:
    (change,) = planned([seen(*sends, live=live, recipients=recipients)]).changes
    return change


def another(number: int, *sends: When, live: Live = LIVE, name: str = "") -> Observation:
    """One more campaign, with an activity and a place of its own."""
    name = name or f"Campaign {number}"
    place = Place(file="c.yaml", line=number, column=1)
    identity = f"00000000-0000-0000-0000-{number:012}"
    wanted = replace(desired(*sends, campaign=name), place=place)
    own = replace(live, name=name, activity_id=identity, campaign_id=f"c{number}")
    return Observation(desired=wanted, live=own, recipients=LISTS)


@settings(max_examples=40)
@given(observations(), st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(
    found: tuple[Observation, ...], chance: Random
) -> None:
    """Whatever order campaigns were read in, the plan is the same."""
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert planned(shuffled) == planned(found)


@settings(max_examples=40)
@given(observations())
def test_irreversible_changes_come_last(found: tuple[Observation, ...]) -> None:
    """The order is by risk of no return, then by the earliest send that a change is about."""
    changes = planned(found).changes
    keys = [(one.risk is Risk.R3, earliest(one)) for one in changes]
    assert keys == sorted(keys)
    assert sorted(change.campaign for change in changes) == sorted(
        one.desired.campaign for one in found
    )


def earliest(change: Change) -> datetime:
    live = change.before.schedules if change.before else ()
    times = [one for one in (change.send, *live) if isinstance(one, datetime)]
    return min(times, default=NOW_IS + 10_000 * DAY)


def test_changes_of_one_time_go_by_name() -> None:
    """Sends first, by time and name; then what has no time; then what cannot be undone."""
    found = [
        another(1, NOW, name="A now"),
        another(2, name="B draft"),
        another(3, SOON, name="D at the same time"),
        another(4, SOON, name="C at the same time"),
        another(5, live=scheduled(NOW_IS + HOUR), name="E unscheduled"),
    ]
    assert [change.campaign[0] for change in planned(found).changes] == ["E", "C", "D", "B", "A"]


@settings(max_examples=40)
@given(observations())
def test_risk_and_steps_belong_together(found: tuple[Observation, ...]) -> None:
    """R0 writes nothing; R2 touches a schedule; only R3 can never be undone."""
    for change in planned(found).changes:
        kinds = {step.kind for step in change.steps}
        assert (change.risk is Risk.R0) == (not kinds)
        assert (change.risk is Risk.R2) == (StepKind.UNSCHEDULE in kinds)
        assert (change.undo is None) == (not kinds)
        never = change.undo is not None and change.undo.kind is UndoKind.NEVER
        assert (change.risk is Risk.R3) == never


@settings(max_examples=40)
@given(observations())
def test_a_deadline_is_never_in_the_past(found: tuple[Observation, ...]) -> None:
    """What is planned can be applied at once: the table saw to it."""
    plan = planned(found)
    assert all(change.apply_by is None or change.apply_by >= NOW_IS for change in plan.changes)
    assert NOW_IS <= plan.expires_at <= NOW_IS + DAY


CONSEQUENCES: dict[str, tuple[Change, Verdict, Risk, Undo | None, datetime | None]] = {
    "in sync": (change_of(), Verdict.IN_SYNC, Risk.R0, None, None),
    "update of a draft": (
        change_of(recipients=OTHER_LISTS),
        Verdict.UPDATE,
        Risk.R1,
        Undo(kind=UndoKind.ANYTIME),
        None,
    ),
    "schedule": (
        change_of(SOON),
        Verdict.SCHEDULE,
        Risk.R1,
        Undo(kind=UndoKind.UNTIL, until=SOON),
        SOON - LEAD,
    ),
    "schedule for others": (
        change_of(SOON, recipients=OTHER_LISTS),
        Verdict.SCHEDULE,
        Risk.R1,
        Undo(kind=UndoKind.UNTIL, until=SOON),
        SOON - LEAD - HEAD,
    ),
    "resend": (
        change_of(THEN, SOON, live=replace(LIVE, status=Status.DONE, history=(completed(THEN),))),
        Verdict.RESEND,
        Risk.R1,
        Undo(kind=UndoKind.UNTIL, until=SOON),
        SOON - LEAD,
    ),
    "reschedule to later": (
        change_of(SOON, live=scheduled(NOW_IS + HOUR)),
        Verdict.RESCHEDULE,
        Risk.R2,
        Undo(kind=UndoKind.UNTIL, until=SOON),
        NOW_IS + HOUR - FREEZE,
    ),
    "reschedule to sooner": (
        change_of(SOON, live=scheduled(SOON + DAY)),
        Verdict.RESCHEDULE,
        Risk.R2,
        Undo(kind=UndoKind.UNTIL, until=SOON),
        SOON - LEAD - HEAD,
    ),
    "update of a scheduled one": (
        change_of(SOON, live=scheduled(SOON), recipients=OTHER_LISTS),
        Verdict.UPDATE,
        Risk.R2,
        Undo(kind=UndoKind.UNTIL, until=SOON),
        SOON - LEAD - 2 * HEAD,
    ),
    "unschedule": (
        change_of(live=scheduled(SOON)),
        Verdict.UNSCHEDULE,
        Risk.R2,
        Undo(kind=UndoKind.UNTIL, until=SOON - LEAD),
        SOON,
    ),
    "send now": (change_of(NOW), Verdict.SEND_NOW, Risk.R3, Undo(kind=UndoKind.NEVER), None),
}


@pytest.mark.parametrize("case", CONSEQUENCES.values(), ids=CONSEQUENCES)
def test_a_change_tells_its_consequences(
    case: tuple[Change, Verdict, Risk, Undo | None, datetime | None],
) -> None:
    """Verdict, risk, undo, and until when it can be applied."""
    change, verdict, risk, undo, apply_by = case
    assert (change.verdict, change.risk) == (verdict, risk)
    assert (change.undo, change.apply_by) == (undo, apply_by)


def test_a_change_tells_what_differs() -> None:
    """Fields before and after, recipients by name, the next send, and whose it is."""
    change = change_of(SOON, live=scheduled(SOON + DAY), recipients=OTHER_LISTS)
    assert [(one.path, one.before, one.after) for one in change.fields] == [
        ("recipients", "Donors", "Board, Donors"),
        ("send_at", "2026-10-08T12:00:00Z", "2026-10-07T12:00:00Z"),
    ]
    assert change.audience == Audience(kind="lists", items=((BOARD, "Board"), (DONORS, "Donors")))
    assert (change.send, change.zone) == (SOON, "America/New_York")
    assert (change.campaign_id, change.target.activity_id) == (CAMPAIGN_ID, ACTIVITY)
    assert change.before == scheduled(SOON + DAY)


def test_a_change_shows_only_fields_that_it_writes() -> None:
    """Unscheduling a sent campaign leaves its recipients, whatever the manifest says."""
    live = replace(scheduled(SOON), history=(completed(THEN),))
    change = change_of(THEN, live=live, recipients=OTHER_LISTS)
    assert [one.path for one in change.fields] == ["send_at"]


def test_what_is_blocked_shows_what_would_change() -> None:
    """A frozen campaign differs, and goes out as it is."""
    change = change_of(SOON, live=scheduled(NOW_IS + MINUTE), recipients=OTHER_LISTS)
    assert change.verdict is Verdict.FROZEN
    assert [one.path for one in change.fields] == ["recipients", "send_at"]
    assert change.send == NOW_IS + MINUTE


def test_a_segment_is_shown_by_name() -> None:
    """Also one whose name is not known."""
    assert planned([replace(seen(SOON, recipients=SEGMENTED), desired=desired(SOON))]).changes[
        0
    ].audience == Audience(kind="lists", items=((SEGMENT, "Volunteers"),))
    assert change_of(SOON, recipients=Recipients(lists=("9",))).audience == Audience(
        kind="lists", items=(("9", ""),)
    )


def test_later_sends_wait_for_an_apply_of_their_own() -> None:
    """Each may be scheduled once the one before has run, until a head start before its lead."""
    change = change_of(SOON, SOON + DAY, SOON + 2 * DAY)
    assert change.waiting == (
        Waiting(when=SOON + DAY, opens=SOON, closes=SOON + DAY - LEAD - HEAD),
        Waiting(when=SOON + 2 * DAY, opens=SOON + DAY, closes=SOON + 2 * DAY - LEAD - HEAD),
    )


@pytest.mark.parametrize(
    ("change", "opens"),
    [
        (change_of(NOW, SOON), [NOW_IS]),
        (change_of(NOW_IS, SOON, live=replace(LIVE, status=Status.EXECUTING)), [NOW_IS]),
        (change_of(THEN, NOW_IS, live=replace(LIVE, status=Status.EXECUTING)), []),
        (change_of(THEN, SOON), []),
        (change_of(SOON - HOUR, live=scheduled(SOON - HOUR)), []),
        (change_of(), []),
    ],
)
def test_what_does_not_hold_makes_nothing_wait(change: Change, opens: list[datetime]) -> None:
    """After a missed send none waits; after `now` the next one may follow at once."""
    assert [one.opens for one in change.waiting] == opens


def test_sends_that_nobody_declared_are_listed() -> None:
    """Completed ones beyond the manifest's; failed ones are no sends."""
    extra = completed(THEN + DAY)
    live = replace(LIVE, status=Status.DONE, history=(completed(THEN), errored(THEN + HOUR), extra))
    change = change_of(THEN, live=live)
    assert change.verdict is Verdict.SENT
    assert change.undeclared == (extra,)


def test_what_the_listing_settles_is_not_read() -> None:
    """A campaign that is Done costs nothing, and is in sync."""
    done = replace(row(status=Status.DONE), activity_id=ACTIVITY)
    one = Observation(desired=desired(THEN), row=done, sent=True)
    (change,) = planned([one]).changes
    assert (change.verdict, change.row) == (Verdict.SENT, 5)
    assert change.reason == "Constant Contact lists it as sent"
    assert (change.before, change.audience, change.fields) == (None, None, ())
    assert (change.campaign_id, change.target.activity_id) == (CAMPAIGN_ID, ACTIVITY)


def test_a_campaign_that_was_not_found_is_blocked_with_the_words() -> None:
    """The problem of matching is the reason; nothing else is known."""
    one = Observation(desired=desired(SOON), problem="two campaigns have this name")
    (change,) = planned([one]).changes
    assert (change.verdict, change.row) == (Verdict.BLOCKED, 1)
    assert change.reason == "two campaigns have this name"
    assert (change.campaign_id, change.target.activity_id, change.send) == ("", "", None)


def test_a_pin_is_kept_where_nothing_was_read() -> None:
    """The activity is named even if the API does not know it."""
    pinned = replace(desired(SOON), activity_id=ACTIVITY)
    (change,) = planned([Observation(desired=pinned)]).changes
    assert change.target.activity_id == ACTIVITY


def plan_with(
    found: Sequence[Observation],
    *,
    rows: Sequence[CampaignRow] = (),
    elsewhere: Sequence[str] = (),
    permissions: Sequence[Permission] = (),
    remembers: bool = False,
) -> Plan:
    return make_plan(
        observations=found,
        rows=rows,
        catalogue=CATALOGUE,
        account=ACCOUNT,
        origin="https://api.cc.email",
        zone="America/New_York",
        now=NOW_IS + timedelta(microseconds=5),
        limits=LIMITS,
        newest={ACTIVITY: journal(SOON)} if remembers else {},
        permissions=permissions,
        selection=("name:Fall*",),
        ccops_version="0.1.0",
        tzdata="2026b",
        commit="4f2c9ab",
        requests=7,
        elsewhere=elsewhere,
    )


def test_a_plan_carries_its_circumstances() -> None:
    """Account, zone, clock in whole seconds, selection, commit, requests."""
    plan = plan_with([])
    assert (plan.account, plan.origin, plan.zone) == (
        ACCOUNT,
        "https://api.cc.email",
        "America/New_York",
    )
    assert (plan.created_at, plan.expires_at) == (NOW_IS, NOW_IS + DAY)
    assert (plan.selection, plan.commit, plan.requests) == (("name:Fall*",), "4f2c9ab", 7)
    assert (plan.changes, plan.risk, plan.apply_by) == ((), Risk.R0, None)


def test_unmanaged_campaigns_are_counted_and_the_scheduled_named() -> None:
    """Neither deleted ones, nor those of this plan, nor those that the selection left out."""
    rows = [
        row(NAME, CAMPAIGN_ID, Status.SCHEDULED),
        row("B", "2", Status.SCHEDULED),
        row("A", "3", Status.SCHEDULED),
        row("Draft", "4", Status.DRAFT),
        row("Gone", "5", Status.REMOVED),
        row("Elsewhere", "6", Status.SCHEDULED),
    ]
    plan = plan_with([seen(SOON)], rows=rows, elsewhere=["Elsewhere"])
    assert plan.unmanaged == (
        Unmanaged(campaign_id="3", name="A"),
        Unmanaged(campaign_id="2", name="B"),
    )
    assert plan.unmanaged_count == 3


def test_a_namesake_is_unmanaged_unless_nobody_knows_which_is_meant() -> None:
    """A campaign that is known names itself alone; an ambiguous name, all that bear it."""
    twins = [row(NAME, CAMPAIGN_ID), row(NAME, "other", Status.SCHEDULED)]
    assert plan_with([seen(SOON)], rows=twins).unmanaged_count == 1
    unclear = Observation(desired=desired(SOON), problem="two campaigns have this name")
    assert plan_with([unclear], rows=twins).unmanaged_count == 0


def test_a_plan_lives_a_day_an_hour_or_less() -> None:
    """Until its first change cannot wait any longer; a send that cannot be recalled, an hour."""
    assert plan_with([seen(NOW_IS + 9 * DAY)]).expires_at == NOW_IS + DAY
    assert plan_with([seen(NOW_IS + HOUR)]).expires_at == NOW_IS + HOUR - LEAD
    hasty = plan_with([seen(NOW)], permissions=[MAY])
    assert hasty.expires_at == NOW_IS + HOUR


def test_what_was_unscheduled_elsewhere_needs_a_permission() -> None:
    """The journal is asked by activity; the permission by campaign."""
    again = Permission(rule="reschedule", campaign=NAME, reason="by mistake")
    (blocked,) = plan_with([seen(SOON)], remembers=True).changes
    assert blocked.verdict is Verdict.UNSCHEDULED_ELSEWHERE
    (allowed,) = plan_with([seen(SOON)], remembers=True, permissions=[again]).changes
    assert allowed.verdict is Verdict.SCHEDULE


def test_permissions_are_sorted_and_spelled_as_the_manifest_does() -> None:
    """However their accents were typed, and in whatever order they were given."""
    composed, typed = "Caf\u00e9", "Cafe\u0301"
    wanted = replace(desired(NOW, campaign=composed))
    one = Observation(desired=wanted, live=replace(LIVE, name=composed), recipients=LISTS)
    permissions = [
        Permission(rule="send-now", campaign=typed, reason="b"),
        Permission(rule="reschedule", campaign=composed, reason="a"),
    ]
    assert plan_with([one], permissions=permissions).permissions == (
        Permission(rule="reschedule", campaign=composed, reason="a"),
        Permission(rule="send-now", campaign=composed, reason="b"),
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (another(1, SOON), replace(another(2, SOON), live=another(1).live)),
        (
            Observation(
                desired=another(1, SOON).desired, row=row(campaign_id="c"), problem="unreadable"
            ),
            Observation(desired=another(2, SOON).desired, row=row(campaign_id="c"), sent=True),
        ),
        (
            Observation(desired=another(1, SOON, name=NAME).desired, problem="none"),
            Observation(desired=another(2, SOON, name=NAME).desired, problem="none"),
        ),
    ],
)
def test_two_manifests_for_one_activity_are_refused(
    first: Observation, second: Observation
) -> None:
    """At both places: known by activity, by campaign, or by name where nothing else is known."""
    for found in ([first, second], [second, first]):
        with pytest.raises(InvalidInput) as caught:
            planned(found)
        (one,) = caught.value.diagnostics
        assert one.code == "CC304"
        assert one.place == second.desired.place
        assert one.also == ((first.desired.place, "the first"),)
