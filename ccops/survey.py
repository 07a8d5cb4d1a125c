"""Read what a plan needs, with the fewest requests, and put it beside what is desired.

A campaign that the listing shows as Done and whose one declared send has passed costs nothing
more. Every other one costs its activity (and its campaign, when its activity id is not known),
its schedule when it is SCHEDULED, and its history when the verdict depends on it. Lists and
segments are read once each, and only if some campaign that is not over needs them.

A lock saves the look-up of each campaign that it pins. The collections of lists and segments are
read with a lock too, a page for 500 or 1,000 of them: nothing else would show that a name was
given to another list, or that a segment was deleted (its item still answers, spec).

With a cache, the campaigns that changed since it was made are asked for instead of all, and what
it knows of the others and of names is taken from it, as far as `ccops.planning.stale` allows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from ccops.constantcontact import reader
from ccops.errors import AccessDenied, Blocked, Diagnostic, InvalidInput
from ccops.manifest.settings import Settings
from ccops.model import Account, CampaignRow, Desired, Limits, RecipientKind
from ccops.planning.assemble import Observation
from ccops.planning.cache import (
    Cache,
    Reading,
    Registers,
    by_activity,
    catalogue_of,
    with_pinned,
)
from ccops.planning.locking import UNPINNED, Pins, unpinned
from ccops.planning.resolve import Catalogue, Match
from ccops.planning.select import EVERYTHING, Selection, due
from ccops.ports import Send
from ccops.surveying.ahead import in_order
from ccops.surveying.around import Around, Ask, Memory, Seen
from ccops.surveying.listing import Listing, listed, matched
from ccops.surveying.naming import registers, replaced
from ccops.surveying.observing import observe

__all__ = ["Memory", "Survey", "own_account", "recall", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The account as far as a plan needs it. `rows` are all live campaigns; `now` is UTC.

    `listed_at` is when all of them were listed; `registers` are the lists and segments that were
    used, each with when it was read; `readings` the activities read for this survey.
    """

    account: Account
    now: datetime
    rows: tuple[CampaignRow, ...]
    catalogue: Catalogue
    observations: tuple[Observation, ...]
    listed_at: datetime
    registers: Registers = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()


def survey(
    send: Send,
    desired: Sequence[Desired],
    *,
    settings: Settings,
    origin: str,
    clock: Callable[[], datetime],
    pause: Callable[[], None],
    tell: Callable[[str], None],
    pins: Pins = UNPINNED,
    selection: Selection = EVERYTHING,
    memory: Memory | None = None,
    readers: Sequence[Send] = (),
) -> Survey:
    """Read the account and observe every desired campaign that comes as soon as is selected.

    `clock` is the server's, UTC; `tell` hears of progress; `pins` are those of the lock. An
    activity whose status, schedule and history contradict each other is read once more, after a
    `pause`, before that is believed. What `memory` holds may save requests. With several
    `readers`, each of them like `send` and for a thread of its own, as many campaigns are read at
    once; the survey is the same.

    Raises:
        AccessDenied: the login belongs to another account than the workspace.
        InvalidInput: names that no living object has, of all manifests together; or a selection
            of nothing.
        Blocked: a name does not mean what the lock pins (CC320 to CC322, CC324).
        CcopsError: a reading failed; it is never taken for absence.
    """
    account = own_account(send, settings)
    ask = Ask(send=send, origin=origin, clock=clock, pause=pause)
    cached = memory.cache.registers if memory else {}
    listing = listed(ask, desired, pins=pins, selection=selection, memory=memory)
    around = _around(listing, clock(), pins, settings.limits, memory)
    matches = [one for one, _ in listing.found]
    used = registers(ask, around, matches, cached)
    around = replace(around, catalogue=catalogue_of(used))
    seen: list[Seen] = []
    for one in in_order(readers or (send,), listing.found, partial(_observed, around, ask)):
        seen.append(one)
        tell(f"Read {len(seen)} of {len(matches)} campaigns")
    _refuse(seen)
    used |= replaced(ask, seen, used, cached)
    return _survey(account, clock(), listing, used, seen)


def _observed(around: Around, ask: Ask, line: Send, found: tuple[Match, Diagnostic | None]) -> Seen:
    return observe(around, replace(ask, send=line), *found)


def recall(
    cache: Cache,
    desired: Sequence[Desired],
    *,
    settings: Settings,
    now: datetime,
    pins: Pins,
    selection: Selection = EVERYTHING,
) -> Survey:
    """Observe every desired campaign by what an earlier plan read; nothing is read.

    Names that the cache does not know mean what the lock pins.

    Raises:
        InvalidInput: names that neither knows; or a selection of nothing.
        Blocked: a name does not mean what the lock pins.
    """
    listing = matched(cache.rows, cache.listed_at, due(desired, selection, now), pins)
    used = {
        kind: with_pinned(cache.registers.get(kind), kind, pins, cache.listed_at)
        for kind in RecipientKind
    }
    around = _around(listing, now, pins, settings.limits, Memory(cache=cache, written={}))
    around = replace(around, catalogue=catalogue_of(used))
    seen = [observe(around, None, one, breach) for one, breach in listing.found]
    _refuse([replace(one, mistakes=tuple(map(_unknown_here, one.mistakes))) for one in seen])
    return _survey(cache.account, now, listing, used, seen)


def _around(
    listing: Listing, now: datetime, pins: Pins, limits: Limits, memory: Memory | None
) -> Around:
    readings = memory.cache.readings if memory else {}
    return Around(
        rows=listing.rows,
        by_id=listing.by_id,
        catalogue=Catalogue(),
        pins=pins,
        limits=limits,
        now=now,
        readings=readings,
        activities=by_activity(readings.values()),
        written=memory.written if memory else {},
    )


def _survey(
    account: Account,
    now: datetime,
    listing: Listing,
    used: Registers,
    seen: Sequence[Seen],
) -> Survey:
    return Survey(
        account=account,
        now=now,
        rows=listing.rows,
        catalogue=catalogue_of(used),
        observations=tuple(one.observation for one in seen),
        listed_at=listing.listed_at,
        registers=used,
        readings=tuple(one.reading for one in seen if one.reading is not None),
    )


def _refuse(seen: Sequence[Seen]) -> None:
    """Refuse what is wrong with any name: what to correct first, all of it together."""
    mistakes = [mistake for one in seen for mistake in one.mistakes]
    breaches = [breach for one in seen for breach in one.breaches]
    if mistakes or unpinned(breaches):
        raise InvalidInput(*mistakes, *breaches)
    if breaches:
        raise Blocked(*breaches)


def _unknown_here(mistake: Diagnostic) -> Diagnostic:
    """Say of a name that it is unknown here: nobody asked the account."""
    remedy = "plan without `--refresh none`, or run `ccops lock` and commit what it writes"
    return replace(mistake, label="neither the cache nor ccops.lock knows it", help=remedy)


def own_account(send: Send, settings: Settings) -> Account:
    """Read the account behind the login. Raises AccessDenied when it is another one."""
    account = reader.read_account(send)
    if account.id == settings.account:
        return account
    raise AccessDenied(
        Diagnostic(
            code="CC310",
            message=f"the login belongs to the account {account.id} ({account.name}), "
            f"but ccops.yaml names {settings.account}",
            place=settings.account_place,
            help="log in to the account that ccops.yaml names; nothing else was read, and "
            "nothing was written",
        )
    )
