"""What the YAML parser's complaints mean for a person, and what to do about them.

The needles are pieces of libyaml's messages and of PyYAML's own, which differ in wording.
"""

from ccops.errors import Diagnostic
from ccops.manifest.text import Source

_QUOTE = "put the text in quotes"
_INDENT = "begin keys of one mapping, and entries of one list, in the same column"

_MEANINGS = (
    (
        "mapping values are not allowed",
        "a colon and a blank stand where no key can be",
        f"{_QUOTE} if it contains `: `, or check the indentation of the line above",
    ),
    (
        "that cannot start any token",
        "an unquoted text cannot begin with this character",
        _QUOTE,
    ),
    (
        "alphabetic or numeric character",
        "a text cannot begin with * or & unless it is quoted",
        _QUOTE,
    ),
    ("',' or ']'", "the list opened with [ is not closed", "write ] at its end"),
    ("',' or '}'", "the mapping opened with { is not closed", "write } at its end"),
    ("unexpected end of stream", "the quote is not closed", "write the closing quote"),
    ("unexpected document", "the quote is not closed", "write the closing quote before the ---"),
    ("escape", "this escape does not exist", "write \\\\ for a backslash, or use single quotes"),
    ("could not find expected ':'", "a key without a colon", "write `key: value`"),
    (
        "sequence entries are not allowed",
        "a list cannot begin on the line of its key",
        "begin the list on the next line, or put a text that begins with `- ` in quotes",
    ),
    ("<document start>", "the indentation does not fit the lines above", _INDENT),
    ("tag handle", "a tag", "remove it; a text that begins with ! needs quotes"),
    (
        "did not find expected key",
        "this does not belong to the mapping that is open here",
        f"{_INDENT}; a text with quotes inside needs quotes around all of it",
    ),
    (
        "<block end>",
        "this does not fit the lines above",
        f"{_INDENT}; a text with quotes inside needs quotes around all of it",
    ),
    ("'-' indicator", "a list goes on with something that is no entry", _INDENT),
    ("node content", "a value is missing here", f"{_QUOTE} if it begins with , ] or }}"),
    ("scanning a block scalar", "a text cannot stand on the line of | or >", _QUOTE),
)
_AT_CONTEXT = frozenset({"the quote is not closed", "a key without a colon"})


def explain(error: Exception, source: Source) -> Diagnostic:
    """Turn a parser's exception into a diagnostic CC001 at the place a person must look at."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    said = f"{problem} {context}" if problem else str(error)
    message, help_ = next(
        ((message, help_) for needle, message, help_ in _MEANINGS if needle in said),
        ("this is not YAML", f"the parser says: {said}"),
    )
    mark = getattr(error, "problem_mark", None)
    if message in _AT_CONTEXT:
        mark = getattr(error, "context_mark", None) or mark
    line, column = (0, 0) if mark is None else (mark.line, mark.column)
    return Diagnostic(code="CC001", message=message, place=source.place(line, column), help=help_)
