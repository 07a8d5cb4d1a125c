"""INV-21: a secret can be used and cannot be shown."""

import copy
import pickle

import pytest

from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied

CANARY = "canary.eyJhbGciOi"


def test_a_secret_is_revealed_on_request_alone() -> None:
    """Not by printing, formatting or listing it."""
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>10}", repr({"token": secret})]
    assert not any(CANARY in text for text in shown)
    assert str(secret) == "***"


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_copied(leave: object) -> None:
    """Nor written to a file by something that writes everything."""
    assert callable(leave)
    with pytest.raises(TypeError) as caught:
        leave(Secret(CANARY))
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", " ", f"{CANARY}\n", f"{CANARY}\r\nX-Evil: 1", f"Bearer {CANARY}", f"{CANARY}é"]
)
def test_what_no_token_holds_is_refused_without_repeating_it(text: str) -> None:
    """A line break in a header would be quoted by the library's own error."""
    with pytest.raises(AccessDenied, match="CC525") as caught:
        Secret(text)
    assert CANARY not in str(caught.value)
