"""Pages of Markdown, rendered by GitHub's own parser and by another one, and read again."""

from collections.abc import Callable
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt


class Skeleton(HTMLParser):
    """All that stands outside of code, in order; the contents of code and comments apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outside: list[object] = []
        self.codes: list[str] = []
        self.comments: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not self._inside
        self.outside.append((tag, attrs))
        if tag == "code":
            self._inside = True
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False
        self.outside.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.codes[-1] += data
        else:
            self.outside.append(data)

    def handle_comment(self, data: str) -> None:
        self.outside.append("comment")
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.outside.append(decl)

    def handle_pi(self, data: str) -> None:
        self.outside.append(data)

    def unknown_decl(self, data: str) -> None:
        self.outside.append(data)


def by_github(page: str) -> str:
    """As GitHub's parser does, but with all HTML left in."""
    options = Options.CMARK_OPT_UNSAFE
    return str(cmarkgfm.github_flavored_markdown_to_html(page, options=options))


def by_markdown_it(page: str) -> str:
    """As a parser written by other people does."""
    rules = ["table", "strikethrough"]
    return str(MarkdownIt("commonmark", {"html": True}).enable(rules).render(page))


RENDERERS = (by_github, by_markdown_it)


def skeleton(page: str, render: Callable[[str], str]) -> Skeleton:
    """The page, rendered and read again."""
    found = Skeleton()
    found.feed(render(page))
    found.close()
    return found
