"""Where foreign text becomes harmless, for every place it can be printed to.

Foreign is whatever ccops did not write itself: names and subjects from Constant Contact, text
from manifests, paths, messages that quote any of these. Everything here is pure and total.
"""

import html
import json
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters, marks and symbols that are drawn as nothing: fillers, blank Braille, variation selectors
# (but U+FE0E and U+FE0F, which emoji need).
_UNSEEN = frozenset(
    chr(code)
    for codes in (
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE0E),
        range(0xE0100, 0xE01F0),
    )
    for code in codes
)
_JOINER = "\u200d"

_ASCII = {
    "→": "->",
    "−": "-",
    "–": "-",
    "—": "-",
    "≤": "<=",
    "≥": ">=",
    "·": "|",
    "…": "...",
    "×": "x",
    "─": "-",
    "⏎": "<LF>",
    "⟨": "<",
    "⟩": ">",
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
}


def visible(text: str) -> str:
    """Make every control and invisible character visible, on one line. Idempotent.

    A line feed becomes ⏎, other blanks a space, and controls, direction overrides, zero-width,
    tag and unassigned characters their code point, as in ⟨U+202E⟩.
    """
    if text.isascii() and text.isprintable():
        return text
    seen: list[str] = []
    for character in text:
        seen.append(_seen(character, after=seen[-1][-1] if seen else ""))
    return "".join(seen)


def _seen(character: str, *, after: str) -> str:
    category = unicodedata.category(character)
    if character == "\n":
        return "⏎"
    if character == "\t" or category == "Zs":
        return " "
    if character == _JOINER and after and not after.isascii():
        return character  # emoji and Indic scripts need it; between Latin letters it only hides
    if category in _UNSEEN_CATEGORIES or character in _UNSEEN:
        return f"⟨U+{ord(character):04X}⟩"
    return character


def clip(text: str, limit: int) -> str:
    """Cut to `limit` code points, the last of which then is an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def cells(text: str) -> int:
    """How many terminal cells the text takes: East Asian wide characters and emoji take two."""
    return len(text) if text.isascii() else sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def encodable(text: str, encoding: str) -> str:
    """The text in characters that `encoding` can hold; our own symbols have ASCII stand-ins.

    Anything else becomes its code point, as in <U+4E2D>. An unknown encoding counts as ASCII.
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_encodable(character, encoding) for character in text)
    except LookupError:
        return encodable(text, "ascii")
    return text


def _encodable(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return _ASCII.get(character, f"<U+{ord(character):04X}>")
    return character


def log_line(text: str) -> str:
    """Text that a GitHub Actions log does not obey. Idempotent.

    The runner reads `::command::` at a line's start and `##[command]` anywhere in a line
    (actions/runner, ActionCommand.cs). Lines may be wrapped, so every word counts as a start.
    """
    spread = re.sub(r"(?<!\S)::+", lambda colons: " ".join(colons[0]), text)
    return spread.replace("##[", "# #[")


def log_page(text: str) -> str:
    """A Markdown page that a GitHub Actions log does not obey. Idempotent.

    Its lines begin with our own text, so `::` never stands first; `##[` may stand in a code span.
    """
    return text.replace("##[", "# #[")


def log_json(text: str) -> str:
    """A JSON document in a spelling that a GitHub Actions log does not obey; its value is the same.

    Outside of strings `##[` is no JSON, and inside of them an escape stands for the second `#`.
    """
    return text.replace("##[", "#\\u0023[")


def command_text(text: str) -> str:
    """Foreign text as the message of a workflow command: one line, and shown as it is.

    The runner undoes %25, %0D and %0A (toolkit, command.ts).
    """
    return visible(text).replace("%", "%25").replace("##[", "# #[")


def command_property(text: str) -> str:
    """Foreign text as a property of a workflow command, which ends at a comma or a colon."""
    return command_text(text).replace(":", "%3A").replace(",", "%2C")


def terminal(text: str, encoding: str) -> str:
    """Foreign text for a terminal or a log: one line, no control, in the encoding's characters."""
    return encodable(log_line(visible(text)), encoding)


def code(text: str, *, table: bool = False, limit: int = 300) -> str:
    """Foreign text as a Markdown code span.

    Nothing happens inside one: no link, mention, reference, emoji, image or HTML (CommonMark,
    GFM). The backticks around it are one longer than any inside. In a `table` cell, pipes are
    escaped as GFM asks.
    """
    shown = clip(visible(text), limit)
    if not shown.strip():
        return "_(empty)_"
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    if table:
        shown = shown.replace("|", r"\|")
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(lines: tuple[str, ...]) -> str:
    """Foreign lines as a fenced block in diff colors, which none of them can close."""
    shown = [visible(line) for line in lines]
    ticks = "`" * max(3, _longest_run("\n".join(shown)) + 1)
    return "\n".join((f"{ticks}diff", *shown, ticks))


def url_path(path: str) -> str:
    """A foreign path as a part of a URL in Markdown; "" for one that leads out of where it is.

    Every character but letters, digits, `/` and `_.-~` is percent-encoded, so that it ends neither
    the path nor the link.
    """
    if any(part in {"", ".", ".."} for part in path.split("/")):
        return ""
    return quote(path, safe="/", errors="replace")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def summary_html(text: str, *, limit: int = 300) -> str:
    """Foreign text for inside `<summary>`, which GitHub reads as HTML: one line of `<code>`."""
    escaped = html.escape(clip(visible(text), limit), quote=True)
    return f"<code>{escaped.replace('`', '&#96;')}</code>"


# What Mermaid's grammar of a Gantt chart reads at the start of a line, in any case.
_MERMAID_WORDS = re.compile(
    r"(?:gantt|inclusiveenddates|topaxis|acctitle|accdescr|\d{4}-\d\d-\d\d)"
    r"|(?:axisformat|call|click|dateformat|excludes|href|includes|section|tickinterval|title"
    r"|todaymarker|weekday|weekend)(?: |$)",
    re.IGNORECASE,
)


def mermaid_label(text: str, *, limit: int = 40) -> str:
    """Foreign text as the name of a row in a Mermaid diagram: letters, digits, `-_.` and blanks.

    Mermaid has no escape: a colon ends a name, `#` and `;` a statement, and what begins like a
    statement is one (gantt.jison). A dot stands before such a name.
    """
    kept = "".join(one if _drawn(one) else " " for one in visible(text))
    name = clip(" ".join(kept.split()), limit) or "-"
    return f"· {name}" if _MERMAID_WORDS.match(name) else name


def _drawn(character: str) -> bool:
    # Marks are vowels and accents: without them, a name in Hindi or Thai is another word.
    return character in "-_." or unicodedata.category(character)[0] in "LNM"


def marker(kind: str, data: Mapping[str, str]) -> str:
    """Machine-readable data in an HTML comment that no value can close.

    It serves to find our own comment again, never to decide anything.
    """
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    for character in "-<>#":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"<!-- ccops:{kind}:v1 {text} -->"
