"""The workflows as `ccops init github` writes them, and a repository around a workspace."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ccops import cli
from tests.project.pure_core import ROOT

ACTION_FOLDER = ROOT / ".github" / "actions" / "ccops"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ACTION = f"ccops/ccops/.github/actions/ccops@{COMMIT}"
WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
Table = dict[str, object]


def git(folder: Path, *words: str) -> str:
    """Run git in a folder; what it says."""
    done = subprocess.run(
        ["git", *WHO, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def document(path: Path) -> Table:
    """Read YAML as plain text values, so that the key `on` stays a word."""
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the workflows of a workspace that lies two folders down."""
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "--quiet")
    space = root / "mail" / "our space"
    space.mkdir(parents=True)
    (space / "ccops.yaml").write_text("version: 1\naccount: a1\n", encoding="utf-8")
    words = ("init", "github", "-C", str(space), "--action", ACTION, "--branch", "trunk")
    assert cli.run(words) == 0
    return root / ".github" / "workflows"


Write = Callable[..., int]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A workspace at the root of a repository."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "ccops.yaml").write_text("version: 1\naccount: a1\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def write(repository: Path) -> Write:
    """Run `ccops init github` in it; the exit code."""

    def run(*words: str, action: str = ACTION) -> int:
        return cli.run(("init", "github", "-C", str(repository), "--action", action, *words))

    return run
