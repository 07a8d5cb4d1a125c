"""Answers of the API, read into the nouns: strictly, and never with a default.

A field that ccops needs and that is missing or of another type is a VendorFault which names it.
Only two things are lenient, because recordings are: arrays of ids may be null or absent (they
mean none), and the four required texts may be null on an unfinished draft (they are empty then,
and the verdict blocks it).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ccops.constantcontact.instants import parse_instant
from ccops.constantcontact.strict import (
    amount,
    array,
    fault,
    integer,
    member,
    optional_text,
    record,
    text,
    unexpected,
)
from ccops.constantcontact.wire import PRIMARY_EMAIL, is_segment_id, is_uuid, scheduled_date
from ccops.model import (
    Account,
    CampaignRow,
    JsonObject,
    Live,
    Named,
    RecipientKind,
    Recipients,
    Sender,
    SendRecord,
    Status,
)

Item = TypeVar("Item")

_AB_TEST_TYPE = "AB_TEST"
_RESEND = "resend"
"""The role of a resend to non-openers: it appears only where one exists (spec)."""
_AB_TEST_CODE = 57


def status(word: str) -> Status:
    """Fold a status: `Draft` and `DRAFT` are one (recorded); an unknown word is UNKNOWN."""
    try:
        return Status(word.lower())
    except ValueError:
        return Status.UNKNOWN


def campaign_row(value: object, at: str) -> CampaignRow:
    """Read a row of the campaign listing, which names no activity (recorded)."""
    row = record(value, at)
    return CampaignRow(
        campaign_id=_uuid(row, "campaign_id", at),
        name=text(row, "name", at),
        status=status(text(row, "current_status", at)),
        ab_test=_ab_test(row, at),
        updated_at=_instant(row, "updated_at", at) if row.get("updated_at") is not None else None,
    )


def campaign(value: object, asked: str, at: str = "campaign") -> CampaignRow:
    """Read one campaign with its primary activity, chosen by role and never by place.

    `activity_id` is None when no activity has the role. Two with it, or another campaign than
    the one `asked` for: VendorFault.
    """
    roles = _roles(record(value, at), at)
    found = tuple(one for role, one in roles if role == PRIMARY_EMAIL)
    if len(found) > 1:
        raise fault("CC511", f"the answer's {at} has two activities of the role {PRIMARY_EMAIL}")
    row = campaign_row(value, at)
    if not _same(row.campaign_id, asked):
        raise fault("CC511", "the answer is about another campaign than the one asked for")
    resend = any(role == _RESEND for role, _ in roles)
    return replace(row, activity_id=found[0] if found else None, resend=resend)


def _roles(owner: JsonObject, at: str) -> tuple[tuple[str, str], ...]:
    key = "campaign_activities"
    return _each(member(owner, key, at), f"{at}.{key}", _role_and_id)


def _role_and_id(value: object, at: str) -> tuple[str, str]:
    entry = record(value, at)
    return text(entry, "role", at).lower(), _uuid(entry, "campaign_activity_id", at)


def _ab_test(row: JsonObject, at: str) -> bool:
    """Tell an A/B test by its type or its code; live types are upper-case tokens (recorded)."""
    if row.get("type") is None:
        return integer(row, "type_code", at) == _AB_TEST_CODE
    return text(row, "type", at).upper() == _AB_TEST_TYPE or row.get("type_code") == _AB_TEST_CODE


def activity(value: object, row: CampaignRow, at: str = "activity") -> Live:
    """Read an activity, without schedules and history, which have endpoints of their own.

    It must be the one asked for: another id than `row` names is a VendorFault. A row made from
    a pinned activity may have an empty campaign id: it is not known then.
    """
    doc = record(value, at)
    live = Live(
        campaign_id=_uuid(doc, "campaign_id", at),
        activity_id=_uuid(doc, "campaign_activity_id", at),
        name=row.name,
        role=text(doc, "role", at).lower(),
        status=status(text(doc, "current_status", at)),
        ab_test=row.ab_test,
        format_type=integer(doc, "format_type", at),
        recipients=_recipients(doc, at),
        subject=_draft_text(doc, "subject", at),
        from_name=_draft_text(doc, "from_name", at),
        from_email=_draft_text(doc, "from_email", at),
        reply_to=_draft_text(doc, "reply_to_email", at),
        preheader=optional_text(doc, "preheader", at),
    )
    of_campaign = not row.campaign_id or _same(live.campaign_id, row.campaign_id)
    if not (of_campaign and _same(live.activity_id, row.activity_id)):
        raise fault("CC511", "the answer is about another activity than the one asked for")
    return live


def _same(answered: str, asked: str | None) -> bool:
    return asked is not None and answered.lower() == asked.lower()


def _draft_text(owner: JsonObject, key: str, at: str) -> str:
    return "" if member(owner, key, at) is None else text(owner, key, at)


def _recipients(owner: JsonObject, at: str) -> Recipients:
    lists = _ids(owner, "contact_list_ids", at, _list_id)
    return Recipients(lists=lists, segments=_ids(owner, "segment_ids", at, _segment_id))


def _ids(
    owner: JsonObject, key: str, at: str, read: Callable[[object, str], str]
) -> tuple[str, ...]:
    value = owner.get(key)
    return () if value is None else tuple(sorted(set(_each(value, f"{at}.{key}", read))))


def _list_id(value: object, at: str) -> str:
    if not isinstance(value, str) or not is_uuid(value):
        raise unexpected(at, "a list id", value)
    return value


def _segment_id(value: object, at: str) -> str:
    """Read a segment id: integers on the wire (spec), text in one client's types: take both."""
    plain = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(plain, str) or not is_segment_id(plain):
        raise unexpected(at, "a segment id", value)
    return plain


