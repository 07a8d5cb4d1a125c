"""`ccops init`: what it writes is valid, and what would not be is refused before it is written."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ccops.cli import run
from ccops.errors import InvalidInput
from ccops.session.founded import workspace_text
from ccops.session.validated import validated

ZONE = "America/New_York"


def begin(folder: Path, account: str, zone: str) -> int:
    return run(["init", str(folder), "--account", account, "--timezone", zone])


@pytest.mark.parametrize(
    ("account", "zone", "said"),
    [
        ("p", "EST", "error[CC112]: `EST` is not a time zone of the form Area/City\n"),
        ("p", "America/New_Yrok", "help: did you mean `America/New_York`?"),
        ("p", "", "error[CC104]: `timezone` is empty\n"),
        ("p #x", ZONE, "error[CC109]: `account` must be an encoded_account_id\n"),
        ("a\nguards: {}", ZONE, "error[CC109]: `account` must be an encoded_account_id\n"),
    ],
)
def test_what_validate_refuses_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], account: str, zone: str, said: str
) -> None:
    """With the words that `validate` has for it; no file is left behind."""
    assert begin(tmp_path / "w", account, zone) == 3
    told = capsys.readouterr()
    assert (told.out, said in told.err, "-->" in told.err) == ("", True, False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("account", ["p07e1l8cdif9dl", "12345", "y", "null", "1e5", "0x1F", "-"])
def test_what_is_written_is_valid(tmp_path: Path, account: str) -> None:
    """Also an account whose id looks like a number, or like a truth value."""
    assert begin(tmp_path, account, ZONE) == 0
    assert validated(tmp_path, None).campaigns == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == [".ccops", "campaigns", "ccops.yaml"]


@given(st.text(max_size=20), st.sampled_from([ZONE, "UTC", "EST", "x: y", "a #b"]))
@example("p", ZONE)
def test_a_first_file_holds_what_was_asked_or_there_is_none(account: str, zone: str) -> None:
    """No word can add a key, or begin a comment."""
    try:
        text = workspace_text(account, zone)
    except InvalidInput:
        return
    assert account.isascii()
    assert (text.count("\n"), zone) in {(4, ZONE), (4, "UTC")}
