"""Each guard passes, blocks, is overridden, and only warns of what stands already."""

import pytest

from ccops.errors import Place, Severity
from ccops.manifest.nodes import Scalar
from ccops.manifest.overrides import read_range
from ccops.manifest.rules import Guard, Rules
from ccops.model import Expect, Range, Recipients, Status, When
from ccops.planning.guarding.judge import GUARDS
from ccops.planning.plan import Finding, Plan, Verdict
from tests.guards.guard_examples import (
    EXAMPLES,
    MEMBERS,
    REASON,
    SENT,
    Example,
    Situation,
    judge,
    new_york,
    rules_of,
)
from tests.planning.samples import BOARD, DONORS, LISTS, NAME, OTHER_LISTS, SEGMENTED

each = pytest.mark.parametrize("example", EXAMPLES, ids=[one.guard for one in EXAMPLES])
LATER = new_york(20, 9)
THIRD_LISTS = Recipients(lists=(DONORS, "33333333-3333-3333-3333-333333333333"))


def of(plan: Plan, guard: Guard) -> list[Finding]:
    """What a guard says of the campaign in question."""
    return [one for one in plan.findings if (one.guard, one.campaign) == (guard, NAME)]


def test_every_guard_has_an_example_and_a_title() -> None:
    """A guard that nobody has seen block is not finished; its docstring is its title: one line."""
    assert {one.guard for one in EXAMPLES} == set(GUARDS) == set(Guard)
    assert all(one.__doc__ and "\n" not in one.__doc__ for one in GUARDS.values())


@each
def test_what_passes_is_not_spoken_of(example: Example) -> None:
    plan = judge(rules_of(example.rules), example.passes)
    assert of(plan, example.guard) == []
    assert not plan.blocked


@each
def test_what_fails_blocks_the_whole_plan(example: Example) -> None:
    """Nobody else speaks; it says what, where, why, and what to do."""
    plan = judge(rules_of(example.rules), example.fails)
    (finding,) = of(plan, example.guard)
    assert plan.blocked
    assert [one for one in plan.findings if one.blocking] == [finding]
    assert finding.diagnostic.severity is Severity.ERROR
    assert finding.diagnostic.place
    assert finding.diagnostic.label
    assert finding.diagnostic.help


@each
def test_without_its_rule_a_guard_is_silent(example: Example) -> None:
    """But for those that need no configuration."""
    unconditional = not example.rules or example.rules.startswith("severity")
    assert bool(of(judge(Rules(), example.fails), example.guard)) == unconditional


@each
@pytest.mark.parametrize("way", ["overrides", "allow"])
def test_an_override_lifts_the_block_and_is_told(example: Example, way: str) -> None:
    """In the manifest or on the command line; it stands among the permissions, with its reason."""
    if not example.guard.waivable:
        return
    plan = judge(rules_of(example.rules), example.fails, **{way: (str(example.guard),)})
    (finding,) = of(plan, example.guard)
    assert not plan.blocked
    assert (finding.blocking, finding.diagnostic.severity) == (False, Severity.NOTE)
    assert finding.diagnostic.help == f"overridden: {REASON}"
    assert [(one.rule, one.reason) for one in plan.permissions] == [(example.guard, REASON)]


@each
def test_a_rule_can_be_made_a_warning(example: Example) -> None:
    text = "\n".join(
        [*example.rules.splitlines(), f"severity: {{{example.guard}: warning}}"]
        if not example.rules.startswith("severity")
        else [f"severity: {{{example.guard}: warning}}"]
    )
    plan = judge(rules_of(text), example.fails)
    assert not plan.blocked
    assert [one.diagnostic.severity for one in of(plan, example.guard)] == [Severity.WARNING]


@each
def test_what_is_scheduled_already_is_only_warned_of(example: Example) -> None:
    """The plan does not make that send; what a login lacks is no matter then."""
    plan = judge(rules_of(example.rules), example.fails, status=Status.SCHEDULED)
    assert [one.verdict for one in plan.changes if one.campaign == NAME] == [Verdict.IN_SYNC]
    found = [one.diagnostic.severity for one in of(plan, example.guard)]
    assert found == ([] if example.guard is Guard.SEND_PRIVILEGE else [Severity.WARNING])
    assert not plan.blocked


@each
@pytest.mark.parametrize(
    ("status", "sends", "verdict"),
    [(Status.SCHEDULED, (), Verdict.UNSCHEDULE), (Status.DRAFT, (), Verdict.IN_SYNC)],
)
def test_nothing_hinders_taking_a_send_back(
    example: Example, status: Status, sends: tuple[When, ...], verdict: Verdict
) -> None:
    plan = judge(rules_of(example.rules), example.fails, status=status, sends=sends)
    if not example.fails.history:
        assert [one.verdict for one in plan.changes if one.campaign == NAME] == [verdict]
    assert of(plan, example.guard) == []


@each
def test_a_sent_campaign_is_judged_by_none(example: Example) -> None:
    sent = judge(rules_of(example.rules), example.fails, status=Status.DONE, sends=())
    assert [one for one in sent.findings if one.campaign == NAME] == []


