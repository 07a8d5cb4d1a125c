"""Selectors: which manifests a command is about.

A selector is `KEY:PATTERN` with shell wildcards, or `sends<SPAN`. Several of one key are
alternatives; several keys must all agree. What a manifest says decides about most of them;
`changed:` takes git, `sends<` the server's clock, and `state:` what is live, so that those are
asked at their own time.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import NOW, Desired, Status
from ccops.planning.names import suggest
from ccops.planning.plan import Verdict

KEYS = ("name", "tag", "file", "list")
"""What is asked of a manifest alone, so that every command knows it."""
ALL_KEYS = (*KEYS, "state", "changed", "sends")
STATES = (*Verdict, *(one for one in Status if one is not Status.UNKNOWN))
"""What `state:` knows: the plan's verdicts and Constant Contact's own words. No word is both."""

_SPAN = re.compile(r"sends<([1-9][0-9]{0,3})([dh])", re.ASCII)
_FORMS = (
    "write name:PATTERN, tag:PATTERN, file:PATTERN, list:PATTERN, state:PATTERN, changed:COMMIT "
    "or sends<SPAN, like name:Spring* or sends<48h"
)


class NothingSelected(InvalidInput):
    """A selection matches no campaign (CC287)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What differs from a commit: files relative to the workspace, by `/`.

    `files`: manifests that differ, or that `ccops.lock` reads otherwise. `lock`: that differs.
    `all`: something differs that all manifests depend on. `deleted`: manifests that are no more.
    """

    files: frozenset[str]
    deleted: tuple[str, ...] = ()
    lock: bool = False
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Selectors, read. `texts` are they as written; `patterns` those of one key together.

    `within` is the widest span of `sends<`; None without one.
    """

    texts: tuple[str, ...] = ()
    patterns: Mapping[str, tuple[str, ...]]
    within: timedelta | None = None

    def of(self, key: str) -> tuple[str, ...]:
        """The patterns of one key."""
        return self.patterns.get(key, ())


EVERYTHING = Selection(patterns={})
"""No selector: all manifests."""


def parse(selectors: Iterable[str], keys: Sequence[str] = ALL_KEYS) -> Selection:
    """Read selectors, of which the command knows `keys`. Raises InvalidInput CC286."""
    texts, patterns, spans = tuple(selectors), dict[str, tuple[str, ...]](), []
    for text in texts:
        span = _SPAN.fullmatch(text)
        key, _, pattern = ("sends", "<", text) if span else text.partition(":")
        if key not in ALL_KEYS or not pattern or (key == "sends") is not (span is not None):
            raise _no_selector(f"{text!r} is no selector", _FORMS)
        if key not in keys:
            known = ", ".join(f"{one}:" for one in keys)
            raise _no_selector(f"{text!r} cannot be asked here", f"this command knows {known}")
        if span:
            amount = int(span[1])
            spans.append(timedelta(days=amount) if span[2] == "d" else timedelta(hours=amount))
        if key == "state":
            _check_state(pattern)
        patterns[key] = (*patterns.get(key, ()), pattern)
    return Selection(texts=texts, patterns=patterns, within=max(spans, default=None))


def _check_state(pattern: str) -> None:
    """Refuse a word that no campaign is ever in; what has wildcards may match nothing today."""
    if any(char in pattern for char in "*?[") or pattern.lower() in STATES:
        return
    guess = suggest(pattern, STATES) or f"the states are {', '.join(STATES)}"
    raise _no_selector(f"'state:{pattern}' is no selector: there is no such state", guess)


def _no_selector(message: str, remedy: str) -> InvalidInput:
    return InvalidInput(Diagnostic(code="CC286", message=message, help=remedy))


def select(desired: Sequence[Desired], selectors: Sequence[str]) -> tuple[Desired, ...]:
    """Return the manifests that all selectors agree on, in their order.

    For commands that know only what a manifest says.

    Raises:
        InvalidInput: CC286 no selector, or none for such a command; CC287 nothing is selected.
    """
    return chosen(desired, parse(selectors, KEYS))


def chosen(
    desired: Sequence[Desired], selection: Selection, changed: Mapping[str, Changed] | None = None
) -> tuple[Desired, ...]:
    """Return the manifests that the selectors agree on, as far as no account is needed.

    `changed` holds what differs, by each commit that a `changed:` names.

    Raises:
        InvalidInput: CC287 nothing is selected.
    """
    differing = tuple((changed or {})[ref] for ref in selection.of("changed"))
    found = tuple(
        one
        for one in desired
        if all(_says(one, key, selection.of(key)) for key in KEYS)
        and (not differing or any(_in(one, these) for these in differing))
    )
    deleted = sorted({name for these in differing for name in these.deleted})
    return _some(found, selection, _of_deleted(deleted))


def refuse_unmatched(desired: Sequence[Desired], selection: Selection) -> None:
    """Refuse selectors that match nothing by themselves: that is a mistake, and remains one.

    That `sends<`, `state:` or `changed:` leave nothing of it may be so at this hour. Raises
    InvalidInput CC287.
    """
    chosen(desired, parse(one for one in selection.texts if one.partition(":")[0] in KEYS))


def _in(desired: Desired, changed: Changed) -> bool:
    return changed.all or desired.place.file in changed.files


def _of_deleted(deleted: Sequence[str]) -> str:
    if not deleted:
        return ""
    return f"{', '.join(deleted)} was deleted, and a removed manifest never writes anything; "


def due(desired: Sequence[Desired], selection: Selection, now: datetime) -> tuple[Desired, ...]:
    """Return those of the manifests whose next declared send comes within the span of `sends<`.

    `now` is the server's clock, UTC. Declared times that have passed do not count: `state:missed`
    finds them.

    Raises:
        InvalidInput: CC287 nothing is selected.
    """
    within = selection.within
    if within is None:
        return tuple(desired)
    return _some(tuple(one for one in desired if _soon(one, now, within)), selection)


def _soon(desired: Desired, now: datetime, within: timedelta) -> bool:
    moments = (now if one.when is NOW else one.when for one in desired.sends)
    return any(now <= one <= now + within for one in moments)


def in_state(selection: Selection, verdict: Verdict, status: Status | None) -> bool:
    """Whether `state:` means a campaign of this verdict and live status (None: it has none)."""
    words = (str(verdict),) if status is None else (str(verdict), str(status))
    patterns = tuple(one.lower() for one in selection.of("state"))
    return not patterns or _matches(words, patterns)


def require_some(found: Sequence[object], selection: Selection) -> None:
    """Refuse it when no campaign is in a state that is selected (InvalidInput CC287)."""
    if not found and selection.of("state"):
        raise NothingSelected(_nothing(selection, ""))


def _some(found: tuple[Desired, ...], selection: Selection, why: str = "") -> tuple[Desired, ...]:
    if found or not selection.texts:
        return found
    raise NothingSelected(_nothing(selection, why))


def _nothing(selection: Selection, why: str) -> Diagnostic:
    return Diagnostic(
        code="CC287",
        message=f"no manifest matches {' and '.join(selection.texts)}",
        help=f"{why}a selection of nothing is a mistake: check the spelling, upper and lower case",
    )


def _says(desired: Desired, key: str, patterns: Sequence[str]) -> bool:
    return not patterns or _matches(_texts(desired, key), patterns)


def _texts(desired: Desired, key: str) -> tuple[str, ...]:
    match key:
        case "tag":
            return desired.tags
        case "list":
            return tuple(one.name or one.id or "" for one in desired.references)
        case "file":
            return (desired.place.file,)
        case _:
            return (desired.campaign,)


def _matches(texts: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern) for text in texts for pattern in patterns)
