"""Hands make the requests: one reading or one write at a time, on a connection of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from ccops.applying.effects import Read, Reading, Unread
from ccops.constantcontact import reader, wire
from ccops.errors import CcopsError, NoReply
from ccops.model import CampaignRow, Live, Status, Step, Target
from ccops.planning.plan import Change
from ccops.planning.verdict import wants_history
from ccops.ports import Call, Reply, Send


class Hand(Protocol):
    """One connection, for one activity at a time."""

    def turn(self, *, resumes: bool = False) -> Send:
        """Wait until something may be begun, and return a `Send` for requests that go together.

        What `resumes` an activity that was written to, or may have been, waits for no other.
        A write of them leaves right after the reading before it. Raises CcopsError.
        """
        ...

    def close(self) -> None:
        """Let nothing leave any more, by this hand and its fellows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """A plain `Send`, which waits for nothing and cannot be closed."""

    send: Send

    def turn(self, *, resumes: bool = False) -> Send:  # noqa: ARG002 - there is nobody to pass
        """Return it."""
        return self.send

    def close(self) -> None:
        """Do nothing: with one hand nothing is under way when a run ends."""


@dataclass(slots=True, kw_only=True, eq=False)
class Errand:
    """What one activity has a hand for, from its waking until it sleeps: a `Send`.

    It begins with the first request; `waited` are the seconds until it could. `resumes`: the
    activity was begun before. `clock` is monotonic.
    """

    number: int
    hand: Hand
    clock: Callable[[], float]
    resumes: bool = False
    waited: float = 0.0
    send: Send | None = field(default=None, init=False)

    def __call__(self, call: Call) -> Reply:
        """Make a request."""
        if self.send is None:
            since = self.clock()
            self.send = self.hand.turn(resumes=self.resumes)
            self.waited = self.clock() - since
        return self.send(call)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A reading, the campaign's row for later ones, and the seconds before it could begin."""

    reading: Reading
    row: CampaignRow | None
    waited: float


Made = Look | Reply | NoReply
"""What a hand brings back."""


def ask(errand: Errand, step: Step) -> Reply | NoReply:
    """Send one request once."""
    try:
        return errand(wire.step_call(step))
    except NoReply as error:
        return error


def look(errand: Errand, change: Change, row: CampaignRow | None) -> Look:
    """Read the activity of a change, and its campaign too where no row of it is known yet."""
    begun = errand.send is not None
    try:
        row = row or _row(errand, change)
        reading: Reading = Read(live=None if row is None else _live(errand, change.target, row))
    except CcopsError as error:
        reading = Unread(error=error)
    return Look(reading=reading, row=row, waited=0.0 if begun else errand.waited)


def _live(send: Send, target: Target, row: CampaignRow) -> Live | None:
    return reader.read_live(send, row, wants_history=lambda live: wants_history(target, live))


def _row(send: Send, change: Change) -> CampaignRow | None:
    """Read the campaign itself once a run: its name is not part of the activity."""
    if not change.campaign_id:
        return CampaignRow(
            campaign_id="",
            name=change.campaign,
            status=change.before.status if change.before else Status.UNKNOWN,
            activity_id=change.target.activity_id,
        )
    row = reader.read_campaign(send, change.campaign_id)
    return replace(row, activity_id=change.target.activity_id) if row else None
