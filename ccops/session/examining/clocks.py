"""The clocks, and the data by which local times become instants."""

import re
from datetime import datetime, timedelta

from ccops.errors import ExitCode
from ccops.render.checks import Check, Subject, failed, passed, warned
from ccops.session.applied import MAX_SKEW
from ccops.session.examining.rights import Purpose

_NOTICEABLE = timedelta(seconds=30)
_OLD = 1
"""Years. Governments change their clocks on short notice, and a release a year is the least."""


def sandbox_clock_check(now: datetime) -> Check:
    """A sandbox's clock may show any time, and is not compared with any other."""
    return passed(Subject.CLOCK, f"{now:%Y-%m-%d %H:%M:%S} UTC in the sandbox")


def clock_check(skew: timedelta, purpose: Purpose | None) -> Check:
    """Whether this machine's clock is the server's; `skew` is how far it is ahead.

    That apply would refuse is a failure only where the login is for apply.
    """
    detail = f"{skew.total_seconds():+.0f} s against the server's"
    if abs(skew) <= _NOTICEABLE:
        return passed(Subject.CLOCK, detail)
    remedy = f"set this machine's clock: beyond {MAX_SKEW.total_seconds():.0f} s apply refuses"
    if abs(skew) > MAX_SKEW and purpose is Purpose.APPLY:
        return failed(Subject.CLOCK, detail, remedy, exit_code=ExitCode.BLOCKED)
    return warned(Subject.CLOCK, detail, remedy)


def zone_data_check(version: str, now: datetime) -> Check:
    """Whether the zone data in force is of this year or the one before, by its name (`2026b`)."""
    year = re.match(r"\d{4}", version)
    age = now.year - int(year[0]) if year else 0
    if age <= _OLD:
        return passed(Subject.ZONE_DATA, version)
    remedy = "clocks may have changed since: pip install --upgrade tzdata"
    return warned(Subject.ZONE_DATA, f"{version}, {age} years old", remedy)
