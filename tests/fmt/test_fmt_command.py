"""`ccops fmt` as people and hooks run it: what it writes, what it says, and its exit codes."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = "account: abc   # ours\nversion: 1\ntimezone: America/New_York\n"
SETTINGS_AFTER = "version: 1\naccount: abc   # ours\ntimezone: America/New_York\n"
UNTIDY = "send_at:   now  # soon\ncampaign: {name}\nrecipients: {{lists: [ A ]}}"
TIDY = "campaign: {name}\nrecipients: {{lists: [A]}}\nsend_at: now  # soon\n"

Run = Callable[..., subprocess.CompletedProcess[str]]

root_only = pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 1)() == 0, reason="the superuser may write everything"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace of three files, none of which is in the standard form."""
    folder = tmp_path / "space"
    (folder / "campaigns" / "old").mkdir(parents=True)
    (folder / "ccops.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "campaigns" / "a.yaml").write_text(UNTIDY.format(name="A"), encoding="utf-8")
    (folder / "campaigns" / "old" / "b.yaml").write_text(UNTIDY.format(name="B"), encoding="utf-8")
    return folder


@pytest.fixture
def fmt(home: Path) -> Run:
    """Run the command in the workspace's folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ccops", "fmt", *arguments],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run


def texts(home: Path) -> dict[str, str]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes().decode()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


AFTER = {
    "campaigns/a.yaml": TIDY.format(name="A"),
    "campaigns/old/b.yaml": TIDY.format(name="B"),
    "ccops.yaml": SETTINGS_AFTER,
}


def test_every_file_is_formatted_once(home: Path, fmt: Run) -> None:
    """The files are named; permissions stay, nothing else is left behind; then all is well."""
    (home / "campaigns" / "a.yaml").chmod(0o640)
    done = fmt()
    assert (done.returncode, done.stderr) == (0, "3 of 3 files formatted.\n")
    assert done.stdout.splitlines() == [
        "Formatted ccops.yaml",
        "Formatted campaigns/a.yaml",
        "Formatted campaigns/old/b.yaml",
    ]
    assert texts(home) == AFTER
    assert stat.S_IMODE((home / "campaigns" / "a.yaml").stat().st_mode) == 0o640
    again = fmt("--check")
    assert (again.returncode, again.stdout) == (0, "")
    assert texts(home) == AFTER


def test_a_check_writes_nothing(home: Path, fmt: Run) -> None:
    """Exit code 2 and the names: what a pipeline needs."""
    before = texts(home)
    done = fmt("--check")
    assert done.returncode == 2
    assert done.stdout.count("Not in the standard form:") == 3
    assert texts(home) == before


def test_a_diff_shows_what_would_change(home: Path, fmt: Run) -> None:
    """Unified, on stdout, and nothing is written; with --check, exit code 2 too."""
    before = texts(home)
    done = fmt("--diff", "campaigns/a.yaml")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "--- a/campaigns/a.yaml",
        "+++ b/campaigns/a.yaml",
        "@@ -1,4 +1,3 @@",
        "-send_at:   now  # soon",
        " campaign: A",
        "-recipients: {lists: [ A ]}",
        "-\\ No newline at end of file",
        "+recipients: {lists: [A]}",
        "+send_at: now  # soon",
    ]
    assert fmt("--diff", "--check").returncode == 2
    assert texts(home) == before


def test_line_breaks_that_differ_are_told(home: Path, fmt: Run) -> None:
    """A diff cannot show them."""
    mixed = TIDY.format(name="A").replace("\n", "\r\n", 1)
    (home / "campaigns" / "a.yaml").write_bytes(mixed.encode())
    done = fmt("--diff", "campaigns/a.yaml")
    assert done.stdout == ""
    assert "campaigns/a.yaml: only line breaks" in done.stderr


def test_paths_choose(home: Path, fmt: Run) -> None:
    """A folder stands for what is in it; from another folder, paths are relative to that."""
    before = texts(home)
    assert fmt("campaigns/old").stdout == "Formatted campaigns/old/b.yaml\n"
    assert texts(home) == {**before, "campaigns/old/b.yaml": TIDY.format(name="B")}
    assert fmt("-C", "campaigns", str(home / "ccops.yaml")).stdout == "Formatted ccops.yaml\n"


def test_a_path_of_no_manifest_is_refused(home: Path, fmt: Run) -> None:
    """A misspelt name in a script must not look like success."""
    (home / "notes.yaml").write_text("a:   1\n", encoding="utf-8")
    before = texts(home)
    done = fmt("campaigns/a.yaml", "notes.yaml", "nowhere")
    assert done.returncode == 3
    assert done.stderr.count("CC299") == 2
    assert texts(home) == before


def test_a_file_with_an_error_is_left_and_hinders_no_other(home: Path, fmt: Run) -> None:
    """It is told as by validate, and the exit code is that of invalid input."""
    broken = "send_at:   now\ncampaign:  B\n"
    (home / "campaigns" / "old" / "b.yaml").write_text(broken, encoding="utf-8")
    done = fmt()
    assert done.returncode == 3
    assert "CC102" in done.stderr
    assert "left as they are" in done.stderr
    assert texts(home) == {**AFTER, "campaigns/old/b.yaml": broken}
    assert fmt("--check", "campaigns/a.yaml").returncode == 0


def test_a_link_is_told_unless_another_file_was_named(home: Path, fmt: Run) -> None:
    """What cannot be read is an error of the whole, and none of a part without it."""
    (home / "campaigns" / "c.yaml").symlink_to(home / "campaigns" / "a.yaml")
    assert "CC204" in fmt("--check").stderr
    assert fmt("campaigns/old/b.yaml").returncode == 0


def test_a_broken_workspace_file_stops_everything(home: Path, fmt: Run) -> None:
    """Which files are manifests, and in which zone, is not known then."""
    (home / "ccops.yaml").write_text("version: 2\n", encoding="utf-8")
    before = texts(home)
    assert fmt().returncode == 3
    assert texts(home) == before


def test_a_read_only_file_is_left(home: Path, fmt: Run) -> None:
    """Replacing it would be possible, and is not what its owner wants."""
    path = home / "campaigns" / "a.yaml"
    path.chmod(0o440)
    done = fmt()
    assert done.returncode == 3
    assert "CC297" in done.stderr
    assert path.read_text(encoding="utf-8") == UNTIDY.format(name="A")
    assert "Formatted campaigns/old/b.yaml" in done.stdout


@root_only
def test_a_folder_that_cannot_be_written_to_leaves_the_file(home: Path, fmt: Run) -> None:
    """All of it or nothing."""
    (home / "campaigns").chmod(0o550)
    done = fmt("campaigns/a.yaml")
    (home / "campaigns").chmod(0o750)
    assert done.returncode == 3
    assert texts(home)["campaigns/a.yaml"] == UNTIDY.format(name="A")
