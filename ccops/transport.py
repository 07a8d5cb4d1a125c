"""The one door to the network: a call in, a complete reply out, on one pinned origin.

Nothing of the environment gets a say: no proxy variables, no netrc, no trust store of its
choice, no cookies, no redirects, no retries. httpx sends a request once on a lost connection,
where other clients sent a write two to four times (measured).

A write is fenced: it leaves on the connection that the reading before it came on, soon after
that reading, or not at all. A process that was frozen in between, by a signal, a debugger or a
closed lid, finds its lease over or its connection closed, and nothing leaves.
"""

import ssl
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, urlencode

import httpx

from ccops.errors import Diagnostic, NoReply
from ccops.ports import Call, Reply, Send
from ccops.trust import trusting, unswayed

MAX_BODY = 5 * 1024 * 1024
"""The longest body accepted, in bytes, after decompression."""

MAX_HEAD = 64 * 1024
"""The longest head accepted, in bytes: the names and values of its headers."""

DEADLINE = 30.0
"""Seconds from the start of a request to the end of its body."""

_TIMEOUT = httpx.Timeout(connect=5.0, read=20.0, write=10.0, pool=5.0)
# With a single connection there is no other one that a write could leave on.
_LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1)
_CONNECTS = "connection.connect_tcp.started"
_LEAVES = "http11.send_request_headers.started"  # the last word before the first byte
# On macOS it is CLOCK_MONOTONIC that goes on in sleep; Python's monotonic clock stands still.
_BOOTTIME = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}
_GZIP = 31  # zlib's number for "a gzip wrapper, and nothing else"

_NEVER_LEFT = (
    httpx.ConnectError,  # name resolution, connecting, the TLS handshake
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)

_AGAIN = "run again; after a write, ccops first looks what became of it"

Monotonic = Callable[[], float]


