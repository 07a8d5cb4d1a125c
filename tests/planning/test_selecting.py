"""Flags about a plan: which manifests it is made of, what is granted to it, what it answers."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import ExitCode, InvalidInput
from ccops.model import NOW, Desired, RecipientKind, Reference, Status, When
from ccops.planning.assemble import Observation
from ccops.planning.permissions import permissions
from ccops.planning.plan import Permission, Plan, Verdict
from ccops.planning.select import STATES, Changed, chosen, due, in_state, parse, select
from tests.planning.samples import DAY, HOUR, LISTS, LIVE, NOW_IS, PLACE, desired, reference
from tests.planning.strategies import observations, planned

FALL = replace(desired(campaign="Fall Appeal"), tags=("appeal", "fall"))
GALA = replace(
    desired(NOW_IS + 2 * DAY, campaign="Gala"),
    tags=("appeal",),
    place=PLACE._replace(file="events/gala.yaml"),
    references=(
        reference("Volunteers", RecipientKind.SEGMENT),
        Reference(kind=RecipientKind.SEGMENT, id="77", place=PLACE),
    ),
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
        (("list:Volun*",), (GALA,)),
        (("list:Donors", "list:77"), (FALL, GALA)),
    ],
)
def test_selectors_of_one_kind_widen_and_of_two_narrow(
    selectors: tuple[str, ...], chosen: tuple[Desired, ...]
) -> None:
    """Alternatives within a kind, agreement between kinds; the manifests keep their order."""
    assert select(BOTH, selectors) == chosen


@pytest.mark.parametrize(
    ("selector", "code"),
    [
        ("Gala", "CC286"),
        ("name:", "CC286"),
        ("owner:x", "CC286"),
        ("name:gala", "CC287"),
        ("list:Members", "CC287"),
        ("sends<48", "CC286"),
        ("sends<0h", "CC286"),
        ("sends:48h", "CC286"),
        ("sends<48h", "CC286"),
        ("state:draft", "CC286"),
        ("changed:HEAD", "CC286"),
    ],
)
def test_a_selector_that_selects_nothing_is_a_mistake(selector: str, code: str) -> None:
    """Neither a wrong form nor an empty selection passes in silence."""
    with pytest.raises(InvalidInput, match=code):
        select(BOTH, [selector])


@given(observations(), st.data())
@settings(max_examples=60)
def test_a_selection_never_changes_the_plan_of_what_it_selects(
    found: tuple[Observation, ...], data: st.DataObject
) -> None:
    """Each change of a part stands so in the whole, and in the same order."""
    part = [one for one in found if data.draw(st.booleans())]
    names = {one.desired.campaign for one in part}
    whole = [one for one in planned(found).changes if one.campaign in names]
    assert list(planned(part).changes) == whole


@given(observations(), st.sampled_from(STATES))
@settings(max_examples=60)
def test_a_state_never_changes_the_plan_of_what_is_in_it(
    found: tuple[Observation, ...], state: str
) -> None:
    """Those of another state are left out; nobody in it is a mistake."""
    live = {one.desired.campaign: one.live or one.row for one in found}
    expected = [
        change
        for change in planned(found).changes
        if state == change.verdict
        or ((known := live[change.campaign]) is not None and state == known.status)
    ]
    if expected:
        selected = planned(found, selection=(f"state:{state}",))
        assert list(selected.changes) == expected
        assert selected.unmanaged == planned(found).unmanaged
    else:
        with pytest.raises(InvalidInput, match="CC287"):
            planned(found, selection=(f"state:{state}",))


@pytest.mark.parametrize(
    ("pattern", "verdict", "status", "meant"),
    [
        ("scheduled", Verdict.IN_SYNC, Status.SCHEDULED, True),
        ("SCHEDULED", Verdict.IN_SYNC, Status.SCHEDULED, True),
        ("in-sync", Verdict.IN_SYNC, Status.SCHEDULED, True),
        ("schedule", Verdict.IN_SYNC, Status.SCHEDULED, False),
        ("*sched*", Verdict.UNSCHEDULE, None, True),
        ("draft", Verdict.BLOCKED, None, False),
    ],
)
def test_a_state_is_a_verdict_or_a_live_status(
    pattern: str, verdict: Verdict, status: Status | None, *, meant: bool
) -> None:
    """In any case of letters; the words of the two never mean both."""
    assert in_state(parse([f"state:{pattern}"]), verdict, status) is meant
    assert set(Verdict).isdisjoint(set(Status) - {Status.UNKNOWN})


def test_an_unknown_state_is_guessed_at() -> None:
    """A state that nothing is ever in would select nothing, for ever."""
    with pytest.raises(InvalidInput) as caught:
        parse(["state:shceduled"])
    assert caught.value.diagnostics[0].help == 'did you mean "scheduled"?'
    with pytest.raises(InvalidInput) as caught:
        parse(["state:xyzzy"])
    assert caught.value.diagnostics[0].help.startswith("the states are blocked, sending")
    assert parse(["state:xyz*"]).of("state") == ("xyz*",)


@pytest.mark.parametrize(
    ("sends", "selectors", "near"),
    [
        ([NOW_IS + 47 * HOUR], ["sends<48h"], True),
        ([NOW_IS + 2 * DAY], ["sends<48h"], True),
        ([NOW_IS + 49 * HOUR], ["sends<48h"], False),
        ([NOW_IS + 49 * HOUR], ["sends<48h", "sends<3d"], True),
        ([NOW_IS - HOUR], ["sends<48h"], False),
        ([NOW_IS - HOUR, NOW_IS + HOUR], ["sends<2h"], True),
        ([NOW], ["sends<1h"], True),
        ([], ["sends<9d"], False),
    ],
)
def test_what_sends_soon_has_a_send_ahead_within_the_span(
    sends: list[When], selectors: list[str], *, near: bool
) -> None:
    """The next one that is declared; one that was missed is not ahead."""
    campaigns = (desired(*sends), desired(NOW_IS + HOUR / 2, campaign="Always near"))
    assert due(campaigns, parse(selectors), NOW_IS) == (campaigns if near else campaigns[1:])


def test_nothing_that_sends_soon_is_a_mistake() -> None:
    """An apply that was to be urgent must not end as if it were done."""
    with pytest.raises(InvalidInput, match="CC287"):
        due([desired()], parse(["sends<1h"]), NOW_IS)
    assert due([desired()], parse([]), NOW_IS) == (desired(),)


def test_what_changed_is_selected_by_its_file() -> None:
    """Of several commits, what differs from any; where all depends on it, all."""
    gala = {"a": Changed(files=frozenset({"events/gala.yaml"}))}
    none = {"b": Changed(files=frozenset(), deleted=("old.yaml",))}
    assert chosen(BOTH, parse(["changed:a"]), gala) == (GALA,)
    assert chosen(BOTH, parse(["changed:a", "changed:b"]), gala | none) == (GALA,)
    assert chosen(BOTH, parse(["changed:c"]), {"c": Changed(files=frozenset(), all=True)}) == BOTH
    with pytest.raises(InvalidInput) as caught:
        chosen(BOTH, parse(["changed:b"]), none)
    assert caught.value.diagnostics[0].help.startswith("old.yaml was deleted, and a removed")


def test_a_command_says_what_it_can_be_asked() -> None:
    """Halting goes by what the manifests say; nothing that it cannot heed passes unheard."""
    with pytest.raises(InvalidInput) as caught:
        select(BOTH, ["state:draft"])
    assert caught.value.diagnostics[0].help == "this command knows name:, tag:, file:, list:"


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
