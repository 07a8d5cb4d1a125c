"""No renderer lets foreign text out: the laws that hold for every plan, report and diagnostic."""

import re
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ccops.applying.report import Report
from ccops.errors import Diagnostic
from ccops.model import CampaignRow, Status
from ccops.planning.plan import Plan
from ccops.render.checks import Check, CheckState
from ccops.render.diagnostics import diagnostics_text
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_report import report_markdown
from ccops.render.style import PLAIN, Style
from ccops.render.text import plan_text
from ccops.render.text_report import report_text
from ccops.render.text_tables import campaign_list_text, doctor_text
from tests.render.hostile import hostile
from tests.render.plan_strategies import diagnostics, plans, reports
from tests.render.render_builders import NOON

Renderer = Callable[[Style, int | None, str], str]

COLORED = Style(color=True)
ENCODINGS = st.sampled_from(("utf-8", "ascii", "cp437", "cp1252"))
WIDTHS = st.sampled_from((None, 20, 60, 200))
LIMITS = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OUR_HTML = re.compile(r"<br>|</?sub>")
DETAILS = re.compile(
    r"<details><summary>(?:<code>[^<>\n`]*</code>[^<>\n`]*|The same sends as a picture)</summary>\n"
)


def check_text(render: Renderer, width: int | None, encoding: str) -> None:
    """Printable in its encoding, obeyed by no terminal and no log, the same with colors."""
    plain = render(PLAIN, width, encoding)
    assert re.sub(r"\x1b\[[\d;]+m", "", render(COLORED, width, encoding)) == plain
    assert plain.encode(encoding).decode(encoding) == plain
    assert plain == "" or plain.endswith("\n")
    for row in plain.split("\n"):
        assert all(one.isprintable() or one == "\u200d" for one in row)
        assert "##[" not in row
        assert not row.lstrip().startswith("::")
        assert row == row.rstrip()


@LIMITS
@given(plans, st.booleans(), WIDTHS, ENCODINGS)
def test_plan_text(plan: Plan, requests: bool, width: int | None, encoding: str) -> None:
    """A plan at a terminal, in a log, in any encoding."""

    def render(style: Style, width: int | None, encoding: str) -> str:
        return plan_text(
            plan,
            checksum="sha256:0",
            now=NOON,
            style=style,
            width=width,
            encoding=encoding,
            show_requests=requests,
        )

    check_text(render, width, encoding)


@LIMITS
@given(reports, WIDTHS, ENCODINGS)
def test_report_text(report: Report, width: int | None, encoding: str) -> None:
    """A report at a terminal, in a log, in any encoding."""

    def render(style: Style, width: int | None, encoding: str) -> str:
        return report_text(report, now=NOON, style=style, width=width, encoding=encoding)

    check_text(render, width, encoding)


@LIMITS
@given(st.lists(diagnostics, max_size=3), st.booleans(), WIDTHS, ENCODINGS)
def test_diagnostics_text(
    found: list[Diagnostic], plain: bool, width: int | None, encoding: str
) -> None:
    """Diagnostics with source lines, or one line each."""

    def render(style: Style, width: int | None, encoding: str) -> str:
        return diagnostics_text(found, style=style, width=width, encoding=encoding, plain=plain)

    check_text(render, width, encoding)
    if plain:
        assert render(PLAIN, width, encoding).count("\n") == len(found) + 1


@LIMITS
@given(hostile, hostile, WIDTHS, ENCODINGS)
def test_tables_text(one: str, other: str, width: int | None, encoding: str) -> None:
    """The lists of campaigns and of checks."""
    rows = [CampaignRow(campaign_id=other, name=one, status=Status.DRAFT, activity_id=one)]
    checks = [Check(id=one, state=CheckState.FAILED, detail=other, remedy=other)]

    def campaigns(style: Style, width: int | None, encoding: str) -> str:
        return campaign_list_text(rows, managed={one}, style=style, width=width, encoding=encoding)

    def doctor(style: Style, width: int | None, encoding: str) -> str:
        return doctor_text(checks, style=style, width=width, encoding=encoding)

    check_text(campaigns, width, encoding)
    check_text(doctor, width, encoding)


def check_markdown(page: str) -> None:
    """No token of any kind that data could have made."""
    tokens = MARKDOWN.parse(page)
    check_blocks(tokens)
    for token in tokens:
        for child in token.children or ():
            check_inline(child)
    html = "".join(token.content for token in tokens if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>")


def check_blocks(tokens: list[Token]) -> None:
    """Headings are ours, every table row has two cells, HTML is our marker and our folds."""
    allowed = {"heading", "paragraph", "blockquote", "bullet_list", "list_item", "fence"}
    allowed |= {"table", "thead", "tbody", "tr", "th", "td", "inline", "html_block"}
    assert {re.sub("_(open|close)$", "", token.type) for token in tokens} <= allowed
    kinds = [token.type for token in tokens]
    cells = kinds.count("td_open") + kinds.count("th_open")
    assert cells == 2 * kinds.count("tr_open")
    for token in tokens:
        if token.type == "html_block":
            marker = re.fullmatch(r"<!-- ccops:\w+:v1 [^<>\n]* -->\n", token.content)
            assert marker or token.content == "</details>\n" or DETAILS.fullmatch(token.content)


def check_inline(token: Token) -> None:
    """Plain text is ours alone, so it mentions nobody and refers to nothing."""
    kinds = {"text", "softbreak", "code_inline", "html_inline", "em", "strong"}
    assert re.sub("_(open|close)$", "", token.type) in kinds
    if token.type == "html_inline":
        assert OUR_HTML.fullmatch(token.content)
    if token.type == "text":
        assert not re.search(r"@|#\d|://|www\.|[<>&\x00-\x1f\u202e]|(?<!\d):\w+:", token.content)


@LIMITS
@given(plans)
def test_plan_markdown(plan: Plan) -> None:
    """A pull request comment."""
    check_markdown(plan_markdown(plan, checksum="sha256:0", now=NOON))


@LIMITS
@given(plans, st.integers(0, 6_000))
def test_a_cut_page_is_as_safe(plan: Plan, budget: int) -> None:
    """Whatever is left out, the rest is whole."""
    page = plan_markdown(plan, checksum="sha256:0", now=NOON, budget=budget)
    check_markdown(page)
    assert len(page) <= len(plan_markdown(plan, checksum="sha256:0", now=NOON)) + 2_000


@LIMITS
@given(reports)
def test_report_markdown(report: Report) -> None:
    """A receipt."""
    check_markdown(report_markdown(report))
