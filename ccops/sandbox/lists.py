"""/v3/contact_lists, /v3/segments and /v3/contacts: whom there is to write to."""

from ccops.sandbox.audience import is_active
from ccops.sandbox.clock import without_fraction
from ccops.sandbox.envelopes import bad_request, not_found
from ccops.sandbox.exchange import Answer, Request, answer
from ccops.sandbox.paging import Page, cut, is_number, read_page
from ccops.sandbox.records import Contact, ContactList, Segment
from ccops.sandbox.world import World

_ACCEPTED = Answer(status=202)


def get_lists(world: World, request: Request) -> Answer:
    """GET /contact_lists; `limit` up to 1000, by default 50 (spec; the guides say 1000).

    The order and the default `status` are unpublished: here oldest first, active only (inferred).
    """
    page = read_page(request, default=50, maximum=1000)
    wanted = set(page.query.get("status", str(world.switch("lists_default_status"))).split(","))
    rows = [entry for entry in world.lists.values() if _listed(entry, wanted)]
    if page.query.get("channel_type", "email") != "email":
        rows = []
    if "name" in page.query:
        rows = [entry for entry in rows if entry.name == page.query["name"]]
    shown, links = cut(page, rows)
    count = {"lists_count": len(rows)} if page.query.get("include_count") == "true" else {}
    counted = page.query.get("include_membership_count")
    return answer(200, {"lists": [_list(world, e, counted) for e in shown], **count, **links})


def _listed(entry: ContactList, wanted: set[str]) -> bool:
    return "all" in wanted or ("active" if entry.deleted_at is None else "deleted") in wanted


def get_list(world: World, request: Request) -> Answer:
    """GET /contact_lists/{list_id}; a deleted one differs by `deleted_at` only (spec)."""
    entry = world.lists.get(request.params["list_id"])
    if entry is None:
        raise not_found("The contact list")
    return answer(200, _list(world, entry, request.query.get("include_membership_count")))


def _list(world: World, entry: ContactList, counted: str | None) -> dict[str, object]:
    shown: dict[str, object] = {
        "list_id": entry.list_id,
        "name": entry.name,
        "favorite": entry.favorite,
        "created_at": without_fraction(entry.created_at),
        "updated_at": without_fraction(entry.updated_at),
    }
    if entry.description:
        shown["description"] = entry.description
    if entry.deleted_at is not None:
        shown["deleted_at"] = without_fraction(entry.deleted_at)
    if counted in {"all", "active"}:
        members = (c for c in entry.members if counted == "all" or is_active(world, c))
        shown["membership_count"] = len(list(members))
    return shown


def get_segments(world: World, request: Request) -> Answer:
    """GET /segments: deleted ones excluded; newest first, or by name (spec)."""
    page = read_page(request, default=1000, maximum=1000)
    rows = [segment for segment in world.segments.values() if not segment.deleted]
    if page.query.get("sort_by") == "name":
        rows.sort(key=lambda segment: segment.name)
    else:
        rows.sort(key=lambda segment: (segment.edited_at, segment.segment_id), reverse=True)
    shown, links = cut(page, rows)
    return answer(200, {"segments": [_segment(segment) for segment in shown], **links})


def get_segment(world: World, request: Request) -> Answer:
    """GET /segments/{segment_id}: also deleted ones, and nothing marks them (spec)."""
    text = request.params["segment_id"]
    if not is_number(text):
        raise bad_request("segment_id must be an integer.")
    segment = world.segments.get(int(text))
    if segment is None:
        raise not_found("The segment")
    criteria = '{"version":"1.0.0","criteria":{"type":"and","group":[]}}'
    return answer(200, {**_segment(segment), "segment_criteria": criteria})


def _segment(segment: Segment) -> dict[str, object]:
    return {
        "segment_id": segment.segment_id,
        "name": segment.name,
        "created_at": without_fraction(segment.created_at),
        "edited_at": without_fraction(segment.edited_at),
    }


def get_contacts(world: World, request: Request) -> Answer:
    """GET /contacts by `lists`, `segment_id` and `status`, with `include_count` (docs).

    A segment may be answered 202 until it is computed (docs): see `segment_contacts_pending`.
    """
    page = read_page(request, default=50, maximum=500)
    if "segment_id" in page.query and _pending(world):
        return _ACCEPTED
    contacts = _matching(world, page)
    shown, links = cut(page, contacts)
    count = {"contacts_count": len(contacts)} if page.query.get("include_count") == "true" else {}
    return answer(200, {"contacts": [_contact(contact) for contact in shown], **count, **links})


def _pending(world: World) -> bool:
    """Whether the computation still runs; a 202 brings it nearer to its end."""
    left = world.seconds("segment_contacts_pending")
    world.set_switch("segment_contacts_pending", max(0, left - 1))
    return left > 0


def _matching(world: World, page: Page) -> list[Contact]:
    statuses = set(page.query.get("status", "all").split(","))
    ids = sorted(_members(world, page))
    contacts = [world.contacts[key] for key in ids if key in world.contacts]
    return [contact for contact in contacts if statuses & {"all", contact.status}]


def _members(world: World, page: Page) -> set[str]:
    members = set(world.contacts)
    if "lists" in page.query:
        named = [world.lists.get(key) for key in page.query["lists"].split(",")]
        alive = [entry for entry in named if entry is not None and entry.deleted_at is None]
        members &= {key for entry in alive for key in entry.members}
    if "segment_id" in page.query:
        members &= set(_segment_members(world, page.query["segment_id"]))
    return members


def _segment_members(world: World, text: str) -> tuple[str, ...]:
    segment = world.segments.get(int(text)) if is_number(text) else None
    if segment is None:
        raise bad_request("segment_id is invalid.")
    return () if segment.deleted else segment.members


def _contact(contact: Contact) -> dict[str, object]:
    created = without_fraction(contact.created_at)
    return {
        "contact_id": contact.contact_id,
        "email_address": {
            "address": contact.email_address,
            "permission_to_send": "explicit",
            "created_at": created,
            "updated_at": created,
        },
        "create_source": "Account",
        "created_at": created,
        "updated_at": created,
    }
