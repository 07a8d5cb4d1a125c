"""The main job, row by row: who receives a campaign and when, as the sandbox's log tells it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ccops.sandbox.furnish import PastSend
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.records import Activity
from tests.e2e.stage import START, Stage, manifest

MARCH_9 = "Tue 2027-03-09 09:00"
AT_MARCH_9 = "2027-03-09T14:00:00.000Z"
YESTERDAY = START - timedelta(days=1)
SENT_AT = "Sun 2027-02-28 09:00"
MEMBERS, DONORS = list_id_of("Members"), list_id_of("Donors")


@pytest.mark.parametrize(
    "written",
    [
        "2027-03-09T14:00:00.104Z",
        "2027-03-09T14:00:00Z",
        "2027-03-09T09:00:00-05:00",
        "Tue 2027-03-09 09:00",
        "2027-03-09 08:00:00 America/Chicago",
    ],
)
def test_a_draft_is_scheduled_at_an_iso_date(stage: Stage, written: str) -> None:
    """However the instant is written, one POST leaves, in UTC, whole seconds and with `.000Z`."""
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.write(manifest("Spring", "Members", send_at=written))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == [f"POST Spring {AT_MARCH_9}"]


def test_lists_are_put_before_the_post(stage: Stage) -> None:
    """Who receives it is settled, and read back, before anything is scheduled."""
    stage.world.add_campaign("Spring", lists=[DONORS], preheader="Soon")
    stage.write(manifest("Spring", "Members", "Board", send_at=MARCH_9))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == ["PUT Spring [Board, Members]", f"POST Spring {AT_MARCH_9}"]
    live = stage.world.activities[_activity(stage, "Spring").activity_id]
    assert (live.preheader, live.subject, live.html_content) == (
        "Soon",
        "Hello",
        _activity(stage, "Spring").html_content,
    )
    stage.world.advance(30 * 86_400)
    assert stage.sent("Spring") == [
        tuple(f"c{number:03d}" for number in (1, 2, 3, 4, 5, 6, 10, 11, 12))
    ]


@pytest.mark.parametrize("format_type", [3, 4, 5])
def test_a_segment_is_put_before_the_post(stage: Stage, format_type: int) -> None:
    """A segment takes the place of the lists; its id is the integer that the API wants."""
    stage.world.add_campaign("Call", format_type=format_type, lists=[MEMBERS])
    stage.write(manifest("Call", segment="Active", send_at=MARCH_9))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == ["PUT Call [Active]", f"POST Call {AT_MARCH_9}"]
    assert _activity(stage, "Call").segment_ids == (101,)


@pytest.mark.parametrize("format_type", [1, 2])
def test_a_segment_is_refused_for_old_formats_before_any_write(
    stage: Stage, format_type: int
) -> None:
    """Formats 1 and 2 cannot go to a segment: said by the plan, and nothing is asked for."""
    stage.world.add_campaign("Call", format_type=format_type, lists=[MEMBERS])
    stage.write(manifest("Call", segment="Active", send_at=MARCH_9))
    planned, applied = stage.run("plan"), stage.run("apply", "--yes")
    assert (planned.code, applied.code) == (6, 6)
    assert f"format {format_type} cannot go to a segment" in planned.out
    assert f"format {format_type} cannot go to a segment" in applied.out
    assert stage.writes() == []


def test_the_primary_email_is_found_in_any_order_of_activities(stage: Stage) -> None:
    """The role decides, not the place in the list of a campaign's activities."""
    activity = stage.world.add_campaign("Spring", lists=[MEMBERS])
    campaign = stage.world.campaigns[activity.campaign_id]
    assert [one.role for one in campaign.activities] == ["primary_email", "permalink"]
    stage.world.put_campaign(replace(campaign, activities=campaign.activities[::-1]))
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == [f"POST Spring {AT_MARCH_9}"]
    assert _activity(stage, "Spring").status == "SCHEDULED"


def test_a_pin_to_another_role_is_blocked(stage: Stage) -> None:
    """A campaign's web page is an activity, too; it is never written to."""
    activity = stage.world.add_campaign("Spring", lists=[MEMBERS])
    page = stage.world.campaigns[activity.campaign_id].activities[1].campaign_activity_id
    stage.write(manifest("Spring", "Members", send_at=MARCH_9, activity=page))
    planned = stage.run("plan")
    assert (planned.code, stage.run("apply", "--yes").code) == (6, 6)
    assert "permalink" in planned.out
    assert stage.writes() == []


def test_a_pin_to_the_primary_email_is_followed(stage: Stage) -> None:
    """With the activity's id in the manifest, the same request leaves."""
    activity = stage.world.add_campaign("Spring", lists=[MEMBERS])
    pin = activity.activity_id
    stage.write(manifest("Spring", "Members", send_at=MARCH_9, activity=pin))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == [f"POST Spring {AT_MARCH_9}"]


