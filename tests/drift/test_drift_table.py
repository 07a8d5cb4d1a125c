"""Each verdict beside each cell: the drift table, stated a second time."""

from itertools import product

import pytest

from ccops.planning.drift import Compared, DriftField, DriftState, Moved
from ccops.planning.drift_table import TABLE, Cell, cell_of
from ccops.planning.plan import Verdict

STATE = DriftState
SAME, GIT = Cell.AS_LEFT, Cell.GIT
WRITES = frozenset(one for one in Verdict if one.writes)
TIME_OR_FAILURE = {
    Verdict.MISSED,
    Verdict.TOO_LATE,
    Verdict.FROZEN,
    Verdict.FAILED,
    Verdict.SENT_EARLY,
}


def expected(verdict: Verdict, cell: Cell) -> DriftState:
    """The table once more, in the order in which a person would ask."""
    if cell is Cell.OPEN:
        return STATE.UNKNOWN
    if cell is Cell.GONE:
        return STATE.MISSING
    if verdict is Verdict.HALTED and cell is Cell.UNSEEN:
        return STATE.HALTED
    if cell in {Cell.ACCOUNT, Cell.BOTH, Cell.UNSEEN}:
        return STATE.CHANGED
    if verdict in WRITES:
        return STATE.PENDING
    if verdict in TIME_OR_FAILURE:
        return STATE.STALLED
    special = {
        Verdict.BLOCKED: STATE.NEEDS_PERSON,
        Verdict.HALTED: STATE.HALTED,
        Verdict.UNSCHEDULED_ELSEWHERE: STATE.CHANGED,
        Verdict.SENT: STATE.IN_SYNC,
    }
    in_sync = STATE.PENDING if cell is GIT else STATE.IN_SYNC
    return special.get(verdict, in_sync)


def test_the_table_is_total() -> None:
    """Whatever the plan says and whatever moved, there is an answer."""
    cells = {(verdict, cell) for verdict, row in TABLE.items() for cell in row}
    assert cells == set(product(Verdict, Cell))


@pytest.mark.parametrize("verdict", Verdict)
def test_every_cell(verdict: Verdict) -> None:
    """Each cell of one verdict."""
    assert TABLE[verdict] == {cell: expected(verdict, cell) for cell in Cell}


def test_what_is_blocked_or_open_is_never_no_drift() -> None:
    """It is drift, or a doubt with an exit code of its own."""
    told = {*TABLE[Verdict.BLOCKED].values(), *(row[Cell.OPEN] for row in TABLE.values())}
    assert all(one.is_drift or one.is_doubt for one in told)


def test_what_the_account_moved_is_always_drift() -> None:
    """No verdict hides it; nor does it matter that git moved too."""
    for row in TABLE.values():
        assert row[Cell.ACCOUNT] is row[Cell.BOTH] is STATE.CHANGED


def test_what_git_moved_is_drift_of_no_verdict_but_one() -> None:
    """Editing a manifest makes no drift; somebody unscheduled it, where the verdict says so."""
    drift = {verdict for verdict, row in TABLE.items() if row[GIT].is_drift}
    assert drift == {Verdict.UNSCHEDULED_ELSEWHERE}


@pytest.mark.parametrize(
    ("moved", "cell"),
    [
        ((), SAME),
        ((Moved.GIT,), GIT),
        ((Moved.ACCOUNT,), Cell.ACCOUNT),
        ((Moved.BOTH,), Cell.BOTH),
        ((Moved.GIT, Moved.ACCOUNT), Cell.BOTH),
        ((Moved.UNKNOWN,), Cell.UNSEEN),
        ((Moved.UNKNOWN, Moved.GIT), Cell.UNSEEN),
        ((Moved.UNKNOWN, Moved.ACCOUNT), Cell.ACCOUNT),
        ((Moved.UNKNOWN, Moved.BOTH), Cell.BOTH),
    ],
)
def test_fields_sum_up(moved: tuple[Moved, ...], cell: Cell) -> None:
    """The worst that is known of any field counts, in any order."""
    fields = [DriftField(compared=Compared.SEND_AT, moved=one) for one in moved]
    assert cell_of(fields) is cell_of(reversed(fields)) is cell


def test_every_state_has_one_meaning() -> None:
    """Three are drift, two are doubts, the others neither."""
    drift = {one for one in DriftState if one.is_drift}
    doubt = {one for one in DriftState if one.is_doubt}
    assert drift == {STATE.CHANGED, STATE.MISSING, STATE.UNMANAGED}
    assert doubt == {STATE.NEEDS_PERSON, STATE.UNKNOWN}
