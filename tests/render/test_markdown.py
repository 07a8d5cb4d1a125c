"""A pull request comment: the whole page for three plans, then the budget and each part."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.applying.report import Ending
from ccops.model import SendRecord
from ccops.planning.plan import Change, Plan, Verdict
from ccops.render.budget import Section, fitted
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_markdown
from tests.render import render_builders as build

GOLDEN = Path(__file__).parent / "golden"
RECALLED = "“`Safety recall: stop using the L-200 ladder`”"


def page(plan: Plan, *, budget: int = 60_000) -> str:
    """The comment at the time when the plan was made."""
    return plan_markdown(plan, checksum=build.CHECKSUM, now=build.NOON, budget=budget)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("mixed", build.mixed()),
        ("quiet", build.quiet()),
        ("person", build.plan([build.missed()])),
        ("send-now", build.plan([build.recall()])),
        ("counted", build.counted()),
    ],
)
def test_the_whole_page(name: str, plan: Plan) -> None:
    """Blocked; nothing to do; a call for a person; one send at once; five sends, counted."""
    expected = (GOLDEN / f"comment-{name}.md").read_text(encoding="utf-8")
    assert page(plan) == expected


def test_the_whole_receipt() -> None:
    """Trouble first, then what is done."""
    expected = (GOLDEN / "receipt.md").read_text(encoding="utf-8")
    assert report_markdown(build.eventful()) == expected


def test_a_receipt_without_trouble_has_no_alert() -> None:
    """Nothing is called unplanned that went as planned, nor done that was not."""
    done = build.result(build.updated(), Ending.DONE)
    assert "CAUTION" not in report_markdown(build.report(done))
    assert "### Done" not in report_markdown(build.report())


def many() -> Plan:
    """600 scheduled sends, 600 drafts, and one send that cannot be undone."""
    sends = [build.scheduled(f"Campaign {number}") for number in range(600)]
    drafts = [build.updated(f"Draft {number}") for number in range(600)]
    return build.plan([*sends, *drafts, build.recall()])


def test_a_page_keeps_its_budget() -> None:
    """What cannot be undone and the verdict stay; what is left out is counted."""
    shown = page(many())
    assert 50_000 < len(shown.encode()) <= 60_000
    assert "> - `Ladder recall notice` → `All customers`" in shown
    assert f"| `Ladder recall notice`<br>{RECALLED}<br>to `All customers`" in shown
    assert "**1,201 campaigns change:**" in shown
    assert "_1,201 of 1,201 left out to fit: run `ccops plan` to see all._" in shown
    assert build.CHECKSUM in shown


@pytest.mark.parametrize("budget", [0, 2_000, 5_000, 20_000, 60_000, 200_000])
def test_nothing_irreversible_is_ever_left_out(budget: int) -> None:
    """Not even when the budget is too small for what must be shown."""
    shown = page(many(), budget=budget)
    assert "**Applying this plan sends 1 campaign at once. It cannot be undone.**" in shown
    assert "`!` **SEND NOW: set recipients, then send** | **as soon as applied**" in shown
    assert len(shown.encode()) <= max(budget, 4_000)


def test_a_page_of_5000_changes() -> None:
    """It is one comment that GitHub takes, whole, with what cannot be undone on top."""
    sends = [build.scheduled(f"Campaign {number}") for number in range(4_999)]
    shown = page(build.plan([*sends, build.recall()]))
    assert 50_000 < len(shown.encode()) <= 60_000
    assert shown.count("<details>") == shown.count("</details>")
    assert "**5,000 campaigns change:**" in shown
    assert f"| `Ladder recall notice`<br>{RECALLED}<br>to `All customers`" in shown


@pytest.mark.parametrize("budget", [60_000, 900_000])
def test_more_that_cannot_be_undone_than_a_comment_can_hold(budget: int) -> None:
    """A page that GitHub refuses hides everything: it says how many there are, and what to do."""
    changes = [replace(build.recall(), campaign=f"Recall {number}") for number in range(5_000)]
    blocked = tuple(replace(build.blocking(), campaign=one.campaign) for one in changes)
    shown = page(build.plan(changes, findings=blocked), budget=budget)
    assert len(shown.encode()) <= max(budget, 60_000)
    assert "**Applying this plan sends 5,000 campaigns at once. It cannot be undone.**" in shown
    assert "> **5,000 findings to clear.** Nothing can be applied before." in shown
    assert "left out to fit. Do not decide by this page: run `ccops plan` to see all.**" in shown
    assert build.CHECKSUM in shown


def test_an_irreversible_send_to_very_many_lists_stays() -> None:
    """The first of them are named, in whatever script, and all are counted."""
    names = [f"{number} {'寄' * 250}" for number in range(50)]
    many = replace(build.recall(), audience=build.held(*names, contacts=9))
    shown = page(build.plan([many]))
    assert len(shown.encode()) <= 60_000
    assert "and 40 more lists: **9 contacts**" in shown
    assert "Do not decide by this page" not in shown


def test_a_page_of_the_room_that_is_left() -> None:
    """Where another text shares the comment, what is required does not outgrow it either."""
    changes = [replace(build.recall(), campaign=f"Recall {number}") for number in range(900)]
    shown = page(build.plan(changes), budget=45_000)
    assert 40_000 < len(shown.encode()) <= 45_000
    assert "Do not decide by this page" in shown


def test_very_many_selectors_leave_room_for_the_plan() -> None:
    """The marker and the heading are never left out, so they must not grow with the usage."""
    selectors = tuple(f"name:{number} {'寄' * 250}" for number in range(500))
    shown = page(build.plan([build.recall()], selection=selectors))
    assert " and 480 more: this plan is partial.\n" in shown
    assert shown.startswith("<!-- ccops:plan:v1 {")
    assert len(shown.encode()) <= 60_000


ROWS = st.lists(st.integers(0, 3_000).map(lambda size: "é" * size), max_size=12).map(tuple)
SECTIONS = st.lists(
    st.builds(
        Section,
        head=st.integers(0, 200).map(lambda size: "h" * size),
        rows=ROWS,
        required=st.none() | st.integers(0, 3),
        worth=st.integers(0, 4),
    ),
    min_size=1,
    max_size=8,
)


@given(SECTIONS, st.integers(0, 30_000), st.integers(6_000, 30_000))
def test_no_page_outgrows_its_limits(sections: list[Section], budget: int, most: int) -> None:
    """In bytes: the budget, but for heads and what is required; and `most`, whatever is required."""
    shown = fitted(sections, budget, most=most)
    must = sum(len(row.encode()) + 1 for one in sections for row in one.rows[: one.least])
    assert len(shown.encode()) <= min(most, max(budget, must + 4_500))
    assert all(section.head in shown for section in sections)


def test_the_cheapest_rows_go_first() -> None:
    """A section of lower worth is emptied before a row of higher worth goes."""
    cheap = Section(head="cheap", rows=("a" * 100,) * 10, required=0, worth=1)
    dear = Section(head="dear", rows=("b" * 100,) * 10, required=2, worth=2)
    fixed = Section(head="fixed", rows=("c" * 100,))
    shown = fitted((dear, cheap, fixed), 1_900)
    assert (shown.count("a" * 100), shown.count("b" * 100)) == (6, 10)
    tight = fitted((dear, cheap, fixed), 100)
    assert (tight.count("a" * 100), tight.count("b" * 100), tight.count("c" * 100)) == (0, 2, 1)
    whole = fitted((dear, cheap, fixed), 10_000)
    assert "left out" not in whole


@pytest.mark.parametrize(
    ("plan", "status"),
    [
        (build.plan([build.updated()]), "ready"),
        (build.plan([build.recall()]), "sends at once"),
        (build.mixed(), "blocked"),
        (build.plan([build.updated()], expires_at=build.NOON), "expired"),
        (build.plan([build.missed()]), "needs a person"),
        (build.quiet(), "no changes"),
    ],
)
def test_the_heading_tells_the_verdict(plan: Plan, status: str) -> None:
    """On a phone the heading may be all that is read."""
    assert f"\n## ccops plan for `Fern & Field Co.`: {status}\n" in page(plan)


def test_lists_of_what_is_left_alone() -> None:
    """Sends under way, later and undeclared sends have their own lists."""
    ran = SendRecord(ran_at=build.at(2, 14), completed=True, count=1)
    changes = [
        build.change("Flash", Verdict.SENDING),
        replace(build.in_sync("Advent"), waiting=build.rescheduled().waiting),
        replace(build.sent("Fall appeal"), undeclared=(ran,)),
    ]
    shown = page(build.plan(changes))
    assert "### Being sent right now\n\n- `Flash`\n" in shown
    assert "### Waiting for a later apply\n\n- `Advent`: Mon 7 Dec 2026, 09:00 EST" in shown
    assert "- `Fall appeal`: Mon 2 Nov 2026, 09:00 EST (14:00 UTC), to 1 contact\n" in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            replace(build.rescheduled(), undo=None, audience=None),
            "contacts not counted**<br>`@` reschedule: unschedule, then schedule | **Mon 30 Nov 2026,",
        ),
        (replace(build.updated(), undo=None, audience=None, fields=()), "set recipients.**\n"),
        (replace(build.missed(), reason="", remedy=""), "- `Gala invitation` **missed its send"),
        (replace(build.recall(), audience=None), "> - `Ladder recall notice`\n"),
        (replace(build.scheduled(), reason="another try", before=None), "  why:         another"),
        (replace(build.rescheduled(), send=build.at(30, 14)), "  sends:       Mon 30 Nov 2026"),
    ],
)
def test_a_change(change: Change, said: str) -> None:
    """What is not known leaves no gap."""
    assert said in page(build.plan([change]))


def test_a_page_made_later_says_from_when_it_counts() -> None:
    """A comment is a frozen page."""
    later = build.NOON + timedelta(hours=2)
    shown = plan_markdown(build.quiet(), checksum="", now=later)
    assert "count from Tue 24 Nov 2026, 11:05 EST (16:05 UTC)." in shown


def test_partial_and_bare_plans() -> None:
    """Selectors are named; a missing commit, reason, place, label or help leaves no gap."""
    bare = replace(build.mixed().permissions[0], reason="")
    finding = build.blocking()
    diagnostic = replace(finding.diagnostic, place=None, label="", help="")
    shown = page(
        build.plan(
            [build.recall()],
            selection=("tag:fall",),
            commit="",
            requests=0,
            permissions=(bare,),
            findings=(replace(finding, diagnostic=diagnostic),),
        )
    )
    assert "Only `tag:fall`: this plan is partial." in shown
    assert "> - `send-now` for `Ladder recall notice`\n" in shown
    assert "more than 5,000 contacts`<br>`CC403` `max-contacts`\n" in shown
    assert "<sub>Plan made Tue 24 Nov 2026, 09:05 EST (14:05 UTC); times" in shown
