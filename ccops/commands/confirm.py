"""Ask the person at the terminal; where there is none, demand that the command line says it."""

import sys

import click

from ccops.commands.output import harmless, tell_rendered
from ccops.commands.planout import render
from ccops.errors import Blocked, Diagnostic, InvalidInput
from ccops.model import NOW
from ccops.planning.plan import Change, Plan


def confirm(plan: Plan, *, agreed: bool, yes: bool) -> bool:
    """Return whether the plan may be applied.

    `agreed`: its checksum was given on the command line, which names exactly this plan. A send
    that cannot be undone needs that, or its campaign's name typed at a terminal; `--yes` is not
    enough.

    Raises:
        Blocked: a send-now without either.
        InvalidInput: nobody can be asked and nothing was said.
    """
    if agreed or not plan.writing:
        return True
    irreversible = [change for change in plan.writing if change.send is NOW]
    terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if irreversible and not terminal:
        raise Blocked(_needs_checksum(irreversible[0]))
    if yes and not irreversible:
        return True
    if not terminal:
        raise InvalidInput(_needs_yes())
    tell_rendered(render(plan, "text", sys.stderr) + "\n")
    typed = all(_typed(change) for change in irreversible)
    return typed and (bool(irreversible) or _agrees(plan))


def _agrees(plan: Plan) -> bool:
    amount = len(plan.writing)
    noun = "change" if amount == 1 else "changes"
    return click.confirm(f"Apply {amount} {noun} to {harmless(plan.account.name)}?", err=True)


def _typed(change: Change) -> bool:
    answer: str = click.prompt(
        f"{harmless(repr(change.campaign))} is sent at once and cannot be recalled.\n"
        "Type the campaign's name to send it",
        err=True,
    )
    return answer == change.campaign


def _needs_checksum(change: Change) -> Diagnostic:
    return Diagnostic(
        code="CC481",
        message=f"{change.campaign!r} is sent at once and cannot be recalled",
        place=change.place,
        help="save the plan (ccops plan --save plan.json --allow …), have it reviewed, and "
        "apply it with ccops apply plan.json --checksum CHECKSUM; --yes is not enough",
    )


def _needs_yes() -> Diagnostic:
    return Diagnostic(
        code="CC282",
        message="there is no terminal to ask for a confirmation",
        help="add --yes, or apply a saved plan with its --checksum",
    )
