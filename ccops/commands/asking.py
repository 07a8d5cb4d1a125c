"""Ask the person at the terminal. A question that cannot be shown counts as declined."""

import sys

import click

from ccops.commands.output import tell


def attended() -> bool:
    """Say whether somebody can be asked: questions stand on stderr, and stdin answers."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def says_yes(question: str) -> bool:
    """Return whether the answer is a yes. Enter alone is a no."""
    try:
        return click.confirm(question, err=True) and attended()
    except OSError:  # the terminal is gone
        return False


def typed(question: str, wanted: str, *, otherwise: str) -> bool:
    """Return whether `wanted` was typed; if not, tell what was, and `otherwise`: what is not done.

    Blanks around it do not count.
    """
    try:
        answer: str = click.prompt(question, err=True)
    except OSError:  # the terminal is gone
        answer = ""
    if answer.strip() == wanted.strip() and attended():
        return True
    tell(f"{otherwise}: {answer!r} was typed, and not {wanted!r}.")
    return False
