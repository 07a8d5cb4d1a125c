"""S-06: a token goes to the API or to this machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.origin import API_ORIGIN, check_origin, is_loopback
from ccops.errors import ExitCode, InvalidInput


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.cc.email", "https://api.cc.email"),
        ("https://api.cc.email/", "https://api.cc.email"),
        (" HTTPS://API.CC.EMAIL ", "https://api.cc.email"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://127.0.0.1:8443/", "https://127.0.0.1:8443"),
        ("http://127.1.2.3", "http://127.1.2.3"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_the_api_and_loopback_are_allowed(url: str, origin: str) -> None:
    """Folded to one spelling, so that equal origins have equal stores."""
    assert check_origin(url) == origin
    assert is_loopback(origin) is (origin != API_ORIGIN)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.cc.email",
        "http://api.cc.email",
        "https://api.cc.email:443",
        "https://api.cc.email:8443",
        "https://api.cc.email/v3",
        "https://api.cc.email?x=1",
        "https://api.cc.email#x",
        "https://api.cc.email//",
        "https://user@api.cc.email",
        "https://user:word@127.0.0.1",
        "https://api.cc.email.evil.example",
        "https://evil.example",
        "https://169.254.169.254",
        "http://10.0.0.1",
        "http://0.0.0.0:80",
        "http://[::]:80",
        "http://[fe80::1]",
        "http://[::ffff:8.8.8.8]",
        "http://localhost.evil.example",
        "http://2130706433",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://127.0.0.1:x",
        "http://127.0.0.1\\@evil.example",
        "http://[::1",
        "http://127.0.0.1]:80",
        "http://127.0.0.1 .evil.example",
        "http://127.0.0.1\n.evil.example",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://аpi.cc.email",
    ],
)
def test_any_other_origin_is_refused_and_the_allowed_ones_named(url: str) -> None:
    """Metadata services, other ports, look-alikes, user parts and paths."""
    with pytest.raises(InvalidInput, match="CC290") as caught:
        check_origin(url)
    assert API_ORIGIN in caught.value.diagnostics[0].help
    assert caught.value.exit_code is ExitCode.INVALID


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    """An origin is accepted in its own spelling only."""
    try:
        origin = check_origin(text)
    except InvalidInput:
        return
    assert check_origin(origin) == origin


@pytest.mark.parametrize(
    "text", ["", "x", "https://api.cc.email", "http://example.org", "http://[::1"]
)
def test_what_is_not_loopback_is_not(text: str) -> None:
    """Where safety distances may be shortened, there must be no doubt."""
    assert not is_loopback(text)
