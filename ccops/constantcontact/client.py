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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import count

import stamina

from ccops import __version__
from ccops.constantcontact.backoff import Uniform, jitter, wait_after
from ccops.constantcontact.origin import check_origin
from ccops.constantcontact.pace import AHEAD, RESUMED, Pace
from ccops.constantcontact.refusals import NOT_FOUND, refusal
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.serverclock import ServerClock
from ccops.constantcontact.standing import Renew, Standing
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
from ccops.ports import Call, Meter, Reply, Send

# Otherwise Python prints each of its retries to stderr, as a bare "stamina.retry_scheduled".
logging.getLogger("stamina").addHandler(logging.NullHandler())

TRIES = 3
"""How often a GET is sent at most."""

UNAUTHORIZED = 401
Await = Callable[[], None]
"""Wait for a slot. Raises StoreUnavailable."""


class _Again(Exception):
    """A GET may be tried again after `wait` seconds; without another try, `cause` is the error."""

    def __init__(self, cause: CcopsError, wait: float) -> None:
        super().__init__(cause, wait)
        self.cause = cause
        self.wait = wait


@dataclass(slots=True, kw_only=True, eq=False)
class Client:
    """A `Send` that speaks for one login, on one line or on several. Made by `client`.

    Called, it uses the first line, and is for one thread; so is each of its `readers` and `hands`.
    Called where it may write, it is kept waiting by nothing that has not begun: its write may
    rest on any of its readings, and the emergency brake makes all of its requests so.
    """

    lines: tuple[Send, ...]
    standing: Standing
    monotonic: Callable[[], float]
    uniform: Uniform

    def __call__(self, call: Call) -> Reply:
        """Make the request; see `client`."""
        pace = self.standing.pace
        begin = pace.await_slot if self.standing.writes.kinds else pace.await_turn
        return self.make(call, self.lines[0], begin)

    @property
    def requests(self) -> int:
        """How many requests were sent, on all lines, retries included."""
        return self.standing.requests

    @property
    def clock(self) -> ServerClock:
        """The server's clock, as the replies tell it."""
        return self.standing.clock

    @property
    def readers(self) -> tuple[Send, ...]:
        """One `Send` for each line, to read with."""
        begin = self.standing.pace.await_turn
        return tuple(partial(self.make, line=line, await_slot=begin) for line in self.lines)

    @property
    def hands(self) -> tuple["Hand", ...]:
        """One hand for each line, to read and write with."""
        return tuple(Hand(client=self, line=line) for line in self.lines)

    def make(self, call: Call, line: Send, await_slot: Await) -> Reply:
        """Make the request on this line, a GET in the slot that is waited for so."""
        if call.method == "GET" and call.body is None:
            return self._read(line, call, await_slot)
        check_write(self.standing.writes, call)
        try:
            return self._exchange(line, call, self.standing.pace.await_slot)[0]
        except (Throttled, StoreUnavailable) as error:
            # The meter's word, not the server's: nothing was sent, and the protocol goes on.
            raise NoReply(*error.diagnostics, maybe_sent=False) from None

    def _read(self, line: Send, call: Call, await_slot: Await) -> Reply:
        tries = count(1)
        caller = stamina.RetryingCaller(attempts=TRIES, timeout=None)
        try:
            return caller(_backoff, lambda: self._try_read(line, call, next(tries), await_slot))
        except _Again as again:
            cause = again.cause
        raise cause

    def _try_read(self, line: Send, call: Call, tries: int, await_slot: Await) -> Reply:
        reply, token = self._read_once(line, call, tries, await_slot)
        if reply.status == UNAUTHORIZED and self.standing.renewed(token):
            reply, _ = self._read_once(line, call, tries, self.standing.pace.await_slot)
        cause = _error(call, reply)
        if cause is None:
            return reply
        wait = wait_after(reply, tries, self.uniform)
        if wait is None:
            raise cause
        raise _Again(cause, wait)

    def _read_once(
        self, line: Send, call: Call, tries: int, await_slot: Await
    ) -> tuple[Reply, Secret]:
        try:
            return self._exchange(line, call, await_slot)
        except NoReply as error:
            if self.standing.pace.over:
                raise
            raise _Again(error, jitter(tries, self.uniform)) from None

    def _exchange(self, line: Send, call: Call, await_slot: Await) -> tuple[Reply, Secret]:
        """Make it once; return the token that it carried, too."""
        self.standing.refuse(call)
        self.standing.pace.count()
        await_slot()
        token = self.standing.leaving(call)
        started = self.monotonic()
        lease = None if call.method == "GET" else LEASE
        send = self.standing.discreet(line)
        reply = send(replace(call, headers=_headers(call, token), lease=lease))
        self.clock.hear(call, reply, started)
        return reply, token


