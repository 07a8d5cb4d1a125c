"""When Constant Contact sends by itself what is set up beside a campaign. Pure and total.

A resend to non-openers and the winner of an A/B test follow the campaign's send at a distance, and
move with it (inferred). Where the send that they belong to is not certain, every time that may be
theirs is told: nobody is to be mailed twice because one of them was left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ccops.constantcontact.beside import Attached
from ccops.model import SendRecord, When
from ccops.planning.plan import Change, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What Constant Contact sends by itself, and when (UTC)."""

    attached: Attached
    at: datetime


def following(change: Change, *, now: datetime) -> tuple[Following, ...]:
    """What follows a campaign's sends, once its change is applied; `now` is UTC."""
    history = change.before.history or () if change.before is not None else ()
    withdrawn = change.verdict is Verdict.UNSCHEDULE
    return tuple(
        Following(attached=one, at=at)
        for one in change.attached
        for at in times(one, send=change.send, history=history, now=now, withdrawn=withdrawn)
    )


def times(
    one: Attached,
    *,
    send: When | None,
    history: Sequence[SendRecord],
    now: datetime,
    withdrawn: bool = False,
) -> tuple[datetime, ...]:
    """When it goes out, or did, earliest first: () where that cannot be told, rarely two.

    `send` is the campaign's next one, `withdrawn` one that is taken back. A date that has passed
    has come true. One that is ahead holds if the campaign was sent already; else it is that of a
    send that may be moved, and the distance counts.
    """
    if one.at is not None and one.at <= now:
        return (one.at,)
    return tuple(sorted(set(_ahead(one, send, history, now, withdrawn=withdrawn))))


def _ahead(
    one: Attached,
    send: When | None,
    history: Sequence[SendRecord],
    now: datetime,
    *,
    withdrawn: bool,
) -> Iterator[datetime]:
    if withdrawn and not history:
        return
    if send is not None and one.delay is not None:
        yield (send if isinstance(send, datetime) else now) + one.delay
    if one.at is not None and (history or send is None or one.delay is None):
        yield one.at
    elif history and one.delay is not None:
        yield history[-1].ran_at + one.delay
