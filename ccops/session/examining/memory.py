"""What ccops remembers: the store, what it holds open, and the requests that it counted."""

from dataclasses import replace

from ccops.errors import StoreUnavailable
from ccops.ports import Meter
from ccops.render.checks import Check, CheckState, Subject, passed, refused, warned
from ccops.render.phrases import counted, joined
from ccops.session.wiring import RESERVE, today
from ccops.store.choice import NamedStore
from ccops.store.refusals import HELD

_NAMED = 3


def store_check(store: NamedStore) -> Check:
    """Whether the store answers and its lock is free: it is held for a moment to see that.

    A run that holds it is no fault, and a run that begins in that moment is told to come again.
    """
    try:
        with store.lock():
            return passed(Subject.STORE, f"{store.name}; its lock is free")
    except StoreUnavailable as error:
        found = refused(Subject.STORE, error)
        is_held = error.diagnostics[0].code == HELD
        return replace(found, state=CheckState.WARNING) if is_held else found


def journal_check(store: NamedStore) -> Check:
    """Whether every write that was begun is known to have ended, and the journal is whole."""
    entries = store.entries()
    newest = {entry.write_id: entry for entry in entries}
    left_open = sorted({entry.campaign for entry in newest.values() if entry.state.open})
    if not left_open:
        return passed(Subject.JOURNAL, f"{counted(len(newest), 'write')}, none open")
    more = len(left_open) - _NAMED
    names = (*left_open[:_NAMED], f"{more:,} more") if more > 0 else left_open
    return warned(
        Subject.JOURNAL,
        f"open: {joined(list(names))}",
        "run `ccops journal show`; the next `ccops apply` looks first what became of it",
    )


def requests_check(meter: Meter, cap: int) -> Check:
    """How much of the day's quota is left, as far as this store counted it."""
    spent = meter.spent(today())
    detail = f"{spent:,} of {cap:,}; the last {RESERVE} are for apply alone"
    if spent <= cap * 9 // 10:
        return passed(Subject.REQUESTS, detail)
    return warned(Subject.REQUESTS, detail, "the count starts anew at 00:00 UTC")
