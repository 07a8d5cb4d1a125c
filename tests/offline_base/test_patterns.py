"""Which files of a commit are manifests: the same as those of a folder."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import Place
from ccops.manifest.pattern import matches
from ccops.manifest.settings import Pattern
from ccops.workspace import read_files

NAMES = (
    "a.yaml",
    "b.yml",
    "ccops.txt",
    ".hidden.yaml",
    "x/a.yaml",
    "x/y/a.yaml",
    "x/y/x/b.yaml",
    "x/.y/a.yaml",
    "y/x/y/a.yaml",
)
PLACE = Place(file="ccops.yaml", line=1, column=1)
folders = st.lists(st.sampled_from(["**", "*", "x", "y", "[xy]", "?"]), max_size=4)
patterns = st.builds(
    lambda before, last: "/".join([*before, last]),
    folders,
    st.sampled_from(["*.yaml", "a.yaml", "*.yml", "[ab].yaml"]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files at every depth."""
    root = tmp_path_factory.mktemp("patterns").resolve()
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    return root


@settings(max_examples=150)
@given(patterns)
def test_a_name_fits_as_a_file_is_found(folder: Path, pattern: str) -> None:
    """What the walk through a folder finds, the names of a commit give."""
    texts, _ = read_files(folder, [Pattern(text=pattern, place=PLACE)])
    assert {name for name in NAMES if matches(pattern, name)} == {name for name, _ in texts}


def test_what_lies_below_a_fitting_name_does_not_fit() -> None:
    """A folder may be called like a manifest."""
    assert matches("*.yaml", "a.yaml")
    assert not matches("*.yaml", "a.yaml/b.yaml")


def test_many_stars_end_soon() -> None:
    """The time does not grow with the number of ways to fit."""
    pattern = "/".join(["**", "*"] * 40 + ["b.yaml"])
    assert not matches(pattern, "/".join(["a"] * 200 + ["a.yaml"]))
    assert matches(pattern, "/".join(["a"] * 200 + ["b.yaml"]))
