"""Foreign text is harmless in every place it can be printed to."""

import json
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ccops.render.escape import (
    cells,
    clip,
    code,
    encodable,
    fence,
    log_line,
    marker,
    summary_html,
    terminal,
    visible,
)
from tests.render.hostile import HOSTILE, hostile

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ENCODINGS = ("utf-8", "ascii", "cp437", "cp1252", "latin-1", "no-such-encoding")


def inline(tokens: list[Token]) -> list[Token]:
    """All inline tokens of a page."""
    return [child for token in tokens for child in token.children or ()]


@given(hostile)
def test_visible_is_idempotent(text: str) -> None:
    """What is visible already stays as it is."""
    assert visible(visible(text)) == visible(text)


@given(hostile)
def test_visible_leaves_nothing_hidden(text: str) -> None:
    """One line, and no control, format, surrogate or unassigned character but the joiner."""
    shown = visible(text)
    hidden = {one for one in shown if unicodedata.category(one)[0] == "C"} - {"\u200d"}
    assert not hidden
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\nb", "a⏎b"),
        ("a\tb", "a b"),
        ("a\u00a0b", "a b"),
        ("\x1b[2J", "⟨U+001B⟩[2J"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("do\u200bnors", "do⟨U+200B⟩nors"),
        ("do\u200dnors", "do⟨U+200D⟩nors"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("a\U000e0041", "a⟨U+E0041⟩"),
        ("a\U000e0100", "a⟨U+E0100⟩"),
        ("\u3164", "⟨U+3164⟩"),
        ("\u2028", "⟨U+2028⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\u0378", "⟨U+0378⟩"),
        ("\u200d", "⟨U+200D⟩"),
        ("", ""),
    ],
)
def test_visible_shows(text: str, shown: str) -> None:
    """Each kind of hidden character by example."""
    assert visible(text) == shown


def test_clip_marks_the_cut() -> None:
    """The last character left is an ellipsis, and only if something was cut."""
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize(
    ("text", "amount"), [("abc", 3), ("日本", 4), ("🎁", 2), ("e\u0301", 1), ("é", 1), ("Ａ", 2)]
)
def test_cells(text: str, amount: int) -> None:
    """East Asian wide characters and emoji take two cells, combining marks none."""
    assert cells(text) == amount


@given(hostile, st.sampled_from(ENCODINGS))
def test_encodable_never_fails(text: str, encoding: str) -> None:
    """What it returns can be written in that encoding; an unknown one counts as ASCII."""
    known = "ascii" if encoding == "no-such-encoding" else encoding
    shown = encodable(visible(text), encoding)
    assert shown.encode(known).decode(known) == shown


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("→ − ≤ · — … ×", "ascii", "-> - <= | - ... x"),
        ("→ − ≤ · — … ×", "utf-8", "→ − ≤ · — … ×"),
        ("a · b", "cp437", "a · b"),
        ("a — b → c", "cp1252", "a — b -> c"),
        ("中", "ascii", "<U+4E2D>"),
        ("⟨U+202E⟩⏎", "ascii", "<U+202E><LF>"),
    ],
)
def test_encodable_has_stand_ins(text: str, encoding: str, shown: str) -> None:
    """Our own symbols keep their sense where an encoding lacks them."""
    assert encodable(text, encoding) == shown


@given(hostile)
def test_a_log_obeys_no_line(text: str) -> None:
    """No word begins with `::` and `##[` occurs nowhere, so that wrapping cannot make a command."""
    shown = log_line(visible(text))
    assert "##[" not in shown
    assert not re.search(r"(?<!\S)::", shown)
    assert log_line(shown) == shown


@given(hostile, st.sampled_from(ENCODINGS))
def test_a_terminal_gets_one_inert_line(text: str, encoding: str) -> None:
    """All the sinks of a terminal at once."""
    shown = terminal(text, encoding)
    assert "\x1b" not in shown
    assert "##[" not in shown
    assert len(shown.splitlines()) <= 1


@given(hostile)
def test_a_code_span_holds_its_text(text: str) -> None:
    """In a paragraph the text is one code span, to the letter, and nothing else."""
    tokens = inline(MARKDOWN.parse(f"- item {code(text)} tail"))
    spans = [token.content for token in tokens if token.type == "code_inline"]
    shown = clip(visible(text), 300)
    assert {token.type for token in tokens} <= {"text", "code_inline", "em_open", "em_close"}
    assert spans == ([shown] if shown.strip() else [])


@given(hostile)
def test_a_code_span_stays_in_its_cell(text: str) -> None:
    """In a table the row keeps its cells, and the text is one code span."""
    tokens = MARKDOWN.parse(f"| a | b |\n|--|--|\n| {code(text, table=True)} | z |\n")
    kinds = [token.type for token in tokens]
    assert kinds.count("td_open") == 2
    assert kinds.count("tr_open") == 2
    spans = [token.content for token in inline(tokens) if token.type == "code_inline"]
    shown = clip(visible(text), 300)
    assert spans == ([shown] if shown.strip() else [])


@given(st.lists(hostile, max_size=4))
def test_a_fence_is_closed_by_nothing_inside(lines: list[str]) -> None:
    """The block holds exactly the lines, and the text after it is text again."""
    tokens = MARKDOWN.parse(f"{fence(tuple(lines))}\n\nafter")
    kinds = [token.type for token in tokens]
    assert kinds == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].info == "diff"
    assert tokens[0].content == "".join(f"{visible(line)}\n" for line in lines)


@given(hostile)
def test_a_summary_is_one_element(text: str) -> None:
    """No tag, entity, backtick or line break of the text reaches the HTML."""
    inner = summary_html(text).removeprefix("<code>").removesuffix("</code>")
    assert not set("<>\"'`\n") & set(inner)
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;|#96;)", inner)


@given(hostile)
@example("--> <!-- -->")
def test_a_marker_is_one_comment(text: str) -> None:
    """The data comes back unchanged, and nothing in it ends the comment."""
    comment = marker("plan", {"name": text})
    data = comment.removeprefix("<!-- ccops:plan:v1 ").removesuffix(" -->")
    assert json.loads(data) == {"name": text}
    assert not set("<>-") & set(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_known_attacks_stay_text(text: str) -> None:
    """The attacks known from other tools make one code element and no other."""
    html = MARKDOWN.render(f"before {code(text)} after")
    assert re.findall(r"<(\w+)", html) == ["p", "code"]
