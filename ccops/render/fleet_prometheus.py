"""How a fleet stands, as Prometheus reads it: the text exposition format, version 0.0.4."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ccops.render.escape import log_line, visible
from ccops.render.fleet_status import AccountStatus, StatusView

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """A gauge: its name, what it means, and a value for each set of labels."""

    name: str
    meaning: str
    samples: tuple[tuple[Labels, float], ...]


def status_prometheus(view: StatusView) -> str:
    """One gauge a line for each account and key; a family without a sample is left out."""
    return "".join(f"{text}\n" for one in _families(view) for text in _lines(one))


def _families(view: StatusView) -> Iterator[_Family]:
    yield _gauge("accounts", "Workspaces of the fleet.", [({}, len(view.accounts))])
    yield _each(view, "open_writes", "Writes whose outcome is open.", lambda a: len(a.open_writes))
    yield _each(view, "unknown_writes", "Writes a person must look at.", lambda a: len(a.unknown))
    yield _each(view, "halted_campaigns", "Campaigns that are halted.", lambda a: len(a.halted))
    yield _each(view, "unreadable", "1: nothing is known of it.", lambda a: int(bool(a.trouble)))
    ended = [(_last(one), int(one.last.exit_code)) for one in view.accounts if one.last]
    yield _gauge("last_exit_code", "The exit code of the newest run on this machine.", ended)
    times = [(_last(one), one.last.at.timestamp()) for one in view.accounts if one.last]
    yield _gauge("last_run_timestamp_seconds", "When that run ended, Unix time.", times)
    used = [({"key": one.key}, one.used) for one in view.keys]
    yield _gauge("requests_used", "Requests of an API key, this UTC day.", used)
    limits = [({"key": one.key}, one.limit) for one in view.keys]
    yield _gauge("requests_limit", "Requests that an API key may make in a UTC day.", limits)


def _each(
    view: StatusView, name: str, meaning: str, value: Callable[[AccountStatus], int]
) -> _Family:
    return _gauge(name, meaning, [(_labels(one), value(one)) for one in view.accounts])


def _labels(one: AccountStatus) -> Labels:
    return {"account": one.account, "workspace": one.name}


def _last(one: AccountStatus) -> Labels:
    return {**_labels(one), "action": one.last.action if one.last else ""}


def _gauge(name: str, meaning: str, samples: Iterable[tuple[Labels, float]]) -> _Family:
    return _Family(name=f"ccops_fleet_{name}", meaning=meaning, samples=tuple(samples))


def _lines(family: _Family) -> Iterator[str]:
    if family.samples:
        yield f"# HELP {family.name} {family.meaning}"
        yield f"# TYPE {family.name} gauge"
    for labels, value in family.samples:
        pairs = ",".join(f'{name}="{label(text)}"' for name, text in labels.items())
        yield f"{family.name}{f'{{{pairs}}}' if pairs else ''} {value:.0f}"


def label(text: str) -> str:
    """Foreign text as a label's value: what is invisible is shown, then the format's own escapes.

    Of those there are three: backslash, quote and line feed (exposition_formats.md).
    """
    shown = log_line(visible(text)).replace("\\", "\\\\").replace('"', '\\"')
    return shown.replace("\n", "\\n")
