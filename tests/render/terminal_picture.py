"""A terminal's text as an SVG, for the documents: `python -m tests.render.terminal_picture`.

The document tests demand that docs/pictures/plan.svg is what this draws.
"""

import html
import re
from pathlib import Path

from ccops.render.style import Style
from ccops.render.text import plan_text
from tests.render import render_builders as build

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "plan.svg"
COLUMNS = 90
_WIDTH, _HEIGHT, _EDGE = 8.4, 20, 16
_SGR = re.compile(r"\x1b\[([\d;]+)m")
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
_STYLES = {
    "1": "font-weight:bold",
    "2": "fill:#9aa4b2",
    "31": "fill:#ff8a80",
    "32": "fill:#7ee787",
    "33": "fill:#f2cc60",
    "34": "fill:#8ab4ff",
    "36": "fill:#76e3ea",
    "37": "fill:#ffffff",
}


def svg(text: str, *, title: str) -> str:
    """The text, colours and all, on a dark ground; every line as wide as its cells."""
    lines = text.rstrip("\n").split("\n")
    plain = [_SGR.sub("", line) for line in lines]
    width = round(max(map(len, plain)) * _WIDTH + 2 * _EDGE)
    height = len(lines) * _HEIGHT + 2 * _EDGE
    drawn = "\n".join(_line(line, at) for at, line in enumerate(lines) if line)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' role="img" font-family="{_FONT}" font-size="14">\n<title>{html.escape(title)}</title>\n'
        f'<rect width="100%" height="100%" rx="8" fill="#14181f"/>\n{drawn}\n</svg>\n'
    )


def _line(line: str, at: int) -> str:
    codes, column, parts = "", 0, []
    y = _EDGE + at * _HEIGHT + 15
    for number, piece in enumerate(_SGR.split(line)):
        if number % 2:
            codes = "" if piece == "0" else piece
        elif piece:
            parts.append(_span(piece, codes, column, y))
            column += len(piece)
    return "".join(parts)


def _span(text: str, codes: str, column: int, y: int) -> str:
    x, length = round(_EDGE + column * _WIDTH, 1), round(len(text) * _WIDTH, 1)
    rules = [_STYLES[one] for one in codes.split(";") if one in _STYLES]
    style = f"{';'.join(rules)};" if rules else ""
    ground = f'<rect x="{x}" y="{y - 15}" width="{length}" height="{_HEIGHT}" fill="#b3261e"/>'
    return (
        f"{ground if '41' in codes.split(';') else ''}"
        f'<text x="{x}" y="{y}" textLength="{length}" lengthAdjust="spacingAndGlyphs"'
        f' fill="#e6e9ef" style="{style}white-space:pre" xml:space="preserve">'
        f"{html.escape(text)}</text>"
    )


def picture() -> str:
    """A plan with a send that a guard blocks, one that moves, and one that a person must see."""
    early, monday, *_, recall = build.counted().changes
    plan = build.plan((build.missed(), early, monday, recall), findings=(build.blocking(),))
    text = plan_text(
        plan,
        checksum=build.CHECKSUM,
        now=build.NOON,
        style=Style(color=True),
        width=COLUMNS,
        encoding="utf-8",
    )
    return svg(text, title="ccops plan, in a terminal")


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
