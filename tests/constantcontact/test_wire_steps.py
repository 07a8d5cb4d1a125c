"""The three writes, byte by byte."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact import wire
from ccops.constantcontact.codec import activity
from ccops.constantcontact.strict import parse
from ccops.constantcontact.writes import APPLY_WRITES, WriteList, check_write
from ccops.errors import InvalidInput
from ccops.model import NOW, Live, Recipients, StepKind
from tests.constantcontact.vendor_builders import ACTIVITY, LIST_A, LIST_B, ROW, activity_doc

LIVE = activity(activity_doc(), ROW)
WHEN = datetime(2026, 10, 6, 13, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
LISTS = st.lists(st.uuids().map(str), min_size=1, unique=True).map(
    lambda ids: Recipients(lists=tuple(sorted(ids)))
)
SEGMENTS = st.integers(0, 2**63 - 1).map(lambda number: Recipients(segments=(str(number),)))
LIVES = st.builds(
    lambda subject, name, preheader: replace(
        LIVE, subject=subject, from_name=name, preheader=preheader
    ),
    TEXTS,
    TEXTS,
    st.none() | TEXTS,
)
HOSTILE = [
    "",
    ".",
    "..",
    "../contacts",
    f"{ACTIVITY}/tests",
    f"{ACTIVITY}?include=html_content",
    f"{ACTIVITY}#",
    f"{ACTIVITY}\n",
    f" {ACTIVITY}",
    ACTIVITY[:-1],
    ACTIVITY.replace("-", ""),
    ACTIVITY.replace("4", "g"),
    ACTIVITY.replace("4", "٤"),
    "%2e%2e",
    "//evil.example",
]


@given(LIVES, LISTS | SEGMENTS)
def test_a_put_decodes_to_what_was_just_read_with_other_recipients(
    live: Live, recipients: Recipients
) -> None:
    """INV-15: the whole activity is repeated, and nothing but the recipients differs."""
    step = wire.update_step(live, recipients)
    assert step.body is not None
    sent = json.loads(step.body)
    answered = activity(activity_doc() | {"preheader": None} | sent, ROW)
    assert answered == replace(live, recipients=recipients)
    assert set(sent) <= {
        "from_email",
        "from_name",
        "reply_to_email",
        "subject",
        "preheader",
        "contact_list_ids",
        "segment_ids",
    }
    assert ("preheader" in sent) == (live.preheader is not None)
    assert bool(sent["contact_list_ids"]) != bool(sent["segment_ids"])


@given(LIVES, LISTS | SEGMENTS)
def test_a_put_is_ascii_and_canonical(live: Live, recipients: Recipients) -> None:
    """No server's character set can change a subject; equal steps are equal bytes."""
    body = wire.update_step(live, recipients).body or ""
    assert body.isascii()
    assert wire.canonical(parse(body.encode())) == body


@given(LIVES, LISTS | SEGMENTS, st.datetimes(timezones=st.just(UTC)) | st.just(NOW))
def test_every_step_made_here_may_leave_an_applying_client(
    live: Live, recipients: Recipients, when: datetime
) -> None:
    """The allow-list and the steps are written apart; they agree."""
    writes = WriteList(kinds=APPLY_WRITES.kinds, send_now=frozenset({ACTIVITY}))
    steps = (
        wire.update_step(live, recipients),
        wire.schedule_step(live.activity_id, when),
        wire.unschedule_step(live.activity_id),
    )
    for step in steps:
        check_write(writes, wire.step_call(step))
    assert [step.kind for step in steps] == ["update", "schedule", "unschedule"]


def test_the_bytes_of_the_three_writes() -> None:
    """As they go over the wire."""
    update = wire.step_call(wire.update_step(LIVE, Recipients(segments=("57",))))
    assert (update.method, update.path, update.query) == (
        "PUT",
        f"/v3/emails/activities/{ACTIVITY}",
        (),
    )
    assert update.body == (
        b'{"contact_list_ids":[],"from_email":"news@example.org","from_name":"News",'
        b'"preheader":"Please","reply_to_email":"reply@example.org","segment_ids":[57],'
        b'"subject":"Will you help?"}'
    )
    schedule = wire.step_call(wire.schedule_step(ACTIVITY, WHEN))
    assert (schedule.method, schedule.path) == (
        "POST",
        f"/v3/emails/activities/{ACTIVITY}/schedules",
    )
    assert schedule.body == b'{"scheduled_date":"2026-10-06T13:00:00.000Z"}'
    unschedule = wire.step_call(wire.unschedule_step(ACTIVITY))
    assert (unschedule.method, unschedule.path, unschedule.body) == (
        "DELETE",
        f"/v3/emails/activities/{ACTIVITY}/schedules",
        None,
    )


