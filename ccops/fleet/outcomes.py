"""A job as a command line, and what that command answered as an outcome."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from ccops.applying.report import Ending
from ccops.errors import ExitCode
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.model import JsonObject
from ccops.planning.drift import DriftState
from ccops.planning.plan import Verdict
from ccops.render.phrases import counted

_VALID = re.compile(r"Valid: ([0-9,]+) campaigns? in ([0-9,]+) files?\.\s*")
_ERROR = re.compile(r"(?:.+?: )?error (CC[0-9]{3}: .*)")
_QUIET = frozenset({Ending.DONE, Ending.NOTHING})
_SIGNALS = {2: ExitCode.INTERRUPTED, 15: ExitCode.TERMINATED}
_LONGEST = 300
_NO_MATCH = "CC287: "
_SAID = {str(Ending.NOTHING): "unchanged"}
"""Another word for one that reads badly behind a number."""
UNSELECTED = "nothing selected"
"""The summary of an account in which no campaign matches; in a fleet that is no mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended; `code` is negative when a signal ended it, as `subprocess` has it.

    `overdue`: it was ended because it took longer than so many seconds; None: it was not.
    """

    code: int
    out: str
    err: str
    overdue: float | None = None


def command_line(job: Job) -> tuple[str, ...]:
    """Return the words after `ccops` that do the job: any account can be run by hand like this."""
    words = ("--plain", "--color", "never", job.action, "-C", job.workspace)
    origin = ("--base-url", job.origin)
    selected = tuple(word for one in job.selectors for word in ("--select", one))
    locked = ("--locked",) if job.locked else ()
    match job.action:
        case Action.VALIDATE:
            return (*words, *origin)
        case Action.PLAN:
            saved = () if job.plan_file is None else ("--save", job.plan_file)
            return (*words, *origin, *selected, *locked, "--format", "json", *saved)
        case Action.APPLY:
            checksum = ("--checksum", job.checksum or "")
            return (*words, *origin, "--format", "json", *checksum, "--", job.plan_file or "")
        case Action.DRIFT:
            return (*words, *origin, *selected, *locked, "--format", "json")
        case _:
            assert_never(job.action)


def outcome(job: Job, ended: Ended) -> Outcome:
    """Read what the command said. What it did not say is never taken for success."""
    code = _code(ended.code)
    if code is ExitCode.INVALID and job.selectors and _errors(ended).startswith(_NO_MATCH):
        return Outcome(job=job, exit_code=ExitCode.DONE, summary=UNSELECTED, verdicts={})
    said = _said(job.action, ended.out)
    if code is ExitCode.DONE and said is None:
        return failure(job, ExitCode.UNEXPECTED, "it ended well and gave no result")
    verdicts, reason = said or ({}, "")
    if code is ExitCode.DONE and job.action is Action.APPLY and reason:
        return failure(job, ExitCode.UNEXPECTED, f"it ended well and its result does not: {reason}")
    return Outcome(
        job=job,
        exit_code=code,
        verdicts=verdicts,
        summary=summary(job.action, verdicts) if said else "no result",
        reason="" if code is ExitCode.DONE else _first(_errors(ended), reason, _ending(ended)),
    )


def failure(job: Job, code: ExitCode, reason: str) -> Outcome:
    """Return the outcome of a job that gave no result."""
    return Outcome(job=job, exit_code=code, summary="no result", verdicts={}, reason=reason)


def differs(one: Outcome) -> bool:
    """Whether a plan has changes, or a drift shows some: what `--detailed-exitcode` asks."""
    match one.job.action:
        case Action.PLAN:
            return any(Verdict(word).writes for word in one.verdicts)
        case Action.DRIFT:
            return any(DriftState(word).is_drift for word in one.verdicts)
        case _:
            return False


def summary(action: Action, verdicts: Mapping[str, int]) -> str:
    """Put the counts into words, like "1 schedule, 12 in-sync"."""
    if action is Action.VALIDATE:
        return counted(verdicts["valid"], "campaign")
    words = (f"{amount:,} {_SAID.get(word, word)}" for word, amount in verdicts.items())
    return ", ".join(words) or "no campaign"


def _code(code: int) -> ExitCode:
    """An exit code that was not to be expected is a crash; a signal may end what hears none.

    2 is given with `--detailed-exitcode` alone, which no job has; Python's own usage errors are 2.
    """
    if code < 0:
        return _SIGNALS.get(-code, ExitCode.UNEXPECTED)
    known = code in set(ExitCode) - {ExitCode.CHANGES}
    return ExitCode(code) if known else ExitCode.UNEXPECTED


def _said(action: Action, out: str) -> tuple[Mapping[str, int], str] | None:
    """Return the counts and the first reason in what a command wrote; None: it gave no result."""
    if action is Action.VALIDATE:
        valid = _VALID.fullmatch(out)
        return ({"valid": int(valid[1].replace(",", ""))}, "") if valid else None
    try:
        return _READERS[action](json.loads(out))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _of_plan(found: JsonObject) -> tuple[Mapping[str, int], str]:
    blocking = [one["diagnostic"] for one in _rows(found, "findings") if one["blocking"]]
    guards = (_text(_record(one), "message") for one in blocking)
    waiting = (
        f"{_text(one, 'campaign')}: {_text(one, 'reason')}"
        for one in _rows(found, "changes")
        if Verdict(_text(one, "verdict")).needs_person
    )
    return _counts(_record(_record(found["summary"])["verdicts"]), Verdict), _first(
        *guards, *waiting
    )


def _of_drift(found: JsonObject) -> tuple[Mapping[str, int], str]:
    reasons = (f"{_text(one, 'campaign')}: {_text(one, 'found')}" for one in _rows(found, "items"))
    return _counts(_record(found["counts"]), DriftState), _first(*reasons)


def _of_report(found: JsonObject) -> tuple[Mapping[str, int], str]:
    rows = _rows(found, "results")
    endings = Counter(_text(one, "ending") for one in rows)
    reasons = (
        f"{_text(one, 'campaign')}: {_text(one, 'detail') or _text(one, 'reason')}"
        for one in sorted(rows, key=lambda one: one["ending"] != Ending.UNKNOWN)
        if Ending(_text(one, "ending")) not in _QUIET
    )
    return _counts(endings, Ending), _first(*reasons)


_READERS = {Action.PLAN: _of_plan, Action.DRIFT: _of_drift, Action.APPLY: _of_report}


def _counts(
    found: Mapping[str, object], words: type[Verdict] | type[DriftState] | type[Ending]
) -> Mapping[str, int]:
    """Keep what was counted at all, in our own order; a word that is none of ours is no result."""
    if not set(found) <= {str(one) for one in words}:
        raise ValueError("words of another ccops")
    amounts = ((str(one), found.get(str(one), 0)) for one in words)
    return {word: amount for word, amount in amounts if isinstance(amount, int) and amount}


def _rows(found: JsonObject, key: str) -> Sequence[JsonObject]:
    rows = found[key]
    if not isinstance(rows, list):
        raise TypeError(key)
    return [_record(one) for one in rows]


def _record(value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _text(owner: JsonObject, key: str) -> str:
    value = owner[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _errors(ended: Ended) -> str:
    """Return the first error on stderr, which `--plain` writes on one line."""
    found = (_ERROR.fullmatch(one) for one in ended.err.splitlines())
    return next((one[1] for one in found if one), "")


def _ending(ended: Ended) -> str:
    if ended.code < 0:
        return f"its process was ended by signal {-ended.code}"
    lines = [one for one in ended.err.splitlines() if one.strip()]
    # Below a traceback stands a line that asks for a report: what happened is above it.
    last = lines[-2:-1] if ended.code == ExitCode.UNEXPECTED else lines[-1:]
    return last[0] if last else f"it ended with exit code {ended.code} and said nothing"


def _first(*reasons: str) -> str:
    return next((one[:_LONGEST] for one in reasons if one), "")
