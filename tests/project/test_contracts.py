"""Every import contract holds, and every one of them would notice a breach."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.project.pure_core import ROOT, modules, pattern

CONTRACTS = {
    one["id"]: one
    for one in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}

BREACHES = [
    ("floors", "model.py", "import ccops.ports"),
    ("floors", "planning/plan.py", "import ccops.render"),
    ("floors", "constantcontact/wire.py", "import ccops.manifest"),
    ("floors", "stray.py", "import ccops.errors"),
    ("applying", "applying/outcome.py", "import ccops.applying.protocol"),
    ("applying", "applying/protocol.py", "import ccops.applying.driver"),
    ("applying", "applying/stray.py", "import ccops.errors"),
    ("vendor", "constantcontact/wire.py", "import ccops.constantcontact.client"),
    ("vendor", "constantcontact/client.py", "import ccops.constantcontact.reader"),
    ("pure", "applying/protocol.py", "import time"),
    ("pure", "manifest/__init__.py", "import os"),
    ("pure", "planning/plan.py", "import ccops.constantcontact.reader"),
    ("pure", "render/escape.py", "import subprocess"),
    ("pure", "constantcontact/wire.py", "import httpx"),
    ("network", "session.py", "import httpx"),
    ("network", "constantcontact/client.py", "import httpx"),
    ("keychain", "session/wiring.py", "import keyring"),
    ("queue", "session/wiring.py", "import procrastinate"),
    ("queue", "fleet/run.py", "from procrastinate import jobs"),
    ("database", "store/sqlite.py", "import psycopg"),
    ("database", "session/wiring.py", "from psycopg import errors"),
    ("witness", "sandbox/world.py", "import ccops.errors"),
    ("witness", "sandbox/world.py", "from ccops.constantcontact import wire"),
]


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    return subprocess.run(
        [*command, "--no-logo", "--no-cache", "--contract", contract],
        cwd=folder,
        env={**os.environ, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "ccops", tmp_path / "ccops")
    return tmp_path


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_tree_keeps_its_contracts(contract: str) -> None:
    """What is committed obeys every contract."""
    result = lint(ROOT, contract)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{CONTRACTS[contract]['name']} KEPT" in result.stdout


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES)
def test_a_breach_is_named(tree: Path, contract: str, file: str, line: str) -> None:
    """One forbidden import, or a file on no floor, breaks the contract that is meant for it."""
    with (tree / "ccops" / file).open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    result = lint(tree, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{CONTRACTS[contract]['name']} BROKEN" in result.stdout


def test_every_contract_is_breached_by_some_case() -> None:
    """No contract stands in the list unproven."""
    assert {contract for contract, _, _ in BREACHES} == set(CONTRACTS)


def test_the_witness_contract_names_the_whole_package() -> None:
    """A new module beside the sandbox is forbidden to it from its first day."""
    beside = {
        f"ccops.{path.stem}"
        for path in (ROOT / "ccops").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    known = set(CONTRACTS["witness"]["forbidden_modules"])
    assert known == beside - {"ccops.__init__", "ccops.sandbox"}


@pytest.mark.parametrize("module", modules())
def test_the_pure_core_exists(module: str) -> None:
    """The pattern handed to coverage names files, so that the gate measures something."""
    found = Path(pattern(module).removesuffix("/*"))
    assert found.exists()
