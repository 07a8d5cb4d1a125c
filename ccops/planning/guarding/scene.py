"""What guards look at: a plan, the rules and facts, and every send that there is to judge."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.errors import Place, Severity
from ccops.manifest.rules import DAYS, Rules
from ccops.model import Desired, Now, Recipients, SendTime, Status, StepKind, When
from ccops.planning.facts import Known
from ccops.planning.following import following
from ccops.planning.plan import Change, Plan, Verdict
from ccops.planning.resolve import Catalogue

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One send that is judged: when (`at`, UTC), in which zone, and how far a guard may go.

    A send that is made `now` goes out when the plan is applied, which may be as late as `until`;
    for any other that is its time. `limit` is ERROR for a send that this plan makes or moves. It is
    WARNING for one that stands in Constant Contact already, for a declared one whose own plan is
    still to come, and for what Constant Contact sends by itself (`attached`).
    """

    change: Change
    at: datetime
    until: datetime
    zone: str
    place: Place
    limit: Severity
    attached: Attached | None = None

    @property
    def made(self) -> bool:
        """Whether this plan makes or moves it."""
        return self.limit is Severity.ERROR

    @property
    def recipients(self) -> Recipients | None:
        """Whom it reaches; None: not known.

        A send that is declared for later reaches those that are wanted, any other see `holds`.
        """
        wanted = any(one.when == self.at for one in self.change.waiting)
        return self.change.target.recipients if wanted else holds(self.change)

    @property
    def walls(self) -> tuple[datetime, ...]:
        """The naive wall times in its zone at which it may go out: one, or each minute of many."""
        first = self.at.replace(second=0, microsecond=0)
        minutes = (self.until - first) // _MINUTE
        instants = (self.at, *(first + one * _MINUTE for one in range(1, minutes + 1)))
        found = instants if self.until > self.at else (self.at,)
        return tuple(one.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) for one in found)

    @property
    def what(self) -> str:
        """What is sent, in words: "Fall Appeal"; the resend of "Fall Appeal" to non-openers."""
        name = f'"{self.change.campaign}"'
        match self.attached.kind if self.attached else None:
            case None:
                return name
            case AttachedKind.NON_OPENERS:
                return f"the resend of {name} to non-openers"
            case AttachedKind.AB_TEST:
                return f"the winner of the A/B test of {name}"
            case other:
                assert_never(other)

    def words(self, wall: datetime) -> str:
        """A wall time of it in words: Sat 2026-10-24 10:00 America/New_York."""
        return f"{DAYS[wall.weekday()]} {wall:%Y-%m-%d %H:%M} {self.zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that a guard may see. `manifests` are those of the workspace, selected or not.

    `catalogue` holds the lists and segments that were read; `now` is the server's clock, UTC.
    `moments` are the sends to judge, in the changes' order: a sent campaign has none, nor has
    unscheduling. `attached` are those that Constant Contact makes by itself after them, and that
    are still to come. Made by `scene_of`.
    """

    plan: Plan
    rules: Rules
    known: Known
    manifests: tuple[Desired, ...]
    catalogue: Catalogue
    now: datetime
    moments: tuple[Moment, ...]
    attached: tuple[Moment, ...] = ()


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
    bare = Scene(
        plan=plan,
        rules=rules,
        known=known,
        manifests=tuple(manifests),
        catalogue=catalogue,
        now=now,
        moments=(),
    )
    moments = (
        moment
        for change in plan.changes
        for moment in _moments(bare, change, _written(written.get(change.place)))
    )
    attached = (moment for change in plan.changes for moment in _attached(change, now))
    return replace(bare, moments=tuple(moments), attached=tuple(attached))


def makes_send(change: Change) -> bool:
    """Whether the plan makes or moves a send of this campaign."""
    return any(step.kind is StepKind.SCHEDULE for step in change.steps)


def holds(change: Change) -> Recipients | None:
    """Whom the campaign's next send reaches once the plan is applied; None: not known.

    The wanted ones where the plan makes or moves it. Where it leaves a send as it is, those that
    Constant Contact has, whatever the manifest says.
    """
    if makes_send(change) or change.before is None:
        return change.target.recipients
    return known_or_none(change.before.recipients)


def known_or_none(recipients: Recipients) -> Recipients | None:
    """The recipients, or None where nobody is named: whom a send reaches is not known then."""
    return None if recipients.empty else recipients


def _written(manifest: Desired | None) -> Mapping[When, SendTime]:
    return {one.when: one for one in manifest.sends} if manifest else {}


def _moments(scene: Scene, change: Change, written: Mapping[When, SendTime]) -> Iterator[Moment]:
    for when, limit in _sends(change):
        declared, at_once = written.get(when), isinstance(when, Now)
        at = scene.now if isinstance(when, Now) else when
        yield Moment(
            change=change,
            at=at,
            until=max(at, scene.plan.expires_at) if at_once else at,
            zone=declared.zone if declared else change.zone,
            place=declared.place if declared else change.place,
            limit=limit,
        )


def _attached(change: Change, now: datetime) -> Iterator[Moment]:
    """What follows a send. It was set up in Constant Contact, so there is nothing but to warn."""
    for one in following(change, now=now):
        if one.at > now:
            yield Moment(
                change=change,
                at=one.at,
                until=one.at,
                zone=change.zone,
                place=change.place,
                limit=Severity.WARNING,
                attached=one.attached,
            )


def _sends(change: Change) -> Iterator[tuple[When, Severity]]:
    if change.verdict in {Verdict.SENT, Verdict.UNSCHEDULE}:
        return
    if makes_send(change) and change.send is not None:
        yield change.send, Severity.ERROR
    elif change.before is not None and change.before.status is Status.SCHEDULED:
        yield from ((when, Severity.WARNING) for when in change.before.schedules)
    yield from ((one.when, Severity.WARNING) for one in change.waiting)
