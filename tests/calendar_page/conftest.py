"""The machine's own Chromium, driven by Playwright; nothing is downloaded."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.store.cluster import needed

PICTURES = "--pictures"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(PICTURES, action="store_true", help="take the pictures of docs/pictures anew")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless browser. Without one its tests are skipped, and where CI is set they fail.

    Not for longer than a module: while it is open, no other event loop can run in this process.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        needed("Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program)
        yield opened
        opened.close()
