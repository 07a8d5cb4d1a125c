"""Declared, applied last, live: who moved is told right, and time alone is no drift."""

from dataclasses import replace
from datetime import datetime

import pytest

from ccops.model import NOW, Expect, Live, Recipients, Status, StepKind, When
from ccops.planning.drift import Compared, DriftState, Moved
from ccops.planning.drift_items import NOWHERE, Stranger, Whereabouts
from ccops.planning.plan import Unmanaged
from ccops.ports import Halt, JournalEntry, WriteState
from tests.drift.three_sides import (
    assessed,
    drift_of,
    item_of,
    planned,
    seen,
    state_of,
    status,
    with_content,
)
from tests.planning.samples import (
    ACTIVITY,
    CAMPAIGN_ID,
    DAY,
    HOUR,
    LISTS,
    LIVE,
    NAME,
    NOW_IS,
    OTHER_LISTS,
    SEGMENTED,
    completed,
    errored,
    row,
    scheduled,
)
from tests.verify.lines import write

STATE = DriftState
T1, T2, T3 = (NOW_IS + days * DAY for days in (3, 5, 7))
PAST = NOW_IS - 2 * DAY
UPDATE, UNSCHEDULE = StepKind.UPDATE, StepKind.UNSCHEDULE
SOON = NOW_IS + 10 * HOUR / 60
"""In ten minutes: too near to be touched."""
APPLIED = write(when=T1)
SENT = replace(LIVE, status=Status.DONE, history=(completed(PAST),))

Lines = tuple[JournalEntry, ...]


def at(when: datetime, recipients: Recipients = LISTS) -> Live:
    return scheduled(when, replace(LIVE, recipients=recipients))


@pytest.mark.parametrize(
    ("declared", "live", "state", "moved"),
    [
        (T1, at(T1), STATE.IN_SYNC, None),
        (T2, at(T1), STATE.PENDING, Moved.GIT),
        (T1, at(T2), STATE.CHANGED, Moved.ACCOUNT),
        (T2, at(T3), STATE.CHANGED, Moved.BOTH),
        (T2, at(T2), STATE.IN_SYNC, None),
        (None, at(T1), STATE.PENDING, Moved.GIT),
        (None, at(T2), STATE.CHANGED, Moved.BOTH),
        (None, LIVE, STATE.IN_SYNC, None),
        (T1, LIVE, STATE.CHANGED, Moved.ACCOUNT),
        (T2, LIVE, STATE.CHANGED, Moved.BOTH),
        (NOW, LIVE, STATE.CHANGED, Moved.BOTH),
    ],
)
def test_the_time_of_what_was_applied(
    declared: When | None, live: Live, state: DriftState, moved: Moved | None
) -> None:
    """Three-way: only what the account moved is drift; both to the same is in sync."""
    found = drift_of(seen(*([declared] if declared else []), live=live), APPLIED)
    assert state_of(found) is state
    fields = [one for item in found.items for one in item.fields]
    assert [one.moved for one in fields] == ([moved] if moved else [])
    if fields:
        times = (fields[0].declared, fields[0].applied, fields[0].live)
        assert times == (declared, T1, live.schedules[0] if live.schedules else None)
        assert fields[0].compared is Compared.SEND_AT


@pytest.mark.parametrize(
    ("declared", "live", "state"),
    [
        (LISTS, LISTS, STATE.IN_SYNC),
        (OTHER_LISTS, LISTS, STATE.PENDING),
        (LISTS, OTHER_LISTS, STATE.CHANGED),
        (OTHER_LISTS, SEGMENTED, STATE.CHANGED),
        (OTHER_LISTS, OTHER_LISTS, STATE.IN_SYNC),
        (LISTS, Recipients(), STATE.CHANGED),
    ],
)
@pytest.mark.parametrize("sends", [(T1,), ()])
def test_the_recipients_of_what_was_applied(
    declared: Recipients, live: Recipients, state: DriftState, sends: tuple[When, ...]
) -> None:
    """Of a scheduled campaign, and of a draft that keeps its recipients as declared."""
    lines = APPLIED if sends else write(1, UPDATE, when=None)
    reading = replace(at(T1) if sends else LIVE, recipients=live)
    found = drift_of(seen(*sends, live=reading, recipients=declared), lines)
    assert state_of(found) is state


