"""What an apply has to do: a plan's changes, each with what the store knows of its activity."""

from ccops.applying.progress import Progress, Task, begin
from ccops.errors import Place
from ccops.model import Limits, Recipients, Target
from ccops.planning.guards import HALTED, RESCHEDULE, granted
from ccops.planning.plan import Change, Plan, Verdict
from ccops.ports import JournalEntry, Store


def taken_up(plan: Plan, checksum: str, run: str, limits: Limits, store: Store) -> list[Progress]:
    """One per change of the plan, then one per open write that no change is about."""
    journal: dict[str, list[JournalEntry]] = {}
    for entry in store.entries():
        journal.setdefault(entry.activity_id, []).append(entry)
    planned = {change.target.activity_id for change in plan.changes}
    orphans = [
        _orphan(lines[-1], plan)
        for activity, lines in journal.items()
        if activity not in planned and lines[-1].state.open
    ]
    generations, halts = store.generations(), {one.activity_id: one for one in store.halts()}
    return [
        begin(
            Task(
                change=change,
                run=run,
                plan=checksum,
                made_at=plan.created_at,
                limits=limits,
                generation=generations.get(change.target.activity_id),
                journal=tuple(journal.get(change.target.activity_id, ())),
                restored=granted(RESCHEDULE, change.campaign, plan.permissions),
                halt=halts.get(change.target.activity_id),
                lifted=granted(HALTED, change.campaign, plan.permissions),
            )
        )
        for change in (*plan.changes, *orphans)
    ]


def _orphan(entry: JournalEntry, plan: Plan) -> Change:
    """A stand-in for the change of an open write that this plan does not cover."""
    target = Target(
        campaign=entry.campaign,
        activity_id=entry.activity_id,
        sends=() if entry.when is None else (entry.when,),
        recipients=entry.recipients or Recipients(),
    )
    return Change(
        campaign=entry.campaign,
        verdict=Verdict.BLOCKED,
        row=0,
        place=Place(file="journal", line=1, column=1),
        target=target,
        zone=plan.zone,
        reason="an earlier run left a write open",
    )
