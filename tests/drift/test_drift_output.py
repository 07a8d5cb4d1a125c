"""A drift is told in three formats, and nothing foreign gets out of its place."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ccops import resources
from ccops.errors import ExitCode, StalePlan
from ccops.planning import planfile
from ccops.planning.drift import Drift, DriftState
from ccops.render.drifting import WORDING
from ccops.render.machine_drift import drift_json
from ccops.render.markdown_drift import ONE_SCREEN, drift_markdown
from ccops.render.style import PLAIN, Style
from ccops.render.text_drift import drift_text
from tests.drift.drift_samples import drift, drifts, item, mixed
from tests.project.pure_core import ROOT
from tests.render.test_render_safety import ENCODINGS, WIDTHS, check_markdown, check_text

GOLDEN = Path(__file__).parent / "golden"
LIMITS = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
STATE = DriftState


def code_of(found: Drift) -> ExitCode:
    return found.exit_code(detailed=True)


def text(found: Drift) -> str:
    """The plain text."""
    return drift_text(found, code_of(found), style=PLAIN)


def page(found: Drift, **budget: int) -> str:
    return drift_markdown(found, code_of(found), **budget)


def golden(name: str) -> str:
    return (GOLDEN / name).read_text("utf-8")


def test_the_whole_text() -> None:
    """What is no drift first, then every drift, doubts and the verdict last."""
    assert text(mixed()) == golden("drift-mixed.txt")


def test_the_whole_page() -> None:
    """Doubts first, then the drift, then what is none."""
    assert page(mixed()) == golden("drift-mixed.md")


def test_nothing_is_said_of_what_is_not_known() -> None:
    """An item without a reason and a remedy has no empty lines for them."""
    found = drift(replace(item("Spring", STATE.CHANGED), reason="", remedy=""))
    assert ("Found:" in page(found), "To do:" in page(found)) == (False, False)


def test_the_whole_document() -> None:
    """Every state and field."""
    assert json.loads(drift_json(mixed(), code_of(mixed()))) == json.loads(
        golden("drift-mixed.json")
    )


def test_every_key_of_the_document_is_described() -> None:
    """docs/drift.md names each key and each word, so that programs can rely on them."""
    described = (ROOT / "docs" / "drift.md").read_text("utf-8")
    document = json.loads(drift_json(mixed(), ExitCode.DONE))
    one = document["items"][0]
    words = {*document, *one, *one["fields"][0], *document["counts"]}
    words |= {field["field"] for found in document["items"] for field in found["fields"]}
    words |= {field["changed_by"] for found in document["items"] for field in found["fields"]}
    assert {word for word in words if f"`{word}`" not in described} == set()


@pytest.mark.parametrize(
    ("states", "detailed", "plain", "words"),
    [
        ((), 0, 0, "no drift"),
        ((STATE.PENDING, STATE.STALLED, STATE.HALTED), 0, 0, "no drift"),
        ((STATE.CHANGED,), 2, 0, "there is drift"),
        ((STATE.MISSING, STATE.PENDING), 2, 0, "there is drift"),
        ((STATE.UNMANAGED,), 2, 0, "there is drift"),
        ((STATE.CHANGED, STATE.NEEDS_PERSON), 6, 6, "cannot be judged"),
        ((STATE.NEEDS_PERSON, STATE.UNKNOWN), 10, 10, "a person must look"),
    ],
)
def test_the_exit_code(
    states: tuple[DriftState, ...], detailed: int, plain: int, words: str
) -> None:
    """10 before 6 before 2; drift alone is 0 unless it was asked for; the last lines say so."""
    one = drift(*(item("Spring", state) for state in states))
    assert (one.exit_code(detailed=True), one.exit_code(detailed=False)) == (detailed, plain)
    assert f"Exit code {detailed}: " in text(one)
    assert words in text(one)
    assert words in page(one)


def test_every_state_has_its_words() -> None:
    """What it is called, and what it means, each once."""
    assert set(WORDING) == set(DriftState)
    assert len({one.says for one in WORDING.values()}) == len(DriftState)
    assert all(one.means.endswith(".") for one in WORDING.values())


def test_no_plan_can_be_made_of_it() -> None:
    """A reader of plans refuses it, whatever is done to its frame."""
    document = json.loads(drift_json(mixed(), ExitCode.CHANGES))
    assert document["applyable"] is False
    for version in (document["format_version"], planfile.FORMAT_VERSION):
        forged = json.dumps({**document, "format_version": version})
        with pytest.raises(StalePlan):
            planfile.from_json(forged, schema=resources.schema("plan"))


def test_a_new_store_is_said() -> None:
    """Nothing tells what was applied."""
    one = replace(drift(), fresh=True, requests=0)
    assert "No run ever recorded anything" in text(one)
    assert "No run ever recorded anything" in page(one)
    assert "Made with" not in text(one)


def test_a_page_is_one_screen() -> None:
    """The first dozen, and how many more; a small budget keeps the first three and every doubt."""
    many = [item(f"Campaign {number:03}", STATE.CHANGED) for number in range(40)]
    calm = [item(f"Later {number:03}", STATE.PENDING) for number in range(40)]
    doubts = [item(f"Doubt {number}", STATE.NEEDS_PERSON) for number in range(20)]
    whole = page(drift(*doubts, *many, *calm))
    assert whole.count("`Campaign ") == whole.count("`Later ") == ONE_SCREEN
    assert whole.count("… and 28 more: run `ccops drift` to see all.") == 2
    small = page(drift(*doubts, *many, *calm), budget=500)
    assert (small.count("`Campaign "), small.count("`Doubt "), small.count("`Later ")) == (3, 20, 0)
    assert len(whole.encode()) < 30_000


@LIMITS
@given(drifts, WIDTHS, ENCODINGS)
def test_drift_text(one: Drift, width: int | None, encoding: str) -> None:
    """At a terminal, in a log, in any encoding."""

    def render(style: Style, width: int | None, encoding: str) -> str:
        return drift_text(one, code_of(one), style=style, width=width, encoding=encoding)

    check_text(render, width, encoding)


@LIMITS
@given(drifts)
def test_drift_markdown(one: Drift) -> None:
    """In an issue that a nightly run opens."""
    check_markdown(page(one))
    check_markdown(page(one, budget=900))


@LIMITS
@given(drifts)
def test_drift_json(one: Drift) -> None:
    """One line of ASCII; what was put in comes out again."""
    written = drift_json(one, code_of(one))
    assert re.fullmatch(r"[ -~]+\n", written)
    document = json.loads(written)
    assert [found["campaign"] for found in document["items"]] == [
        found.campaign for found in one.items
    ]
    assert sum(document["counts"].values()) == len(one.items) + one.in_sync
