"""The journal for people: what is open, what the account shows of it, and a person's decision."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ccops.constantcontact.reader import read_lists, read_segments
from ccops.errors import Blocked, CcopsError, Diagnostic
from ccops.model import Desired, Live
from ccops.planning.diff import Names
from ccops.planning.resolution import Choice, contradiction, decided, open_write, recorded
from ccops.planning.shown import shows
from ccops.ports import JournalEntry, WriteState
from ccops.render.journaling import JournalView, OpenWrite, Resolved
from ccops.session.activity import about, read_activity
from ccops.session.remembering import remembering
from ccops.session.wiring import Session, reading
from ccops.survey import own_account

_MAY_BE_UNDER_WAY = frozenset({WriteState.INTENT, WriteState.ACKED, WriteState.COMPENSATING})


def view(
    start: Path, base_url: str | None, *, select: Sequence[str], whole: bool, offline: bool
) -> JournalView:
    """Return what is open in the journal, and what the account shows of it now.

    The journal is shown even if the account cannot be read; `unread` says why then. Nothing is
    read when nothing is open, when it is to be `offline`, and for the `whole` journal.

    Raises:
        InvalidInput: the workspace is wrong, or a selection of nothing.
        StoreUnavailable: the store is down.
    """
    with remembering(start, base_url) as memory:
        lines = about(memory.store.entries(), memory.workspace.desired, select)
        zone, store = memory.workspace.settings.zone or "UTC", memory.store.name
        zones = _zones(lines, memory.workspace.desired)
    writes = tuple(OpenWrite(write=one) for one in recorded(lines) if one.entry.state.open)
    told = JournalView(
        store=store, zone=zone, writes=writes, lines=lines if whole else None, zones=zones
    )
    if not writes:
        return told
    if offline or whole:
        return replace(told, unread="it was not asked")
    try:
        return _beside(told, start, base_url)
    except CcopsError as error:
        return replace(told, unread=str(error), failure=error.exit_code)


def _zones(lines: Iterable[JournalEntry], desired: Iterable[Desired]) -> Mapping[str, str]:
    """The zone in which its author thinks of what a write is about, by write id.

    That of the declared send, as a plan shows it; the manifest's, if it declares that one no
    more. What no manifest is about has none.
    """
    manifests = {key: one for one in desired for key in (one.campaign, one.activity_id)}
    found = ((one, manifests.get(one.activity_id, manifests.get(one.campaign))) for one in lines)
    return {
        entry.write_id: next((send.zone for send in one.sends if send.when == entry.when), one.zone)
        for entry, one in found
        if one is not None
    }


def _beside(told: JournalView, start: Path, base_url: str | None) -> JournalView:
    with reading(start, base_url) as session:
        account = own_account(session.send, session.workspace.settings)
        writes = (one.write for one in told.writes)
        return replace(
            told,
            zone=session.workspace.settings.zone or account.zone,
            writes=tuple(
                OpenWrite(write=one, read=True, live=_live(session, one.entry, time.sleep))
                for one in writes
            ),
            names=_names(session, [one.write.entry for one in told.writes]),
        )


def _live(session: Session, entry: JournalEntry, sleep: Callable[[float], None]) -> Live | None:
    pause = session.workspace.settings.limits.reread.total_seconds()
    return read_activity(
        session.send, entry.activity_id, entry.campaign, pause=lambda: sleep(pause)
    )


def _names(session: Session, entries: Iterable[JournalEntry]) -> Names:
    """Read the names of the kinds of recipients that the writes are about, and no others."""
    wanted = [one.recipients for one in entries if one.recipients]
    lists = read_lists(session.send, origin=session.origin) if any(w.lists for w in wanted) else ()
    segments = (
        read_segments(session.send, origin=session.origin)
        if any(w.segments for w in wanted)
        else ()
    )
    return {one.id: one.name for one in (*lists, *segments)}


def resolve(
    session: Session,
    name: str,
    choice: Choice,
    *,
    reason: str,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Resolved:
    """Record what a person says of an open write; nothing is written to the account.

    The lock is held from before the reading until the line is durable. The reading is trusted
    only when no request of the write's run can still be under way: counted from now, where that
    run may have died with one. `name` is the write's id or an unambiguous beginning of it.

    Raises:
        InvalidInput: CC720 to CC722, no open write is meant.
        Blocked: CC723, the account plainly shows otherwise; nothing was recorded.
        StoreUnavailable: an apply holds the lock, or the store is down.
        CcopsError: the account could not be read; nothing was recorded.
    """
    open_write(session.store.entries(), name)
    account = own_account(session.send, session.workspace.settings)
    with session.store.lock():
        entry = open_write(session.store.entries(), name).entry
        zones = _zones([entry], session.workspace.desired)
        zone = zones.get(entry.write_id, session.workspace.settings.zone or account.zone)
        _settle(session, entry, tell, sleep)
        live = _live(session, entry, sleep)
        tell(f"{entry.campaign}: Constant Contact shows: {shows(live, zone=zone)}")
        _refuse_contradiction(entry, live, choice, zone)
        # No line is older than the one before it, whichever clock told that one's time.
        now = session.send.clock.now()
        line = decided(entry, choice, reason=reason, live=live, at=max(now, entry.at))
        session.store.append(line)
    return Resolved(entry=line, choice=choice, live=live, zone=zone)


def _settle(
    session: Session,
    entry: JournalEntry,
    tell: Callable[[str], None],
    sleep: Callable[[float], None],
) -> None:
    limits, now = session.workspace.settings.limits, session.send.clock.now()
    since = now if entry.state in _MAY_BE_UNDER_WAY else min(entry.at, now)
    left = (since + limits.settle + limits.read_lag - now).total_seconds()
    if left > 0:
        tell(f"{entry.campaign}: waiting {left:.0f} s, for a request that may still be under way")
        sleep(left)


def _refuse_contradiction(
    entry: JournalEntry, live: Live | None, choice: Choice, zone: str
) -> None:
    against = contradiction(entry, live, choice, zone=zone)
    if against:
        raise Blocked(
            Diagnostic(
                code="CC723",
                message=f"{entry.campaign!r}: --{choice} is not what the account shows: {against}",
                help="nothing was recorded; run ccops apply, which settles what a reading shows",
            )
        )
