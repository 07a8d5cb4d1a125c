"""One campaign and its manifest: what is declared, what is refused, what stays the author's."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops import resources
from ccops.manifest.reader import read_manifests
from ccops.manifest.writer import write_manifest
from ccops.model import (
    CampaignRow,
    Desired,
    Limits,
    Live,
    Named,
    RecipientKind,
    Recipients,
    SendRecord,
    Status,
)
from ccops.planning.adopt import (
    Reason,
    Terms,
    adopt,
    declared,
    doubtful,
    passed_over,
    quiet,
    readable,
    wants_history,
)
from ccops.planning.adopt_merge import merged
from ccops.planning.adopt_names import Directory, directory, unwritable
from ccops.planning.case import EARLY
from ccops.ports import Halt

ZONE = "America/New_York"
NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
SOON = NOW + timedelta(days=8)
MEMBERS, DONORS, TWIN_A, TWIN_B, BLANK = (
    f"{n}" * 8 + "-0000-4000-8000-000000000000" for n in "12345"
)
GONE = "99999999-0000-4000-8000-000000000000"
LISTS = (
    Named(kind=RecipientKind.LISTS, id=MEMBERS, name="Members"),
    Named(kind=RecipientKind.LISTS, id=DONORS, name="Donors"),
    Named(kind=RecipientKind.LISTS, id=TWIN_A, name="Twin"),
    Named(kind=RecipientKind.LISTS, id=TWIN_B, name="Twin"),
    Named(kind=RecipientKind.LISTS, id=BLANK, name="Blank "),
)
SEGMENTS = (Named(kind=RecipientKind.SEGMENT, id="101", name="Active"),)
KNOWN: Mapping[RecipientKind, Directory] = {
    RecipientKind.LISTS: directory(LISTS),
    RecipientKind.SEGMENT: directory(SEGMENTS),
}
TERMS = Terms(zone=ZONE, now=NOW, limits=Limits(), halts={})


def live(status: Status = Status.SCHEDULED, *lists: str, **more: object) -> Live:
    """A campaign in sync with itself: scheduled in eight days, or sent a day ago."""
    made = Live(
        campaign_id="c" * 8 + "-0000-4000-8000-000000000000",
        activity_id="a" * 8 + "-0000-4000-8000-000000000000",
        name="Spring",
        role="primary_email",
        status=status,
        format_type=3,
        recipients=Recipients(lists=tuple(sorted(lists or (MEMBERS,)))),
        subject="Hello",
        from_name="Field",
        from_email="news@example.org",
        reply_to="news@example.org",
        schedules=(SOON,) if status is Status.SCHEDULED else (),
        history=(sent(NOW - timedelta(days=1)),) if status is Status.DONE else (),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name


def sent(ran_at: datetime, *, completed: bool = True) -> SendRecord:
    return SendRecord(ran_at=ran_at, completed=completed, count=3, reason=0 if completed else 9)


def adopted(one: Live, *, shared: bool = False) -> Desired:
    found = adopt(one, KNOWN, TERMS, shared=shared)
    assert isinstance(found, Desired), found
    return found


def manifest(text: str) -> Desired:
    (found,) = read_manifests([("a.yaml", text)], schema=resources.schema("campaign"), zone=ZONE)
    return found


def is_quiet(text: str, one: Live, *, shared: bool = False) -> bool:
    return quiet(manifest(text), one, KNOWN, TERMS, shared=shared)


HISTORIES = st.lists(
    st.integers(min_value=0, max_value=400).map(lambda n: NOW - timedelta(seconds=n / 4)),
    min_size=1,
    max_size=6,
).map(sorted)


@settings(max_examples=40)
@given(HISTORIES)
def test_declared_sends_ascend_and_none_is_early(ran: list[datetime]) -> None:
    """However close to one another sends ran: in order, in whole seconds, none called early."""
    sends = declared(live(Status.DONE, history=tuple(map(sent, ran))))
    assert all(one < other for one, other in pairwise(sends))
    assert all(one.microsecond == 0 for one in sends)
    assert all(said - one <= EARLY for said, one in zip(sends, ran, strict=True))
    assert sends[0].second == 0


@settings(max_examples=40)
@given(HISTORIES, st.booleans())
def test_what_is_adopted_is_quiet_and_is_read_as_it_is_meant(
    ran: list[datetime],
    again: bool,
) -> None:
    """A plan has nothing to do about it, and the text says it."""
    status = Status.SCHEDULED if again else Status.DONE
    one = live(status, MEMBERS, TWIN_A, BLANK, history=tuple(map(sent, ran)))
    found = adopted(one)
    assert quiet(found, one, KNOWN, TERMS, shared=False)
    for zone in (ZONE, None, "Europe/Berlin"):
        text = write_manifest(found, zone=zone)
        schema = resources.schema("campaign")
        assert readable("a.yaml", text, found, schema=schema, zone=zone) == ""


def test_names_where_they_mean_one_object_and_ids_elsewhere() -> None:
    """Sorted by name; two of one name, and a name that no manifest can write, go by id."""
    found = adopted(live(Status.SCHEDULED, TWIN_B, MEMBERS, BLANK, DONORS))
    words = [one.name or one.id for one in found.references]
    assert words == ["Donors", "Members", TWIN_B, BLANK]


def test_a_list_that_was_deleted_goes_by_id_only_behind_a_sent_campaign() -> None:
    """One that is still to be sent there is for a person to look at."""
    found = adopted(live(Status.DONE, MEMBERS, GONE))
    assert [one.name or one.id for one in found.references] == ["Members", GONE]
    for status in (Status.SCHEDULED, Status.DRAFT):
        refused = adopt(live(status, MEMBERS, GONE), KNOWN, TERMS, shared=False)
        assert refused == Reason(text=f"it still names lists that were deleted: {GONE}")


def test_the_activity_is_named_only_where_the_name_is_not_enough() -> None:
    """And a composed name stands for a decomposed one."""
    assert adopted(live()).activity_id is None
    found = adopted(live(name="Cafe\u0301"), shared=True)
    assert (found.campaign, found.activity_id) == ("Café", live().activity_id)


REFUSED: Mapping[str, tuple[Live, str]] = {
    "removed": (live(Status.REMOVED), "trash"),
    "executing": (live(Status.EXECUTING), "being sent right now"),
    "error": (live(Status.ERROR), "failed"),
    "unknown": (live(Status.UNKNOWN), "a status that ccops does not know"),
    "another role": (live(role="permalink"), "not the campaign's email"),
    "A/B test": (live(ab_test=True), "A/B test"),
    "draft to nobody": (live(Status.DRAFT, recipients=Recipients()), "it has no recipients"),
    "sent to nobody": (live(Status.DONE, recipients=Recipients()), "no longer says to whom"),
    "both": (live(recipients=Recipients(lists=(MEMBERS,), segments=("101",))), "at once, which"),
    "segments": (live(recipients=Recipients(segments=("101", "102"))), "2 segments"),
    "dead segment": (live(recipients=Recipients(segments=("102",))), "segments that were deleted"),
    "no schedule": (live(schedules=()), "0 schedules instead of one"),
    "two schedules": (live(schedules=(SOON, SOON + EARLY)), "2 schedules instead of one"),
    "never sent": (live(Status.DONE, history=()), "contradicts itself"),
    "not read": (live(Status.DONE, history=None), "was not read"),
    "failed last": (
        live(Status.DONE, history=(sent(NOW, completed=False),)),
        "newest send is not a completed one",
    ),
    "out of order": (live(history=(sent(SOON + EARLY),)), "not after its newest send"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_plan_would_not_leave_alone_is_not_adopted(case: str) -> None:
    """With a reason in words."""
    one, words = REFUSED[case]
    refused = adopt(one, KNOWN, TERMS, shared=False)
    assert isinstance(refused, Reason)
    assert words in refused.text


def test_what_a_person_halted_is_not_adopted() -> None:
    """Somebody scheduled it again at the very time: a plan would say so, too."""
    halt = Halt(
        activity_id=live().activity_id, campaign="Spring", reason="wrong", at=NOW, sends=(SOON,)
    )
    terms = replace(TERMS, halts={halt.activity_id: halt})
    refused = adopt(live(), KNOWN, terms, shared=False)
    assert isinstance(refused, Reason)
    assert "wrong" in refused.text


@pytest.mark.parametrize(
    ("one", "doubt"),
    [
        (live(), False),
        (live(schedules=()), True),
        (live(Status.DONE, history=()), True),
        (live(Status.DRAFT, recipients=Recipients(), history=None), False),
        (live(Status.ERROR, history=None), False),
        (live(Status.EXECUTING), False),
    ],
)
def test_only_what_may_be_mistaken_is_read_again(one: Live, *, doubt: bool) -> None:
    """Where the answer is no anyway, no second request is made."""
    assert doubtful(one) is doubt


@pytest.mark.parametrize("status", Status)
def test_the_history_of_what_has_sends_is_read(status: Status) -> None:
    """A draft has none."""
    assert wants_history(live(status)) is (status in {Status.SCHEDULED, Status.DONE})


def row(**more: object) -> CampaignRow:
    made = CampaignRow(campaign_id="c", name="Spring", status=Status.SCHEDULED)
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (row(), ""),
        (row(status=Status.UNKNOWN), ""),
        (row(ab_test=True), "A/B test"),
        (row(status=Status.EXECUTING), "being sent"),
        (row(name="a\nb"), "control character"),
        (row(name="Spring "), "ends with a blank"),
        (row(name="<<"), "no lock can hold"),
    ],
)
def test_what_the_listing_tells_is_not_read(found: CampaignRow, words: str) -> None:
    """Each such campaign saves two requests at least."""
    assert words in passed_over(found)
    assert bool(passed_over(found)) is bool(words)


def test_a_decomposed_name_can_be_written() -> None:
    """In its composed form, in which names are compared."""
    assert unwritable("Cafe\u0301") == ""


def test_a_text_that_says_something_else_is_not_readable() -> None:
    """Or that no manifest may say: such a campaign is not written."""
    found, schema = adopted(live()), resources.schema("campaign")
    other = write_manifest(replace(found, campaign="Autumn"), zone=ZONE)
    assert readable("a", other, found, schema=schema, zone=ZONE) == "no manifest can say it"
    late = replace(found, sends=(replace(found.sends[0], when=SOON.replace(year=2150)),))
    told = readable("a", write_manifest(late, zone=ZONE), late, schema=schema, zone=ZONE)
    assert "2150" in told


SPRING = "campaign: Spring\nrecipients: {lists: [Members]}\n"


@pytest.mark.parametrize(
    ("rest", "one", "expected"),
    [
        ("send_at: 2027-03-09 09:00", live(), True),
        ("send_at: 2027-03-09 09:30", live(), False),
        ("send_at: unscheduled", live(), False),
        ("send_at: unscheduled", live(Status.DRAFT, history=None), True),
        ("send_at: 2027-03-09 09:00", live(Status.DRAFT), False),
        ("send_at: 2027-03-09 09:00\nresend_to_new_contacts: [2027-03-16 09:00]", live(), True),
        ("send_at: now", live(Status.DONE, DONORS), True),
        ("send_at: 2027-02-20 09:00", live(Status.DONE, GONE), True),
        ("send_at: unscheduled", live(Status.DONE), False),
        ("send_at: 2027-03-09 09:00", live(Status.DONE), False),
        ("send_at: 2027-03-09 09:00", live(Status.SCHEDULED, DONORS), False),
        ("send_at: 2027-03-09 09:00", live(name="Autumn"), False),
    ],
)
def test_a_manifest_is_quiet_when_a_plan_is(rest: str, one: Live, *, expected: bool) -> None:
    """And when it declares what was sent, which a plan only mentions."""
    assert is_quiet(f"{SPRING}{rest}\n", one) is expected


def test_a_manifest_of_a_name_that_several_bear_is_not_quiet() -> None:
    """Unless it says which campaign it means."""
    text = f"{SPRING}send_at: 2027-03-09 09:00\n"
    assert not is_quiet(text, live(), shared=True)
    assert is_quiet(f"{text}activity: {live().activity_id}\n", live(), shared=True)


def test_a_manifest_to_a_list_that_is_gone_is_not_quiet() -> None:
    """A plan refuses it."""
    text = "campaign: Spring\nrecipients: {lists: [Old]}\nsend_at: 2027-03-09 09:00\n"
    assert not is_quiet(text, live())


def merge(text: str, one: Live) -> Desired:
    return merged(manifest(text), adopted(one), one, KNOWN)


def test_what_stays_in_the_authors_words() -> None:
    """Recipients by id, a send that ran a little late, tags, owner, expectations, waiting sends."""
    text = (
        f"campaign: Spring\nrecipients:\n  lists: [{{id: {MEMBERS}}}, Old]\n"
        "send_at: 2027-02-28 08:58\n"
        "resend_to_new_contacts: [2027-03-08 09:00, 2027-03-16 09:00]\n"
        "expect: {subject: Hello}\ntags: [a]\nowner: me\n"
    )
    past = sent(NOW - timedelta(days=1, seconds=-30))
    found = merge(text, live(Status.SCHEDULED, MEMBERS, DONORS, history=(past,)))
    assert {one.id or one.name for one in found.references} == {MEMBERS, "Donors"}
    whens = [f"{one.when:%m-%d %H:%M}" for one in found.sends if isinstance(one.when, datetime)]
    assert whens == ["02-28 13:58", "03-09 14:00", "03-16 13:00"]
    assert (found.expect.subject, found.tags, found.owner) == ("Hello", ("a",), "me")


def test_what_was_sent_early_is_corrected() -> None:
    """A declared time that a plan would call too late goes."""
    found = merge(f"{SPRING}send_at: 2027-02-28 12:00\n", live(Status.DONE))
    assert [one.when for one in found.sends] == [NOW - timedelta(days=1)]


def test_what_would_not_ascend_is_taken_as_it_ran() -> None:
    """A declared time is kept only while the sends stay in order."""
    early = (sent(NOW - timedelta(days=1)), sent(NOW - timedelta(days=1, minutes=-4)))
    text = f"{SPRING}send_at: 2027-02-28 09:04\n"
    found = merge(text, live(Status.DONE, history=early))
    assert [one.when for one in found.sends] == list(declared(live(Status.DONE, history=early)))


def test_sends_that_wait_for_nothing_go() -> None:
    """After a send that was taken back, or that has happened, the next one is not scheduled."""
    text = f"{SPRING}send_at: 2027-03-09 09:00\nresend_to_new_contacts: [2027-03-16 09:00]\n"
    assert merge(text, live(Status.DRAFT)).sends == ()
    assert len(merge(text, live(Status.DONE)).sends) == 1
    later = merge(text, live(schedules=(SOON + timedelta(days=30),)))
    assert len(later.sends) == 1


def test_segments_take_the_place_of_lists() -> None:
    """In a manifest as in Constant Contact."""
    one = live(recipients=Recipients(segments=("101",)))
    found = merge(f"{SPRING}send_at: 2027-03-09 09:00\n", one)
    assert [(one.kind, one.name) for one in found.references] == [(RecipientKind.SEGMENT, "Active")]
    assert quiet(found, one, KNOWN, TERMS, shared=False)
