"""Guards on a whole run: what is asked of Constant Contact, what it costs, and what is never kept."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Stage, account, manifest, on_stage
from tests.security.canary import sightings

MEMBERS, DONORS = list_id_of("Members"), list_id_of("Donors")
MARCH_9, MARCH_10 = "Tue 2027-03-09 09:00", "Wed 2027-03-10 09:00"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with on_stage(tmp_path / "workspace", account()) as stage:
        stage.world.add_campaign("Spring", lists=[MEMBERS, DONORS])
        stage.write(manifest("Spring", "Members", "Donors", send_at=MARCH_9))
        yield stage


def configure(stage: Stage, guards: dict[str, object]) -> None:
    """Write the guards of the workspace file."""
    path = stage.folder / "ccops.yaml"
    head = path.read_text("utf-8").partition("guards:")[0]
    path.write_text(f"{head}guards: {json.dumps(guards)}\n", "utf-8")


def asked(stage: Stage, *arguments: str) -> tuple[int, list[str]]:
    """Run a plan; give its exit code and which of these it read: contacts, senders, privileges."""
    stage.world.log.clear()
    done = stage.run("plan", *arguments)
    paths = [one.path.removeprefix("/v3/") for one in stage.world.requests]
    facts = {"contacts", "account/emails", "account/user/privileges"}
    return done.code, sorted(one for one in paths if one in facts)


RIGHTS = ["account/emails", "account/user/privileges"]


def test_two_lists_are_counted_together_once(stage: Stage) -> None:
    """Members 1 to 6 and donors 4 to 9 are nine people; a reviewer is told so without any guard."""
    assert asked(stage, "--save", "plan.json") == (0, [*RIGHTS, "contacts"])
    (change,) = json.loads((stage.folder / "plan.json").read_text("utf-8"))["changes"]
    assert (change["audience"]["counts"], change["audience"]["contacts"]) == ([6, 6], 9)
    configure(stage, {"max-contacts": 9})
    assert asked(stage) == (0, [*RIGHTS, "contacts"])
    configure(stage, {"max-contacts": 8})
    assert asked(stage, "--save", "plan.json")[0] == 6
    (change,) = json.loads((stage.folder / "plan.json").read_text("utf-8"))["changes"]
    assert (change["audience"]["counts"], change["audience"]["contacts"]) == ([6, 6], 9)
    assert "CC414" in stage.run("show", "plan.json").out


def test_one_list_costs_nothing_more(stage: Stage) -> None:
    """Its members came with its name."""
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    configure(stage, {"max-contacts": 5, "no-contacts": "counted"})
    assert asked(stage) == (6, RIGHTS)
    configure(stage, {"max-contacts": 6})
    assert asked(stage) == (0, RIGHTS)


def test_a_plan_without_a_send_costs_nothing(stage: Stage) -> None:
    """Neither a draft that is rewritten nor a campaign in sync asks for facts."""
    configure(stage, {"max-contacts": 1, "min-gap-same-recipients": "48 hours"})
    stage.write(manifest("Spring", "Members", send_at="unscheduled"))
    assert asked(stage) == (0, [])
    stage.world.add_campaign("Held", lists=[MEMBERS], scheduled=START + timedelta(days=8))
    stage.write(manifest("Held", "Members", send_at=MARCH_9))
    assert asked(stage) == (0, [])


def test_a_login_that_may_not_count_blocks_where_a_count_is_needed(stage: Stage) -> None:
    """It is told once how, the readings end there, and the plan without such a guard goes on."""
    kept = stage.world.privileges
    stage.world.privileges = tuple(one for one in kept if one != "contacts:read")
    assert asked(stage) == (0, [*RIGHTS, "contacts"])
    configure(stage, {"max-contacts": 9})
    done = stage.run("plan")
    assert done.code == 6
    assert "CC424" in done.out
    assert "may not read contacts" in done.out


@pytest.mark.parametrize("kind", ["500_before", "redirect", "html", "truncate"])
def test_a_count_that_fails_is_unknown(stage: Stage, kind: str) -> None:
    """It is never taken for nobody, and what came instead is not told."""
    configure(stage, {"max-contacts": 9})
    stage.fault(kind, "GET", "/v3/contacts", times=9)
    done = stage.run("plan")
    assert done.code in {1, 6}
    assert stage.run("apply", "--yes").code == done.code
    assert stage.writes() == []


@pytest.mark.parametrize(("budget", "code"), [(0, 6), (1, 0)])
def test_a_segment_is_counted_as_far_as_the_budget_goes(
    stage: Stage, budget: int, code: int
) -> None:
    """Three people are one page; without a budget nobody asks, and nobody knows."""
    stage.world.add_campaign("Segmented")
    stage.write(manifest("Segmented", segment="Active", send_at=MARCH_9))
    configure(stage, {"max-contacts": 3, "counting": {"segments": budget}})
    assert asked(stage) == (code, [*RIGHTS, *["contacts"] * budget])


def test_overlaps_are_counted_within_their_budget(stage: Stage) -> None:
    """Members and donors share three; the request beyond the budget is not made."""
    stage.world.add_campaign("April", lists=[DONORS])
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("April", "Donors", send_at=MARCH_10),
    )
    configure(stage, {"min-gap-same-recipients": "48 hours"})
    assert asked(stage, "--save", "plan.json") == (6, [*RIGHTS, "contacts"])
    plan = json.loads((stage.folder / "plan.json").read_text("utf-8"))
    assert plan["overlaps"] == [{"first": "Spring", "second": "April", "contacts": 3}]
    assert "3 contacts would have both" in stage.run("show", "plan.json").out
    gap = {"min-gap-same-recipients": "48 hours", "counting": {"overlaps": 0}}
    configure(stage, gap)
    assert asked(stage) == (6, RIGHTS)


def test_a_selection_hides_no_neighbour(stage: Stage) -> None:
    """What another manifest declares counts, selected or not."""
    stage.world.add_campaign("April", lists=[MEMBERS])
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("April", "Members", send_at=MARCH_10),
    )
    configure(stage, {"min-gap-same-recipients": "48 hours"})
    assert stage.run("plan", "--select", "name:April").code == 6
    configure(stage, {"max-sends-per-day": 1})
    assert stage.run("plan", "--select", "name:April").code == 0


def resend(stage: Stage, days: int, campaign: str = "Spring") -> None:
    """Set up a resend to non-openers, as a person does in Constant Contact."""
    activity = stage.world.primary(stage.world.campaigns[stage.world.campaign_by_name[campaign]])
    stage.world.put_activity(replace(activity, format_type=5))
    body = json.dumps({"resend_subject": "Once more", "delay_days": days}).encode()
    url = f"{stage.url}/v3/emails/activities/{activity.activity_id}/non_opener_resends"
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    with urlopen(Request(url, body, headers, method="POST")) as reply:
        assert reply.status == 201


def test_a_resend_to_non_openers_is_told_and_counted(stage: Stage) -> None:
    """One request more, only where there is one; it is as near to others as any send."""
    stage.world.add_campaign("April", lists=[DONORS])
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("April", "Members", send_at="Sat 2027-03-13 09:00"),
    )
    configure(stage, {"min-gap-same-recipients": "48 hours"})
    assert asked(stage)[0] == 0
    before = len(stage.world.requests)
    resend(stage, 4)
    done = stage.run("plan", "--out", "markdown=o.md", "--save", "plan.json")
    assert done.code == 6
    assert 'resends it to non-openers as "Once more", Sat 13 Mar 2027, 09:00 EST' in done.out
    assert "Once more" in (stage.folder / "o.md").read_text("utf-8")
    plan = json.loads((stage.folder / "plan.json").read_text("utf-8"))
    assert [one["attached"][0]["delay_minutes"] for one in plan["changes"] if one["attached"]] == [
        4 * 24 * 60
    ]
    assert plan["requests_made"] == before + 1
    assert stage.run("show", "plan.json").out.count("Once more") == 1
    writes = {(one.method, one.path.rpartition("/")[2]) for one in stage.world.requests}
    assert {one for one in writes if one[0] != "GET"} == {("POST", "non_opener_resends")}


def test_an_ab_test_is_told_and_never_managed(stage: Stage) -> None:
    stage.world.add_campaign("Tested", lists=[MEMBERS], type_code=57)
    stage.write(manifest("Tested", "Members", send_at=MARCH_9))
    done = stage.run("plan", "--out", "markdown=o.md", "--save", "plan.json")
    assert done.code == 6
    (change,) = json.loads((stage.folder / "plan.json").read_text("utf-8"))["changes"]
    assert (change["verdict"], change["attached"][0]["kind"]) == ("blocked", "a/b test")
    assert change["attached"][0]["subject"] in (stage.folder / "o.md").read_text("utf-8")


def test_an_override_is_shown_first_and_applied(stage: Stage) -> None:
    """In every format; the saved plan carries it, and its checksum covers it."""
    configure(stage, {"quiet-days": ["Tue"]})
    blocked = stage.run("plan", "--save", "blocked.json")
    assert (blocked.code, stage.run("apply", "--yes").code) == (6, 6)
    broken = [{"guard": "quiet-days", "reason": "the gala"}]
    stage.write(manifest("Spring", "Members", "Donors", send_at=MARCH_9, overrides=broken))
    done = stage.run("plan", "--save", "plan.json")
    assert done.code == 0
    assert done.out.splitlines()[0].startswith("Allowed: quiet-days for Spring, because the gala")
    first = stage.run("show", "plan.json", "--format", "markdown").out.partition("Allowed in")
    assert "quiet-days" in first[2]
    sums = [
        json.loads((stage.folder / name).read_text("utf-8"))["checksum"]
        for name in ("blocked.json", "plan.json")
    ]
    assert sums[0] != sums[1]
    assert stage.run("apply", "plan.json", "--checksum", sums[1], "--yes").code == 0
    assert len(stage.writes()) == 1


def test_holidays_come_from_the_library(stage: Stage) -> None:
    """Of the country and the year of the send; an unknown place is an error."""
    stage.write(manifest("Spring", "Members", "Donors", send_at="Mon 2027-05-31 09:00"))
    configure(stage, {"holidays": "US"})
    done = stage.run("plan")
    assert done.code == 6
    assert "Memorial Day" in done.out
    configure(stage, {"holidays": ["DE-BY"]})
    assert stage.run("plan").code == 0
    configure(stage, {"holidays": "XX"})
    unknown = stage.run("plan")
    assert (unknown.code, "CC227" in unknown.err) == (3, True)


def test_a_missing_library_is_a_clear_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names what to install, and no plan is made without the guard."""
    monkeypatch.setitem(sys.modules, "holidays", None)
    configure(stage, {"holidays": "US"})
    done = stage.run("plan")
    assert (done.code, "ccops[holidays]" in done.err) == (3, True)


