"""What holds for all guards: more rules never allow more, order is nothing, unknown is never enough."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import Place, Severity
from ccops.manifest.rules import Guard, Region, Rules
from ccops.manifest.window import Blackout, Hours, read_blackout
from ccops.planning.facts import Known, contacts_of
from ccops.planning.guarding.judge import judged
from ccops.planning.guarding.scene import Scene, scene_of
from ccops.planning.ownership import Observation
from ccops.planning.plan import Plan
from tests.guards.guard_examples import CONFIRMED, HOLIDAYS, MEMBERS
from tests.planning.samples import BOARD, CATALOGUE, DONORS, NOW_IS, OTHER_LISTS
from tests.planning.strategies import observations, planned

WHERE = Place(file="ccops.yaml", line=1, column=1)
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
hours = (
    st.tuples(clocks, clocks)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Hours(start=pair[0], end=pair[1]))
)
blackouts = st.tuples(st.integers(-5, 40), st.integers(1, 72)).map(
    lambda pair: Blackout(
        start=datetime(2026, 10, 1) + timedelta(days=pair[0]),  # noqa: DTZ001 - wall time
        end=datetime(2026, 10, 1) + timedelta(days=pair[0], hours=pair[1]),  # noqa: DTZ001 - same
        why="moving",
        place=WHERE,
    )
)
PARTS: dict[str, st.SearchStrategy[object]] = {
    "quiet_hours": st.lists(hours, min_size=1, max_size=2).map(tuple),
    "quiet_days": st.frozensets(st.integers(0, 6), min_size=1),
    "regions": st.just((Region(country="US"),)),
    "dates": st.frozensets(st.dates(NOW_IS.date(), NOW_IS.date() + timedelta(40)), min_size=1),
    "blackouts": st.tuples(blackouts),
    "max_contacts": st.integers(1, 2_000),
    "counted": st.just(True),
    "max_growth": st.integers(0, 500),
    "min_gap": st.integers(1, 200).map(lambda n: timedelta(hours=n)),
    "forbidden_lists": st.just(("Don*",)),
    "max_sends": st.integers(1, 3),
}
severities = st.dictionaries(st.sampled_from(Guard), st.sampled_from(["error", "warning"])).map(
    lambda found: MappingProxyType({guard: Severity(word) for guard, word in found.items()})
)
rules = st.fixed_dictionaries({}, optional=PARTS).map(lambda found: Rules(**found))  # type: ignore[arg-type]  # each of its field's type
knowledge = st.builds(
    Known,
    members=st.sampled_from([{}, MEMBERS, {DONORS: 0, BOARD: 0}, {BOARD: 3}]),
    contacts=st.sampled_from([{}, {OTHER_LISTS: 1_410}]),
    confirmed=st.sampled_from([None, frozenset(), CONFIRMED]),
    lacking=st.sampled_from([None, (), (("campaign:send", "Owner has it"),)]),
    holidays=st.just(HOLIDAYS),
)


def look(seen: Sequence[Observation], wanted: Rules, known: Known) -> Scene:
    return scene_of(
        planned(seen),
        rules=wanted,
        known=known,
        manifests=[one.desired for one in seen],
        catalogue=CATALOGUE,
        now=NOW_IS,
    )


def blockers(plan: Plan) -> set[tuple[str, str, str]]:
    return {(one.guard, one.campaign, one.diagnostic.code) for one in plan.findings if one.blocking}


@given(observations(), rules, knowledge, st.data())
@settings(max_examples=150)
def test_another_rule_never_turns_blocked_into_allowed(
    seen: tuple[Observation, ...], wanted: Rules, known: Known, data: st.DataObject
) -> None:
    """Adding a guard to ccops.yaml keeps every finding that blocked before."""
    name = data.draw(
        st.sampled_from([part for part in PARTS if not getattr(wanted, part)] or ["dates"])
    )
    before = judged(look(seen, wanted, known))
    after = judged(look(seen, replace(wanted, **{name: data.draw(PARTS[name])}), known))  # type: ignore[arg-type]  # see `rules`
    assert blockers(before) <= blockers(after)


@given(observations(), rules, severities, knowledge, st.randoms())
@settings(max_examples=100)
def test_order_is_nothing(
    seen: tuple[Observation, ...], wanted: Rules, weights: object, known: Known, chance: object
) -> None:
    """Neither that of manifests and readings, nor that of the plan's changes."""
    wanted = replace(wanted, severities=weights)  # type: ignore[arg-type]  # a mapping of severities
    mixed = list(seen)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random
    assert judged(look(seen, wanted, known)) == judged(look(mixed, wanted, known))


