"""What is to be done with each workspace: its job, or why there is none."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ccops.errors import CcopsError, InvalidInput
from ccops.fleet.accounts import Member
from ccops.fleet.budget import Counts, Work, estimate
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.fleet.outcomes import failure
from ccops.fleet.rotation import due
from ccops.model import NOW, Desired
from ccops.planning.select import chosen, parse
from ccops.session.cached import read_cache
from ccops.session.changed import changed
from ccops.session.loading import load
from ccops.store.naming import fingerprint
from ccops.workspace import FILE, LOCK_FILE, Workspace, read_file

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One part of the accounts a day: a cycle of so many days, and the UTC day it is."""

    days: int
    day: date


def rotation(days: int | None, day: date) -> Rotation | None:
    """Return the turn of a day; None where everything is looked at."""
    return None if days is None else Rotation(days=days, day=day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks of every workspace alike.

    `plans` is the folder that plans are saved to; `since` the commit of `--changed`; `locked` is
    for `plan` and `drift`; `now` the machine's clock, UTC: it serves order and estimates alone.
    """

    action: Action
    origin: str
    now: datetime
    selectors: tuple[str, ...] = ()
    since: str | None = None
    rotation: Rotation | None = None
    plans: Path | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The work, soonest send first; what cannot even begin; and how many are left out, and why.

    `deleted` are manifests that the commit has and their workspaces no longer have: whole paths.
    """

    works: tuple[Work, ...]
    failures: tuple[Outcome, ...] = ()
    untouched: int = 0
    resting: int = 0
    deleted: tuple[str, ...] = ()


def scoped(members: Sequence[Member], asked: Asked) -> Scope:
    """Turn workspaces into work. A workspace that is wrong stops no other.

    With `since`, one of which no campaign was touched is left out; a change of `ccops.yaml`
    touches all campaigns of the workspace, one of `ccops.lock` those whose names it reads
    otherwise now. Git is asked about each workspace.
    """
    works, failures, deleted, untouched, resting = [], [], list[str](), 0, 0
    for one in members:
        if not _its_turn(one, asked):
            resting += 1
            continue
        try:
            work = _work(one, asked, deleted)
        except CcopsError as error:
            failures.append(failure(_job(one, asked), error.exit_code, str(error)))
            continue
        works += [work] if work else []
        untouched += work is None
    return Scope(
        works=ordered(works),
        failures=tuple(failures),
        untouched=untouched,
        resting=resting,
        deleted=tuple(deleted),
    )


def ordered(works: Sequence[Work]) -> tuple[Work, ...]:
    """Sort by the earliest send that a job is about, then by account: no other code sorts."""
    return tuple(sorted(works, key=lambda one: (one.job.earliest or _LAST, one.job.account)))


def _its_turn(member: Member, asked: Asked) -> bool:
    """Whose account is not known never rests: what is wrong is told every day."""
    if asked.rotation is None or not member.account:
        return True
    return due(member.account, days=asked.rotation.days, day=asked.rotation.day)


def _work(member: Member, asked: Asked, deleted: list[str]) -> Work | None:
    """Return the work on one workspace; None: none of its campaigns was touched."""
    if member.refusal is not None:
        raise member.refusal
    if asked.action is Action.VALIDATE and asked.since is None:
        return Work(job=_job(member, asked))
    space = load(member.folder, asked.origin)
    wanted = _wanted(space, asked, deleted)
    if wanted is None:
        return None
    moments = [one for each in wanted for one in _ahead(each, asked.now)]
    known = Counts(
        declared=len(space.desired),
        coming=sum(_coming(one, asked.now) for one in wanted),
        known=_known(space, asked.origin),
    )
    return Work(
        job=_job(member, asked, min(moments, default=None)),
        requests=estimate(asked.action, known),
        mark=_mark(space, wanted),
    )


def _mark(space: Workspace, wanted: Sequence[Desired]) -> str:
    """Digest what the files say, and which campaigns a commit leaves: its name may mean another.

    A text is the same in every process; the `repr` of a set is not.
    """
    kept = (FILE, LOCK_FILE) if space.lock else (FILE,)
    texts = (read_file(space.root, one) for one in kept)
    return fingerprint(*texts, repr(space.desired), repr(wanted))


def _wanted(space: Workspace, asked: Asked, deleted: list[str]) -> Sequence[Desired] | None:
    if asked.since is None:
        return space.desired
    since = changed(space.root, space.desired, (asked.since,))
    touched = since[asked.since]
    deleted += [str(space.root / one) for one in touched.deleted]
    if not touched.all and not touched.files:
        return None
    return chosen(space.desired, parse((f"changed:{asked.since}",)), since)


def _ahead(desired: Desired, now: datetime) -> list[datetime]:
    moments = [now if one.when is NOW else one.when for one in desired.sends]
    return [one for one in moments if one >= now]


def _coming(desired: Desired, now: datetime) -> bool:
    return not desired.sends or bool(_ahead(desired, now))


def _known(space: Workspace, origin: str) -> int:
    """Return how many campaigns the account had when an earlier plan listed them."""
    with suppress(InvalidInput):
        return len(read_cache(space.root, account=space.settings.account, origin=origin).rows)
    return 0


def _job(member: Member, asked: Asked, earliest: datetime | None = None) -> Job:
    since = () if asked.since is None else (f"changed:{asked.since}",)
    return Job(
        workspace=str(member.folder),
        action=asked.action,
        account=member.account,
        origin=asked.origin,
        selectors=() if asked.action is Action.VALIDATE else (*asked.selectors, *since),
        plan_file=_plan_file(member, asked),
        earliest=earliest,
        locked=asked.locked,
    )


def _plan_file(member: Member, asked: Asked) -> str | None:
    named = asked.plans is not None and member.account != ""
    return str(asked.plans / f"{member.account}.json") if asked.plans and named else None
