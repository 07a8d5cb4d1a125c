"""What was found of a campaign that drifted, and what a person can do about it, in words. Pure."""

from collections.abc import Iterator, Sequence

from ccops.planning.drift import Compared, DriftField, DriftState, Moved
from ccops.planning.drift_applied import LastApplied
from ccops.planning.drift_fields import BEING_SENT
from ccops.planning.plan import Change, Verdict

_SEEN_ONLY = frozenset({Compared.CONTENT, Compared.SUBJECT, Compared.FROM})
_WRITTEN = frozenset({Compared.SEND_AT, Compared.RECIPIENTS})
WRITING = "a run of ccops wrote to it while it was read"
_UNSEEN = (
    "it is not as git declares; the journal at hand does not know it, so it cannot be told "
    "whether git or Constant Contact changed"
)
_BOTH = "it was changed in Constant Contact since ccops applied it, and git was changed too"
_ACCOUNT = "it is not as ccops left it, and no commit declares that"


def reason_of(
    state: DriftState, change: Change, fields: Sequence[DriftField], applied: LastApplied | None
) -> str:
    """Say what was found."""
    if state is DriftState.UNKNOWN:
        return "the outcome of a write of ccops is open"
    if state is DriftState.CHANGED:
        told = change.reason if change.verdict.needs_person else ""
        plain = bool(told) and change.verdict is Verdict.UNSCHEDULED_ELSEWHERE
        return "; ".join(filter(None, ("" if plain else _who(fields), told)))
    if state is DriftState.MISSING and applied is not None:
        return f"{change.reason}; ccops has applied it before"
    return change.reason


def _who(fields: Sequence[DriftField]) -> str:
    moved = {one.moved for one in fields}
    if moved.isdisjoint({Moved.ACCOUNT, Moved.BOTH}):
        return _UNSEEN if Moved.UNKNOWN in moved else ""
    return _ACCOUNT if moved.isdisjoint({Moved.GIT, Moved.BOTH}) else _BOTH


def remedy_of(state: DriftState, change: Change, fields: Sequence[DriftField]) -> str:
    """Say what a person can do."""
    match state:
        case DriftState.CHANGED:
            return "; ".join(dict.fromkeys(_ways(change, fields)))
        case DriftState.MISSING:
            return (
                "restore it from the trash in Constant Contact, or name another campaign in the "
                "manifest, or remove the manifest"
            )
        case DriftState.PENDING:
            return change.remedy or "run ccops apply"
        case DriftState.UNKNOWN:
            return "run ccops journal show: it says what is known, and what can be decided"
        case _:
            return change.remedy


def _ways(change: Change, fields: Sequence[DriftField]) -> Iterator[str]:
    kinds = {one.compared for one in fields}
    if any(one.live == BEING_SENT for one in fields):
        yield "find out who sends it; what is being sent cannot be recalled"
    elif Compared.CAMPAIGN in kinds:
        yield "name it back in Constant Contact, or write its new name in the manifest"
    elif Compared.SENDS in kinds:
        yield "find out who sent it"
        yield change.remedy or "run ccops pull, which writes the send into the manifest"
    elif kinds & _WRITTEN or not kinds:
        yield _back(change, fields)
    if kinds & _SEEN_ONLY:
        yield (
            "have the email reviewed as it is now: correct it in Constant Contact, or approve it "
            "by applying another send time"
        )
    if Compared.SUBJECT in kinds or Compared.FROM in kinds:
        yield "or correct `expect`"


def _back(change: Change, fields: Sequence[DriftField]) -> str:
    keep = "to keep what Constant Contact has, run ccops pull"
    if change.verdict.needs_person:
        return f"{keep}; else {change.remedy}"
    back = "to have what git declares, run ccops apply"
    doubt = "" if _who(fields) == _ACCOUNT else "decide which is right: "
    return f"{doubt}{keep}; {back}"
