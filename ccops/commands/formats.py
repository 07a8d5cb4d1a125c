"""What `--out FORMAT=FILE` says."""

from collections.abc import Sequence

from ccops.errors import Diagnostic, InvalidInput
from ccops.render.phrases import joined
from ccops.session.outputs import refuse_own


def split_out(text: str, formats: Sequence[str]) -> tuple[str, str]:
    """Split `FORMAT=FILE`.

    Raises InvalidInput: CC281, another form or an unknown format; CC213, a file of the workspace.
    """
    form, separator, file = text.partition("=")
    if form in formats and separator and file:
        refuse_own(file)
        return form, file
    well_formed = separator and form and file
    wrong = f"knows no format {form!r} here" if well_formed else "is not of the form FORMAT=FILE"
    message = f"--out {text!r} {wrong}"
    remedy = f"write FORMAT=FILE; formats are {joined(formats)}"
    raise InvalidInput(Diagnostic(code="CC281", message=message, help=remedy))
