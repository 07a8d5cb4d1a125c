"""The lock files: complete, hashed, and silent about where packages come from."""

import ast
import re
import sys
import tomllib

import pytest

from tests.project.pure_core import ROOT

LOCKS = ["requirements.lock", "requirements-build.lock", "requirements-dev.lock"]
PINNED = re.compile(r"^([a-z0-9-]+)==([^ ;]+)(?: ; (.+?))? \\$", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {name: version for name, version, _ in PINNED.findall(text)}


def required(group: str) -> set[str]:
    """The normal form of the names that a dependency group lists itself."""
    return {normal(one) for one in PROJECT["dependency-groups"][group] if isinstance(one, str)}


def normal(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_a_version_and_hashes(lock: str) -> None:
    """Pip --require-hashes accepts the file, and the hashes are those of all its releases."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(lock))
    for block in blocks:
        assert "--hash=sha256:" in block


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host(lock: str) -> None:
    """Where packages come from is the installing machine's business."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|trusted-host", text)


def test_the_locks_agree() -> None:
    """Tests run on the very versions that users get."""
    every = pins("requirements-dev.lock")
    for lock in ("requirements.lock", "requirements-build.lock"):
        assert pins(lock).items() <= every.items()


def test_the_locks_cover_what_is_declared() -> None:
    """A dependency added to pyproject.toml is locked before it is used."""
    runtime = {normal(one) for one in PROJECT["project"]["dependencies"]}
    assert runtime <= pins("requirements.lock").keys()
    groups = required("build") | required("test") | required("lint") | required("types")
    assert groups | runtime <= pins("requirements-dev.lock").keys()


def test_the_build_needs_what_its_lock_holds() -> None:
    """The build backend is declared once for pip and once for the lock: the same."""
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]


IMPORT_NAMES = {"pyyaml": "yaml", "markdown-it-py": "markdown_it"}
OWN = {"benchmarks", "ccops", "tests"}


def imported(folder: str) -> set[str]:
    """The top-level names of the libraries that a folder imports, anywhere in its files."""
    names: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OWN


def import_names(requirements: set[str]) -> set[str]:
    return {IMPORT_NAMES.get(one, one.replace("-", "_")) for one in requirements}


EXTRAS_IN_USE = {
    *("holidays", "icalendar", "jinja2", "jsonschema-rs", "keyring", "procrastinate", "psycopg"),
}
"""What is imported if an extra brought it; which modules may, stands in the import contracts."""


def test_the_program_imports_what_it_declares_and_nothing_else() -> None:
    """No library comes along unused, and none is found by luck."""
    runtime = {normal(one) for one in PROJECT["project"]["dependencies"]}
    assert imported("ccops") == import_names(runtime | EXTRAS_IN_USE)
    extras = PROJECT["project"]["optional-dependencies"].values()
    assert {normal(one) for extra in extras for one in extra} >= EXTRAS_IN_USE


def test_what_an_extra_brings_is_tested_as_it_is_declared() -> None:
    """With the same oldest version."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    declared = {one for extra in extras for one in extra if normal(one) in EXTRAS_IN_USE}
    assert declared <= {one for one in PROJECT["dependency-groups"]["test"] if isinstance(one, str)}


def test_the_tests_import_only_what_is_declared() -> None:
    """A library that a test needs stands in a group, so that a fresh clone has it."""
    runtime = {normal(one) for one in PROJECT["project"]["dependencies"]}
    declared = import_names(runtime | required("test") | required("lint"))
    assert imported("tests") | imported("benchmarks") <= declared | {"importlinter", "_typeshed"}
