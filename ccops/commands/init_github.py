"""`ccops init github`: the workflows that plan and apply in GitHub Actions."""

import sys
from pathlib import Path
from typing import Any

import click

from ccops.commands.look import encoding_of
from ccops.commands.options import workspace_option
from ccops.commands.output import show, show_done, tell
from ccops.errors import ExitCode
from ccops.render.escape import terminal
from ccops.session.inited import workflows, write

_EXAMPLE = """\b
Example:
  ccops init github --action OWNER/REPO/.github/actions/ccops@COMMIT
"""


@click.command("github", epilog=_EXAMPLE)
@workspace_option
@click.option(
    "--action",
    required=True,
    metavar="ACTION@COMMIT",
    help="ccops's own action, pinned to a full commit id: what runs with your secrets.",
)
@click.option("--branch", default="main", show_default=True, help="The branch that is applied.")
@click.option("--name", default="", help="Sets it apart from other workspaces of the repository.")
@click.option("--shared-store", is_flag=True, help="Runs share a database: the secret CCOPS_STORE.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 2 if one is not current.")
def github(
    *, start: Path, action: str, branch: str, name: str, shared_store: bool, check: bool
) -> ExitCode:
    """Write the workflows of GitHub Actions into the repository of this workspace.

    They validate and plan pull requests, apply what was merged, schedule resends, send by hand,
    look for drift every night and keep the login alive. Nothing is overwritten.
    """
    files = workflows(start, action=action, branch=branch, name=name, shared_store=shared_store)
    if files.strays:
        tell(f"Note: GitHub starts timers on the default branch, which seems to be {files.strays}")
    if check:
        for path in files.outdated:
            show(f"Not current: {_shown(path)}")
        return ExitCode.CHANGES if files.outdated else ExitCode.DONE
    for path in write(files):
        show_done(f"Wrote {_shown(path)}")
    show_done(
        "Next: make the environments and secrets that docs/github.md names, then open a pull request"
    )
    return ExitCode.DONE


class InitCommand(click.Command):
    """`ccops init`, whose first word `github` is a command of its own and no folder."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - click's signature
    ) -> click.Context:
        """Go on with `github`, if that is asked; a folder of that name is `./github`."""
        if args[:1] == ["github"]:
            return github.make_context(f"{info_name} github", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


def _shown(path: Path) -> str:
    return terminal(str(path), encoding_of(sys.stdout))
