"""The pages of a job and the comments of a pull request, to the letter."""

from dataclasses import replace
from pathlib import Path

import pytest

from ccops.applying.report import Ending
from ccops.errors import Diagnostic, ExitCode, Place
from ccops.planning.review import Likeness, Mark, read_mark
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_markdown
from ccops.render.receipt import (
    failed_markdown,
    outdated_markdown,
    plan_comment,
    receipt_markdown,
    unselected_markdown,
    waiting_markdown,
)
from ccops.render.source import Source
from ccops.render.summary import (
    likeness,
    nothing_markdown,
    nothing_selected,
    refused,
    trouble_markdown,
    valid_markdown,
)
from tests.render.render_builders import CHECKSUM, eventful, plan, report, result, scheduled

GOLDEN = Path(__file__).parent / "golden"
RUN = "https://github.example/acme/email/actions/runs/42"
SOURCE = Source(tree=f"https://github.example/acme/email/blob/{'4f2c9ab1' * 5}/", folder="mail/")
MARK = Mark(
    kind="plan",
    account="p07e1l8cdif9dl",
    risk="R1",
    status="ready",
    checksum=CHECKSUM,
    commit="4f2c9ab",
    folder="mail/",
)
NOBODY = Diagnostic(
    code="CC482",
    message="not approved: #7, which changed campaigns/one.yaml, is not approved by any approver",
    help="have one of the approvers review the pull request, then run this job again",
)
MISTAKE = Diagnostic(
    code="CC101",
    message="`sent_at` is no key of a manifest",
    place=Place(file="campaigns/black-friday.yaml", line=11, column=1, width=7),
    label="unknown key",
    help="did you mean `send_at`?",
)
LEFT = nothing_selected(("changed:4f2c9ab", "tag:appeal"), ("campaigns/spring.yaml",))
TITLE = refused("ccops ci plan", ExitCode.INVALID)


PLAN = plan([scheduled()])
WITHIN = plan_markdown(PLAN, checksum=CHECKSUM, now=PLAN.created_at).partition("\n")[2].rstrip()
"""The page of the plan below its first line; its own golden files are elsewhere."""


def pages() -> dict[str, str]:
    """Every one of them, by name; the plan itself is left out."""
    done = report(result(scheduled(), Ending.DONE))
    texts = {
        "comment": plan_comment(PLAN, MARK, url=RUN),
        "comment-failed": failed_markdown(TITLE, [MISTAKE], MARK, url=RUN),
        "comment-nothing": unselected_markdown(("changed:4f2c9ab", "tag:appeal"), LEFT[1], MARK),
        "comment-waiting": waiting_markdown(PLAN, [NOBODY], MARK, url=RUN, checksum=CHECKSUM),
        "comment-outdated": outdated_markdown(MARK, f"{RUN}#issuecomment-2"),
        "receipt-applied": receipt_markdown(done, MARK, url=RUN),
        "receipt-eventful": receipt_markdown(eventful(), MARK, url=RUN),
        "summary-same": likeness(Likeness.SAME, 7),
        "summary-other": likeness(Likeness.OTHER, 7),
        "summary-riskier": likeness(Likeness.RISKIER, 7),
        "summary-apply": report_markdown(eventful()),
        "summary-failed": trouble_markdown(TITLE, [MISTAKE], budget=900_000),
        "summary-nothing": nothing_markdown(
            ("changed:4f2c9ab", "tag:appeal"), LEFT[1], budget=900_000
        ),
        "summary-valid": valid_markdown("7 campaigns", "3 files"),
    }
    return {name: text.replace(WITHIN, "(the plan)") for name, text in texts.items()}


PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_to_the_letter(name: str) -> None:
    """Whoever changes what people read sees it in the change."""
    expected = (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    assert f"{PAGES[name].rstrip()}\n" == expected


def test_every_file_is_a_page() -> None:
    """None is left behind."""
    assert {one.stem for one in GOLDEN.glob("*.md")} == set(PAGES)


@pytest.mark.parametrize(
    ("name", "applied"), [("comment", False), ("comment-waiting", True), ("receipt-applied", True)]
)
def test_a_comment_goes_on_saying_whose_plan_it_is(name: str, applied: bool) -> None:
    """Its first line is found again, whatever stands below it."""
    assert read_mark(PAGES[name]) == replace(MARK, applied=applied)


@pytest.mark.parametrize("name", ["comment-failed", "comment-nothing"])
def test_a_comment_without_a_plan_claims_none(name: str) -> None:
    """No checksum, no risk; and one that failed has shown no commit."""
    mark = read_mark(PAGES[name])
    assert mark is not None
    assert (mark.risk, mark.checksum, mark.folder) == ("R0", "", "mail/")
    assert bool(mark.commit) is (name == "comment-nothing")


def test_in_a_public_repository_no_recipient_is_named() -> None:
    """Lists and subjects are left out, and the checksum is the plan's own."""
    shown, hidden = (plan_comment(PLAN, MARK, url=RUN, public=one) for one in (False, True))
    for name in ("VIP customers", "Newsletter", "30% off"):
        assert (name in shown, name in hidden) == (True, False)
    assert CHECKSUM in hidden


def test_a_place_is_a_link_where_the_commit_is_known() -> None:
    """Into the folder of the workspace, at that commit."""
    page = plan_comment(PLAN, MARK, url=RUN, source=SOURCE)
    assert f"({SOURCE.tree}mail/campaigns/black-friday.yaml#L" in page
