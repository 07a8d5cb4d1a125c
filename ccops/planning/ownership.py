"""Which activity a manifest is about, and which campaigns no manifest is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import CampaignRow, Desired, Live, Recipients, Status, Target
from ccops.planning.names import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A manifest beside what was read of its campaign.

    `recipients` are the manifest's, resolved; None where they need not or could not be.
    `problem` says why no activity could be read. `sent`: the listing alone settled it. `as_of` is
    when `live` was read, if it is the cache's. `unread` says why a plan that reads nothing cannot
    tell.
    """

    desired: Desired
    row: CampaignRow | None = None
    live: Live | None = None
    recipients: Recipients | None = None
    problem: str = ""
    sent: bool = False
    as_of: datetime | None = None
    unread: str = ""


def target_of(seen: Observation) -> Target:
    """What is wanted of the activity; its id is "" where neither pin nor reading tells it."""
    row = seen.row.activity_id if seen.row else None
    live = seen.live.activity_id if seen.live else None
    return Target(
        campaign=seen.desired.campaign,
        activity_id=live or seen.desired.activity_id or row or "",
        sends=tuple(one.when for one in seen.desired.sends),
        recipients=seen.recipients,
        expect=seen.desired.expect,
    )


def campaign_id(seen: Observation) -> str:
    """The campaign's id, if any reading told it."""
    if seen.live is not None:
        return seen.live.campaign_id
    return seen.row.campaign_id if seen.row else ""


def unmanaged(
    observations: Iterable[Observation], rows: Iterable[CampaignRow], elsewhere: Iterable[str]
) -> list[CampaignRow]:
    """The living campaigns that no manifest names, by name.

    A manifest whose campaign is known names that one alone; any other, all that bear its name.
    """
    ids = {campaign_id(one) for one in observations}
    names = {plain(one.desired.campaign) for one in observations if not campaign_id(one)}
    names.update(map(plain, elsewhere))
    return sorted(
        (
            row
            for row in rows
            if row.status is not Status.REMOVED
            and row.campaign_id not in ids
            and plain(row.name) not in names
        ),
        key=lambda row: (row.name, row.campaign_id),
    )


def refuse_shared(observations: Iterable[Observation]) -> None:
    """Refuse two manifests for one activity, at both places (InvalidInput CC304)."""
    owners: dict[str, Desired] = {}
    wrong = []
    for seen in sorted(observations, key=_position):
        identities = _identities(seen)
        owner = next((owners[one] for one in identities if one in owners), None)
        if owner is not None:
            wrong.append(_shared(seen.desired, owner))
        owners.update(dict.fromkeys(identities, owner or seen.desired))
    if wrong:
        raise InvalidInput(*wrong)


def _identities(seen: Observation) -> list[str]:
    """By what a manifest's activity is recognised.

    A campaign has one primary activity, so its id will do; where neither is known, only the
    name is left.
    """
    known = {"activity": target_of(seen).activity_id, "campaign": campaign_id(seen)}
    ids = [f"{kind} {value}" for kind, value in known.items() if value]
    return ids or [f"name {plain(seen.desired.campaign)}"]


def _position(seen: Observation) -> tuple[str, int, int]:
    place = seen.desired.place
    return (place.file, place.line, place.column)


def _shared(second: Desired, first: Desired) -> Diagnostic:
    return Diagnostic(
        code="CC304",
        message=f'two manifests are about one activity, that of "{second.campaign}"',
        place=second.place,
        label="the second",
        help="keep one of them; further sends are entries of resend_to_new_contacts",
        also=((first.place, "the first"),),
    )
