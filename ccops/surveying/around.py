"""What one survey is made with: the account's answers so far, the past, and how to ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import Diagnostic
from ccops.model import CampaignRow, Desired, Limits, Live, Recipients, Status, Target
from ccops.planning.cache import Cache, Reading
from ccops.planning.case import completed
from ccops.planning.locking import Pins
from ccops.planning.ownership import Observation
from ccops.planning.resolve import Catalogue, Match, already_sent
from ccops.planning.stale import Recollection, Written
from ccops.ports import Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What an earlier plan read, and when the journal last said something of each activity."""

    cache: Cache
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """How the account is asked. `clock` is the server's, UTC.

    `pause` is waited before a contradiction is believed.
    """

    send: Send
    origin: str
    clock: Callable[[], datetime]
    pause: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is the same for all observations of one survey.

    `rows` are the living campaigns, `by_id` the same by lower-case id; `now` is UTC. `readings`
    are those of the past by campaign id, `activities` the same by activity id, both in lower case.
    """

    rows: tuple[CampaignRow, ...]
    by_id: Mapping[str, CampaignRow]
    catalogue: Catalogue
    pins: Pins
    limits: Limits
    now: datetime
    readings: Mapping[str, Reading]
    activities: Mapping[str, Reading]
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One observation, and what is wrong with its manifest's names if that matters.

    `mistakes` are names that lead nowhere, `breaches` those that lead elsewhere than the lock.
    `reading` is what was read of the campaign for it.
    """

    observation: Observation
    mistakes: tuple[Diagnostic, ...] = ()
    breaches: tuple[Diagnostic, ...] = ()
    reading: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A manifest beside its campaign in the listing, and what it wants.

    `recipients` is None where a name leads nowhere: `wrong` says why. `known` is what the past
    tells of the campaign.
    """

    match: Match
    recipients: Recipients | None
    wrong: Seen
    known: Recollection | None

    @property
    def desired(self) -> Desired:
        """The manifest."""
        return self.match.desired

    def target(self, activity_id: str) -> Target:
        """What is wanted of its activity."""
        return Target(
            campaign=self.desired.campaign,
            activity_id=activity_id,
            sends=tuple(one.when for one in self.desired.sends),
            recipients=self.recipients,
        )

    def seen(self, row: CampaignRow | None, live: Live | None) -> Seen:
        """What this reading comes to.

        The recipients of a campaign whose declared sends have all happened do not matter: a list
        that was deleted since breaks nothing.
        """
        if live is not None and all_sent(self.desired, live):
            return Seen(observation=observation(self.match, row, live, None))
        told = observation(self.match, row, live, self.recipients)
        return Seen(observation=told, mistakes=self.wrong.mistakes, breaches=self.wrong.breaches)


def observation(
    one: Match, row: CampaignRow | None, live: Live | None, recipients: Recipients | None
) -> Observation:
    """Put a reading beside the manifest."""
    return Observation(
        desired=one.desired, row=row, live=live, recipients=recipients, problem=one.problem
    )


def all_sent(desired: Desired, live: Live) -> bool:
    """Whether every declared send has happened, so that the recipients matter no more."""
    done = len(completed(live)) if live.history is not None else 0
    return live.status is Status.DONE and done >= len(desired.sends)


def over(one: Match, now: datetime) -> bool:
    """Whether the listing alone shows that nothing is left to do."""
    return one.row is not None and already_sent(one.desired, one.row, now)


def recollection(around: Around, one: Match) -> Recollection | None:
    """Return what the past tells of a campaign, if it is the one that the manifest means now."""
    pin = around.pins.campaign(one.desired.campaign)
    wanted = (one.desired.activity_id or (pin.activity_id if pin else "")).lower()
    if one.row is not None:
        reading = around.readings.get(one.row.campaign_id.lower())
    else:
        reading = around.activities.get(wanted)
    if reading is None or wanted not in {"", reading.live.activity_id.lower()}:
        return None
    return Recollection(
        reading=reading,
        row=around.by_id.get(reading.row.campaign_id.lower()),
        written=around.written.get(reading.live.activity_id.lower()),
    )
