"""What was unknown and is known now stands in every rendering of a result, once; else nothing new.

That nothing settled changes no byte is what the golden files of the renderings show.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.report import Became, Ending, Report, Settled
from ccops.errors import ExitCode
from ccops.model import NOW, StepKind, When
from ccops.planning.resolution import Recorded
from ccops.planning.review import Mark
from ccops.ports import WriteState
from ccops.render.jsonlines import closing_lines
from ccops.render.machine import report_json
from ccops.render.markdown_report import report_markdown
from ccops.render.outcome import became, totals
from ccops.render.receipt import receipt_markdown, standing
from ccops.render.style import PLAIN
from ccops.render.summary_outputs import apply_outputs
from ccops.render.text_report import report_text
from tests.render import render_builders as build
from tests.verify.lines import write

MARK = Mark(kind="plan", account="p07e1l8cdif9dl", risk="R1", status="ready")
NOON, BEGUN = build.NOON, build.NOON - timedelta(hours=2)
FRIDAY = build.at(27, 13)
SINCE = "begun Tue 24 Nov 2026, 07:05 EST (12:05 UTC), "


def settled(
    campaign: str = "Spring letter",
    kind: StepKind = StepKind.SCHEDULE,
    *,
    when: When | None = FRIDAY,
    became: Became = Became.TOOK_EFFECT,
    detail: str = "",
) -> Settled:
    """One earlier write, begun two hours ago."""
    entry = write(1, kind, when=when, state=WriteState.RESOLVED, campaign=campaign, detail=detail)
    return Settled(write=Recorded(entry=entry[-1], begun=BEGUN), became=became, zone=build.ZONE)


def renderings(report: Report) -> dict[str, str]:
    """A result in each form that people and programs get it in."""
    return {
        "text": report_text(report, now=NOON, style=PLAIN),
        "markdown": report_markdown(report),
        "receipt": receipt_markdown(report, MARK, url="https://github.example/runs/42"),
        "json": report_json(report),
        "jsonl": closing_lines(report),
    }


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(Became), st.sampled_from(StepKind)), max_size=4),
    st.booleans(),
)
def test_each_stands_in_each_rendering_once(
    found: list[tuple[Became, StepKind]], eventful: bool
) -> None:
    """Whatever became of it, and whatever else the run did; in the order of the report."""
    names = [f"Earlier {number}" for number in range(len(found))]
    writes = tuple(
        settled(name, kind, became=state) for name, (state, kind) in zip(names, found, strict=True)
    )
    report = replace(build.eventful() if eventful else build.report(), settled=writes)
    for form, page in renderings(report).items():
        assert [page.count(name) for name in names] == [1] * len(names), form
        assert sorted(names, key=page.index) == names, form


@pytest.mark.parametrize("report", [build.report(), build.eventful()], ids=["none", "eventful"])
def test_nothing_settled_is_not_spoken_of(report: Report) -> None:
    """Nor is there a key, an event or a heading for it."""
    for page in renderings(report).values():
        assert "settled" not in page.lower()
        assert "earlier" not in page


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (settled(), f"schedule it for Fri 27 Nov 2026, 08:00 EST (13:00 UTC), {SINCE}took effect"),
        (settled(when=NOW), f"send it at once, {SINCE}took effect"),
        (
            settled(when=NOW, became=Became.NO_EFFECT, detail="did not take effect"),
            f"send it at once, {SINCE}did not take effect",
        ),
        (
            settled(kind=StepKind.UNSCHEDULE, became=Became.NO_EFFECT, detail="it was sent"),
            f"unschedule it, {SINCE}did not take effect: it was sent",
        ),
        (
            settled(kind=StepKind.UPDATE, became=Became.TAKEN_BACK),
            f"set its recipients, {SINCE}was taken back",
        ),
        (
            settled(when=NOW, became=Became.OTHERWISE, detail="it was sent at another time"),
            f"send it at once, {SINCE}did not end as asked: it was sent at another time",
        ),
    ],
)
def test_in_words(one: Settled, said: str) -> None:
    """What it was to do, since when that was open, and what became of it; nothing twice."""
    assert became(one) == f"an earlier run's request to {said}"


def test_for_programs() -> None:
    """The same fields in the document and in the stream, where they come before the results."""
    report = replace(build.eventful(), settled=(settled(became=Became.NO_EFFECT, detail="no"),))
    (one,) = json.loads(report_json(report))["settled"]
    first = json.loads(closing_lines(report).splitlines()[0])
    entry = report.settled[0].write.entry
    assert one == {
        "campaign": "Spring letter",
        "activity_id": entry.activity_id,
        "write_id": entry.write_id,
        "write": {"kind": "schedule", "method": "POST", "path": entry.step.path},
        "when": "2026-11-27T13:00:00Z",
        "intended_at": "2026-11-24T12:05:00Z",
        "became": "no-effect",
        "detail": "no",
    }
    assert first == {"kind": "event", "format_version": "1.0", "type": "settled", **one}


@pytest.mark.parametrize(("amount", "said"), [(1, "1 earlier write"), (2, "2 earlier writes")])
def test_no_headline_leaves_it_out(amount: int, said: str) -> None:
    """`0 campaigns changed` alone would be untrue of a run that found a send that went out."""
    report = replace(build.report(), settled=(settled(),) * amount)
    expected = f"0 campaigns changed, {said} settled, 0 writes, 12 reads, in 14 s"
    assert totals(report) == expected
    assert apply_outputs(report)["summary"] == expected
    for form in ("text", "markdown", "receipt"):
        assert expected in renderings(report)[form]
    assert standing(report) == f"Applied: nothing was left to do; {said} settled"


@pytest.mark.parametrize(
    ("endings", "code"),
    [
        ([Ending.DONE], ExitCode.DONE),
        ([Ending.UNKNOWN], ExitCode.UNKNOWN),
        ([Ending.NEEDS_PERSON, Ending.DONE], ExitCode.BLOCKED),
        ([Ending.NOT_STARTED], ExitCode.UNEXPECTED),
    ],
)
def test_every_heading_of_a_receipt_says_it(endings: Sequence[Ending], code: ExitCode) -> None:
    """It changes no exit code: that is what the campaigns of this run came to."""
    results = tuple(build.result(build.scheduled(), one) for one in endings)
    before = build.report(*results)
    report = replace(before, settled=(settled(),))
    assert (report.exit_code, before.exit_code) == (code, code)
    assert standing(report) == f"{standing(before)}; 1 earlier write settled"