@given(observations(), rules, knowledge)
@settings(max_examples=150)
def test_knowing_less_never_allows_more(
    seen: tuple[Observation, ...], wanted: Rules, known: Known
) -> None:
    """A plan that is blocked with all counts, senders and rights known is blocked without them.

    But for a send to nobody, which is stopped where it is known to be one, or with `counted`.
    """
    full = judged(look(seen, replace(wanted, counted=True), known))
    blind = judged(look(seen, replace(wanted, counted=True), Known(holidays=HOLIDAYS)))
    assert {one[:2] for one in blockers(full)} <= {one[:2] for one in blockers(blind)}


@given(observations(), rules, knowledge)
@settings(max_examples=100)
def test_only_what_the_plan_makes_is_blocked(
    seen: tuple[Observation, ...], wanted: Rules, known: Known
) -> None:
    """Whatever stands, has been sent or is taken back is never a reason to stop."""
    plan = judged(look(seen, wanted, known))
    making = {
        one.campaign for one in plan.changes if any(step.method == "POST" for step in one.steps)
    }
    assert {campaign for _, campaign, _ in blockers(plan)} <= making


# Windows, against a clock that is read minute by minute.

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
TURNS = (
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 4, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 12, tzinfo=UTC),
)
"""Clocks are set forward or back, or a year ends, within a day of these."""
around = st.tuples(st.sampled_from(TURNS), st.integers(-1_440, 2_880)).map(
    lambda pair: pair[0] + timedelta(minutes=pair[1])
)


def minutes_of(window: Hours) -> set[str]:
    """Walk from the window's first minute to its last, as a clock shows them."""
    shown, minute = set(), window.start.hour * 60 + window.start.minute
    while (face := f"{minute // 60:02}:{minute % 60:02}") != f"{window.end:%H:%M}":
        shown.add(face)
        minute = (minute + 1) % 1_440
    return shown


@given(hours, around, st.sampled_from(ZONES))
def test_hours_are_those_of_the_clock_on_the_wall(
    window: Hours, instant: datetime, zone: str
) -> None:
    """Over every change of the clocks, and over midnight."""
    wall = instant.astimezone(ZoneInfo(zone))
    assert window.holds(wall.replace(tzinfo=None).time()) == (f"{wall:%H:%M}" in minutes_of(window))


@given(
    st.dates(datetime(2026, 12, 20).date(), datetime(2027, 1, 10).date()),  # noqa: DTZ001 - dates
    st.integers(0, 9),
    st.integers(-20 * 1_440, 30 * 1_440),
    st.sampled_from(ZONES),
)
def test_a_span_of_dates_holds_each_of_its_days(
    first: object, days: int, minute: int, zone: str
) -> None:
    """From the first minute of the first to the last of the last, over the end of a year."""
    spans = [first + timedelta(days=one) for one in range(days + 1)]  # type: ignore[operator]  # a date
    blackout = read_blackout(f"{spans[0]}..{spans[-1]}", "closed", WHERE)
    instant = TURNS[-1] + timedelta(minutes=minute)
    wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert blackout.holds(wall) == (wall.date() in spans)
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(spans))


@given(st.dictionaries(st.sampled_from([DONORS, BOARD]), st.integers(0, 3)), st.integers(0, 6))
def test_contacts_are_told_only_where_they_follow(members: dict[str, int], both: int) -> None:
    """The sum of two lists is told only when one of them is empty."""
    found = contacts_of(OTHER_LISTS, Known(members=members))
    known = len(members) == 2 and 0 in members.values()
    assert found == (sum(members.values()) if known else None)
    assert contacts_of(OTHER_LISTS, Known(contacts={OTHER_LISTS: both})) == both
