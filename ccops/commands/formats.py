"""What `--out FORMAT=FILE` says."""

from collections.abc import Sequence

from ccops.errors import Diagnostic, InvalidInput


def split_out(text: str, formats: Sequence[str]) -> tuple[str, str]:
    """Split `FORMAT=FILE`. Raises InvalidInput CC281 for another form or an unknown format."""
    form, separator, file = text.partition("=")
    if form in formats and separator and file:
        return form, file
    message = f"--out {text!r} is not of the form FORMAT=FILE"
    known = f"Formats are {', '.join(formats)}."
    raise InvalidInput(Diagnostic(code="CC281", message=message, help=known))