def test_no_contact_is_seen_anywhere(stage: Stage) -> None:
    """Not in an output, a plan, a log or a file, whatever was counted and whatever failed."""
    addresses = {one.email_address for one in stage.world.contacts.values()}
    assert addresses
    stage.world.add_campaign("April", lists=[DONORS])
    stage.world.add_campaign("Segmented")
    stage.write(
        manifest("Spring", "Members", "Donors", send_at=MARCH_9),
        manifest("April", "Donors", send_at=MARCH_10),
        manifest("Segmented", segment="Active", send_at=MARCH_10),
    )
    guards = {"max-contacts": 9, "min-gap-same-recipients": "48 hours"}
    configure(stage, {**guards, "counting": {"segments": 9}})
    runs = [
        stage.run("plan", "--save", "plan.json", "--out", "markdown=o.md", "--out", "json=o.json"),
        stage.run("plan", "--format", "json"),
        stage.run("calendar", "--out", "html=c.html"),
        stage.run("apply", "--yes", "--format", "json"),
    ]
    assert any(one.path == "/v3/contacts" for one in stage.world.requests)
    for kind in ("500_before", "truncate", "html"):
        stage.world.faults.clear()
        stage.fault(kind, "GET", "/v3/contacts", times=9)
        runs.append(stage.run("plan"))
    assert [found for one in addresses for found in sightings(stage, runs, one)] == []