def test_a_step_begins_after_the_base_path() -> None:
    """What a plan shows is the vendor's own way to write a path."""
    step = wire.unschedule_step(ACTIVITY)
    assert step.path == f"/emails/activities/{ACTIVITY}/schedules"
    assert step.kind is StepKind.UNSCHEDULE


def test_now_is_the_text_zero() -> None:
    """The only way to say it, and said only for NOW."""
    assert wire.schedule_step(ACTIVITY, NOW).body == '{"scheduled_date":"0"}'


def test_a_time_in_another_zone_is_sent_in_utc() -> None:
    """Offsets may be accepted; nobody says how."""
    local = WHEN.astimezone(timezone(timedelta(hours=-4)))
    assert wire.schedule_step(ACTIVITY, local) == wire.schedule_step(ACTIVITY, WHEN)


@pytest.mark.parametrize(
    "recipients",
    [
        Recipients(),
        Recipients(lists=(LIST_A,), segments=("1",)),
        Recipients(segments=("1", "2")),
        Recipients(segments=("-1",)),
        Recipients(segments=("1.0",)),
        Recipients(segments=("01",)),
        Recipients(segments=("1 ",)),
    ],
)
def test_recipients_are_lists_or_one_segment(recipients: Recipients) -> None:
    """Neither, both, several segments, or an id that is none: no step."""
    with pytest.raises(ValueError, match="segment"):
        wire.update_step(LIVE, recipients)


def test_several_lists_keep_their_order() -> None:
    """`Recipients` is sorted already; the wire adds no order of its own."""
    body = wire.update_step(LIVE, Recipients(lists=(LIST_A, LIST_B))).body or ""
    assert json.loads(body)["contact_list_ids"] == [LIST_A, LIST_B]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_id_cannot_carry_a_path(hostile: str) -> None:
    """S-22: `/`, `..`, `?` in an id are refused wherever one enters a path."""
    for build in (
        wire.unschedule_step,
        wire.campaign_path,
        wire.activity_path,
        wire.history_path,
        lambda value: wire.schedule_step(value, WHEN),
        lambda value: wire.update_step(
            replace(LIVE, activity_id=value), Recipients(lists=(LIST_A,))
        ),
    ):
        with pytest.raises(InvalidInput, match="CC390"):
            build(hostile)


def test_a_hostile_list_id_never_leaves() -> None:
    """List ids come from the lock file: the allow-list looks at them once more."""
    step = wire.update_step(LIVE, Recipients(lists=("all-contacts",)))
    with pytest.raises(Exception, match="CC490"):
        check_write(APPLY_WRITES, wire.step_call(step))


@pytest.mark.parametrize(
    ("body", "instants"),
    [
        (b'[{"scheduled_date":"2026-10-06T13:00:00.000Z"}]', (WHEN,)),
        (b'[{"scheduled_date":"2026-10-06T09:00:00-04:00"}]', (WHEN,)),
        (b"[]", ()),
        (b"", None),
        (b"{}", None),
        (b'{"scheduled_date":"2026-10-06T13:00:00.000Z"}', None),
        (b'[{"scheduled_date":"0"}]', None),
        (b'[{"scheduled_date":null}]', None),
        (b"[{}]", None),
        (b"[[]]", None),
        (b'[{"scheduled_date":"2026-10-06T13:00:00.000Z"}', None),
        (b"<html>", None),
    ],
)
def test_the_answer_to_a_post_is_understood_or_ambiguous(
    body: bytes, instants: tuple[datetime, ...] | None
) -> None:
    """Nothing in between: what is no such array tells nothing."""
    assert wire.accepted_instants(body) == instants
