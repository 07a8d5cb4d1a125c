"""The house style, as far as it can be counted."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.project.pure_core import ROOT, modules, pattern

MEDIAN_FUNCTION = 10
LONGEST_FUNCTION = 50
LONGEST_FILE = 300
LONGEST_COMMAND = 90

Definition = ast.FunctionDef | ast.AsyncFunctionDef
FILES = sorted((ROOT / "ccops").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


def functions(path: Path) -> Iterator[Definition]:
    for node in ast.walk(TREES[path]):
        if isinstance(node, Definition):
            yield node


def length(function: Definition) -> int:
    """From `def` to the last line; decorators do not count."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def called(path: Path) -> set[str]:
    """The names that are called as they stand, without a dot before them."""
    calls = (node.func for node in ast.walk(TREES[path]) if isinstance(node, ast.Call))
    return {function.id for function in calls if isinstance(function, ast.Name)}


def undocumented(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    """Name the public functions, classes and methods that have no docstring."""
    for node in body:
        if not isinstance(node, Definition | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield f"{prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{prefix}{node.name}.")


def texts() -> Iterator[Path]:
    """Every file of the project that people write."""
    for folder in ("ccops", "schemas", "examples", "docs", "benchmarks", "tests", ".github", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix not in {".png", ".pyc"}:
                yield path
    yield from sorted(ROOT.glob("*.md"))
    yield from (ROOT / "Makefile", ROOT / "pyproject.toml")


def test_the_median_function_is_short() -> None:
    """Half of all functions can be read at a glance."""
    lengths = [length(function) for path in FILES for function in functions(path)]
    assert median(lengths) <= MEDIAN_FUNCTION


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_function_is_long(path: Path) -> None:
    """No function needs scrolling."""
    sizes = {function.name: length(function) for function in functions(path)}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_file_is_long(path: Path) -> None:
    """A file has one subject, and a command has nothing to decide."""
    limit = LONGEST_COMMAND if path.parent.name == "commands" else LONGEST_FILE
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_is_named_after_its_subject(path: Path) -> None:
    """There is no drawer for things without a place."""
    assert path.stem.strip("_") not in {"base", "common", "helpers", "manager", "misc", "utils"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_public_names_are_documented(path: Path) -> None:
    """Whoever calls it need not read its body."""
    tree = TREES[path]
    assert ast.get_docstring(tree) is not None
    assert list(undocumented(tree.body, "")) == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_text_leaves_through_the_renderers(path: Path) -> None:
    """Nothing is printed, asked or run by the way; builtins are what import-linter cannot see."""
    assert called(path).isdisjoint({"breakpoint", "eval", "exec", "input", "print"})


@pytest.mark.parametrize("module", modules())
def test_the_pure_core_opens_no_file(module: str) -> None:
    """The one builtin that reaches the world needs no import."""
    path = Path(pattern(module).removesuffix("/*"))
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert files
    assert [one for one in files if "open" in called(one)] == []


def test_nothing_is_left_for_later() -> None:
    """What is missing stands in the issue tracker, not in the files."""
    mark = re.compile("TO" + "DO|FIX" + "ME|X" + "XX")
    found = [path for path in texts() if mark.search(path.read_text("utf-8", errors="replace"))]
    assert found == []


def test_the_sandbox_imports_nothing_of_ccops() -> None:
    """Not even the package itself, which import-linter cannot forbid to one of its parts."""
    for path in FILES:
        if "sandbox" not in path.relative_to(ROOT / "ccops").parts:
            continue
        names = {
            alias.name
            for node in ast.walk(TREES[path])
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        names |= {
            node.module or "" for node in ast.walk(TREES[path]) if isinstance(node, ast.ImportFrom)
        }
        inside = {name for name in names if name.split(".")[0] == "ccops"}
        assert all(name.startswith("ccops.sandbox") for name in inside), path


def test_test_files_have_names_of_their_own() -> None:
    """A name in a report points to one file."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
