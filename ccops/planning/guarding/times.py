"""Guards of the calendar: when nothing is sent, in the time of each send's own zone."""

from collections.abc import Iterator
from datetime import datetime

from ccops.planning.guarding.scene import Moment, Objection, Scene

_OTHER = "write another time"
_AT_ONCE = "a plan that sends now can be applied for an hour: plan it well before, or write a time"
_SET_UP = "write another time for the send that it follows, or change it in Constant Contact"


def quiet_hours(scene: Scene) -> Iterator[Objection]:
    """No send in the hours of night."""
    for moment in _moments(scene):
        for hours in scene.rules.quiet_hours:
            help_ = f"write a time from {hours.end:%H:%M} on, and before {hours.start:%H:%M}"
            why = f"in the quiet hours {hours}"
            holds = (wall for wall in moment.walls if hours.holds(wall.time()))
            yield from _objection(moment, holds, "CC410", why, help_)


def quiet_days(scene: Scene) -> Iterator[Objection]:
    """No send on certain days of the week."""
    for moment in _moments(scene):
        holds = (wall for wall in moment.walls if wall.weekday() in scene.rules.quiet_days)
        yield from _objection(moment, holds, "CC411", "on a quiet day", _OTHER)


def holidays(scene: Scene) -> Iterator[Objection]:
    """No send on a public holiday."""
    public = scene.known.holidays if scene.rules.regions else {}
    for moment in _moments(scene):
        days = {wall.date(): wall for wall in reversed(moment.walls)}
        named = {day: f"on {public[day]}" for day in days if day in public}
        own = {day: "on a holiday of ccops.yaml" for day in days if day in scene.rules.dates}
        for day, why in (own | named).items():
            yield from _objection(moment, iter((days[day],)), "CC412", why, _OTHER)


def blackouts(scene: Scene) -> Iterator[Objection]:
    """No send in a span of dates that is kept free."""
    for moment in _moments(scene):
        for span in scene.rules.blackouts:
            holds = (wall for wall in moment.walls if span.holds(wall))
            yield from _objection(moment, holds, "CC413", f"in a blackout: {span.why}", _OTHER)


def _moments(scene: Scene) -> tuple[Moment, ...]:
    return (*scene.moments, *scene.attached)


def _objection(
    moment: Moment, holds: Iterator[datetime], code: str, why: str, remedy: str
) -> Iterator[Objection]:
    """Object by the first wall time that is in the way, if there is one."""
    wall = next(holds, None)
    if wall is None:
        return
    late = " if it is applied then" if wall != moment.walls[0] else ""
    yield Objection(
        moment=moment,
        code=code,
        message=f"{moment.what} would be sent {why}{late}",
        label=f"that is {moment.words(wall)}",
        help=_AT_ONCE if late else _SET_UP if moment.attached else remedy,
    )
