"""Scopes and privileges: what each endpoint asks for, and which role grants it (spec, docs)."""

import re
from collections.abc import Iterable

from ccops.constantcontact.wire import UUID
from ccops.errors import Diagnostic

READ_PRIVILEGES = frozenset({"account:read", "campaign:read", "contacts:lists:read"})
"""What `plan`, `drift` and every other reading command needs (spec)."""

APPLY_PRIVILEGES = READ_PRIVILEGES | {"campaign:write", "campaign:send"}
"""What `apply` needs: reading, PUT of an activity, POST and DELETE of its schedule (spec)."""

SEND_PRIVILEGE = "campaign:send"
"""What POST and DELETE of a schedule need (spec)."""

_ACTIVITY = rf"/v3/emails/activities/{UUID}"
_NEEDS = (
    (re.compile(rf"(POST|DELETE) {_ACTIVITY}/schedules"), "campaign_data", "campaign:send"),
    (re.compile(rf"PUT {_ACTIVITY}"), "campaign_data", "campaign:write"),
    (re.compile(r"GET /v3/emails(/.*)?"), "campaign_data", "campaign:read"),
    (re.compile(r"GET /v3/(contact_lists|segments)"), "contact_data", "contacts:lists:read"),
    (re.compile(r"GET /v3/contacts"), "contact_data", "contacts:read"),
    (re.compile(r"GET /v3/account/(summary|emails)"), "account_read", "account:read"),
)

_ROLES = {
    "campaign:send": "Owner and Manager have it, a Campaign Creator cannot schedule",
    "contacts:lists:read": "Owner and Manager have it, a Campaign Creator may lack it",
}
_ANY_ROLE = "Owner and Manager have it"


def need(method: str, path: str) -> tuple[str, str] | None:
    """Return the (scope, privilege) that a request needs (spec); None: neither is needed."""
    line = f"{method} {path}"
    return next(
        ((scope, privilege) for shape, scope, privilege in _NEEDS if shape.fullmatch(line)), None
    )


def granted_by(privilege: str) -> str:
    """Say which role of the account has a privilege (docs)."""
    return _ROLES.get(privilege, _ANY_ROLE)


def missing_privileges(have: Iterable[str], needed: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Explain each privilege that the login's user lacks, by name order; empty: nothing is missing."""
    return tuple(_missing(one) for one in sorted(frozenset(needed) - frozenset(have)))


def _missing(privilege: str) -> Diagnostic:
    return Diagnostic(
        code="CC524",
        message=f"the login's user lacks the privilege {privilege}",
        help=f"{granted_by(privilege)}; log in as such a user, or ask the account's owner",
    )