@pytest.mark.parametrize(
    ("history", "declared"),
    [
        ([], {"send_at": MARCH_9}),
        ([YESTERDAY], {"send_at": SENT_AT, "resend_to_new_contacts": [MARCH_9]}),
        (
            [PastSend(run_date=YESTERDAY, send_status="ERRORED", reason_code=9)],
            {"send_at": MARCH_9},
        ),
    ],
    ids=["draft", "done", "error"],
)
def test_draft_done_and_error_can_be_scheduled(
    stage: Stage, history: list[object], declared: dict[str, str]
) -> None:
    """From each of the three resting statuses one POST leads to the declared send."""
    stage.world.add_campaign("Spring", lists=[MEMBERS], history=history)  # type: ignore[arg-type]  # a table of both kinds
    stage.write(manifest("Spring", "Members", **declared))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == [f"POST Spring {AT_MARCH_9}"]


def test_an_executing_campaign_is_reported_and_left_alone(stage: Stage) -> None:
    """A send under way is not touched, whatever the manifest says."""
    stage.world.add_campaign("Spring", lists=[MEMBERS], status="EXECUTING")
    stage.write(manifest("Spring", "Donors", send_at=MARCH_9))
    planned = stage.run("plan", "--format", "json")
    assert [one["verdict"] for one in planned.document["changes"]] == ["sending"]
    assert (planned.code, stage.run("apply", "--yes").code) == (0, 0)
    assert stage.writes() == []


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("pinned", [False, True])
def test_a_removed_campaign_is_blocked(stage: Stage, *, listed: bool, pinned: bool) -> None:
    """Deleted is deleted, whether the API still lists it or not; nothing is created in its place."""
    activity = stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.world.trash_campaign(activity.campaign_id)
    stage.world.set_switch("removed_listed", listed)
    stage.world.set_switch("removed_readable", listed)
    pin = {"activity": activity.activity_id} if pinned else {}
    stage.write(manifest("Spring", "Members", send_at=MARCH_9, **pin))
    assert (stage.run("plan").code, stage.run("apply", "--yes").code) == (6, 6)
    assert stage.writes() == []


@pytest.mark.parametrize(
    ("lists", "send_at", "expected"),
    [
        (["Members"], MARCH_9, []),
        (
            ["Members"],
            "2027-03-10 09:00",
            ["DELETE Spring", "POST Spring 2027-03-10T14:00:00.000Z"],
        ),
        (
            ["Donors"],
            MARCH_9,
            ["DELETE Spring", "PUT Spring [Donors]", f"POST Spring {AT_MARCH_9}"],
        ),
        (["Members"], "unscheduled", ["DELETE Spring"]),
        (["Donors"], "unscheduled", ["DELETE Spring", "PUT Spring [Donors]"]),
    ],
    ids=["in-sync", "reschedule", "update", "unschedule", "unschedule-and-update"],
)
def test_a_scheduled_campaign_is_unscheduled_before_it_is_changed(
    stage: Stage, lists: list[str], send_at: str, expected: list[str]
) -> None:
    """A schedule is never overwritten and a PUT never made while it stands."""
    stage.world.add_campaign("Spring", lists=[MEMBERS], scheduled=START + timedelta(days=8))
    stage.write(manifest("Spring", *lists, send_at=send_at))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == expected
    assert stage.run("plan", "--detailed-exitcode").code == 0


def test_unscheduling_another_try_is_done_when_it_is_unscheduled(stage: Stage) -> None:
    """It counts as failed again, as it did before: that is no failure of the apply."""
    failed = PastSend(run_date=YESTERDAY, send_status="ERRORED", reason_code=9)
    stage.world.add_campaign(
        "Spring", lists=[MEMBERS], history=[failed], scheduled=START + timedelta(days=8)
    )
    stage.write(manifest("Spring", "Members", send_at="unscheduled"))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == ["DELETE Spring"]
    assert _activity(stage, "Spring").status == "ERROR"
    assert stage.run("plan").code == 6


def test_unscheduling_what_was_sent_early_is_done_when_it_is_unscheduled(stage: Stage) -> None:
    """A second send that nobody declared is stopped: all of that plan, and all of it was done."""
    early = START - timedelta(days=3)
    stage.world.add_campaign(
        "Spring", lists=[MEMBERS], history=[early], scheduled=START + timedelta(days=8)
    )
    stage.write(manifest("Spring", "Members", send_at=SENT_AT))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == ["DELETE Spring"]
    assert stage.run("plan", "--detailed-exitcode").code == 0


def test_unscheduling_is_done_though_the_recipients_cannot_be_written(stage: Stage) -> None:
    """The plan's one request was made; that the manifest asks too much is the next plan's matter."""
    stage.world.add_campaign("Spring", format_type=1, scheduled=START + timedelta(days=8))
    stage.write(manifest("Spring", segment="Active", send_at="unscheduled"))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == ["DELETE Spring"]
    assert stage.run("plan").code == 6


