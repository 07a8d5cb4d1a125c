"""What an apply has to do: a plan's changes, each with what the store knows of its activity."""

from datetime import datetime

from ccops.applying.progress import Progress, Task, begin
from ccops.errors import Place
from ccops.model import Limits, Recipients, Target
from ccops.planning.guards import HALTED, RESCHEDULE, granted
from ccops.planning.halts import by_key, halt_of
from ccops.planning.plan import Change, Plan, Verdict
from ccops.ports import Halt, JournalEntry, Store


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
    generations, halts = store.generations(), by_key(store.halts())
    return [
        begin(
            Task(
                change=change,
                run=run,
                plan=checksum,
                made_at=plan.created_at,
                limits=limits,
                generation=_newest(generations.get(activity), halt),
                journal=tuple(journal.get(activity, ())),
                restored=granted(RESCHEDULE, change.campaign, plan.permissions),
                halt=halt,
                lifted=granted(HALTED, change.campaign, plan.permissions),
            )
        )
        for change in (*plan.changes, *orphans)
        for activity in (change.target.activity_id,)
        for halt in (halt_of(halts, activity, change.campaign),)
    ]


def _newest(generation: datetime | None, halt: Halt | None) -> datetime | None:
    """When it was decided last what is to become of a campaign: by a plan, or by a halt.

    A halt that could not read the campaign raised no generation. Plans are made at whole seconds.
    """
    if halt is None:
        return generation
    halted = halt.at.replace(microsecond=0)
    return halted if generation is None else max(generation, halted)


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
