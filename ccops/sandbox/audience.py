"""Who receives a send: resolved when it starts, each contact once, nobody twice per activity."""

from collections.abc import Iterable

from ccops.sandbox.records import Activity
from ccops.sandbox.tables import Tables


def recipients(world: Tables, activity: Activity) -> tuple[str, ...]:
    """Return the sorted ids of the contacts that a send of the activity reaches now.

    Membership is that of this moment (docs); several lists are de-duplicated inside one activity
    (docs); contacts who have had the activity are left out (spec). A deleted list or segment
    reaches nobody (inferred).
    """
    named = set(_resend_audience(world, activity)) | set(_named(world, activity))
    return tuple(sorted(c for c in named - activity.mailed if is_active(world, c)))


def is_active(world: Tables, contact_id: str) -> bool:
    """Whether the contact exists and may be mailed."""
    contact = world.contacts.get(contact_id)
    return contact is not None and contact.status == "active"


def _named(world: Tables, activity: Activity) -> Iterable[str]:
    for list_id in activity.contact_list_ids:
        contact_list = world.lists.get(list_id)
        if contact_list is not None and contact_list.deleted_at is None:
            yield from contact_list.members
    for segment_id in activity.segment_ids:
        segment = world.segments.get(segment_id)
        if segment is not None and not segment.deleted:
            yield from segment.members


def _resend_audience(world: Tables, activity: Activity) -> Iterable[str]:
    """Everybody the primary activity reached: the sandbox has no opens (inferred)."""
    if activity.role != "resend":
        return ()
    return world.primary(world.campaigns[activity.campaign_id]).mailed
