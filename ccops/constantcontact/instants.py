"""Instants as the vendor writes them: five renderings in, one out.

Compare instants, never their text: campaigns carry milliseconds, lists none, older examples
`-05:00`, sender addresses `+0000`, and some fields are a bare date (recorded, spec).
"""

import re
from datetime import UTC, datetime

_RENDERING = re.compile(
    r"\d{4}-\d\d-\d\d(T([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d))?", re.ASCII
)


def parse_instant(text: str) -> datetime | None:
    """Read any of the vendor's renderings as a UTC instant in whole seconds.

    The fraction is dropped, as the server drops it (docs: …55.104Z comes back as …55.000Z). A
    bare date means midnight UTC (inferred; the spec does not say which midnight). None: this is
    no instant.
    """
    if not _RENDERING.fullmatch(text):
        return None
    try:
        instant = datetime.fromisoformat(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def instant_text(when: datetime) -> str:
    """Write an instant as `YYYY-MM-DDTHH:MM:SS.000Z`, the only form ccops ever sends.

    Offsets, naive times and other forms may be accepted by the API, but nobody says in which
    zone (docs). A fraction is dropped.

    Raises:
        ValueError: the time has no zone.
    """
    if when.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    return f"{when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}.000Z"
