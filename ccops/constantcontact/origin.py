"""Where requests may go: Constant Contact, or a sandbox on this machine."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from ccops.errors import Diagnostic, InvalidInput

API_ORIGIN = "https://api.cc.email"
"""The API (spec). There is no other; a test account is an account (docs)."""

_PLAIN = re.compile(r"https?://[a-z0-9.:\[\]-]+/?", re.ASCII)


def check_origin(url: str) -> str:
    """Return the origin, `scheme://host[:port]`, that this URL names.

    Only the API itself and loopback origins (127.0.0.0/8, [::1], localhost; any port, http or
    https) are accepted: a token is sent there. One "/" at the end is dropped.

    Raises:
        InvalidInput: CC290, any other origin, or one with user, path, query or fragment.
    """
    folded = url.strip().lower()
    link = _split(folded)
    if link is None or not _allowed(link):
        allowed = f"allowed are {API_ORIGIN} and, for a sandbox, http://127.0.0.1:PORT"
        message = f"{url!r} is no origin that a token may be sent to"
        raise InvalidInput(Diagnostic(code="CC290", message=message, help=allowed))
    return folded.removesuffix("/")


def is_loopback(origin: str) -> bool:
    """Whether an origin is on this machine, so that nothing sent there can mail anyone."""
    link = _split(origin)
    return link is not None and _is_loopback_host(link.hostname or "")


def _split(url: str) -> SplitResult | None:
    if not _PLAIN.fullmatch(url):
        return None
    try:
        link = urlsplit(url)
        port = link.port
    except ValueError:
        return None
    return None if port == 0 else link


def _allowed(link: SplitResult) -> bool:
    return f"{link.scheme}://{link.netloc}" == API_ORIGIN or _is_loopback_host(link.hostname or "")


def _is_loopback_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
