"""20,000 hostile strings into every sink: none gets out of where it was put.

A law reads what a sink made as its reader does. So that it is known to bite, each is also given
sinks that forget one thing, and must object.
"""

import html
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import pytest

from ccops.render.escape import (
    clip,
    code,
    command_property,
    command_text,
    fence,
    log_json,
    log_line,
    marker,
    mermaid_label,
    summary_html,
    terminal,
    url_path,
    visible,
)
from tests.render.hostile_plans import hostile_words
from tests.render.mermaid_reader import parsed
from tests.render.page_reader import by_github, by_markdown_it

AMOUNT, FEW = 20_000, 2_000

Sink = Callable[[str], str]
CODE = re.compile(r"<code>[^<]*</code>")


@cache
def words(amount: int) -> tuple[str, ...]:
    """Different ones, always the same; they stand for themselves if they are not blank."""
    word = hostile_words(1)
    found: dict[str, None] = {}
    while len(found) < amount:
        found[word()] = None
    return tuple(found)


def spans(page: str) -> list[str]:
    """The texts of all code elements, blanks squeezed as a code span may do."""
    return [" ".join(html.unescape(one[6:-7]).split()) for one in CODE.findall(page)]


def shown(texts: tuple[str, ...]) -> list[str]:
    """What a reader must see of them."""
    return [" ".join(clip(visible(one), 300).split()) for one in texts]


def same(found: Sequence[object], wanted: Sequence[object]) -> None:
    """Like `assert found == wanted`, but the first difference is enough, and is found at once."""
    if found != wanted:
        at = next(
            (at for at, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1]),
            0,
        )
        raise AssertionError(f"at {at}: {found[at : at + 80]!r}, wanted {wanted[at : at + 80]!r}")


def listed(amount: int) -> str:
    """A page of so many items, each with code in it."""
    items = "<li>a _ b</li>\n" * amount
    return f"<ul>\n{items}</ul>\n"


def in_a_list(sink: Sink, texts: tuple[str, ...]) -> None:
    """In text: one code element each, and nothing else on the page."""
    page = by_github("\n".join(f"- a {sink(one)} b" for one in texts))
    same(spans(page), shown(texts))
    same(CODE.sub("_", page), listed(len(texts)))


def in_a_table(sink: Sink, texts: tuple[str, ...]) -> None:
    """In a table: the row keeps its two cells."""
    rows = "\n".join(f"| {sink(one)} | z |" for one in texts)
    page = by_github(f"| a | b |\n|--|--|\n{rows}\n")
    same(spans(page), shown(texts))
    row = "<tr>\n<td>_</td>\n<td>z</td>\n</tr>\n"
    assert (
        CODE.sub("_", page).partition("<tbody>\n")[2] == f"{row * len(texts)}</tbody>\n</table>\n"
    )


def in_a_fence(sink: Sink, texts: tuple[str, ...]) -> None:
    """In a block of its own, and the text after it is text again."""
    page = by_github("\n\n".join(f"{sink(one)}\n\nafter" for one in texts))
    wanted = (f"<code>{html.escape(visible(one), quote=False)}\n</code>" for one in texts)
    opening = '<pre lang="diff">'
    parts = [f"{opening}{one}</pre>\n<p>after</p>\n" for one in wanted]
    same(page.replace("&quot;", '"'), "".join(parts))


def in_a_summary(sink: Sink, texts: tuple[str, ...]) -> None:
    """In HTML: one code element, and one fold, which is closed again."""
    fold = "<details><summary>{} x</summary>\n\nbody\n\n</details>\n"
    page = by_github("\n".join(fold.format(sink(one)) for one in texts))
    same(spans(page), shown(texts))
    rest = "<details><summary>_ x</summary>\n<p>body</p>\n</details>\n"
    same(CODE.sub("_", page), rest * len(texts))


def in_a_comment(sink: Sink, texts: tuple[str, ...]) -> None:
    """In an HTML comment that it does not close; the data comes back as it was."""
    page = by_github("\n\n".join(map(sink, texts)))
    found = re.findall(r"<!-- ccops:plan:v1 ([^<>\n]*?) -->\n", page)
    same([json.loads(one)["name"] for one in found], list(texts))
    same(re.sub(r"<!--[^<>]*?-->\n", "", page), "")


def in_a_link(sink: Sink, texts: tuple[str, ...]) -> None:
    """As the path of a URL: one link each, which stays below where it starts."""
    base = "https://github.com/fern/mail/blob/4f2c9ab/"
    named = [one for one in map(sink, texts) if one]
    page = by_github("\n".join(f"- [x]({base}{one}#L3)" for one in named))
    links = re.findall(r'<li><a href="([^"]*)">x</a></li>\n', page)
    assert len(links) == len(named) > len(texts) // 2
    assert all(one.startswith(base) and "/../" not in one for one in links)
    same(re.sub(r"<li><a [^>]*>x</a></li>\n", "", page), "<ul>\n</ul>\n")


