"""Ask the person at the terminal; where there is none, demand that the command line says it."""

import sys

from ccops.commands.asking import attended, says_yes, typed
from ccops.commands.output import harmless, tell, tell_rendered
from ccops.commands.planout import render
from ccops.errors import Blocked, Diagnostic, InvalidInput
from ccops.model import NOW
from ccops.planning.plan import Change, Plan
from ccops.render.phrases import counted


def confirm(plan: Plan, *, agreed: bool, yes: bool) -> bool:
    """Return whether the plan may be applied; if it may not, that is said.

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
    terminal = attended()
    if irreversible and not terminal:
        raise Blocked(_needs_checksum(irreversible[0]))
    if yes and not irreversible:
        return True
    if not terminal:
        raise InvalidInput(_needs_yes())
    tell_rendered(render(plan, "text", sys.stderr) + "\n")
    return all(map(_typed, irreversible)) if irreversible else _agrees(plan)


def _agrees(plan: Plan) -> bool:
    amount = counted(len(plan.writing), "change")
    if says_yes(f"Apply {amount} to {harmless(plan.account.name)}?"):
        return True
    tell("Nothing was written.")
    return False


def _typed(change: Change) -> bool:
    question = (
        f"{harmless(repr(change.campaign))} is sent at once and cannot be recalled.\n"
        "Type the campaign's name to send it"
    )
    return typed(question, change.campaign, otherwise="Nothing was sent")


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
