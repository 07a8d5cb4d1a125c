"""The operator: queues the work, looks at what stands still, and lets it go again.

Plans first; each account's apply is queued when its plan is there. What stands still is looked at
as docs/fleet-queue.md says; a plan that has become stale is made anew.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from ccops.errors import Blocked, CcopsError, ExitCode
from ccops.fleet import queue, standing
from ccops.fleet.jobs import Action, Job, Outcome
from ccops.planning.planfile import checksum
from ccops.session.saved import read_plan
from tests.rehearsal.town import SENDS

_REASON = "rehearsal: the process was killed; nobody holds the account, the journal was looked at"
_SUCCEEDED = """
select job, outcome from ccops_queue.ccops_run join ccops_queue.procrastinate_jobs on id = job
where status = 'succeeded'
"""


@dataclass(slots=True, kw_only=True)
class Desk:
    """What the operator knows: which accounts are done, and what had to be let go, and why."""

    address: str
    origin: str
    folders: dict[str, Path]
    plans: Path
    done: set[str] = field(default_factory=set)
    looked: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    most_parked: int = 0
    _planned: set[str] = field(default_factory=set)
    _heard: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """Queue a plan for each account, and once more, which must add nothing."""
        jobs = [self._plan(one) for one in self.folders]
        queue.defer(self.address, jobs)
        self.twice = sum(one.number is not None for one in queue.defer(self.address, jobs))

    @property
    def finished(self) -> bool:
        """Whether every account was applied."""
        return self.done == set(self.folders)

    @property
    def progress(self) -> float:
        """Which part of the work is done, from 0 to 1; a plan is half of it."""
        return min(1.0, (len(self._planned) + len(self.done)) / 2 / len(self.folders))

    def look(self) -> None:
        """Take note of what has ended, and look after what stands still."""
        for outcome in self._news():
            self._hear(outcome)
        found = standing.status(self.address)
        parked = found.counts.get(standing.Standing.PARKED, 0)
        self.most_parked = max(self.most_parked, parked)
        for one in found.stuck:
            self._let_go(one)

    def _news(self) -> list[Outcome]:
        with psycopg.connect(self.address) as connection:
            rows = connection.execute(_SUCCEEDED).fetchall()
        new = [(job, text) for job, text in rows if job not in self._heard]
        self._heard |= {job for job, _ in new}
        return [Outcome.from_json(text) for _, text in new]

    def _hear(self, outcome: Outcome) -> None:
        job = outcome.job
        self.endings[f"{job.action} {int(outcome.exit_code)}"] += 1
        if job.action is Action.APPLY:
            self.done.add(job.account)
        elif job.account not in self.done:
            self._planned.add(job.account)
            queue.defer(self.address, [self._apply(job)])

    def _let_go(self, one: standing.Queued) -> None:
        code = None if one.outcome is None else one.outcome.exit_code
        stale = one.standing is standing.Standing.FAILED and code is ExitCode.STALE
        said = "parked" if one.standing is standing.Standing.PARKED else f"exit {code:d}"
        try:
            standing.requeue(self.address, one.number, reason=_REASON, again=not stale)
        except Blocked as refused:
            self.looked[f"refused: {refused.diagnostics[0].code}"] += 1
            return
        self.looked[f"{one.job.action}: {said}"] += 1
        if stale:
            queue.defer(self.address, [self._plan(one.job.account)])

    def _plan(self, account: str) -> Job:
        return Job(
            workspace=str(self.folders[account]),
            action=Action.PLAN,
            account=account,
            origin=self.origin,
            plan_file=str(self.plans / f"{account}.json"),
        )

    def _apply(self, planned: Job) -> Job:
        try:
            found = checksum(read_plan(planned.plan_file or ""))
        except CcopsError:  # pragma: no cover - a plan that is being written just now
            found = ""
        return Job(
            workspace=planned.workspace,
            action=Action.APPLY,
            account=planned.account,
            origin=planned.origin,
            plan_file=planned.plan_file,
            checksum=found,
            earliest=SENDS,
        )
