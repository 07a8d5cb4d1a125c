"""What is wrong with a file's YAML, for a person: what its parser says, and what ccops refuses.

The needles are pieces of libyaml's messages and of PyYAML's own, which differ in wording.
"""

from ccops.errors import Diagnostic, Place
from ccops.manifest.text import Source
from ccops.manifest.unseen import noted
from ccops.manifest.wording import excerpt

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
    place = source.place(line, column)
    found = Diagnostic(code="CC001", message=message, place=place, help=help_)
    return noted(found, whole_line=True)


def too_many(place: Place, most: int) -> Diagnostic:
    """Say that a file holds more values than ccops reads."""
    message = f"the file holds more than {most:,} values"
    help_ = "split it: any number of files is fine"
    return Diagnostic(code="CC011", message=message, place=place, help=help_)


def alias(place: Place) -> Diagnostic:
    """Say that something stands for what is written elsewhere."""
    help_ = "write it out; a text that begins with * needs quotes"
    return Diagnostic(code="CC004", message="an alias", place=place, help=help_)


def anchor(place: Place) -> Diagnostic:
    """Say that something has a name for aliases."""
    help_ = "remove it; a text that begins with & needs quotes"
    return Diagnostic(code="CC004", message="an anchor", place=place, help=help_)


def tag(place: Place) -> Diagnostic:
    """Say that something has a type of its own."""
    help_ = "remove it; a text that begins with ! needs quotes"
    return Diagnostic(code="CC003", message="a tag", place=place, help=help_)


def half_a_character(place: Place) -> Diagnostic:
    """Say that an escape is half of a character."""
    help_ = "write the character itself, or \\U and eight digits"
    return Diagnostic(code="CC009", message="half a character", place=place, help=help_)


def over_several_lines(place: Place) -> Diagnostic:
    """Say that a text goes on where a reader does not look for it."""
    message = "an unquoted text runs over several lines"
    help_ = "put it in quotes, or check the indentation of the next line"
    return Diagnostic(code="CC013", message=message, place=place, help=help_)


def comment_too_near(text: str, place: Place) -> Diagnostic:
    """Say that a # may be meant as a part of the text before it."""
    return Diagnostic(
        code="CC007",
        message="a # after an unquoted text",
        place=place,
        label="a comment begins here",
        help=f'put it in quotes ("{excerpt(text)} #…") if the # belongs to it; '
        "a comment needs two blanks before the #",
    )


def twice(key: str, place: Place, first: Place) -> Diagnostic:
    """Say that a key was set before."""
    return Diagnostic(
        code="CC002",
        message=f"key `{excerpt(key)}` is set twice",
        place=place,
        label="set again here",
        help="YAML would silently keep the last value; remove one",
        also=((first, "first set here"),),
    )


def merge_key(place: Place) -> Diagnostic:
    """Say that a mapping takes keys from another."""
    help_ = "write the keys out"
    return Diagnostic(code="CC005", message="a merge key", place=place, help=help_)


def no_text(place: Place) -> Diagnostic:
    """Say that a key is a number, a truth value, or not a single word at all."""
    help_ = "keys are words, like `campaign`; a name that contains `: ` needs quotes"
    return Diagnostic(code="CC006", message="a key that is not text", place=place, help=help_)
