"""argv → one command → exit code. Commands load only when they are called."""

import importlib
from collections.abc import Sequence
from io import StringIO

import click

from ccops import __version__
from ccops.errors import CcopsError, Diagnostic, ExitCode, Severity
from ccops.streams import lasting

COMMANDS = {
    "init": "Make a workspace: ccops.yaml and a first manifest.",
    "auth": "Log in to the account, see who is logged in, log out.",
    "validate": "Check ccops.yaml and every manifest, offline.",
    "fmt": "Bring every file into the standard form.",
    "pull": "Write what exists in the account into manifests.",
    "plan": "Show every request that apply would make.",
    "show": "Show a saved plan.",
    "apply": "Make the requests of a plan, each once.",
    "drift": "Show what differs from git although no commit changed it.",
    "calendar": "Show what is sent when: text, HTML or iCalendar.",
    "verify": "Say what became of every send that was applied.",
    "journal": "Show what was recorded; decide what could not be found out.",
    "halt": "Stop campaigns from being sent: the emergency brake.",
    "list": "List the account's campaigns.",
    "lock": "Pin names to ids in ccops.lock.",
    "ci": "Plan and apply in a job of GitHub Actions, under review.",
    "fleet": "Do one command on many accounts.",
    "worker": "Do the jobs of a fleet's queue.",
    "doctor": "Check login, account, senders, clock and store.",
    "schema": "Print a JSON Schema for editors.",
    "sandbox": "Serve a pretended Constant Contact on this machine.",
    "demo": "Run the whole job on the sandbox; no account needed.",
}

EXIT_CODES = """\b
Exit codes:
  0  done; every write verified        6  blocked, or a person is needed
  1  unexpected error                  7  plan stale, expired or tampered
  2  changes, only if asked for        8  partly applied, all outcomes known
  3  invalid input or usage            9  lock held, or the store is down
  4  login, scope or account wrong    10  outcome unknown: a person must look
  5  throttled, or quota used up     130  interrupted (143: terminated)
"""

_WELL = frozenset({ExitCode.DONE, ExitCode.CHANGES})


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, and not for --help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order of a user's way through them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"ccops.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a name that is none gets a did-you-mean."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = _did_you_mean(args[0])
            raise click.UsageError(f"{error.format_message()}{hint}", ctx) from error


def _did_you_mean(word: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    close = get_close_matches(word, COMMANDS, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


@click.group(cls=LazyGroup, epilog=EXIT_CODES, context_settings={"max_content_width": 88})
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour the output (NO_COLOR and FORCE_COLOR are heard, the flag beats them).",
)
@click.option("--plain", is_flag=True, help="One line per error, without frames and carets.")
@click.version_option(__version__, prog_name="ccops", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, color: str, *, plain: bool) -> None:
    """Keep Constant Contact email sends in git.

    YAML manifests say who receives a campaign and when; `plan` shows every request it would
    make to the account; `apply` makes exactly those, once.
    """
    context.obj = {"color": color, "plain": plain}


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    A command that reads, and whose result cannot be written, is no success: nothing shown must
    not be taken for "no changes". One that did something ends as what it did.
    """
    with lasting(_cannot_show) as stdout:
        code = _run(args)
        unshown = stdout.missing and stdout.owed
        return ExitCode.UNEXPECTED if unshown and code in _WELL else code


def _run(args: Sequence[str]) -> int:
    try:
        with cli.make_context("ccops", list(args)) as context:
            return _invoke(context)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help(), err=True)
        return ExitCode.INVALID
    except click.ClickException as error:
        # click says 2 for usage, which here means "changes": one place maps it to 3.
        return _misused(error)
    except click.exceptions.Exit as done:
        return done.exit_code


def _invoke(context: click.Context) -> int:
    """Run the command; the one place that catches everything and maps it to an exit code."""
    try:
        return int(cli.invoke(context) or 0)
    except (click.ClickException, click.exceptions.Exit):
        raise
    except CcopsError as error:
        return _refused(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nInterrupted.", err=True)
        return ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001 - the one boundary: a bug must have an exit code too
        return _crashed()


def _cannot_show(why: str, owed: bool) -> None:  # noqa: FBT001 - `Lasting` calls it
    from ccops.commands.output import show_diagnostics  # noqa: PLC0415 - hardly ever needed

    weight = Severity.ERROR if owed else Severity.WARNING
    message = f"the result cannot be written to stdout: {why}"
    found = Diagnostic(code="CC209", message=message, severity=weight, help="it follows here")
    show_diagnostics([found], closing="")


def _misused(error: click.ClickException) -> int:
    from ccops.commands.output import tell_lines  # noqa: PLC0415 - only a mistake pays

    # The words of a command line may be a stranger's: a folder or a branch that a script names.
    words = StringIO()
    error.show(file=words)
    tell_lines(words.getvalue())
    return ExitCode.INVALID


def _crashed() -> int:
    import traceback  # noqa: PLC0415 - only a bug pays

    from ccops.commands.output import tell_lines  # noqa: PLC0415 - only a bug pays

    tell_lines(traceback.format_exc())
    tell_lines("This is a bug in ccops. Please report it with the lines above.")
    return ExitCode.UNEXPECTED


def _refused(error: CcopsError) -> int:
    from ccops.commands.output import show_diagnostics  # noqa: PLC0415 - only a mistake pays

    show_diagnostics(error.diagnostics)
    return error.exit_code
