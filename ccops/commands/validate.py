"""`ccops validate`: check everything that can be checked without an account."""

from pathlib import Path

import click

from ccops.commands.options import base_url_option, format_option, workspace_option
from ccops.commands.output import show, show_document
from ccops.errors import ExitCode, InvalidInput
from ccops.render.phrases import counted
from ccops.session.validated import validated


@click.command("validate")
@workspace_option
@base_url_option
@format_option("text", "json")
def command(start: Path, base_url: str | None, form: str) -> ExitCode:
    """Check ccops.yaml and every manifest, offline.

    Needs no login and makes no request. Every error of every file is found in one run; the
    first hundred are shown, with --format json all.
    """
    if form == "json":
        return _as_json(start, base_url)
    valid = validated(start, base_url)
    show(f"Valid: {counted(valid.campaigns, 'campaign')} in {counted(valid.files, 'file')}.")
    return ExitCode.DONE


def _as_json(start: Path, base_url: str | None) -> ExitCode:
    """Write what is wrong as a document, also when nothing is."""
    from ccops.render.machine import diagnostics_json  # noqa: PLC0415 - only this form needs it

    try:
        validated(start, base_url)
    except InvalidInput as error:
        show_document(diagnostics_json(error.diagnostics))
        return error.exit_code
    show_document(diagnostics_json(()))
    return ExitCode.DONE
