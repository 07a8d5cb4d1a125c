"""A plan made while nobody knows what became of an earlier write says so wherever it is shown."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.planning.agenda import agenda
from ccops.planning.open_writes import open_writes
from ccops.planning.plan import Plan
from ccops.ports import WriteState
from ccops.render.agenda_text import agenda_text
from ccops.render.agenda_view import view
from ccops.render.headline import Tone, headline, unknown, unknown_writes, verdict
from ccops.render.markdown import plan_markdown
from ccops.render.markdown_lead import lead
from ccops.render.plan_annotations import plan_annotations
from ccops.render.style import PLAIN
from ccops.render.text import plan_text
from tests.render import render_builders as build
from tests.render.plan_strategies import plans
from tests.verify.lines import write

NOON = build.NOON
PLANS = {
    "mixed": build.mixed(),
    "quiet": build.quiet(),
    "ready": build.plan([build.scheduled()]),
    "person": build.plan([build.missed()]),
    "at once": build.plan([build.recall()]),
}


def with_open(plan: Plan, *campaigns: str) -> Plan:
    """The plan, made while these campaigns' writes were open."""
    lines = [
        line
        for number, name in enumerate(campaigns, 1)
        for line in write(
            number, campaign=name, activity=str(UUID(int=number)), state=WriteState.ACKED
        )
    ]
    found = open_writes(lines, plan.changes, zone=plan.zone)
    return replace(plan, findings=(*found, *plan.findings))


def shown(plan: Plan) -> dict[str, str]:
    """The plan in each form that people read."""
    return {
        "text": plan_text(plan, checksum=build.CHECKSUM, now=NOON, style=PLAIN),
        "markdown": plan_markdown(plan, checksum=build.CHECKSUM, now=NOON),
        "public": plan_markdown(plan, checksum=build.CHECKSUM, now=NOON, public=True),
        "log": plan_annotations(plan, now=NOON),
        "calendar": agenda_text(view(agenda(plan, now=NOON)), style=PLAIN),
    }


@pytest.mark.parametrize("name", PLANS)
def test_it_is_said_wherever_a_plan_is_shown(name: str) -> None:
    """How many, which campaigns, and that an apply looks first; also of those outside the plan."""
    plan = with_open(PLANS[name], "Lost letter", "Other letter")
    for form, page in shown(plan).items():
        assert page.count(unknown(plan)) == 1, form
        assert "`ccops apply` looks first" in page
        for campaign in ("Lost letter", "Other letter"):
            assert f'what became of an earlier write to "{campaign}"' in page.replace(
                "What", "what"
            )
            assert "begun Sun 2026-10-04 08:00 America/New_York" in page


@pytest.mark.parametrize("name", PLANS)
def test_it_stands_on_the_first_screen_of_the_comment(name: str) -> None:
    """Before anything of what the plan does, and before any finding of a guard."""
    plan = with_open(PLANS[name], "Lost letter")
    page = plan_markdown(plan, checksum=build.CHECKSUM, now=NOON)
    assert unknown(plan) in "\n".join(page.splitlines()[:4])
    findings = page.index("what became of an earlier write")
    others = [
        page.index(one.diagnostic.message) for one in PLANS[name].findings if not one.blocking
    ]
    assert all(findings < one for one in others)
    short = plan_markdown(plan, checksum=build.CHECKSUM, now=NOON, budget=1)
    assert "what became of an earlier write" in short


@settings(max_examples=40)
@given(plans, st.lists(st.sampled_from(["Lost", "Other"]), unique=True, max_size=2))
def test_verdict_and_exit_code_stay(plan: Plan, campaigns: list[str]) -> None:
    """It is a warning: what is said of it comes after the verdict, and no calm colour is left."""
    found = with_open(plan, *campaigns)
    before, after = headline(plan, now=NOON), headline(found, now=NOON)
    assert (after.title, after.status) == (before.title, before.status)
    assert after.detail == " ".join(filter(None, (before.detail, unknown(found))))
    assert (after.tone in {Tone.CLEAN, Tone.READY}) <= (not campaigns)
    assert len(unknown_writes(found)) == len(campaigns)
    assert verdict(found, now=NOON) == before
    for detailed in (True, False):
        assert found.exit_code(detailed=detailed) is plan.exit_code(detailed=detailed)


@settings(max_examples=40)
@given(plans)
def test_without_one_nothing_is_said(plan: Plan) -> None:
    """No plan has a word more than before."""
    assert (unknown(plan), unknown_writes(plan)) == ("", ())
    assert headline(plan, now=NOON) == verdict(plan, now=NOON)


def test_the_first_line_of_all() -> None:
    """Above what is sent: perhaps it was sent already."""
    said = lead(with_open(PLANS["ready"], "Lost letter"), now=NOON).split("<br>")
    assert said[0] == (
        "**Nobody knows yet what became of 1 earlier write: `ccops apply` looks first, before it"
        " writes.**"
    )
    assert said[1:] == [lead(PLANS["ready"], now=NOON)]
