"""A workspace two folders down in a repository, with one commit to compare with."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ccops import cli

WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
SETTINGS = "version: 1\naccount: sandbox000001\ntimezone: America/New_York\n"
Git = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def manifest(campaign: str, send_at: str = "unscheduled", lists: str = "Donors") -> str:
    """One manifest, as text."""
    return f"campaign: {campaign}\nrecipients:\n  lists: [{lists}]\nsend_at: {send_at}\n"


@pytest.fixture
def git() -> Git:
    """Run git in a folder; what it says."""

    def run(root: Path, *words: str) -> str:
        done = subprocess.run(
            ["git", *WHO, *words], cwd=root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    return run


@pytest.fixture
def root(tmp_path: Path, git: Git) -> Path:
    """Two manifests in one file, committed: Spring is sent on 9 March, Autumn is not."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    space = tmp_path.resolve() / "mail" / "space"
    (space / "campaigns").mkdir(parents=True)
    (space / "ccops.yaml").write_text(SETTINGS, encoding="utf-8")
    text = f"{manifest('Spring', '2027-03-09 09:00')}---\n{manifest('Autumn')}"
    (space / "campaigns" / "one.yaml").write_text(text, encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    return space


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in the workspace, with no login in reach."""
    monkeypatch.chdir(root)
    for name in ("CCOPS_ACCESS_TOKEN", "CCOPS_REFRESH_TOKEN", "CCOPS_BASE_URL", "CCOPS_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CCOPS_STATE_DIR", str(root / "state"))

    def command(*words: str) -> Done:
        code = cli.run(words)
        told = capsys.readouterr()
        return Done(code=int(code), out=told.out, err=told.err)

    return command
