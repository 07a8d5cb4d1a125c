"""Ask whether a whole workspace is meant, in words that no reflex types."""

from ccops.commands.asking import attended, typed
from ccops.commands.output import tell
from ccops.errors import Diagnostic, InvalidInput
from ccops.render.phrases import counted
from ccops.workspace import Workspace

_WORDS = "halt all"


def agrees(space: Workspace) -> bool:
    """Have it typed that all is meant; if it is not, that is said. Raises InvalidInput where nobody can be asked."""
    if not attended():
        raise InvalidInput(
            Diagnostic(
                code="CC282",
                message="this would halt every campaign, and there is no terminal to confirm it",
                help="add --yes, or --select the campaigns to halt",
            )
        )
    amount, account = counted(len(space.desired), "campaign"), space.settings.account
    tell(f"This halts all of the workspace's manifests: {amount} of the account {account}.")
    return typed(f"Type {_WORDS!r} to do it", _WORDS, otherwise="Nothing was halted")
