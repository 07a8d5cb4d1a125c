"""Laws of approval: who may, by what the branch says; and when the last plan was shown."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.forge.rows import Comment, Edit
from ccops.planning.review import Mark
from ccops.session.ci.judging import told
from ccops.session.ci.ruling import Turn, turns, turns_of
from ccops.session.git import GitFailedError
from tests.ci.runner import WHO

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MERGED = NOON + timedelta(seconds=10)
BOT = "github-actions[bot]"

NAMED = st.lists(
    st.frozensets(st.sampled_from(["bob", "cleo", "eve"]), max_size=2), min_size=1, max_size=6
)


def numbered(named: list[frozenset[str]]) -> list[tuple[str, frozenset[str]]]:
    """Commits by number, the newest first and highest."""
    return [(str(len(named) - at), one) for at, one in enumerate(named)]


@given(NAMED)
def test_nobody_loses_a_say_unheard(named: list[frozenset[str]]) -> None:
    """If any version names others than the newest does, one of a turn's judges is of that time."""
    found = tuple(turns(numbered(named)))
    differing = [one for one in named if one and one != named[0]]
    assert bool(found) >= bool(differing)
    assert {one.former for one in found} <= {one for one in named if one}


@given(NAMED)
def test_a_turn_is_judged_by_those_just_before(named: list[frozenset[str]]) -> None:
    """And healed by itself or by a later commit, never by an earlier one."""
    order = dict(numbered(named))
    for one in turns(numbered(named)):
        assert order[str(int(one.commit) - 1)] == one.former
        assert order[one.commit] != one.former
        assert [int(each) for each in one.since] == list(range(int(one.commit), len(named) + 1))


def test_to_begin_with_approval_needs_none() -> None:
    """There is nobody yet who could give it."""
    assert list(turns(numbered([frozenset({"bob"}), frozenset()]))) == []


def test_an_example() -> None:
    """Away, and back as somebody else: the first step is the turn."""
    named = [frozenset({"eve"}), frozenset[str](), frozenset({"bob"})]
    assert list(turns(numbered(named))) == [
        Turn(commit="2", former=frozenset({"bob"}), since=("2", "3"))
    ]


def comment(changed: int) -> Comment:
    """Our comment, posted at noon and last changed so many seconds later."""
    return Comment(id=1, author=BOT, body="", at=NOON, changed_at=NOON + timedelta(seconds=changed))


EDITS = st.lists(
    st.builds(
        Edit,
        editor=st.sampled_from([BOT, "eve", ""]),
        at=st.integers(0, 20).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    ),
    max_size=6,
)


@given(EDITS)
def test_a_further_edit_makes_no_approval_new(edits: list[Edit]) -> None:
    """Whoever makes it, and whenever: the last plan is never further back for it."""
    for further in edits:
        before = [one for one in edits if one is not further]
        assert not before or told(edits, comment(20), MERGED) >= told(before, comment(20), MERGED)


@given(EDITS)
def test_our_own_receipts_are_no_plan(edits: list[Edit]) -> None:
    """What we write after the merge does not count; all else does."""
    found = told(edits, comment(20), MERGED)
    others = [one.at for one in edits if one.editor != BOT or one.at <= MERGED]
    assert found == (max([NOON, *others]) if edits else comment(20).changed_at)


@pytest.mark.parametrize(
    ("commit", "holds"),
    [("", False), ("4f2c9a", False), ("4f2c9ab", True), ("4f2c9ab1", True), ("1111111", False)],
)
def test_which_commit_was_shown(commit: str, holds: bool) -> None:
    """By the beginning of its id, which must not be too short to mean one."""
    mark = Mark(kind="plan", account="a", risk="R1", status="ready", commit=commit)
    assert mark.shows("4f2c9ab1c0ffee0000000000000000000000000a") is holds


@settings(max_examples=50)
@given(st.text(max_size=8))
def test_no_text_shows_a_commit_by_chance(commit: str) -> None:
    """A marker may say anything."""
    mark = Mark(kind="plan", account="a", risk="R1", status="ready", commit=commit)
    assert not mark.shows("4f2c9ab1c0ffee0000000000000000000000000a")


# The versions of the file, as git has them.

HEAD = "version: 1\naccount: p07e1l8cdif9dl\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in which bob may approve."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "ccops.yaml").write_text(f"{HEAD}approvers: bob\n", "utf-8")
    committed(tmp_path)
    return tmp_path


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *WHO, *words], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def committed(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "x")
    return git(root, "rev-parse", "HEAD")


def linked(file: Path) -> None:
    file.unlink()
    file.symlink_to("elsewhere")


VERSIONS: dict[str, Callable[[Path], object]] = {
    "gone": lambda file: file.unlink(),
    "a link": linked,
    "too large": lambda file: file.write_text("#" * (1024 * 1024 + 1), "utf-8"),
    "no text": lambda file: file.write_bytes(b"\xff"),
    "no YAML": lambda file: file.write_text("approvers: [bob", "utf-8"),
    "nobody": lambda file: file.write_text(HEAD, "utf-8"),
}


@pytest.mark.parametrize("name", VERSIONS)
def test_a_version_that_names_nobody_is_a_turn(root: Path, name: str) -> None:
    """Whatever it is that stands there: bob's say must not end by it."""
    file = root / "ccops.yaml"
    VERSIONS[name](file)
    commit = committed(root)
    bob = frozenset({"bob"})
    assert turns_of(root, commit) == (Turn(commit=commit, former=bob, since=(commit,)),)
    file.unlink(missing_ok=True)
    file.write_text(f"{HEAD}approvers: [BOB]\ntimezone: UTC\n", "utf-8")
    back = committed(root)
    assert turns_of(root, back) == (Turn(commit=commit, former=bob, since=(commit, back)),)


def test_another_spelling_is_no_turn(root: Path) -> None:
    """The same people, and anything else in the file."""
    text = f"# words\n{HEAD}approvers: [Bob]\ntimezone: UTC\n"
    (root / "ccops.yaml").write_text(text, "utf-8")
    assert turns_of(root, committed(root)) == ()


def test_a_commit_that_git_does_not_have(root: Path) -> None:
    """It is no commit without approvers."""
    with pytest.raises(GitFailedError):
        turns_of(root, "1" * 40)
