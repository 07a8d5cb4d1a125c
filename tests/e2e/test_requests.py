"""How many requests a command makes: counted in the sandbox's log, never timed."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ccops.sandbox.furnish import PastSend
from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.sandbox.seed import generated
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, account, manifest, on_stage

MEMBERS = list_id_of("Members")
MARCH_9 = "Tue 2027-03-09 09:00"
SENT_AT = "Sun 2027-02-28 09:00"
KINDS = {
    "draft": "an activity, its history, and its campaign unless it is pinned",
    "scheduled": "its schedule as well",
    "error": "as a draft",
    "executing": "the activity alone",
    "resend": "a sent campaign of which a further send is declared: as a draft",
}


def requests(stage: Stage, *arguments: str) -> Counter[str]:
    """Run a command; count its requests by what they are about."""
    stage.world.log.clear()
    stage.run(*arguments)
    return Counter(f"{one.method} {_kind(one.path)}" for one in stage.world.requests)


def _kind(path: str) -> str:
    parts = path.removeprefix("/v3/").split("/")
    match parts:
        case ["emails"] | ["contact_lists"] | ["segments"]:
            return f"{parts[0]} page"
        case ["emails", "activities", _]:
            return "activity"
        case ["emails", "activities", _, last]:
            return last
        case ["emails", _]:
            return "campaign"
        case _:
            return "account"


@pytest.mark.parametrize(("count", "pages"), [(499, 1), (500, 1), (501, 2), (1200, 3)])
def test_campaigns_are_read_by_pages_of_500(tmp_path: Path, count: int, pages: int) -> None:
    """As few pages as the documented limit allows; removed campaigns are not listed."""
    world = account()
    for number in range(count):
        world.add_campaign(f"Campaign {number:04}")
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(manifest("Campaign 0007", "Members", send_at="unscheduled"))
        assert requests(stage, "list") == {"GET emails page": pages}
        planned = requests(stage, "plan")
    assert planned["GET emails page"] == pages
    assert planned["GET contact_lists page"] == 1
    assert planned["GET segments page"] == 0


def test_lists_and_segments_are_read_once_and_only_if_needed(stage: Stage) -> None:
    """One page each, however many manifests name them, and none of a kind that nobody names."""
    for number in range(6):
        stage.world.add_campaign(f"Campaign {number}")
    lists = [manifest(f"Campaign {n}", "Members", send_at="unscheduled") for n in range(3)]
    segments = [manifest(f"Campaign {n}", segment="Active", send_at=MARCH_9) for n in range(3, 6)]
    stage.write(*lists)
    only_lists = requests(stage, "plan")
    stage.write(*lists, *segments)
    both = requests(stage, "plan")
    assert (only_lists["GET contact_lists page"], only_lists["GET segments page"]) == (1, 0)
    assert (both["GET contact_lists page"], both["GET segments page"]) == (1, 1)


def test_a_sent_campaign_costs_nothing(tmp_path: Path) -> None:
    """Done, with its one declared send behind it: 300 of them are read with the listing."""
    world = account()
    for number in range(300):
        world.add_campaign(f"Sent {number}", lists=[MEMBERS], history=[START - timedelta(days=1)])
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(*(manifest(f"Sent {n}", "Members", send_at=SENT_AT) for n in range(300)))
        assert requests(stage, "plan") == {"GET account": 1, "GET emails page": 1}


def test_the_recipients_of_a_sent_campaign_cost_nothing(stage: Stage) -> None:
    """They are not even looked up, so a list that was deleted since breaks nothing."""
    stage.world.add_campaign("Sent", lists=[MEMBERS], history=[START - timedelta(days=1)])
    stage.world.delete_list(MEMBERS)
    stage.write(manifest("Sent", "Members", send_at=SENT_AT))
    assert requests(stage, "plan") == {"GET account": 1, "GET emails page": 1}
    assert stage.run("plan").code == 0


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("sizes", [(1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (4, 3, 2, 1, 2)])
def test_a_plan_reads_what_its_verdicts_need(
    tmp_path: Path, sizes: tuple[int, ...], *, pinned: bool
) -> None:
    """N activities, S schedules, H histories, N campaigns unless they are pinned, and the account.

    A plan that makes a send reads the senders and the login's privileges as well. Sent campaigns stand beside them and cost nothing.
    """
    amounts = dict(zip(KINDS, sizes, strict=True))
    world = account()
    manifests = [text for kind in KINDS for text in _add(world, kind, amounts[kind], pinned=pinned)]
    world.add_campaign("Sent", lists=[MEMBERS], history=[START - timedelta(days=1)])
    manifests.append(manifest("Sent", "Members", send_at=SENT_AT))
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(*manifests)
        made = requests(stage, "plan")
    several = sum(sizes)
    histories = several - amounts["executing"]
    assert made == Counter(
        {
            "GET account": 3 if several > amounts["scheduled"] + amounts["executing"] else 1,
            "GET emails page": 1,
            "GET contact_lists page": 1,
            "GET activity": several,
            "GET campaign": 0 if pinned else several,
            "GET schedules": amounts["scheduled"],
            "GET send_history": histories,
        }
    )
    unpinned = 0 if pinned else several
    assert made.total() <= several + amounts["scheduled"] + histories + unpinned + 5 + 3


def _add(world: World, kind: str, amount: int, *, pinned: bool) -> list[str]:
    past = START - timedelta(days=1)
    failed = PastSend(run_date=past, send_status="ERRORED", reason_code=9)
    histories: dict[str, list[PastSend | datetime]] = {"resend": [past], "error": [failed]}
    manifests = []
    for number in range(amount):
        name = f"{kind} {number}"
        world.add_campaign(
            name,
            lists=[MEMBERS],
            history=histories.get(kind, []),
            scheduled=START + timedelta(days=8) if kind == "scheduled" else None,
            status="EXECUTING" if kind == "executing" else None,
        )
        more: dict[str, Any] = {"resend_to_new_contacts": [MARCH_9]} if kind == "resend" else {}
        more |= {"activity": activity_id_of(name)} if pinned else {}
        when = SENT_AT if kind == "resend" else MARCH_9
        manifests.append(manifest(name, "Members", send_at=when, **more))
    return manifests


def test_a_plan_of_1200_campaigns(tmp_path: Path) -> None:
    """The same sum at size, on the sandbox's own fleet with every status and odd name."""
    world = generated(1200, 1)
    drafts = [
        campaign.name
        for campaign in world.campaigns.values()
        if world.primary(campaign).status == "DRAFT" and not campaign.removed
    ]
    assert len(drafts) == 200
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(*(manifest(name, "List 03", send_at="unscheduled") for name in drafts))
        made = requests(stage, "plan")
    assert made["GET emails page"] == 2
    assert made["GET activity"] == made["GET campaign"] == 200
    assert made["GET schedules"] == 0
    assert made.total() <= 3 * 200 + 5 + 2 + 1