def test_one_field_of_git_and_one_of_the_account() -> None:
    """Drift, and it is said that git was changed too."""
    one = item_of(drift_of(seen(T2, live=at(T1, OTHER_LISTS)), APPLIED))
    assert (one.state, one.git_moved, one.base_known) == (STATE.CHANGED, True, True)
    assert "git was changed too" in one.reason
    assert one.remedy.startswith("decide which is right")
    assert {one.compared: one.moved for one in one.fields} == {
        Compared.SEND_AT: Moved.GIT,
        Compared.RECIPIENTS: Moved.ACCOUNT,
    }
    words = next(one for one in one.fields if one.compared is Compared.RECIPIENTS)
    assert (words.declared, words.applied, words.live) == ("Donors", "Donors", "Board, Donors")


@pytest.mark.parametrize(
    ("sends", "live", "state"),
    [
        ((T1,), at(T1), STATE.IN_SYNC),
        ((), LIVE, STATE.IN_SYNC),
        ((T1,), at(T2), STATE.CHANGED),
        ((T1,), LIVE, STATE.CHANGED),
        ((), at(T1), STATE.CHANGED),
        ((T1,), at(T1, OTHER_LISTS), STATE.CHANGED),
        ((), replace(LIVE, recipients=OTHER_LISTS), STATE.CHANGED),
        ((T1,), at(SOON), STATE.CHANGED),
        ((SOON,), LIVE, STATE.CHANGED),
        ((PAST,), LIVE, STATE.STALLED),
        ((PAST,), replace(LIVE, recipients=OTHER_LISTS), STATE.STALLED),
        ((PAST,), at(T1), STATE.CHANGED),
        ((NOW,), LIVE, STATE.PENDING),
        ((NOW,), replace(LIVE, recipients=Recipients()), STATE.PENDING),
        ((PAST,), SENT, STATE.IN_SYNC),
        ((PAST, T1), SENT, STATE.PENDING),
        ((PAST, T1), replace(SENT, recipients=OTHER_LISTS, format_type=3), STATE.CHANGED),
        ((), SENT, STATE.CHANGED),
        ((T1,), SENT, STATE.CHANGED),
        ((PAST,), status(LIVE, Status.ERROR, history=(errored(PAST),)), STATE.STALLED),
        ((), status(LIVE, Status.ERROR, history=(errored(PAST),)), STATE.STALLED),
        ((PAST,), status(LIVE, Status.EXECUTING, history=None), STATE.IN_SYNC),
        ((NOW,), status(LIVE, Status.EXECUTING, history=None), STATE.IN_SYNC),
        ((T1,), status(LIVE, Status.EXECUTING, history=None), STATE.CHANGED),
        ((), status(LIVE, Status.EXECUTING, history=None), STATE.CHANGED),
    ],
)
def test_without_a_journal(sends: tuple[When, ...], live: Live, state: DriftState) -> None:
    """A difference that time does not explain is told as drift, and marked as of unknown origin."""
    found = drift_of(seen(*sends, live=live))
    assert state_of(found) is state
    assert found.fresh
    if state is STATE.CHANGED:
        one = item_of(found)
        assert not one.base_known
        assert "cannot be told whether git or Constant Contact changed" in one.reason


