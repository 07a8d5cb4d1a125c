"""20,000 hostile strings: a page of them is, but for its code spans, the page of harmless ones.

Pages are rendered by GitHub's own parser and by another one, and read again. Outside of code a
hostile page must hold the very same elements, attributes and words as a harmless one: so no link,
mention, tag, cell or fence can have come out of a name.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import cycle

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

from ccops.applying.report import Ending, Report
from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.errors import Diagnostic, Place, Severity
from ccops.model import Account, RecipientKind, Step, StepKind
from ccops.planning.audience import Audience, Overlap
from ccops.planning.plan import (
    Change,
    FieldChange,
    Finding,
    Permission,
    Plan,
    Unmanaged,
    Verdict,
)
from ccops.render.annotations import annotations
from ccops.render.escape import clip, log_page, visible
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_markdown
from ccops.render.style import PLAIN
from ccops.render.text import plan_text
from tests.render import render_builders as build
from tests.render.hostile import HOSTILE

Word = Callable[[], str]

PARTS = (
    *HOSTILE,
    *("|", "\\|", "\\", "`", "``", "```", "~~~", "\n", "\r", "\t", "  ", "\u2028", "\x85", "\x0b"),
    *(
        "<",
        ">",
        "&lt;",
        "&#64;",
        "-->",
        "--!>",
        "<!--",
        "<![CDATA[",
        "<?php",
        "<a href=x>",
        "</td>",
    ),
    *("</details>", "</sub>", "<br>", "</code>", "</pre>", "<script>", "<style>", "<textarea>"),
    *("@org/team", "GH-12", "#12", "octo/repo#1", "0123456789abcdef0123456789abcdef01234567"),
    *(
        "https://x.example/?a=b&c",
        "ftp://x.example",
        "mailto:a@x.example",
        "[x](y)",
        "[x]: y",
        "![](",
    ),
    *("*", "**", "_", "__", "~~", "- [ ] x", "# x", "> [!CAUTION]", "| a | b |", "|--|--|", "---"),
    *(
        ":tada:",
        "$x$",
        "$$",
        "$`x`$",
        "[^1]",
        "[^1]: x",
        "{{",
        "${{ x }}",
        "%0A",
        "%25",
        "::",
        "##[",
    ),
    *(
        "::warning file=x::",
        "::stop-commands::t",
        "\x1b[31m",
        "\x1b]0;t\x07",
        "\x9b1m",
        "\x08",
        "\x00",
    ),
    *(
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\U000e0041",
        "\ud800",
        "é",
        "日本",
        "🎁",
        "a",
        "Fall 2026",
    ),
)
PLANS, CHANGES = 8, 110


def hostile_words(seed: int) -> Word:
    """Strings of one to five parts; none is blank, since those are shown by a word of ours."""
    chance = random.Random(seed)

    def word() -> str:
        while True:
            text = "".join(chance.choices(PARTS, k=chance.randint(1, 5)))
            if visible(text).strip():
                return text

    return word


class Counted:
    """A source of words that knows how many it gave."""

    def __init__(self, word: Word) -> None:
        self.word, self.given = word, 0

    def __call__(self) -> str:
        self.given += 1
        return self.word()


def place(word: Word) -> Place:
    """A place in a file of any name, on a line of any text."""
    return Place(file=word(), line=3, column=2, width=2, text=word())


def filled(change: Change, word: Word) -> Change:
    """The change with a word wherever it holds text of others."""
    live = change.before and replace(
        change.before,
        name=word(),
        subject=word(),
        from_name=word(),
        from_email=word(),
        reply_to=word(),
    )
    names = tuple((word(), word()) for _ in range(3))
    step = Step(kind=StepKind.UPDATE, method=word(), path=word(), body=word())
    return replace(
        change,
        campaign=word(),
        place=place(word),
        reason=word(),
        remedy=word(),
        before=live,
        audience=Audience(kind=RecipientKind.LISTS, items=names, counts=(1, None, 0), contacts=1),
        fields=(FieldChange(path="recipients", before=word(), after=word()),),
        steps=(step, step) if change.verdict.writes else (),
        tags=(word(),),
        owner=word(),
        attached=(Attached(kind=AttachedKind.AB_TEST, subject=word()),),
    )


def diagnostic(word: Word, severity: Severity) -> Diagnostic:
    """One with every text."""
    return Diagnostic(
        code=word(),
        message=word(),
        place=place(word),
        label=word(),
        help=word(),
        severity=severity,
        also=((place(word), word()),),
    )


def kinds() -> tuple[Change, ...]:
    """A change of every kind that a page shows."""
    return (
        build.frozen(),
        build.missed(),
        build.scheduled(),
        build.rescheduled(),
        build.updated(),
        build.unscheduled(),
        build.change("Flash", Verdict.SENDING),
        build.in_sync("Advent", build.at(1, 14, month=12)),
        build.recall(),
    )


def plan_of(word: Word) -> Plan:
    """A plan in which each text is one word of this source."""
    changes = tuple(
        filled(one, word) for one, _ in zip(cycle(kinds()), range(CHANGES), strict=False)
    )
    findings = tuple(
        Finding(
            guard=word(), campaign=word(), blocking=blocking, diagnostic=diagnostic(word, severity)
        )
        for blocking, severity in ((True, Severity.ERROR), (False, Severity.WARNING)) * 5
    )
    return replace(
        build.plan(
            changes,
            findings=findings,
            permissions=(Permission(rule=word(), campaign=word(), reason=word()),),
            unmanaged=(Unmanaged(campaign_id=word(), name=word()),),
            selection=(word(), word()),
            account=Account(id=word(), name=word(), zone=word()),
            commit=word(),
        ),
        origin=word(),
        overlaps=(Overlap(first=word(), second=word(), contacts=2),),
    )


def report_of(word: Word) -> Report:
    """A report in which each text is one word of this source, with every ending."""
    endings = cycle(Ending)
    results = tuple(
        replace(
            build.result(filled(one, word), ending, seen=build.live()),
            detail=word(),
            writes=one.steps,
        )
        for one, ending, _ in zip(cycle(kinds()), endings, range(40), strict=False)
    )
    return replace(
        build.report(*results),
        checksum=word(),
        finished_at=build.NOON + timedelta(seconds=14),
    )


class Skeleton(HTMLParser):
    """All that stands outside of code, in order; the contents of code and comments apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outside: list[object] = []
        self.codes: list[str] = []
        self.comments: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not self._inside
        self.outside.append((tag, attrs))
        if tag == "code":
            self._inside = True
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False
        self.outside.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.codes[-1] += data
        else:
            self.outside.append(data)

    def handle_comment(self, data: str) -> None:
        self.outside.append("comment")
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.outside.append(decl)

    def handle_pi(self, data: str) -> None:
        self.outside.append(data)

    def unknown_decl(self, data: str) -> None:
        self.outside.append(data)