def test_a_waiting_resend_is_warned_of_early() -> None:
    """Its own plan will block; whoever reviews this one should know."""
    resend = new_york(17, 9)
    plan = judge(
        rules_of("quiet-days: [Sat]"), Situation(words=""), sends=(new_york(13, 9), resend)
    )
    (finding,) = of(plan, Guard.QUIET_DAYS)
    assert (finding.blocking, plan.blocked) == (False, False)
    assert "Sat 2026-10-17 09:00" in finding.diagnostic.label


@pytest.mark.parametrize("way", ["overrides", "allow"])
def test_an_override_of_nothing_is_a_warning(way: str) -> None:
    plan = judge(Rules(), Situation(words=""), **{way: ("quiet-days",)})
    (finding,) = of(plan, Guard.QUIET_DAYS)
    assert (finding.diagnostic.code, finding.diagnostic.severity) == ("CC406", Severity.WARNING)
    assert not plan.blocked


def test_an_override_that_was_used_may_stay_in_the_manifest() -> None:
    """A campaign without a send to judge is not told to remove it."""
    plan = judge(Rules(), Situation(words=""), sends=(), overrides=("quiet-days",))
    assert plan.findings == ()


@pytest.mark.parametrize(
    ("situation", "word"),
    [
        (Situation(words="", members={}), "did not tell"),
        (Situation(words="", recipients=SEGMENTED), "segment"),
        (Situation(words="", recipients=OTHER_LISTS), "did not tell"),
    ],
)
@pytest.mark.parametrize("rule", ["max-contacts: 9999999", "no-contacts: counted"])
def test_an_unknown_count_blocks_where_a_guard_needs_it(
    situation: Situation, word: str, rule: str
) -> None:
    """And it says how the count can be known. Two lists with members are not nobody."""
    plan = judge(rules_of(rule), situation)
    found = [one.diagnostic for one in plan.findings if one.blocking]
    if rule.startswith("no") and situation.recipients == OTHER_LISTS:
        assert found == []
        return
    assert [one.code for one in found] == ["CC424"]
    assert word in found[0].label
    assert found[0].help


def test_an_unknown_overlap_blocks_too() -> None:
    """Of disjoint recipients nobody knows whom they share until that was counted."""
    beside = (("News", new_york(13, 8), SEGMENTED),)
    rules = rules_of("min-gap-same-recipients: 2 hours")
    plan = judge(rules, Situation(words="", beside=beside))
    (finding,) = of(plan, Guard.MIN_GAP)
    assert finding.blocking
    assert "not counted" in finding.diagnostic.label
    assert [(one.first, one.second, one.contacts) for one in plan.overlaps] == [
        ("News", NAME, None)
    ]


@pytest.mark.parametrize(
    ("first", "second", "known", "shared"),
    [
        (LISTS, LISTS, MEMBERS, "1,402 contacts would have both"),
        (LISTS, OTHER_LISTS, MEMBERS, "1,402 contacts would have both"),
        (OTHER_LISTS, LISTS, MEMBERS, "1,402 contacts would have both"),
        (OTHER_LISTS, THIRD_LISTS, MEMBERS, "they have a list in common"),
        (OTHER_LISTS, THIRD_LISTS, {DONORS: 9}, "they have a list in common"),
        (LISTS, Recipients(lists=(BOARD,)), MEMBERS, "was not counted"),
        (LISTS, Recipients(lists=(BOARD,)), {DONORS: 9, BOARD: 0}, ""),
        (
            SEGMENTED,
            SEGMENTED,
            MEMBERS,
            "the same segment; how many contacts it has was not counted",
        ),
        (SEGMENTED, Recipients(segments=("78",)), MEMBERS, "would have both was not counted"),
    ],
)
def test_who_would_have_both(
    first: Recipients, second: Recipients, known: dict[str, int], shared: str
) -> None:
    """Counted where that is free, else said as far as it is known; an empty list shares nobody."""
    situation = Situation(
        words="",
        recipients=first,
        members=known,
        beside=(("News", new_york(13, 9), second),),
    )
    found = of(judge(rules_of("min-gap-same-recipients: 2 hours"), situation), Guard.MIN_GAP)
    assert [shared in one.diagnostic.label for one in found] == ([True] if shared else [])


def test_unknown_counts_block_growth_and_expectations_too() -> None:
    """A range cannot be true of a number that nobody knows, nor a growth be small."""
    expected = Situation(words="", members={}, expect=Expect(contacts=Range(least=0)))
    assert [one.diagnostic.code for one in judge(Rules(), expected).findings] == ["CC424"]
    grown = Situation(words="", members={}, history=(SENT,))
    plan = judge(rules_of("max-growth: 20%"), grown)
    assert [one.diagnostic.code for one in plan.findings] == ["CC424"]


def test_more_lists_than_are_counted_together() -> None:
    many = Recipients(lists=tuple(f"{n:08}-0000-0000-0000-000000000000" for n in range(26)))
    plan = judge(rules_of("max-contacts: 9"), Situation(words="", recipients=many))
    assert ["25" in one.diagnostic.label for one in plan.findings] == [True]


@pytest.mark.parametrize("text", ["1000..2000", "≤ 2000", "≥ 1000"])
def test_a_range_is_read_as_it_is_written(text: str) -> None:
    node = Scalar(value=text, text=text, place=Place(file="a.yaml", line=1, column=1))
    assert str(read_range(node)) == text
    assert read_range(node).holds(1_500)