@dataclass(slots=True, frozen=True, kw_only=True, eq=False)
class Hand:
    """One line of a client, for one activity at a time."""

    client: Client
    line: Send

    def turn(self, *, resumes: bool = False) -> Send:
        """Wait for a slot to begin in, and return a `Send` for requests that belong together.

        The first of them leaves in that slot; those that follow are not kept waiting by what has
        not begun. What `resumes` goes before what begins. A write of it leaves only right after
        an answered GET of it: else its call raises NoReply CC507.

        Raises:
            StoreUnavailable: as the meter says.
        """
        self.client.standing.pace.await_turn(RESUMED if resumes else AHEAD)
        return _Turn(hand=self)

    def close(self) -> None:
        """Let nothing leave any more, on any line of the client; what has left is not recalled."""
        self.client.standing.pace.over = True


@dataclass(slots=True, kw_only=True, eq=False)
class _Turn:
    """Requests that belong together. `read`: the last one was a GET that was answered."""

    hand: Hand
    begun: bool = False
    read: bool = False

    def __call__(self, call: Call) -> Reply:
        read, self.read = self.read, False
        if call.method != "GET" and not read:
            raise NoReply(_nothing_read(call), maybe_sent=False)
        reply = self.hand.client.make(call, self.hand.line, self._await_slot)
        self.read = call.method == "GET"
        return reply

    def _await_slot(self) -> None:
        begun, self.begun = self.begun, True
        if begun:
            self.hand.client.standing.pace.await_slot()


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
    more: Sequence[Send] = (),
) -> Client:
    """Wrap a transport that is pinned to `origin` into a `Send` that speaks for a login.

    `more` are further connections there, for several requests at once in one sequence of slots.
    Its own headers are the only ones sent: no caller can change what a request means. `gap` and
    `per_day` are the API key's limits; every attempt reserves a slot of the meter and counts for
    the UTC day that `today` tells. `sleep` waits for slots; the waits between the tries of a GET
    are stamina's own, which takes no other sleep (`stamina.set_testing` leaves them out).

    A call of the result raises for a GET: NoReply, Throttled, VendorFault or AccessDenied after at
    most three tries; a 404 is returned, for only a reader knows whether it means "gone".
    For anything else it raises Blocked before a byte leaves unless `writes` allows exactly this
    request; then it is sent once, under a lease of `LEASE` seconds, and its Reply, whatever the
    status, or NoReply goes up unchanged. What the meter raises (Throttled, StoreUnavailable) a
    GET raises too, and a write turns into NoReply with `maybe_sent` False.

    `renew` is asked for another token when a GET is answered with 401; what it raises goes up.
    After a write that makes a client that only looks: its writes raise NoReply CC554, unsent.

    Raises:
        InvalidInput: CC290, a token may not be sent to this origin.
    """
    check_origin(origin)
    return Client(
        lines=(send, *more),
        standing=Standing(
            tokens=(token,),
            renew=renew,
            writes=writes,
            pace=Pace(meter, gap, per_day, today, sleep, monotonic),
            clock=ServerClock(monotonic),
        ),
        monotonic=monotonic,
        uniform=uniform,
    )


def _headers(call: Call, token: Secret) -> Mapping[str, str]:
    content = {} if call.body is None else {"content-type": "application/json"}
    return {
        "accept": "application/json",
        "authorization": f"Bearer {token.reveal()}",
        "user-agent": f"ccops/{__version__}",
        **content,
    }


def _nothing_read(call: Call) -> Diagnostic:
    message = f"{call.method} {call.path} was held back: nothing was read just before it"
    remedy = "nothing was sent; ccops reads the account again before it decides anew"
    return Diagnostic(code="CC507", message=message, help=remedy)


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
