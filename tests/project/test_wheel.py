"""The built wheel, not the checkout, is what users get: it works alone, from anywhere."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.project.pure_core import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The two files that a release consists of."""

    wheel: Path
    sdist: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A virtual environment that holds the wheel, and a folder far from the checkout."""

    binaries: Path
    cwd: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of that environment, as a user would."""
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        return subprocess.run(
            [str(self.binaries / program), *arguments],
            cwd=self.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def succeed(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the sdist from the checkout and the wheel from that sdist, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    succeed(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return Built(wheel=next(folder.glob("*.whl")), sdist=next(folder.glob("*.tar.gz")))


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel alone; the libraries come from the environment that runs the tests.

    A path file lends them: path files in *that* folder are not read, so that an editable
    install of the checkout stays out of sight.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python))
    succeed(*pip, "install", "--quiet", "--no-deps", "--no-index", str(built.wheel))
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (folder / "cwd").mkdir()
    return Installed(binaries=python.parent, cwd=folder / "cwd")


def tree(folder: str) -> set[str]:
    """The files under a top-level folder, but for caches, named from the top."""
    hidden = {"__pycache__", ".ccops"}
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and hidden.isdisjoint(path.parts)
    }


def test_the_wheel_holds_the_package_and_its_files(built: Built) -> None:
    """Every module, schema and example is inside, and nothing else but metadata."""
    names = set(zipfile.ZipFile(built.wheel).namelist())
    shipped = {f"ccops/_data/{name}" for name in tree("schemas") | tree("examples")}
    metadata = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - metadata == tree("ccops") | shipped
    assert "ccops/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in metadata)


def test_the_sdist_can_be_tested(built: Built) -> None:
    """Whoever packages ccops finds the tests, the locks and the targets that use them."""
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    folders = ("ccops", "schemas", "examples", "tests", "docs", "benchmarks", ".ci", ".github")
    assert names >= {file for folder in folders for file in tree(folder)}
    assert names >= {"Makefile", "pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md"}
    assert names >= {path.name for path in ROOT.glob("requirements*.lock")}


def test_the_installed_package_is_the_one_that_runs(installed: Installed) -> None:
    """The tests of this file are about the wheel, not about the checkout."""
    result = installed.run("python", "-c", "import ccops; print(ccops.__file__)")
    assert Path(result.stdout.strip()).is_relative_to(installed.binaries.parent)


def test_it_tells_its_version(installed: Installed) -> None:
    """`ccops --version` names the version in the wheel's metadata."""
    code = "from importlib.metadata import version; print(version('ccops'))"
    expected = installed.run("python", "-c", code).stdout.strip()
    result = installed.run("ccops", "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert expected
    assert expected in result.stdout


def test_its_examples_are_valid(installed: Installed) -> None:
    """The examples copied out of the wheel pass `ccops validate`, from another folder."""
    code = (
        "from pathlib import Path; from ccops.resources import copy_examples as copy; copy(Path())"
    )
    copied = installed.run("python", "-c", code)
    assert copied.returncode == 0, copied.stderr
    result = installed.run("ccops", "validate")
    assert result.returncode == 0, result.stdout + result.stderr


def test_its_demo_runs(installed: Installed) -> None:
    """The first thing that a newcomer types works, with no account and no network."""
    result = installed.run("ccops", "demo")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout
