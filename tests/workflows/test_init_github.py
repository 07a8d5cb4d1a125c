"""`ccops init github` writes what is missing, overwrites nothing, and takes plain words alone."""

from pathlib import Path

import pytest

from ccops.resources import workflow_names
from tests.workflows.conftest import COMMIT, Write, add_workspace

NAMES = workflow_names()


def test_check_says_what_is_not_current(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """Missing or different, with exit code 2; other line ends are no difference."""
    assert write("--check") == 2
    assert capsys.readouterr().out.count("Not current: ") == len(NAMES)
    assert (write(), write("--check")) == (0, 0)
    path = repository / ".github" / "workflows" / "ccops-plan.yml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert write("--check") == 0
    capsys.readouterr()
    path.write_text("name: mine\n", encoding="utf-8")
    assert write("--check") == 2
    assert capsys.readouterr().out == f"Not current: {path}\n"


def test_nothing_is_overwritten(repository: Path, write: Write) -> None:
    """If one file is there with another text, none is written; what is current stays."""
    folder = repository / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ccops-plan.yml").write_text("name: mine\n", encoding="utf-8")
    assert write() == 3
    assert [path.name for path in folder.iterdir()] == ["ccops-plan.yml"]
    (folder / "ccops-plan.yml").unlink()
    assert (write(), write()) == (0, 0)


def test_another_workspaces_files_are_not_to_be_removed(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its merges would be applied no more: the second one gets a name."""
    assert write() == 0
    other = add_workspace(repository / "emea")
    before = {one.name: one.read_bytes() for one in (repository / ".github/workflows").iterdir()}
    assert write("-C", str(other)) == 3
    said = capsys.readouterr().err
    assert ("for the workspace in '.'" in said, "--name WORD" in said, "remove" in said) == (
        True,
        True,
        False,
    )
    assert write("-C", str(other), "--name", "emea") == 0
    after = {one.name: one.read_bytes() for one in (repository / ".github/workflows").iterdir()}
    assert before.items() <= after.items()
    assert len(after) == 2 * len(before)
    assert write("--check") == 0
    assert write("-C", str(other), "--name", "emea", "--check") == 0


@pytest.mark.parametrize("name", ["EMEA", "-x", "a b", "a/b", "a.b", "x" * 40, "${{ x }}", "a\n"])
def test_a_name_that_is_no_plain_word_is_refused(write: Write, name: str) -> None:
    """It stands in names of files and environments."""
    assert write("--name", name) == 3


def test_what_is_filled_in_is_never_filled_in_again(repository: Path, write: Write) -> None:
    """A folder may be called as a blank is."""
    odd = add_workspace(repository / "CCOPS_BRANCH")
    assert write("-C", str(odd)) == 0
    text = (repository / ".github" / "workflows" / "ccops-plan.yml").read_text("utf-8")
    assert 'working-directory: "CCOPS_BRANCH"' in text


def test_it_says_that_timers_will_not_start(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitHub starts them on the default branch alone; a clone knows which that was."""
    assert write() == 0
    assert capsys.readouterr().err == ""
    known = repository / ".git" / "refs" / "remotes" / "origin"
    known.mkdir(parents=True)
    (known / "HEAD").write_text("ref: refs/remotes/origin/trunk\n", encoding="utf-8")
    assert write("--check") == 0
    assert "seems to be trunk" in capsys.readouterr().err
    assert write("--branch", "trunk", "--check") == 2
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("link", [".github", ".github/workflows"])
def test_a_folder_that_is_a_link_is_not_written_to(
    repository: Path, write: Write, tmp_path: Path, link: str
) -> None:
    """The files would land elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (repository / link).parent.mkdir(exist_ok=True)
    (repository / link).symlink_to(elsewhere)
    assert write() == 3
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("content", [b"\xff", b"#" * (1024 * 1024 + 1)])
def test_what_is_no_text_of_ours_is_not_current(
    repository: Path, write: Write, content: bytes
) -> None:
    """And is not touched."""
    write()
    path = repository / ".github" / "workflows" / "ccops-plan.yml"
    path.write_bytes(content)
    assert (write("--check"), write()) == (2, 3)
    assert path.read_bytes() == content


def test_a_link_is_not_followed(repository: Path, write: Write, tmp_path: Path) -> None:
    """Wherever it leads."""
    folder = repository / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ccops-plan.yml").symlink_to(tmp_path / "elsewhere")
    assert (write(), write("--check")) == (3, 2)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written_is_told(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the file's name."""
    (repository / ".github").write_text("", encoding="utf-8")
    assert write() == 3
    assert "CC247" in capsys.readouterr().err


@pytest.mark.parametrize(
    "action",
    [
        "ccops/ccops/.github/actions/ccops@v1",
        f"ccops/ccops@{COMMIT}",
        f"ccops/ccops/.github/actions/ccops@{COMMIT}\n      - run: x",
        f"../ccops/.github/actions/ccops@{COMMIT}",
        f"./.github/actions/ccops@{COMMIT}",
    ],
)
def test_an_action_that_is_not_pinned_is_refused(
    write: Write, repository: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tag can be moved, and a line break would be a step."""
    assert write(action=action) == 3
    assert "CC243" in capsys.readouterr().err
    assert not (repository / ".github").exists()


@pytest.mark.parametrize("branch", ["", "-x", "a b", 'main"]', "a'b", "${{ x }}", "a//b", "a/../b"])
def test_a_branch_that_is_no_plain_word_is_refused(write: Write, branch: str) -> None:
    """It stands in an expression."""
    assert write("--branch", branch) == 3


def test_a_folder_that_is_no_plain_word_is_refused(repository: Path, write: Write) -> None:
    """It stands in YAML."""
    odd = repository / 'a"b'
    odd.mkdir()
    (odd / "ccops.yaml").write_text("version: 1\naccount: a1\n", encoding="utf-8")
    assert write("-C", str(odd)) == 3


def test_outside_of_a_repository_it_is_refused(
    repository: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no place for the files."""
    (repository / ".git").rename(repository / "git")
    assert write() == 3
    assert "CC244" in capsys.readouterr().err
