"""What was read of an account, kept for a later plan that reads less.

A cache is for showing plans, and nothing is ever written on its word: it may be old, and whoever
can write to the workspace can have written it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ccops.errors import InvalidInput
from ccops.model import Account, CampaignRow, Desired, Live, Named, RecipientKind, Status
from ccops.planning.locking import Pins, recipient_breaches
from ccops.planning.names import plain
from ccops.planning.resolve import Catalogue, resolve

MARGIN = timedelta(minutes=5)
"""How far apart a change and a reading must lie for the reading to show it for certain.

Far above the read lag (5 s by default): also for what the vendor dates in whole seconds, lists
late, or dates by another machine's clock.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A campaign's activity as it was read at `read_at`, beside its row of the listing then.

    The row has no activity id; both are of the same campaign.
    """

    row: CampaignRow
    live: Live
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All lists, or all segments, as they were read at `read_at`."""

    named: tuple[Named, ...]
    read_at: datetime


Registers = Mapping[RecipientKind, Register]
"""Only the kinds that were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """What is known of one account at one origin.

    `rows` are its campaigns: all of them were listed at `listed_at`, and those changed since have
    replaced what they were then. `readings` are by campaign id, in lower case. Instants are the
    server's, UTC.
    """

    account: Account
    origin: str
    listed_at: datetime
    rows: tuple[CampaignRow, ...]
    registers: Registers = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)

    @property
    def newest(self) -> datetime:
        """When the youngest of its parts was read."""
        read = [one.read_at for one in self.readings.values()]
        named = [one.read_at for one in self.registers.values()]
        return max(self.listed_at, *read, *named)


def updated_since(cache: Cache, now: datetime) -> datetime | None:
    """Return from when on changes are to be asked for; None: only a whole listing will do.

    Whether the vendor's bound is inclusive is unpublished, and a change may be listed late: so it
    lies before the newest change known.
    """
    dates = [row.updated_at for row in cache.rows if row.updated_at is not None]
    return min(max(dates), now) - MARGIN if dates else None


def merged(rows: Iterable[CampaignRow], moved: Iterable[CampaignRow]) -> tuple[CampaignRow, ...]:
    """Replace what has changed; removed campaigns are left out. Sorted as a whole listing is."""
    found = {row.campaign_id.lower(): row for row in (*rows, *moved)}
    living = (row for row in found.values() if row.status is not Status.REMOVED)
    return tuple(sorted(living, key=lambda row: (row.name, row.campaign_id)))


def renewed(old: Cache | None, new: Cache, fresh: Iterable[Reading]) -> Cache:
    """Return `new` with the `fresh` readings, and with what it lacks of `old`.

    What no campaign of the listing has any more is forgotten.
    """
    kept = old.readings if old else {}
    readings = {**kept, **{one.row.campaign_id.lower(): one for one in fresh}}
    living = {row.campaign_id.lower() for row in new.rows}
    return replace(
        new,
        registers={**(old.registers if old else {}), **new.registers},
        readings={key: one for key, one in readings.items() if key in living},
    )


def by_activity(readings: Iterable[Reading]) -> Mapping[str, Reading]:
    """Return readings by the id of their activity, in lower case."""
    return {one.live.activity_id.lower(): one for one in readings}


def catalogue_of(registers: Registers) -> Catalogue:
    """Return all names of the registers."""
    named = {kind: register.named for kind, register in registers.items()}
    return Catalogue(
        lists=named.get(RecipientKind.LISTS, ()), segments=named.get(RecipientKind.SEGMENT, ())
    )


def knows(register: Register, kind: RecipientKind, desired: Iterable[Desired], pins: Pins) -> bool:
    """Whether every name and id of this kind leads somewhere, and where the lock says."""
    catalogue = catalogue_of({kind: register})
    try:
        for one in desired:
            if one.kind is kind:
                resolve(one, catalogue)
                if recipient_breaches(one, catalogue, pins):
                    return False
    except InvalidInput:
        return False
    return True


def with_pinned(
    register: Register | None, kind: RecipientKind, pins: Pins, read_at: datetime
) -> Register:
    """Add what a lock pins to names that nobody read; nothing was read: `read_at`."""
    known = register or Register(named=(), read_at=read_at)
    ids = {one.id.lower() for one in known.named}
    names = {plain(one.name) for one in known.named}
    more = (
        Named(kind=kind, id=identity, name=name)
        for name, identity in pins.recipients(kind).items()
        if identity not in ids and plain(name) not in names
    )
    return replace(known, named=(*known.named, *more))


def names_at(used: Registers, cached: Registers) -> datetime | None:
    """When the oldest of the names in use was read, of those that are the cache's."""
    moments = [one.read_at for kind, one in used.items() if cached.get(kind) == one]
    return min(moments, default=None)
