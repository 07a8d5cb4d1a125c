"""Killed at any request, then applied again: the same end as undisturbed, and no send twice."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import PATIENCE, START, Stage, account, manifest, on_stage
from tests.e2e.window import Fate, window

MANIFESTS = (
    manifest("New", segment="Active", send_at="Tue 2027-03-09 09:00"),
    manifest("Moved", "Donors", send_at="Wed 2027-03-10 09:00"),
    manifest("Off", "Members", send_at="unscheduled"),
)
WRITES = [
    "DELETE Moved",
    "PUT Moved [Donors]",
    "POST Moved 2027-03-10T14:00:00.000Z",
    "PUT New [Active]",
    "POST New 2027-03-09T14:00:00.000Z",
    "DELETE Off",
]
POINTS = [(line.split()[0], place) for place, line in enumerate(WRITES)]
ACTIVITIES = "/v3/emails/activities/*"
SCHEDULES = "/v3/emails/activities/*/schedules"

End = Mapping[str, tuple[object, ...]]


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Stage]:
    """One campaign to schedule, one to move to other recipients and times, one to stop."""
    with on_stage(tmp_path / "workspace", furnished()) as stage:
        stage.write(*MANIFESTS)
        yield stage


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> End:
    """How it ends when nothing happens."""
    with on_stage(tmp_path_factory.mktemp("undisturbed"), furnished()) as stage:
        stage.write(*MANIFESTS)
        assert stage.run("apply", "--yes").code == 0
        assert stage.writes() == WRITES
        return ending(stage.world)


def furnished() -> World:
    world, next_week = account(), START + timedelta(days=8)
    world.add_campaign("New")
    world.add_campaign("Moved", lists=[list_id_of("Members")], scheduled=next_week)
    world.add_campaign("Off", lists=[list_id_of("Members")], scheduled=next_week)
    return world


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.DONE])
@pytest.mark.parametrize(("method", "place"), POINTS, ids=WRITES)
def test_killed_in_a_write(
    several: Stage, undisturbed: End, method: str, place: int, fate: Fate
) -> None:
    """The request never arrived, or it was done: the next run sees which, and goes on."""
    before = [one for one, _ in POINTS[:place]].count(method)
    killed(several, method, fate=fate, after=before)
    assert several.run("apply", "--yes").code == 0
    assert ending(several.world) == undisturbed
    repeated = [WRITES[place]] if fate is Fate.LOST else []
    assert sorted(several.writes()) == sorted(WRITES + repeated)


@pytest.mark.parametrize(("path", "after"), [(SCHEDULES, 4), (ACTIVITIES, 14)])
def test_killed_in_a_reading(several: Stage, undisturbed: End, path: str, after: int) -> None:
    """Between the writes, or before the first of them."""
    killed(several, "GET", path, after=after)
    assert several.run("apply", "--yes").code == 0
    assert ending(several.world) == undisturbed
    assert sorted(several.effects()) == sorted(WRITES)


def test_killed_again_and_again(several: Stage, undisturbed: End) -> None:
    """One write a run is enough to arrive."""
    for method, fate in (("PUT", Fate.DONE), ("DELETE", Fate.LOST), ("POST", Fate.LATE)):
        killed(several, method, fate=fate)
    assert several.run("apply", "--yes").code == 0
    assert ending(several.world) == undisturbed


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.DONE])
def test_killed_in_a_send_now(several: Stage, fate: Fate) -> None:
    """It is sent once, or a person is asked; it is never sent again."""
    several.world.add_campaign("Recall", lists=[list_id_of("Members")])
    several.write(manifest("Recall", "Members", send_at="now"))
    several.run("plan", "--allow", "send-now=Recall", "--reason", "x", "--save", "plan.json")
    plan = json.loads((several.folder / "plan.json").read_text("utf-8"))
    apply = ("apply", "plan.json", "--checksum", plan["checksum"])
    killed(several, "POST", fate=fate, arguments=apply)
    expected = 10 if fate is Fate.LOST else 0
    assert several.run(*apply).code == expected
    assert several.run("apply", "--yes").code in {expected, 6}
    assert several.writes() == ["POST Recall 0"]
    assert len(several.sent("Recall")) == (0 if fate is Fate.LOST else 1)


def killed(
    stage: Stage,
    method: str,
    path: str = "*",
    *,
    fate: Fate = Fate.LATE,
    after: int = 0,
    arguments: tuple[str, ...] = ("apply", "--yes"),
) -> None:
    """Kill an apply while the sandbox holds one of its requests; then let that one happen."""
    with window(stage, method, path, fate=fate, after=after) as opened:
        process = stage.start(*arguments)
        opened.wait()
        process.kill()
        process.communicate()
    _quiet(stage.world)


def _quiet(world: World) -> None:
    """Wait until the request that outlived its sender has been carried out, or was not."""
    until = time.monotonic() + PATIENCE
    while any(one.status is None for one in world.requests):
        assert time.monotonic() < until
        time.sleep(0.001)


def ending(world: World) -> End:
    """Status, send time and recipients of every campaign, and whom the next months mail."""
    live = [world.primary(campaign) for campaign in world.campaigns.values()]
    states = {
        world.campaigns[one.campaign_id].name: (
            one.status,
            one.scheduled,
            one.contact_list_ids,
            one.segment_ids,
        )
        for one in live
    }
    world.advance(90 * 86_400)
    sends = {f"send {one.campaign_name} {one.time}": one.contacts for one in world.sends}
    assert len(sends) == len(world.sends)
    return {**states, **sends}
