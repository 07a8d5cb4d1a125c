"""What a worker leaves in the queue that ends when nothing can be done now, and why that is so."""

from collections.abc import Mapping
from typing import Final

from ccops.errors import CcopsError
from ccops.fleet.standing import Standing, status

_UNDONE: Final = (Standing.QUEUED, Standing.WAITING, Standing.PARKED)
_REASONS: Final = (
    "A job waits while one before it, of the same account, is parked, under way elsewhere or"
    " waiting for the API key's limits."
)


def left_in_queue(address: str) -> str:
    """Say in a line what stays in the queue; "" for nothing. A queue that is lost is said, too."""
    try:
        return left_in_words(status(address).counts)
    except CcopsError as error:
        return f"What is left in the queue cannot be told: {error}"


def left_in_words(counts: Mapping[Standing, int]) -> str:
    """Say how many jobs are undone, by where they stand; "" if none is.

    What another worker does right now is said beside them, and is no reason to say anything.
    """
    if not any(counts.get(one) for one in _UNDONE):
        return ""
    shown = (Standing.QUEUED, Standing.WAITING, Standing.RUNNING, Standing.PARKED)
    amounts = ", ".join(f"{counts[one]:,} {one}" for one in shown if counts.get(one))
    return f"Left in the queue: {amounts}. {_REASONS} See `ccops fleet status --queue …`."
