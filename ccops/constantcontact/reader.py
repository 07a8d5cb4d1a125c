"""What the account holds, read with as few requests as the API allows.

Every function takes `Send` and reads nothing twice. A failure to read is never taken for
absence: only a 404 in the API's own envelope means "gone".
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ccops.constantcontact import beside, codec, wire
from ccops.constantcontact.beside import Attached
from ccops.constantcontact.instants import instant_text
from ccops.constantcontact.links import Query, next_query
from ccops.constantcontact.origin import API_ORIGIN
from ccops.constantcontact.refusals import is_absent, refusal
from ccops.constantcontact.strict import (
    array,
    fault,
    integer,
    member,
    optional_text,
    parse,
    record,
)
from ccops.errors import VendorFault
from ccops.model import Account, CampaignRow, JsonObject, Live, Named, Sender, Status
from ccops.ports import Call, Reply, Send

MAX_PAGES = 1_000
"""More pages than this are taken for an endless loop: 500,000 campaigns."""

_CAMPAIGNS_PAGE: Query = (("limit", "500"),)
# Prose says at most 500, the schema 1,000, newer guides a default of 1,000: 500 holds in all.
_LISTS_PAGE: Query = (("limit", "500"), ("status", "active"))
_MEMBERS: Query = (("include_membership_count", "active"),)
_CONTACTS_PAGE = 500
_SEGMENTS_PAGE: Query = (("limit", "1000"),)

Found = TypeVar("Found")
Item = TypeVar("Item", CampaignRow, Named)


def read_account(send: Send) -> Account:
    """Read the account behind the token (one request; VendorFault, AccessDenied, NoReply …)."""
    return codec.account(_document(send, wire.get_call(wire.ACCOUNT)))


def read_senders(send: Send) -> tuple[Sender, ...]:
    """Read the account's sender addresses (one request, not paged: spec)."""
    return codec.senders(_document(send, wire.get_call(wire.SENDERS)))


def read_privileges(send: Send) -> frozenset[str]:
    """Read the privileges of the token's user (one request; needs no scope: spec)."""
    return codec.privileges(_document(send, wire.get_call(wire.PRIVILEGES)))


def read_campaigns(send: Send, *, origin: str = API_ORIGIN) -> tuple[CampaignRow, ...]:
    """Read all campaigns, sorted by name and id; `activity_id` is None in every row.

    The API orders by the newest update, so rows move between pages while they are read: the
    first sight of an id counts. Removed campaigns, which the spec lists and recordings do not,
    are left out. `origin` is the only one that absolute links may name.
    """
    rows = _campaign_rows(send, _CAMPAIGNS_PAGE, origin)
    kept = (row for row in rows if row.status is not Status.REMOVED)
    return tuple(sorted(kept, key=lambda row: (row.name, row.campaign_id)))


def read_updated(
    send: Send, since: datetime, *, origin: str = API_ORIGIN
) -> tuple[CampaignRow, ...]:
    """Read the campaigns that were updated since an instant, newest first, removed ones too.

    The filter is on `updated_at` (spec), which a PUT of the activity moves (recorded); whether
    scheduling, sending and removing do, and whether the bound itself is included, is unpublished.
    """
    query = (*_CAMPAIGNS_PAGE, ("after_date", instant_text(since)))
    return _campaign_rows(send, query, origin)


def _campaign_rows(send: Send, query: Query, origin: str) -> tuple[CampaignRow, ...]:
    pages = _pages(send, wire.CAMPAIGNS, query, origin)
    return _firsts((row for page in pages for row in codec.campaign_rows(page)), _campaign_id)


def read_campaign(send: Send, campaign_id: str) -> CampaignRow | None:
    """Read one campaign with the id of its primary activity; None: removed or unknown.

    Raises:
        VendorFault: also when the answer is about another campaign.
        InvalidInput: CC390, the id is none.
    """
    path = wire.campaign_path(campaign_id)
    row = _present(send, path, lambda found: codec.campaign(found, campaign_id))
    return None if row is None or row.status is Status.REMOVED else row


def read_lists(send: Send, *, origin: str = API_ORIGIN, members: bool = False) -> tuple[Named, ...]:
    """Read all contact lists that are not deleted, sorted by name and id.

    With `members`, each with its active contacts: the same requests (spec).
    """
    pages = _pages(send, wire.LISTS, _LISTS_PAGE + (_MEMBERS if members else ()), origin)
    return _named(row for page in pages for row in codec.list_rows(page))


def read_segments(send: Send, *, origin: str = API_ORIGIN) -> tuple[Named, ...]:
    """Read all segments that are not deleted, sorted by name and id.

    The collection, not the item: a deleted segment's item still answers 200 (spec).
    """
    pages = _pages(send, wire.SEGMENTS, _SEGMENTS_PAGE, origin)
    return _named(row for page in pages for row in codec.segment_rows(page))


def read_contacts(send: Send, lists: tuple[str, ...]) -> int:
    """Read how many active contacts some lists have together, everybody once (one request).

    At most 25 lists (spec). The row that comes with the number is discarded unread, and no error
    quotes anything of the answer.

    Raises:
        AccessDenied: the scope contact_data or the privilege to read contacts is missing (docs).
    """
    call = wire.get_call(wire.CONTACTS, wire.count_query(lists))
    return beside.contacts_count(_unquoted(send, call))


