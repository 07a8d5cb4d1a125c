"""What became of what was applied: the journal beside the account, by a client that cannot write."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

from ccops.model import Live
from ccops.planning.applied import Watched, watched
from ccops.planning.delivery import deliveries
from ccops.planning.since import start_of
from ccops.ports import Send
from ccops.render.delivering import Verification
from ccops.session.activity import about, read_activity
from ccops.session.wiring import Session
from ccops.survey import own_account
from ccops.surveying.ahead import in_order


def verify(
    session: Session,
    *,
    since: str,
    select: Sequence[str],
    sleep: Callable[[float], None] = time.sleep,
) -> Verification:
    """Read every activity with a send since `since`, once, and say what became of its sends.

    `sleep` waits, in seconds.

    Raises:
        InvalidInput: CC298 `since` is no time; a selection of nothing.
        CcopsError: a reading failed, or the store is down.
    """
    settings = session.workspace.settings
    account = own_account(session.send, settings)
    zone = settings.zone or account.zone
    start = start_of(since, now=session.send.clock.now(), zone=zone)
    entries = about(session.store.entries(), session.workspace.desired, select)
    watches = watched(entries, start)
    _await_trust(session, watches, sleep)
    seen = _read(session, watches, sleep)
    now = session.send.clock.now()
    return Verification(
        account=account,
        origin=session.origin,
        zone=zone,
        since=start,
        as_of=now,
        deliveries=deliveries(seen, since=start, now=now, zone=zone),
        selection=tuple(select),
        fresh=session.store.fresh(),
        requests=session.send.requests,
    )


def _await_trust(
    session: Session, watches: Iterable[Watched], sleep: Callable[[float], None]
) -> None:
    """Wait until the readings show what was written last; right after an apply they may not."""
    lag, now = session.workspace.settings.limits.read_lag, session.send.clock.now()
    left = max((one.wrote_at + lag - now for one in watches), default=timedelta(0))
    if left > timedelta(0):
        # A clock that was ahead when the line was written must not hold anybody up for long.
        sleep(min(left, lag).total_seconds())


def _read(
    session: Session, watches: Sequence[Watched], sleep: Callable[[float], None]
) -> Sequence[tuple[Watched, Live | None]]:
    pause = partial(sleep, session.workspace.settings.limits.reread.total_seconds())

    def activity(line: Send, watch: Watched) -> Live | None:
        return read_activity(line, watch.activity_id, watch.campaign, pause=pause)

    seen: list[tuple[Watched, Live | None]] = []
    lives = in_order(session.send.readers, watches, activity)
    for watch, live in zip(watches, lives, strict=True):
        seen.append((watch, live))
        session.tell(f"Read {len(seen)} of {len(watches)} campaigns")
    return seen