def schedules(value: object) -> tuple[datetime, ...]:
    """Read an activity's schedules: at most one by the spec, none unless it is SCHEDULED."""
    return _each(value, "schedules", scheduled_date)


def send_history(value: object) -> tuple[SendRecord, ...]:
    """Read a send history, oldest first.

    A word other than COMPLETED and ERRORED is a VendorFault: counting a send that did happen as
    one that did not would send again.
    """
    records = _each(value, "send_history", _send_record)
    return tuple(sorted(records, key=lambda one: one.ran_at))


def _send_record(value: object, at: str) -> SendRecord:
    entry = record(value, at)
    word = text(entry, "send_status", at).upper()
    if word not in {"COMPLETED", "ERRORED"}:
        raise fault("CC511", f"the answer's {at}.send_status is a word ccops does not know")
    return SendRecord(
        ran_at=_instant(entry, "run_date", at),
        completed=word == "COMPLETED",
        count=integer(entry, "count", at),
        reason=integer(entry, "reason_code", at),
        recipients=_sent_to(entry, at),
    )


def _sent_to(entry: JsonObject, at: str) -> Recipients | None:
    """Whom a past send went to. The docs' sample misspells one key, so neither is required."""
    found = _recipients(entry, at)
    return None if found.empty else found


def list_rows(page: JsonObject) -> tuple[Named, ...]:
    """Read a page of contact lists; a deleted one differs only by its `deleted_at` (recorded)."""
    return tuple(_list_row(row) for row in _kept(page, "lists"))


def _list_row(row: JsonObject) -> Named:
    key, at = "membership_count", "lists[]"
    return Named(
        kind=RecipientKind.LISTS,
        id=_uuid(row, "list_id", at),
        name=text(row, "name", at),
        members=None if row.get(key) is None else amount(row, key, at),
    )


def segment_rows(page: JsonObject) -> tuple[Named, ...]:
    """Read a page of segments; the collection leaves deleted ones out (spec)."""
    return tuple(_segment_row(row) for row in _kept(page, "segments"))


def _segment_row(row: JsonObject) -> Named:
    number = _segment_id(member(row, "segment_id", "segments[]"), "segments[].segment_id")
    return Named(kind=RecipientKind.SEGMENT, id=number, name=text(row, "name", "segments[]"))


def _kept(page: JsonObject, key: str) -> tuple[JsonObject, ...]:
    rows = _each(member(page, key, "page"), key, record)
    return tuple(row for row in rows if row.get("deleted_at") is None)


def campaign_rows(page: JsonObject) -> tuple[CampaignRow, ...]:
    """Read a page of campaigns, removed ones included: the caller leaves those out."""
    return _each(member(page, "campaigns", "page"), "campaigns", campaign_row)


def account(value: object) -> Account:
    """Read the account; only its id is needed, name and zone are for display."""
    doc, at = record(value, "account"), "account"
    if not (identity := text(doc, "encoded_account_id", at)):
        raise fault("CC511", "the answer's account.encoded_account_id is empty")
    return Account(
        id=identity,
        name=optional_text(doc, "organization_name", at) or "",
        zone=optional_text(doc, "time_zone_id", at) or "",
    )


def senders(value: object) -> tuple[Sender, ...]:
    """Read the sender addresses. Anything but CONFIRMED is not confirmed."""
    return _each(value, "emails", _sender)


def _sender(value: object, at: str) -> Sender:
    entry = record(value, at)
    word = text(entry, "confirm_status", at).upper()
    return Sender(email=text(entry, "email_address", at), confirmed=word == "CONFIRMED")


def privileges(value: object) -> frozenset[str]:
    """Read the names of the privileges that the login's user has."""
    return frozenset(_each(value, "privileges", _privilege))


def _privilege(value: object, at: str) -> str:
    return text(record(value, at), "privilege_name", at)


def _each(value: object, at: str, read: Callable[[object, str], Item]) -> tuple[Item, ...]:
    return tuple(read(item, f"{at}[{place}]") for place, item in enumerate(array(value, at)))


def _uuid(owner: JsonObject, key: str, at: str) -> str:
    value = text(owner, key, at)
    if not is_uuid(value):
        raise fault("CC511", f"the answer's {at}.{key} is no id")
    return value


def _instant(owner: JsonObject, key: str, at: str) -> datetime:
    instant = parse_instant(text(owner, key, at))
    if instant is None:
        raise fault("CC511", f"the answer's {at}.{key} is no instant")
    return instant
