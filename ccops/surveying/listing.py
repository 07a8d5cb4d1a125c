"""The living campaigns, and each manifest's among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ccops.constantcontact import reader
from ccops.errors import Diagnostic
from ccops.model import CampaignRow, Desired
from ccops.planning.cache import merged, updated_since
from ccops.planning.locking import Pins, campaign_breach, pinned
from ccops.planning.resolve import Match, match
from ccops.planning.select import Selection, due
from ccops.surveying.around import Ask, Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The living campaigns, all of which were listed at `listed_at`, and each manifest's match.

    A match has a breach, in the same order, if it is not what the lock pins.
    """

    rows: tuple[CampaignRow, ...]
    listed_at: datetime
    found: tuple[tuple[Match, Diagnostic | None], ...]

    @property
    def doubtful(self) -> bool:
        """Whether some manifest's campaign was not found, or is not the one that is pinned."""
        return any(one.problem or breach is not None for one, breach in self.found)

    @property
    def by_id(self) -> Mapping[str, CampaignRow]:
        """The rows by their ids in lower case."""
        return _by_id(self.rows)


def listed(
    ask: Ask,
    desired: Sequence[Desired],
    *,
    pins: Pins,
    selection: Selection,
    memory: Memory | None,
) -> Listing:
    """List the campaigns: all, or those that changed since the cache was made.

    A campaign that was removed is in no list of changes. So where some manifest's campaign is not
    found, or not the pinned one, all are listed before that is believed.
    """
    since = updated_since(memory.cache, ask.clock()) if memory else None
    if memory and since is not None:
        rows = merged(memory.cache.rows, reader.read_updated(ask.send, since, origin=ask.origin))
        chosen = due(desired, selection, ask.clock())
        found = matched(rows, memory.cache.listed_at, chosen, pins)
        if not found.doubtful:
            return found
    rows = reader.read_campaigns(ask.send, origin=ask.origin)
    now = ask.clock()
    return matched(rows, now, due(desired, selection, now), pins)


def matched(
    rows: tuple[CampaignRow, ...], listed_at: datetime, desired: Iterable[Desired], pins: Pins
) -> Listing:
    """Find each manifest's campaign, with its email's id where that is pinned."""
    by_id = _by_id(rows)
    pairs = [(one, campaign_breach(one, by_id, pins)) for one in match(desired, rows)]
    found = tuple(
        (pinned(one, by_id, pins) if breach is None else one, breach) for one, breach in pairs
    )
    return Listing(rows=rows, listed_at=listed_at.replace(microsecond=0), found=found)


def _by_id(rows: Iterable[CampaignRow]) -> Mapping[str, CampaignRow]:
    return {row.campaign_id.lower(): row for row in rows}
