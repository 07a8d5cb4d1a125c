"""What a worker says of a job that it did, and when that job is done again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ccops.constantcontact.refusals import QUOTA
from ccops.errors import ExitCode
from ccops.fleet.jobs import Outcome
from ccops.store.refusals import USED_UP

_BREATHER: Final = timedelta(minutes=1)
_DAY_IS_USED_UP: Final = (QUOTA, USED_UP)
_INTERRUPTED: Final = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A job that this worker did; `again_at`: when it is done once more, UTC. None: it is not."""

    number: int
    outcome: Outcome
    again_at: datetime | None = None


def when_again(outcome: Outcome, now: datetime, *, stopped: bool = False) -> datetime | None:
    """Return when a job is done again that ended for a reason of the hour; None: it is not.

    All these codes mean that nothing of it is open. One that the worker's own end interrupted goes
    back at once. When the day's requests are used up it waits for 00:00 UTC, when the count
    begins anew (docs), and when the API asks for patience for a minute.
    """
    if stopped and outcome.exit_code in _INTERRUPTED:
        return now
    if outcome.exit_code is not ExitCode.THROTTLED:
        return None
    if outcome.reason.startswith(_DAY_IS_USED_UP):
        return datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    return now + _BREATHER


def line(finished: Finished) -> str:
    """Say in one line how a job ended; it may quote the account, and is hostile text."""
    outcome, again = finished.outcome, finished.again_at
    told = outcome.reason or outcome.summary
    later = "" if again is None else f"; again at {again:%Y-%m-%d %H:%M:%S} UTC"
    name = f"job {finished.number}: {outcome.job.action} {outcome.job.account}"
    return f"{name}: exit {int(outcome.exit_code)}: {told}{later}"
