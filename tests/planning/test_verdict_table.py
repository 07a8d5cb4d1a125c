"""The verdict table, cell by cell: every combination of what a verdict depends on is decided.

The table is stated here a second time, from design §3, by predicates of its own; the first that
holds must be the row that `decide` reports.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import chain, product
from typing import NamedTuple

import pytest

from ccops.model import NOW, Live, Recipients, SendRecord, Status, StepKind, When
from ccops.planning.plan import Verdict
from ccops.planning.verdict import TABLE, Decision, Facts, decide
from ccops.ports import Halt, JournalEntry, WriteState
from tests.planning.samples import (
    DAY,
    HOUR,
    LIMITS,
    LISTS,
    LIVE,
    NOW_IS,
    OTHER_LISTS,
    SEGMENTED,
    completed,
    errored,
    journal,
    target,
)

LEAD, FREEZE, HEAD = LIMITS.lead, LIMITS.freeze, LIMITS.head_start
SECOND = timedelta(seconds=1)
ANCIENT = tuple(NOW_IS - days * DAY for days in (30, 20, 10))
"""When earlier declared sends were to happen, and did."""

UNSCHEDULE, UPDATE, POST = StepKind.UNSCHEDULE, StepKind.UPDATE, StepKind.SCHEDULE


# --- the table once more, from the design's words --------------------------------------------


def done_sends(live: Live) -> list[SendRecord]:
    return [one for one in live.history or () if one.completed]


def upcoming(facts: Facts, live: Live) -> When | None:
    rest = facts.target.sends[len(done_sends(live)) :]
    return rest[0] if rest else None


def a_time(facts: Facts, live: Live) -> datetime | None:
    following = upcoming(facts, live)
    return None if following is NOW or following is None else following


def same_people(facts: Facts, live: Live) -> bool:
    return facts.target.recipients is not None and facts.target.recipients == live.recipients


def latest(live: Live) -> SendRecord | None:
    return live.history[-1] if live.history else None


def base(live: Live) -> Status:
    last = latest(live)
    if last is None:
        return Status.DRAFT
    return Status.DONE if last.completed else Status.ERROR


def row_1(facts: Facts, live: Live) -> bool:
    return (
        live.status in (Status.REMOVED, Status.UNKNOWN)
        or live.role != "primary_email"
        or live.ab_test
        or live.name != facts.target.campaign
        or (live.recipients.lists != () and live.recipients.segments != ())
    )


def row_3(facts: Facts, live: Live) -> bool:
    last = latest(live)
    idle_draft = (
        live.status is Status.DRAFT and facts.target.sends == () and same_people(facts, live)
    )
    if live.history is None and not idle_draft:
        return True
    return (
        (live.status is Status.DONE and not (last and last.completed))
        or (live.status is Status.ERROR and not (last and not last.completed))
        or (live.status is Status.DRAFT and last is not None)
        or (live.status is Status.SCHEDULED and len(live.schedules) != 1)
    )


def row_4(facts: Facts, live: Live) -> bool:
    if live.status is Status.SCHEDULED and upcoming(facts, live) is None:
        return False  # an undeclared schedule goes first
    for ran, declared in zip(done_sends(live), facts.target.sends, strict=False):
        if declared is not NOW and ran.ran_at < declared - timedelta(minutes=5):
            return True
    return False


def row_13(facts: Facts, live: Live) -> bool:
    at = a_time(facts, live)
    if at is None or at < facts.now:
        return False
    first = int(live.status is Status.SCHEDULED) + int(not same_people(facts, live))
    return at < facts.now + LEAD + (timedelta(0) if facts.started else first * HEAD)


def row_14(facts: Facts, live: Live) -> bool:
    line = facts.newest
    return (
        live.status is not Status.SCHEDULED
        and a_time(facts, live) is not None
        and line is not None
        and line.state is WriteState.VERIFIED
        and line.step.kind is POST
        and line.when == upcoming(facts, live)
        and line.recipients == facts.target.recipients
        and not facts.restored
    )


def row_23(facts: Facts, live: Live) -> bool:
    return facts.halt is not None and upcoming(facts, live) in facts.halt.sends


def row_15(_: Facts, live: Live) -> bool:
    last = latest(live)
    return last is not None and not last.completed and (last.count > 0 or last.reason in (5, 6))


def row_16(facts: Facts, live: Live) -> bool:
    wanted = facts.target.recipients
    if wanted is None:
        return True
    if wanted == live.recipients:
        return False
    return (
        base(live) is Status.ERROR
        or (base(live) is Status.DONE and live.format_type != 3)
        or (wanted.segments != () and live.format_type in (1, 2))
        or "" in (live.from_email, live.from_name, live.reply_to, live.subject)
    )


def in_status(*statuses: Status) -> Callable[[Facts, Live], bool]:
    return lambda _, live: live.status in statuses


def over(status: Status) -> Callable[[Facts, Live], bool]:
    return lambda facts, live: live.status is status and upcoming(facts, live) is None


RESTATED: tuple[tuple[Verdict, Callable[[Facts, Live], bool]], ...] = (
    (Verdict.BLOCKED, row_1),
    (Verdict.SENDING, in_status(Status.EXECUTING)),
    (Verdict.BLOCKED, row_3),
    (Verdict.SENT_EARLY, row_4),
    (Verdict.SENT, over(Status.DONE)),
    (Verdict.FAILED, over(Status.ERROR)),
    (Verdict.UNSCHEDULE, over(Status.SCHEDULED)),
    (Verdict.IN_SYNC, lambda f, v: over(Status.DRAFT)(f, v) and same_people(f, v)),
    (Verdict.HALTED, row_23),
    (
        Verdict.IN_SYNC,
        lambda f, v: (
            v.status is Status.SCHEDULED
            and a_time(f, v) is not None
            and v.schedules == (a_time(f, v),)
            and same_people(f, v)
        ),
    ),
    (Verdict.BLOCKED, lambda f, v: v.status is not Status.DRAFT and upcoming(f, v) is NOW),
    (
        Verdict.FROZEN,
        lambda f, v: (
            v.status is Status.SCHEDULED
            and a_time(f, v) is not None
            and v.schedules[0] - f.now < FREEZE
        ),
    ),
    (Verdict.MISSED, lambda f, v: (at := a_time(f, v)) is not None and at < f.now),
    (Verdict.TOO_LATE, row_13),
    (Verdict.UNSCHEDULED_ELSEWHERE, row_14),
    (Verdict.BLOCKED, row_15),
    (Verdict.BLOCKED, row_16),
    (Verdict.UPDATE, over(Status.DRAFT)),
    (Verdict.SEND_NOW, lambda f, v: v.status is Status.DRAFT and upcoming(f, v) is NOW),
    (Verdict.SCHEDULE, in_status(Status.DRAFT, Status.ERROR)),
    (
        Verdict.RESCHEDULE,
        lambda f, v: v.status is Status.SCHEDULED and same_people(f, v),
    ),
    (
        Verdict.UPDATE,
        lambda f, v: v.status is Status.SCHEDULED and not same_people(f, v),
    ),
    (Verdict.RESEND, in_status(Status.DONE)),
)

NUMBERS = (*range(1, 9), 23, *range(9, 23))
"""The rows in their order. The one about halts came last, and stands before those it overrules."""

SHAPES: dict[int, set[tuple[StepKind, ...]]] = {
    7: {(UNSCHEDULE,), (UNSCHEDULE, UPDATE)},
    17: {(UPDATE,)},
    18: {(POST,), (UPDATE, POST)},
    19: {(POST,), (UPDATE, POST)},
    20: {(UNSCHEDULE, POST)},
    21: {(UNSCHEDULE, UPDATE, POST)},
    22: {(POST,), (UPDATE, POST)},
}
"""Which requests each row that writes may make, in order; every other row makes none."""


# --- the cells -------------------------------------------------------------------------------

HISTORIES: tuple[tuple[SendRecord, ...] | None, ...] = (
    None,
    (),
    (completed(ANCIENT[0]),),
    (completed(ANCIENT[0] - HOUR),),
    (completed(ANCIENT[0]), completed(ANCIENT[1])),
    (completed(ANCIENT[0]), completed(ANCIENT[1]), completed(ANCIENT[2])),
    (errored(ANCIENT[0]),),
    (errored(ANCIENT[0], count=9),),
    (errored(ANCIENT[0], reason=5),),
    (errored(ANCIENT[0], reason=6),),
    (completed(ANCIENT[0]), errored(ANCIENT[1])),
    (completed(ANCIENT[0]), errored(ANCIENT[1], reason=6)),
    (errored(ANCIENT[0]), completed(ANCIENT[0], count=0, reason=12)),
)
TIMES = (
    NOW_IS - SECOND,
    NOW_IS,
    NOW_IS + LEAD - SECOND,
    NOW_IS + LEAD,
    NOW_IS + LEAD + HEAD,
    NOW_IS + LEAD + 2 * HEAD,
)
"""On and beside every border: past, now, within the lead, within one and two head starts, far."""
DECLARED: tuple[tuple[When, ...], ...] = (
    (),
    (NOW,),
    *((at,) for at in TIMES),
    *((ANCIENT[0], at) for at in TIMES),
    *((NOW, at) for at in TIMES[::5]),
    *((ANCIENT[0], ANCIENT[1], at) for at in TIMES[::3]),
)
SCHEDULES: tuple[tuple[datetime, ...], ...] = (
    (),
    (NOW_IS + FREEZE - SECOND,),
    (NOW_IS + FREEZE,),
    (NOW_IS + LEAD + 2 * HEAD,),
    (NOW_IS + DAY, NOW_IS + 2 * DAY),
)
"""None, within the freeze, at its border, at a declared time, several."""
FORMATS: tuple[Live, ...] = (
    *(replace(LIVE, format_type=number) for number in range(1, 6)),
    replace(LIVE, format_type=3, subject=""),
)
WANTED: tuple[tuple[Recipients | None, Live], ...] = (
    (LISTS, FORMATS[2]),
    (LISTS, replace(LIVE, subject="")),
    *product((OTHER_LISTS, SEGMENTED), FORMATS),
    (None, LIVE),
)
STRANGE: tuple[Live, ...] = (
    replace(LIVE, role="permalink"),
    replace(LIVE, ab_test=True),
    replace(LIVE, name="Another campaign"),
    replace(LIVE, recipients=Recipients(lists=LISTS.lists, segments=SEGMENTED.segments)),
    LIVE,
)
MEMORIES: tuple[tuple[str, bool, str], ...] = (
    ("nothing", False, "no"),
    ("scheduled this", False, "no"),
    ("scheduled this", True, "no"),
    ("scheduled something else", False, "no"),
    ("nothing", False, "this"),
    ("scheduled this", True, "this"),
    ("nothing", False, "another send"),
)
"""What the journal knows, whether `reschedule` was granted, and whether a person halted it."""


@cache
def recalled(memory: str, sends: tuple[When, ...]) -> JournalEntry | None:
    if memory == "nothing" or not sends:
        return None
    return journal(sends[-1] if memory == "scheduled this" else NOW_IS + 9 * DAY)


@cache
def halted(what: str, sends: tuple[When, ...]) -> Halt | None:
    if what == "no":
        return None
    stopped = sends if what == "this" else (NOW_IS + 9 * DAY,)
    return Halt(activity_id=LIVE.activity_id, campaign="", reason="", at=NOW_IS, sends=stopped)


def states() -> Iterator[tuple[Status, tuple[datetime, ...]]]:
    for status in (Status.DRAFT, Status.DONE, Status.ERROR):
        yield status, ()
    for schedules in SCHEDULES:
        yield Status.SCHEDULED, schedules


def cells() -> Iterator[Facts]:
    """Every combination of status, schedule, history, sends, recipients, format and journal."""
    for (status, schedules), history, (wanted, like) in product(states(), HISTORIES, WANTED):
        live = replace(like, status=status, schedules=schedules, history=history)
        for sends in DECLARED:
            goal = target(*sends, recipients=wanted)
            for (memory, restored, halt), started in product(MEMORIES, (False, True)):
                yield Facts(
                    target=goal,
                    live=live,
                    now=NOW_IS,
                    limits=LIMITS,
                    newest=recalled(memory, sends),
                    restored=restored,
                    started=started,
                    halt=halted(halt, sends),
                )


def strange_cells() -> Iterator[Facts]:
    """What no row but the first two may touch, in every status, beside every manifest."""
    for like, status, history, sends in product(STRANGE, Status, HISTORIES, DECLARED):
        schedules = (NOW_IS + DAY,) if status is Status.SCHEDULED else ()
        live = replace(like, status=status, schedules=schedules, history=history)
        for wanted in (LISTS, OTHER_LISTS):
            goal = target(*sends, recipients=wanted)
            yield Facts(target=goal, live=live, now=NOW_IS, limits=LIMITS)


# --- what must hold in every cell ------------------------------------------------------------


class Cell(NamedTuple):
    """Facts about an activity that exists, decided."""

    facts: Facts
    live: Live
    decision: Decision


def table_agrees(cell: Cell) -> bool:
    """The verdict and its row are those of the restated table."""
    rows = zip(NUMBERS, RESTATED, strict=True)
    expected = next((at, verdict) for at, (verdict, holds) in rows if holds(cell.facts, cell.live))
    return expected == (cell.decision.row, cell.decision.verdict)


def shape_fits(cell: Cell) -> bool:
    """A row makes the requests of its shape, and only the rows that write make any."""
    kinds = tuple(step.kind for step in cell.decision.steps)
    return kinds == cell.decision.kinds and kinds in SHAPES.get(cell.decision.row, {()})


def verdict_tells_writes(cell: Cell) -> bool:
    """A verdict that writes has steps; one that needs a person, or is at rest, has none."""
    writes = bool(cell.decision.steps)
    return writes == cell.decision.verdict.writes and not (
        writes and cell.decision.verdict.needs_person
    )


def never_blind_after_done(cell: Cell) -> bool:
    """A campaign that was sent is never scheduled without its history at hand."""
    return not (
        POST in cell.decision.kinds and cell.live.status is Status.DONE and not cell.live.history
    )


def never_within_lead(cell: Cell) -> bool:
    """No send is scheduled closer than the lead."""
    if POST not in cell.decision.kinds or cell.decision.when is NOW:
        return True
    return isinstance(cell.decision.when, datetime) and cell.decision.when - cell.facts.now >= LEAD


def never_put_while_scheduled(cell: Cell) -> bool:
    """Recipients are written only once the schedule is gone."""
    if cell.live.status is not Status.SCHEDULED or not cell.decision.steps:
        return True
    return cell.decision.kinds[0] is UNSCHEDULE


def now_only_fresh(cell: Cell) -> bool:
    """`now` is only ever sent for a draft that was never sent before."""
    if POST not in cell.decision.kinds or cell.decision.when is not NOW:
        return True
    return cell.live.status is Status.DRAFT and not cell.live.history


def halted_never_scheduled(cell: Cell) -> bool:
    """What a person halted is not scheduled again, whatever else is to be done."""
    halt = cell.facts.halt
    return POST not in cell.decision.kinds or halt is None or cell.decision.when not in halt.sends


def unknown_recipients_unwritten(cell: Cell) -> bool:
    """Nothing is sent, and no recipients are written, while the wanted ones are unknown."""
    return cell.facts.target.recipients is not None or set(cell.decision.kinds) <= {UNSCHEDULE}


def recipients_before_post(cell: Cell) -> bool:
    """A POST leaves only with the wanted recipients in place."""
    if POST not in cell.decision.kinds:
        return True
    return (UPDATE in cell.decision.kinds) == (cell.facts.target.recipients != cell.live.recipients)


def only_contradictions_reread(cell: Cell) -> bool:
    """Exactly row 3 asks for a second reading."""
    return cell.decision.contradiction == (cell.decision.row == 3)


def person_is_told(cell: Cell) -> bool:
    """Whoever must act is told why and what to do."""
    return not cell.decision.verdict.needs_person or bool(
        cell.decision.reason and cell.decision.remedy
    )


LAWS = (
    table_agrees,
    shape_fits,
    verdict_tells_writes,
    never_blind_after_done,
    never_within_lead,
    never_put_while_scheduled,
    now_only_fresh,
    halted_never_scheduled,
    unknown_recipients_unwritten,
    recipients_before_post,
    only_contradictions_reread,
    person_is_told,
)


@dataclass(frozen=True, kw_only=True)
class Census:
    """How often each row decided, and one cell for each law that was broken."""

    rows: Mapping[int, int]
    broken: Mapping[str, Cell]


@cache
def census() -> Census:
    """Every cell, decided once for all tests."""
    rows, broken = Counter[int](), dict[str, Cell]()
    for facts in chain(cells(), strange_cells()):
        assert facts.live is not None
        cell = Cell(facts, facts.live, decide(facts))
        rows[cell.decision.row] += 1
        for law in LAWS:
            if not law(cell):
                broken.setdefault(law.__name__, cell)
    return Census(rows=rows, broken=broken)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_cell_keeps(law: Callable[..., bool]) -> None:
    """No cell breaks the law; the first that does is shown."""
    assert census().broken.get(law.__name__) is None, law.__doc__


def test_every_row_decides_something() -> None:
    """No row of the table is dead, and there are no others."""
    rows = census().rows
    assert sorted(rows) == sorted(NUMBERS)
    assert sum(rows.values()) > 400_000


def test_the_table_is_numbered_as_in_the_design() -> None:
    """Rows stand in order, each with its verdict."""
    assert [row.number for row in TABLE] == list(NUMBERS)
    assert [row.verdict for row in TABLE] == [verdict for verdict, _ in RESTATED]
