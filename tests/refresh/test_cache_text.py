"""The cache as a text: read back equal, and nothing else is taken for one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import Place
from ccops.manifest.lockfile import Lock
from ccops.model import (
    CampaignRow,
    Named,
    RecipientKind,
    Reference,
    Status,
)
from ccops.planning.cache import (
    MARGIN,
    Cache,
    Reading,
    Register,
    catalogue_of,
    knows,
    merged,
    names_at,
    renewed,
    updated_since,
    with_pinned,
)
from ccops.planning.cachefile import from_text, to_text
from ccops.planning.canonical import digest
from ccops.planning.locking import UNPINNED, Pins
from tests.planning.samples import (
    ACCOUNT,
    BOARD,
    CAMPAIGN_ID,
    DAY,
    DONORS,
    HOUR,
    LIVE,
    NOW_IS,
    SEGMENT,
    completed,
    desired,
    row,
)
from tests.planning.strategies import instants, lives

ORIGIN = "https://api.cc.email"
WHOSE = {"account": ACCOUNT.id, "origin": ORIGIN, "version": "0.1.0"}
OTHER_ID = "b6e5a7e0-0e9b-4a3b-8f6c-1d2f3a4b5c6e"

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
maybe = st.none() | instants


def uuids() -> st.SearchStrategy[str]:
    return st.uuids().map(str)


@st.composite
def rows(draw: st.DrawFn, identity: str) -> CampaignRow:
    return CampaignRow(
        campaign_id=identity,
        name=draw(names),
        status=draw(st.sampled_from(Status)),
        ab_test=draw(st.booleans()),
        updated_at=draw(maybe),
    )


@st.composite
def registers(draw: st.DrawFn, kind: RecipientKind) -> Register:
    ids = uuids() if kind is RecipientKind.LISTS else st.integers(0, 10**6).map(str)
    found = draw(st.lists(ids, unique=True, max_size=3))
    named = tuple(Named(kind=kind, id=one, name=draw(names)) for one in found)
    return Register(named=named, read_at=draw(instants))


@st.composite
def caches(draw: st.DrawFn) -> Cache:
    """Caches of a few campaigns; some of them were read."""
    ids = draw(st.lists(st.uuids(), unique=True, max_size=4))
    listed = tuple(draw(rows(str(one))) for one in ids)
    readings = {}
    for one in draw(st.lists(st.sampled_from(ids), unique=True)) if ids else ():
        live = replace(draw(lives()), campaign_id=str(one))
        readings[str(one)] = Reading(row=draw(rows(str(one))), live=live, read_at=draw(instants))
    kinds = draw(st.lists(st.sampled_from(RecipientKind), unique=True))
    return Cache(
        account=replace(ACCOUNT, name=draw(names)),
        origin=ORIGIN,
        listed_at=draw(instants),
        rows=listed,
        registers={kind: draw(registers(kind)) for kind in sorted(kinds)},
        readings=readings,
    )


@settings(max_examples=60)
@given(caches())
def test_a_cache_read_back_is_the_cache(cache: Cache) -> None:
    """Every value survives, on one line of ASCII."""
    text = to_text(cache, version="0.1.0")
    assert text.isascii()
    assert text.index("\n") == len(text) - 1
    again = from_text(text.encode(), **WHOSE)
    assert again == cache
    assert to_text(again, version="0.1.0") == text


LISTS = (
    Named(kind=RecipientKind.LISTS, id=DONORS, name="Donors"),
    Named(kind=RecipientKind.LISTS, id=BOARD, name="Board"),
)
EXAMPLE = Cache(
    account=ACCOUNT,
    origin=ORIGIN,
    listed_at=NOW_IS,
    rows=(replace(row(), updated_at=NOW_IS - DAY), row("Other", OTHER_ID)),
    registers={
        RecipientKind.LISTS: Register(named=LISTS, read_at=NOW_IS),
        RecipientKind.SEGMENT: Register(
            named=(Named(kind=RecipientKind.SEGMENT, id=SEGMENT, name="Volunteers"),),
            read_at=NOW_IS - HOUR,
        ),
    },
    readings={
        CAMPAIGN_ID: Reading(
            row=row(),
            live=replace(LIVE, schedules=(NOW_IS,), history=(completed(NOW_IS - DAY),)),
            read_at=NOW_IS - HOUR,
        )
    },
)
TEXT = to_text(EXAMPLE, version="0.1.0")


def why(found: bytes, **whose: str) -> str:
    """Why a text is no cache."""
    with pytest.raises(ValueError, match=r"^it is ") as caught:
        from_text(found, **{**WHOSE, **whose})
    return str(caught.value)


@pytest.mark.parametrize(
    ("whose", "words"),
    [
        ({"account": "other"}, "it is of another account"),
        ({"origin": "http://127.0.0.1:1"}, "it is of another API"),
        ({"version": "0.1.1"}, "it is of another version of ccops"),
    ],
)
def test_another_ones_cache_is_none(whose: Mapping[str, str], words: str) -> None:
    """Of another account, of a sandbox, or of another ccops."""
    assert why(TEXT.encode(), **whose) == words


def test_every_byte_counts() -> None:
    """A flip is refused, or only changed the case of an escape."""
    for position in range(0, len(TEXT) - 1, 3):
        for bit in (1, 32):
            flipped = chr(ord(TEXT[position]) ^ bit)
            changed = (TEXT[:position] + flipped + TEXT[position + 1 :]).encode("latin-1")
            if changed != TEXT.encode():
                assert why(changed)


def sealed(found: dict[str, object]) -> bytes:
    """A document with a digest that fits, whoever wrote it."""
    rest = {key: value for key, value in found.items() if key != "digest"}
    return json.dumps(rest | {"digest": digest(rest)}).encode()


def bent(path: str, value: object) -> bytes:
    """The example with one value replaced, and a digest that fits."""
    document = json.loads(TEXT)
    *way, last = [int(one) if one.isdecimal() else one for one in path.split("/")]
    place = document
    for one in way:
        place = place[one]
    place[last] = value
    return sealed(document)


ROW = json.loads(TEXT)["campaigns"][0]
READING = json.loads(TEXT)["readings"][0]
HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no JSON": lambda: b"cache",
    "no object": lambda: b"[]",
    "no UTF-8": lambda: b'{"a": "\xff"}',
    "half of it": lambda: TEXT.encode()[: len(TEXT) // 2],
    "two of them": lambda: TEXT.encode() * 2,
    "NaN": lambda: TEXT.replace("{", '{"x": NaN,', 1).encode(),
    "a key twice": lambda: TEXT.replace("{", '{"account": 1,', 1).encode(),
    "brackets without end": lambda: b"[" * 200_000,
    "deep": lambda: TEXT.replace("{", '{"x": ' + "[" * 900 + "]" * 900 + ",", 1).encode(),
    "a number of 5,000 digits": lambda: TEXT.replace("{", '{"x": ' + "9" * 5_000 + ",", 1).encode(),
    "another format": lambda: bent("cache_version", 2),
    "a format of another type": lambda: bent("cache_version", True),
    "no account": lambda: bent("account", None),
    "a list for an account": lambda: bent("account", ["id"]),
    "a further key": lambda: bent("x", 1),
    "a further key, deep": lambda: bent("campaigns/0/x", 1),
    "no campaigns": lambda: bent("campaigns", None),
    "a campaign of another type": lambda: bent("campaigns/0", "x"),
    "a campaign twice": lambda: bent("campaigns", [ROW, ROW]),
    "a campaign twice, in another case": lambda: bent(
        "campaigns", [ROW, ROW | {"campaign_id": CAMPAIGN_ID.upper()}]
    ),
    "a reading twice": lambda: bent("readings", [READING, READING]),
    "an id that is a path": lambda: bent("campaigns/0/campaign_id", "../../account/summary"),
    "an activity that is a path": lambda: bent("readings/0/activity/activity_id", "x/schedules"),
    "a reading of two campaigns": lambda: bent("readings/0/campaign/campaign_id", OTHER_ID),
    "recipients that are none": lambda: bent("readings/0/activity/recipients/lists", ["all"]),
    "a segment that is none": lambda: bent("readings/0/activity/recipients/segments", ["1e3"]),
    "a list's id that is none": lambda: bent("lists/named/0/id", "1"),
    "a list twice": lambda: bent("lists/named/0/id", BOARD),
    "a segment's id that is none": lambda: bent("segments/named/0/id", DONORS),
    "a name that is a number": lambda: bent("lists/named/0/name", 7),
    "half a character": lambda: bent("campaigns/0/name", "\ud800"),
    "a flag that is a number": lambda: bent("campaigns/0/ab_test", 0),
    "a number that is a flag": lambda: bent("readings/0/activity/format_type", True),
    "a number without end": lambda: bent("readings/0/activity/history/0/count", 10**400),
    "a number that is a fraction": lambda: bent("readings/0/activity/history/0/count", 1.5),
    "an unknown status": lambda: bent("campaigns/0/status", "gone"),
    "a time that is none": lambda: bent("listed_at", "yesterday"),
    "a time before all times": lambda: bent("readings/0/read_at", "0001-01-01T00:00:00Z"),
    "a time after all times": lambda: bent("campaigns/0/updated_at", "9999-12-31T23:59:59Z"),
    "a schedule before all times": lambda: bent(
        "readings/0/activity/schedules", ["0001-01-01T00:00:00Z"]
    ),
    "a send before all times": lambda: bent(
        "readings/0/activity/history/0/ran_at", "1001-01-01T00:00:00Z"
    ),
    "a time with an offset": lambda: bent("listed_at", "2026-10-06T12:00:00+00:00"),
    "another digest": lambda: json.dumps(json.loads(TEXT) | {"digest": "sha256:0"}).encode(),
}


@pytest.mark.parametrize("form", HOSTILE)
def test_what_is_no_cache_is_refused(form: str) -> None:
    """In words, and never with another error."""
    assert why(HOSTILE[form]())


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.lists(st.none(), min_size=1, max_size=2)
)
KEYS = st.sampled_from(sorted(set(json.loads(TEXT)) - {"digest"}))


@settings(max_examples=100)
@given(st.dictionaries(KEYS, ANYTHING, min_size=1))
def test_values_of_any_type_are_refused(changes: dict[str, object]) -> None:
    """Under a digest that fits, anything but the very same value; lists may be unknown."""
    document = json.loads(TEXT)
    if all(key in {"lists", "segments"} and value is None for key, value in changes.items()):
        assert from_text(sealed(document | changes), **WHOSE).rows == EXAMPLE.rows
    elif {**document, **changes} != document:
        assert why(sealed(document | changes))


# What becomes of a cache from plan to plan.


def test_changes_are_asked_for_from_before_the_newest_one() -> None:
    """The bound may exclude itself, and a change may be listed late."""
    assert updated_since(EXAMPLE, NOW_IS) == NOW_IS - DAY - MARGIN
    ahead = replace(EXAMPLE, rows=(replace(row(), updated_at=NOW_IS + DAY),))
    assert updated_since(ahead, NOW_IS) == NOW_IS - MARGIN
    assert updated_since(replace(EXAMPLE, rows=(row(),)), NOW_IS) is None


def test_what_changed_replaces_what_was() -> None:
    """By id, in any case; what was removed is gone; in the order of a whole listing."""
    new = row("New", str(UUID(int=7)))
    again = replace(row("Zebra", CAMPAIGN_ID.upper()), status=Status.DONE)
    assert merged(EXAMPLE.rows, [again, new]) == (new, EXAMPLE.rows[1], again)
    assert merged(EXAMPLE.rows, [replace(row(), status=Status.REMOVED)]) == EXAMPLE.rows[1:]


def test_a_renewed_cache_has_the_newest_of_each() -> None:
    """Fresh readings beat old ones; those of campaigns that are not listed are forgotten."""
    bare = replace(EXAMPLE, registers={}, readings={}, listed_at=NOW_IS + HOUR)
    assert renewed(None, bare, []) == bare
    kept = renewed(EXAMPLE, bare, [])
    assert (kept.registers, kept.readings) == (EXAMPLE.registers, EXAMPLE.readings)
    fresh = replace(EXAMPLE.readings[CAMPAIGN_ID], read_at=NOW_IS + HOUR)
    assert renewed(EXAMPLE, bare, [fresh]).readings == {CAMPAIGN_ID: fresh}
    assert renewed(EXAMPLE, replace(bare, rows=()), [fresh]).readings == {}
    later = Register(named=(), read_at=NOW_IS + HOUR)
    new = renewed(EXAMPLE, replace(bare, registers={RecipientKind.LISTS: later}), [])
    assert new.registers == {**EXAMPLE.registers, RecipientKind.LISTS: later}


def test_the_newest_part_tells_how_old_a_cache_is_at_least() -> None:
    """A clock that shows less is slow."""
    assert EXAMPLE.newest == NOW_IS
    late = replace(EXAMPLE.readings[CAMPAIGN_ID], read_at=NOW_IS + DAY)
    assert replace(EXAMPLE, readings={CAMPAIGN_ID: late}).newest == NOW_IS + DAY


def test_names_are_as_old_as_the_oldest_that_is_used() -> None:
    """Only those of the cache count; what was read for the plan is not old."""
    both, lists = EXAMPLE.registers, {RecipientKind.LISTS: EXAMPLE.registers[RecipientKind.LISTS]}
    assert names_at(both, both) == NOW_IS - HOUR
    assert names_at(lists, both) == NOW_IS
    assert names_at(both, {}) is None
    assert names_at({}, both) is None


def lock(**lists: str) -> Pins:
    return Pins(lock=Lock(account=ACCOUNT.id, lists=lists))


def test_a_register_knows_its_names() -> None:
    """And each name leads where the lock says; names of the other kind are not its business."""
    register = EXAMPLE.registers[RecipientKind.LISTS]
    asked = [desired(), desired(names=("Board",))]
    kind = RecipientKind.LISTS
    assert knows(register, kind, asked, UNPINNED)
    assert knows(register, kind, asked, lock(Donors=DONORS))
    assert not knows(register, kind, asked, lock(Donors=BOARD))
    assert not knows(register, kind, [desired(names=("New",))], UNPINNED)
    place = Place(file="a.yaml", line=1, column=1)
    segment = Reference(kind=RecipientKind.SEGMENT, name="Nobody", place=place)
    assert knows(register, kind, [replace(desired(), references=(segment,))], UNPINNED)


def test_a_lock_adds_the_names_that_nobody_read() -> None:
    """But nothing to an id or a name that is known."""
    kind, register = RecipientKind.LISTS, EXAMPLE.registers[RecipientKind.LISTS]
    pins = lock(Donors=OTHER_ID, Former=BOARD, New=CAMPAIGN_ID)
    added = with_pinned(register, kind, pins, NOW_IS + DAY)
    assert added == replace(register, named=(*LISTS, Named(kind=kind, id=CAMPAIGN_ID, name="New")))
    alone = with_pinned(None, kind, pins, NOW_IS + DAY)
    assert (len(alone.named), alone.read_at) == (3, NOW_IS + DAY)
    assert catalogue_of({kind: alone}).lists == alone.named


def test_the_bounds_of_time_are_wide() -> None:
    """Any that an account can have."""
    old = replace(EXAMPLE, listed_at=datetime(1990, 1, 1, tzinfo=UTC))
    assert from_text(to_text(old, version="0.1.0").encode(), **WHOSE) == old
