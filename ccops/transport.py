"""The one door to the network: a call in, a complete reply out, on one pinned origin.

Nothing of the environment gets a say: no proxy variables, no netrc, no cookies, no redirects,
no retries. httpx sends a request once on a lost connection, where other clients sent a write
two to four times (measured).
"""

import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, urlencode

import httpx
import truststore

from ccops.errors import Diagnostic, NoReply
from ccops.ports import Call, Reply, Send

MAX_BODY = 5 * 1024 * 1024
"""The longest body accepted, in bytes, after decompression."""

DEADLINE = 30.0
"""Seconds from the start of a request to the end of its body."""

_TIMEOUT = httpx.Timeout(connect=5.0, read=20.0, write=10.0, pool=5.0)
_LIMITS = httpx.Limits(max_connections=4, max_keepalive_connections=4)
_GZIP = 31  # zlib's number for "a gzip wrapper, and nothing else"

_NEVER_LEFT = (
    httpx.ConnectError,  # name resolution, connecting, the TLS handshake
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)

_AGAIN = "run again; after a write, ccops first looks what became of it"

Monotonic = Callable[[], float]


@contextmanager
def open_transport(
    origin: str,
    *,
    ssl_context: ssl.SSLContext | None = None,
    monotonic: Monotonic = time.monotonic,
) -> Iterator[Send]:
    """Open a connection pool to `origin` (`scheme://host[:port]`) and yield its `Send`.

    A redirect is returned as the reply that it is. The certificate is checked against the
    operating system's trust store, from TLS 1.2 on, unless `ssl_context` is given. The
    deadline is checked as the body arrives, so one read (20 s) may pass beyond it.

    The yielded function raises NoReply with `maybe_sent` False exactly if no connection came
    about, and True for any other incomplete answer: CC501 no connection, CC502 lost, CC503 too
    slow, CC504 too long, CC505 undecodable; and ValueError for a call whose path leaves the
    origin, before any connection.
    """
    context = ssl_context or _trust(origin)
    with httpx.Client(
        transport=httpx.HTTPTransport(verify=context, trust_env=False, limits=_LIMITS, retries=0),
        timeout=_TIMEOUT,
        trust_env=False,
        follow_redirects=False,
    ) as client:
        # A cookie would be memory between requests; the API needs none.
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        yield lambda call: _exchange(client, _request(client, origin, call), monotonic)


def _trust(origin: str) -> ssl.SSLContext:
    if origin.startswith("http://"):
        # Never used, but asked for: this one trusts nobody and costs nothing to make.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _request(client: httpx.Client, origin: str, call: Call) -> httpx.Request:
    query = f"?{urlencode(call.query, quote_via=quote)}" if call.query else ""
    url, pinned = _url(f"{origin}{call.path}{query}"), _url(origin)
    at = (url.scheme, url.host, url.port)
    # "@other.host/" is no path: appended to the origin, it would become another one.
    here = at == (pinned.scheme, pinned.host, pinned.port)
    if not here or not call.path.startswith("/") or "?" in call.path or "#" in call.path:
        raise ValueError("a call's path must be a path on its origin")
    headers = {"accept-encoding": "gzip", **call.headers}
    return client.build_request(call.method, url, headers=headers, content=call.body)


def _url(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL:
        raise ValueError("a call's path must be a path on its origin") from None


def _exchange(client: httpx.Client, request: httpx.Request, monotonic: Monotonic) -> Reply:
    until = monotonic() + DEADLINE
    try:
        # A fence around the write's connection would be request.extensions["trace"].
        response = client.send(request, stream=True)
        try:
            body = _body(response, lambda: monotonic() > until)
        finally:
            response.close()
    except httpx.HTTPError as error:
        failure = _no_reply(request, error)
    else:
        # httpx spells header names in lower case.
        return Reply(status=response.status_code, headers=dict(response.headers), body=body)
    # Raised out here, so that the HTTP library's error, which knows the headers, is not kept.
    raise failure


def _body(response: httpx.Response, late: Callable[[], bool]) -> bytes:
    request, body = response.request, bytearray()
    for chunk in _decoded(response):
        body += chunk
        if len(body) > MAX_BODY:
            raise _incomplete(request, "CC504", f"is longer than {MAX_BODY} bytes")
        if late():
            raise _incomplete(request, "CC503", f"took longer than {DEADLINE:.0f} s")
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
