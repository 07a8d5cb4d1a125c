"""Annotations: GitHub's runner reads exactly what was meant, whatever the text says."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import Diagnostic, Place, Severity
from ccops.render.annotations import MOST, annotations
from ccops.render.escape import visible
from tests.render.hostile import hostile

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def wrong(message: str = "wrong", file: str | None = None, **other: str) -> Diagnostic:
    """One diagnostic."""
    place = Place(file=file, line=3, column=5, width=4) if file is not None else None
    return Diagnostic(code="CC101", message=message, place=place, **other)


def read(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What the runner makes of it: kind, properties and message of each line (toolkit)."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        assert match is not None
        pairs = [one.split("=", 1) for one in match[2].split(",")]
        found.append((match[1], {key: unquote(value) for key, value in pairs}, unquote(match[3])))
    return found


@given(hostile, hostile, hostile, hostile)
def test_the_runner_reads_what_was_meant(message: str, file: str, label: str, todo: str) -> None:
    """No text becomes a command, a property or another line."""
    ((kind, properties, said),) = read(annotations([wrong(message, file, label=label, help=todo)]))
    assert kind == "error"
    assert set(properties) == {"title", "file", "line", "col", "endColumn"}
    assert properties["file"] == visible(file).replace("##[", "# #[")
    lines = said.split("\n")
    assert lines[0] == _cut(message) or not message
    assert "##[" not in said


def _cut(text: str) -> str:
    shown = text if len(text) <= 1_000 else f"{text[:999]}…"
    return visible(shown).replace("##[", "# #[")


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("amount", [1, MOST, MOST + 1, 500])
def test_ten_of_a_kind_and_the_rest_is_counted(severity: Severity, amount: int) -> None:
    """GitHub would drop the eleventh without a word."""
    many = [wrong(f"number {one}", severity=severity) for one in range(amount)]
    found = read(annotations(many))
    assert len(found) == min(amount, MOST)
    told = sum(one[2].startswith("number") for one in found)
    if amount > MOST:
        assert found[-1][2] == f"and {amount - told} more: see the summary of this job"
    else:
        assert told == amount


def test_errors_come_first() -> None:
    """Whatever the order they were found in."""
    mixed = [wrong(severity=one) for one in (Severity.NOTE, Severity.WARNING, Severity.ERROR)]
    assert [kind for kind, _, _ in read(annotations(mixed))] == ["error", "warning", "notice"]


def test_a_place_is_told_from_the_root_of_the_repository() -> None:
    """The folder of the workspace stands before the file; the span ends on its last character."""
    text = annotations([wrong("no such list", "campaigns/a.yaml", help="write")], folder="mail/")
    where = "file=mail/campaigns/a.yaml,line=3,col=5,endColumn=8"
    assert text == f"::error title=ccops CC101,{where}::no such list%0ATo do: write\n"


def test_nothing_wrong_says_nothing() -> None:
    """No diagnostic, no line."""
    assert annotations([]) == ""


@given(st.text())
def test_percent_signs_survive(text: str) -> None:
    """What looks like an escape is text."""
    ((_, _, said),) = read(annotations([wrong(f"%0A{text}%25")]))
    assert said.startswith("%0A")
