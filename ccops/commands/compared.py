"""`ccops plan --offline --base REF`: what the manifests declare, beside what they declared."""

import sys
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TextIO

import click
from click.core import ParameterSource

from ccops.commands.look import FILE, look
from ccops.commands.output import save, show
from ccops.commands.planout import split_out
from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.planning.based import Comparison
from ccops.render.based_markdown import comparison_markdown
from ccops.render.based_text import comparison_text
from ccops.render.escape import log_json
from ccops.render.machine_based import comparison_json
from ccops.session.based import compared

_HEEDED = ("start", "base_url", "form", "out", "detailed_exitcode")
_HELP = "it takes --base REF, -C, --format, --out and --detailed-exitcode"

Run = Callable[..., ExitCode]


def offline_options(command: Run) -> Run:
    """`--offline --base REF`: compare two versions instead of planning; no account is needed."""

    @wraps(command)
    def instead(*, offline: bool, base: str | None, **given: object) -> ExitCode:
        if not offline and base is None:
            return command(**given)
        if not offline or base is None:
            raise _misused("--offline and --base REF belong together")
        _refuse_others(click.get_current_context())
        run: Run = _compare  # click gives what the options say, which no type can know
        return run(base, **{name: given[name] for name in _HEEDED})

    offline = click.option(
        "--offline", is_flag=True, help="With --base: compare the manifests; no login, no request."
    )
    base = click.option("--base", metavar="REF", help="The commit to compare with.")
    return offline(base(instead))


def _compare(
    ref: str,
    *,
    start: Path,
    base_url: str | None,
    form: str,
    out: tuple[str, ...],
    detailed_exitcode: bool,
) -> ExitCode:
    outputs = [split_out(one) for one in out]
    for form_asked in (form, *(one for one, _ in outputs)):
        if form_asked not in _RENDERERS:
            raise _misused(f"--offline --base knows no format {form_asked}")
    comparison = compared(start, base_url, ref)
    for form_out, file in outputs:
        save(file, _RENDERERS[form_out](comparison, None))
    show(_RENDERERS[form](comparison, sys.stdout))
    return ExitCode.CHANGES if detailed_exitcode and comparison.differs else ExitCode.DONE


def _refuse_others(context: click.Context) -> None:
    """Refuse what only a plan can heed, rather than leave it unread."""
    for option in context.command.params:
        name = option.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in {*_HEEDED, "offline", "base"}:
            raise _misused(f"{option.opts[0]} says nothing to --offline --base")


def _misused(message: str) -> InvalidInput:
    return InvalidInput(Diagnostic(code="CC240", message=message, help=_HELP))


def _text(comparison: Comparison, stream: TextIO | None) -> str:
    return comparison_text(comparison, **(look(stream) if stream else FILE))


_RENDERERS: Mapping[str, Callable[[Comparison, TextIO | None], str]] = {
    "text": _text,
    "json": lambda comparison, _: log_json(comparison_json(comparison)),
    "markdown": lambda comparison, _: comparison_markdown(comparison),
}
