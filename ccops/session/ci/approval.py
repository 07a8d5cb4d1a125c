"""Whether somebody who may approve has approved what an apply would send.

GitHub can only forbid here: nothing is sent because of an approval, and whatever cannot be
established is missing. Which commits changed what is asked of git, along the branch itself, so
that no date and no merge hides one; which pull request brought them, and who approved it, of
GitHub.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ccops.errors import Blocked, CcopsError, Diagnostic
from ccops.forge import github
from ccops.forge.rows import Pull
from ccops.planning.plan import Change, Plan, Risk
from ccops.session.changed import changed
from ccops.session.ci.judging import Approvers, Bench, brought, why_not
from ccops.session.ci.reaching import Notes, note, reach
from ccops.session.ci.ruling import Turn, turns_of
from ccops.session.ci.sending import AROUND, manifest_of, sending
from ccops.session.ci.surroundings import Job
from ccops.session.git import GitFailedError, history_of, ids_of
from ccops.session.wiring import Session
from ccops.workspace import FILE, LOCK_FILE

_HELP = "have one of the approvers review the pull request, then run this job again"


def refuse_unapproved(session: Session, job: Job, plan: Plan, *, named: bool) -> Notes:
    """Refuse a plan unless every pull request behind it has its approval; return what to note.

    Those are the ones that changed the manifest of a campaign that it writes to, or a file that
    all manifests depend on, as far back as nobody approved the whole file; and those that changed
    who may approve. Taking a send back needs no approval. `named`: the plan is new, or its
    checksum was given.

    Raises:
        Blocked: CC482, an approval is missing, or cannot be established; nothing was written.
    """
    approvers = session.workspace.settings.approvers
    wanted = sending(plan)
    if not wanted or not (approvers or job.commit):
        return []
    try:
        turns = turns_of(session.workspace.root, job.commit) if job.commit else ()
        if not approvers and not turns:
            return []
        missing = tuple(_missing_of(session, job, plan, wanted, turns, named=named))
    except Blocked:
        raise
    except GitFailedError as error:
        if not approvers:
            return [note(f"whether `approvers:` were taken away is not known: {error}")]
        raise _unknown(error) from error
    except (CcopsError, ValueError) as error:
        raise _unknown(error) from error
    if missing:
        raise Blocked(*map(_missing, missing))
    return []


def _missing_of(
    session: Session,
    job: Job,
    plan: Plan,
    wanted: Sequence[Change],
    turns: Sequence[Turn],
    *,
    named: bool,
) -> Iterator[str]:
    """Say for each file and each turn that is not approved why it is not."""
    root, approvers = session.workspace.root, session.workspace.settings.approvers
    if not named:
        raise Blocked(
            _missing("a saved plan is applied without its checksum", "give its --checksum")
        )
    files = _files(session, job, plan, wanted)
    with reach(job) as repository:
        bench = Bench(repository=repository, job=job, account=plan.account.id)
        reasons = [_why_turned(bench, root, one) for one in turns]
        if approvers:
            able = {one.commit: one.former for one in turns}
            judges = _Judges(now=approvers, before=able)
            reasons += [_why(bench, root, one, judges, files[one]) for one in files]
    yield from filter(None, dict.fromkeys(reasons))


def _files(session: Session, job: Job, plan: Plan, wanted: Sequence[Change]) -> Mapping[str, Risk]:
    """Name the files that say what is sent, and the worst that each is behind.

    They go by what is checked out: a saved plan is not asked.
    """
    space = session.workspace
    if not job.commit or not job.branch:
        raise Blocked(_missing("this job is not about a commit on a branch"))
    found = changed(space.root, space.desired, [job.commit])[job.commit]
    if found.all or found.files or found.lock:
        raise Blocked(
            _missing(f"the files checked out are not those of the commit {job.commit[:7]}")
        )
    files = dict.fromkeys(AROUND, Risk.R0)
    for one in wanted:
        name = manifest_of(one, space.desired)
        if name is None:
            raise Blocked(_missing(f"no manifest of this commit names {one.campaign!r}"))
        files[name] = max(files.get(name, Risk.R0), one.risk)
    if plan.commit and not job.commit.startswith(plan.commit):
        raise Blocked(_missing(f"the plan was made for another commit, {plan.commit}"))
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judges:
    """Who may approve: `now`, and `before` for what changed that, by commit."""

    now: Approvers
    before: Mapping[str, Approvers]

    def of(self, commit: str) -> Approvers:
        """Return who may approve what a commit brought."""
        return self.before.get(commit, self.now)


def _why(bench: Bench, root: Path, file: str, judges: _Judges, risk: Risk) -> str:
    """Say why a file is not approved as it is; "": it is, or there never was a lock.

    It is if an approver has seen it to the letter; else each change of it must be approved, back
    to one after which it was.
    """
    history = history_of(root, bench.job.commit, file)
    if not history and file != LOCK_FILE:
        return f"no commit of this branch brought {file}"
    for at, commit in enumerate(history):
        pulls = brought(bench, commit)
        if not pulls:
            how = "was last changed" if at == 0 else "holds a change"
            return f"{file} {how} by {commit[:7]}, with no pull request"
        able = judges.of(commit)
        reasons = {one.number: why_not(bench, one, able, risk) for one in pulls}
        if all(reasons.values()):
            first = pulls[0].number
            return f"#{first}, which changed {file}, {reasons[first]}"
        if any(_whole(bench, root, file, commit, one) for one in pulls if not reasons[one.number]):
            return ""
    return ""


def _whole(bench: Bench, root: Path, file: str, commit: str, pull: Pull) -> bool:
    """Whether the commit holds the file to the letter as the pull request's last one did."""
    path = f"{bench.job.folder}{file}"
    held = ids_of(root, commit, file).get(file)
    return github.blob_of(bench.repository, pull.head, path) == held


def _why_turned(bench: Bench, root: Path, turn: Turn) -> str:
    """Say that nobody who could approve before has approved who may now; "": somebody has."""
    for commit in turn.since:
        for pull in brought(bench, commit):
            approved = not why_not(bench, pull, turn.former)
            if approved and _whole(bench, root, FILE, commit, pull):
                return ""
    before = ", ".join(sorted(turn.former))
    return (
        f"{turn.commit[:7]} changed who may approve, and none of those who could before ({before})"
        " has approved that"
    )


def _unknown(error: Exception) -> Blocked:
    return Blocked(_missing(f"it cannot be established who approved: {error}"))


def _missing(why: str, remedy: str = _HELP) -> Diagnostic:
    return Diagnostic(code="CC482", message=f"not approved: {why}", help=remedy)
