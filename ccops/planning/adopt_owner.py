"""Which campaign of the account each manifest that is there already is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import Diagnostic
from ccops.manifest.lockfile import Lock
from ccops.model import CampaignRow, Desired, RecipientKind, Status
from ccops.planning.locking import Pins, campaign_breach, recipient_breaches
from ccops.planning.names import plain
from ccops.planning.resolve import Catalogue, Match, match

_ANOTHER = "CC320"
"""The only breach that a pull cannot mend: somebody has to look at who is in the other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """The manifests there are, by what they are about.

    `campaigns`: by campaign id, those that name no activity, or one that the lock pins too.
    `activities`: by activity id. `shared`: the names (NFC) that several campaigns bear.
    """

    campaigns: Mapping[str, Desired]
    activities: Mapping[str, Desired]
    shared: frozenset[str]

    def likely(self, row: CampaignRow) -> Desired | None:
        """The manifest of a campaign, as far as the listing tells it."""
        return self.campaigns.get(row.campaign_id.lower())

    def owner(self, row: CampaignRow, activity_id: str) -> Desired | None:
        """The manifest of a campaign whose activity is known."""
        pinned = self.activities.get(activity_id.lower())
        found = pinned or self.likely(row)
        return None if found and found.activity_id not in {None, activity_id.lower()} else found

    def is_shared(self, row: CampaignRow) -> bool:
        """Whether several campaigns bear this one's name."""
        return plain(row.name) in self.shared


def owners(desired: Sequence[Desired], rows: Sequence[CampaignRow], lock: Lock | None) -> Owners:
    """Find the campaigns of manifests: by name, or where that fails by what the lock pins it to.

    So a campaign that was renamed, or whose name another one bears by now, keeps its manifest.
    """
    bearers: dict[str, list[str]] = {}
    for row in rows:
        bearers.setdefault(plain(row.name), []).append(row.campaign_id.lower())
    living = {row.campaign_id.lower() for row in rows}
    campaigns: dict[str, Desired] = {}
    for one in desired:
        campaign = _campaign(one, bearers, living, lock)
        if campaign:
            campaigns.setdefault(campaign, one)
    return Owners(
        campaigns=campaigns,
        activities={one.activity_id: one for one in desired if one.activity_id},
        shared=frozenset(name for name, ids in bearers.items() if len(ids) > 1),
    )


def _campaign(
    desired: Desired,
    bearers: Mapping[str, Sequence[str]],
    living: frozenset[str] | set[str],
    lock: Lock | None,
) -> str | None:
    found = bearers.get(plain(desired.campaign), ())
    pin = lock.campaigns.get(plain(desired.campaign)) if lock else None
    if pin and pin.campaign_id in living and desired.activity_id in {None, pin.activity_id}:
        return pin.campaign_id
    return found[0] if len(found) == 1 and desired.activity_id is None else None


def strangers(
    desired: Sequence[Desired],
    rows: Sequence[CampaignRow],
    catalogue: Catalogue,
    lock: Lock | None,
    now: datetime,
) -> tuple[Diagnostic, ...]:
    """Say which names of manifests mean another object than the one that the lock pins (CC320).

    `catalogue` holds each kind that a manifest names. Whoever is in the other list must be looked
    at before the lock may say so: a pull would pin it without a word. The recipients of what was
    sent are never resolved.
    """
    by_id = {row.campaign_id.lower(): row for row in rows}
    pins = Pins(lock=lock)
    found: list[Diagnostic | None] = []
    for one in match(desired, rows):
        found.append(campaign_breach(one, by_id, pins))
        if not _is_over(one, now):
            found += recipient_breaches(one.desired, catalogue, pins)
    return tuple(one for one in found if one is not None and one.code == _ANOTHER)


def _is_over(one: Match, now: datetime) -> bool:
    done = one.row is not None and one.row.status is Status.DONE
    times = [send.when for send in one.desired.sends]
    return done and all(not isinstance(when, datetime) or when <= now for when in times)


def kinds(desired: Iterable[Desired], lock: Lock | None) -> frozenset[RecipientKind]:
    """Which collections must be read to hold a lock against the account."""
    return frozenset(one.kind for one in desired) if lock else frozenset()
