"""Guards: what blocks a plan, what only warns, and which permissions mean something."""

from dataclasses import replace

import pytest

from ccops.errors import InvalidInput, Place, Severity
from ccops.model import NOW, Expect, Live, Recipients, Status, When
from ccops.planning.assemble import Observation
from ccops.planning.guards import GUARDS, RULES, check_permissions
from ccops.planning.plan import Finding, Permission, Plan, Verdict
from tests.planning.samples import (
    DAY,
    LISTS,
    LIVE,
    NAME,
    NOW_IS,
    OTHER_LISTS,
    completed,
    desired,
    scheduled,
)
from tests.planning.strategies import planned

SOON = NOW_IS + DAY
WHERE = Place(file="campaigns/fall.yaml", line=7, column=3, text="  subject: Another")
WRONG = Expect(subject="Another", place=WHERE)
MAY = Permission(rule="send-now", campaign=NAME, reason="the recall cannot wait")


def plan_for(
    *sends: When,
    live: Live,
    expect: Expect | None = None,
    recipients: Recipients = LISTS,
    permissions: tuple[Permission, ...] = (),
) -> Plan:
    wanted = replace(desired(*sends), expect=expect or Expect())
    seen = Observation(desired=wanted, live=live, recipients=recipients)
    return planned([seen], permissions=permissions)


def only(plan: Plan) -> Finding:
    (finding,) = plan.findings
    return finding


def test_every_guard_says_what_it_is_for() -> None:
    """Its docstring is its title: one line."""
    assert [guard.__name__ for guard in GUARDS] == ["expect", "send_now"]
    assert all(guard.__doc__ and "\n" not in guard.__doc__ for guard in GUARDS)


def test_a_send_with_another_subject_is_blocked() -> None:
    """An expectation that is not true stops a change that would send, at its place."""
    plan = plan_for(SOON, live=LIVE, expect=WRONG)
    finding = only(plan)
    assert plan.blocked
    assert (finding.guard, finding.campaign, finding.blocking) == ("expect", NAME, True)
    assert finding.diagnostic.code == "CC401"
    assert finding.diagnostic.severity is Severity.ERROR
    assert finding.diagnostic.place == WHERE
    assert finding.diagnostic.message == '"Fall Appeal": subject is not what the manifest expects'
    assert finding.diagnostic.label == 'expected "Another", Constant Contact has "Will you help?"'


def test_each_unmet_expectation_is_a_finding() -> None:
    """Subject and sender are compared to the letter; without a place, the manifest's is used."""
    both = Expect(subject="will you help?", from_email="NEWS@example.org")
    found = plan_for(SOON, live=LIVE, expect=both).findings
    assert [one.diagnostic.message.split(":")[1] for one in found] == [
        " subject is not what the manifest expects",
        " from is not what the manifest expects",
    ]
    assert {one.diagnostic.place for one in found} == {desired().place}


def test_a_true_expectation_is_silent() -> None:
    """Nothing is said where all is well, or nothing is expected."""
    right = Expect(subject=LIVE.subject, from_email=LIVE.from_email)
    assert plan_for(SOON, live=LIVE, expect=right).findings == ()
    assert plan_for(SOON, live=LIVE).findings == ()


@pytest.mark.parametrize(
    ("plan", "verdict"),
    [
        (plan_for(SOON, live=scheduled(SOON), expect=WRONG), Verdict.IN_SYNC),
        (plan_for(SOON, live=scheduled(NOW_IS), expect=WRONG), Verdict.FROZEN),
        (plan_for(live=LIVE, expect=WRONG, recipients=OTHER_LISTS), Verdict.UPDATE),
    ],
)
def test_an_unmet_expectation_warns_where_nothing_is_posted(plan: Plan, verdict: Verdict) -> None:
    """What is scheduled already, and a draft, are warned of: neither is this plan's send."""
    finding = only(plan)
    assert [change.verdict for change in plan.changes] == [verdict]
    assert not plan.blocked
    assert finding.diagnostic.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("plan", "verdict"),
    [
        (
            plan_for(
                NOW_IS,
                live=replace(LIVE, status=Status.DONE, history=(completed(NOW_IS),)),
                expect=WRONG,
            ),
            Verdict.SENT,
        ),
        (plan_for(live=scheduled(SOON), expect=WRONG), Verdict.UNSCHEDULE),
        (plan_for(live=LIVE, expect=WRONG), Verdict.IN_SYNC),
        (plan_for(NOW_IS - DAY, live=LIVE, expect=WRONG), Verdict.MISSED),
    ],
)
def test_what_is_over_or_stopped_is_not_judged(plan: Plan, verdict: Verdict) -> None:
    """A sent campaign is judged by none, and nothing hinders unscheduling."""
    assert [change.verdict for change in plan.changes] == [verdict]
    assert plan.findings == ()


