"""Names that look alike are told apart; numbers and instants become plain words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ccops.manifest.clock import Zone, read_time
from ccops.model import NOW
from ccops.planning.canonical import canonical, digest, stamp
from ccops.planning.names import fold, plain, same_name, suggest
from ccops.planning.words import (
    contacts_in_words,
    instant_in_words,
    reason_in_words,
    span_in_words,
    when_in_words,
)
from tests.planning.samples import HOUR, NOW_IS, PLACE

ALIKE = {
    "em dash": ("News - US", "News \u2014 US", " (it has an em dash)"),
    "en dash, mine": ("News \u2013 US", "News - US", " (yours has an en dash)"),
    "apostrophe": ("Donors' club", "Donors\u2019 club", " (it has a curly apostrophe)"),
    "blank": ("New donors", "New\u00a0donors", " (it has a non-breaking space)"),
    "invisible": ("Donors", "Do\u200bnors", " (it has an invisible zero-width space)"),
    "case": ("donors", "Donors", " (upper and lower case differ)"),
    "alphabet": (
        "Donors",
        "D\u043enors",
        " (it has a letter of another alphabet, or other spaces)",
    ),
    "two blanks": (
        "New donors",
        "New  donors",
        " (it has a letter of another alphabet, or other spaces)",
    ),
    "spelling": ("Donnors", "Donors", ""),
}


@pytest.mark.parametrize("case", ALIKE.values(), ids=ALIKE)
def test_a_guess_names_what_is_hard_to_see(case: tuple[str, str, str]) -> None:
    """The character that makes two names different is called by its name."""
    mine, theirs, remark = case
    assert suggest(mine, ["Zebra", theirs]) == f'did you mean "{theirs}"?{remark}'


def test_far_names_are_not_guessed() -> None:
    """No guess beats a wild one; and where names are many, only folding finds one."""
    assert suggest("Donors", ["Zebra"]) == ""
    assert suggest("Donnors", ["Donors"], near=False) == ""
    assert suggest("Donors", []) == ""


@given(st.text(max_size=20))
def test_folding_is_stable(name: str) -> None:
    """Composed or not, a name folds alike; and any text at all can be folded."""
    assert fold(plain(name)) == fold(name)
    assert same_name(name, plain(name))


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=4))
def test_a_guess_is_always_a_known_name(name: str, known: list[str]) -> None:
    """Nothing is invented."""
    guess = suggest(name, known)
    assert not guess or any(guess.startswith(f'did you mean "{one}"?') for one in known)


def test_every_published_reason_has_words() -> None:
    """Codes 0 to 12 are told apart from numbers nobody knows (9 and 10 mean the same)."""
    told = {reason_in_words(code) for code in range(13)}
    assert len(told) == 12
    assert not any("not published" in one for one in told)
    assert reason_in_words(13) == "for a reason that is not published (code 13)"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=15), "15 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(minutes=1170), "19 h 30 min"),
        (timedelta(hours=1, seconds=1), "1 h 1 s"),
        (timedelta(days=60), "1,440 hours"),
    ],
)
def test_spans_are_told_without_rounding(span: timedelta, words: str) -> None:
    """Hours and minutes as far as they are whole; what is less than an hour, in one unit."""
    assert span_in_words(span) == words


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        (NOW_IS, "UTC", "Tue 2026-10-06 12:00 UTC"),
        (NOW_IS, "America/New_York", "Tue 2026-10-06 08:00 America/New_York"),
        (NOW_IS + 13 * HOUR, "Asia/Tokyo", "Wed 2026-10-07 10:00 Asia/Tokyo"),
        (
            NOW_IS + timedelta(seconds=5),
            "America/New_York",
            "Tue 2026-10-06 08:00:05 America/New_York",
        ),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/New_York", "2026-11-01T01:30:00-04:00"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "America/New_York", "2026-11-01T01:30:00-05:00"),
        (NOW_IS, "Mars/Olympus", "Tue 2026-10-06 12:00 UTC"),
        (NOW_IS, "../etc/passwd", "Tue 2026-10-06 12:00 UTC"),
        (
            datetime.max.replace(tzinfo=UTC, microsecond=0),
            "Asia/Tokyo",
            "Fri 9999-12-31 23:59:59 UTC",
        ),
    ],
)
def test_instants_are_told_as_manifests_write_them(
    instant: datetime, zone: str, words: str
) -> None:
    """On the manifest's own clock; with an offset where that shows a time twice."""
    assert instant_in_words(instant, zone=zone) == words
    assert when_in_words(instant, zone=zone) == words


ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"]
)


@given(st.timedeltas(timedelta(0), timedelta(days=20_000)).map(NOW_IS.__add__), ZONES, ZONES)
@example(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/New_York", "UTC")
@example(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "America/New_York", "UTC")
def test_what_is_told_can_be_pasted(instant: datetime, zone: str, default: str) -> None:
    """A manifest of that zone, by its own word or the workspace's, reads it as the same instant."""
    instant = instant.replace(microsecond=0)
    words = instant_in_words(instant, zone=zone)
    named = Zone(name=zone, place=PLACE)
    for context in (None, Zone(name=zone), Zone(name=default), named):
        assert read_time(words, PLACE, context).when == instant


def test_now_and_stamps() -> None:
    """`now` is no instant; stamps are UTC, for machines."""
    here = datetime(2026, 10, 6, 8, 0, 5, tzinfo=timezone(timedelta(hours=-4)))
    assert when_in_words(NOW, zone="UTC") == "now"
    assert stamp(here.replace(microsecond=9)) == "2026-10-06T12:00:05Z"
    assert stamp(datetime(99, 1, 1, tzinfo=UTC)) == "0099-01-01T00:00:00Z"


def test_nobody_is_said_aloud() -> None:
    """A completed send to nobody must not look like a success."""
    assert [contacts_in_words(one) for one in (0, 1, 1234)] == [
        "nobody",
        "1 contact",
        "1,234 contacts",
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values, values)
def test_equal_values_have_equal_texts(one: object, other: object) -> None:
    """Canonical JSON is one to one, and pure ASCII whatever the text."""
    assert canonical(one).isascii()
    assert (canonical(one) == canonical(other)) == (repr(_sorted(one)) == repr(_sorted(other)))
    assert (digest(one) == digest(other)) == (canonical(one) == canonical(other))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def test_no_number_without_one_form_is_written() -> None:
    """NaN is no JSON."""
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical(float("nan"))
