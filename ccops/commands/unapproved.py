"""An apply by hand where approval is asked for: only a person at a terminal may go on without."""

from collections.abc import Set as AbstractSet

from ccops.commands.asking import attended, typed
from ccops.commands.output import harmless, tell
from ccops.errors import Blocked, Diagnostic
from ccops.planning.plan import Plan
from ccops.session.ci.sending import sending


def confirm_unapproved(plan: Plan, approvers: AbstractSet[str]) -> bool:
    """Return whether the plan may be applied although nobody has looked for an approval.

    That needs the account's name, typed at a terminal: neither `--yes` nor a checksum says that
    somebody has approved. Where no approval is asked for, and to take sends back, it always may.

    Raises:
        Blocked: CC484, nobody can be asked.
    """
    if not approvers or not sending(plan):
        return True
    if not attended():
        raise Blocked(_unasked(approvers))
    tell(f"ccops.yaml asks for approval by {_names(approvers)}, and nobody has looked for one.")
    name = harmless(plan.account.name)
    question = f"Type the account's name, {name}, to go on without"
    return typed(question, plan.account.name, otherwise="Nothing was sent")


def _names(approvers: AbstractSet[str]) -> str:
    return " or ".join(sorted(approvers))


def _unasked(approvers: AbstractSet[str]) -> Diagnostic:
    return Diagnostic(
        code="CC484",
        message=f"ccops.yaml asks for approval by {_names(approvers)}, and `ccops apply` looks for "
        "none",
        help="merge it and let `ccops ci apply` send it; without approval, it can be applied at a "
        "terminal by typing the account's name",
    )
