"""The flag that a message offers can be pasted into a shell, whatever the campaign is called."""

import subprocess
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccops.planning.sayings import allow

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
HOSTILE = 'Gala! It\'s "on" $HOME `id` !! \\! "!" \'!\' \\'
SHELL = ("bash", "--norc", "-o", "history", "-o", "histexpand")
"""A bash that looks for `!` as it does where people paste; a fresh one has nothing to find."""


@given(names=st.lists(NAMES, min_size=1, max_size=20))
@example(names=[HOSTILE, "!", "!!", "'!", '"!"', "\\!", "a!b'c"])
@settings(max_examples=25, deadline=None)
def test_a_shell_reads_back_the_name(names: Sequence[str]) -> None:
    """One flag and one value, with nothing expanded."""
    lines = [f"printf '%s\\0' {allow('halted', one)}" for one in names]
    words = subprocess.run(
        SHELL, input="\n".join(lines).encode(), capture_output=True, check=True, timeout=60
    )
    expected = "".join(f"--allow\0halted={one}\0" for one in names)
    assert (words.stdout.decode(), words.stderr) == (expected, b"")


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("Fall Appeal", '--allow halted="Fall Appeal"'),
        ("Gala!", "--allow halted='Gala!'"),
        ("Don't miss it!", """--allow halted='Don'"'"'t miss it!'"""),
    ],
)
def test_the_flag_reads_well(name: str, flag: str) -> None:
    """Double quotes where they do, as everybody writes them."""
    assert allow("halted", name) == flag