def test_sending_now_needs_its_own_permission() -> None:
    """Without it the plan is blocked, and the help shows the exact flag."""
    finding = only(plan_for(NOW, live=LIVE))
    assert (finding.guard, finding.blocking) == ("send-now", True)
    assert finding.diagnostic.code == "CC402"
    assert (
        finding.diagnostic.help
        == 'plan with --allow send-now="Fall Appeal" --reason "…", or write a time'
    )


def test_a_permission_lifts_the_block_and_stays_in_the_plan() -> None:
    """It is frozen in the plan, with its reason."""
    plan = plan_for(NOW, live=LIVE, permissions=(MAY, MAY))
    assert plan.findings == ()
    assert plan.permissions == (MAY,)
    assert [change.verdict for change in plan.changes] == [Verdict.SEND_NOW]


def test_the_flag_is_quoted_for_a_shell() -> None:
    """A campaign's name cannot become a command when the help is pasted."""
    name = 'A "$(b)" `c` \\'
    seen = Observation(
        desired=desired(NOW, campaign=name), live=replace(LIVE, name=name), recipients=LISTS
    )
    text = only(planned([seen])).diagnostic.help
    assert text.startswith('plan with --allow send-now="A \\"\\$(b)\\" \\`c\\` \\\\" --reason')


@pytest.mark.parametrize(
    ("permission", "code", "message", "remedy"),
    [
        (
            Permission(rule="sendnow", campaign=NAME),
            "CC403",
            '--allow sendnow="Fall Appeal": there is no such rule',
            'did you mean "send-now"?',
        ),
        (
            Permission(rule="x", campaign=NAME),
            "CC403",
            '--allow x="Fall Appeal": there is no such rule',
            f"the rules are {', '.join(RULES[:-1])} and {RULES[-1]}",
        ),
        (
            Permission(rule="send-now", campaign="Fall Apeal"),
            "CC404",
            '--allow send-now="Fall Apeal": this plan has no such campaign',
            'did you mean "Fall Appeal"?',
        ),
        (
            Permission(rule="reschedule", campaign="Zebra"),
            "CC404",
            '--allow reschedule="Zebra": this plan has no such campaign',
            "write the campaign's name exactly as its manifest does",
        ),
        (
            MAY,
            "CC405",
            '--allow send-now="Fall Appeal": the plan does not send this campaign now',
            "leave the permission out",
        ),
    ],
)
def test_a_permission_that_permits_nothing_is_refused(
    permission: Permission, code: str, message: str, remedy: str
) -> None:
    """A typing error never passes in silence."""
    with pytest.raises(InvalidInput) as caught:
        plan_for(SOON, live=LIVE, permissions=(permission,))
    (one,) = caught.value.diagnostics
    assert (one.code, one.message, one.help) == (code, message, remedy)


def test_all_wrong_permissions_are_told_at_once() -> None:
    """One run shows all of them."""
    wrong = [Permission(rule="x", campaign=NAME), Permission(rule="send-now", campaign="Zebra")]
    with pytest.raises(InvalidInput) as caught:
        check_permissions(wrong, plan_for(SOON, live=LIVE).changes)
    assert [one.code for one in caught.value.diagnostics] == ["CC403", "CC404"]


def test_a_reschedule_needs_only_to_name_a_campaign_of_the_plan() -> None:
    """It may be given before somebody unscheduled it."""
    again = Permission(rule="reschedule", campaign=NAME)
    assert plan_for(SOON, live=LIVE, permissions=(again,)).permissions == (again,)
