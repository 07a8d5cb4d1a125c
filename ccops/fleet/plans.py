"""A set of saved plans, one an account, with an index and one checksum over all of theirs."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ccops.errors import Diagnostic, ExitCode, InvalidInput, StalePlan
from ccops.fleet.jobs import Outcome
from ccops.planning import planfile
from ccops.planning.canonical import digest
from ccops.regular import read_regular
from ccops.session.saved import read_plan

INDEX = "fleet.index.json"
"""No account's plan can have this name: an id holds no dot."""
_NEW = f"{INDEX}.new"
_FORMAT = "1.1"
_KIND = "fleet-plans"
_KEYS = {"format_version", "kind", "origin", "plans", "left_out", "checksum"}
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST = 16 * 1024 * 1024
_REPLAN = "run `ccops fleet plan --out` again, and have it reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One account's plan: the workspace as the index writes it, and the plan's checksum."""

    account: str
    workspace: str
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A workspace of which the set holds no plan: how its planning ended, and why.

    `account` is "" where it is not known. DONE: there was nothing to plan, and nothing is missing.
    """

    account: str
    workspace: str
    exit_code: ExitCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSet:
    """The plans of one API origin, by account; and the accounts that were asked for in vain."""

    origin: str
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def checksum(self) -> str:
        """What is approved with the set: the origin; each account, its workspace and plan.

        The workspace, for its guards and approvers are asked once more when the plan is applied.
        And what is left out, with the reason: a set that was not whole must not come to look whole.
        """
        plans = {one.account: [one.workspace, one.checksum] for one in self.entries}
        without = sorted(
            (one.workspace, one.account, int(one.exit_code), one.reason) for one in self.left_out
        )
        return digest(
            {"kind": _KIND, "origin": self.origin, "plans": plans, "left_out": without},
        )


def prepare(folder: Path) -> None:
    """Make the folder for a set; one that holds anything but an older set is refused.

    The index goes first: what is left of a run that was cut short is no set.

    Raises:
        InvalidInput: CC255, it holds other files, or cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        strange = [one for one in folder.iterdir() if not _ours(one)]
        if strange:
            raise _unfit(folder, f"it holds {strange[0].name}, which is no plan of a fleet")
        (folder / INDEX).unlink(missing_ok=True)
    except OSError as error:
        raise _unfit(folder, error.strerror or "it cannot be used") from error


def _ours(path: Path) -> bool:
    named = path.suffix == ".json" and bool(_ACCOUNT.fullmatch(path.stem))
    return named or path.name in {INDEX, _NEW}


def index(folder: Path, outcomes: Iterable[Outcome], root: Path, origin: str) -> PlanSet:
    """Write the index of the plans that were saved, and return the set.

    A workspace is written relative to `root`, so that the set can be applied from another
    checkout; what was not planned is written down beside the plans. Other files of plans go.

    Raises:
        InvalidInput: CC255, it cannot be written. StalePlan: a plan was changed meanwhile.
    """
    entries, left_out = list[Entry](), list[LeftOut]()
    for one in outcomes:
        place = _relative(Path(one.job.workspace), root)
        file = Path(one.job.plan_file or "")
        if one.job.plan_file and one.verdicts and file.exists():
            found = planfile.checksum(read_plan(str(file)))
            entries.append(Entry(account=one.job.account, workspace=place, checksum=found))
        else:
            left_out.append(_left_out(one, place))
    made = PlanSet(
        origin=origin,
        entries=tuple(sorted(entries, key=lambda one: one.account)),
        left_out=tuple(left_out),
    )
    kept = {f"{one.account}.json" for one in made.entries}
    try:
        for path in [one for one in folder.iterdir() if _ours(one) and one.name not in kept]:
            path.unlink()
        _write(folder, _document(made))
    except OSError as error:
        raise _unfit(folder, error.strerror or "it cannot be used") from error
    return made


def _relative(workspace: Path, root: Path) -> str:
    inside = workspace.is_relative_to(root)
    return (workspace.relative_to(root) if inside else workspace).as_posix()


def _left_out(one: Outcome, place: str) -> LeftOut:
    return LeftOut(
        account=one.job.account,
        workspace=place,
        exit_code=one.exit_code,
        reason=one.reason or one.summary,
    )


