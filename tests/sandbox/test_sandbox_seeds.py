"""The seeds: the account of the examples, and fleets."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ccops.sandbox.fleet import ODD_NAMES, STATUSES
from ccops.sandbox.seed import activity_id_of, campaign_id_of, generated, list_id_of, seed
from ccops.sandbox.world import World

LISTS = {"Newsletter": 40, "Active donors": 25, "Board": 7, "Customers": 30, "Newsletter — US": 12}
CAMPAIGNS = {
    "Spring Newsletter": ("DRAFT", 5),
    "Annual Appeal": ("DRAFT", 5),
    "Volunteer Call": ("DRAFT", 3),
    "Member Survey": ("DRAFT", 4),
    "Product Recall": ("DRAFT", 5),
    "Summer Teaser": ("SCHEDULED", 5),
    "Welcome Series Spring": ("DONE", 3),
    "Board Minutes": ("DONE", 5),
    "Winter Sale": ("DRAFT", 5),
    "Autumn Preview": ("SCHEDULED", 5),
    "Subject Line Test": ("DRAFT", 4),
}


@pytest.fixture
def demo(api_of: Callable[[World], Any]) -> Any:
    return api_of(seed("demo"))


def test_the_demo_has_its_account_lists_and_segments(demo: Any) -> None:
    summary = demo("GET", "/v3/account/summary").document
    assert summary["encoded_account_id"] == "p07e1l8cdif9dl"
    assert (summary["organization_name"], summary["time_zone_id"]) == (
        "Fern & Field Co.",
        "America/New_York",
    )
    rows = demo("GET", "/v3/contact_lists?include_membership_count=all").document["lists"]
    assert {row["name"]: row["membership_count"] for row in rows} == LISTS
    assert {row["list_id"] for row in rows} == {list_id_of(name) for name in LISTS}
    segments = demo("GET", "/v3/segments?sort_by=name").document["segments"]
    assert [(s["segment_id"], s["name"]) for s in segments] == [
        (102, "Lapsed customers"),
        (101, "Volunteers active in last 12 months"),
    ]
    counted = "include_count=true&limit=1"
    sizes = [
        demo("GET", f"/v3/contacts?segment_id={n}&{counted}").document["contacts_count"]
        for n in (101, 102)
    ]
    assert sizes == [9, 11]
    assert demo("GET", "/v3/segments/103").document["name"] == "Press"
    assert len(demo("GET", "/v3/account/emails?confirm_status=U").document) == 1
    assert demo("GET", "/__sandbox/clock").document["now"] == "2027-03-01T14:00:00Z"


def test_the_demo_has_its_campaigns(demo: Any) -> None:
    rows = {row["name"]: row for row in demo("GET", "/v3/emails").document["campaigns"]}
    assert set(rows) == set(CAMPAIGNS)
    for name, (status, format_type) in CAMPAIGNS.items():
        assert rows[name]["campaign_id"] == campaign_id_of(name)
        shown = demo("GET", f"/v3/emails/activities/{activity_id_of(name)}").document
        assert (shown["current_status"], shown["format_type"]) == (status, format_type), name
    assert rows["Subject Line Test"]["type_code"] == 57
    assert len({row["updated_at"] for row in rows.values()}) == len(rows)
    assert demo("POST", "/v3/emails", {}).status == 400


def test_a_resend_of_the_welcome_reaches_new_contacts_only(demo: Any) -> None:
    url = f"/v3/emails/activities/{activity_id_of('Welcome Series Spring')}"
    (past,) = demo("GET", f"{url}/send_history").document
    assert (past["run_date"], past["count"]) == ("2027-02-02T14:00:00.000Z", 35)
    demo("POST", f"{url}/schedules", {"scheduled_date": "0"})
    assert demo.world.sends[0].contacts == ("c036", "c037", "c038", "c039", "c040")


def test_a_seed_starts_where_it_is_told_and_stands_still() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    for name in ("demo", "empty", "fleet:5"):
        world = seed(name, now)
        assert (world.clock.now(), world.clock.frozen) == (now, True)
    assert not seed("empty").clock.frozen
    with pytest.raises(ValueError, match="no seed"):
        seed("nothing")


def test_a_fleet_is_the_same_each_time_and_has_every_status() -> None:
    one, two = generated(120, 7), generated(120, 7)
    assert one.activities == two.activities
    assert one.campaigns == two.campaigns
    assert generated(120, 8).activities != one.activities
    shown = {one.primary(campaign).status for campaign in one.campaigns.values()}
    assert shown == set(STATUSES) - {"REMOVED"}
    assert any(campaign.removed for campaign in one.campaigns.values())
    assert set(ODD_NAMES) <= set(one.campaign_by_name)


def test_a_fleet_of_a_thousand_answers_quickly(api_of: Callable[[World], Any]) -> None:
    api = api_of(generated(1000, 1))
    started = time.perf_counter()
    for _ in range(20):
        assert api("GET", "/v3/emails?limit=500").status == 200
    assert time.perf_counter() - started < 2


def test_the_sandbox_imports_nothing_of_ccops_and_nothing_from_elsewhere() -> None:
    code = (
        "import sys, pkgutil, importlib; before = set(sys.modules); import ccops.sandbox as s\n"
        "for m in pkgutil.iter_modules(s.__path__): importlib.import_module(f'{s.__name__}.{m.name}')\n"
        "new = {n.split('.')[0] for n in set(sys.modules) - before} - sys.stdlib_module_names\n"
        "print(sorted(new), [n for n in sys.modules if n.startswith('ccops.') and 'sandbox' not in n])\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout == "['ccops'] []\n"
