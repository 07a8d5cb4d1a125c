"""How one write fares between a process and the vendor, and what the process is told."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from ccops.errors import Diagnostic, NoReply
from ccops.model import Step, StepKind
from ccops.ports import Reply
from tests.simulation.vendor import Verb, envelope, reply_to

PATIENCE = timedelta(seconds=30)
"""After this the client gives a request up."""
KEPT_ALIVE = timedelta(seconds=60)
"""After this the vendor closes an idle connection."""


class Fate(StrEnum):
    """How one write fares. BEFORE and AFTER: before or after it took effect."""

    FINE = "fine"
    NOT_SENT = "no byte left"
    LOST_BEFORE = "lost before"
    LOST_AFTER = "lost after"
    LATE = "takes effect after the client gave up"
    CRASH_BEFORE = "500 before"
    CRASH_AFTER = "500 after"
    PAGE_AFTER = "502 with a page of HTML, after"
    THROTTLED = "429 throttled"
    QUOTA = "429 quota"
    LOGIN_BEFORE = "401 before"
    LOGIN_AFTER = "401 after"
    FORBIDDEN = "403"
    REJECTED = "400"
    SEVERED = "the process dies while it is under way"
    ODD_BODY = "2xx with a page of HTML"
    ODD_DATE = "2xx, for another time than asked for"
    IGNORED = "2xx without effect"
    FENCED = "held back by the fence"
    CUT_OFF = "frozen until its connection was gone"


REFUSALS = {
    Fate.CRASH_BEFORE: envelope(500, "server_error"),
    Fate.THROTTLED: envelope(429, "throttled"),
    Fate.QUOTA: envelope(429, "quota_exceeded"),
    Fate.LOGIN_BEFORE: envelope(401, "unauthorized"),
    Fate.FORBIDDEN: envelope(403, "access_denied"),
    Fate.REJECTED: envelope(400, "bad_request"),
}
CERTAIN_REFUSALS = frozenset(
    {
        Fate.NOT_SENT,
        Fate.FENCED,
        Fate.THROTTLED,
        Fate.QUOTA,
        Fate.FORBIDDEN,
        Fate.REJECTED,
    }
)
"""After these a write has had no effect, and everybody can know it."""
LIKELY = (Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LATE, Fate.CRASH_BEFORE, Fate.CRASH_AFTER)
FROZEN = (Fate.FENCED, Fate.CUT_OFF)
"""What comes of a freeze, and of nothing else."""
RARE = tuple(one for one in Fate if one not in {Fate.FINE, *LIKELY, *FROZEN})
_PAGE = Reply(status=502, headers={}, body=b"<html>Bad gateway</html>")


def no_reply(*, maybe_sent: bool) -> NoReply:
    """No complete answer; `maybe_sent` is False when no byte left."""
    message = "no complete answer" if maybe_sent else "no connection"
    return NoReply(Diagnostic(code="CC502", message=message), maybe_sent=maybe_sent)


def answer_after(fate: Fate, verb: Verb) -> Reply | NoReply:
    """What the process is told of a request that reached the vendor."""
    match fate:
        case Fate.LOST_AFTER:
            return no_reply(maybe_sent=True)
        case Fate.CRASH_AFTER:
            return reply_to(envelope(500, "server_error"))
        case Fate.PAGE_AFTER:
            return _PAGE
        case Fate.LOGIN_AFTER:
            return reply_to(envelope(401, "unauthorized"))
        case Fate.ODD_BODY if verb.took:
            return replace(_PAGE, status=verb.status)
        case _:
            return reply_to(verb)


def pretended(step: Step) -> Reply:
    """The vendor's success, without any."""
    match step.kind:
        case StepKind.UNSCHEDULE:
            return reply_to(Verb(status=204, document=None, took=False))
        case StepKind.UPDATE:
            return reply_to(Verb(status=200, document={}, took=False))
        case StepKind.SCHEDULE:
            asked = (step.body or "").partition(':"')[2].removesuffix('"}')
            dates = [] if asked == "0" else [{"scheduled_date": asked}]
            return reply_to(Verb(status=201, document=dates, took=False))
