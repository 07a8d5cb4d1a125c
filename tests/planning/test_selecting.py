"""Flags about a plan: which manifests it is made of, what is granted to it, what it answers."""

from dataclasses import replace

import pytest

from ccops.errors import ExitCode, InvalidInput
from ccops.model import NOW, Desired
from ccops.planning.assemble import Observation
from ccops.planning.permissions import permissions
from ccops.planning.plan import Permission, Plan
from ccops.planning.select import select
from tests.planning.samples import DAY, LISTS, LIVE, NOW_IS, PLACE, desired
from tests.planning.strategies import planned

FALL = replace(desired(campaign="Fall Appeal"), tags=("appeal", "fall"))
GALA = replace(
    desired(campaign="Gala"), tags=("appeal",), place=replace(PLACE, file="events/gala.yaml")
)
BOTH = (FALL, GALA)


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        ((), BOTH),
        (("tag:appeal",), BOTH),
        (("tag:fall",), (FALL,)),
        (("name:G*",), (GALA,)),
        (("file:events/*",), (GALA,)),
        (("name:Gala", "name:Fall*"), BOTH),
        (("tag:appeal", "name:Gala"), (GALA,)),
    ],
)
def test_selectors_of_one_kind_widen_and_of_two_narrow(
    selectors: tuple[str, ...], chosen: tuple[Desired, ...]
) -> None:
    """Alternatives within a kind, agreement between kinds; the manifests keep their order."""
    assert select(BOTH, selectors) == chosen


@pytest.mark.parametrize(
    ("selector", "code"),
    [("Gala", "CC286"), ("name:", "CC286"), ("owner:x", "CC286"), ("name:gala", "CC287")],
)
def test_a_selector_that_selects_nothing_is_a_mistake(selector: str, code: str) -> None:
    """Neither a wrong form nor an empty selection passes in silence."""
    with pytest.raises(InvalidInput, match=code):
        select(BOTH, [selector])


def test_nothing_is_selected_from_nothing() -> None:
    """An empty workspace without selectors is fine."""
    assert select((), ()) == ()


def test_permissions_are_read_with_their_reason() -> None:
    """A campaign's name may hold an equals sign."""
    assert permissions([], "") == ()
    assert permissions(["send-now=a=b"], " why ") == (
        Permission(rule="send-now", campaign="a=b", reason="why"),
    )


@pytest.mark.parametrize(
    ("flag", "reason", "code"),
    [("send-now=x", " ", "CC289"), ("send-now", "why", "CC288"), ("=x", "why", "CC288")],
)
def test_a_permission_needs_its_form_and_a_reason(flag: str, reason: str, code: str) -> None:
    """Who grants it says why."""
    with pytest.raises(InvalidInput, match=code):
        permissions([flag], reason)


@pytest.mark.parametrize(
    ("plan", "plain", "detailed"),
    [
        (planned([]), ExitCode.DONE, ExitCode.DONE),
        (
            planned([Observation(desired=desired(NOW_IS + DAY), live=LIVE, recipients=LISTS)]),
            ExitCode.DONE,
            ExitCode.CHANGES,
        ),
        (
            planned([Observation(desired=desired(NOW), live=LIVE, recipients=LISTS)]),
            ExitCode.BLOCKED,
            ExitCode.BLOCKED,
        ),
        (
            planned([Observation(desired=desired(NOW_IS))]),
            ExitCode.BLOCKED,
            ExitCode.BLOCKED,
        ),
    ],
)
def test_a_shown_plan_answers_with_a_code(plan: Plan, plain: ExitCode, detailed: ExitCode) -> None:
    """Blocked, or waiting for a person, beats changes; those are told only if asked for."""
    assert (plan.exit_code(detailed=False), plan.exit_code(detailed=True)) == (plain, detailed)
