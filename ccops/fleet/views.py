"""Outcomes as lines for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ccops.errors import ExitCode
from ccops.fleet.accounts import names
from ccops.fleet.jobs import Action, Outcome
from ccops.fleet.outcomes import differs
from ccops.fleet.run import worst
from ccops.fleet.sweep import Swept
from ccops.render.fleet import AccountLine, FleetView


def view(done: Swept, action: Action, *, detailed: bool = False, folder: str = "") -> FleetView:
    """Return what is shown of a run.

    `detailed`: an account with changes, or with drift, ends with 2 instead of 0. `folder` is that
    of a set of plans, as it was named.
    """
    every = (*done.outcomes, *done.left_out)
    named = names(Path(one.job.workspace) for one in every)
    lines = _lines(done.outcomes, named, detailed=detailed)
    left_out = _lines(done.left_out, named, detailed=detailed)
    return FleetView(
        action=action,
        lines=lines,
        left_out=left_out,
        exit_code=worst(one.exit_code for one in (*lines, *left_out)),
        checksum=done.plans.checksum if done.plans else None,
        folder=folder or None,
    )


def _lines(
    outcomes: Sequence[Outcome], named: Mapping[Path, str], *, detailed: bool
) -> tuple[AccountLine, ...]:
    return tuple(
        AccountLine(
            name=named[Path(one.job.workspace)],
            workspace=one.job.workspace,
            account=one.job.account,
            exit_code=_code(one, detailed=detailed),
            summary=one.summary,
            verdicts=one.verdicts,
            reason=one.reason,
        )
        for one in outcomes
    )


def _code(one: Outcome, *, detailed: bool) -> ExitCode:
    quiet = one.exit_code is ExitCode.DONE
    return ExitCode.CHANGES if quiet and detailed and differs(one) else one.exit_code
