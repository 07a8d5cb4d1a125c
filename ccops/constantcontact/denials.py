"""The login service's ways to say no, and what each one means to the person who logs in."""

from enum import StrEnum

from ccops.errors import AccessDenied, Diagnostic


class Refusal(StrEnum):
    """Why the server gives no token (RFC 6749 §5.2, RFC 8628 §3.5); OTHER is any further word."""

    INVALID_GRANT = "invalid_grant"
    INVALID_CLIENT = "invalid_client"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    INVALID_SCOPE = "invalid_scope"
    INVALID_REQUEST = "invalid_request"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    ACCESS_DENIED = "access_denied"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a word of the protocol
    AUTHORIZATION_PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    OTHER = "another reason"


def refusal_of(word: str | None) -> Refusal:
    """Read the server's word; one that is not in the books is OTHER, and is never repeated."""
    try:
        return Refusal(word or "")
    except ValueError:
        return Refusal.OTHER


def refused(refusal: Refusal, remedy: str) -> AccessDenied:
    """Make the error for a login that came to nothing (CC540, CC541, CC544)."""
    match refusal:
        case Refusal.ACCESS_DENIED:
            code, message = "CC544", "the account's owner did not consent to the login"
        case Refusal.INVALID_GRANT | Refusal.EXPIRED_TOKEN:
            code = "CC541"
            message = f"the code or refresh token is expired, revoked or used up ({refusal})"
        case _:
            code, message = "CC540", f"the login service refuses the request ({refusal})"
            remedy = f"check the application's client id, flow and scopes; {remedy}"
    return AccessDenied(Diagnostic(code=code, message=message, help=remedy))


def foreign() -> AccessDenied:
    """Make the error for an answer of the browser that is not this login's (CC543)."""
    message = "the browser came back with an answer that does not belong to this login"
    remedy = "nothing of it was used; run `ccops auth login` again, and use the page it opens"
    return AccessDenied(Diagnostic(code="CC543", message=message, help=remedy))
