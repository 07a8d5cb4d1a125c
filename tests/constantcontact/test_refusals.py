"""A reply that is no answer, as the error that tells what to do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.envelopes import vendor_error
from ccops.constantcontact.privileges import (
    APPLY_PRIVILEGES,
    READ_PRIVILEGES,
    missing_privileges,
    need,
)
from ccops.constantcontact.refusals import is_absent, is_crash, is_quota, is_throttled, refusal
from ccops.errors import AccessDenied, CcopsError, ExitCode, Throttled, VendorFault
from ccops.ports import Call, Reply
from tests.constantcontact.vendor_builders import ACTIVITY, CAMPAIGN, error, raw, reply

GET = Call(method="GET", path="/v3/emails")
LISTS = Call(method="GET", path="/v3/contact_lists")
DENIED = {
    "error_key": "access_denied",
    "error_message": "Request forbidden due to insufficient user privileges.",
}
UNAUTHORIZED = {"error_key": "unauthorized", "error_message": "Unauthorized"}


def one(key: str) -> dict[str, str]:
    return {"error_key": key, "error_message": "Slow down."}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (reply(UNAUTHORIZED, 401), AccessDenied, "CC520"),
        (raw(b"", 401), AccessDenied, "CC520"),
        (reply(DENIED, 403), AccessDenied, "CC521"),
        (reply([DENIED], 403), AccessDenied, "CC521"),
        (reply({"message": "Forbidden"}, 403), AccessDenied, "CC522"),
        (raw(b"", 403), AccessDenied, "CC522"),
        (raw(b"<html><h1>Blocked</h1>", 403), AccessDenied, "CC523"),
        (reply(one("throttled"), 429), Throttled, "CC530"),
        (reply([one("throttled")], 429), Throttled, "CC530"),
        (reply({"message": "Too Many Requests"}, 429), Throttled, "CC530"),
        (raw(b"", 429), Throttled, "CC530"),
        (reply(one("quota_exceeded"), 429), Throttled, "CC531"),
        (reply([one("quota_exceeded")], 429), Throttled, "CC531"),
        (reply(one("mashery.not.authorized.over.qps"), 403), Throttled, "CC530"),
        (reply(one("mashery.not.authorized.over.ratelimit"), 403), Throttled, "CC531"),
        (raw(b"", 301), VendorFault, "CC516"),
        (raw(b"", 308), VendorFault, "CC516"),
        (raw(b"", 304), VendorFault, "CC516"),
        (error(500), VendorFault, "CC514"),
        (raw(b"<html>", 502), VendorFault, "CC514"),
        (raw(b"", 503), VendorFault, "CC514"),
        (error(400), VendorFault, "CC515"),
        (error(404), VendorFault, "CC515"),
        (error(409), VendorFault, "CC515"),
        (error(415), VendorFault, "CC515"),
        (reply({}, 202), VendorFault, "CC515"),
        (raw(b"", 204), VendorFault, "CC515"),
        (raw(b"", 101), VendorFault, "CC515"),
    ],
)
def test_each_refusal_is_one_error(answer: Reply, kind: type[CcopsError], code: str) -> None:
    """By what the user does next; with something to do."""
    found = refusal(GET, answer)
    assert type(found) is kind
    assert [diagnostic.code for diagnostic in found.diagnostics] == [code]
    assert found.diagnostics[0].help


@given(st.integers(100, 599), st.binary(max_size=40))
def test_a_200_alone_is_an_answer(status: int, body: bytes) -> None:
    """Total: every other status is an error."""
    assert (refusal(GET, raw(body, status)) is None) == (status == 200)


def test_a_missing_privilege_is_told_from_a_missing_scope() -> None:
    """The vendor does not say which of the two; ccops names both, and who has them."""
    found = refusal(LISTS, reply(DENIED, 403))
    assert found is not None
    help_line = found.diagnostics[0].help
    assert "scope contact_data" in help_line
    assert "privilege contacts:lists:read" in help_line
    assert "Owner and Manager" in help_line
    assert "access_denied: Request forbidden due to insufficient" in str(found)


def test_a_forbidden_read_that_needs_nothing_points_to_the_application() -> None:
    """The privileges themselves can be read with any valid token."""
    found = refusal(Call(method="GET", path="/v3/account/user/privileges"), reply(DENIED, 403))
    assert found is not None
    assert "deactivated" in found.diagnostics[0].help


def test_an_expired_token_is_to_be_replaced() -> None:
    """Nothing renews it yet."""
    found = refusal(GET, reply(UNAUTHORIZED, 401))
    assert found is not None
    assert "CCOPS_ACCESS_TOKEN" in found.diagnostics[0].help
    assert found.exit_code is ExitCode.ACCESS


def test_the_vendors_words_are_quoted() -> None:
    """Verbatim, key and message: they are all there is to search for."""
    found = refusal(GET, error(400, "emails.api.validation", "limit must be a number"))
    assert "emails.api.validation: limit must be a number" in str(found)


@pytest.mark.parametrize(
    ("answer", "absent"),
    [
        (error(404), True),
        (reply({"error_key": "not_found", "error_message": "No."}, 404), True),
        (error(410), False),
        (error(400), False),
        (raw(b"<html>404</html>", 404), False),
        (raw(b"", 404), False),
        (reply({"message": "Not Found"}, 404), False),
        (reply({"error": "not_found"}, 404), False),
        (reply([], 404), False),
        (reply([{"error_key": "x"}, {"error": "y"}], 404), False),
    ],
)
def test_absence_is_said_by_the_api_itself(answer: Reply, absent: bool) -> None:
    """INV-25: a proxy's 404 page tells nothing about the account."""
    assert is_absent(answer) is absent


