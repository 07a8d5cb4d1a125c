"""Pages full of hostile strings: but for their code spans, they are the pages of harmless ones.

Outside of code a hostile page must hold the very same elements, attributes and words as a harmless
one: so no link, mention, tag, cell or fence can have come out of a name. Each sink by itself is
fed with 20,000 strings in `test_hostile_sinks`.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from ccops.applying.report import Report
from ccops.errors import Severity
from ccops.planning.plan import Plan
from ccops.render.annotations import annotations
from ccops.render.escape import clip, log_page, visible
from ccops.render.gantt import gantt
from ccops.render.jsonlines import closing_lines, opening_lines
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_markdown
from ccops.render.source import Source
from ccops.render.style import PLAIN
from ccops.render.text import plan_text
from tests.render import render_builders as build
from tests.render.hostile_plans import (
    CHANGES,
    Word,
    diagnostic,
    harmless,
    hostile_words,
    plan_of,
    report_of,
)
from tests.render.mermaid_reader import parsed
from tests.render.page_reader import RENDERERS, skeleton

PLANS = 6
TREE = "https://github.com/fern/mail/blob/4f2c9ab/"


def plan_page(plan: Plan, *, public: bool = False, source: Source | None = None) -> str:
    """The comment, with nothing left out."""
    digest = plan.account.id
    return plan_markdown(
        plan, checksum=digest, now=build.NOON, budget=10**9, public=public, source=source
    )


def report_page(report: Report) -> str:
    """The receipt, with nothing left out."""
    return report_markdown(report, budget=10**9)


def squeezed(text: str) -> str:
    """Without what a code span may do to blanks."""
    return " ".join(text.split())


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("seed", range(PLANS))
def test_a_hostile_plan_is_a_harmless_page(seed: int, render: Callable[[str], str]) -> None:
    """Nothing but code and the marker differs; and every name is shown whole."""
    plan = plan_of(hostile_words(seed))
    page = skeleton(plan_page(plan), render)
    assert page.outside == skeleton(plan_page(plan_of(harmless)), render).outside
    shown = set(map(squeezed, page.codes))
    listed = {one.campaign for one in plan.changes if one.verdict.writes}
    assert {squeezed(log_page(clip(visible(one), 300))) for one in listed} <= shown
    mark = json.loads(page.comments[0].removeprefix(" ccops:plan:v1 "))
    assert (mark["account"], mark["commit"]) == (plan.account.id, plan.commit)


@pytest.mark.parametrize("render", RENDERERS)
def test_a_hostile_report_is_a_harmless_page(render: Callable[[str], str]) -> None:
    """A receipt, likewise."""
    page = skeleton(report_page(report_of(hostile_words(0))), render)
    assert page.outside == skeleton(report_page(report_of(harmless)), render).outside


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("seed", range(PLANS))
def test_links_lead_to_the_manifests_and_nowhere_else(
    seed: int, render: Callable[[str], str]
) -> None:
    """Whatever a file and its folder are called; everything else is the page without links."""
    plan = plan_of(hostile_words(seed))
    source = Source(tree=TREE, folder=f"{hostile_words(seed)()}/")
    page = skeleton(plan_page(plan, source=source), render)
    links = [one for one in page.outside if isinstance(one, tuple) and one[0] == "a"]
    for _, attributes in links:
        ((name, target),) = attributes
        assert name == "href"
        assert re.fullmatch(re.escape(TREE) + r"[A-Za-z0-9_.~/%-]+#L3", target or ""), target
        assert not re.search(r"(^|/)\.*(/|#)", (target or "").removeprefix(TREE))
    rest = [one for one in page.outside if one not in links and one != "/a"]
    assert rest == skeleton(plan_page(plan_of(harmless)), render).outside


def marked(word: Word) -> Word:
    """Hostile words, each with a number by which it is known again."""
    numbers = count()
    return lambda: f"{word()}~{next(numbers)}~"


def secrets(plan: Plan) -> Iterator[str]:
    """What a public page keeps to itself: names of recipients and of strangers, subjects."""
    yield from (one.name for one in plan.unmanaged)
    for change in plan.changes:
        yield from (name for _, name in (change.audience.items if change.audience else ()))
        yield from (one.subject for one in (change.before, *change.attached) if one is not None)
        for field in change.fields:
            yield from filter(None, (field.before, field.after))


@pytest.mark.parametrize("seed", range(PLANS))
def test_a_public_page_keeps_secrets(seed: int) -> None:
    """None of them stands on it, in whatever spelling; on a private one each list's name does."""
    plan = plan_of(marked(hostile_words(seed)))
    numbers = [f"~{one.split('~')[-2]}~" for one in secrets(plan)]
    assert len(numbers) > 6 * CHANGES
    shown, told = plan_page(plan, public=True), plan_page(plan)
    assert [one for one in numbers if one in shown] == []
    assert sum(one in told for one in numbers) > CHANGES


@pytest.mark.parametrize("seed", range(PLANS))
def test_a_hostile_picture_is_one_diagram(seed: int) -> None:
    """As many rows as for harmless names, and every line is one that we wrote."""
    shown = gantt(plan_of(hostile_words(seed)), now=build.NOON)
    assert len(parsed(shown)) == len(parsed(gantt(plan_of(harmless), now=build.NOON))) == 20


def lines(seed: int) -> Iterator[str]:
    """A hostile plan at a terminal or in a log."""
    plan = plan_of(hostile_words(seed))
    shown = plan_text(plan, checksum="", now=build.NOON, style=PLAIN, width=100, encoding="utf-8")
    yield from shown.split("\n")
    yield from plan_page(plan).split("\n")


@pytest.mark.parametrize("seed", range(PLANS))
def test_a_hostile_plan_in_a_log(seed: int) -> None:
    """No terminal and no runner obeys any of it, as text or as Markdown."""
    for line in lines(seed):
        assert all(one.isprintable() or one == "\u200d" for one in line), line
        assert "##[" not in line
        assert not line.lstrip().startswith("::")


@pytest.mark.parametrize("seed", range(PLANS))
def test_hostile_events_are_a_line_each(seed: int) -> None:
    """However a reader splits lines, also at U+2028; and the texts come back as they were."""
    plan = plan_of(hostile_words(seed))
    found = (
        opening_lines(plan, checksum="") + closing_lines(report_of(hostile_words(seed)))
    ).splitlines()
    assert all(one.isascii() and one.isprintable() for one in found)
    events = [json.loads(one) for one in found]
    told = [one["campaign"] for one in events if one["type"] == "planned_change"]
    wanted = [one for one in plan.changes if one.verdict.writes or one.verdict.needs_person]
    assert told == [one.campaign for one in wanted]
    assert len(told) > CHANGES // 2


@pytest.mark.parametrize("seed", range(PLANS))
def test_hostile_annotations(seed: int) -> None:
    """Each is one command, of a kind and with properties that are ours."""
    word = hostile_words(seed)
    shown = annotations([diagnostic(word, severity) for severity in Severity for _ in range(10)])
    assert shown.count("\n") == 10 * len(Severity)
    for line in shown.splitlines():
        assert re.fullmatch(
            r"::(error|warning|notice) title=[^,:]*,file=[^,:]*,line=3,col=2,endColumn=3::.*", line
        )
        assert line.isprintable() or "\u200d" in line
