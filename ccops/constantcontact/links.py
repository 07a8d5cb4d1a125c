"""The next page: only the cursor of a link is taken, never the link.

A bearer token goes where a request goes, so a link in an answer is a request to hand it over.
"""

import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

from ccops.constantcontact.strict import fault, optional_text, record
from ccops.model import JsonObject

MAX_LINK = 8_192
"""The longest link accepted, in code points; recorded ones stay below 200."""
_MAX_FIELDS = 20
_PLAIN = re.compile(r"[!-\[\]-~]+", re.ASCII)  # visible ASCII without the backslash

Query = tuple[tuple[str, str], ...]


def next_query(page: JsonObject, *, path: str, origin: str) -> Query | None:
    """Return the query of the page after this one; None: this is the last.

    The link may be relative (recorded; it then carries the base path) or absolute on `origin`;
    its path must be `path`, the one just read. Absent, null and empty mean the same (recorded,
    spec).

    Raises:
        VendorFault: CC511, the link is no text; CC512, it leads anywhere else.
    """
    href = _href(page)
    if not href:
        return None
    if len(href) > MAX_LINK or not _PLAIN.fullmatch(href):
        raise _foreign()
    try:
        link = urlsplit(href)
        cursor = parse_qsl(
            link.query, keep_blank_values=True, strict_parsing=True, max_num_fields=_MAX_FIELDS
        )
    except ValueError:
        raise _foreign() from None
    if not cursor or not _is_own(link, path, origin):
        raise _foreign()
    return tuple(cursor)


def _href(page: JsonObject) -> str | None:
    if page.get("_links") is None:
        return None
    links = record(page["_links"], "_links")
    if links.get("next") is None:
        return None
    return optional_text(record(links["next"], "_links.next"), "href", "_links.next")


def _is_own(link: SplitResult, path: str, origin: str) -> bool:
    at = f"{link.scheme}://{link.netloc}"
    return (
        (at == origin or not (link.scheme or link.netloc))
        and link.path == path
        and not link.fragment
    )


def _foreign() -> Exception:
    return fault("CC512", "the answer's link to the next page leads away from the list it is in")