def boottime() -> float:
    """Return seconds by a clock that also counts the time while the machine is suspended.

    Where none is known to, it is Python's monotonic clock.
    """
    clock: int | None = getattr(time, _BOOTTIME.get(sys.platform, ""), None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@contextmanager
def open_transport(
    origin: str,
    *,
    ssl_context: ssl.SSLContext | None = None,
    monotonic: Monotonic = boottime,
    only_posts_to: frozenset[str] = frozenset(),
) -> Iterator[Send]:
    """Open a connection to `origin` (`scheme://host[:port]`) when needed, and yield its `Send`.

    A redirect is returned as the reply that it is. The certificate is checked against the
    operating system's trust store, from TLS 1.2 on, unless `ssl_context` is given. The
    deadline is checked as the body arrives, so one read (20 s) may pass beyond it.

    A call with a lease leaves only if the call before it was a GET that was answered completely,
    on the connection of that answer, and at most `lease` seconds after that GET was begun: the
    answer may be as old as its request. So one reading justifies one write.

    The yielded function raises NoReply with `maybe_sent` False exactly if no byte left (CC501 no
    connection, CC506 held back by its lease), and True for any other incomplete answer: CC502
    lost, CC503 too slow, CC504 too long, CC505 undecodable. It raises ValueError, before any
    connection, for a call whose path leaves the origin or could be read as another path, and for
    any method but GET without a lease. One connection serves one thread at a time: whoever wants
    several requests at once opens several.

    `only_posts_to` makes it a transport for token requests instead: POSTs to these paths leave,
    unleased, as there is no reading before a login; for any other call it raises ValueError.
    """
    context = ssl_context or trusting(origin)
    with httpx.Client(
        transport=httpx.HTTPTransport(verify=context, trust_env=False, limits=_LIMITS, retries=0),
        timeout=_TIMEOUT,
        trust_env=False,
        follow_redirects=False,
    ) as client:
        # A cookie would be memory between requests; the API needs none.
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        yield _Line(client=client, origin=origin, monotonic=monotonic, posts=only_posts_to)


class _Held(Exception):
    """A write is held back before its first byte; the text says why."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Line:
    """The one connection, and since when its last reading may be relied on.

    `read_at` is when the GET began whose complete answer was the last thing that happened here;
    None: it was something else. `seen` are the events that the HTTP library ever told: without
    those that the fence is made of there is no fence, so that no reading counts.
    """

    client: httpx.Client
    origin: str
    monotonic: Monotonic
    posts: frozenset[str]
    read_at: float | None = None
    seen: set[str] = field(default_factory=set)

    def __call__(self, call: Call) -> Reply:
        """Make the call; see `open_transport`."""
        _check_kind(call, self.posts)
        request = _request(self.client, self.origin, call)
        since, self.read_at, now = self.read_at, None, self.monotonic()
        request.extensions["trace"] = self._fence(call.lease, since)
        if call.lease is not None and since is None:
            raise _held_back(request, "nothing was read just before it")
        reply = _exchange(self.client, request, lambda: self.monotonic() > now + DEADLINE)
        if call.method == "GET" and {_CONNECTS, _LEAVES} <= self.seen:
            self.read_at = now
        return reply

    def _fence(self, lease: float | None, since: float | None) -> Callable[[str, object], None]:
        """Return what the HTTP library asks before each of its steps; raising stops it there."""

        def check(event: str, _: object) -> None:
            self.seen.add(event)
            if lease is None or since is None:
                return
            if event == _CONNECTS:
                raise _Held("the connection of its reading was closed")
            # Written so that no odd number passes.
            if event == _LEAVES and not 0 <= self.monotonic() - since <= lease:
                raise _Held(f"its reading is older than {lease:.0f} s")

        return check


def _request(client: httpx.Client, origin: str, call: Call) -> httpx.Request:
    query = f"?{urlencode(call.query, quote_via=quote)}" if call.query else ""
    url, pinned = _url(f"{origin}{call.path}{query}"), _url(origin)
    at = (url.scheme, url.host, url.port)
    # "@other.host/" is no path: appended to the origin, it would become another one.
    here = at == (pinned.scheme, pinned.host, pinned.port)
    if not here or not call.path.startswith("/") or _ambiguous(call.path):
        raise ValueError("a call's path must be a path on its origin")
    headers = {"accept-encoding": "gzip", **call.headers}
    return client.build_request(call.method, url, headers=headers, content=call.body)


def _check_kind(call: Call, posts: frozenset[str]) -> None:
    if posts and (call.method != "POST" or call.path not in posts or call.lease is not None):
        raise ValueError("this transport makes token requests and no others")
    if not posts and call.method != "GET" and call.lease is None:
        raise ValueError("whatever is no GET must carry a lease")


def _ambiguous(path: str) -> bool:
    """Whether a client or a server on the way could take it for another path, or for more."""
    segments = path.lower().replace("%2e", ".").split("/")
    return "?" in path or "#" in path or not {".", ".."}.isdisjoint(segments)


def _url(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL:
        raise ValueError("a call's path must be a path on its origin") from None


def _exchange(client: httpx.Client, request: httpx.Request, late: Callable[[], bool]) -> Reply:
    failure: NoReply
    try:
        with unswayed():
            response = client.send(request, stream=True)
        try:
            body = _body(response, late)
        finally:
            response.close()
    except _Held as why:
        failure = _held_back(request, str(why))
    except httpx.HTTPError as error:
        failure = _no_reply(request, error)
    else:
        # httpx spells header names in lower case.
        return Reply(status=response.status_code, headers=dict(response.headers), body=body)
    # Raised out here, so that the HTTP library's error, which knows the headers, is not kept.
    raise failure


def _body(response: httpx.Response, late: Callable[[], bool]) -> bytes:
    request, body = response.request, bytearray()
    if sum(len(name) + len(value) for name, value in response.headers.raw) > MAX_HEAD:
        raise _incomplete(request, "CC504", f"has a head of more than {MAX_HEAD} bytes")
    for chunk in _decoded(response):
        body += chunk
        if len(body) > MAX_BODY:
            raise _incomplete(request, "CC504", f"is longer than {MAX_BODY} bytes")
        if late():
            raise _too_slow(request)
    if late():
        raise _too_slow(request)
    return bytes(body)


def _decoded(response: httpx.Response) -> Iterator[bytes]:
    """Undo gzip alone, a bounded piece at a time: a few bytes can unpack to gigabytes."""
    match response.headers.get("content-encoding", "identity").strip().lower():
        case "identity":
            yield from response.iter_raw()
        case "gzip":
            yield from _gunzipped(response)
        case _:
            raise _incomplete(response.request, "CC505", "is in an encoding nobody asked for")


def _gunzipped(response: httpx.Response) -> Iterator[bytes]:
    unpack, empty = zlib.decompressobj(wbits=_GZIP), True
    try:
        for chunk in response.iter_raw():
            empty = False
            yield unpack.decompress(chunk, MAX_BODY + 1)
    except zlib.error:
        raise _incomplete(response.request, "CC505", "cannot be unpacked") from None
    if not empty and (not unpack.eof or unpack.unused_data):
        raise _incomplete(response.request, "CC505", "cannot be unpacked")


def _line(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"


def _held_back(request: httpx.Request, why: str) -> NoReply:
    message = f"{_line(request)} was held back: {why}"
    remedy = "nothing was sent; ccops reads the account again before it decides anew"
    return NoReply(Diagnostic(code="CC506", message=message, help=remedy), maybe_sent=False)


def _too_slow(request: httpx.Request) -> NoReply:
    return _incomplete(request, "CC503", f"took longer than {DEADLINE:.0f} s")


def _incomplete(request: httpx.Request, code: str, why: str) -> NoReply:
    message = f"the answer to {_line(request)} {why}"
    return NoReply(Diagnostic(code=code, message=message, help=_AGAIN), maybe_sent=True)


def _no_reply(request: httpx.Request, error: httpx.HTTPError) -> NoReply:
    if isinstance(error, _NEVER_LEFT):
        message = f"no connection to {request.url.host}: {_reason(error)}"
        remedy = "check the network, the name and the certificate; proxies are not used"
        return NoReply(Diagnostic(code="CC501", message=message, help=remedy), maybe_sent=False)
    message = f"{_line(request)} got no complete answer: {_reason(error)}"
    return NoReply(Diagnostic(code="CC502", message=message, help=_AGAIN), maybe_sent=True)


def _reason(error: httpx.HTTPError) -> str:
    # A LocalProtocolError quotes the header that it found illegal, which may be the token.
    quotable = str(error) and not isinstance(error, httpx.LocalProtocolError)
    return str(error) if quotable else type(error).__name__
