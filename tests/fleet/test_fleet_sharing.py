"""Whose turn it is, and what fits into a budget: laws."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ccops.fleet.budget import Counts, Work, estimate, fits, foreseen
from ccops.fleet.jobs import Action, Job
from ccops.fleet.rotation import due

accounts = st.text(min_size=1, max_size=14)
days = st.integers(1, 366)
dates = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
counts = st.builds(
    Counts,
    declared=st.integers(0, 2000),
    coming=st.integers(0, 2000),
    known=st.integers(0, 20_000),
    writes=st.integers(0, 50),
)
amounts = st.lists(st.integers(0, 500), max_size=12)


def works(requests: list[int]) -> list[Work]:
    job = Job(workspace="/w", action=Action.PLAN, account="a", origin="o")
    return [Work(job=job, requests=one) for one in requests]


@given(accounts, days, dates)
def test_each_account_has_one_turn_in_a_cycle(account: str, cycle: int, first: date) -> None:
    """Whichever day the cycle is counted from."""
    turns = [due(account, days=cycle, day=first + timedelta(days=one)) for one in range(cycle)]
    assert turns.count(True) == 1


def test_the_turns_are_spread() -> None:
    """Of 7,000 accounts about a thousand a day, by the account's id and not by chance."""
    day = date(2027, 3, 1)
    turns = Counter(
        next(one for one in range(7) if due(f"acc{i}", days=7, day=day + timedelta(days=one)))
        for i in range(7000)
    )
    assert max(turns.values()) < 1100
    assert min(turns.values()) > 900


@given(counts, st.sampled_from(Action))
def test_more_to_look_at_never_needs_less(known: Counts, action: Action) -> None:
    """And only a check that is offline needs nothing."""
    more = Counts(
        declared=known.declared, coming=known.coming + 1, known=known.known, writes=known.writes
    )
    assert estimate(action, more) >= estimate(action, known)
    assert (estimate(action, known) == 0) is (action is Action.VALIDATE)


@given(counts)
def test_drift_needs_no_less_than_a_plan(known: Counts) -> None:
    """It is a plan, and a look at what no manifest names."""
    assert estimate(Action.DRIFT, known) >= estimate(Action.PLAN, known)


@given(amounts, st.integers(0, 3000))
def test_what_fits_one_after_the_other_never_exceeds_the_budget(
    requests: list[int], budget: int
) -> None:
    """Where each needs what was estimated."""
    spent = 0
    for one in works(requests):
        if fits(one, (), spent=spent, budget=budget):
            spent += one.requests
    assert spent <= budget


@given(amounts, st.integers(0, 500), st.integers(0, 500))
def test_what_runs_counts(requests: list[int], next_one: int, budget: int) -> None:
    """It may spend it all yet."""
    (work,) = works([next_one])
    assert fits(work, works(requests), spent=0, budget=None)
    expected = sum(requests) + next_one <= budget
    assert fits(work, works(requests), spent=0, budget=budget) is expected


def test_what_is_foreseen_is_said() -> None:
    """How much, for how many, of what is left, and how far a budget goes."""
    three = works([100, 200, 1000])
    assert foreseen(three, budget=None, left=None) == "About 1,300 requests for 3 accounts."
    assert foreseen(three, budget=400, left=9000) == (
        "About 1,300 requests for 3 accounts, 9,000 left today, a budget of 400, enough for the "
        "first 2."
    )
    assert foreseen(three[:1], budget=100, left=5) == (
        "About 100 requests for 1 account, 5 left today, a budget of 100."
    )
