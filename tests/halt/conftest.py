"""A stage for each test: a workspace with campaigns in every stage of their life."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, account, manifest, on_stage

MANIFESTS = (
    manifest("Soon", "Members", send_at="2027-03-01 09:02"),
    manifest("Later", "A list that nobody has", send_at="2027-03-09 09:00"),
    manifest("New", "Donors", send_at="2027-03-10 09:00"),
    manifest(
        "Again",
        "Members",
        send_at="2027-02-01 09:00",
        resend_to_new_contacts=["2027-03-02 09:00", "2027-04-02 09:00"],
    ),
    manifest("Past", "Members", send_at="2027-02-02 09:00"),
    manifest("Off", "Donors", send_at="unscheduled"),
)
HALT = ("halt", "--reason", "the link is wrong")
REWRITTEN = """\
campaign: "Soon"
recipients: {"lists": ["Members"]}
send_at: unscheduled  # was 2027-03-01 09:02
---
campaign: "Later"
recipients: {"lists": ["A list that nobody has"]}
send_at: unscheduled  # was 2027-03-09 09:00
---
campaign: "New"
recipients: {"lists": ["Donors"]}
send_at: unscheduled  # was 2027-03-10 09:00
---
campaign: "Again"
recipients: {"lists": ["Members"]}
send_at: "2027-02-01 09:00"
# halted: resend_to_new_contacts: ["2027-03-02 09:00", "2027-04-02 09:00"]
---
campaign: "Past"
recipients: {"lists": ["Members"]}
send_at: "2027-02-02 09:00"
---
campaign: "Off"
recipients: {"lists": ["Donors"]}
send_at: "unscheduled"
"""


def furnished() -> World:
    """Two scheduled, one of them in two minutes; a draft; a resend scheduled; one sent; one off."""
    world, members = account(), [list_id_of("Members")]
    world.add_campaign("Soon", lists=members, scheduled=START + timedelta(minutes=2))
    world.add_campaign("Later", lists=members, scheduled=START + timedelta(days=8))
    world.add_campaign("New")
    world.add_campaign(
        "Again",
        lists=members,
        history=[START - timedelta(days=28)],
        scheduled=START + timedelta(days=1),
    )
    world.add_campaign("Past", lists=members, history=[START - timedelta(days=27)])
    world.add_campaign("Off", lists=[list_id_of("Donors")])
    world.add_campaign("Stranger", lists=members, scheduled=START + timedelta(days=3))
    return world


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Stage]:
    """A workspace of six campaigns, three of which are scheduled."""
    with on_stage(tmp_path / "workspace", furnished()) as stage:
        stage.write(*MANIFESTS)
        yield stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A workspace without campaigns."""
    with on_stage(tmp_path / "workspace", account()) as stage:
        yield stage


def meanwhile(
    stage: Stage, act: Callable[[], object], method: str, path: str = "*", *, after: int = 0
) -> None:
    """Let something happen while the sandbox carries a request out: a PUT or a DELETE is done."""
    stage.world.sleep = lambda _seconds: act()
    stage.fault("delay" if method == "GET" else "delay_after", method, path, after=after, seconds=1)


def text_of(stage: Stage) -> str:
    """The manifests as they stand on disk."""
    return (stage.folder / "campaigns" / "one.yaml").read_text("utf-8")


def standings(document: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """How each campaign stands, by the halt's own report."""
    return {one["campaign"]: one["standing"] for one in document["campaigns"]}
