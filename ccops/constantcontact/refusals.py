"""A reply to a GET that is no answer, as the error that tells the user what to do."""

import re

from ccops.constantcontact.envelopes import VendorError, vendor_error
from ccops.constantcontact.privileges import granted_by, need
from ccops.errors import AccessDenied, CcopsError, Diagnostic, Throttled, VendorFault
from ccops.ports import Call, Reply

OK = 200
NOT_FOUND = 404
QUOTA = "CC531"
"""The code of a day whose requests are used up, as the API says."""

_UNAUTHORIZED = 401
_FORBIDDEN = 403
_TOO_MANY = 429
_REDIRECTS = range(300, 400)
_CRASHES = range(500, 600)

_PER_SECOND = frozenset({"throttled", "mashery.not.authorized.over.qps"})
_PER_DAY = frozenset({"quota_exceeded", "mashery.not.authorized.over.ratelimit"})
_MARKUP = re.compile(rb"\s*<", re.ASCII)


def is_absent(reply: Reply) -> bool:
    """Whether the API itself says that the thing does not exist: a 404 in its own envelope.

    A 404 page of a proxy, a captive portal or the gateway tells nothing about the account.
    """
    return reply.status == NOT_FOUND and vendor_error(reply).enveloped


def is_throttled(error: VendorError) -> bool:
    """Whether a moment's patience helps: a 429 of the per-second limit, or of unknown kind.

    The old gateway said it with a 403 (docs·support), so the key counts before the status.
    """
    return error.key in _PER_SECOND or (error.status == _TOO_MANY and not is_quota(error))


def is_quota(error: VendorError) -> bool:
    """Whether the key's daily quota is used up: only 00:00 UTC helps (docs)."""
    return error.key in _PER_DAY


def is_crash(reply: Reply) -> bool:
    """Whether the server failed rather than refused."""
    return reply.status in _CRASHES


def refusal(call: Call, reply: Reply) -> CcopsError | None:
    """Return the error that this reply to a GET stands for; None: it is a 200.

    401 and 403 are AccessDenied (CC520 to CC523), 429 is Throttled (CC530, CC531), all others
    VendorFault: CC514 a 5xx, CC515 a refusal, CC516 a redirect. A 404 is an error here too;
    who may take it for an answer asks `is_absent` first.
    """
    if reply.status == OK:
        return None
    error = vendor_error(reply)
    if is_quota(error) or is_throttled(error):
        return _throttled(error)
    match reply.status:
        case code if code == _UNAUTHORIZED:
            return _unauthorized(error)
        case code if code == _FORBIDDEN:
            return _forbidden(call, reply, error)
        case code if code in _REDIRECTS:
            return _redirect(call, error)
        case code if code in _CRASHES:
            return _crash(call, error)
        case _:
            return _refused(call, error)


def _quoted(error: VendorError) -> str:
    said = ": ".join(part for part in (error.key, error.message) if part)
    return f"; Constant Contact says: {said}" if said else ""


def _throttled(error: VendorError) -> Throttled:
    if is_quota(error):
        message = "the API key's requests of today are used up (quota_exceeded)"
        remedy = "the count starts anew at 00:00 UTC; other programs with this key count too"
        return Throttled(Diagnostic(code=QUOTA, message=message, help=remedy))
    message = "Constant Contact asks for fewer requests per second (throttled)"
    remedy = "does another program use the same API key? wait a minute, or give ccops its own key"
    return Throttled(Diagnostic(code="CC530", message=message, help=remedy))


def _unauthorized(error: VendorError) -> AccessDenied:
    message = f"Constant Contact does not accept the access token{_quoted(error)}"
    remedy = (
        "it has expired (they last 24 hours), was revoked or is no token of the API; run "
        "`ccops auth login`, or set CCOPS_ACCESS_TOKEN anew"
    )
    return AccessDenied(Diagnostic(code="CC520", message=message, help=remedy))


def _forbidden(call: Call, reply: Reply, error: VendorError) -> AccessDenied:
    message = f"{call.method} {call.path} is forbidden{_quoted(error)}"
    if error.enveloped:
        return AccessDenied(Diagnostic(code="CC521", message=message, help=_rights(call)))
    if _MARKUP.match(reply.body):
        remedy = "a page came instead of an answer: a proxy or firewall stands in between"
        return AccessDenied(Diagnostic(code="CC523", message=message, help=remedy))
    remedy = (
        "the gateway refused before the API was asked: the token is for another environment, "
        "the application is deactivated, or the path does not exist"
    )
    return AccessDenied(Diagnostic(code="CC522", message=message, help=remedy))


def _rights(call: Call) -> str:
    match need(call.method, call.path):
        case (scope, privilege):
            return (
                f"either the token lacks the scope {scope} (it is asked for when logging in), or "
                f"its user lacks the privilege {privilege}; {granted_by(privilege)}"
            )
        case _:
            return "the token's application may have been deactivated"


def _redirect(call: Call, error: VendorError) -> VendorFault:
    message = f"{call.method} {call.path} was answered with a redirect ({error.status})"
    remedy = "a redirect is never followed, the token would go along; is a proxy in between?"
    return VendorFault(Diagnostic(code="CC516", message=message, help=remedy))


def _crash(call: Call, error: VendorError) -> VendorFault:
    message = f"{call.method} {call.path} failed at Constant Contact ({error.status})"
    remedy = "nothing was concluded from it; run again later"
    return VendorFault(Diagnostic(code="CC514", message=message + _quoted(error), help=remedy))


def _refused(call: Call, error: VendorError) -> VendorFault:
    message = f"{call.method} {call.path} was answered with {error.status}{_quoted(error)}"
    remedy = "nothing was concluded from it"
    return VendorFault(Diagnostic(code="CC515", message=message, help=remedy))
