"""The cache of a workspace: what the last plan read of the account."""

from pathlib import Path

from ccops import __version__
from ccops.errors import Diagnostic, InvalidInput, Severity
from ccops.planning.cache import Cache
from ccops.planning.cachefile import from_text, to_text
from ccops.session.caching import read_cached, write_cached

CACHE_FILE = ".ccops/cache/account.json"
"""Where it stands, relative to the workspace; beside it a file that tells git to leave it out."""
MAX_CACHE_BYTES = 16 * 1024 * 1024
"""Some 15,000 campaigns."""


def read_cache(root: Path, *, account: str, origin: str) -> Cache:
    """Read the cache of a workspace, if it is of this account, this origin and this ccops.

    Raises:
        InvalidInput: CC220, there is none that can be used; with the reason.
    """
    try:
        text = read_cached(root, CACHE_FILE, MAX_CACHE_BYTES)
        return from_text(text, account=account, origin=origin, version=__version__)
    except FileNotFoundError:
        raise _unusable("there is none yet") from None
    except OSError as error:
        raise _unusable(error.strerror or "it cannot be read") from error
    except ValueError as error:
        raise _unusable(str(error)) from error


def write_cache(root: Path, cache: Cache) -> None:
    """Put a cache in the place of the workspace's, for its owner's eyes.

    Raises:
        InvalidInput: CC221 (a warning), it cannot be written, or is larger than ccops would read.
    """
    text = to_text(cache, version=__version__).encode("ascii")
    try:
        if len(text) > MAX_CACHE_BYTES:
            raise ValueError("it would be larger than ccops would read again")  # noqa: TRY301 - told as the others
        write_cached(root, CACHE_FILE, text)
    except OSError as error:
        raise _unwritten(error.strerror or "it cannot be replaced") from error
    except ValueError as error:
        raise _unwritten(str(error)) from error


def _unusable(why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC220",
            message=f"the cache {CACHE_FILE} cannot be used: {why}",
            help="run `ccops plan` once with a login to the account: it writes the cache",
        )
    )


def _unwritten(why: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC221",
            message=f"the cache {CACHE_FILE} cannot be written: {why}",
            severity=Severity.WARNING,
            help="the plan is complete without it; the next one reads everything again",
        )
    )
