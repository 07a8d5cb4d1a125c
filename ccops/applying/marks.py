"""What the store keeps of people's decisions: the newest plan of each campaign, and the halts."""

from collections.abc import Callable, Sequence

from ccops.applying.progress import Progress
from ccops.applying.report import Ending, Result
from ccops.errors import ExitCode, StoreUnavailable
from ccops.planning.halts import keys
from ccops.planning.plan import Plan, Verdict
from ccops.ports import Store


def advanced(plan: Plan, store: Store) -> None:
    """Remember the plan as the newest of each of its campaigns. Raises StoreUnavailable."""
    planned = [one.target.activity_id for one in plan.changes if one.target.activity_id]
    store.advance(plan.created_at, planned)


def decided_anew(progresses: Sequence[Progress], plan: Plan, store: Store) -> None:
    """Remember the newest plan of each campaign; one for another send ends a halt.

    First of all, so that a run which stops halfway leaves no older plan that could be applied. A
    manifest that says unscheduled ends no halt: another checkout may still declare the time that
    was halted. Raises StoreUnavailable.
    """
    advanced(plan, store)
    for one in progresses:
        halt, send = one.task.halt, one.task.change.send
        if halt and send and send not in halt.sends and _brings_about(one):
            _release(one, store)


def _release(progress: Progress, store: Store) -> None:
    target = progress.task.change.target
    store.release(*keys(target.activity_id, target.campaign))


def _brings_about(progress: Progress) -> bool:
    """Whether the plan wants its send, rather than only finding it there."""
    verdict = progress.task.change.verdict
    return (verdict.writes or verdict is Verdict.IN_SYNC) and not progress.task.overtaken


def restored(
    progresses: Sequence[Progress], ended: Callable[[Progress], Result], store: Store
) -> ExitCode | None:
    """Take the mark from what this plan scheduled again, as it was permitted to.

    A mark that stays because the store fails now does no harm: the campaign is in sync. The exit
    code says so; None: all is well.
    """
    try:
        for one in progresses:
            verdict = one.task.change.verdict
            stands = verdict is Verdict.IN_SYNC or ended(one).ending is Ending.DONE
            if one.task.halt and one.task.lifted and stands:
                _release(one, store)
    except StoreUnavailable as error:
        return error.exit_code
    return None