def test_quota_is_never_throttled() -> None:
    """One waits a second, the other a day."""
    keys = {
        key: (is_throttled(vendor_error(answer)), is_quota(vendor_error(answer)))
        for key in ("throttled", "quota_exceeded", "other")
        for answer in [reply(one(key), 429)]
    }
    assert keys == {
        "throttled": (True, False),
        "quota_exceeded": (False, True),
        "other": (True, False),
    }


def test_a_crash_is_a_5xx() -> None:
    """And no other."""
    crashes = [status for status in range(100, 600) if is_crash(raw(b"", status))]
    assert crashes == list(range(500, 600))


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("GET /v3/emails", ("campaign_data", "campaign:read")),
        (f"GET /v3/emails/{CAMPAIGN}", ("campaign_data", "campaign:read")),
        (f"GET /v3/emails/activities/{ACTIVITY}/schedules", ("campaign_data", "campaign:read")),
        (f"PUT /v3/emails/activities/{ACTIVITY}", ("campaign_data", "campaign:write")),
        (f"POST /v3/emails/activities/{ACTIVITY}/schedules", ("campaign_data", "campaign:send")),
        (f"DELETE /v3/emails/activities/{ACTIVITY}/schedules", ("campaign_data", "campaign:send")),
        ("GET /v3/segments", ("contact_data", "contacts:lists:read")),
        ("GET /v3/account/summary", ("account_read", "account:read")),
        ("GET /v3/account/emails", ("account_read", "account:read")),
        ("GET /v3/account/user/privileges", None),
        ("POST /v3/emails", None),
    ],
)
def test_each_endpoint_needs_its_scope_and_privilege(
    line: str, needed: tuple[str, str] | None
) -> None:
    """As the specification lists them."""
    method, path = line.split(" ")
    assert need(method, path) == needed


def test_missing_privileges_are_explained_one_by_one() -> None:
    """In the order of their names, with the role that has them."""
    found = missing_privileges({"campaign:read", "account:read"}, APPLY_PRIVILEGES)
    assert [diagnostic.code for diagnostic in found] == ["CC524"] * 3
    assert [diagnostic.message.rsplit(" ", 1)[1] for diagnostic in found] == [
        "campaign:send",
        "campaign:write",
        "contacts:lists:read",
    ]
    assert "a Campaign Creator cannot schedule" in found[0].help
    assert all("Owner and Manager" in diagnostic.help for diagnostic in found)


def test_nothing_missing_is_nothing_to_say() -> None:
    """More than needed is fine."""
    assert missing_privileges(APPLY_PRIVILEGES | {"x"}, READ_PRIVILEGES) == ()


def test_an_error_is_made_of_text_alone() -> None:
    """It can be written as JSON, whatever the vendor said."""
    found = refusal(GET, reply([{"error_key": "k", "error_message": "\x1b[31m\u202e"}], 400))
    assert found is not None
    assert "\\u202e" in json.dumps(found.diagnostics[0].message)
