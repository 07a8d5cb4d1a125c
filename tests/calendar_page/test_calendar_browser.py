"""The calendar's page in a real browser: for everyone, on every screen, and asking nobody."""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise, product
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ccops.render.escape import visible
from ccops.session.calendared import html_page
from tests.calendar_page.calendar_plans import PIXEL, every_state, hostile, seen, usual
from tests.calendar_page.conftest import PICTURES
from tests.project.pure_core import ROOT
from tests.render.hostile import HOSTILE

WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")
ZONES = ("America/New_York", "Asia/Tokyo", "Pacific/Auckland")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS = {"phone": (390, 1280, 2), "desktop": (1280, 1180, 1)}

Open = Callable[..., Any]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Open:
    """Open a page of this text as a file, as a reader does who got it by mail."""

    @contextmanager
    def open_page(text: str, **how: Any) -> Iterator[tuple[Page, list[str]]]:
        file = tmp_path / "calendar.html"
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(**how)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="load")
        yield page, asked
        context.close()

    return open_page


def test_nobody_is_shut_out(opened: Open) -> None:
    """No rule of WCAG 2.2 AA that a program can check is broken, in any state, width or scheme."""
    options = {"resultTypes": ["violations"], "runOnly": RULES}
    with opened(html_page(seen(every_state()))) as (page, _):
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size(_size(width))
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=options)
            assert (width, scheme, found.generate_snapshot()) == (width, scheme, "")
            assert len(found.response["passes"]) > 20


def test_the_rules_bite(opened: Open) -> None:
    """A page that nobody could read is found out."""
    unreadable = html_page(seen(usual())).replace("--text: #1a1d21", "--text: #f4f5f7")
    with opened(unreadable.replace("style-src", "style-src 'unsafe-inline'; x-src")) as (page, _):
        assert "color-contrast" in Axe().run(page, options={"runOnly": RULES}).generate_snapshot()


@pytest.mark.parametrize("made", [every_state, hostile], ids=["every state", "hostile"])
def test_nothing_runs_out_of_the_screen(opened: Open, made: Any) -> None:
    """No sideways scroll, not even for a name without a blank."""
    text = html_page(seen(made())).replace("Just Now", "W" * 200)
    with opened(text) as (page, _):
        for width in WIDTHS:
            page.set_viewport_size(_size(width))
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def _size(width: int) -> Any:
    return {"width": width, "height": 800}


def test_the_text_is_the_same_everywhere(opened: Open) -> None:
    """In New York, Tokyo and Auckland, without scripts: the times are those of the plan."""
    texts = set()
    for zone in ZONES:
        how = {"timezone_id": zone, "java_script_enabled": False, "locale": "de-DE"}
        with opened(html_page(seen(usual())), **how) as (page, _):
            texts.add(page.locator("body").inner_text())
    assert len(texts) == 1
    assert "08:00 EST" in texts.pop()


def test_hostile_names_are_shown_and_not_obeyed(opened: Open) -> None:
    """Each stands on the page as it is, and nothing was asked for but the page itself."""
    with opened(html_page(seen(hostile()))) as (page, asked):
        headings = page.locator(".card .name").all_inner_texts()
        held = page.locator("img, script, iframe, a, form, object, embed, link, svg").count()
        frames, title = len(page.frames), page.title()
    wanted = [PIXEL, '& "get it" <in time>', *HOSTILE]
    squeezed = [" ".join(visible(one).split()) for one in wanted]
    assert [" ".join(one.split()) for one in headings] == squeezed
    assert (held, frames, len(asked)) == (0, 1, 1)
    assert title.startswith(f"Email calendar: {PIXEL}")


@pytest.fixture
def tracked() -> Iterator[tuple[str, list[str]]]:
    """A pixel of a tracker that listens, and whom it has heard."""
    heard: list[str] = []

    class Tracker(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Tell nobody."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tracker) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f'<img src="http://127.0.0.1:{server.server_port}/open.gif">', heard
        server.shutdown()


def test_a_tracker_hears_nothing(opened: Open, tracked: tuple[str, list[str]]) -> None:
    """Not of a pixel in a name, and not of one that escaping would have missed."""
    pixel, heard = tracked
    page = html_page(seen(usual()))
    for text in (
        page.replace("Board Minutes", escape(pixel)),
        page.replace("<main>", f"<main>{pixel}"),
    ):
        with opened(text) as (shown, _):
            assert shown.locator("h1").is_visible()
    assert heard == []
    with opened(f"<!doctype html><title>x</title>{pixel}") as _:
        assert heard == ["/open.gif"], "the tracker is deaf: this test shows nothing"


def test_the_policy_stops_what_escaping_would_miss(opened: Open) -> None:
    """A script or a style that found its way into the page does nothing."""
    smuggled = "<script>document.title = 'x'</script><style>h1 { display: none }</style>"
    text = html_page(seen(usual())).replace("<main>", f"<main>{smuggled}")
    with opened(text) as (page, _):
        assert page.locator("main script, main style").count() == 2
        assert page.title().startswith("Email calendar: Fern & Field Co.")
        assert page.locator("h1").is_visible()


def test_it_prints_dark_on_white(opened: Open) -> None:
    """Also for a reader whose screen is dark."""
    with opened(html_page(seen(usual())), color_scheme="dark") as (page, _):
        page.emulate_media(media="print", color_scheme="dark")
        style = "getComputedStyle(document.body)"
        assert page.evaluate(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(f"{style}.color") == "rgb(26, 29, 33)"
        assert page.pdf(format="A4").startswith(b"%PDF-")


def test_it_is_read_aloud_in_order(opened: Open) -> None:
    """One heading of the first level, none skipped, and the urgent things first."""
    with opened(html_page(seen(every_state()))) as (page, _):
        levels = [
            int(one[1])
            for one in page.eval_on_selector_all(
                "h1,h2,h3,h4", "all => all.map(one => one.tagName)"
            )
        ]
        sections = page.locator("main h2").all_inner_texts()
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert sections[:3] == ["Needs a person", "Now", "Sends to come"]


@pytest.mark.parametrize("name", SHOTS)
def test_the_pictures_show_the_page(
    opened: Open, name: str, request: pytest.FixtureRequest
) -> None:
    """The documents show today's page: `pytest tests/calendar_page --pictures` takes them anew."""
    width, height, scale = SHOTS[name]
    text = html_page(seen(usual()))
    how = {"viewport": {"width": width, "height": height}, "device_scale_factor": scale}
    with opened(text, **how) as (page, _):
        shot = page.screenshot(caret="initial", animations="allow")
    file = ROOT / "docs" / "pictures" / f"calendar-{name}.png"
    if request.config.getoption(PICTURES):
        file.write_bytes(_with_source(shot, text))
    taken = file.read_bytes()
    assert taken[16:24] == shot[16:24] == struct.pack(">II", width * scale, height * scale)
    assert _source(text) in taken


def _source(text: str) -> bytes:
    """A PNG's note of the page that it shows."""
    return b"tEXtSource\0" + hashlib.sha256(text.encode()).hexdigest().encode()


def _with_source(picture: bytes, text: str) -> bytes:
    """The picture with the note after its header, which takes 33 bytes."""
    note = _source(text)
    chunk = struct.pack(">I", len(note) - 4) + note + struct.pack(">I", zlib.crc32(note))
    return picture[:33] + chunk + picture[33:]
