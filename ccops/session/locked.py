"""Make `ccops.lock` anew from the manifests and the account, and put it in its place."""

import os
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ccops import resources
from ccops.constantcontact import reader
from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.lockfile import Lock, examine_lock, write_lock
from ccops.model import CampaignRow, Desired, Live, Named, RecipientKind, Status
from ccops.planning.names import same_name
from ccops.planning.relock import Found, kept_pin, lock_changes, make_lock, missing
from ccops.planning.resolve import Catalogue, Match, match, needs
from ccops.session.wiring import Session
from ccops.survey import own_account
from ccops.workspace import LOCK_FILE, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Relock:
    """A lock made anew: `changes` in words, and the campaigns that could not be pinned.

    `current`: the file says exactly this already.
    """

    lock: Lock
    changes: tuple[str, ...]
    missing: tuple[Diagnostic, ...]
    current: bool


Living = Callable[[RecipientKind], tuple[Named, ...]]
"""The living lists, or the living segments, of the account."""


def living(session: Session) -> Living:
    """Read the account's lists or segments when they are first asked for, each kind once."""

    @cache
    def read(kind: RecipientKind) -> tuple[Named, ...]:
        pages = reader.read_lists if kind is RecipientKind.LISTS else reader.read_segments
        return pages(session.send, origin=session.origin)

    return read


def catalogue(found: Living, kinds: Collection[RecipientKind]) -> Catalogue:
    """The collections of these kinds."""
    return Catalogue(
        lists=found(RecipientKind.LISTS) if RecipientKind.LISTS in kinds else (),
        segments=found(RecipientKind.SEGMENT) if RecipientKind.SEGMENT in kinds else (),
    )


def relock(session: Session) -> Relock:
    """Look up every name of every manifest; what the lock pins rightly costs no request of its own.

    Raises:
        AccessDenied: the login belongs to another account.
        InvalidInput: names of recipients that no living object has, of all manifests together.
    """
    own_account(session.send, session.workspace.settings)
    rows = reader.read_campaigns(session.send, origin=session.origin)
    return relocked(session, session.workspace, rows, living(session))


def relocked(
    session: Session,
    space: Workspace,
    rows: Sequence[CampaignRow],
    found: Living,
    *,
    keep: bool = False,
) -> Relock:
    """Make the lock of a workspace from what was read; a row that has its activity costs nothing.

    `space` is the session's workspace, or the same one read again since its files were changed;
    `keep`: what is pinned for a manifest that leads nowhere now stays.
    Raises InvalidInput as `relock` does.
    """
    by_id = {row.campaign_id.lower(): row for row in rows}
    matches = match(space.desired, rows)
    seen = []
    for position, one in enumerate(matches, start=1):
        seen.append(_found(session, one, by_id))
        session.tell(f"Looked up {position} of {len(matches)} campaigns")
    known = catalogue(found, needs(space.desired))
    lock = make_lock(space.settings.account, seen, known, space.lock, keep=keep)
    return Relock(
        lock=lock,
        changes=lock_changes(space.lock, lock),
        missing=missing(seen),
        current=lock == space.lock,
    )


def _found(session: Session, one: Match, rows: Mapping[str, CampaignRow]) -> Found:
    if one.problem:
        return Found(desired=one.desired, problem=one.problem)
    if one.row is not None and one.row.activity_id is not None:
        return _named(one.desired, one.row)
    pin = kept_pin(one.desired, one.row, rows, session.workspace.lock)
    if pin is not None:
        row = replace(rows[pin.campaign_id], activity_id=pin.activity_id)
        return Found(desired=one.desired, row=row)
    if one.row is None:
        return _by_activity(session, one, rows)
    row_found = reader.read_campaign(session.send, one.row.campaign_id)
    if row_found is None or row_found.activity_id is None:
        return Found(desired=one.desired, problem="it has no email that can be scheduled")
    return Found(desired=one.desired, row=replace(one.row, activity_id=row_found.activity_id))


def _by_activity(session: Session, one: Match, rows: Mapping[str, CampaignRow]) -> Found:
    """Find the campaign of a manifest that pins an activity."""
    asked = CampaignRow(
        campaign_id="", name="", status=Status.UNKNOWN, activity_id=one.desired.activity_id
    )
    live = reader.read_live(session.send, asked, wants_history=_never)
    row = rows.get(live.campaign_id.lower()) if live is not None else None
    if row is None:
        return Found(desired=one.desired, problem="no campaign has the activity that it names")
    return _named(one.desired, replace(row, activity_id=one.desired.activity_id))


def _named(desired: Desired, row: CampaignRow) -> Found:
    """A campaign whose activity is known: it must be the one that the manifest names."""
    if same_name(row.name, desired.campaign):
        return Found(desired=desired, row=row)
    problem = f'the activity that it names belongs to "{row.name}"'
    return Found(desired=desired, problem=problem)


def _never(_: Live) -> bool:
    return False


def write(root: Path, lock: Lock) -> None:
    """Put a lock in the place of the workspace's, in one piece.

    Raises:
        InvalidInput: CC293, it cannot be written, or is larger than ccops would read again.
    """
    text = write_lock(lock)
    again, _ = examine_lock(LOCK_FILE, text, schema=resources.schema("lock"), account=lock.account)
    if again != lock:
        raise _unwritten("it holds more names, or longer ones, than ccops would read again")
    temporary = root / f".{LOCK_FILE}-{secrets.token_hex(4)}.new"
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(root / LOCK_FILE)
    except OSError as error:
        raise _unwritten(error.strerror or "it cannot be replaced") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _unwritten(why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC293",
            message=f"{LOCK_FILE} cannot be written: {why}",
            help="the lock is as it was",
        )
    )