def in_a_diagram(sink: Sink, texts: tuple[str, ...]) -> None:
    """As the name of a row in Mermaid's grammar."""
    rows = (
        f"    {sink(one)} 7 :milestone, m{at}, 2026-11-27 08:00, 0m"
        for at, one in enumerate(texts, 1)
    )
    assert len(parsed("\n".join(("```mermaid", "gantt", *rows, "```")))) == len(texts)


def in_a_command(sink: Sink, texts: tuple[str, ...]) -> None:
    """As the message of a workflow command: the runner shows the text, on one line."""
    for one in texts:
        said = sink(one)
        assert said.isprintable() or "\u200d" in said
        assert "##[" not in said
        assert _unescaped(said) == visible(one).replace("##[", "# #[")


def in_a_property(sink: Sink, texts: tuple[str, ...]) -> None:
    """As a property of one, which ends at a comma and a colon."""
    for one in texts:
        said = sink(one)
        assert not set(",:\n\r") & set(said)
        assert _unescaped(said, ("%3A", ":"), ("%2C", ",")) == visible(one).replace("##[", "# #[")


def _unescaped(text: str, *more: tuple[str, str]) -> str:
    """What the runner makes of it (ActionCommand.cs): `%25` is undone last."""
    for found, meant in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
        text = text.replace(found, meant)
    return text


def in_a_terminal(sink: Sink, texts: tuple[str, ...]) -> None:
    """On a line: no control, no hidden direction, and no command for a runner that reads along."""
    for one in texts:
        said = sink(one)
        assert all(sign.isprintable() or sign == "\u200d" for sign in said)
        assert "##[" not in said
        assert not re.search(r"(?<!\S)::", said)


def in_a_log(sink: Sink, texts: tuple[str, ...]) -> None:
    """A JSON document is one that no runner obeys, and has the same value."""
    for one in texts:
        said = sink(json.dumps({"a": one}))
        assert json.loads(said) == {"a": one}
        assert "##[" not in said
        assert len(said.splitlines()) == 1


def cell(text: str) -> str:
    return code(text, table=True)


def block(text: str) -> str:
    return fence((text,))


def mark(text: str) -> str:
    return marker("plan", {"name": text})


def screen(text: str) -> str:
    return terminal(text, "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A sink, its law, and sinks that the law must not let pass."""

    sink: Sink
    law: Callable[[Sink, tuple[str, ...]], None]
    weak: tuple[Sink, ...]


CASES = {
    "text": Case(
        sink=code,
        law=in_a_list,
        weak=(visible, lambda one: f"`{visible(one)}`", lambda one: f"`` {one} ``"),
    ),
    "cell": Case(sink=cell, law=in_a_table, weak=(code, lambda one: cell(one).replace("⟨", "|"))),
    "fence": Case(
        sink=block,
        law=in_a_fence,
        weak=(lambda one: f"```diff\n{visible(one)}\n```", lambda one: f"~~~~diff\n{one}\n~~~~"),
    ),
    "summary": Case(
        sink=summary_html,
        law=in_a_summary,
        weak=(
            lambda one: f"<code>{visible(one)}</code>",
            lambda one: f"<code>{html.escape(one)}</code>",
        ),
    ),
    "comment": Case(
        sink=mark,
        law=in_a_comment,
        weak=(lambda one: f"<!-- ccops:plan:v1 {json.dumps({'name': one})} -->",),
    ),
    "link": Case(sink=url_path, law=in_a_link, weak=(visible, lambda one: one.replace(" ", "%20"))),
    "diagram": Case(
        sink=mermaid_label,
        law=in_a_diagram,
        weak=(visible, lambda one: mermaid_label(one).removeprefix("· ")),
    ),
    "command": Case(sink=command_text, law=in_a_command, weak=(visible, lambda one: one.strip())),
    "property": Case(sink=command_property, law=in_a_property, weak=(command_text,)),
    "terminal": Case(sink=screen, law=in_a_terminal, weak=(visible, log_line)),
    "log": Case(sink=log_json, law=in_a_log, weak=(lambda one: one,)),
}


@pytest.mark.parametrize("name", CASES)
def test_no_string_gets_out(name: str) -> None:
    """Each of 20,000."""
    case = CASES[name]
    assert len(set(words(AMOUNT))) == AMOUNT
    case.law(case.sink, words(AMOUNT))


@pytest.mark.parametrize(
    ("name", "number"), [(name, at) for name, case in CASES.items() for at in range(len(case.weak))]
)
def test_the_law_bites(name: str, number: int) -> None:
    """A sink that forgets one thing is found out by a tenth of them."""
    case = CASES[name]
    with pytest.raises((AssertionError, ValueError)):
        case.law(case.weak[number], words(FEW))


def test_the_other_parser_agrees() -> None:
    """One that was written by other people sees the same code and nothing else."""
    page = by_markdown_it("\n".join(f"- a {code(one)} b" for one in words(FEW)))
    same(spans(page), shown(words(FEW)))
    same(CODE.sub("_", page), listed(FEW))
