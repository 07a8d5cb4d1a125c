"""The files that ship with ccops, read from a source checkout."""

import json
from pathlib import Path
from typing import get_args

import pytest

from ccops import resources
from ccops.errors import CcopsError, InvalidInput
from tests.project.pure_core import ROOT

SCHEMAS: tuple[resources.SchemaName, ...] = get_args(resources.SchemaName)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_the_file_at_the_top(name: resources.SchemaName) -> None:
    """What is published and what the program checks with are the same."""
    text = (ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert resources.schema_text(name) == text
    assert resources.schema(name) == json.loads(text)


def test_no_schema_is_unknown_to_the_program() -> None:
    """Every published schema has a reader."""
    names = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").iterdir()}
    assert names == set(SCHEMAS)


def test_a_schema_is_decoded_once() -> None:
    """Reading again costs nothing."""
    assert resources.schema("campaign") is resources.schema("campaign")


def test_the_examples_are_copied_whole(tmp_path: Path) -> None:
    """A copy holds the same files, byte for byte, in a folder that need not exist."""
    target = tmp_path / "new" / "folder"
    resources.copy_examples(target)
    source = ROOT / "examples"
    files = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    files = {path for path in files if ".ccops" not in path.parts}
    assert Path("ccops.yaml") in files
    assert {path.relative_to(target) for path in target.rglob("*") if path.is_file()} == files
    assert all((target / one).read_bytes() == (source / one).read_bytes() for one in files)


def test_copying_overwrites_nothing(tmp_path: Path) -> None:
    """A file that is there already stays as it is, and nothing is written beside it."""
    mine = tmp_path / "ccops.yaml"
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidInput, match="CC296"):
        resources.copy_examples(tmp_path)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [mine]


def test_a_broken_installation_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file is named, with what to do about it."""
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "ccops" / "resources.py"))
    with pytest.raises(CcopsError, match=r"CC295: .*plan\.schema\.json") as caught:
        resources.schema_text("plan")
    assert "Install ccops again" in caught.value.diagnostics[0].help


def test_an_installed_copy_reads_its_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a wheel the files stand inside the package, and those are the ones read."""
    schemas = tmp_path / "ccops" / "_data" / "schemas"
    schemas.mkdir(parents=True)
    (schemas / "plan.schema.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "ccops" / "resources.py"))
    assert resources.schema_text("plan") == "{}"
