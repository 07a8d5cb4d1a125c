"""An account as a small JSON document describes it, furnished in the sandbox.

`now`; `campaigns`: the arguments of `World.add_campaign`, with lists and segments by name, and
`removed`; `applied`: the manifest is applied before anything else happens; `unscheduled`: then
these campaigns are unscheduled by somebody; `halted`: a person halted them, and this checkout does
not know of it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ccops.sandbox.furnish import PastSend
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import Stage, account

SEGMENTS = {"Active": 101, "Lapsed": 102}


def described(folder: Path) -> tuple[World, Mapping[str, Any]]:
    """Furnish the world of one folder; return it with the document."""
    document = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    world = account(datetime.fromisoformat(document["now"]))
    for campaign in document.get("campaigns", ()):
        _add(world, campaign)
    return world, document


def happen(stage: Stage, document: Mapping[str, Any]) -> None:
    """Let happen what the document says happened before the plan."""
    if document.get("applied"):
        assert stage.run("apply", "--yes").code == 0
    for name in document.get("halted", ()):
        manifest = stage.folder / "campaigns" / "campaign.yaml"
        text = manifest.read_bytes()
        done = stage.run("halt", "--select", f"name:{name}", "--reason", "the price is wrong")
        assert done.code == 0
        manifest.write_bytes(text)
    for name in document.get("unscheduled", ()):
        world = stage.world
        activity = world.primary(world.campaigns[world.campaign_by_name[name]])
        back = replace(activity, status=activity.previous_status, scheduled=None)
        world.put_activity(back)


def _add(world: World, campaign: Mapping[str, Any]) -> None:
    more = dict(campaign)
    removed = more.pop("removed", False)
    if "scheduled" in more:
        more["scheduled"] = datetime.fromisoformat(more["scheduled"])
    more["lists"] = [list_id_of(name) for name in more.get("lists", ())]
    more["segments"] = [SEGMENTS[name] for name in more.get("segments", ())]
    more["history"] = [_past(one) for one in more.get("history", ())]
    activity = world.add_campaign(**more)
    if removed:
        world.trash_campaign(activity.campaign_id)


def _past(send: Mapping[str, Any]) -> PastSend:
    return PastSend(**{**send, "run_date": datetime.fromisoformat(send["run_date"])})
