"""The calendar's page as a document: what may stand in it, and nothing else."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.planning.agenda import agenda
from ccops.planning.plan import Plan
from ccops.render.agenda_view import view
from ccops.render.escape import log_page, visible
from ccops.session.calendared import html_page
from tests.calendar_page.calendar_plans import every_state, hostile, named, seen, usual
from tests.render.hostile import hostile as hostile_text
from tests.render.plan_strategies import plans
from tests.render.render_builders import NOON, in_sync, plan

GOLDEN = Path(__file__).parent / "golden"
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section"),
    *("h1", "h2", "h3", "h4", "p", "div", "ul", "ol", "li", "dl", "dt", "dd"),
    *("span", "strong", "b", "bdi", "time"),
}
ATTRIBUTES = {
    *("aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "content", "datetime"),
    *("http-equiv", "id", "lang", "name"),
}


class Reader(HTMLParser):
    """Reads a page into its tags, attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("name", ["usual", "every-state"])
def test_golden_html(name: str) -> None:
    """The page, to the letter."""
    made = {"usual": usual, "every-state": every_state}[name]
    assert html_page(seen(made())) == (GOLDEN / f"{name}.html").read_text(encoding="utf-8")


@settings(max_examples=40)
@given(st.one_of(plans, st.just(hostile())))
def test_no_name_adds_anything_to_the_page(made: Plan) -> None:
    """Every tag and attribute is ours and closed, whatever a plan holds; no log obeys a line."""
    page = html_page(view(agenda(made, now=NOON, days=60)))
    found = Reader(page)
    assert set(found.tags) <= TAGS
    assert found.attributes <= ATTRIBUTES
    assert found.open == []
    assert all(one.isprintable() or one in "\n\u200d" for one in page)
    for line in log_page(page).split("\n"):
        assert "##[" not in line
        assert not line.lstrip().startswith("::")


@settings(max_examples=40)
@given(hostile_text)
def test_a_name_is_shown_literally(name: str) -> None:
    """Nothing is dropped, doubled or interpreted."""
    one = named(in_sync(name, NOON.replace(day=27)), "a1")
    assert visible(name) in Reader(html_page(seen(plan((one,))))).text


def test_the_policy_names_the_style_that_stands_there() -> None:
    """One digest of one style sheet, and nothing else is allowed."""
    page = html_page(seen(usual()))
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_stands_before_what_it_governs() -> None:
    """A policy holds from where it stands."""
    page = html_page(seen(hostile()))
    assert page.index("Content-Security-Policy") < page.index("<title>") < page.index("<style>")


def test_an_empty_calendar_is_a_page_too() -> None:
    """It says that nothing comes."""
    text = Reader(html_page(seen(plan(())))).text
    assert "None in these days." in text
    assert "What the words mean" not in text
