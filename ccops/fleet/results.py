"""The last result of each account, kept on this machine: for `--resume`, and for `fleet status`.

It is a note and no journal: what is missing or damaged is done again, which changes nothing.
"""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ccops.errors import CcopsError, ExitCode
from ccops.fleet.budget import Work
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.planning.canonical import digest
from ccops.store.naming import fingerprint

_MOST = 1024 * 1024
_FOLDER = "fleet"


LASTS = timedelta(hours=24)
"""How long a result may save doing a thing again: as long as a plan may be applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a job ended, and when (UTC). `digest` is that of the work (`digest_of`)."""

    outcome: Outcome
    digest: str
    at: datetime


def digest_of(work: Work, left: str = "") -> str:
    """Return what two runs share in which an account has the same to do, from the same files.

    `left` says what is left of it: the checksum of the plan that was saved.
    """
    return digest([replace(work.job, earliest=None).to_json(), work.mark, left])


def keep(state: Path, result: Result) -> None:
    """Replace the account's last result of this action. Raises OSError."""
    folder = state / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(_text(result))
        Path(name).replace(_path(state, result.outcome.job))
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def last(state: Path, job: Job) -> Result | None:
    """Return the last result of this job's account and action; None: none that can be read."""
    path = _path(state, job)
    with suppress(OSError, ValueError, KeyError, TypeError, CcopsError):
        if path.stat().st_size <= _MOST:
            return _result(path.read_text(encoding="utf-8"))
    return None


def done(state: Path, work: Work, now: datetime, left: str = "") -> Outcome | None:
    """Return how the same work ended in a run that is not long past, if it ended well.

    `left` is what is there of it now; it must be what that run left.
    """
    found = last(state, work.job)
    if found is None or found.digest != digest_of(work, left) or not now - LASTS < found.at <= now:
        return None
    return found.outcome if found.outcome.exit_code is ExitCode.DONE else None


def newest(state: Path, origin: str, account: str) -> Result | None:
    """Return the newest result of an account, whatever was done."""
    jobs = (Job(workspace="", action=one, account=account, origin=origin) for one in Action)
    found = [one for one in (last(state, job) for job in jobs) if one]
    return max(found, key=lambda one: one.at, default=None)


def _path(state: Path, job: Job) -> Path:
    return state / _FOLDER / f"{fingerprint(job.origin, job.account, job.action)[:32]}.json"


def _text(result: Result) -> str:
    return json.dumps(
        {
            "at": result.at.astimezone(UTC).isoformat(),
            "digest": result.digest,
            "outcome": result.outcome.to_json(),
        }
    )


def _result(text: str) -> Result:
    found = json.loads(text)
    return Result(
        outcome=Outcome.from_json(found["outcome"]),
        digest=str(found["digest"]),
        at=datetime.fromisoformat(found["at"]).astimezone(UTC),
    )
