"""One campaign: its manifest beside what the account, or the past, tells of it."""

from dataclasses import replace

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import Desired, Recipients
from ccops.planning.locking import recipient_breaches
from ccops.planning.ownership import Observation
from ccops.planning.resolve import Match, resolve
from ccops.planning.stale import Recollection, must_be_read, overtaken
from ccops.planning.verdict import wants_history
from ccops.surveying.around import (
    Around,
    Ask,
    Seen,
    Wanted,
    observation,
    over,
    recollection,
)
from ccops.surveying.reading import read


def observe(around: Around, ask: Ask | None, one: Match, breach: Diagnostic | None) -> Seen:
    """Observe one campaign; with nobody to `ask`, by what is known of the past alone.

    `breach` says how its campaign is not the one that the lock pins.
    """
    if breach is not None:
        return Seen(observation=observation(one, None, None, None), breaches=(breach,))
    if over(one, around.now):
        return Seen(observation=Observation(desired=one.desired, row=one.row, sent=True))
    recipients, wrong = _resolved(one.desired, around)
    if one.problem:
        return replace(wrong, observation=observation(one, None, None, None))
    known = recollection(around, one)
    wanted = Wanted(match=one, recipients=recipients, wrong=wrong, known=known)
    if ask is None:
        return _told(around, wanted)
    if known is not None and not _must_be_read(around, wanted, known):
        return _remembered(wanted, known)
    return read(around, ask, wanted)


def _must_be_read(around: Around, wanted: Wanted, known: Recollection) -> bool:
    target = wanted.target(known.reading.live.activity_id)
    return must_be_read(known, target, now=around.now, limits=around.limits)


def _told(around: Around, wanted: Wanted) -> Seen:
    """Say what the past tells, or why a plan that reads nothing cannot say it."""
    known = wanted.known
    if known is None:
        return _untold(wanted, "ccops never read it here, and this plan reads nothing")
    if overtaken(known.reading, wanted.target(known.reading.live.activity_id), around.now):
        return _untold(wanted, "a send was due since it was read, and this plan reads nothing")
    return _remembered(wanted, known)


def _untold(wanted: Wanted, why: str) -> Seen:
    told = Observation(desired=wanted.desired, row=wanted.match.row, unread=why)
    return replace(wanted.wrong, observation=told)


def _remembered(wanted: Wanted, known: Recollection) -> Seen:
    """Take a past reading for what one of the depth that is needed now would show."""
    live, row = known.reading.live, known.row or known.reading.row
    live = replace(live, name=row.name, ab_test=row.ab_test)
    if not wants_history(wanted.target(live.activity_id), live):
        live = replace(live, history=None)
    elif live.history is None:
        # Only of a draft that nobody asks about: it has a history only against the rules.
        live = replace(live, history=())
    seen = wanted.seen(replace(row, activity_id=live.activity_id), live)
    return replace(seen, observation=replace(seen.observation, as_of=known.reading.read_at))


def _resolved(desired: Desired, around: Around) -> tuple[Recipients | None, Seen]:
    """Resolve the recipients; or say what is wrong with their names, each once."""
    breaches = recipient_breaches(desired, around.catalogue, around.pins)
    told = {one.place for one in breaches}
    bare = Observation(desired=desired)
    try:
        recipients = resolve(desired, around.catalogue)
    except InvalidInput as error:
        mistakes = tuple(one for one in error.diagnostics if one.place not in told)
        return None, Seen(observation=bare, mistakes=mistakes, breaches=breaches)
    if breaches:
        return None, Seen(observation=bare, breaches=breaches)
    return recipients, Seen(observation=bare)