@pytest.mark.parametrize(
    ("sends", "live", "lines", "state"),
    [
        # A send that simply happened, and what time does to it.
        ((PAST,), SENT, write(when=PAST), STATE.IN_SYNC),
        ((PAST,), replace(SENT, recipients=OTHER_LISTS), write(when=PAST), STATE.IN_SYNC),
        ((PAST,), replace(SENT, subject="Other"), with_content(write(when=PAST)), STATE.IN_SYNC),
        ((PAST, T1), SENT, write(when=PAST), STATE.PENDING),
        ((PAST,), status(LIVE, Status.EXECUTING, history=None), write(when=PAST), STATE.IN_SYNC),
        ((NOW,), status(LIVE, Status.EXECUTING, history=None), write(when=NOW), STATE.IN_SYNC),
        ((PAST,), at(PAST), write(when=PAST), STATE.IN_SYNC),
        # It failed, or could not be applied in time.
        (
            (PAST,),
            status(LIVE, Status.ERROR, history=(errored(PAST),)),
            write(when=PAST),
            STATE.STALLED,
        ),
        ((PAST,), LIVE, write(1, UNSCHEDULE, when=None), STATE.STALLED),
        ((SOON,), LIVE, write(1, UNSCHEDULE, when=None), STATE.STALLED),
        ((T1,), at(SOON), write(when=SOON), STATE.STALLED),
        ((PAST,), at(T1), APPLIED, STATE.STALLED),
        # Somebody did it by hand.
        ((T1,), SENT, APPLIED, STATE.CHANGED),
        ((T1,), status(LIVE, Status.EXECUTING, history=None), APPLIED, STATE.CHANGED),
        ((), status(LIVE, Status.EXECUTING, history=None), write(1, UNSCHEDULE), STATE.CHANGED),
        ((PAST,), LIVE, write(when=PAST), STATE.CHANGED),
        ((PAST, T1), SENT, (*write(when=PAST), *write(2, when=T1, past=1)), STATE.CHANGED),
        ((), SENT, write(1, UNSCHEDULE, when=None), STATE.CHANGED),
        (
            (PAST - DAY,),
            status(LIVE, Status.DONE, history=(completed(PAST - DAY), completed(PAST))),
            write(when=PAST - DAY),
            STATE.CHANGED,
        ),
        ((PAST,), status(SENT, Status.SCHEDULED, schedules=(T1,)), write(when=PAST), STATE.CHANGED),
        # The manifest was edited after the send.
        ((T1,), SENT, write(when=PAST), STATE.STALLED),
        ((), SENT, write(when=PAST), STATE.IN_SYNC),
    ],
)
def test_time_alone_is_no_drift(
    sends: tuple[When, ...], live: Live, lines: Lines, state: DriftState
) -> None:
    """What happened as applied is none, whatever was edited since; what a person did is."""
    assert state_of(drift_of(seen(*sends, live=live), lines)) is state


def test_a_send_under_way_that_git_declares_otherwise() -> None:
    """Sent by hand before its time, after git was changed too."""
    live = status(LIVE, Status.EXECUTING, history=None)
    (field,) = item_of(drift_of(seen(T2, live=live), APPLIED)).fields
    assert (field.moved, field.declared, field.applied) == (Moved.BOTH, T2, T1)
    (field,) = item_of(drift_of(seen(T1, live=live), APPLIED)).fields
    assert (field.moved, field.declared, field.applied) == (Moved.ACCOUNT, T1, T1)


def test_a_write_without_effect_left_nothing() -> None:
    """A refused request is no base: nothing is known of what was there."""
    assert not item_of(drift_of(seen(T1), write(when=T1, state=WriteState.RESOLVED))).base_known


def test_a_schedule_that_ccops_took_back() -> None:
    """Somebody had changed its recipients: those are told against what was verified before."""
    lines = (write(1, UPDATE), write(2, when=T1, state=WriteState.COMPENSATED))
    live = replace(LIVE, recipients=OTHER_LISTS)
    one = item_of(drift_of(seen(T1, live=live), *lines))
    assert {field.compared: field.moved for field in one.fields} == {
        Compared.SEND_AT: Moved.GIT,
        Compared.RECIPIENTS: Moved.ACCOUNT,
    }


@pytest.mark.parametrize("state", [one for one in WriteState if one.open])
@pytest.mark.parametrize("live", [at(T1), LIVE])
def test_an_open_write_is_unknown(state: WriteState, live: Live) -> None:
    """Exit 10, as in verify, whatever a reading shows."""
    found = drift_of(seen(T1, live=live), write(when=T1, state=state))
    assert state_of(found) is STATE.UNKNOWN
    assert found.exit_code(detailed=True) == 10
    assert "ccops journal show" in item_of(found).remedy


