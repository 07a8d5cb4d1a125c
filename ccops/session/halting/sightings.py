"""Look at campaigns that are to be halted: where each stands, and what of it is to come.

Unlike a survey it resolves no recipients, reads no lists, and lets one campaign that cannot be
read hinder no other: an emergency brake must not depend on more than it needs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ccops.constantcontact import reader
from ccops.constantcontact.wire import PRIMARY_EMAIL
from ccops.errors import CcopsError, ExitCode, NoReply
from ccops.model import NOW, CampaignRow, Desired, Live, SendTime, Status, Target, When
from ccops.planning.case import completed, disagreement
from ccops.planning.resolve import Match, already_sent
from ccops.ports import Send

_UNSENT = frozenset({Status.DRAFT, Status.REMOVED, Status.UNKNOWN})
UNDER_WAY = frozenset({Status.SCHEDULED, Status.EXECUTING})
"""The statuses of a campaign that goes out unless it is stopped, or goes out already."""
_MOST = 8
"""Campaigns in one group: about half a minute's requests at the API's pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A manifest beside its campaign, as it was read.

    `live` None: `problem` says why it could not be read, and `error` what failed, if anything did;
    without a problem the campaign is gone, or the listing shows that it is over.
    """

    desired: Desired
    row: CampaignRow | None = None
    live: Live | None = None
    problem: str = ""
    error: CcopsError | None = None

    @property
    def cause(self) -> ExitCode:
        """The exit code of what kept it from being read."""
        return self.error.exit_code if self.error else ExitCode.BLOCKED

    @property
    def lost(self) -> bool:
        """Whether there was no answer at all: the network, or Constant Contact, may be gone."""
        return isinstance(self.error, NoReply)

    @property
    def activity_id(self) -> str:
        """The activity's id, as far as anything tells it."""
        if self.live is not None:
            return self.live.activity_id
        found = self.row.activity_id if self.row else None
        return found or self.desired.activity_id or ""

    @property
    def scheduled(self) -> bool:
        """Whether Constant Contact is going to send it."""
        return self.live is not None and self.live.status is Status.SCHEDULED

    @property
    def was(self) -> datetime | None:
        """When it is going to be sent; None: it is not scheduled."""
        return min(self.live.schedules, default=None) if self.live else None

    @property
    def gone(self) -> bool:
        """Whether nothing of it can be sent any more: deleted, or over as the listing shows."""
        return self.live is None and not self.problem

    def done(self, now: datetime) -> int:
        """How many declared sends happened, or are happening at `now`: they cannot be stopped.

        Of a campaign that could not be read, those whose time has passed: done, or missed.
        """
        if self.live is not None:
            return len(completed(self.live)) + (self.live.status is Status.EXECUTING)
        times = (one.when for one in self.desired.sends)
        return sum(isinstance(when, datetime) and when <= now for when in times)

    def to_stop(self, now: datetime) -> tuple[SendTime, ...]:
        """The declared sends that are not done, if any of them, or a live schedule, is to come."""
        left = self.desired.sends[self.done(now) :]
        coming = any(one.when is NOW or one.when > now for one in left)
        return left if not self.gone and (coming or self.scheduled) else ()


def in_groups(
    matches: Iterable[Match], stopped: Mapping[str, Sequence[When]], now: datetime
) -> Iterator[Sequence[Match]]:
    """Part them into groups to be stopped one after another: what goes out next is first.

    The groups grow, so that the very first ones wait for no others, and the many overlap what
    they wait for. What is listed as neither scheduled nor being sent comes last. `stopped` are
    the sends, by campaign, that a manifest may declare no more.
    """
    left, size = sorted(matches, key=lambda one: _urgency(one, stopped, now)), 1
    while left:
        yield left[:size]
        left, size = left[size:], min(2 * size, _MOST)


def _urgency(
    one: Match, stopped: Mapping[str, Sequence[When]], now: datetime
) -> tuple[bool, datetime]:
    """By the next time that is known; without one it may go out at any moment."""
    resting = one.row is not None and one.row.status not in UNDER_WAY
    known = [send.when for send in one.desired.sends]
    known += stopped.get(one.desired.campaign, ())
    return resting, min((when for when in known if when is not NOW and when > now), default=now)


def look(send: Send, one: Match, *, now: datetime, pause: Callable[[], None]) -> Sighting:
    """Read a campaign; never raises for one that cannot be read.

    What contradicts itself is read once more, after a `pause`. `now` is the server's clock, UTC.
    """
    if one.row is not None and already_sent(one.desired, one.row, now):
        return Sighting(desired=one.desired, row=one.row)
    if one.problem:
        return Sighting(desired=one.desired, problem=one.problem)
    return _look(send, one, pause)


def _look(send: Send, one: Match, pause: Callable[[], None]) -> Sighting:
    row = one.row
    try:
        row = _row(send, one)
        if row is None:
            return Sighting(desired=one.desired)
        if row.activity_id is None:
            return Sighting(desired=one.desired, row=row, problem="it has no email of its own")
        live = _live(send, row, pause)
        if one.row is None and live is not None:
            row, live = _pinned(send, row, live)
    except CcopsError as error:
        return Sighting(desired=one.desired, row=row, problem=str(error), error=error)
    return Sighting(desired=one.desired, row=row, live=live)


def _row(send: Send, one: Match) -> CampaignRow | None:
    """Find the campaign's activity id; a pinned one is known."""
    if one.row is None:
        pin = one.desired.activity_id
        return CampaignRow(campaign_id="", name="", status=Status.UNKNOWN, activity_id=pin)
    return reader.read_campaign(send, one.row.campaign_id)


def _live(send: Send, row: CampaignRow, pause: Callable[[], None]) -> Live | None:
    live = reader.read_live(send, row, wants_history=_was_sent)
    if live is None or not disagreement(_unscheduled(live), live):
        return live
    pause()
    return reader.read_live(send, row, wants_history=_was_sent)


def _was_sent(live: Live) -> bool:
    """Whether it may have been sent before: the history tells which sends are done."""
    return live.role == PRIMARY_EMAIL and not live.ab_test and live.status not in _UNSENT


def _unscheduled(live: Live) -> Target:
    return Target(
        campaign=live.name, activity_id=live.activity_id, sends=(), recipients=live.recipients
    )


def _pinned(send: Send, row: CampaignRow, live: Live) -> tuple[CampaignRow, Live | None]:
    """Give a pinned activity its campaign's name and type; None: the campaign was removed."""
    found = reader.read_campaign(send, live.campaign_id)
    if found is None:
        return row, None
    named = replace(live, name=found.name, ab_test=found.ab_test)
    return replace(found, activity_id=live.activity_id), named
