"""The workflows as `ccops init github` writes them, and a repository around a workspace."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from ccops import cli
from tests.project.pure_core import ROOT
from tests.workflows.forking import forking

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
    assert init(add_workspace(root / "mail" / "our space"), "--shared-store") == 0
    return root / ".github" / "workflows"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for two workspaces of one repository: one has a name, and none shares a store."""
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "--quiet")
    assert init(add_workspace(root)) == 0
    assert init(add_workspace(root / "emea"), "--name", "emea") == 0
    return root / ".github" / "workflows"


def add_workspace(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ccops.yaml").write_text("version: 1\naccount: a1\n", encoding="utf-8")
    return folder


def init(space: Path, *words: str) -> int:
    """Run `ccops init github` for a workspace; the exit code."""
    start = ("init", "github", "-C", str(space), "--action", ACTION, "--branch", "trunk")
    return cli.run((*start, *words))


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A program that takes the place of Python for `-I -m ccops`, and starts at once."""
    with forking(tmp_path_factory.mktemp("python")) as program:
        yield program


Write = Callable[..., int]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A workspace at the root of a repository."""
    git(tmp_path, "init", "--quiet")
    return add_workspace(tmp_path)


@pytest.fixture
def write(repository: Path) -> Write:
    """Run `ccops init github` in it; the exit code."""

    def run(*words: str, action: str = ACTION) -> int:
        return cli.run(("init", "github", "-C", str(repository), "--action", action, *words))

    return run
