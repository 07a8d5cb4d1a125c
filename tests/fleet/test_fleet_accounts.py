"""Which workspaces are found: each once, all of them, and never two of one account."""

import os
from pathlib import Path

import pytest

from ccops.errors import InvalidInput
from ccops.fleet.accounts import members, names

ORIGIN = "https://api.cc.email"


def make(folder: Path, account: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    text = f"version: 1\naccount: {account}\n"
    (folder / "ccops.yaml").write_text(text, encoding="utf-8")
    return folder


def test_each_workspace_is_found_once(tmp_path: Path) -> None:
    """Named itself, by its parent, by a link; below another workspace too."""
    one = make(tmp_path / "clients" / "one", "a1")
    two = make(one / "inner" / "two", "a2")
    (tmp_path / "link").symlink_to(one)
    found = members([tmp_path / "clients", one, tmp_path / "link"], ORIGIN)
    assert [(item.folder, item.account) for item in found] == [(one, "a1"), (two, "a2")]


def test_hidden_folders_and_links_below_are_left_out(tmp_path: Path) -> None:
    """A copy in `.git` or `.venv` is none, and a link may lead anywhere."""
    one = make(tmp_path / "one", "a1")
    make(tmp_path / ".hidden" / "two", "a2")
    elsewhere = make(tmp_path.parent / f"{tmp_path.name}-elsewhere", "a3")
    (tmp_path / "link").symlink_to(elsewhere)
    assert [item.folder for item in members([tmp_path], ORIGIN)] == [one]


def test_a_folder_without_a_workspace_is_a_mistake(tmp_path: Path) -> None:
    """A client that is not found is not looked after: each such folder is told of."""
    make(tmp_path / "one", "a1")
    for name in ("empty", "void"):
        (tmp_path / name).mkdir()
    with pytest.raises(InvalidInput) as refusal:
        members([tmp_path / "one", tmp_path / "empty", tmp_path / "void"], ORIGIN)
    assert [one.code for one in refusal.value.diagnostics] == ["CC253", "CC253"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read all")
def test_a_folder_that_is_closed_is_a_mistake(
    tmp_path: Path,
) -> None:  # pragma: no cover - see above
    """It may hold a client."""
    make(tmp_path / "one", "a1")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with pytest.raises(InvalidInput, match="CC253"):
        members([tmp_path], ORIGIN)


def test_two_workspaces_of_one_account_are_a_mistake(tmp_path: Path) -> None:
    """Each would undo what the other does. Both are named, and nothing is begun."""
    make(tmp_path / "one", "same")
    make(tmp_path / "two", "same")
    make(tmp_path / "three", "other")
    with pytest.raises(InvalidInput, match="CC254") as refusal:
        members([tmp_path], ORIGIN)
    assert str(tmp_path / "one") in str(refusal.value)
    assert str(tmp_path / "two") in str(refusal.value)


@pytest.mark.parametrize("text", ["version: 2\n", "account: [\n", "\x00", "version: 1\nmore: 1\n"])
def test_a_workspace_that_is_wrong_stops_no_other(tmp_path: Path, text: str) -> None:
    """What is wrong with it is kept for its own outcome."""
    make(tmp_path / "good", "a1")
    make(tmp_path / "wrong", "a2")
    (tmp_path / "wrong" / "ccops.yaml").write_text(text, encoding="utf-8")
    good, wrong = members([tmp_path], ORIGIN)
    assert (good.account, good.refusal) == ("a1", None)
    assert wrong.account == ""
    assert wrong.refusal is not None


def test_a_workspace_file_that_is_a_link_or_a_folder(tmp_path: Path) -> None:
    """It is found, and refused: a client must not drop out of sight."""
    for name in ("folder", "link", "broken"):
        (tmp_path / name).mkdir()
    (tmp_path / "folder" / "ccops.yaml").mkdir()
    (tmp_path / "link" / "ccops.yaml").symlink_to(tmp_path / "folder")
    (tmp_path / "broken" / "ccops.yaml").symlink_to(tmp_path / "nowhere")
    found = members([tmp_path], ORIGIN)
    assert [one.folder.name for one in found] == ["broken", "folder", "link"]
    assert all(one.refusal is not None for one in found)


def test_names_are_as_short_as_they_can_be(tmp_path: Path) -> None:
    """A single one keeps its folder's name; of several, what they share is left out."""
    one, two = tmp_path / "a" / "one", tmp_path / "b" / "two"
    assert names([one]) == {one: "one"}
    assert names([one, two]) == {one: "a/one", two: "b/two"}
    assert names([]) == {}
