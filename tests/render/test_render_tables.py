"""The lists of campaigns and of checks, for the terminal."""

from dataclasses import replace

import pytest

from ccops.model import CampaignRow, Status
from ccops.render.checks import Check, CheckState
from ccops.render.escape import cells
from ccops.render.style import PLAIN
from ccops.render.text import plan_text
from ccops.render.text_tables import campaign_list_text, doctor_text
from tests.render import render_builders as build

ROWS = (
    CampaignRow(campaign_id="c1", name="日本 letter", status=Status.SCHEDULED, activity_id="a1"),
    CampaignRow(campaign_id="c2", name="Fall", status=Status.REMOVED, ab_test=True),
)
CHECKS = (
    Check(id="Workspace", state=CheckState.OK, detail="/srv/mail", remedy="nothing"),
    Check(id="Clock", state=CheckState.WARNING, detail="40 s slow", remedy="set it"),
    Check(id="Login", state=CheckState.FAILED, detail="no token", remedy="log in"),
)


def test_campaigns_are_aligned_by_cells() -> None:
    """Wide characters push nothing out of its column."""
    assert campaign_list_text(ROWS, managed={"日本 letter"}, style=PLAIN) == (
        "STATUS     MANIFEST  CAMPAIGN         CAMPAIGN ID  ACTIVITY ID\n"
        "scheduled  yes       日本 letter      c1           a1\n"
        "removed    -         Fall (A/B test)  c2           -\n"
    )


IDS = ("b6e5a7e0-0e9b-4a3b-8f6c-1d2f3a4b5c6d", "4c08372c-957a-48b5-bc45-72c7f00796cd")
LONG = tuple(replace(one, campaign_id=IDS[0], activity_id=IDS[1]) for one in ROWS)


def test_a_list_fits_a_narrow_terminal() -> None:
    """The columns that fit stay columns; what is left of a row stands below it, whole."""
    shown = campaign_list_text(LONG, managed=(), style=PLAIN, width=80)
    assert shown == (
        "STATUS     MANIFEST  CAMPAIGN         CAMPAIGN ID\n"
        "    ACTIVITY ID\n"
        f"scheduled  -         日本 letter      {IDS[0]}\n"
        f"    {IDS[1]}\n"
        f"removed    -         Fall (A/B test)  {IDS[0]}\n"
        f"    {IDS[1]}\n"
    )


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """And no cell is lost: the list, and the sends of a plan."""
    named = replace(LONG[0], name="A name of many words that no narrow terminal has room for")
    sends = plan_text(
        build.counted(), checksum=build.CHECKSUM, now=build.NOON, style=PLAIN, width=width
    )
    sends = sends[sends.index("Sends to come") :].partition("\n\n")[0]
    listed = campaign_list_text((*LONG, named), managed=(), style=PLAIN, width=width)
    for text in (sends, listed):
        assert max(map(cells, text.splitlines())) <= width
    words = " ".join(listed.split())
    assert all(one in words for one in (*IDS, named.name, "scheduled", "日本 letter"))
    assert "Tue 1 Dec, 09:00 EST" in sends


def test_an_empty_account_says_so() -> None:
    """No table without rows."""
    assert campaign_list_text((), managed=(), style=PLAIN) == "No campaigns.\n"


def test_checks_end_with_what_to_do() -> None:
    """Remedies are for what is not fine; the last line sums up."""
    assert doctor_text(CHECKS, style=PLAIN) == (
        "ok       Workspace  /srv/mail\n"
        "warning  Clock      40 s slow\n"
        "failed   Login      no token\n"
        "\n"
        "Clock: set it\n"
        "Login: log in\n"
        "\n"
        "Failed. 1 of 3 checks passed, 1 failure, 1 warning.\n"
    )


def test_fine_checks_are_called_fine() -> None:
    """Without trouble there is no list of remedies."""
    assert doctor_text(CHECKS[:1], style=PLAIN) == (
        "ok  Workspace  /srv/mail\n\nFine. 1 of 1 check passed.\n"
    )
