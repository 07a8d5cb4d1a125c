"""A plan that reads nothing: for whoever has no login, such as a fork's pull request."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput
from ccops.planning.cache import names_at
from ccops.planning.locking import Pins
from ccops.planning.permissions import permissions
from ccops.planning.plan import Plan, Recalled, Refresh
from ccops.planning.select import chosen, parse
from ccops.session.assembled import assembled
from ccops.session.cached import read_cache
from ccops.session.changed import changed
from ccops.session.loading import load, local_now, origin_of
from ccops.session.wiring import environment
from ccops.survey import recall


def offline_plan(
    start: Path,
    base_url: str | None,
    *,
    select: Sequence[str],
    allow: Sequence[str],
    reason: str,
    tzdata: str,
    locked: bool = False,
    clock: Callable[[], datetime] = local_now,
) -> Plan:
    """Plan by `ccops.lock` and the cache alone: no request, no login, no store.

    `clock` is this machine's, UTC, which nothing corrects; `tzdata` the version of the zone data.
    What only the store knows (halts, and
    what ccops itself wrote) is not looked at.

    Raises:
        InvalidInput: the workspace, a manifest or a selection is wrong; CC220, there is no cache
            that can be used; CC222, there is no lock.
        Blocked: a name does not mean what the lock pins.
    """
    space, origin = load(start, base_url), origin_of(base_url)
    if space.lock is None:
        raise InvalidInput(_no_lock())
    granted, selection = permissions(allow, reason), parse(select)
    cache = read_cache(space.root, account=space.settings.account, origin=origin)
    differing = changed(space.root, space.desired, selection.of("changed"))
    seen = recall(
        cache,
        chosen(space.desired, selection, differing),
        settings=space.settings,
        # A clock that is behind what was read is certainly slow; a sandbox's may be virtual.
        now=max(clock(), cache.newest),
        pins=Pins(lock=space.lock, strict=locked),
        selection=selection,
    )
    plan = assembled(
        space,
        seen,
        origin=origin,
        select=select,
        granted=granted,
        commit=environment().commit,
        tzdata=tzdata,
        newest={},
    )
    known = cache.registers
    recalled = Recalled(listed_at=cache.listed_at, names_at=names_at(known, known))
    return replace(plan, refresh=Refresh.NONE, recalled=recalled)


def _no_lock() -> Diagnostic:
    return Diagnostic(
        code="CC222",
        message="--refresh none resolves names by ccops.lock, and there is none",
        help="run `ccops lock` with a login to the account, and commit what it writes",
    )
