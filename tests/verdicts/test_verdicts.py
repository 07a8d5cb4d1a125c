"""Every verdict that refuses or reports, word for word: a folder each, read as documentation.

`campaign.yaml` and `world.json` go in; `expected.txt` is the whole plan, `expected.json` its gist.
CCOPS_UPDATE_GOLDEN=1 writes what comes out; read the difference before it is committed.
"""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from ccops.planning.plan import Verdict
from ccops.planning.verdict import TABLE
from tests.e2e.stage import Done, Stage, on_stage
from tests.verdicts.described import described, happen

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/campaign.yaml"))
REPORTED = {one for one in Verdict if one.needs_person} | {Verdict.SENDING, Verdict.SENT}
# Read before the test begins, because tests see none of ccops' variables.
UPDATE = os.environ.get("CCOPS_UPDATE_GOLDEN") == "1"


@pytest.mark.parametrize("case", CASES)
def test_a_verdict_is_told_in_these_words(case: str, tmp_path: Path) -> None:
    """The plan says what stands written; applying it changes nothing."""
    folder = HERE / case
    world, document = described(folder)
    with on_stage(tmp_path / "workspace", world) as stage:
        (stage.folder / "campaigns").mkdir()
        shutil.copy(folder / "campaign.yaml", stage.folder / "campaigns")
        happen(stage, document)
        world.log.clear()
        planned = stage.run("plan", "--out", "json=plan.json")
        applied = stage.run("apply", "--yes")
        found = {"expected.txt": _text(stage, planned), "expected.json": _gist(stage, planned)}
    _compare(folder, found)
    assert (planned.err, applied.code) == ("", planned.code)
    assert stage.writes() == []


def test_every_refusing_verdict_has_a_folder() -> None:
    """A verdict that nobody has read aloud is not finished."""
    assert {str(one) for one in REPORTED} <= {gist["verdict"] for gist in _gists().values()}


def test_every_refusing_row_has_a_folder() -> None:
    """Neither has a row of the table that blocks for a reason of its own."""
    rows = {row.number for row in TABLE if row.verdict in REPORTED}
    assert rows <= {gist["row"] for gist in _gists().values()}


def test_a_folder_is_named_after_its_verdict() -> None:
    """Or after the guard that blocks what would be written."""
    misnamed = [
        case
        for case, gist in _gists().items()
        if not case.startswith("guard-" if gist["requests"] else gist["verdict"])
    ]
    assert misnamed == []


def _gists() -> dict[str, dict[str, Any]]:
    return {case: json.loads((HERE / case / "expected.json").read_text("utf-8")) for case in CASES}


def _text(stage: Stage, planned: Done) -> str:
    """The plan without what depends on the sandbox's port, and on what happened before."""
    text = planned.out.replace(stage.url, "http://127.0.0.1:PORT")
    text = re.sub(r"[0-9]+ of 10,000 are used today", "SOME of 10,000 are used today", text)
    return re.sub(r"sha256:[0-9a-f]{64}", "sha256:CHECKSUM", text)


def _gist(stage: Stage, planned: Done) -> str:
    (change,) = json.loads((stage.folder / "plan.json").read_text("utf-8"))["changes"]
    gist = {key: change[key] for key in ("verdict", "row", "reason", "remedy", "requests")}
    return json.dumps({"exit_code": planned.code, **gist}, indent=2, ensure_ascii=False) + "\n"


def _compare(folder: Path, found: dict[str, str]) -> None:
    for name, text in found.items():
        if UPDATE:
            (folder / name).write_text(text, encoding="utf-8")
        assert text == (folder / name).read_text(encoding="utf-8"), f"{folder.name}/{name}"
