"""The cache as a text, and back: strictly, for it may come from anywhere.

A cache of another account, origin or version, or one that ccops would not write exactly so, is
none. It holds what a saved plan holds (ids, names, subjects, sender addresses), and no token, no
content of an email and no contact.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from ccops.constantcontact.strict import parse
from ccops.constantcontact.wire import is_segment_id, is_uuid
from ccops.errors import VendorFault
from ccops.model import CampaignRow, JsonObject, Named, RecipientKind, Status
from ccops.planning.cache import Cache, Reading, Register
from ccops.planning.canonical import canonical, digest, stamp
from ccops.planning.decode import account_of, live_of
from ccops.planning.document import Document, account_document, activity_document
from ccops.planning.fields import each, instant, maybe_instant, optional, record, text, typed

CACHE_VERSION = 1

_YEARS = range(1990, 2200)
_LARGEST = 2**53


def to_text(cache: Cache, *, version: str) -> str:
    """Write a cache on one line of ASCII. `version` is this ccops'.

    The law: `from_text` of this text, for the same account, origin and version, gives an equal
    cache.
    """
    return canonical(_sealed(_document(cache, version))) + "\n"


def from_text(found: bytes, *, account: str, origin: str, version: str) -> Cache:
    """Read a cache of this account at this origin, written by this version of ccops.

    Raises:
        ValueError: it is none, with the reason in words: "it is …".
    """
    document = _parsed(found)
    _check_whose(document, account, origin, version)
    try:
        cache = _cache(document)
        _check_sound(cache)
        again = _sealed(_document(cache, version))
    except ValueError as error:
        raise ValueError(f"it is malformed: {error}") from error
    if canonical(document) != canonical(again):
        raise ValueError("it is damaged, or ccops did not write it")
    return cache


def _parsed(found: bytes) -> JsonObject:
    try:
        document = parse(found)
        # Half a character is legal JSON, and no text.
        json.dumps(document, ensure_ascii=False).encode()
    except (VendorFault, ValueError) as error:
        raise ValueError("it is no strict JSON") from error
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - one kind for the caller
    return document


def _check_whose(document: JsonObject, account: str, origin: str, version: str) -> None:
    whose = document.get("account")
    checks = (
        (document.get("cache_version"), CACHE_VERSION, "of another format"),
        (document.get("ccops_version"), version, "of another version of ccops"),
        (document.get("origin"), origin, "of another API"),
        (whose.get("id") if isinstance(whose, dict) else None, account, "of another account"),
    )
    for value, wanted, words in checks:
        if value != wanted:
            raise ValueError(f"it is {words}")


def _sealed(document: Document) -> Document:
    """Add a digest: it is no signature, but notices damage that a name could hide."""
    return document | {"digest": digest(document)}


def _document(cache: Cache, version: str) -> Document:
    return {
        "cache_version": CACHE_VERSION,
        "ccops_version": version,
        "origin": cache.origin,
        "account": account_document(cache.account),
        "listed_at": stamp(cache.listed_at),
        "campaigns": [_row_document(row) for row in cache.rows],
        "lists": _register_document(cache.registers.get(RecipientKind.LISTS)),
        "segments": _register_document(cache.registers.get(RecipientKind.SEGMENT)),
        "readings": [_reading_document(one) for one in cache.readings.values()],
    }


def _row_document(row: CampaignRow) -> Document:
    return {
        "campaign_id": row.campaign_id,
        "name": row.name,
        "status": str(row.status),
        "ab_test": row.ab_test,
        "updated_at": None if row.updated_at is None else stamp(row.updated_at),
    }


def _register_document(register: Register | None) -> Document | None:
    if register is None:
        return None
    named = [{"id": one.id, "name": one.name} for one in register.named]
    return {"read_at": stamp(register.read_at), "named": named}


def _reading_document(reading: Reading) -> Document:
    return {
        "campaign": _row_document(reading.row),
        "activity": activity_document(reading.live),
        "read_at": stamp(reading.read_at),
    }


def _cache(of: JsonObject) -> Cache:
    return Cache(
        account=account_of(record(of, "account")),
        origin=text(of, "origin"),
        listed_at=instant(text(of, "listed_at")),
        rows=each(of, "campaigns", _row),
        registers=_registers(of),
        readings=_by_id(each(of, "readings", _reading)),
    )


def _registers(of: JsonObject) -> Mapping[RecipientKind, Register]:
    found = (
        (RecipientKind.LISTS, optional(of, "lists", _lists)),
        (RecipientKind.SEGMENT, optional(of, "segments", _segments)),
    )
    return {kind: register for kind, register in found if register is not None}


def _lists(of: JsonObject) -> Register:
    return _register(of, RecipientKind.LISTS)


def _segments(of: JsonObject) -> Register:
    return _register(of, RecipientKind.SEGMENT)


def _register(of: JsonObject, kind: RecipientKind) -> Register:
    pairs = each(of, "named", lambda one: (text(one, "id"), text(one, "name")))
    named = tuple(Named(kind=kind, id=identity, name=name) for identity, name in pairs)
    return Register(named=named, read_at=instant(text(of, "read_at")))


def _row(of: JsonObject) -> CampaignRow:
    return CampaignRow(
        campaign_id=text(of, "campaign_id"),
        name=text(of, "name"),
        status=Status(text(of, "status")),
        ab_test=typed(of, "ab_test", bool),
        updated_at=maybe_instant(of, "updated_at"),
    )


def _reading(of: JsonObject) -> Reading:
    row, live = _row(record(of, "campaign")), live_of(record(of, "activity"))
    if row.campaign_id.lower() != live.campaign_id.lower():
        raise ValueError("a reading is of two campaigns")
    return Reading(row=row, live=live, read_at=instant(text(of, "read_at")))


def _by_id(readings: Iterable[Reading]) -> Mapping[str, Reading]:
    return {one.row.campaign_id.lower(): one for one in readings}


def _check_sound(cache: Cache) -> None:
    """Refuse what no account holds, and what planning or a path of the API could trip over."""
    if not (all(map(is_uuid, _uuids(cache))) and all(map(is_segment_id, _numbers(cache)))):
        raise ValueError("something in it that should be an id is none")
    campaigns = [row.campaign_id.lower() for row in cache.rows]
    named = [one.id for kind in RecipientKind for one in _named(cache, kind)]
    for several in (campaigns, named):
        if len(several) != len(set(several)):
            raise ValueError("it holds one object twice")
    if not all(one.year in _YEARS for one in _instants(cache)):
        raise ValueError("it holds a time that no account has")
    if not all(-_LARGEST < one < _LARGEST for one in _integers(cache)):
        raise ValueError("it holds a number that no account has")


def _rows(cache: Cache) -> tuple[CampaignRow, ...]:
    return (*cache.rows, *(one.row for one in cache.readings.values()))


def _uuids(cache: Cache) -> Iterator[str]:
    yield from (row.campaign_id for row in _rows(cache))
    yield from (one.id for one in _named(cache, RecipientKind.LISTS))
    for reading in cache.readings.values():
        yield reading.live.activity_id
        yield from reading.live.recipients.lists


def _numbers(cache: Cache) -> Iterator[str]:
    yield from (one.id for one in _named(cache, RecipientKind.SEGMENT))
    for reading in cache.readings.values():
        yield from reading.live.recipients.segments


def _named(cache: Cache, kind: RecipientKind) -> tuple[Named, ...]:
    register = cache.registers.get(kind)
    return register.named if register else ()


def _integers(cache: Cache) -> Iterator[int]:
    for reading in cache.readings.values():
        yield reading.live.format_type
        for entry in reading.live.history or ():
            yield from (entry.count, entry.reason)


def _instants(cache: Cache) -> Iterator[datetime]:
    yield cache.listed_at
    yield from (row.updated_at for row in _rows(cache) if row.updated_at is not None)
    for register in cache.registers.values():
        yield register.read_at
    for reading in cache.readings.values():
        yield reading.read_at
        yield from reading.live.schedules
        yield from (entry.ran_at for entry in reading.live.history or ())
