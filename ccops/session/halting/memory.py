"""What is known while a halt is running: each campaign as it was read first and last."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ccops.applying.report import Result
from ccops.constantcontact.client import Client
from ccops.errors import CcopsError
from ccops.manifest.rewrite import Stop
from ccops.model import Account, CampaignRow, Desired, Limits
from ccops.planning.resolve import Match
from ccops.render.halting import HaltedCampaign, HaltedManifest
from ccops.session.halting.marks import Marks
from ccops.session.halting.sightings import Sighting
from ccops.session.halting.stopping import Outcome, halted_campaign, outcome_of, server_time
from ccops.session.signals import Signals
from ccops.session.wiring import Session

_UNREAD = Account(id="", name="", zone="UTC")
_UNASKED = "Constant Contact could not be asked about it"


@dataclass(slots=True, kw_only=True)
class Halting:
    """The memory of one halt; what is known of each campaign stands under its name.

    `first` holds the reading before anything was done to it, `latest` the newest one. `lost`: the
    newest reading of all got no answer; `unreachable`: nor did the one before it.
    """

    session: Session
    send: Client
    marks: Marks
    tell: Callable[[str], None]
    sleep: Callable[[float], None]
    signals: Signals
    account: Account = _UNREAD
    started: datetime | None = None
    rows: tuple[CampaignRow, ...] = ()
    matches: tuple[Match, ...] = ()
    first: dict[str, Sighting] = field(default_factory=dict)
    latest: dict[str, Sighting] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    lost: bool = False
    unreachable: CcopsError | None = None
    rounds: int = 0
    writes: int = 0
    failure: CcopsError | None = None

    @property
    def limits(self) -> Limits:
        """The workspace's."""
        return self.session.workspace.settings.limits

    @property
    def goes_on(self) -> bool:
        """Whether nothing ended the run."""
        return self.signals.code is None and self.failure is None

    @property
    def trouble(self) -> CcopsError | None:
        """What kept it from asking about every campaign."""
        return self.failure or self.unreachable

    def now(self) -> datetime:
        """The server's time, in whole seconds; this machine's while the server tells none."""
        return server_time(self.send)

    def learn(self, one: Sighting, result: Result | None) -> None:
        """Remember a reading, and what was done before it."""
        name = one.desired.campaign
        first = self.first.get(name)
        if first is None or first.problem or (one.scheduled and not first.scheduled):
            self.first[name] = one
        self.latest[name] = one
        self.outcomes[name] = outcome_of(self.first[name], one, result, self.now())

    def admit(self, desired: Iterable[Desired]) -> None:
        """Count what could not even be looked at as not halted, if anything of it is to come."""
        for one in desired:
            if one.campaign not in self.latest:
                self.learn(Sighting(desired=one, problem=_UNASKED, error=self.trouble), None)

    def stops(self, desired: Iterable[Desired]) -> Iterator[Stop]:
        """The declared sends that manifests are to declare no more, stopped or not."""
        for one in desired:
            latest, first = self.latest[one.campaign], self.first[one.campaign]
            stop = Stop(desired=one, done=latest.done(self.now()))
            if stop.stopped and (first.to_stop(self.now()) or latest.to_stop(self.now())):
                yield stop

    def told(self, desired: Desired, manifest: HaltedManifest | None) -> HaltedCampaign:
        """One campaign's part of the report."""
        latest = self.latest[desired.campaign]
        return halted_campaign(
            self.first[desired.campaign],
            latest,
            self.outcomes[desired.campaign],
            now=self.now(),
            marked=self.marks.holds(latest),
            manifest=manifest,
        )
