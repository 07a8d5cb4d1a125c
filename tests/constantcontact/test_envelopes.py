"""Every shape in which the vendor says no is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.envelopes import MAX_MESSAGE, VendorError, vendor_error
from tests.constantcontact.vendor_builders import raw, reply

ONE = {"error_key": "access_denied", "error_message": "Request forbidden."}


def envelope(key: str, message: str, *, enveloped: bool) -> VendorError:
    return VendorError(status=400, key=key, message=message, enveloped=enveloped)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([ONE], envelope("access_denied", "Request forbidden.", enveloped=True)),
        (ONE, envelope("access_denied", "Request forbidden.", enveloped=True)),
        (
            [ONE, {"error_key": "b", "error_message": "Second."}],
            envelope("access_denied", "Request forbidden.; Second.", enveloped=True),
        ),
        ({"error_key": "throttled"}, envelope("throttled", "", enveloped=True)),
        ({"error_key": "k", "error_message": None}, envelope("k", "", enveloped=True)),
        ({"message": "Forbidden"}, envelope("", "Forbidden", enveloped=False)),
        (
            {"error": "invalid_grant", "error_description": "Expired."},
            envelope("invalid_grant", "Expired.", enveloped=False),
        ),
        ({"error": "invalid_grant"}, envelope("invalid_grant", "", enveloped=False)),
        ([], envelope("", "", enveloped=False)),
        ({}, envelope("", "", enveloped=False)),
        (None, envelope("", "", enveloped=False)),
        ("no", envelope("", "", enveloped=False)),
        ([ONE, "x"], envelope("", "Request forbidden.", enveloped=False)),
        ({"error_key": ""}, envelope("", "", enveloped=False)),
        ({"error_key": 7}, envelope("", "", enveloped=False)),
    ],
)
def test_an_envelope_is_read_whatever_its_shape(document: object, expected: VendorError) -> None:
    """Array, object, gateway, OAuth, and what is none of them."""
    assert vendor_error(reply(document, 400)) == expected


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b'[{"error_key"', b"\xff"])
def test_what_is_no_json_is_a_bare_status(body: bytes) -> None:
    """Proxies and crashes send such things."""
    assert vendor_error(raw(body, 502)) == VendorError(
        status=502, key="", message="", enveloped=False
    )


@given(st.binary(max_size=80), st.integers(400, 599))
def test_no_body_breaks_it(body: bytes, status: int) -> None:
    """It never raises, and what is no JSON is never taken for the API's own word."""
    error = vendor_error(raw(body, status))
    assert error.status == status


def test_a_long_message_is_cut() -> None:
    """Nobody reads a page in an error."""
    error = vendor_error(reply([ONE | {"error_message": "x" * 10_000}], 400))
    assert len(error.message) == MAX_MESSAGE
