"""How a store says no, in the same words whatever it is made of: without it nothing is sent."""

from datetime import date

from ccops.errors import Diagnostic, InvalidInput, StoreUnavailable, Throttled
from ccops.ports import JournalEntry

DAMAGE_HELP = "keep it, look at the account for open sends, then restore it from a copy"

USED_UP = "CC532"
"""The code of a day whose requests are all counted."""


def unavailable(code: str, store: object, why: object, remedy: str) -> StoreUnavailable:
    """Make the error for a store that cannot be used; `store` is its path or name."""
    message = f"the store {store} cannot be used: {why}"
    return StoreUnavailable(Diagnostic(code=code, message=message, help=remedy))


def damaged(store: object, why: object) -> StoreUnavailable:
    """Make the error for a store whose content is not to be trusted (CC703)."""
    return unavailable("CC703", store, why, DAMAGE_HELP)


def newer(store: object) -> StoreUnavailable:
    """Make the error for a store that this version cannot know (CC704)."""
    return unavailable("CC704", store, "a newer ccops made it", "update ccops on this machine")


HELD = "CC701"
"""The code of a lock that another run holds: waiting helps, unlike with any other refusal."""


def held(holder: str) -> StoreUnavailable:
    """Make the error for a lock that another run holds (CC701); `holder` names that run."""
    message = f"the account is locked: {holder} is working on it"
    remedy = "wait for its end; a run that was killed holds nothing, its lock is free at once"
    return StoreUnavailable(Diagnostic(code=HELD, message=message, help=remedy))


UNKNOWN_HOLDER = "another run, just starting or ending,"


def holder_name(run: str, host: str, pid: int, since: str) -> str:
    """Name the run that holds a lock, well enough to find it."""
    return f"run {run} on {host} (process {pid}, since {since})"


def not_holding(store: object, why: str = "this run does not hold its lock") -> StoreUnavailable:
    """Make the error for a change by a run that does not, or no longer, hold the lock (CC705)."""
    return unavailable("CC705", store, why, "run again")


def second_write(store: object, entry: JournalEntry) -> StoreUnavailable:
    """Make the error for a write to an activity that has an open one (CC706)."""
    why = f"an earlier write to {entry.campaign!r} ({entry.activity_id}) is still open"
    return unavailable("CC706", store, why, "run `ccops apply` again: it settles that one first")


def used_up(day: date, cap: int) -> Throttled:
    """Make the error for a day whose requests are all counted (CC532)."""
    message = f"the {cap} requests that ccops may make on {day} (UTC) are used up"
    remedy = "the count starts anew at 00:00 UTC; nothing was sent"
    return Throttled(Diagnostic(code=USED_UP, message=message, help=remedy))


def bad_address(why: str) -> InvalidInput:
    """Make the error for a CCOPS_STORE that names no store (CC707); it never quotes the value."""
    remedy = (
        "set it to postgresql://USER@HOST/DATABASE, with the special characters of a password "
        "written as %XX, or leave it out: then the store is files on this machine"
    )
    return InvalidInput(Diagnostic(code="CC707", message=f"CCOPS_STORE {why}", help=remedy))
