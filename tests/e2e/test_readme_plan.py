"""What the README shows first is what comes."""

import re
import shlex
import shutil
from pathlib import Path

from ccops.sandbox.seed import seed
from tests.e2e.stage import START, on_stage
from tests.project.pure_core import ROOT

SHOWN = re.compile(r"^```text\n\$ ccops (plan .+)\n((?:.*\n)+?)```", re.MULTILINE)
PASSING = re.compile(r"(?<=sha256:)[0-9a-f…]+|http://127\.0\.0\.1:[0-9]+")
"""What differs from one sandbox to the next."""


def played(folder: Path, words: str) -> str:
    """What a command says in the examples, beside a fresh sandbox."""
    with on_stage(folder, seed("demo", START)) as stage:
        shutil.copytree(ROOT / "examples", stage.folder, dirs_exist_ok=True)
        done = stage.run(*shlex.split(words))
        assert (done.code, done.err) == (0, "")
        return done.out


def test_the_plan_in_the_readme_is_the_plan_that_comes(tmp_path: Path) -> None:
    """Word for word, but for the sandbox's port and the checksum, which covers it."""
    found = SHOWN.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found
    words, shown = found.groups()
    assert PASSING.sub("…", played(tmp_path / "workspace", words)) == PASSING.sub("…", shown)
