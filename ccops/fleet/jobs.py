"""A job: one command on one account, as a value that a queue can keep; and what became of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ccops.errors import Diagnostic, ExitCode, InvalidInput

FORMAT_VERSION = 1
_SHOWN = 80


class Action(StrEnum):
    """What is done with one account: the command of the same name."""

    VALIDATE = "validate"
    PLAN = "plan"
    APPLY = "apply"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One command on one account.

    `workspace` is an absolute folder, `origin` the API's. `plan_file` is an absolute path: what
    `plan` saves to (None: nowhere), and what `apply` applies; it applies no other plan than the
    one with `checksum`. `earliest` is the soonest send that the job is about, UTC; None: unknown.
    It decides about the order and about nothing else. `locked`: `plan` and `drift` refuse every
    name that `ccops.lock` does not pin.
    """

    workspace: str
    action: Action
    account: str
    origin: str
    selectors: tuple[str, ...] = ()
    plan_file: str | None = None
    checksum: str | None = None
    earliest: datetime | None = None
    locked: bool = False

    def to_json(self) -> str:
        """Write it as one line of JSON, canonically; `from_json` gives an equal job back.

        `locked` is written where it holds alone: an older ccops reads every other job, and refuses
        this one rather than do it unlocked.
        """
        return _line(
            {
                **({"locked": True} if self.locked else {}),
                "format_version": FORMAT_VERSION,
                "workspace": self.workspace,
                "action": self.action,
                "account": self.account,
                "origin": self.origin,
                "selectors": list(self.selectors),
                "plan_file": self.plan_file,
                "checksum": self.checksum,
                "earliest": None if self.earliest is None else self.earliest.isoformat(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Read a job. Raises InvalidInput CC250: it is none, or one of another ccops."""
        return _job(_Fields(_object(text), text, "a job"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended.

    `summary` says in one line what was done, `reason` what stood in the way first ("" for
    nothing); both may quote the account, and are hostile text. `verdicts` counts campaigns: by
    verdict for `plan`, by state for `drift`, by ending for `apply`, all of them for `validate`.
    """

    job: Job
    exit_code: ExitCode
    summary: str
    verdicts: Mapping[str, int]
    reason: str = ""

    def to_json(self) -> str:
        """Write it as one line of JSON, canonically; `from_json` gives an equal outcome back."""
        return _line(
            {
                "format_version": FORMAT_VERSION,
                "job": json.loads(self.job.to_json()),
                "exit_code": int(self.exit_code),
                "summary": self.summary,
                "verdicts": dict(self.verdicts),
                "reason": self.reason,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Outcome":
        """Read an outcome. Raises InvalidInput CC250: it is none, or one of another ccops."""
        fields = _Fields(_object(text), text, "an outcome")
        fields.require_exactly(
            {"format_version", "job", "exit_code", "summary", "verdicts", "reason"}
        )
        return cls(
            job=Job.from_json(json.dumps(fields.found["job"])),
            exit_code=fields.exit_code("exit_code"),
            summary=fields.text("summary"),
            verdicts=fields.counts("verdicts"),
            reason=fields.text("reason"),
        )


def _job(fields: "_Fields") -> Job:
    names = set(Job.__dataclass_fields__) - {"locked"}
    fields.require_exactly({"format_version", *names}, optional=frozenset({"locked"}))
    return Job(
        workspace=fields.text("workspace"),
        action=fields.action("action"),
        account=fields.text("account"),
        origin=fields.text("origin"),
        selectors=fields.texts("selectors"),
        plan_file=fields.optional_text("plan_file"),
        checksum=fields.optional_text("checksum"),
        earliest=fields.instant("earliest"),
        locked=fields.flag("locked"),
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of a record, each of exactly the kind that is asked for."""

    found: Mapping[str, object]
    whole: str
    kind: str

    def require_exactly(self, names: set[str], optional: frozenset[str] = frozenset()) -> None:
        found = set(self.found) - optional
        if found != names or self.found["format_version"] != FORMAT_VERSION:
            raise self._wrong("its fields are those of another ccops")

    def text(self, key: str) -> str:
        value = self.found[key]
        if not isinstance(value, str):
            raise self._wrong(f"{key} is no text")
        return value

    def flag(self, key: str) -> bool:
        value = self.found.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(f"{key} is neither true nor false")
        return value

    def optional_text(self, key: str) -> str | None:
        return None if self.found[key] is None else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.found[key]
        if not isinstance(value, list):
            raise self._wrong(f"{key} is no list")
        if not all(isinstance(one, str) for one in value):
            raise self._wrong(f"{key} holds something that is no text")
        return tuple(value)

    def counts(self, key: str) -> Mapping[str, int]:
        value = self.found[key]
        if not isinstance(value, dict):
            raise self._wrong(f"{key} is no object")
        if not all(type(one) is int and one >= 0 for one in value.values()):
            raise self._wrong(f"{key} holds something that is no count")
        return value

    def action(self, key: str) -> Action:
        text = self.text(key)
        if text not in set(Action):
            raise self._wrong(f"{key} names nothing that can be done")
        return Action(text)

    def exit_code(self, key: str) -> ExitCode:
        value = self.found[key]
        if type(value) is not int or value not in set(ExitCode):
            raise self._wrong(f"{key} is no exit code")
        return ExitCode(value)

    def instant(self, key: str) -> datetime | None:
        text = self.optional_text(key)
        if text is None:
            return None
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            raise self._wrong(f"{key} is no instant") from None
        if when.tzinfo is None:
            raise self._wrong(f"{key} names no offset")
        return when.astimezone(UTC)

    def _wrong(self, why: str) -> InvalidInput:
        return _refusal(self.kind, self.whole, why)


def _object(text: str) -> Mapping[str, object]:
    try:
        found: object = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise _refusal("a job or an outcome", text, "it is no JSON") from None
    if not isinstance(found, dict):
        raise _refusal("a job or an outcome", text, "it is no JSON object")
    return found


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _line(document: Mapping[str, object]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)


def refusal(job: Job, why: str) -> InvalidInput:
    """Return CC250 for a job that can be read, and that nobody who uses ccops made."""
    return _refusal("a job", job.to_json(), why)


def _refusal(kind: str, text: str, why: str) -> InvalidInput:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    message = f"{shown!r} is not {kind} that this ccops knows: {why}"
    remedy = "run the same ccops everywhere; nothing was done for it"
    return InvalidInput(Diagnostic(code="CC250", message=message, help=remedy))
