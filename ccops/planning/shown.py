"""What a reading of an activity shows, in one line of plain words."""

from collections.abc import Mapping

from ccops.model import Live, Status
from ccops.planning.words import instant_in_words

_SHOWN: Mapping[Status, str] = {
    Status.DRAFT: "a draft, not scheduled",
    Status.EXECUTING: "being sent now",
    Status.DONE: "sent",
    Status.ERROR: "failed",
    Status.REMOVED: "deleted",
    Status.UNKNOWN: "in a status that ccops does not know",
    Status.SCHEDULED: "scheduled, for no time that it tells",
}


def shows(live: Live | None, *, zone: str) -> str:
    """Say in words what a reading shows, times in a zone; None: there is no such campaign."""
    if live is None:
        return "no such campaign"
    sends = len(live.history or ())
    over = f", with {sends} send{'' if sends == 1 else 's'} in its history" if sends else ""
    if live.status is Status.SCHEDULED and live.schedules:
        times = " and ".join(instant_in_words(one, zone=zone) for one in live.schedules)
        return f"scheduled for {times}{over}"
    return f"{_SHOWN[live.status]}{over}"