CONTENT = with_content(APPLIED)
EXPECT = Expect(subject=LIVE.subject, from_email=LIVE.from_email)


@pytest.mark.parametrize(
    ("sends", "live", "lines", "compared"),
    [
        ((T1,), at(T1), CONTENT, []),
        ((T1,), replace(at(T1), subject="Other"), CONTENT, ["content"]),
        ((T1,), replace(at(T1), from_email="x@example.org"), CONTENT, ["content"]),
        ((T1,), replace(at(T1), preheader="Soon"), CONTENT, ["content"]),
        ((T1,), replace(at(T1), subject="Other"), APPLIED, []),
        ((T1,), replace(LIVE, subject="Other"), CONTENT, ["send_at", "content"]),
        ((), replace(LIVE, subject="Other"), with_content(write(1, UPDATE, when=None)), []),
        ((), replace(LIVE, subject="Other"), with_content(write(1, UNSCHEDULE, when=None)), []),
        (
            (PAST, T1),
            replace(SENT, subject="Other"),
            with_content(write(when=PAST)),
            ["send_at", "content"],
        ),
        (
            (PAST,),
            status(LIVE, Status.EXECUTING, subject="Other", history=None),
            with_content(write(when=PAST)),
            ["content"],
        ),
    ],
)
def test_content_that_nobody_approved(
    sends: tuple[When, ...], live: Live, lines: Lines, compared: list[str]
) -> None:
    """Another email than the approved one is drift while it is to go out; a draft is free."""
    found = drift_of(seen(*sends, live=live), lines)
    assert [str(field.compared) for one in found.items for field in one.fields] == compared
    assert any(one.state is STATE.CHANGED for one in found.items) is ("content" in compared)


@pytest.mark.parametrize(
    ("expected", "lines", "state", "moved"),
    [
        (EXPECT, CONTENT, STATE.IN_SYNC, []),
        (Expect(subject="Wanted"), CONTENT, STATE.PENDING, [Moved.GIT]),
        (Expect(subject="Wanted"), APPLIED, STATE.CHANGED, [Moved.UNKNOWN]),
        (
            Expect(subject="Wanted", from_email="a@example.org"),
            with_content(APPLIED, replace(LIVE, subject="Wanted")),
            STATE.CHANGED,
            [Moved.ACCOUNT, Moved.ACCOUNT],
        ),
    ],
)
def test_what_git_expects_of_the_content(
    expected: Expect, lines: Lines, state: DriftState, moved: list[Moved]
) -> None:
    """Told by name where the manifest names it; an expectation that changed is git's doing."""
    found = drift_of(seen(T1, live=at(T1), expect=expected), lines)
    assert state_of(found) is state
    assert [field.moved for one in found.items for field in one.fields] == moved


def test_nothing_is_expected_of_a_draft() -> None:
    """As long as nobody scheduled it, its content is being written; then the plan's guard asks."""
    wanted = Expect(subject="Wanted")
    assert state_of(drift_of(seen(expect=wanted), APPLIED)) is STATE.IN_SYNC
    draft = replace(LIVE, subject="Half a sen")
    lines = with_content(write(1, UPDATE, when=None))
    assert state_of(drift_of(seen(T1, live=draft, expect=wanted), lines)) is STATE.PENDING


MARK = Halt(activity_id=ACTIVITY, campaign=NAME, reason="the link", at=NOW_IS - HOUR, sends=(T1,))
STOPPED = (APPLIED, write(2, UNSCHEDULE, when=None))


