"""The words of a drift: the same in a terminal, in Markdown and in JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import ExitCode
from ccops.planning.drift import Compared, Drift, DriftField, DriftItem, DriftState, Moved, Side
from ccops.render.moment import absolute, moment
from ccops.render.outcome import MEANING
from ccops.render.phrases import counted
from ccops.render.style import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one state is spoken of: what it is, and what it means to a marketer."""

    says: str
    means: str
    meaning: Meaning


WORDING: Mapping[DriftState, Wording] = {
    DriftState.CHANGED: Wording(
        says="changed in Constant Contact",
        means="What goes out, or was sent, is not what git declares.",
        meaning=Meaning.WARNING,
    ),
    DriftState.MISSING: Wording(
        says="declared but missing",
        means="The manifest's campaign is gone, or in the trash. It will not be sent.",
        meaning=Meaning.WARNING,
    ),
    DriftState.UNMANAGED: Wording(
        says="scheduled but not in git",
        means="It goes out, and nobody reviewed it in git.",
        meaning=Meaning.WARNING,
    ),
    DriftState.NEEDS_PERSON: Wording(
        says="needs a person",
        means="Whether it drifted cannot be told.",
        meaning=Meaning.ERROR,
    ),
    DriftState.UNKNOWN: Wording(
        says="outcome unknown",
        means="It is not certain whether a request of ccops took effect.",
        meaning=Meaning.IRREVERSIBLE,
    ),
    DriftState.PENDING: Wording(
        says="not applied yet",
        means="Git was changed, and that was not applied yet. The next apply brings it about.",
        meaning=Meaning.SCHEDULE,
    ),
    DriftState.STALLED: Wording(
        says="stalled",
        means="Its time has passed or is too near, or its send failed. ccops plan says more.",
        meaning=Meaning.UPDATE,
    ),
    DriftState.HALTED: Wording(
        says="halted",
        means="A person stopped it with ccops halt.",
        meaning=Meaning.UNSCHEDULE,
    ),
    DriftState.IN_SYNC: Wording(
        says="in sync", means="Constant Contact has what git declares.", meaning=Meaning.OK
    ),
}

CALM = (DriftState.PENDING, DriftState.STALLED, DriftState.HALTED)
"""What is no drift, and is told all the same."""
UNKNOWN = "not known"
FRESH = (
    "No run ever recorded anything in this store, so nothing tells what ccops applied. Was it"
    " another machine, or another CCOPS_STORE?"
)
PARTIAL = "campaigns that no manifest names were not looked at"

_NONE: Mapping[Compared, str] = {
    Compared.CAMPAIGN: "no such campaign",
    Compared.SEND_AT: "not scheduled",
    Compared.RECIPIENTS: "nobody",
    Compared.SENDS: "no such send",
}


def sides(item: DriftItem, field: DriftField) -> Iterator[tuple[str, str]]:
    """Each side of a difference that there is, by its label, in words."""
    if field.declared is not None or field.compared is not Compared.CONTENT:
        declared = _side(field, field.declared, item.zone)
        yield "declared", "in no manifest" if item.place is None else declared
    known = field.moved is not Moved.UNKNOWN
    yield "applied", _side(field, field.applied, item.zone) if known else UNKNOWN
    yield "live", _side(field, field.live, item.zone)


def _side(field: DriftField, value: Side, zone: str) -> str:
    if value is None:
        return _NONE.get(field.compared, "nothing")
    if isinstance(value, datetime):
        return absolute(value, zone=zone)
    return value if isinstance(value, str) else value.value


def place(item: DriftItem) -> str:
    """Where its manifest stands, as `file:line`; empty without one."""
    return f"{item.place.file}:{item.place.line}" if item.place else ""


def ahead(item: DriftItem, found: Drift) -> str:
    """When the soonest send is on any side, and how long until then; empty when none is ahead."""
    return "" if item.soonest is None else moment(item.soonest, zone=item.zone, now=found.as_of)


def applied(item: DriftItem) -> str:
    """When ccops last wrote to it, in words."""
    if item.applied_at is None:
        return f"{UNKNOWN}: the journal has no line of it"
    return absolute(item.applied_at, zone=item.zone)


def title(found: Drift, code: ExitCode) -> tuple[str, Meaning]:
    """The result in a few words, which alone must not mislead."""
    if code is ExitCode.UNKNOWN:
        return "A person must look", Meaning.IRREVERSIBLE
    if code is ExitCode.BLOCKED:
        return "A person is needed", Meaning.ERROR
    return ("Drift", Meaning.WARNING) if found.drifted else ("No drift", Meaning.OK)


def totals(found: Drift) -> str:
    """For example `3 campaigns: 1 changed in Constant Contact, 1 not applied yet, 1 in sync`."""
    parts = [
        f"{amount:,} {WORDING[state].says}" for state, amount in counts(found).items() if amount
    ]
    if not parts and found.selection:
        parts = ["none is selected now"]
    total = counted(len(found.items) + found.in_sync, "campaign")
    return f"{total}{': ' if parts else ''}{', '.join(parts)}"


def counts(found: Drift) -> Mapping[DriftState, int]:
    """How many campaigns are in each state, every state named."""
    amounts = {state: len(found.of(state)) for state in DriftState}
    return amounts | {DriftState.IN_SYNC: found.in_sync}


def verdict(found: Drift, code: ExitCode) -> str:
    """What the exit code means here."""
    if code is ExitCode.BLOCKED:
        return "a campaign cannot be judged, and a person is needed"
    if code is ExitCode.UNKNOWN:
        return MEANING[code]
    if not found.drifted:
        return "no drift"
    more = "" if code is ExitCode.CHANGES else "; --detailed-exitcode would say so"
    return f"there is drift{more}"
