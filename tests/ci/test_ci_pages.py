"""Outputs, pages and receipts: read back as they were meant, whatever the names say."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.report import Ending
from ccops.errors import Diagnostic, ExitCode, InvalidInput, Severity
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.planning.review import Likeness, Mark, read_mark
from ccops.render.annotations import mask
from ccops.render.markdown import plan_markdown
from ccops.render.receipt import ROOM, receipt_markdown, standing, waiting_markdown
from ccops.render.summary import NOT_SHOWN, likeness, trouble_markdown
from ccops.render.summary_outputs import failed_outputs, outputs_text, plan_outputs
from ccops.session.ci.commenting import mark_of
from ccops.session.ci.files import MAX_PAGE, PAGE, add_page, set_outputs
from ccops.session.ci.surroundings import Job
from tests.ci.runner import command, read_outputs
from tests.render.hostile import hostile
from tests.render.plan_strategies import plans
from tests.render.render_builders import missed, report, result, scheduled

MARK = Mark(kind="plan", account="acc", risk="R1", status="ready", checksum="c")
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=10)


@given(st.dictionaries(NAMES, hostile, max_size=5))
def test_outputs_are_read_back(values: dict[str, str]) -> None:
    """Whatever they hold: no value ends itself, or sets another."""
    assert read_outputs(outputs_text(values, delimiter="ccops_0")) == values


def test_an_output_that_knows_the_delimiter() -> None:
    """Nobody can know it; if one did, nothing would be set."""
    with pytest.raises(ValueError, match="delimiter"):
        outputs_text({"a": "x\nccops_0\nb<<c"}, delimiter="ccops_0")


@settings(max_examples=40)
@given(plans)
def test_a_plan_is_marked_as_its_page_says(plan: Plan) -> None:
    """What is compared is what is shown."""
    page = plan_markdown(plan, checksum=checksum(plan), now=plan.created_at)
    assert read_mark(page) == mark_of(plan)


@settings(max_examples=40)
@given(plans)
def test_outputs_of_any_plan_take_one_line_each(plan: Plan) -> None:
    """So that scripts need not care."""
    found = plan_outputs(plan, checksum="c", plan_file="p", report_file="")
    assert all(one.isprintable() or "\u200d" in one for one in found.values())
    assert found["changes"] in {"true", "false"}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_a_mask_is_the_secret_to_the_letter(secret: str) -> None:
    """A mask of anything else would hide nothing."""
    found = command(mask(secret).removesuffix("\n"))
    assert (found.name, found.message) == ("add-mask", secret)


@pytest.mark.parametrize("likely", Likeness)
def test_every_likeness_names_the_pull_request(likely: Likeness) -> None:
    """In bold, on a line of its own."""
    assert likeness(likely, 7).endswith(("#7.**", "no riskier.**"))


@given(st.lists(hostile, min_size=1, max_size=3))
def test_trouble_is_told_in_rows(texts: list[str]) -> None:
    """One each, whatever the text."""
    told = [Diagnostic(code="CC101", message=one, label=one, help=one) for one in texts]
    page = trouble_markdown("Title", told, budget=900_000)
    assert page.count("\n- **error**") == len(texts)
    assert "##[" not in page


@pytest.mark.parametrize(
    ("code", "status"),
    [(ExitCode.BLOCKED, "blocked"), (ExitCode.STALE, "stale"), (ExitCode.ACCESS, "error")],
)
def test_a_refusal_leaves_nothing_to_go_on_with(code: ExitCode, status: str) -> None:
    """The next job sees that there is no change, and no checksum."""
    found = failed_outputs(code, "why")
    assert (found["status"], found["changes"], found["checksum"]) == (status, "false", "")


# Files.


def test_a_page_knows_how_much_room_is_left(tmp_path: Path) -> None:
    """What stands there already counts."""
    job = Job(summary=tmp_path / "page")
    budgets: list[int] = []
    for _ in range(2):
        add_page(job, lambda budget: [budgets.append(budget), "x" * 1_000][1])
    assert budgets == [PAGE, PAGE - 1_002]


def test_a_page_that_github_would_throw_away(tmp_path: Path) -> None:
    """A line says where it stands."""
    job = Job(summary=tmp_path / "page")
    add_page(job, lambda _: "ü" * (MAX_PAGE // 2))
    assert (tmp_path / "page").read_text("utf-8") == NOT_SHOWN


def test_a_link_in_place_of_a_file(tmp_path: Path) -> None:
    """It is not followed."""
    (tmp_path / "target").write_text("", "utf-8")
    (tmp_path / "output").symlink_to(tmp_path / "target")
    with pytest.raises(InvalidInput, match="CC232"):
        set_outputs(Job(outputs=tmp_path / "output"), {"a": "b"})
    assert (tmp_path / "target").read_text("utf-8") == ""


def test_without_a_runner_there_are_no_files() -> None:
    """Nothing is written anywhere."""
    set_outputs(Job(), {"a": "b"})
    add_page(Job(), lambda _: "x")
    assert Job().outputs is None


# Receipts.


@pytest.mark.parametrize(
    ("endings", "words"),
    [
        ({}, "Applied: nothing was left to do"),
        ({"a": Ending.DONE, "b": Ending.NOTHING}, "Applied"),
        ({"a": Ending.NOTHING}, "Applied: nothing was left to do"),
        ({"a": Ending.NOT_STARTED}, "Stopped after 0 of 1 campaign: unexpected error"),
        (
            {"a": Ending.DONE, "b": Ending.STOPPED},
            "Stopped after 1 of 2 campaigns: unexpected error",
        ),
        ({"a": Ending.DONE, "b": Ending.UNKNOWN}, "Unknown: a person must look"),
    ],
)
def test_every_ending_has_a_standing(endings: dict[str, Ending], words: str) -> None:
    """The first line tells how it stands."""
    found = report(*(result(scheduled(name), ending) for name, ending in endings.items()))
    assert standing(found) == words


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending.DONE, "Applied, but a campaign needs a person"),
        (Ending.NOTHING, "Nothing was applied, but a campaign needs a person"),
    ],
)
def test_a_campaign_that_waits_for_a_person(ending: Ending, words: str) -> None:
    """It does not hide what was done."""
    found = report(result(scheduled(), ending), result(missed(), Ending.NEEDS_PERSON))
    assert standing(found) == words


def test_a_receipt_goes_on_saying_what_was_reviewed() -> None:
    """So that the comment is found again, and compared with."""
    page = receipt_markdown(
        report(result(scheduled(), Ending.DONE)), MARK, url="https://github.example/x"
    )
    assert read_mark(page) == replace(MARK, applied=True)
    assert page.endswith("[All of it, with the log](https://github.example/x)</sub>")


@settings(max_examples=40)
@given(plans)
def test_a_plan_that_waits_fits_into_a_comment(plan: Plan) -> None:
    """With the reasons first, and the plan below them."""
    why = [Diagnostic(code="CC482", message="no", severity=Severity.ERROR)] * 3
    page = waiting_markdown(plan, why, MARK, url="", checksum="c")
    assert read_mark(page) == replace(MARK, applied=True)
    assert page.split("\n")[1] == "## Waiting for approval to send"
    assert page.count("<!-- ccops:") == 1
    assert "## ccops plan" in page
    assert len(page.encode()) <= ROOM
