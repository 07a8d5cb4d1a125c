"""The lists of campaigns and of checks, for the terminal."""

from ccops.model import CampaignRow, Status
from ccops.render.checks import Check, CheckState
from ccops.render.style import PLAIN
from ccops.render.text_tables import campaign_list_text, doctor_text

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