def test_a_resend_mails_only_contacts_who_have_not_had_it(stage: Stage) -> None:
    """Two people joined the list since the first send: they get it, nobody gets it twice."""
    sent = _sent_campaign(stage, format_type=5)
    stage.world.set_members(MEMBERS, [*stage.world.lists[MEMBERS].members, "c010", "c011"])
    stage.write(_resend("Members"))
    assert stage.run("apply", "--yes").code == 0
    stage.world.advance(10 * 86_400)
    assert stage.writes() == [f"POST Spring {AT_MARCH_9}"]
    assert stage.sent("Spring") == [("c010", "c011")]
    assert sent.mailed.isdisjoint({"c010", "c011"})
    assert stage.run("plan", "--detailed-exitcode").code == 0


def test_a_resend_to_other_recipients_is_put_first_on_format_3(stage: Stage) -> None:
    """Only format 3 lets a sent campaign's recipients change."""
    _sent_campaign(stage, format_type=3)
    stage.write(_resend("Members", "Board"))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == ["PUT Spring [Board, Members]", f"POST Spring {AT_MARCH_9}"]
    stage.world.advance(10 * 86_400)
    assert stage.sent("Spring") == [("c010", "c011", "c012")]


@pytest.mark.parametrize("format_type", [1, 2, 4, 5])
@pytest.mark.parametrize("scheduled", [False, True])
def test_a_resend_to_other_recipients_is_refused_otherwise(
    stage: Stage, format_type: int, *, scheduled: bool
) -> None:
    """Refused before any write, above all before a DELETE that would strand the scheduled one."""
    _sent_campaign(stage, format_type=format_type, scheduled=scheduled)
    stage.write(_resend("Members", "Board"))
    planned = stage.run("plan")
    assert (planned.code, stage.run("apply", "--yes").code) == (6, 6)
    assert f"format {format_type} cannot be changed" in planned.out
    assert stage.writes() == []
    assert _activity(stage, "Spring").status == ("SCHEDULED" if scheduled else "DONE")


def test_a_scheduled_resend_gets_other_recipients_on_format_3(stage: Stage) -> None:
    """DELETE, PUT and POST, in this order, and only new contacts are mailed."""
    _sent_campaign(stage, format_type=3, scheduled=True)
    stage.write(_resend("Members", "Board"))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == [
        "DELETE Spring",
        "PUT Spring [Board, Members]",
        f"POST Spring {AT_MARCH_9}",
    ]
    stage.world.advance(10 * 86_400)
    assert stage.sent("Spring") == [("c010", "c011", "c012")]


def test_a_dry_run_prints_the_requests_of_the_plan_and_makes_no_write(stage: Stage) -> None:
    """Every method, path and body that a real apply then sends was printed before."""
    stage.world.add_campaign("Moved", lists=[DONORS], scheduled=START + timedelta(days=8))
    stage.world.add_campaign("New")
    stage.write(
        manifest("Moved", "Members", send_at="2027-03-10 09:00"),
        manifest("New", segment="Lapsed", send_at=MARCH_9),
    )
    dry = stage.run("apply", "--dry-run")
    assert (dry.code, stage.writes()) == (0, [])
    assert stage.run("apply", "--yes").code == 0
    made = [one for one in stage.world.requests if one.method != "GET"]
    assert len(made) == 5
    for one in made:
        assert f"{one.method} {one.path.removeprefix('/v3')}\n" in dry.out
        assert one.body in dry.out
    assert dry.out.count("    request ") == len(made)


def test_a_dry_run_as_json_is_the_plan(stage: Stage) -> None:
    """What it prints for programs has the checksum that a review names."""
    stage.world.add_campaign("New")
    stage.write(manifest("New", "Members", send_at=MARCH_9))
    dry = stage.run("apply", "--dry-run", "--format", "json")
    planned = stage.run("plan", "--format", "json")
    assert dry.document["checksum"] == planned.document["checksum"]
    assert [one["method"] for one in dry.document["changes"][0]["requests"]] == ["PUT", "POST"]
    assert stage.writes() == []


@pytest.mark.parametrize("status", [200, 201])
def test_an_accepted_schedule_may_be_answered_with_200_or_201(stage: Stage, status: int) -> None:
    """The documents name both."""
    stage.world.set_switch("schedule_status", status)
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    assert stage.run("apply", "--yes").code == 0
    assert stage.writes() == [f"POST Spring {AT_MARCH_9}"]


def _resend(*lists: str) -> str:
    return manifest("Spring", *lists, send_at=SENT_AT, resend_to_new_contacts=[MARCH_9])


def _sent_campaign(stage: Stage, *, format_type: int, scheduled: bool = False) -> Activity:
    at = START + timedelta(days=8) if scheduled else None
    return stage.world.add_campaign(
        "Spring", format_type=format_type, lists=[MEMBERS], history=[YESTERDAY], scheduled=at
    )


def _activity(stage: Stage, name: str) -> Activity:
    campaign = stage.world.campaigns[stage.world.campaign_by_name[name]]
    return stage.world.primary(campaign)
