"""Ask whether a manifest that differs from the account may be changed."""

import sys
from collections.abc import Callable

from ccops.commands.asking import attended, says_yes
from ccops.commands.look import look
from ccops.commands.output import harmless, tell_rendered
from ccops.planning.adopted import Rewrite
from ccops.render.pulling import diff_text


def asker(*, overwrite: bool, silent: bool) -> Callable[[Rewrite], bool]:
    """Return who answers: the command line with `overwrite`, else the person at the terminal.

    Where there is no terminal, and if `silent`, the answer is no.
    """
    if overwrite:
        return lambda _: True
    if silent or not attended():
        return lambda _: False
    return _ask


def _ask(rewrite: Rewrite) -> bool:
    tell_rendered(f"{harmless(rewrite.file)}\n{diff_text(rewrite, **look(sys.stderr))}")
    return says_yes(f"Change {harmless(rewrite.file)} like this?")
