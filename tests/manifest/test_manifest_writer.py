"""Reading what was written gives the same value again, whatever the names."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import InvalidInput, Place
from ccops.manifest.document import read_documents
from ccops.manifest.names import read_name
from ccops.manifest.nodes import Scalar
from ccops.manifest.reader import read_manifests
from ccops.manifest.writer import quote, write_manifest
from ccops.model import NOW, Desired, Expect, JsonObject, RecipientKind, Reference, SendTime, When

HERE = Place(file="", line=1, column=1)
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC")
ODD = [
    "NO",
    "yes",
    "null",
    "~",
    "true",
    "010",
    "02451",
    "1_000",
    "9:30",
    "2026-10-06",
    ".inf",
    "0x1F",
    "1e3",
    "<<",
    "-",
    "--",
    "---",
    "...",
    "?",
    "A?",
    ":",
    "::",
    "#",
    "#1",
    "@x",
    "`x`",
    "%x",
    "&x",
    "*x",
    "*VIP*",
    "!x",
    "|x",
    ">x",
    "[x]",
    "{x}",
    "'x'",
    '"x"',
    "a'b",
    'a"b',
    "a,b",
    "x:",
    "x:y",
    "\\",
    "\\n",
    "é",
    "😀",
    "👩\u200d👧",
    "\U000e0067",
    "=x",
    "Ünïcode",
    "名前",
    "on",
    "y",
]
SPACED = ["a: b", "a # b", "a #b", "- a", "a  b", "a\u00a0b", "x\u200by", "Null ", "null b", "y n"]

# Names as reading can give them: NFC, one line, no outer blanks.
CHARS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])


def is_name(text: str) -> bool:
    """Whether a manifest may say this name."""
    try:
        return read_name(Scalar(value=text, text=text, place=HERE)) == text
    except InvalidInput:
        return False


NAMES = (
    st.sampled_from([*ODD, *(one.strip() for one in SPACED)])
    | st.text(CHARS, min_size=1, max_size=80)
    | st.text("ab :#-'\"\\,[]{}&*!|>%@`0\u00a0é😀", min_size=1, max_size=12)
).filter(is_name)
WHENS = st.integers(0, 3_000_000_000).map(
    lambda seconds: datetime(2001, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
) | st.sampled_from(
    # Both instants of a repeated hour.
    [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)]
)


@st.composite
def references(draw: st.DrawFn) -> tuple[Reference, ...]:
    if draw(st.booleans()):
        name = draw(NAMES | st.none())
        id_ = str(draw(st.integers(1, 2**31))) if name is None else None
        return (Reference(kind=RecipientKind.SEGMENT, name=name, id=id_, place=HERE),)
    names = draw(st.lists(NAMES, max_size=6, unique=True))
    ids = draw(st.lists(st.uuids().map(str), max_size=3, min_size=0 if names else 1, unique=True))
    return tuple(
        Reference(kind=RecipientKind.LISTS, name=name, id=id_, place=HERE)
        for name, id_ in [*((name, None) for name in names), *((None, id_) for id_ in ids)]
    )


@st.composite
def manifests(draw: st.DrawFn) -> tuple[Desired, str | None]:
    """A manifest as reading can give it, and the zone of the workspace that it was read in."""
    workspace = draw(st.sampled_from([*ZONES, None]))
    own = draw(st.sampled_from([*ZONES, None]))
    context = own or workspace
    first: list[When] = [NOW] if draw(st.booleans()) else []
    whens = sorted(draw(st.lists(WHENS, max_size=4, unique=True)))
    sends = tuple(
        # A time may name its own zone only if the manifest has none.
        SendTime(when=when, zone=_zone_of(draw, own, context, when), place=HERE)
        for when in [*first, *whens]
    )
    desired = Desired(
        campaign=draw(NAMES),
        activity_id=draw(st.none() | st.uuids().map(str)),
        references=draw(references()),
        sends=sends,
        zone=context or next((send.zone for send in sends), "UTC"),
        expect=Expect(
            subject=draw(st.none() | st.text(CHARS, min_size=1, max_size=90)),
            from_email=draw(st.sampled_from([None, "news@example.org", "#a'b@example.org"])),
        ),
        tags=tuple(
            draw(st.lists(NAMES.filter(lambda tag: len(tag) <= 50), max_size=4, unique=True))
        ),
        owner=draw(st.none() | NAMES),
        place=HERE,
    )
    return desired, workspace


def _zone_of(draw: st.DrawFn, own: str | None, context: str | None, when: When) -> str:
    if own is not None or when is NOW:
        return context or "UTC"
    repeated = datetime(2026, 11, 1, 5, tzinfo=UTC) <= when < datetime(2026, 11, 1, 7, tzinfo=UTC)
    return (context or "UTC") if repeated else draw(st.sampled_from(ZONES))


@given(manifests())
def test_what_is_written_is_read_as_it_was(
    campaign_schema: JsonObject, case: tuple[Desired, str | None]
) -> None:
    """The law of the writer: write, then read, is the identity."""
    desired, zone = case
    text = write_manifest(desired, zone=zone, schema="../campaign.schema.json")
    (again,) = read_manifests([("a.yaml", text)], schema=campaign_schema, zone=zone)
    assert again == desired
    assert write_manifest(again, zone=zone, schema="../campaign.schema.json") == text


@given(NAMES | st.text(CHARS, min_size=1, max_size=200))
def test_a_quoted_text_means_itself_to_every_yaml_reader(text: str) -> None:
    """Also to readers of YAML 1.1, and also inside brackets."""
    for line in (f"k: {quote(text)}\n", f"k: [{quote(text)}, x]\n"):
        trees, errors = read_documents("a.yaml", line)
        assert errors == ()
        found = trees[0].value
        assert found == yaml.safe_load(line)
        assert found in ({"k": text}, {"k": [text, "x"]})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Active donors", "Active donors"),
        ("Volunteers (new) - 50% off", "Volunteers (new) - 50% off"),
        ("Füße", "Füße"),
        ("NO", '"NO"'),
        ("true", '"true"'),
        ("02451", '"02451"'),
        ("Donors #2024", '"Donors #2024"'),
        ("a\u00a0b", '"a\\u00a0b"'),
        ("\U000e0067", '"\\U000e0067"'),
        ('a"\\', '"a\\"\\\\"'),
    ],
)
def test_texts_are_quoted_only_where_they_must_be(text: str, written: str) -> None:
    assert quote(text) == written


def test_the_canonical_form() -> None:
    """Keys stand in the order of the manual, short lists on one line, long ones below."""
    names = ("Active donors", "Board", *(f"A list with a long name {number}" for number in "123"))
    desired = Desired(
        campaign="Fall Appeal 2026",
        activity_id="4c08372c-957a-48b5-bc45-72c7f00796cd",
        references=tuple(
            Reference(kind=RecipientKind.LISTS, name=name, place=HERE) for name in names
        ),
        sends=tuple(
            SendTime(
                when=datetime(2026, 10, 6, 14, tzinfo=UTC) + timedelta(days=7 * number),
                zone="America/Chicago",
                place=HERE,
            )
            for number in range(2)
        ),
        zone="America/Chicago",
        expect=Expect(subject="Will you help?", from_email="news@example.org"),
        tags=("appeal", "fall"),
        owner="@marketing",
        place=HERE,
    )
    assert write_manifest(desired, zone="America/New_York", schema="x.json") == (
        """\
# yaml-language-server: $schema=x.json
campaign: Fall Appeal 2026
recipients:
  lists:
    - Active donors
    - Board
    - A list with a long name 1
    - A list with a long name 2
    - A list with a long name 3
send_at: Tue 2026-10-06 09:00
activity: 4c08372c-957a-48b5-bc45-72c7f00796cd
timezone: America/Chicago
resend_to_new_contacts:
  - Tue 2026-10-13 09:00
expect:
  subject: "Will you help?"
  from: news@example.org
tags: [appeal, fall]
owner: "@marketing"
"""
    )


def test_a_repeated_hour_is_written_with_its_offset() -> None:
    desired = Desired(
        campaign="c",
        references=(Reference(kind=RecipientKind.SEGMENT, name="s", place=HERE),),
        sends=(
            SendTime(
                when=datetime(2026, 11, 1, 6, 30, tzinfo=UTC), zone="America/New_York", place=HERE
            ),
        ),
        zone="America/New_York",
        place=HERE,
    )
    text = write_manifest(desired, zone="America/New_York")
    assert "send_at: 2026-11-01T01:30:00-05:00\n" in text
    assert "timezone" not in text
