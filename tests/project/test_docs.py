"""What the documents say is what the program does."""

import ast
import re
import subprocess
import sys

import pytest

from ccops.errors import ExitCode
from tests.project.pure_core import ROOT

CODE = re.compile(r"CC\d{3}")


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """The commands, as `ccops --help` lists them."""
    result = subprocess.run(
        [sys.executable, "-m", "ccops", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    listing = result.stdout.partition("Commands:")[2]
    return re.findall(r"^  ([a-z][a-z-]*)", listing, flags=re.MULTILINE)


def codes_in_use() -> dict[str, set[str]]:
    """Every diagnostic code in the tree, with the parts of ccops that write it."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "ccops").rglob("*.py")):
        part = path.relative_to(ROOT / "ccops").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and CODE.fullmatch(str(node.value)):
                found.setdefault(str(node.value), set()).add(part)
    return found


def codes_explained() -> list[str]:
    """The codes of docs/errors.md, one table row each, in order."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    return re.findall(r"^\| (CC\d{3}) \|", text, flags=re.MULTILINE)


def test_every_command_is_in_the_readme() -> None:
    """Nobody has to find a command by chance."""
    listed = commands()
    assert listed
    text = readme()
    assert [one for one in listed if f"ccops {one}" not in text and f"`{one}`" not in text] == []


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_in_the_readme(code: ExitCode) -> None:
    """A script's author finds each code in the table."""
    assert re.search(rf"^\|[^|]*\b{code.value}\b[^|]*\|", readme(), flags=re.MULTILINE)


def test_every_diagnostic_code_is_explained() -> None:
    """A code that the program prints can be looked up, and none is explained that it never prints."""
    assert set(codes_explained()) == set(codes_in_use())


def test_the_explanations_are_in_order() -> None:
    """One row a code, ascending."""
    explained = codes_explained()
    assert explained == sorted(set(explained))


def test_a_code_has_one_meaning() -> None:
    """Two parts of ccops never share a code: each would mean something else by it."""
    assert {code: parts for code, parts in codes_in_use().items() if len(parts) > 1} == {}


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link names a file that is there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert pages
    assert broken == []
