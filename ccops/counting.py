"""Read the facts that guards ask for: only for the sends that a plan makes, and only what they need.

A plan that makes no send costs nothing here. One that does costs a reading of the senders and one
of the privileges; counts cost a request each, and only where a rule needs one that the lists did
not tell. Contacts are counted, never read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ccops.constantcontact import reader
from ccops.constantcontact.privileges import SEND_PRIVILEGE, granted_by
from ccops.errors import AccessDenied, VendorFault
from ccops.model import Recipients
from ccops.planning.facts import Known, contacts_of
from ccops.planning.guarding.crowding import Pair, pairs, union
from ccops.planning.guarding.judge import to_count
from ccops.planning.guarding.scene import Scene
from ccops.planning.guarding.sizes import MOST_LISTS
from ccops.planning.ownership import Observation
from ccops.planning.plan import Plan
from ccops.ports import Send

_DENIED = "the login may not read contacts"
_FAILED = "Constant Contact did not count them"


def attached(send: Send, plan: Plan, observations: Iterable[Observation]) -> Plan:
    """Return the plan with the resends to non-openers and A/B tests of its campaigns.

    Only of activities that were read, and where the campaign's look-up or type shows that there is
    one: a request each. A campaign that a manifest or the lock pins is not looked up, so its
    resend is not seen.
    """
    found = {
        one.desired.place: reader.read_attached(send, one.row)
        for one in observations
        if one.row is not None and one.live is not None
    }
    changes = (replace(one, attached=found.get(one.place, ())) for one in plan.changes)
    return replace(plan, changes=tuple(changes))


def counted(send: Send, scene: Scene, *, origin: str) -> Scene:
    """Return the scene with every fact that its guards need and that could be read.

    Whatever cannot be counted stays unknown, with the reason; nothing here stops a plan but a
    failure of the connection, of the login or of the senders' reading (CcopsError).
    """
    if not any(moment.made for moment in scene.moments):
        return scene
    scene = _with(scene, _rights(send, scene.known))
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
    return replace(known, contacts={**known.contacts, recipients: found})


def _count_segment(send: Send, scene: Scene, recipients: Recipients, origin: str) -> Known:
    known, left = scene.known, scene.rules.segments - scene.known.spent
    if left <= 0:
        return known
    try:
        found, spent = reader.read_segment(send, recipients.segments[0], origin=origin, budget=left)
    except (AccessDenied, VendorFault):
        return replace(known, spent=known.spent + 1)
    contacts = known.contacts if found is None else {**known.contacts, recipients: found}
    return replace(known, contacts=contacts, spent=known.spent + spent)


def _overlapping(send: Send, scene: Scene, origin: str) -> Scene:
    """Count what the overlaps of near sends need, until the budget for it is used up."""
    left = scene.rules.overlaps
    for pair in pairs(scene):
        for recipients in _needed(pair, scene.known):
            if left <= 0 or recipients.segments:
                break
            scene, left = _with(scene, _count(send, scene, recipients, origin)), left - 1
    return scene


def _needed(pair: Pair, known: Known) -> Iterator[Recipients]:
    first, second = pair.recipients
    if first is None or second is None or first.segments or second.segments:
        return
    each = (first,) if first == second else (first, second, union(first, second))
    yield from (one for one in each if contacts_of(one, known) is None)
