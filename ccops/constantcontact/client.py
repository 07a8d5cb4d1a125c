"""The way to the API: authorized, paced, counted, and unable to write what is not allowed.

A GET is tried up to three times and its refusals become errors. A write is sent once, under a
lease, and whatever comes of it goes up unchanged: only the protocol may say what it means.

A GET that is answered with 401 may be made once more with another token, if there is one. A
write never is. And when a write has left before, the other token only serves to look: no further
write leaves in that run. A login that its run had checked and that is refused in the middle was
changed by somebody, and a sequence is not gone on with while that is unclear; what it left is
read, told and, by the next run, gone on with. Unscheduling alone may go on: each of its DELETEs
is a whole sequence.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

import stamina

from ccops import __version__
from ccops.constantcontact.backoff import Uniform, jitter, wait_after
from ccops.constantcontact.echo import discreet
from ccops.constantcontact.origin import check_origin
from ccops.constantcontact.refusals import NOT_FOUND, refusal
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.serverclock import ServerClock
from ccops.constantcontact.strict import parse
from ccops.constantcontact.writes import LEASE, WriteList, check_write
from ccops.errors import (
    CcopsError,
    Diagnostic,
    NoReply,
    StoreUnavailable,
    Throttled,
    VendorFault,
)
from ccops.model import StepKind
from ccops.ports import Call, Meter, Reply, Send

# Otherwise Python prints each of its retries to stderr, as a bare "stamina.retry_scheduled".
logging.getLogger("stamina").addHandler(logging.NullHandler())

TRIES = 3
"""How often a GET is sent at most."""

UNAUTHORIZED = 401
_WHOLE = frozenset({StepKind.UNSCHEDULE})
"""The writes after which nothing is half done."""

Renew = Callable[[Secret], Secret | None]
"""Return another access token for one that was refused; None: there is no other. Raises CcopsError."""


class _Again(Exception):
    """A GET may be tried again after `wait` seconds; without another try, `cause` is the error."""

    def __init__(self, cause: CcopsError, wait: float) -> None:
        super().__init__(cause, wait)
        self.cause = cause
        self.wait = wait


@dataclass(slots=True, kw_only=True, eq=False)
class Client:
    """A `Send` that speaks for one login. Made by `client`.

    `requests` counts what was sent, retries included. `clock` is the server's clock as the
    replies tell it. `wrote`: a write left, or may have; `looks_only`: none leaves any more. Not
    for use by several threads.
    """

    send: Send
    token: Secret
    renew: Renew | None
    writes: WriteList
    meter: Meter
    gap: timedelta
    per_day: int
    today: Callable[[], date]
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    uniform: Uniform
    clock: ServerClock = field(init=False)
    requests: int = field(default=0, init=False)
    wrote: bool = field(default=False, init=False)
    looks_only: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.clock = ServerClock(self.monotonic)

    def __call__(self, call: Call) -> Reply:
        """Make the request; see `client`."""
        if call.method == "GET" and call.body is None:
            return self._read(call)
        check_write(self.writes, call)
        if self.looks_only:
            raise NoReply(_LOOKS_ONLY, maybe_sent=False)
        self.wrote = True
        try:
            return self._exchange(call)
        except (Throttled, StoreUnavailable) as error:
            # The meter's word, not the server's: nothing was sent, and the protocol goes on.
            raise NoReply(*error.diagnostics, maybe_sent=False) from None

    def _read(self, call: Call) -> Reply:
        tries = count(1)
        caller = stamina.RetryingCaller(attempts=TRIES, timeout=None)
        try:
            return caller(_backoff, lambda: self._try_read(call, next(tries)))
        except _Again as again:
            cause = again.cause
        raise cause

    def _try_read(self, call: Call, tries: int) -> Reply:
        reply = self._read_once(call, tries)
        if reply.status == UNAUTHORIZED and self._renewed():
            reply = self._read_once(call, tries)
        cause = _error(call, reply)
        if cause is None:
            return reply
        wait = wait_after(reply, tries, self.uniform)
        if wait is None:
            raise cause
        raise _Again(cause, wait)

    def _read_once(self, call: Call, tries: int) -> Reply:
        try:
            return self._exchange(call)
        except NoReply as error:
            raise _Again(error, jitter(tries, self.uniform)) from None

    def _renewed(self) -> bool:
        """Whether there is another token to read with; the old one stays hidden in answers."""
        token = None if self.renew is None else self.renew(self.token)
        if token is None:
            return False
        self.token, self.send = token, discreet(self.send, token)
        self.looks_only = self.wrote and not self.writes.kinds <= _WHOLE
        return True

    def _exchange(self, call: Call) -> Reply:
        self.meter.spend(self.today(), self.per_day)
        wait = self.meter.reserve(self.gap)
        if wait > 0:
            self.sleep(wait)
        self.requests += 1
        started = self.monotonic()
        lease = None if call.method == "GET" else LEASE
        reply = self.send(replace(call, headers=self._headers(call), lease=lease))
        self.clock.hear(call, reply, started)
        return reply

    def _headers(self, call: Call) -> Mapping[str, str]:
        content = {} if call.body is None else {"content-type": "application/json"}
        return {
            "accept": "application/json",
            "authorization": f"Bearer {self.token.reveal()}",
            "user-agent": f"ccops/{__version__}",
            **content,
        }


def client(
    send: Send,
    *,
    token: Secret,
    origin: str,
    writes: WriteList,
    meter: Meter,
    gap: timedelta,
    per_day: int,
    today: Callable[[], date],
    sleep: Callable[[float], None],
    monotonic: Callable[[], float] = time.monotonic,
    uniform: Uniform = random.uniform,
    renew: Renew | None = None,
) -> Client:
    """Wrap a transport that is pinned to `origin` into a `Send` that speaks for a login.

    Its own headers are the only ones sent, so that no caller can add one that changes the
    meaning of a request. `gap` and `per_day` are the API key's limits; every attempt reserves a
    slot of the meter and counts for the UTC day that `today` tells. `sleep` waits for slots;
    the waits between the tries of a GET are stamina's own, which takes no other sleep
    (`stamina.set_testing` leaves them out).

    A call of the result raises for a GET: NoReply, Throttled, VendorFault or AccessDenied after at
    most three tries; a 404 is returned, for only a reader knows whether it means "gone".
    For anything else it raises Blocked before a byte leaves unless `writes` allows exactly this
    request; then it is sent once, under a lease of `LEASE` seconds, and its Reply, whatever the
    status, or NoReply goes up unchanged. What the meter raises (Throttled at the day's cap,
    StoreUnavailable) a GET raises too, and a write turns into NoReply with `maybe_sent` False.

    `renew` is asked for another token when a GET is answered with 401; what it raises goes up.
    After a write that makes a client that only looks: its writes raise NoReply CC554, unsent.

    Raises:
        InvalidInput: CC290, a token may not be sent to this origin.
    """
    check_origin(origin)
    return Client(
        send=discreet(send, token),
        token=token,
        renew=renew,
        writes=writes,
        meter=meter,
        gap=gap,
        per_day=per_day,
        today=today,
        sleep=sleep,
        monotonic=monotonic,
        uniform=uniform,
    )


_LOOKS_ONLY = Diagnostic(
    code="CC554",
    message="the login was renewed in the middle of the run, which writes nothing more; run again",
    help="the next run looks first, and goes on where this one ended",
)


def _backoff(error: Exception) -> float | bool:
    return error.wait if isinstance(error, _Again) else False


def _error(call: Call, reply: Reply) -> CcopsError | None:
    if reply.status == NOT_FOUND:
        return None
    return refusal(call, reply) or _unreadable(reply)


def _unreadable(reply: Reply) -> VendorFault | None:
    try:
        parse(reply.body)
    except VendorFault as error:
        return error
    return None