@pytest.mark.parametrize(
    ("live", "lines", "state", "code"),
    [
        (LIVE, STOPPED, STATE.HALTED, 0),
        (LIVE, (), STATE.HALTED, 0),
        (at(T2), STOPPED, STATE.CHANGED, 2),
        (at(T1), STOPPED, STATE.NEEDS_PERSON, 6),
        (at(T1), (APPLIED,), STATE.NEEDS_PERSON, 6),
        (at(T1), (), STATE.NEEDS_PERSON, 6),
        (at(T2), (), STATE.NEEDS_PERSON, 6),
        (replace(LIVE, recipients=OTHER_LISTS), STOPPED, STATE.CHANGED, 2),
    ],
)
def test_what_a_person_halted(
    live: Live, lines: tuple[Lines, ...], state: DriftState, code: int
) -> None:
    """Said, and no drift, unless somebody touched it since; loud if it goes out all the same."""
    found = drift_of(seen(T1, live=live), *lines, halts=[MARK])
    assert (state_of(found), found.exit_code(detailed=True)) == (state, code)
    assert "halted" in item_of(found).reason


@pytest.mark.parametrize(
    "live",
    [
        status(LIVE, Status.UNKNOWN),
        replace(LIVE, ab_test=True),
        replace(LIVE, role="permalink"),
        replace(LIVE, recipients=Recipients(lists=LISTS.lists, segments=("77",))),
        status(LIVE, Status.DONE, history=()),
        status(LIVE, Status.SCHEDULED),
    ],
)
@pytest.mark.parametrize("lines", [(), (CONTENT,)])
def test_what_cannot_be_understood_is_never_no_drift(live: Live, lines: tuple[Lines, ...]) -> None:
    """Exit 6, with the plan's reason."""
    found = drift_of(seen(T1, live=live), *lines)
    assert (state_of(found), found.exit_code(detailed=True)) == (STATE.NEEDS_PERSON, 6)
    assert item_of(found).reason


def test_a_pinned_campaign_that_was_renamed() -> None:
    """The activity is there, under another name."""
    live = replace(LIVE, name="Fall Appeal (final)")
    one = item_of(drift_of(seen(T1, live=live), APPLIED))
    assert (one.state, one.base_known) == (STATE.CHANGED, True)
    assert [(field.compared, field.live) for field in one.fields] == [
        (Compared.CAMPAIGN, "Fall Appeal (final)")
    ]
    assert not item_of(drift_of(seen(T1, live=live))).base_known


GONE = replace(seen(T1, live=None), row=None)


@pytest.mark.parametrize(
    ("where", "lines", "state"),
    [
        (NOWHERE, (), STATE.MISSING),
        (NOWHERE, (APPLIED,), STATE.MISSING),
        (Whereabouts(namesakes=1), (), STATE.MISSING),
        (Whereabouts(namesakes=2), (), STATE.NEEDS_PERSON),
        (Whereabouts(live=replace(LIVE, name="Renamed")), (APPLIED,), STATE.CHANGED),
        (Whereabouts(live=status(LIVE, Status.REMOVED)), (APPLIED,), STATE.MISSING),
    ],
)
def test_a_campaign_that_is_not_found(
    where: Whereabouts, lines: tuple[Lines, ...], state: DriftState
) -> None:
    """Gone, in the trash, given twice, or renamed: the journal knows its id."""
    entries = [entry for line in lines for entry in line]
    found = assessed(planned([GONE], entries), entries, whereabouts=where)
    assert state_of(found) is state
    one = item_of(found)
    assert one.soonest == T1
    if state is STATE.MISSING:
        (field,) = one.fields
        assert (field.declared, field.live) == (T1, "no such campaign")
        assert (field.applied, one.base_known) == ((T1, True) if lines else (None, False))
        assert ("ccops has applied it before" in one.reason) is bool(lines)


@pytest.mark.parametrize(("sends", "told"), [((PAST, T1), T1), ((PAST,), PAST), ((), None)])
def test_what_was_to_be_sent_of_it(sends: tuple[When, ...], told: When | None) -> None:
    """The next declared send, or the last one."""
    (field,) = item_of(drift_of(seen(*sends, live=None))).fields
    assert field.declared == told


def test_a_pinned_activity_in_the_trash() -> None:
    """Missing, whatever the trash still answers."""
    assert state_of(drift_of(seen(T1, live=status(LIVE, Status.REMOVED)), APPLIED)) is STATE.MISSING


