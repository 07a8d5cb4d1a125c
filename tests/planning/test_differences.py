"""Live beside desired, field by field; and the fingerprint of a reading."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given

from ccops.model import NOW, Live, Recipients, Status
from ccops.planning.diff import differences, fingerprint, in_words
from ccops.planning.plan import FieldChange
from tests.planning.samples import (
    BOARD,
    DAY,
    DONORS,
    LISTS,
    LIVE,
    NOW_IS,
    OTHER_LISTS,
    SEGMENT,
    SEGMENTED,
    completed,
    errored,
    scheduled,
)
from tests.planning.strategies import audiences, lives

NAMES = {DONORS: "Donors", BOARD: "Board, old", SEGMENT: "Volunteers"}


@given(lives(), lives())
def test_a_fingerprint_tells_readings_apart(one: Live, other: Live) -> None:
    """Equal fingerprints mean equal readings; whose activity it is does not count."""
    same = replace(other, campaign_id=one.campaign_id, activity_id=one.activity_id) == one
    assert (fingerprint(one) == fingerprint(other)) == same


@pytest.mark.parametrize(
    "other",
    [
        replace(LIVE, status=Status.DONE),
        replace(LIVE, role="permalink"),
        replace(LIVE, format_type=4),
        replace(LIVE, name="Another"),
        replace(LIVE, recipients=OTHER_LISTS),
        replace(LIVE, schedules=(NOW_IS,)),
        replace(LIVE, history=None),
        replace(LIVE, history=(completed(NOW_IS),)),
        replace(LIVE, history=(errored(NOW_IS),)),
        replace(LIVE, subject="Another"),
        replace(LIVE, from_name="Another"),
        replace(LIVE, from_email="another@example.org"),
        replace(LIVE, reply_to="another@example.org"),
        replace(LIVE, preheader=""),
        replace(LIVE, ab_test=True),
    ],
)
def test_every_field_that_matters_is_fingerprinted(other: Live) -> None:
    """One changed field is a changed fingerprint, of one form."""
    assert fingerprint(other) != fingerprint(LIVE)
    assert len(fingerprint(other)) == len("sha256:") + 64


def test_equal_states_have_no_differences() -> None:
    """Nothing differs where the recipients and the time are those wanted."""
    assert differences(scheduled(NOW_IS), LISTS, NOW_IS, NAMES) == ()
    assert differences(LIVE, LISTS, None, NAMES) == ()


def test_differences_are_told_in_words() -> None:
    """Names for ids, before and after; None where there is nothing."""
    both = differences(scheduled(NOW_IS), SEGMENTED, NOW_IS + DAY, NAMES)
    assert both == (
        FieldChange(path="recipients", before="Donors", after="segment Volunteers"),
        FieldChange(path="send_at", before="2026-10-06T12:00:00Z", after="2026-10-07T12:00:00Z"),
    )
    (timing,) = differences(LIVE, LISTS, NOW, NAMES)
    assert timing == FieldChange(path="send_at", before=None, after="now")
    (people,) = differences(LIVE, OTHER_LISTS, None, NAMES)
    assert people.after == '"Board, old", Donors'


def test_unknown_recipients_are_shown_by_id() -> None:
    """What has no known name is still shown."""
    assert in_words(Recipients(lists=("7",)), {}) == "id 7"
    assert in_words(Recipients(), {}) is None


@given(lives(), audiences)
def test_differences_name_exactly_what_differs(live: Live, wanted: Recipients) -> None:
    """A field is listed if, and only if, its two sides are unlike."""
    found = differences(live, wanted, NOW, NAMES)
    expected = ["recipients"] * (live.recipients != wanted) + ["send_at"]
    assert [one.path for one in found] == expected
    assert all(one.before != one.after for one in found)


def test_the_diff_library_is_loaded_only_for_a_difference() -> None:
    """Start-up does not pay for it: exact, by what is loaded."""
    program = (
        "import sys\n"
        "from tests.planning.samples import LISTS, LIVE\n"
        "from ccops.planning.diff import differences\n"
        "from ccops.model import NOW\n"
        "differences(LIVE, LISTS, None, {})\n"
        "print('deepdiff' in sys.modules)\n"
        "differences(LIVE, LISTS, NOW, {})\n"
        "print('deepdiff' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", "True"]
