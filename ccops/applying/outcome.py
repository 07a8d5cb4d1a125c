"""What an answer to a write proves, and what it does not.

The rule of thumb: only an answer that the vendor itself formed refuses a write for certain.
A time-out, a reset, a 5xx, a page of HTML, a redirect, a 401 or a body that is not the expected
one proves nothing, and only a later look at the account can tell.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from ccops.constantcontact import wire
from ccops.constantcontact.envelopes import VendorError, vendor_error
from ccops.constantcontact.refusals import is_quota, is_throttled
from ccops.constantcontact.strict import parse
from ccops.errors import ExitCode, NoReply, VendorFault
from ccops.model import Now, Step, StepKind
from ccops.ports import Reply


class Kind(StrEnum):
    """The classes of answers.

    ACCEPTED: 2xx with the expected body. NOT_SENT: no byte left. REJECTED: refused for certain.
    THROTTLED: refused, come back in a second. QUOTA: refused for today. DENIED: refused, scope
    or privilege. AMBIGUOUS: may or may not have taken effect.
    """

    ACCEPTED = "accepted"
    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    THROTTLED = "throttled"
    QUOTA = "quota"
    DENIED = "denied"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One classified answer; `detail` quotes the vendor.

    `answered_2xx` is true also for a 2xx whose body was not the expected one: after it the same
    POST is never made again in this run.
    """

    kind: Kind
    detail: str
    answered_2xx: bool = False
    exit_code: ExitCode = ExitCode.UNEXPECTED


_SUCCESS = range(200, 300)
_FORBIDDEN = 403
_NO_ACCESS = frozenset({401, _FORBIDDEN})
_REFUSALS = frozenset({400, 404, 409, 415})
_LIMITS = frozenset({_FORBIDDEN, 429})
"""The old gateway says with a 403 what is now a 429 (docs·support); a 5xx proves nothing."""


def classify(step: Step, when: datetime | Now | None, answer: Reply | NoReply) -> Outcome:
    """Tell what `answer` to `step` proves; `when` is what a POST asked for. Total."""
    if isinstance(answer, NoReply):
        kind = Kind.AMBIGUOUS if answer.maybe_sent else Kind.NOT_SENT
        return Outcome(kind=kind, detail=answer.diagnostics[0].message)
    if answer.status in _SUCCESS:
        return _success(step, when, answer)
    return _failure(answer)


def _success(step: Step, when: datetime | Now | None, reply: Reply) -> Outcome:
    expected = _as_expected(step, when, reply)
    kind = Kind.ACCEPTED if expected else Kind.AMBIGUOUS
    words = f"answered {reply.status}" + ("" if expected else " with an unexpected body")
    return Outcome(kind=kind, detail=words, answered_2xx=True)


def _as_expected(step: Step, when: datetime | Now | None, reply: Reply) -> bool:
    match step.kind:
        case StepKind.UNSCHEDULE:
            # 204 comes with a JSON content type and no body (recorded): nothing to look at.
            return True
        case StepKind.UPDATE:
            return _is_json_object(reply.body)
        case StepKind.SCHEDULE:
            instants = wire.accepted_instants(reply.body)
            if isinstance(when, datetime):
                return instants == (when,)
            # "0" is answered by an empty array since build 3.0.105 (spec), by one date (docs).
            return instants is not None and len(instants) <= 1
        case _:
            assert_never(step.kind)


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(parse(body), dict)
    except VendorFault:
        return False


def _failure(reply: Reply) -> Outcome:
    error = vendor_error(reply)
    said = ": ".join(part for part in (error.key, error.message) if part)
    detail = f"answered {reply.status}" + (f" ({said})" if said else "")
    return Outcome(kind=_refusal(error), detail=detail, exit_code=_cause(error))


def _refusal(error: VendorError) -> Kind:
    if error.status in _LIMITS and is_quota(error):
        return Kind.QUOTA
    if error.status in _LIMITS and is_throttled(error):
        return Kind.THROTTLED
    if error.status == _FORBIDDEN and (error.enveloped or error.message):
        # Also the gateway in front of the API, which then was not asked (probe).
        return Kind.DENIED
    return Kind.REJECTED if error.enveloped and error.status in _REFUSALS else Kind.AMBIGUOUS


def _cause(error: VendorError) -> ExitCode:
    if is_quota(error) or is_throttled(error):
        return ExitCode.THROTTLED
    return ExitCode.ACCESS if error.status in _NO_ACCESS else ExitCode.UNEXPECTED
