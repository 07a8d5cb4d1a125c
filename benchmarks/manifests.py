"""Many manifests: checked, checked again, and compared with a commit without any account."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.furnishing import EDITED, edit, write_workspace
from benchmarks.measuring import CCOPS, HERE, Row, Spent, beside, in_turns, row

SIZES = (1, 1_000, 10_000)
FLOOR = "a strict walk of the same bytes"
BOTH = "a strict walk of the same bytes, both versions"
_GIT = ("git", "-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "gc.auto=0")


def rows() -> list[Row]:
    found = {count: measured(count, runs=5) for count in SIZES}
    return [one for count, spent in found.items() for one in _rows(count, spent)] + [
        row(
            f"memory: {name} of {SIZES[-1]:,} campaigns",
            f"{one.megabytes:.0f} MB",
            "at most 300 MB",
        )
        for name, one in found[SIZES[-1]].items()
        if name in _MEMORABLE
    ]


_MEMORABLE = ("validate", "validate, warm", "plan --offline")


def measured(count: int, runs: int) -> dict[str, Spent]:
    """Measure a workspace of so many manifests, of which the commit beside it has one in a hundred
    an hour earlier."""
    with tempfile.TemporaryDirectory() as name:
        root, base = Path(name) / "head", Path(name) / "base"
        write_workspace(root, count)
        write_workspace(base, count)
        for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "base")):
            subprocess.run((*_GIT, *words), cwd=root, check=True)
        edit(root, count)
        return in_turns(_commands(root, base), runs, before=partial(_prepare, root))


def _commands(root: Path, base: Path) -> Mapping[str, Sequence[str]]:
    walk = (sys.executable, str(HERE / "floors" / "walk.py"), str(root))
    validate = (*CCOPS, "validate", "-C", str(root))
    return {
        "walk": walk,
        "validate": validate,
        "validate, warm": validate,
        "walk both": (*walk, str(base)),
        "plan --offline": (*CCOPS, "plan", "--offline", "--base", "HEAD", "-C", str(root)),
    }


def _prepare(root: Path, name: str) -> None:
    """Take the cache away where it must not help; the run after it makes it anew."""
    if name == "validate":
        shutil.rmtree(root / ".ccops", ignore_errors=True)


def _rows(count: int, spent: Mapping[str, Spent]) -> list[Row]:
    times = {name: one.seconds for name, one in spent.items()}
    word = "manifest" if count == 1 else "manifests"
    offline = f"`ccops plan --offline --base HEAD` of {count:,} {word}, 1 in {EDITED} edited"
    return [
        beside(f"`ccops validate` of {count:,} {word}", times["validate"], times["walk"], FLOOR),
        beside(
            f"`ccops validate` of {count:,} {word}, again",
            times["validate, warm"],
            times["walk"],
            FLOOR,
        ),
        beside(offline, times["plan --offline"], times["walk both"], BOTH),
    ]
