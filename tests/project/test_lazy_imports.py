"""Start-up stays quick: a command loads only what it needs. Exact, by `sys.modules`."""

import subprocess
import sys

import pytest

from tests.project.pure_core import ROOT

HEAVY = {
    "asyncio",
    "ccops.transport",
    "deepdiff",
    "httpx",
    "importlib.metadata",
    "jsonschema",
    "psycopg",
    "rich",
    "ruamel",
    "sqlite3",
    "stamina",
    "yaml",
}

RUN = """
import runpy, sys
sys.argv = ["ccops", *sys.argv[1:]]
try:
    runpy.run_module("ccops", run_name="__main__", alter_sys=False)
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(*sys.modules, sep="\\n", file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout
    return set(result.stderr.splitlines())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_no_library_but_click(option: str) -> None:
    """Whoever asks what there is, is answered at once."""
    modules = loaded(option)
    assert "click" in modules
    assert modules.isdisjoint(HEAVY)


def test_help_loads_no_command() -> None:
    """The list of commands is known without importing them."""
    assert not {name for name in loaded("--help") if name.startswith("ccops.commands.")}


def test_validate_loads_nothing_of_the_network_or_the_store() -> None:
    """It is offline, and pre-commit hooks run it often."""
    modules = loaded("validate", "-C", "examples")
    assert {"yaml", "jsonschema_rs"} <= modules
    assert modules.isdisjoint(HEAVY - {"yaml"})


def test_the_plan_command_alone_loads_nothing_of_the_network_or_the_store() -> None:
    """`plan --offline --base` compares files, and `--help` explains: neither asks an account."""
    modules = loaded("plan", "--help")
    assert "ccops.session.based" in modules
    assert modules.isdisjoint((HEAVY - {"yaml"}) | {"ccops.session.wiring"})
