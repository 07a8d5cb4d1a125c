"""Paging as the vendor does it: `limit`, and an opaque cursor in a link without a host."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ccops.sandbox.envelopes import bad_request
from ccops.sandbox.exchange import Request

Row = TypeVar("Row")

_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a request asks for: its parameters, those of the first page, and where it starts."""

    query: Mapping[str, str]
    offset: int
    limit: int
    path: str


def read_page(request: Request, *, default: int, maximum: int) -> Page:
    """Return the page that a request asks for; with a cursor, everything else is in the cursor.

    Raises:
        ApiError: 400, for a limit outside its bounds or a cursor that this sandbox did not make.
    """
    query, offset = dict(request.query), 0
    if "next" in query:
        query, offset = _read_cursor(query["next"])
    text = query.get("limit", str(default))
    if not is_number(text) or not 1 <= int(text) <= maximum:
        raise bad_request(f"limit must be between 1 and {maximum}.")
    return Page(query=query, offset=offset, limit=int(text), path=request.path)


def cut(page: Page, rows: Sequence[Row]) -> tuple[Sequence[Row], dict[str, object]]:
    """Return the rows of the page, and the `_links` member: nothing at all on the last page.

    The cursor is an offset, so rows that move meanwhile are seen twice or not at all, as with a
    listing sorted by `updated_at` they would be (inferred).
    """
    end = page.offset + page.limit
    shown = rows[page.offset : end]
    if end >= len(rows):
        return shown, {}
    # The link carries /v3 already: prefix the host, not the base path (recorded).
    href = f"{page.path}?next={_cursor({**page.query, 'limit': str(page.limit)}, end)}"
    return shown, {"_links": {"next": {"href": href}}}


def is_number(text: str) -> bool:
    """Whether a parameter is a plain number, of a size worth reading."""
    return text.isdecimal() and len(text) <= _LONGEST_NUMBER


def _cursor(query: Mapping[str, str], offset: int) -> str:
    text = json.dumps([offset, dict(query)], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[dict[str, str], int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        offset, query = json.loads(urlsafe_b64decode(padded))
        return {str(key): str(value) for key, value in query.items()}, max(0, int(offset))
    except (ValueError, AttributeError, TypeError):
        raise bad_request("The cursor is invalid.") from None
