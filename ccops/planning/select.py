"""Selectors: which manifests a command is about."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import Desired

KEYS = ("name", "tag", "file")


def select(desired: Sequence[Desired], selectors: Sequence[str]) -> tuple[Desired, ...]:
    """Return the manifests that all kinds of selectors agree on, in their order.

    A selector is `KEY:PATTERN` with shell wildcards. Several of one key are alternatives.

    Raises:
        InvalidInput: CC286 no selector, CC287 nothing is selected.
    """
    wanted = _by_key(selectors)
    chosen = tuple(
        one
        for one in desired
        if all(_matches(_texts(one, key), patterns) for key, patterns in wanted.items())
    )
    if chosen or not selectors:
        return chosen
    raise InvalidInput(
        Diagnostic(
            code="CC287",
            message=f"no manifest matches {' and '.join(selectors)}",
            help="a selection of nothing is a mistake: check the spelling, upper and lower case",
        )
    )


def _by_key(selectors: Iterable[str]) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for selector in selectors:
        key, separator, pattern = selector.partition(":")
        if key not in KEYS or not separator or not pattern:
            message = f"{selector!r} is no selector"
            remedy = "write name:PATTERN, tag:PATTERN or file:PATTERN, like name:Spring*"
            raise InvalidInput(Diagnostic(code="CC286", message=message, help=remedy))
        wanted.setdefault(key, []).append(pattern)
    return wanted


def _texts(desired: Desired, key: str) -> tuple[str, ...]:
    if key == "tag":
        return desired.tags
    return (desired.campaign,) if key == "name" else (desired.place.file,)


def _matches(texts: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern) for text in texts for pattern in patterns)
