"""How soon ccops has something to say: beside a bare interpreter, and the least of its kind."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.furnishing import write_workspace
from benchmarks.measuring import CCOPS, HERE, Row, beside, in_turns

RUNS = 21
FLOORS = str(HERE / "floors")
_LOAD = "import sys; sys.path.insert(0, {folder!r}); from {module} import main; main({argument})"


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        write_workspace(Path(name), 1)
        spent = in_turns(_commands(name), RUNS)
    times = {key: one.seconds for key, one in spent.items()}
    bare, click = "python -c pass", "a bare lazy click program"
    needed = "importing click, yaml and jsonschema-rs, which it cannot do without"
    return [
        beside("`ccops --help`", times["help"], times["bare click"], f"{click}, `--help`"),
        beside("`ccops --help`", times["help"], times["pass"], bare),
        beside("`ccops --version`", times["version"], times["pass"], bare),
        beside("`ccops plan --help`", times["plan help"], times["pass"], bare),
        beside("`ccops validate` of one file", times["validate"], times["pass"], bare),
        beside("`ccops validate` of one file", times["validate"], times["imports"], needed),
    ]


def _commands(folder: str) -> Mapping[str, Sequence[str]]:
    # By -c, so that the floor's module is compiled once and kept, as ccops' own are.
    help_ = "args=['--help'], prog_name='bare'"
    bare = _LOAD.format(folder=FLOORS, module="bare", argument=help_)
    ccops = "import sys; sys.argv = ['ccops', '--help']; from ccops.__main__ import main; main()"
    return {
        "pass": (sys.executable, "-c", "pass"),
        "bare click": (sys.executable, "-c", bare),
        "help": (sys.executable, "-c", ccops),
        "version": (*CCOPS, "--version"),
        "plan help": (*CCOPS, "plan", "--help"),
        "validate": (*CCOPS, "validate", "-C", folder),
        "imports": (sys.executable, "-c", "import click, yaml, jsonschema_rs"),
    }
