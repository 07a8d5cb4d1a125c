"""The WSGI callable: one request in, misfortunes included, one answer out."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from ccops.sandbox.access import expire
from ccops.sandbox.control import control
from ccops.sandbox.envelopes import ApiError, normal, quota_exceeded, throttled, unauthorized
from ccops.sandbox.exchange import Answer, Request, refusal
from ccops.sandbox.faults import ConnectionCutError, Fault, take
from ccops.sandbox.oauth import without_secrets
from ccops.sandbox.records import Logged
from ccops.sandbox.routes import dispatch
from ccops.sandbox.sending import settle
from ccops.sandbox.world import World

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"


def make_app(world: World, *, strict_auth: bool | None = None) -> "WSGIApplication":
    """Return the pretended API of a world as a WSGI callable.

    A fault that cuts the connection raises ConnectionCutError out of the callable: the sandbox's
    server then closes the socket, and an in-process caller sees a ConnectionError.
    """
    if strict_auth is not None:
        world.set_switch("strict_auth", strict_auth)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        reply = _answer(world, environ)
        with world.lock:
            date = format_datetime(world.clock.now(), usegmt=True)
        phrase = HTTPStatus(reply.status).phrase
        start_response(f"{reply.status} {phrase}", [("Date", date), *_headers(reply)])
        return [reply.body]

    return app


def _headers(reply: Answer) -> list[tuple[str, str]]:
    headers = [("Content-Type", reply.content_type), *reply.headers]
    if reply.status == HTTPStatus.NO_CONTENT:
        return headers
    length = len(reply.body) if reply.promised is None else reply.promised
    return [*headers, ("Content-Length", str(length))]


def _answer(world: World, environ: "WSGIEnvironment") -> Answer:
    head = _head(environ)
    if head.path.startswith("/__sandbox"):
        return control(world, replace(head, body=_body(environ)))
    with world.lock:
        settle(world)
        fault = take(world.faults, head.method, head.path)
        sequence = world.count_up("request")
        _log(world, sequence, head, None, fault)
    if fault is not None and fault.kind == "refuse":
        raise ConnectionCutError("refused")
    request = replace(head, body=_body(environ))
    if fault is None:
        return _perform(world, sequence, request, None)
    return _misfortune(world, sequence, request, fault)


def _head(environ: "WSGIEnvironment") -> Request:
    query, host = environ.get("QUERY_STRING", ""), environ.get("HTTP_HOST", "")
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        raw_query=query,
        content_type=environ.get("CONTENT_TYPE", ""),
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
        origin=f"http://{host}" if host else "",
    )


def _body(environ: "WSGIEnvironment") -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    body: bytes = environ["wsgi.input"].read(int(length)) if length.isdecimal() else b""
    return body


def _perform(world: World, sequence: int, request: Request, fault: Fault | None) -> Answer:
    """Carry a request out, log and save it; the lock makes it one step."""
    with world.lock:
        settle(world)
        try:
            reply = dispatch(world, request)
        except ApiError as error:
            reply = refusal(error)
        _log(world, sequence, request, reply.status, fault)
        world.save()
    return reply


def _log(
    world: World, sequence: int, request: Request, status: int | None, fault: Fault | None
) -> None:
    world.log[sequence] = Logged(
        sequence=sequence,
        method=request.method,
        path=request.path,
        query=request.raw_query,
        body=without_secrets(request),
        status=status,
        time=world.now,
        fault=None if fault is None else fault.kind,
    )


def _misfortune(world: World, sequence: int, request: Request, fault: Fault) -> Answer:
    """Let a fault happen; waiting holds no lock."""
    if fault.kind == "delay":
        world.sleep(fault.seconds)
    if fault.effect:
        reply = _perform(world, sequence, request, fault)
        if fault.kind == "delay_after":
            world.sleep(fault.seconds)
    else:
        reply = _without_effect(world, sequence, request, fault)
    return _disguise(fault, reply)


def _without_effect(world: World, sequence: int, request: Request, fault: Fault) -> Answer:
    with world.lock:
        if fault.kind == "expire_token":
            expire(world, request)
        if fault.kind == "late":
            _postpone(world, request, fault)
        cut = fault.kind in {"late", "drop_before", "drop_after"}
        status = None if cut else _disguise(fault, Answer(status=200)).status
        _log(world, sequence, request, status, fault)
        world.save()
    return Answer(status=200)


def _postpone(world: World, request: Request, fault: Fault) -> None:
    """Carry the request out `seconds` later by the virtual clock; not remembered in a state file."""

    def act() -> Answer | None:
        try:
            return dispatch(world, request)
        except ApiError:
            return None

    world.late.append((world.now + timedelta(seconds=fault.seconds), act))


def _disguise(fault: Fault, reply: Answer) -> Answer:
    """Return what the client gets to see instead of the true answer."""
    match fault.kind:
        case "drop_before" | "drop_after" | "late":
            raise ConnectionCutError(fault.kind)
        case "truncate":
            return replace(reply, body=reply.body[: len(reply.body) // 2], promised=len(reply.body))
        case "redirect":
            return Answer(status=307, headers=(("Location", fault.location),))
        case "html" | "html502":
            status = 200 if fault.kind == "html" else 502
            return Answer(status=status, body=_PAGE, content_type="text/html")
        case kind if kind in _ERRORS:
            return refusal(_ERRORS[kind]())
        case _:
            return reply


def _broken(status: int) -> Callable[[], ApiError]:
    phrase = HTTPStatus(status).phrase
    return lambda: normal(status, phrase.lower().replace(" ", "_"), phrase)


_ERRORS: dict[str, Callable[[], ApiError]] = {
    "throttled": throttled,
    "quota_exceeded": quota_exceeded,
    "expire_token": unauthorized,
    **{
        f"{status}_{when}": _broken(status)
        for status in (500, 502, 503)
        for when in ("before", "after")
    },
}
