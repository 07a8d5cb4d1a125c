"""The words for two versions of a workspace: the same in a terminal and in Markdown."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import assert_never

from ccops.model import Now
from ccops.planning.based import Comparison, Concern, Kind, ManifestChange, Notice
from ccops.planning.declared import Difference, Item
from ccops.render.moment import absolute, duration, moment
from ccops.render.phrases import counted, joined

SYMBOLS: Mapping[Kind, str] = {
    Kind.ADDED: "+",
    Kind.REMOVED: "-",
    Kind.CHANGED: "~",
    Kind.UNKNOWN: "?",
}
SAYS: Mapping[Kind, str] = {
    Kind.ADDED: "added",
    Kind.REMOVED: "removed",
    Kind.CHANGED: "changed",
    Kind.UNKNOWN: "counts as changed: what it was is not known",
}
OFFLINE = "No account was read: what an apply would do, only a plan with a login can say."

Row = tuple[str, str, str]
"""One value of a field: its symbol, the field's path, the value in words."""


def symbol(change: ManifestChange) -> str:
    """`!` for a send that nobody can stop, else what became of the manifest."""
    return "!" if change.irreversible else SYMBOLS[change.kind]


def rows(change: ManifestChange, *, now: datetime) -> tuple[Row, ...]:
    """Each value that is gone, and each that is new, field by field."""
    return tuple(row for one in change.fields for row in _rows(one, change.zone, now))


def around(comparison: Comparison) -> tuple[Row, ...]:
    """The same of `ccops.yaml` and `ccops.lock`."""
    zone, now = comparison.zone, comparison.now
    return tuple(row for one in comparison.workspace for row in _rows(one, zone, now))


def _rows(one: Difference, zone: str, now: datetime) -> Iterator[Row]:
    if one.before == one.after:
        yield "~", one.path, "differs"
        return
    for gone in one.removed:
        yield "-", one.path, _value(gone, zone, now)
    for new in one.added:
        yield " " if one.before is None else "+", one.path, _value(new, zone, now)


def _value(item: Item, zone: str, now: datetime) -> str:
    match item:
        case Now():
            return "now"
        case datetime():
            return moment(item, zone=zone, now=now)
        case _:
            return item


def notice(one: Notice, change: ManifestChange, comparison: Comparison) -> str:
    """What a reviewer must know, in one sentence."""
    when = "" if one.when is None else absolute(one.when, zone=change.zone)
    match one.concern:
        case Concern.SENDS_AT_ONCE:
            return "`now`: applied with its own permission, it is sent at once; no one can undo it"
        case Concern.MISSED:
            return f"missed: {when} has passed; what was not sent by then is never sent late"
        case Concern.TOO_LATE:
            lead = duration(comparison.lead)
            return f"too late: {when} is less than {lead} away; it can no longer be scheduled"
        case Concern.UNSCHEDULES:
            return "it declared a send and declares none now: it will NOT be sent"
        case Concern.UNMANAGED:
            return (
                "becomes unmanaged: nothing is written; if it is scheduled, it still goes out "
                "(to stop it, declare `send_at: unscheduled` instead)"
            )
        case _:
            assert_never(one.concern)


def base(comparison: Comparison) -> str:
    """What it was compared with: `4f2c9ab1c0ff (origin/main)`."""
    short = comparison.base.commit[:12]
    ref = comparison.base.ref
    return short if comparison.base.commit.startswith(ref) else f"{short} ({ref})"


def verdict(comparison: Comparison) -> str:
    """For example `2 manifests differ: 1 added and 1 removed. 7 as before`, with a full stop."""
    found = comparison.manifests
    kinds = [
        f"{len(comparison.of(kind)):,} {word}"
        for kind, word in _COUNTS.items()
        if comparison.of(kind)
    ]
    same = f" {comparison.unchanged:,} as before." if comparison.unchanged else ""
    if not found:
        return f"No manifest differs.{same}"
    verb = "differs" if len(found) == 1 else "differ"
    return f"{counted(len(found), 'manifest')} {verb}: {joined(kinds)}.{same}"


_COUNTS = {
    Kind.ADDED: "added",
    Kind.CHANGED: "changed",
    Kind.REMOVED: "removed",
    Kind.UNKNOWN: "of which it is not known what they were",
}
