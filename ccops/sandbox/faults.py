"""Scripted misfortune: which request meets it, how often, and what kind there is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

KINDS: dict[str, bool] = {
    "refuse": False,
    "delay": True,
    "delay_after": True,
    "drop_before": False,
    "drop_after": True,
    "throttled": False,
    "quota_exceeded": False,
    "500_before": False,
    "502_before": False,
    "503_before": False,
    "500_after": True,
    "502_after": True,
    "503_after": True,
    "truncate": True,
    "html": False,
    "html502": False,
    "expire_token": False,
    "late": False,
    "redirect": False,
}
"""Each kind, and whether the request takes effect (for `late`: at once)."""


class ConnectionCutError(ConnectionError):
    """The connection ends here without an answer; the server closes it, in-process it is raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A misfortune waiting. It lets `after` matching requests pass, then hits `times` of them.

    `seconds` is the delay, or for `late` how much later the effect comes; `location` is where a
    redirect points; `effect` is whether the request is carried out.
    """

    number: int
    kind: str
    effect: bool
    method: str = "*"
    path: str = "*"
    times: int = 1
    after: int = 0
    seconds: float = 0
    location: str = "https://elsewhere.example/"


def matches(fault: Fault, method: str, path: str) -> bool:
    """Whether a request meets the fault's method and path.

    A path pattern is a glob or a regular expression of the whole path; a regular expression that
    starts with `^` or ends with `$` may be found anywhere.
    """
    if fault.method not in {"*", method}:
        return False
    return fnmatchcase(path, fault.path) or _matches_regex(fault.path, path)


def _matches_regex(pattern: str, path: str) -> bool:
    try:
        if pattern.startswith("^") or pattern.endswith("$"):
            return re.search(pattern, path) is not None
        return re.fullmatch(pattern, path) is not None
    except re.error:
        return False


def take(faults: dict[int, Fault], method: str, path: str) -> Fault | None:
    """Return the fault that hits this request, and count it down; the oldest one wins."""
    hit: Fault | None = None
    for number, fault in list(faults.items()):
        if not matches(fault, method, path):
            continue
        if fault.after > 0:
            faults[number] = replace(fault, after=fault.after - 1)
        elif hit is None:
            hit = fault
            faults[number] = replace(fault, times=fault.times - 1)
    for number in [number for number, fault in faults.items() if fault.times <= 0]:
        del faults[number]
    return hit


def read_fault(number: int, document: Mapping[str, object]) -> Fault:
    """Read `{"match": {"method", "path"}, "fault": kind, "times", "after", …}`.

    Raises:
        ValueError: an unknown key or kind, or a value of the wrong type.
    """
    unknown = set(document) - {"match", "fault", "times", "after", "seconds", "location", "effect"}
    match = document.get("match", {})
    if unknown or not isinstance(match, dict) or set(match) - {"method", "path"}:
        raise ValueError("a fault has match {method, path}, fault, times, after, seconds, …")
    kind = _kind(document.get("fault"))
    effect = document.get("effect", KINDS[kind])
    return Fault(
        number=number,
        kind=kind,
        effect=effect is True,
        method=str(match.get("method", "*")).upper(),
        path=str(match.get("path", "*")),
        times=int(_amount(document, "times", 1)),
        after=int(_amount(document, "after", 0)),
        seconds=_amount(document, "seconds", 0),
        location=str(document.get("location", "https://elsewhere.example/")),
    )


def _kind(value: object) -> str:
    kind = str(value).removeprefix("429 ").replace(" ", "_")
    kind = f"{kind}_before" if kind in {"500", "502", "503"} else kind
    if kind not in KINDS:
        raise ValueError(f"no fault {value!r}; there are {', '.join(KINDS)}")
    return kind


def _amount(document: Mapping[str, object], name: str, default: float) -> float:
    value = document.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ValueError(f"{name} is a number, 0 or more")
    return value