def by_github(page: str) -> str:
    """As GitHub's parser does, but with all HTML left in."""
    options = Options.CMARK_OPT_UNSAFE
    return str(cmarkgfm.github_flavored_markdown_to_html(page, options=options))


def by_markdown_it(page: str) -> str:
    """As a parser written by other people does."""
    rules = ["table", "strikethrough"]
    return str(MarkdownIt("commonmark", {"html": True}).enable(rules).render(page))


RENDERERS = (by_github, by_markdown_it)


def skeleton(page: str, render: Callable[[str], str]) -> Skeleton:
    """The page, rendered and read again."""
    found = Skeleton()
    found.feed(render(page))
    found.close()
    return found


def plan_page(plan: Plan) -> str:
    """The comment, with nothing left out."""
    return plan_markdown(plan, checksum=plan.account.id, now=build.NOON, budget=10**9)


def report_page(report: Report) -> str:
    """The receipt, with nothing left out."""
    return report_markdown(report, budget=10**9)


def squeezed(text: str) -> str:
    """Without what a code span may do to blanks."""
    return " ".join(text.split())


def harmless() -> str:
    return "x"


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("seed", range(PLANS))
def test_a_hostile_plan_is_a_harmless_page(seed: int, render: Callable[[str], str]) -> None:
    """Nothing but code and the marker differs; and every name is shown whole."""
    word = Counted(hostile_words(seed))
    plan = plan_of(word)
    page = skeleton(plan_page(plan), render)
    assert page.outside == skeleton(plan_page(plan_of(harmless)), render).outside
    shown = set(map(squeezed, page.codes))
    listed = {one.campaign for one in plan.changes if one.verdict.writes}
    assert {squeezed(log_page(clip(visible(one), 300))) for one in listed} <= shown
    assert word.given * PLANS >= 20_000
    mark = json.loads(page.comments[0].removeprefix(" ccops:plan:v1 "))
    assert (mark["account"], mark["commit"]) == (plan.account.id, plan.commit)


@pytest.mark.parametrize("render", RENDERERS)
def test_a_hostile_report_is_a_harmless_page(render: Callable[[str], str]) -> None:
    """A receipt, likewise."""
    page = skeleton(report_page(report_of(hostile_words(0))), render)
    assert page.outside == skeleton(report_page(report_of(harmless)), render).outside


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
