"""`ccops apply --format jsonl` and `ccops plan --format github`, as a program in CI meets them."""

import json
from pathlib import Path

from ccops.model import JsonObject
from tests.e2e.stage import START, Done, account, manifest, on_stage

MARCH_9 = "Tue 2027-03-09 09:00"


def events(done: Done) -> list[JsonObject]:
    """What stood on stdout, a document a line."""
    return [json.loads(line) for line in done.out.splitlines()]


def test_events_of_an_apply(tmp_path: Path) -> None:
    """Planned before anything is written, told while it is, and the summary at the end."""
    world = account()
    world.add_campaign("Spring")
    world.add_campaign("Late")
    with on_stage(tmp_path / "w", world) as stage:
        stage.write(
            manifest("Spring", "Members", send_at=MARCH_9),
            manifest("Late", "Members", send_at=f"{START:%a %Y-%m-%d} 08:00"),
        )
        dry = stage.run("apply", "--dry-run", "--format", "jsonl")
        assert not stage.effects()
        done = stage.run("apply", "--yes", "--format", "jsonl")
    kinds = [one["type"] for one in events(done)]
    assert kinds[:3] == ["version", "planned_change", "planned_change"]
    assert kinds[-3:] == ["result", "result", "summary"]
    assert set(kinds[3:-3]) == {"progress"}
    assert [one["type"] for one in events(dry)] == kinds[:3]
    last = events(done)[-1]
    assert (last["exit_code"], last["writes"]) == (done.code, 2)
    endings = {one["campaign"]: one["ending"] for one in events(done)[-3:-1]}
    assert endings == {"Spring": "done", "Late": "needs-person"}


def test_a_refused_apply_has_no_summary(tmp_path: Path) -> None:
    """A stream that was cut short, or never began, cannot be taken for a run that went well."""
    world = account()
    world.add_campaign("Spring")
    with on_stage(tmp_path / "w", world) as stage:
        stage.write(manifest("Spring", "Members", send_at="now"))
        done = stage.run("apply", "--yes", "--format", "jsonl")
    assert (done.code, done.out) == (6, "")


def test_annotations_of_a_plan(tmp_path: Path) -> None:
    """On the line of the manifest, with the verdict as the last line."""
    world = account()
    world.add_campaign("Late")
    with on_stage(tmp_path / "w", world) as stage:
        stage.write(manifest("Late", "Members", send_at=f"{START:%a %Y-%m-%d} 08:00"))
        done = stage.run("plan", "--format", "github", "--out", "github=a.txt")
        assert (stage.folder / "a.txt").read_text(encoding="utf-8") == done.out
    first, last = done.out.splitlines()
    assert first.startswith("::warning title=ccops CC483,file=campaigns/one.yaml,line=")
    assert "needs a person" in last.lower()
    assert done.code == 6
