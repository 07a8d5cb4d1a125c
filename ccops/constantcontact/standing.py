"""Who speaks, and what may still leave: the same for all lines of a client, whatever their thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from threading import Lock

from ccops.constantcontact.echo import discreet
from ccops.constantcontact.pace import Pace
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.serverclock import ServerClock
from ccops.constantcontact.writes import WriteList
from ccops.errors import Diagnostic, NoReply
from ccops.model import StepKind
from ccops.ports import Call, Send

Renew = Callable[[Secret], Secret | None]
"""Return another access token for one that was refused; None: there is no other. Raises CcopsError."""

_WHOLE = frozenset({StepKind.UNSCHEDULE})
"""The writes after which nothing is half done."""


@dataclass(slots=True, kw_only=True, eq=False)
class Standing:
    """A client's login, its right to write, and what it did so far.

    `tokens` are those that were used, the newest last. `requests` counts what was sent. `wrote`:
    a write left, or may have; `looks_only`: none leaves any more.
    """

    tokens: tuple[Secret, ...]
    renew: Renew | None
    writes: WriteList
    pace: Pace
    clock: ServerClock
    requests: int = field(default=0, init=False)
    wrote: bool = field(default=False, init=False)
    looks_only: bool = field(default=False, init=False)
    guard: Lock = field(default_factory=Lock, init=False, repr=False)
    renewing: Lock = field(default_factory=Lock, init=False, repr=False)

    def leaving(self, call: Call) -> Secret:
        """Note that a request leaves now, if it still may; return the token that it carries."""
        with self.guard:
            self.refuse(call)
            self.requests += 1
            self.wrote |= call.method != "GET"
            return self.tokens[-1]

    def refuse(self, call: Call) -> None:
        """Hold back what may not leave any more (NoReply CC507, CC554)."""
        if self.looks_only and call.method != "GET":
            raise NoReply(_LOOKS_ONLY, maybe_sent=False)
        if self.pace.over:
            message = f"{call.method} {call.path} was held back: the run is being ended"
            remedy = "nothing was sent; run again"
            raise NoReply(Diagnostic(code="CC507", message=message, help=remedy), maybe_sent=False)

    def renewed(self, refused: Secret) -> bool:
        """Whether there is another token to read with; of several lines one asks for it."""
        with self.renewing:
            if self.tokens[-1] is not refused:
                return True
            token = None if self.renew is None else self.renew(refused)
            if token is None:
                return False
            with self.guard:
                self.tokens = (*self.tokens, token)
                self.looks_only = self.wrote and not self.writes.kinds <= _WHOLE
            return True

    def discreet(self, line: Send) -> Send:
        """Hide in what the server says every token that was used: an old one may live on."""
        return reduce(discreet, self.tokens, line)


_LOOKS_ONLY = Diagnostic(
    code="CC554",
    message="the login was renewed in the middle of the run, which writes nothing more; run again",
    help="the next run looks first, and goes on where this one ended",
)
