"""What Constant Contact sends beside a campaign by itself, in words."""

from datetime import UTC, datetime, timedelta
from typing import assert_never

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.model import Now
from ccops.planning.following import times
from ccops.planning.plan import Change, Verdict
from ccops.planning.words import span_in_words
from ccops.render.moment import absolute
from ccops.render.phrases import counted

_EVER = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


def attached(change: Change, *, now: datetime = _EVER) -> tuple[str, ...]:
    """One line each: a resend to non-openers, and when; an A/B test, and when its winner goes.

    `now` (UTC) tells a date that has come true from one that a moved send may move.
    """
    return tuple(_words(one, change, now) for one in change.attached)


def _words(one: Attached, change: Change, now: datetime) -> str:
    when = _when(one, change, now)
    match one.kind:
        case AttachedKind.AB_TEST:
            told = f'an A/B test with the subject "{one.subject}"'
            return f"{told}; the winner goes to the others {when}" if when else told
        case AttachedKind.NON_OPENERS:
            told = f'Constant Contact resends it to non-openers as "{one.subject}"'
            return f"{told}, {when}" if when else told
        case _:
            assert_never(one.kind)


def _when(one: Attached, change: Change, now: datetime) -> str:
    """The times that it may have; or how long after its send, where that has none."""
    history = change.before.history or () if change.before is not None else ()
    withdrawn = change.verdict is Verdict.UNSCHEDULE
    if not isinstance(change.send, Now):
        found = times(one, send=change.send, history=history, now=now, withdrawn=withdrawn)
        if found:
            return " or ".join(absolute(at, zone=change.zone) for at in found)
    return "" if one.delay is None else f"{_span(one.delay)} later"


def _span(span: timedelta) -> str:
    return counted(span // _DAY, "day") if span and not span % _DAY else span_in_words(span)
