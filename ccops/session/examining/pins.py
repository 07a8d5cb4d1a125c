"""Whether what `ccops.lock` pins is still what it was."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ccops.constantcontact import reader
from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.manifest.lockfile import Lock
from ccops.model import CampaignRow, Desired, RecipientKind, Status
from ccops.planning.locking import Pins, campaign_breach, recipient_breaches
from ccops.planning.resolve import Catalogue, Match, match, needs
from ccops.render.checks import Check, CheckState, Subject, passed, refused, told
from ccops.render.phrases import counted, joined
from ccops.session.examining.files import Files
from ccops.session.wiring import Session
from ccops.workspace import LOCK_FILE


def lock_file_check(files: Files) -> Check | None:
    """Look at the lock without the account; None: it is there, and the account must be asked."""
    if files.lock_errors:
        return refused(Subject.LOCK, InvalidInput(*files.lock_errors))
    if files.lock is None:
        return passed(
            Subject.LOCK, f"none: every name is looked up; `ccops lock` makes {LOCK_FILE}"
        )
    return None


def lock_check(session: Session, lock: Lock, desired: Sequence[Desired]) -> Check:
    """Compare the lock with the account: a page for 500 campaigns, and lists and segments too.

    Those are only read if a campaign that is not over names one, as a plan does.
    """
    rows = reader.read_campaigns(session.send, origin=session.origin)
    now = session.send.clock.now()
    matches = match(desired, rows)
    alive = tuple(one for one in matches if not _is_over(one, now))
    catalogue = _catalogue(session, alive)
    breaches = tuple(_breaches(matches, alive, rows, catalogue, Pins(lock=lock)))
    if breaches:
        found = told(Subject.LOCK, breaches)
        return replace(found, state=CheckState.FAILED, exit_code=ExitCode.BLOCKED)
    strict = tuple(_breaches(matches, alive, rows, catalogue, Pins(lock=lock, strict=True)))
    gone = tuple(_gone(matches, rows, Pins(lock=lock)))
    if strict or gone:
        return told(Subject.LOCK, (*gone, *strict))
    return passed(Subject.LOCK, f"{_amounts(lock)}: all as pinned")


def _is_over(one: Match, now: datetime) -> bool:
    """Whether it was sent and no send is to come: a list deleted since breaks nothing."""
    if one.row is None or one.row.status is not Status.DONE:
        return False
    whens = [send.when for send in one.desired.sends]
    return all(not isinstance(when, datetime) or when <= now for when in whens)


def _catalogue(session: Session, alive: Sequence[Match]) -> Catalogue:
    kinds = needs(one.desired for one in alive)
    send, origin = session.send, session.origin
    return Catalogue(
        lists=reader.read_lists(send, origin=origin) if RecipientKind.LISTS in kinds else (),
        segments=reader.read_segments(send, origin=origin)
        if RecipientKind.SEGMENT in kinds
        else (),
    )


def _breaches(
    matches: Sequence[Match],
    alive: Sequence[Match],
    rows: Sequence[CampaignRow],
    catalogue: Catalogue,
    pins: Pins,
) -> Iterator[Diagnostic]:
    by_id = {row.campaign_id.lower(): row for row in rows}
    found = (campaign_breach(one, by_id, pins) for one in matches)
    yield from (one for one in found if one is not None)
    for one in alive:
        yield from recipient_breaches(one.desired, catalogue, pins)


def _gone(
    matches: Sequence[Match], rows: Sequence[CampaignRow], pins: Pins
) -> Iterator[Diagnostic]:
    """Name the pinned campaigns that are not there any more, and that no other has replaced."""
    living = {row.campaign_id.lower() for row in rows}
    for one in matches:
        pin = pins.campaign(one.desired.campaign)
        if pin is not None and pin.campaign_id not in living:
            yield Diagnostic(
                code="CC327",
                message=f'the campaign that ccops.lock pins as "{one.desired.campaign}" is gone',
                place=one.desired.place,
                label=f"its id was {pin.campaign_id}",
                help="restore it in Constant Contact; or remove its manifest and run `ccops lock`",
            )


def _amounts(lock: Lock) -> str:
    pins = (
        counted(len(lock.campaigns), "campaign"),
        counted(len(lock.lists), "list"),
        counted(len(lock.segments), "segment"),
    )
    return joined(pins)
