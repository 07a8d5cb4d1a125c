"""The action's installation: nothing from the checkout under review steers it.

A pretended Python tells what it was asked to do, and with which environment. In CI the real one
installs everything once.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.project.pure_core import ROOT
from tests.project.test_locks import PINNED, pins
from tests.workflows.conftest import ACTION_FOLDER

LOCK = ACTION_FOLDER / "requirements.lock"
INSTALL = ACTION_FOLDER / "install.sh"
_PYTHON = """#!/bin/sh
{{ echo "WORDS $*"; echo "FOLDER $(pwd -P)"; env; }} >>{told}
case "$*" in
    *"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What Python was started with, where, and with which variables."""

    words: str
    folder: str
    variables: dict[str, str]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that holds everything that an installer or an interpreter would heed."""
    folder, marker = tmp_path / "checkout", tmp_path / "ran"
    folder.mkdir()
    elsewhere = "https://packages.evil.example/simple"
    run = f"import pathlib; pathlib.Path({str(marker)!r}).touch()\n"
    files = {
        "uv.toml": f'index-url = "{elsewhere}"\n',
        "pip.conf": f"[global]\nindex-url = {elsewhere}\n",
        "pip.ini": f"[global]\nindex-url = {elsewhere}\n",
        ".pip/pip.conf": f"[global]\nindex-url = {elsewhere}\n",
        "pyproject.toml": '[build-system]\nrequires = ["evil"]\nbuild-backend = "evil"\n',
        "setup.py": run,
        "setup.cfg": f"[easy_install]\nindex_url = {elsewhere}\n",
        "sitecustomize.py": run,
        "usercustomize.py": run,
        "ccops.py": run,
        "venv.py": run,
        "pip/__init__.py": run,
        "hatchling/__init__.py": run,
        ".env": f"PIP_INDEX_URL={elsewhere}\n",
        ".python-version": "2.7\n",
        "requirements.lock": "evil==1.0\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def install(
    checkout: Path, temporary: Path, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run the script with the checkout as the current folder."""
    return subprocess.run(
        ["bash", str(INSTALL)],
        cwd=checkout,
        env={
            **os.environ,
            "RUNNER_TEMP": str(temporary),
            "GITHUB_ACTION_PATH": str(ACTION_FOLDER),
            "CCOPS_ACTION_PYTHON": sys.executable,
            "PYTHONPATH": str(checkout),
            "PYTHONSTARTUP": "sitecustomize.py",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def calls(checkout: Path, temporary: Path, **environment: str) -> list[Call]:
    """Run it with the pretended Python; what that was asked to do."""
    told, python = temporary / "told", temporary / "pretended"
    python.write_text(_PYTHON.format(told=told), encoding="utf-8")
    python.chmod(0o755)
    done = install(checkout, temporary, CCOPS_ACTION_PYTHON=str(python), **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return [_call(one) for one in told.read_text(encoding="utf-8").split("WORDS ")[1:]]


def _call(text: str) -> Call:
    words, folder, *rest = text.splitlines()
    variables = dict(line.split("=", 1) for line in rest if "=" in line)
    return Call(words=words, folder=folder.removeprefix("FOLDER "), variables=variables)


def test_it_runs_outside_of_the_checkout_and_isolated(checkout: Path, temporary: Path) -> None:
    """Python takes no module and no variable from anywhere, whichever step it is."""
    done = calls(checkout, temporary)
    assert len(done) == 5
    assert {one.folder for one in done} == {str(temporary)}
    assert {one.words.split()[0] for one in done} == {"-I"}
    assert [name for one in done for name in one.variables if name.startswith("PYTHON")] == []


def test_what_is_installed_is_locked_and_known_by_its_hash(checkout: Path, temporary: Path) -> None:
    """Libraries as wheels of the action's own locks; then ccops itself, with no index at all."""
    libraries, ours = (one.words for one in calls(checkout, temporary) if "-m pip" in one.words)
    for word in ("--require-hashes", "--only-binary :all:", f"-r {LOCK}"):
        assert word in libraries
    assert f"-r {ROOT / 'requirements-build.lock'}" in libraries
    for word in ("--no-index", "--no-deps", "--no-build-isolation"):
        assert word in ours
    assert ours.endswith(f" {temporary / 'ccops-source'}")
    assert (temporary / "ccops-source" / "pyproject.toml").read_bytes() == (
        ROOT / "pyproject.toml"
    ).read_bytes()


def test_no_secret_is_at_hand(checkout: Path, temporary: Path) -> None:
    """Neither a login nor the store, if somebody lends them to all steps; nor a list to install."""
    lent = {
        "CCOPS_ACCESS_TOKEN": "a",
        "CCOPS_REFRESH_TOKEN": "b",
        "CCOPS_STORE": "c",
        "CCOPS_CI_GITHUB_TOKEN": "d",
        "PGPASSWORD": "e",
        "PIP_REQUIREMENT": "requirements.lock",
        "PIP_TARGET": str(checkout),
    }
    done = calls(checkout, temporary, **lent)
    assert [one for call in done for one in call.variables if one in lent] == []


def test_half_an_action_is_refused(checkout: Path, temporary: Path) -> None:
    """A copy of the folder alone cannot install anything that is known."""
    folder = temporary / "a" / ".github" / "actions" / "ccops"
    folder.mkdir(parents=True)
    done = install(checkout, temporary, GITHUB_ACTION_PATH=str(folder))
    assert (done.returncode, "not a whole checkout" in done.stdout) == (1, True)


def test_another_system_is_refused(checkout: Path, temporary: Path) -> None:
    """With its reason, and not by a riddle of its shell."""
    done = install(checkout, temporary, RUNNER_OS="macOS")
    assert (done.returncode, "needs a runner with Linux" in done.stdout) == (1, True)


@pytest.mark.skipif(not os.environ.get("CI"), reason="in CI alone: it asks a package index")
def test_a_hostile_checkout_changes_nothing(checkout: Path, temporary: Path) -> None:
    """What is installed is the action's own commit, with the very versions of its lock."""
    done = install(checkout, temporary)
    assert done.returncode == 0, done.stdout + done.stderr
    python = temporary / "ccops-venv" / "bin" / "python"
    code = (
        "import ccops, importlib.metadata as m; from ccops.resources import workflow_names as w; "
        "print(ccops.__file__, len(w())); "
        "print(*(f'{d.name.lower()}=={d.version}' for d in m.distributions()), sep=chr(10))"
    )
    told = subprocess.run(
        [str(python), "-I", "-c", code], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    file, count = told[0].rsplit(" ", 1)
    assert Path(file).is_relative_to(temporary)
    assert int(count) == 7
    found = dict(line.split("==") for line in told[1:])
    wanted = dict(pin[:2] for pin in PINNED.findall(LOCK.read_text(encoding="utf-8")))
    wanted |= pins("requirements-build.lock")
    strange = found.keys() - {"ccops"}
    assert {name.replace("_", "-"): found[name] for name in strange}.items() <= wanted.items()
    assert not (checkout.parent / "ran").exists()
    assert not list(ROOT.glob("*.egg-info"))


def test_the_actions_lock_agrees_with_the_others() -> None:
    """It has what users get, and the extras, in the versions that are tested; and hashes."""
    text = LOCK.read_text(encoding="utf-8")
    found = {name: version for name, version, _ in PINNED.findall(text)}
    assert found.items() >= pins("requirements.lock").items()
    assert found.keys() >= {"psycopg", "jinja2", "icalendar", "holidays"}
    tested = pins("requirements-dev.lock")
    assert {name: tested.get(name, version) for name, version in found.items()} == found
    assert text.count("--hash=sha256:") >= len(found)
    assert "://" not in text
