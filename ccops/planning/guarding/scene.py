"""What guards look at: a plan, the rules and facts, and every send that there is to judge."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ccops.errors import Place, Severity
from ccops.manifest.rules import DAYS, Rules
from ccops.model import Desired, Now, SendTime, Status, StepKind, When
from ccops.planning.facts import Known
from ccops.planning.plan import Change, Plan, Verdict
from ccops.planning.resolve import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One send that is judged: when (`at`, UTC), in which zone, and how far a guard may go.

    `limit` is ERROR for a send that this plan makes or moves. It is WARNING for one that stands
    in Constant Contact already, and for a declared one whose own plan is still to come.
    """

    change: Change
    at: datetime
    zone: str
    place: Place
    limit: Severity

    @property
    def made(self) -> bool:
        """Whether this plan makes or moves it."""
        return self.limit is Severity.ERROR

    @property
    def wall(self) -> datetime:
        """The naive wall time in its zone."""
        return self.at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    @property
    def words(self) -> str:
        """The wall time in words: Sat 2026-10-24 10:00 America/New_York."""
        wall = self.wall
        return f"{DAYS[wall.weekday()]} {wall:%Y-%m-%d %H:%M} {self.zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that a guard may see. `manifests` are those of the workspace, selected or not.

    `catalogue` holds the lists and segments that were read; `now` is the server's clock, UTC.
    `moments` are the sends to judge, in the changes' order: a sent campaign has none, nor has
    unscheduling. Made by `scene_of`.
    """

    plan: Plan
    rules: Rules
    known: Known
    manifests: tuple[Desired, ...]
    catalogue: Catalogue
    now: datetime
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What a guard has against one send. How heavy it weighs is decided in `judge`."""

    moment: Moment
    code: str
    message: str
    label: str = ""
    help: str


def scene_of(
    plan: Plan,
    *,
    rules: Rules,
    known: Known,
    manifests: Sequence[Desired],
    catalogue: Catalogue,
    now: datetime,
) -> Scene:
    """Find every send that there is to judge."""
    written = {one.place: one for one in manifests}
    return Scene(
        plan=plan,
        rules=rules,
        known=known,
        manifests=tuple(manifests),
        catalogue=catalogue,
        now=now,
        moments=tuple(
            moment
            for change in plan.changes
            for moment in _moments(change, _written(written.get(change.place)), now)
        ),
    )


def makes_send(change: Change) -> bool:
    """Whether the plan makes or moves a send of this campaign."""
    return any(step.kind is StepKind.SCHEDULE for step in change.steps)


def _written(manifest: Desired | None) -> Mapping[When, SendTime]:
    return {one.when: one for one in manifest.sends} if manifest else {}


def _moments(change: Change, written: Mapping[When, SendTime], now: datetime) -> Iterator[Moment]:
    for when, limit in _sends(change):
        declared = written.get(when)
        yield Moment(
            change=change,
            at=now if isinstance(when, Now) else when,
            zone=declared.zone if declared else change.zone,
            place=declared.place if declared else change.place,
            limit=limit,
        )


def _sends(change: Change) -> Iterator[tuple[When, Severity]]:
    if change.verdict in {Verdict.SENT, Verdict.UNSCHEDULE}:
        return
    if makes_send(change) and change.send is not None:
        yield change.send, Severity.ERROR
    elif change.before is not None and change.before.status is Status.SCHEDULED:
        yield from ((when, Severity.WARNING) for when in change.before.schedules)
    yield from ((one.when, Severity.WARNING) for one in change.waiting)
