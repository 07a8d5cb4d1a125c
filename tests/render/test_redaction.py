"""A page that everybody can read: what is public anyway stands on it, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from ccops.errors import Diagnostic
from ccops.model import SendRecord
from ccops.planning.audience import Overlap
from ccops.planning.plan import Finding
from ccops.render.markdown import plan_markdown
from ccops.render.redaction import redacted
from ccops.render.words import recipients
from tests.render import render_builders as build

GOLDEN = Path(__file__).parent / "golden" / "comment-public.md"


def test_the_whole_page() -> None:
    """As a stranger reads it in a public repository."""
    page = plan_markdown(build.counted(), checksum=build.CHECKSUM, now=build.NOON, public=True)
    assert page == GOLDEN.read_text(encoding="utf-8")


def test_a_list_keeps_its_alias() -> None:
    """So that a reader sees which sends go to the same people; segments are called so."""
    shown = redacted(build.counted())
    assert "segment 5" in {recipients(one.audience) for one in shown.changes if one.audience}
    names = [[name for _, name in one.audience.items] for one in shown.changes if one.audience]
    assert names == [
        ["list 1", "list 2"],
        ["list 2"],
        ["list 3", "list 4"],
        ["5"],
        ["list 2"],
        ["list 6"],
    ]


@pytest.mark.parametrize(
    ("count", "rounded"),
    [(None, None), (0, 0), (1, 100), (99, 100), (455, 500), (14_117, 20_000), (99_999, 100_000)],
)
def test_numbers_are_rounded_up_to_one_digit(count: int | None, rounded: int | None) -> None:
    """So that "at most" stays true; nobody stays nobody, and unknown unknown."""
    change = replace(build.recall(), audience=build.held("A", contacts=count, before=7))
    overlap = Overlap(first="a", second="b", contacts=count)
    shown = redacted(replace(build.plan([change]), overlaps=(overlap,)))
    (found,) = shown.changes
    assert found.audience is not None
    assert (found.audience.contacts, found.audience.before) == (rounded, None)
    assert shown.overlaps[0].contacts == rounded


@pytest.mark.parametrize(
    ("campaign", "text", "said"),
    [
        ("Fall", '"Fall" has 31,207 contacts', '"Fall" has up to 40,000 contacts'),
        ("Fall", '"Fall" has 1 contact', '"Fall" has up to 100 contact'),
        (
            "Fall",
            '"Fall" would be sent to the list "Board"',
            '"Fall" would be sent to the list list 1',
        ),
        ("Fall", 'Constant Contact has "You\'re in"', "Constant Contact has not shown"),
        ("Board", '"Board" would be sent on a Sunday', '"Board" would be sent on a Sunday'),
        ("Fall", "Boards and Boarding", "Boards and Boarding"),
    ],
)
def test_what_guards_say(campaign: str, text: str, said: str) -> None:
    """Quoted names and counted contacts are others; a campaign's own name is public."""
    change = replace(
        build.recall(),
        campaign=campaign,
        reason=text,
        audience=build.lists("Board"),
        before=build.live(subject="You're in"),
    )
    found = Diagnostic(code="CC414", message=text, label=text, help=text)
    finding = Finding(guard="max-contacts", campaign=campaign, blocking=True, diagnostic=found)
    shown = redacted(build.plan([change], findings=(finding,)))
    told = shown.findings[0].diagnostic
    assert {shown.changes[0].reason, told.message, told.label, told.help} == {said}


def test_a_finding_about_no_campaign_of_the_plan() -> None:
    """It has no names to hide, and still no numbers to tell."""
    shown = redacted(build.plan([], findings=(build.blocking(),)))
    assert shown.findings[0].diagnostic.label == "up to 40,000 contacts, the limit is 5,000"


def test_what_was_sent_before() -> None:
    """Past sends are told of, and whom they reached is rounded too."""
    ran = SendRecord(ran_at=build.at(2, 14), completed=True, count=1_402)
    before = replace(build.live(), history=(ran,))
    change = replace(build.sent(), before=before, undeclared=(ran,))
    (found,) = redacted(build.plan([change])).changes
    assert found.before is not None
    assert [one.count for one in (*(found.before.history or ()), *found.undeclared)] == [2_000] * 2