def _document(made: PlanSet) -> str:
    document = {
        "format_version": _FORMAT,
        "kind": _KIND,
        "origin": made.origin,
        "plans": [
            {"account": one.account, "workspace": one.workspace, "checksum": one.checksum}
            for one in made.entries
        ],
        "left_out": [
            {
                "account": one.account,
                "workspace": one.workspace,
                "exit_code": int(one.exit_code),
                "reason": one.reason,
            }
            for one in made.left_out
        ],
        "checksum": made.checksum,
    }
    return json.dumps(document, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _write(folder: Path, text: str) -> None:
    new = folder / _NEW
    with open(new, "x", encoding="utf-8") as file:  # noqa: PTH123 - "x" follows no link
        file.write(text)
    new.replace(folder / INDEX)


def read(folder: Path, *, origin: str, checksum: str) -> PlanSet:
    """Read the index of a set, once, if it is the one that was reviewed.

    Raises:
        InvalidInput: CC630, there is none that can be read. StalePlan: CC631 it is malformed, or
            was changed; CC633 it has another checksum, or is for another API.
    """
    made = _parsed(_content(folder / INDEX))
    if made.checksum != checksum:
        raise _stale("CC633", f"the set's checksum is {made.checksum}, not {checksum}")
    if made.origin != origin:
        raise _stale("CC633", f"the set is for the API at {made.origin}")
    return made


def _content(path: Path) -> str:
    try:
        content = read_regular(path, _MOST)
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be opened") from error
    except ValueError as error:
        raise _unreadable(path, str(error)) from error
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise _stale("CC631", f"{INDEX} is no text that ccops wrote") from None


def _parsed(text: str) -> PlanSet:
    try:
        found = json.loads(text, object_pairs_hook=_unique)
        if not isinstance(found, dict) or set(found) != _KEYS:
            raise _stale("CC631", f"{INDEX} is not of the form that this ccops knows")
        if (found["format_version"], found["kind"]) != (_FORMAT, _KIND):
            raise _stale("CC631", f"{INDEX} is of a format that this ccops does not know")
        entries = tuple(_entry(one) for one in found["plans"])
        left_out = tuple(_without(one) for one in found["left_out"])
        made = PlanSet(origin=str(found["origin"]), entries=entries, left_out=left_out)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _stale("CC631", f"{INDEX} is malformed: {error}") from error
    if len({one.account for one in entries}) != len(entries) or found["checksum"] != made.checksum:
        raise _stale("CC631", f"{INDEX} was changed since ccops wrote it")
    return made


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _entry(found: Mapping[str, object]) -> Entry:
    account, workspace, checksum = (found[key] for key in ("account", "workspace", "checksum"))
    if not (isinstance(account, str) and isinstance(workspace, str) and isinstance(checksum, str)):
        raise TypeError("a plan's fields are texts")
    if not _ACCOUNT.fullmatch(account):
        raise ValueError("an account's id is malformed")
    return Entry(account=account, workspace=workspace, checksum=checksum)


def _without(found: Mapping[str, object]) -> LeftOut:
    account, workspace, reason = (found[key] for key in ("account", "workspace", "reason"))
    if not (isinstance(account, str) and isinstance(workspace, str) and isinstance(reason, str)):
        raise TypeError("what is said of an account that is left out are texts")
    code = found["exit_code"]
    if type(code) is not int:
        raise TypeError("an exit code is a number")
    return LeftOut(account=account, workspace=workspace, exit_code=ExitCode(code), reason=reason)


def _unfit(folder: Path, why: str) -> InvalidInput:
    message = f"plans cannot be saved to {folder}: {why}"
    remedy = "name a folder that is new, empty, or holds an older set of plans"
    return InvalidInput(Diagnostic(code="CC255", message=message, help=remedy))


def _unreadable(path: Path, why: str) -> InvalidInput:
    message = f"cannot read {path}: {why}"
    remedy = "name the folder that `ccops fleet plan --out` wrote"
    return InvalidInput(Diagnostic(code="CC630", message=message, help=remedy))


def _stale(code: str, message: str) -> StalePlan:
    return StalePlan(Diagnostic(code=code, message=message, help=_REPLAN))
