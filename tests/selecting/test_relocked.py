"""`changed:COMMIT` and `ccops.lock`: a pin selects the manifests that it is about, and no others."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import Place
from ccops.manifest.lockfile import CampaignPin, Lock, write_lock
from ccops.model import Desired, RecipientKind, Reference
from ccops.planning.repin import repinned
from ccops.session.changed import changed
from tests.planning.samples import desired
from tests.selecting.test_changed_since import git

PLACE = Place(file="", line=1, column=1)
ACCOUNT = "p07e1l8cdif9dl"
NAMES = ("Café", "Board", "Members")
IDS = tuple(f"{digit * 8}-0000-1000-8000-000000000000" for digit in "123")


def sent_to(campaign: str, kind: RecipientKind, *names: str) -> Desired:
    """A manifest in a file of its own."""
    references = tuple(Reference(kind=kind, name=name, place=PLACE) for name in names)
    place = Place(file=f"campaigns/{campaign}.yaml", line=1, column=1)
    return replace(desired(campaign=campaign), references=references, place=place)


SPACE = (
    sent_to("Spring", RecipientKind.LISTS, "Cafe\u0301", "Board"),
    sent_to("Summer", RecipientKind.LISTS, "Members"),
    sent_to("Autumn", RecipientKind.SEGMENT, "Board"),
)


def files(*names: str) -> frozenset[str]:
    return frozenset(f"campaigns/{name}.yaml" for name in names)


def lock(lists: Mapping[str, str], **more: Mapping[str, str]) -> Lock:
    pins = {
        name: CampaignPin(campaign_id=one, activity_id=one)
        for name, one in more.get("campaigns", {}).items()
    }
    return Lock(account=ACCOUNT, campaigns=pins, lists=lists, segments=more.get("segments", {}))


@pytest.mark.parametrize(
    ("then", "now", "selected"),
    [
        (None, None, ()),
        (lock({}), None, ()),
        (lock({"Café": IDS[0]}), lock({"Café": IDS[1]}), ("Spring",)),
        (lock({"Café": IDS[0]}), lock({"Café": IDS[0], "Members": IDS[1]}), ("Summer",)),
        (lock({"Board": IDS[0]}), None, ("Spring",)),
        (None, lock({}, segments={"Board": "7"}), ("Autumn",)),
        (
            lock({}, campaigns={"Summer": IDS[0]}),
            lock({}, campaigns={"Summer": IDS[1]}),
            ("Summer",),
        ),
        (lock({}, campaigns={"Elsewhere": IDS[0]}), lock({}), ()),
        (lock({}), replace(lock({}), account="another"), ("Spring", "Summer", "Autumn")),
    ],
)
def test_a_pin_bears_on_the_manifests_that_name_it(
    then: Lock | None, now: Lock | None, selected: tuple[str, ...]
) -> None:
    """Of that kind alone, and however the name's accents are composed."""
    assert repinned(SPACE, then, now) == files(*selected)


pins = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(IDS))


@given(then=pins, now=pins)
def test_nothing_else_is_selected(then: dict[str, str], now: dict[str, str]) -> None:
    """It goes by what names mean before and after, and takes no side."""
    moved = {name for name in NAMES if then.get(name) != now.get(name)}
    expected = {"Spring" for name in moved if name != "Members"} | {
        "Summer" for name in moved if name == "Members"
    }
    assert repinned(SPACE, lock(then), lock(now)) == files(*expected)
    assert repinned(SPACE, lock(now), lock(then)) == files(*expected)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a lock, committed."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "campaigns").mkdir()
    for one in SPACE:
        (tmp_path / one.place.file).write_text(one.campaign, encoding="utf-8")
    relock(tmp_path, {"Café": IDS[0]})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    return tmp_path.resolve()


def relock(root: Path, lists: Mapping[str, str]) -> None:
    (root / "ccops.lock").write_text(write_lock(lock(lists)), encoding="utf-8")


def test_a_new_pin_selects_what_it_is_about(root: Path) -> None:
    """A merge that only pins one list's name touches nobody else's campaigns."""
    relock(root, {"Café": IDS[0], "Members": IDS[1]})
    found = changed(root, SPACE, ["HEAD"])["HEAD"]
    assert (found.files, found.all, found.lock) == (files("Summer"), False, True)


def test_a_lock_that_is_new_or_gone(root: Path) -> None:
    """Each of its names has come, or gone."""
    (root / "ccops.lock").unlink()
    assert changed(root, SPACE, ["HEAD"])["HEAD"].files == files("Spring")
    git(root, "commit", "--quiet", "--all", "-m", "two")
    relock(root, {"Board": IDS[1]})
    assert changed(root, SPACE, ["HEAD"])["HEAD"].files == files("Spring")


@pytest.mark.parametrize("held", [b"version: 9\n", b"\xff\n", b"#" * (1024 * 1024 + 1), None])
def test_a_lock_that_cannot_be_read_selects_all(root: Path, held: bytes | None) -> None:
    """Nobody can tell which names it meant."""
    path = root / "ccops.lock"
    path.unlink()
    if held is None:
        path.symlink_to("campaigns")
    else:
        path.write_bytes(held)
    git(root, "add", "ccops.lock")
    git(root, "commit", "--quiet", "-m", "two")
    path.unlink()
    relock(root, {"Café": IDS[0]})
    assert changed(root, SPACE, ["HEAD"])["HEAD"].all
