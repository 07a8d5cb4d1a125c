"""What `ccops verify` found is told in three formats, and nothing foreign gets out of its place."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ccops.errors import ExitCode
from ccops.model import NOW
from ccops.planning.delivery import DeliveryState
from ccops.render.delivering import WORDING, Verification, asked
from ccops.render.machine_deliveries import deliveries_json
from ccops.render.markdown_deliveries import deliveries_markdown
from ccops.render.style import PLAIN, Style
from ccops.render.text_deliveries import deliveries_text
from tests.project.pure_core import ROOT
from tests.render.test_render_safety import ENCODINGS, WIDTHS, check_markdown, check_text
from tests.verify.found import AS_OF, delivery, found, mixed, ran, verifications

GOLDEN = Path(__file__).parent / "golden"
LIMITS = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
STATE = DeliveryState


def text(verification: Verification) -> str:
    """The plain text."""
    return deliveries_text(verification, style=PLAIN)


def test_the_whole_text() -> None:
    """Every state there is: what is well first, each trouble after it, the verdict last."""
    assert text(mixed()) == (GOLDEN / "deliveries-mixed.txt").read_text("utf-8")


def test_the_whole_page() -> None:
    """Every state there is, trouble first."""
    assert deliveries_markdown(mixed()) == (GOLDEN / "deliveries-mixed.md").read_text("utf-8")


def test_the_whole_document() -> None:
    """Every state there is."""
    document = json.loads(deliveries_json(mixed()))
    assert document == json.loads((GOLDEN / "deliveries-mixed.json").read_text("utf-8"))


def test_every_key_of_the_document_is_described() -> None:
    """docs/verify.md names each key, so that programs can rely on it."""
    page = (ROOT / "docs" / "verify.md").read_text("utf-8")
    document = json.loads(deliveries_json(mixed()))
    keys = {*document, *document["deliveries"][0]}
    assert {key for key in keys if f"`{key}`" not in page} == set()
    assert {state for state in DeliveryState if f"`{state}`" not in page} == set()


def test_every_state_has_its_words() -> None:
    """What it means for a marketer and, where a person is needed, what to do."""
    assert set(WORDING) == set(DeliveryState)
    assert all(wording.means.endswith(".") for wording in WORDING.values())
    assert all(bool(wording.todo) is not state.as_applied for state, wording in WORDING.items())


@pytest.mark.parametrize(
    ("states", "code", "words"),
    [
        ((), 0, "all is as applied"),
        ((STATE.SENT, STATE.TO_COME, STATE.WITHDRAWN), 0, "all is as applied"),
        ((STATE.SENT, STATE.NOBODY), 6, "a person is needed"),
        ((STATE.FAILED, STATE.UNKNOWN), 10, "the outcome of a write is unknown"),
    ],
)
def test_the_exit_code(states: tuple[DeliveryState, ...], code: int, words: str) -> None:
    """10 before 6; and the last lines say what it means."""
    one = found(*(delivery("Spring", state) for state in states))
    assert one.exit_code == ExitCode(code)
    assert f"Exit code {code}: {words}" in text(one)
    assert words in deliveries_markdown(one)


@pytest.mark.parametrize(("fresh", "words"), [(False, "since then"), (True, "with this store")])
def test_nothing_was_applied(fresh: bool, words: str) -> None:
    """Said aloud, and otherwise where the store has never seen anything."""
    one = replace(found(), fresh=fresh, requests=0)
    assert words in text(one)
    assert words in deliveries_markdown(one)


def test_calm_rows_make_room_for_trouble() -> None:
    """A page that is too long loses what is as applied, and says how much."""
    many = [ran(delivery(f"Campaign {number}", STATE.SENT), 5) for number in range(99)]
    page = deliveries_markdown(found(*many, delivery("Gone", STATE.GONE)), budget=1_500)
    assert "`Gone`" in page
    assert "of 99 left out" in page


def test_when_it_was_asked_for() -> None:
    """A time, at once, or nothing."""
    one = delivery("Spring", STATE.SENT)
    zone = "America/New_York"
    told = asked(one, zone=zone, now=AS_OF)
    assert told == "Tue 9 Mar 2027, 09:00 EST (14:00 UTC), 2 h ago"
    assert asked(replace(one, when=NOW), zone=zone, now=AS_OF) == f"at once, asked for {told}"
    assert asked(replace(one, when=None), zone=zone, now=AS_OF) == ""


@LIMITS
@given(verifications, WIDTHS, ENCODINGS)
def test_deliveries_text(one: Verification, width: int | None, encoding: str) -> None:
    """At a terminal, in a log, in any encoding."""

    def render(style: Style, width: int | None, encoding: str) -> str:
        return deliveries_text(one, style=style, width=width, encoding=encoding)

    check_text(render, width, encoding)


@LIMITS
@given(verifications)
def test_deliveries_markdown(one: Verification) -> None:
    """In an issue, or the summary of a nightly run."""
    check_markdown(deliveries_markdown(one))


@LIMITS
@given(verifications)
def test_deliveries_json(one: Verification) -> None:
    """One line of ASCII; what was put in comes out again."""
    written = deliveries_json(one)
    assert re.fullmatch(r"[ -~]+\n", written)
    document = json.loads(written)
    names = [delivery["campaign"] for delivery in document["deliveries"]]
    assert names == [delivery.campaign for delivery in one.deliveries]
