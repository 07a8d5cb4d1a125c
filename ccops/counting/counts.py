"""Read what guards ask for: senders, privileges, counts of contacts.

A plan that makes no send costs nothing here. One that does costs a reading of the senders and one
of the privileges; counts cost a request each, and only where the lists did not tell. Contacts are
counted, never read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ccops.constantcontact import reader
from ccops.constantcontact.privileges import SEND_PRIVILEGE, granted_by
from ccops.counting.beside import grown, near
from ccops.errors import AccessDenied, VendorFault
from ccops.model import CampaignRow, Recipients
from ccops.planning.facts import Known, contacts_of
from ccops.planning.guarding.crowding import Pair, contained, pairs, union
from ccops.planning.guarding.judge import to_count
from ccops.planning.guarding.scene import Scene
from ccops.planning.guarding.sizes import MOST_LISTS
from ccops.ports import Send

_DENIED = "the login may not read contacts"
_FAILED = "Constant Contact did not count them"
_IMPOSSIBLE = "Constant Contact counts fewer contacts in all lists together than in one of them"
_ASKED_AGAIN = 3
_SLACK = 20
"""One part in so many: by that a list may shrink between two readings."""


def counted(send: Send, scene: Scene, *, rows: Sequence[CampaignRow], origin: str) -> Scene:
    """Return the scene with every fact that its guards need and that could be read.

    `rows` are the living campaigns. Whatever cannot be counted stays unknown, with the reason;
    nothing here stops a plan but a failure of the connection, of the login, or of the reading of
    senders and campaigns (CcopsError).
    """
    if not any(moment.made for moment in scene.moments):
        return scene
    scene = _with(scene, _rights(send, scene.known))
    for read in (near, grown):
        beside = (*scene.known.beside, *read(send, scene, rows))
        scene = _with(scene, replace(scene.known, beside=beside))
    for recipients in to_count(scene):
        scene = _with(scene, _count(send, scene, recipients, origin))
    return _overlapping(send, scene, origin)


def _with(scene: Scene, known: Known) -> Scene:
    return replace(scene, known=known)


def _rights(send: Send, known: Known) -> Known:
    have = reader.read_privileges(send)
    lacking = () if SEND_PRIVILEGE in have else ((SEND_PRIVILEGE, granted_by(SEND_PRIVILEGE)),)
    senders = reader.read_senders(send)
    confirmed = frozenset(one.email.lower() for one in senders if one.confirmed)
    return replace(known, confirmed=confirmed, lacking=lacking)


def _count(send: Send, scene: Scene, recipients: Recipients, origin: str) -> Known:
    known = scene.known
    if recipients.segments:
        return _count_segment(send, scene, recipients, origin)
    if len(recipients.lists) > MOST_LISTS or known.uncounted:
        return known
    try:
        found = reader.read_contacts(send, recipients.lists)
    except AccessDenied:
        return replace(known, uncounted=_DENIED)
    except VendorFault:
        return replace(known, uncounted=_FAILED)
    if not _possible(found, recipients, known):
        return replace(known, uncounted=_IMPOSSIBLE)
    return replace(known, contacts={**known.contacts, recipients: found})


def _possible(found: int, recipients: Recipients, known: Known) -> bool:
    """Whether a number can be that of all lists together: not less than one of them has.

    That `lists` means any of them, and not all at once, is read from the docs' wording (inferred).
    """
    largest = max((known.members.get(one, 0) for one in recipients.lists), default=0)
    return found >= largest - largest // _SLACK


def _count_segment(send: Send, scene: Scene, recipients: Recipients, origin: str) -> Known:
    """Count a segment; while Constant Contact works it out (202, docs) it is asked again."""
    known = scene.known
    for _ in range(_ASKED_AGAIN):
        left = scene.rules.segments - known.spent
        if left <= 0:
            break
        try:
            found, spent = reader.read_segment(
                send, recipients.segments[0], origin=origin, budget=left
            )
        except AccessDenied:
            return replace(known, spent=known.spent + 1)
        except VendorFault:
            known = replace(known, spent=known.spent + 1)
            continue
        contacts = known.contacts if found is None else {**known.contacts, recipients: found}
        return replace(known, contacts=contacts, spent=known.spent + spent)
    return known


def _overlapping(send: Send, scene: Scene, origin: str) -> Scene:
    """Count what the overlaps of near sends need, until the budget for it is used up."""
    left = scene.rules.overlaps
    for pair in pairs(scene):
        for recipients in _needed(pair, scene.known):
            if left <= 0:
                return scene
            scene, left = _with(scene, _count(send, scene, recipients, origin)), left - 1
    return scene


def _needed(pair: Pair, known: Known) -> Iterator[Recipients]:
    first, second = pair.recipients
    if first is None or second is None or first.segments or second.segments:
        return
    within = contained(first, second)
    each = (first, second, union(first, second)) if within is None else (within,)
    yield from (one for one in each if contacts_of(one, known) is None)
