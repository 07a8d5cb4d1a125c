"""Guards of the calendar: when nothing is sent, in the time of each send's own zone."""

from collections.abc import Iterator

from ccops.planning.guarding.scene import Moment, Objection, Scene

_OTHER = "write another time"


def quiet_hours(scene: Scene) -> Iterator[Objection]:
    """No send in the hours of night."""
    for moment in scene.moments:
        for hours in scene.rules.quiet_hours:
            if hours.holds(moment.wall.time()):
                yield _objection(
                    moment,
                    "CC410",
                    f"in the quiet hours {hours}",
                    f"write a time from {hours.end:%H:%M} on, and before {hours.start:%H:%M}",
                )


def quiet_days(scene: Scene) -> Iterator[Objection]:
    """No send on certain days of the week."""
    for moment in scene.moments:
        if moment.wall.weekday() in scene.rules.quiet_days:
            yield _objection(moment, "CC411", "on a quiet day", _OTHER)


def holidays(scene: Scene) -> Iterator[Objection]:
    """No send on a public holiday."""
    for moment in scene.moments:
        day = moment.wall.date()
        if scene.rules.regions and day in scene.known.holidays:
            yield _objection(moment, "CC412", f"on {scene.known.holidays[day]}", _OTHER)
        elif day in scene.rules.dates:
            yield _objection(moment, "CC412", "on a holiday of ccops.yaml", _OTHER)


def blackouts(scene: Scene) -> Iterator[Objection]:
    """No send in a span of dates that is kept free."""
    for moment in scene.moments:
        for span in scene.rules.blackouts:
            if span.holds(moment.wall):
                yield _objection(moment, "CC413", f"in a blackout: {span.why}", _OTHER)


def _objection(moment: Moment, code: str, why: str, remedy: str) -> Objection:
    return Objection(
        moment=moment,
        code=code,
        message=f'"{moment.change.campaign}" would be sent {why}',
        label=f"that is {moment.words}",
        help=remedy,
    )