def test_a_new_schedule_is_one_write(stage: Stage) -> None:
    """When the recipients are right already."""
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    made = requests(stage, "apply", "--yes")
    assert {key: n for key, n in made.items() if not key.startswith("GET")} == {"POST schedules": 1}


def test_a_new_schedule_with_recipients_is_two_writes(stage: Stage) -> None:
    """PUT and POST, and each is read back."""
    stage.world.add_campaign("Spring")
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    made = requests(stage, "apply", "--yes")
    writes = {key: n for key, n in made.items() if not key.startswith("GET")}
    assert writes == {"PUT activity": 1, "POST schedules": 1}


@pytest.mark.parametrize("campaigns", [1, 5])
def test_the_readings_of_an_apply_grow_with_its_writes(stage: Stage, campaigns: int) -> None:
    """Per campaign: the plan's, one before the first write, one before and after each write."""
    for number in range(campaigns):
        stage.world.add_campaign(f"Draft {number}")
    stage.write(*(manifest(f"Draft {n}", "Members", send_at=MARCH_9) for n in range(campaigns)))
    planned = requests(stage, "plan")["GET activity"]
    made = requests(stage, "apply", "--yes")
    assert planned == campaigns
    assert made["GET activity"] == planned + campaigns * (1 + 1 + 2)
    assert made["GET campaign"] == 2 * campaigns
    assert made["GET emails page"] == made["GET contact_lists page"] == 1


@pytest.mark.parametrize("campaigns", [1, 5])
def test_a_saved_plan_costs_one_page_of_lists_more(stage: Stage, campaigns: int) -> None:
    """Its lists are looked up once before the first write, however many campaigns name them."""
    for number in range(campaigns):
        stage.world.add_campaign(f"Draft {number}")
    stage.write(*(manifest(f"Draft {n}", "Members", send_at=MARCH_9) for n in range(campaigns)))
    assert stage.run("plan", "--save", "plan.json").code == 0
    made = requests(stage, "apply", "plan.json", "--yes")
    assert (made["GET contact_lists page"], made["GET segments page"]) == (1, 0)
    assert made["GET activity"] == campaigns * (1 + 1 + 2)
    account_and_privileges, pages, each = 3, 1, 12
    assert made.total() == account_and_privileges + pages + each * campaigns


def test_a_plan_tells_its_own_requests(stage: Stage) -> None:
    """The number in the plan is the sandbox's."""
    for number in range(3):
        stage.world.add_campaign(f"Draft {number}")
    stage.write(*(manifest(f"Draft {n}", "Members", send_at=MARCH_9) for n in range(3)))
    done = stage.run("plan", "--format", "json")
    assert done.document["requests_made"] == len(stage.world.requests)
