"""What became of what was applied: the journal beside the account, by a client that cannot write."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from ccops.model import Live
from ccops.planning.applied import Watched, watched
from ccops.planning.delivery import deliveries
from ccops.planning.since import start_of
from ccops.render.delivering import Verification
from ccops.session.activity import about, read_activity
from ccops.session.wiring import Session
from ccops.survey import own_account


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
    seen = [
        (watch, _read(session, watch, f"Read {position} of {len(watches)} campaigns", sleep))
        for position, watch in enumerate(watches, start=1)
    ]
    now = session.send.clock.now()
    return Verification(
        account=account,
        origin=session.origin,
        zone=zone,
        since=start,
        as_of=now,
        deliveries=deliveries(seen, since=start, now=now),
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
    session: Session, watch: Watched, told: str, sleep: Callable[[float], None]
) -> Live | None:
    pause = session.workspace.settings.limits.reread.total_seconds()
    live = read_activity(
        session.send, watch.activity_id, watch.campaign, pause=lambda: sleep(pause)
    )
    session.tell(told)
    return live
