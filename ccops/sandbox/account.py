"""/v3/account/…: whose account this is, who may send from it, and what the user may do."""

from ccops.sandbox.access import effective_privileges
from ccops.sandbox.clock import with_offset
from ccops.sandbox.envelopes import bad_request, not_found
from ccops.sandbox.exchange import Answer, Request, answer
from ccops.sandbox.privileges import ALL_PRIVILEGES
from ccops.sandbox.records import Sender
from ccops.sandbox.world import World

_CONFIRMED = {"CONFIRMED": True, "C": True, "UNCONFIRMED": False, "U": False}
_ROLES = {"C": "CONTACT", "B": "BILLING", "J": "JOURNALING", "R": "REPLY_TO", "O": "OTHER"}
_FIRST_PRIVILEGE = 100


def get_summary(world: World, request: Request) -> Answer:
    """GET /account/summary; the country code comes in lower case (recorded)."""
    account = world.account
    shown: dict[str, object] = {
        "contact_email": account.contact_email,
        "country_code": account.country_code,
        "encoded_account_id": account.encoded_account_id,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "organization_name": account.organization_name,
        "state_code": account.state_code,
        "time_zone_id": account.time_zone_id,
        "website": account.website,
    }
    if "physical_address" in request.query.get("extra_fields", "").split(","):
        shown["physical_address"] = dict(account.physical_address)
    return answer(200, shown)


def get_address(world: World, _request: Request) -> Answer:
    """GET /account/summary/physical_address: the footer of every send (spec)."""
    if not world.account.physical_address:
        raise not_found("The physical address")
    return answer(200, dict(world.account.physical_address))


def get_emails(world: World, request: Request) -> Answer:
    """GET /account/emails: not paged; one filter per call (spec)."""
    filters = set(request.query) & {"confirm_status", "role_code", "email_address"}
    if len(filters) > 1:
        raise bad_request("Only one filter can be used.")
    senders = [sender for sender in world.account.senders if _wanted(sender, request)]
    return answer(200, [_sender(sender) for sender in senders])


def _wanted(sender: Sender, request: Request) -> bool:
    query = request.query
    if "confirm_status" in query:
        if query["confirm_status"] not in _CONFIRMED:
            raise bad_request("confirm_status is invalid.")
        return (sender.confirmed is not None) == _CONFIRMED[query["confirm_status"]]
    if "role_code" in query:
        return _ROLES.get(query["role_code"], query["role_code"]) in sender.roles
    return query.get("email_address", sender.email_address) == sender.email_address


def _sender(sender: Sender) -> dict[str, object]:
    shown: dict[str, object] = {
        "email_id": sender.email_id,
        "email_address": sender.email_address,
        "confirm_status": "UNCONFIRMED" if sender.confirmed is None else "CONFIRMED",
        "roles": list(sender.roles),
        "pending_roles": [],
    }
    if sender.confirmed is not None:
        shown["confirm_time"] = with_offset(sender.confirmed)
        shown["confirm_source_type"] = "SITE_OWNER"
    return shown


def get_privileges(world: World, request: Request) -> Answer:
    """GET /account/user/privileges: unordered, and readable with any valid token (spec)."""
    return answer(
        200,
        [
            {"privilege_id": _privilege_id(name), "privilege_name": name}
            for name in sorted(effective_privileges(world, request), reverse=True)
        ],
    )


def _privilege_id(name: str) -> int:
    known = name in ALL_PRIVILEGES
    return _FIRST_PRIVILEGE + (ALL_PRIVILEGES.index(name) if known else len(ALL_PRIVILEGES))
