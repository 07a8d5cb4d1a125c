"""What Constant Contact sends beside a campaign by itself, in words."""

from datetime import datetime
from typing import assert_never

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.planning.plan import Change
from ccops.planning.words import span_in_words
from ccops.render.moment import absolute


def attached(change: Change) -> tuple[str, ...]:
    """One line each: a resend to non-openers, and when; an A/B test."""
    return tuple(_words(one, change) for one in change.attached)


def _words(one: Attached, change: Change) -> str:
    match one.kind:
        case AttachedKind.AB_TEST:
            return f'an A/B test with the subject "{one.subject}"'
        case AttachedKind.NON_OPENERS:
            when = _when(one, change)
            told = f'Constant Contact resends it to non-openers as "{one.subject}"'
            return f"{told}, {when}" if when else told
        case _:
            assert_never(one.kind)


def _when(one: Attached, change: Change) -> str:
    if isinstance(change.send, datetime) and one.delay is not None:
        return absolute(change.send + one.delay, zone=change.zone)
    if one.at is not None:
        return absolute(one.at, zone=change.zone)
    return f"{span_in_words(one.delay)} later" if one.delay is not None else ""
