"""A token that must be seen nowhere, and the places where one could be seen."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.e2e.stage import Done, Stage

NEEDLE = "c2VjcmV0LWNhbmFyeS1uZWVkbGU"
CANARY = f"eyJhbGciOiJIUzI1NiJ9.{NEEDLE}.Zm9yLWV2ZXJ5LW91dHB1dA"
"""Of the form of a JSON web token, as the API's are; a quoted part of it would show, too."""


def sightings(stage: Stage, runs: Iterable[Done], needle: str = NEEDLE) -> list[str]:
    """Name every output and every file in which the needle stands."""
    said = [
        f"{name} of run {number}: {text[max(text.find(needle) - 90, 0) :][:200]}"
        for number, done in enumerate(runs)
        for name, text in (("stdout", done.out), ("stderr", done.err))
        if needle in text
    ]
    held = [str(path) for path in left_behind(stage) if needle.encode() in path.read_bytes()]
    return said + held


def left_behind(stage: Stage) -> Iterator[Path]:
    """Every file of the workspace, of its store and of the person's home."""
    for folder in (stage.folder, Path(os.environ["HOME"])):
        yield from (path for path in folder.rglob("*") if path.is_file())