def read_segment(
    send: Send, segment_id: str, *, origin: str, budget: int
) -> tuple[int | None, int]:
    """Count the contacts of a segment, 500 with a request; say too how many requests it took.

    A query by segment allows neither `include_count` nor `status` (spec), so its pages are
    counted, with those who have unsubscribed: their rows are discarded unread. None: `budget`
    requests were not enough.

    Raises:
        VendorFault: CC519; also for a 202, which says that the segment is still computed (docs).
        AccessDenied: as `read_contacts`.
    """
    query: Query = (("segment_id", segment_id), ("limit", str(_CONTACTS_PAGE)))
    call, found = wire.get_call(wire.CONTACTS, query), 0
    for spent in range(1, budget + 1):
        page = record(_unquoted(send, call), "page")
        found += beside.contacts_on(page)
        following = next_query(page, path=call.path, origin=origin)
        if following is None:
            return found, spent
        call = replace(call, query=following)
    return None, budget


def _unquoted(send: Send, call: Call) -> object:
    """Read an answer that holds contacts; whatever is wrong with it, nothing of it is told."""
    try:
        return _document(send, call)
    except VendorFault:
        raise fault("CC519", "contacts could not be counted") from None


def read_live(
    send: Send, row: CampaignRow, *, wants_history: Callable[[Live], bool]
) -> Live | None:
    """Read a campaign's activity; None: it does not exist.

    Schedules are read only when it is SCHEDULED (else they are empty by definition, docs), the
    send history only when `wants_history` says that a verdict needs it. An activity that
    vanishes between two of these requests is absent too.

    Raises:
        ValueError: the row names no activity.
    """
    if row.activity_id is None:
        raise ValueError("a campaign without a primary activity cannot be read")
    path = wire.activity_path(row.activity_id)
    live = _present(send, path, lambda found: codec.activity(found, row))
    if live is not None and live.status is Status.SCHEDULED:
        live = _with_schedules(send, live)
    if live is not None and wants_history(live):
        live = _with_history(send, live)
    return live


def read_attached(send: Send, row: CampaignRow) -> tuple[Attached, ...]:
    """Read what Constant Contact sends beside a campaign's activity; only where the row says so.

    One request for a resend to non-openers, one for an A/B test. An A/B test without its own
    answer (404, inferred) is none.
    """
    found: tuple[Attached, ...] = ()
    if row.activity_id is not None and row.ab_test:
        test = _present(send, wire.abtest_path(row.activity_id), beside.abtest)
        found += () if test is None else (test,)
    if row.activity_id is not None and row.resend:
        found += _present(send, wire.resends_path(row.activity_id), beside.resends) or ()
    return found


def _with_schedules(send: Send, live: Live) -> Live | None:
    schedules = _present(send, wire.schedules_path(live.activity_id), codec.schedules)
    return None if schedules is None else replace(live, schedules=schedules)


def _with_history(send: Send, live: Live) -> Live | None:
    history = _present(send, wire.history_path(live.activity_id), codec.send_history)
    return None if history is None else replace(live, history=history)


def _present(send: Send, path: str, read: Callable[[object], Found]) -> Found | None:
    call = wire.get_call(path)
    reply = send(call)
    return None if is_absent(reply) else read(_answer(call, reply))


def _document(send: Send, call: Call) -> object:
    return _answer(call, send(call))


def _answer(call: Call, reply: Reply) -> object:
    error = refusal(call, reply)
    if error is not None:
        raise error
    return parse(reply.body)


def _pages(send: Send, path: str, query: Query, origin: str) -> Iterator[JsonObject]:
    call, seen = wire.get_call(path, query), {query}
    for _ in range(MAX_PAGES):
        page = record(_document(send, call), "page")
        yield page
        following = next_query(page, path=call.path, origin=origin)
        if following is None:
            return
        if following in seen:
            raise fault("CC513", f"the pages of {call.path} lead back to one already read")
        seen.add(following)
        call = replace(call, query=following)
    raise fault("CC513", f"{call.path} has more than {MAX_PAGES} pages")


def _named(rows: Iterable[Named]) -> tuple[Named, ...]:
    return tuple(sorted(_firsts(rows, lambda row: row.id), key=lambda row: (row.name, row.id)))


def _campaign_id(row: CampaignRow) -> str:
    return row.campaign_id


def _firsts(rows: Iterable[Item], identity: Callable[[Item], str]) -> tuple[Item, ...]:
    firsts: dict[str, Item] = {}
    for row in rows:
        firsts.setdefault(identity(row), row)
    return tuple(firsts.values())


def has_footer_address(send: Send) -> bool:
    """Whether the account has a postal address for the footer, without which nothing is sent.

    One request. The address is part of the account only when it is asked for; its first line,
    city and country are required (spec). An email may have a footer address of its own instead.
    """
    call = wire.get_call(wire.ACCOUNT, (("extra_fields", "physical_address"),))
    account = record(_document(send, call), "account")
    if account.get("physical_address") is None:
        return False
    at = "account.physical_address"
    address = record(account["physical_address"], at)
    return all(optional_text(address, key, at) for key in ("address_line1", "city", "country_code"))


def read_list_sizes(
    send: Send, *, origin: str = API_ORIGIN
) -> tuple[tuple[Named, int | None], ...]:
    """Read all contact lists that are not deleted, each with its number of active contacts.

    Sorted by name and id; a number is None where the answer does not give it (it is only given
    when asked for: spec).
    """
    query = (*_LISTS_PAGE, ("include_membership_count", "active"))
    sizes: dict[Named, int | None] = {}
    for page in _pages(send, wire.LISTS, query, origin):
        for one in array(member(page, "lists", "page"), "lists"):
            for named in codec.list_rows({"lists": [one]}):
                sizes[named] = _size(record(one, "lists[]"))
    return tuple((named, sizes[named]) for named in _named(sizes))


def _size(row: JsonObject) -> int | None:
    key = "membership_count"
    return None if row.get(key) is None else integer(row, key, "lists[]")
