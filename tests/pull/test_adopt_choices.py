"""Which campaigns are meant, whose manifests they have, and where a new one belongs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import ExitCode, InvalidInput, Place
from ccops.manifest.lockfile import CampaignPin, Lock
from ccops.manifest.settings import Pattern
from ccops.model import (
    CampaignRow,
    Desired,
    Named,
    RecipientKind,
    Reference,
    SendTime,
    Status,
)
from ccops.planning.adopt_choice import choose, read_states
from ccops.planning.adopt_file import Home, file_for, home, slug
from ccops.planning.adopt_owner import kinds, owners, strangers
from ccops.planning.adopted import Adoption, Outcome, Pulled, Relocked
from ccops.planning.relock import Found as Sought
from ccops.planning.relock import missing
from ccops.planning.resolve import Catalogue

NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
MEMBERS, DONORS = (f"{n}" * 8 + "-0000-4000-8000-000000000000" for n in "12")
HERE = Place(file="a.yaml", line=1, column=1)


def row(name: str, status: Status = Status.SCHEDULED, identity: str = "") -> CampaignRow:
    return CampaignRow(campaign_id=identity or f"id of {name}".lower(), name=name, status=status)


ROWS = (
    row("Spring"),
    row("Summer", Status.DRAFT),
    row("Sale [50%]", Status.DONE),
    row("Sale 5", Status.SCHEDULED),
    row("Odd", Status.UNKNOWN),
    row("Cafe\u0301", Status.ERROR),
)


def names(found: Sequence[CampaignRow]) -> list[str]:
    return [one.name for one in found]


def chosen(*asked: str, state: Sequence[str] = (), every: bool = False) -> list[str]:
    return names(choose(ROWS, asked, read_states(state, asked, every=every)))


@pytest.mark.parametrize(
    ("asked", "state", "every", "expected"),
    [
        ((), (), False, ["Sale 5", "Spring"]),
        ((), ("draft,SENT",), False, ["Summer", "Sale [50%]"]),
        ((), ("draft", "failed"), False, ["Summer", "Cafe\u0301"]),
        ((), ("sending",), False, []),
        ((), (), True, ["Sale 5", "Spring", "Summer", "Sale [50%]", "Cafe\u0301", "Odd"]),
        (("Summer",), (), False, ["Summer"]),
        (("Sale [50%]",), (), False, ["Sale [50%]"]),
        (("Sale [5]",), (), False, ["Sale 5"] if fnmatchcase("Sale 5", "Sale [5]") else []),
        (("S*",), ("scheduled",), False, ["Sale 5", "Spring"]),
        (("Café", "S?mmer"), (), False, ["Summer", "Cafe\u0301"]),
    ],
)
def test_who_is_meant(
    asked: Sequence[str], state: Sequence[str], every: bool, expected: list[str]
) -> None:
    """By default what is scheduled; by name in any state; what is sent next comes first."""
    assert chosen(*asked, state=state, every=every) == expected


@pytest.mark.parametrize(
    ("asked", "state", "every", "code", "words"),
    [
        (("Sprung",), (), False, "CC301", 'did you mean "Spring"?'),
        (("春",), (), False, "CC301", "ccops list"),
        (("Z*",), (), False, "CC287", "check the spelling"),
        (("Spring",), ("draft", "sent"), False, "CC287", "leave --state out"),
        ((), ("drafts",), False, "CC286", 'did you mean "draft"?'),
        ((), ("x", "y"), False, "CC286", "scheduled, draft, sent"),
        ((), ("draft",), True, "CC286", "one of them"),
    ],
)
def test_who_cannot_be_meant(
    asked: Sequence[str], state: Sequence[str], every: bool, code: str, words: str
) -> None:
    """A name must mean somebody; each that does not is told."""
    with pytest.raises(InvalidInput) as refused:
        chosen(*asked, state=state, every=every)
    (one,) = refused.value.diagnostics
    assert (one.code, words in one.help) == (code, True)


def test_every_unknown_name_is_told() -> None:
    """In one run."""
    with pytest.raises(InvalidInput) as refused:
        chosen("A", "B*", "Spring")
    assert [one.code for one in refused.value.diagnostics] == ["CC301", "CC287"]


def patterns(*texts: str) -> list[Pattern]:
    return [Pattern(text=one, place=HERE) for one in texts]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("campaigns/**/*.yaml", "campaigns/x.yaml"),
        ("**/*.yaml", "x.yaml"),
        ("*.yml", "x.yml"),
        ("mail/sends/*.campaign.yaml", "mail/sends/x.campaign.yaml"),
        ("a/**/b/**/send-*.yaml", "a/b/send-x.yaml"),
    ],
)
def test_where_a_new_manifest_belongs(pattern: str, expected: str) -> None:
    """In the folder that the pattern names, under a name that it matches."""
    assert file_for(home(patterns(pattern)), "X", "c", ()) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "one.yaml",
        "a/?.yaml",
        "*/x.yaml",
        "*/*.yaml",
        "*-*.yaml",
        "[a]*.yaml",
        ".a/*.yaml",
        ".*.yaml",
    ],
)
def test_patterns_that_tell_no_place(pattern: str) -> None:
    """Another one is looked at; without any, it is an error at the first."""
    assert home(patterns(pattern, "b/*.yaml")).folder == "b"
    with pytest.raises(InvalidInput, match="CC212"):
        home(patterns(pattern))


def test_without_any_pattern_there_is_no_place() -> None:
    """`manifests:` may be empty."""
    with pytest.raises(InvalidInput, match="CC212"):
        home(())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Fall Appeal 2026", "fall-appeal-2026"),
        ("  Crème brûlée! ", "creme-brulee"),
        ("../../etc/passwd", "etc-passwd"),
        ("N" * 80, "n" * 60),
        (f"{'n' * 59} {'m' * 20}", "n" * 59),
        ("春のお知らせ", ""),
        ("010", "010"),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    """Small ASCII letters, digits and hyphens."""
    assert slug(name) == expected


@given(st.lists(st.text(max_size=20), max_size=8))
@settings(max_examples=60)
def test_files_are_apart_on_every_file_system(found: list[str]) -> None:
    """Unique when case is folded, in their folder, and no device of Windows."""
    place, taken = Home(folder="a", before="", after=".yaml"), {"sale.yaml"}
    for name in (*found, "Sale", "SALE", "CON", "com7", "a.b"):
        file = file_for(place, name, "0123456789", taken)
        folder, _, own = file.rpartition("/")
        assert (folder, own.casefold() in taken) == ("a", False)
        assert own.isascii()
        assert own.partition(".")[0] not in {"con", "com7"}
        taken.add(own.casefold())


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("", ".ccops/"), ("campaigns", "../.ccops/"), ("a/b/c", "../../../.ccops/")],
)
def test_the_way_to_the_schema(folder: str, expected: str) -> None:
    """From the folder of the manifests."""
    place = Home(folder=folder, before="", after="")
    assert place.modeline == f"{expected}campaign.schema.json"


A1, A2 = "a1", "a2"


def desired(
    campaign: str, *lists: str, activity: str | None = None, when: datetime | None = None
) -> Desired:
    references = [
        Reference(kind=RecipientKind.LISTS, name=name, place=HERE) for name in lists or ("Members",)
    ]
    sends = (SendTime(when=when, zone="UTC", place=HERE),) if when else ()
    return Desired(
        campaign=campaign,
        activity_id=activity,
        references=tuple(references),
        sends=sends,
        zone="UTC",
        place=HERE,
    )


def pins(campaign: str = "C", activity: str = A1, name: str = "Spring", **lists: str) -> Lock:
    pin = CampaignPin(campaign_id=campaign.lower(), activity_id=activity)
    return Lock(account="a", campaigns={name: pin}, lists=lists)


def test_a_manifest_is_found_by_its_name() -> None:
    """Whatever the activity, unless the manifest names another one."""
    one = desired("Spring")
    found = owners([one], [row("Spring", identity="C")], None)
    assert found.likely(row("Spring", identity="C")) is one
    assert found.owner(row("Spring", identity="C"), A1) is one
    assert found.owner(row("Summer", identity="D"), A2) is None


def test_a_manifest_is_found_by_its_activity() -> None:
    """The name is not enough where several bear it, and no longer needed where it changed."""
    one, rows = desired("Spring", activity=A2), [row("Spring", identity=i) for i in ("C", "D")]
    found = owners([one], rows, None)
    assert found.is_shared(rows[0])
    assert [found.likely(other) for other in rows] == [None, None]
    assert [found.owner(rows[0], A1), found.owner(rows[1], A2.upper())] == [None, one]
    assert found.owner(row("Renamed", identity="E"), A2) is one


def test_a_manifest_is_found_by_what_the_lock_pins() -> None:
    """After a renaming, and where another campaign has the name by now."""
    one, rows = desired("Spring"), [row("Spring", identity="D"), row("Renamed", identity="C")]
    found = owners([one], rows, pins())
    assert [found.likely(other) for other in rows] == [None, one]
    pinned = desired("Spring", activity=A1)
    assert owners([pinned], rows, pins()).likely(rows[1]) is pinned
    assert owners([desired("Spring", activity=A2)], rows, pins()).likely(rows[1]) is None
    assert owners([one], rows, pins("gone")).likely(rows[0]) is one


def test_a_manifest_that_pins_another_activity_is_not_the_campaigns() -> None:
    """The lock says it is, the account that it is not."""
    one = desired("Spring", activity=A1)
    assert (
        owners([one], [row("Spring", identity="C")], pins()).owner(row("x", identity="C"), A2)
        is None
    )


def stranger(one: Desired, status: Status, lock: Lock) -> list[str]:
    catalogue = Catalogue(lists=(Named(kind=RecipientKind.LISTS, id=DONORS, name="Members"),))
    rows = [row("Spring", status, identity="C")]
    return [wrong.code for wrong in strangers([one], rows, catalogue, lock, NOW)]


def test_a_name_that_means_another_object_stops_a_pull() -> None:
    """A list or a campaign that was made anew; not the list of what was sent, nor a new name."""
    before, after = NOW - timedelta(days=1), NOW + timedelta(days=1)
    lock = pins(Members=MEMBERS)
    assert stranger(desired("Spring"), Status.SCHEDULED, lock) == ["CC320"]
    assert stranger(desired("Spring", when=after), Status.DONE, lock) == ["CC320"]
    assert stranger(desired("Spring", when=before), Status.DONE, lock) == []
    assert stranger(desired("Spring"), Status.SCHEDULED, pins("D", Members=DONORS)) == ["CC320"]
    assert stranger(desired("Spring", "Other"), Status.SCHEDULED, lock) == []


def test_a_lock_is_held_against_what_manifests_name() -> None:
    """Without one nothing is read for it."""
    assert kinds([desired("Spring")], pins()) == {RecipientKind.LISTS}
    assert kinds([desired("Spring")], None) == frozenset()


def result(outcome: Outcome, lock: Relocked | None = None) -> Pulled:
    found = Adoption(row=row("Spring"), outcome=outcome)
    return Pulled(adoptions=(found,), relocked=lock, requests=3, dry=False)


def test_exit_codes_of_a_pull() -> None:
    """What differs or names nobody is for a person; a broken manifest is an input error."""
    lost = missing([Sought(desired=desired("Lost"), problem="none")])
    assert result(Outcome.WRITTEN).exit_code is ExitCode.DONE
    assert result(Outcome.NOT_WRITTEN, Relocked(lock=Lock(account="a"))).exit_code is ExitCode.DONE
    assert result(Outcome.DIFFERS).exit_code is ExitCode.BLOCKED
    assert result(Outcome.UNCHANGED, Relocked(missing=lost)).exit_code is ExitCode.BLOCKED
    assert result(Outcome.UNCHANGED, Relocked(errors=lost)).exit_code is ExitCode.INVALID


def test_what_a_lock_pinned_before_is_told_when_it_moves() -> None:
    """New names stand in new manifests, which are told already."""
    assert Relocked(changes=("+ a", "- b", "! c")).moved == ("- b", "! c")