def test_what_the_listing_shows_as_sent() -> None:
    """It was not read, and nothing is said of it, unless a write to it is open."""
    over = replace(seen(PAST, live=None), problem="", sent=True)
    assert state_of(drift_of(over)) is STATE.IN_SYNC
    assert state_of(drift_of(over, write(state=WriteState.UNKNOWN))) is STATE.UNKNOWN


def test_what_a_run_writes_meanwhile() -> None:
    """A reading beside an older journal proves nothing: exit 6, and to be asked again."""
    entries = list(APPLIED)
    found = assessed(planned([seen(T1, live=at(T2))], entries), entries, moving=[ACTIVITY])
    assert (state_of(found), found.exit_code(detailed=True)) == (STATE.NEEDS_PERSON, 6)
    assert "run ccops drift again" in item_of(found).remedy


OTHER = "b6e5a7e0-0e9b-4a3b-8f6c-1d2f3a4b5c6e"
STRANGE = Unmanaged(campaign_id="c-9", name="Flash Sale")


@pytest.mark.parametrize(
    ("live", "lines", "moved"),
    [
        (at(T1), (), Moved.UNKNOWN),
        (at(T1), APPLIED, Moved.GIT),
        (at(T2), APPLIED, Moved.BOTH),
        (at(T1), write(1, UNSCHEDULE, when=None), Moved.ACCOUNT),
        (None, (), None),
    ],
)
def test_a_campaign_that_no_manifest_names(
    live: Live | None, lines: Lines, moved: Moved | None
) -> None:
    """Its send and its recipients, and whether ccops scheduled it before its manifest went."""
    plan = planned([], lines)
    one = item_of(assessed(plan, lines, strangers=[Stranger(row=STRANGE, live=live)]))
    assert (one.state, one.place, one.campaign) == (STATE.UNMANAGED, None, "Flash Sale")
    assert one.soonest == (live.schedules[0] if live else None)
    assert [field.moved for field in one.fields][:1] == ([moved] if moved else [])
    assert ("ccops scheduled it" in one.reason) is (lines == APPLIED)


def test_a_renamed_campaign_is_told_of_once() -> None:
    """Its new name is in no manifest, but it is no stranger."""
    live = replace(at(T1), name="Renamed")
    found = assessed(
        planned([GONE], APPLIED, rows=[row("Renamed", CAMPAIGN_ID, Status.SCHEDULED)]),
        APPLIED,
        whereabouts=Whereabouts(live=live),
        strangers=[Stranger(row=Unmanaged(campaign_id=CAMPAIGN_ID, name="Renamed"), live=live)],
    )
    assert state_of(found) is STATE.CHANGED
    assert len(found.items) == 1


def test_the_soonest_send_stands_first() -> None:
    """Whichever side knows of it: declared, applied or live; then names."""
    late = replace(seen(T3, live=at(T2)), desired=replace(seen(T3).desired, campaign="A"))
    late = replace(late, live=replace(at(T2), name="A", activity_id=OTHER, campaign_id=OTHER))
    soon = seen(T1, live=LIVE)
    found = assessed(planned([late, soon], APPLIED), APPLIED)
    assert [(one.campaign, one.soonest) for one in found.items] == [(NAME, T1), ("A", T2)]
    never = Stranger(row=STRANGE, live=None)
    found = assessed(planned([late, soon], APPLIED), APPLIED, strangers=[never])
    assert [one.campaign for one in found.items] == [NAME, "A", "Flash Sale"]


@pytest.mark.parametrize(
    ("one", "when"),
    [
        (seen(NOW, live=LIVE), NOW_IS),
        (seen(T1, live=status(LIVE, Status.EXECUTING, history=None)), NOW_IS),
        (seen(T2, live=at(T1)), T1),
        (seen(live=SENT), None),
        (seen(PAST, live=LIVE), None),
    ],
)
def test_what_counts_as_ahead(one: object, when: datetime | None) -> None:
    """What is being sent is now; what has passed is not ahead."""
    assert item_of(drift_of(one)).soonest == when  # type: ignore[arg-type]  # an observation
