"""Go on where something failed: the failure becomes a value, or a check."""

from collections.abc import Callable
from typing import TypeVar

from ccops.errors import CcopsError
from ccops.render.checks import Check, Subject, refused

Found = TypeVar("Found")


def attempt(make: Callable[[], Found]) -> Found | CcopsError:
    """Return what is made, or the error that making it ended with."""
    try:
        return make()
    except CcopsError as error:
        return error


def checked(subject: Subject, make: Callable[[], Check]) -> Check:
    """Return the check that is made, or one that says with which error making it ended."""
    found = attempt(make)
    return refused(subject, found) if isinstance(found, CcopsError) else found
