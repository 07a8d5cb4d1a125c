"""plan ∘ apply = ∅: what a verdict's steps bring about is what was wanted, in a model world.

The model is the vendor's behaviour as the API describes it, written here for itself.
"""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ccops.model import NOW, Live, Status, Step, StepKind, Target, When
from ccops.planning.plan import Verdict
from ccops.planning.verdict import Decision, Facts, decide
from tests.planning.samples import DAY, LIMITS, NOW_IS, completed, errored
from tests.planning.strategies import audiences, lives, upcoming

AT_REST = {Verdict.IN_SYNC, Verdict.SENT, Verdict.SENDING}


def applied(live: Live, step: Step, target: Target, when: When | None) -> Live:
    """What the vendor would show after one accepted request (spec)."""
    match step.kind:
        case StepKind.UNSCHEDULE:
            assert live.status is Status.SCHEDULED, "DELETE is refused unless SCHEDULED"
            history = live.history or ()
            before = Status.DONE if history else Status.DRAFT
            failed = bool(history) and not history[-1].completed
            return replace(live, status=Status.ERROR if failed else before, schedules=())
        case StepKind.UPDATE:
            assert live.status in {Status.DRAFT, Status.DONE}, "PUT is refused otherwise"
            assert target.recipients is not None
            return replace(live, recipients=target.recipients)
        case StepKind.SCHEDULE:
            assert live.status in {Status.DRAFT, Status.DONE, Status.ERROR}
            if when is NOW:
                return replace(live, status=Status.EXECUTING)
            assert when is not None
            return replace(live, status=Status.SCHEDULED, schedules=(when,))


def asked(target: Target, live: Live, *, started: bool = False) -> Decision:
    facts = Facts(target=target, live=live, now=NOW_IS, limits=LIMITS, started=started)
    return decide(facts)


def after(target: Target, live: Live, decision: Decision, steps: Sequence[Step]) -> Live:
    for step in steps:
        live = applied(live, step, target, decision.when)
    return live


ANCIENT = tuple(NOW_IS - days * DAY for days in (30, 20, 10))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Target, Live]:
    """An activity as the API can show it, its first declared sends done, beside a manifest."""
    live = draw(lives(statuses=(Status.DRAFT, Status.SCHEDULED, Status.DONE, Status.ERROR)))
    done = 0 if live.status is Status.DRAFT else draw(st.integers(0, 2))
    if live.status is Status.DONE:
        done += 1
    history = tuple(map(completed, ANCIENT[:done]))
    if live.status is Status.ERROR or (live.status is Status.SCHEDULED and draw(st.booleans())):
        history = (*history, errored(NOW_IS - DAY))
    size = draw(st.sampled_from([0, 1, 1, 2]))
    later = draw(st.lists(upcoming, min_size=size, max_size=size, unique=True).map(sorted))
    at_once = (NOW,) if not history and draw(st.booleans()) else ()
    target = Target(
        campaign=live.name,
        activity_id=live.activity_id,
        sends=(*ANCIENT[:done], *at_once, *later),
        recipients=draw(audiences),
    )
    return target, replace(live, role="primary_email", ab_test=False, history=history)


@settings(max_examples=250)
@given(situations())
def test_nothing_is_left_to_do_after_an_apply(situation: tuple[Target, Live]) -> None:
    """Once all steps of a change are made, the same manifest asks for no further request."""
    target, live = situation
    first = asked(target, live)
    event(first.verdict)
    second = asked(target, after(target, live, first, first.steps))
    assert second.steps == ()
    if first.steps and first.verdict is not Verdict.UNSCHEDULE:
        assert second.verdict in AT_REST


@settings(max_examples=250)
@given(situations())
def test_a_sequence_is_continued_where_it_stands(situation: tuple[Target, Live]) -> None:
    """Asked again after each write, the table names exactly the steps that remain."""
    target, live = situation
    first = asked(target, live)
    for made in range(len(first.steps)):
        between = after(target, live, first, first.steps[:made])
        assert asked(target, between, started=made > 0).steps == first.steps[made:]
