"""GitHub's expressions, as far as the workflows use them; anything else fails the test.

By GitHub's documentation: strings are compared whatever their case, what is not there is empty,
`&&` and `||` give one of their sides, and a condition without a status function asks `success()`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_BLANK = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WORD = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>&&|\|\||==|!=|[!()])|(?P<path>[A-Za-z_][\w.-]*))"
)
_STATUS = ("success", "failure", "cancelled", "always")


@dataclass
class _Reader:
    """A walk over the words of one expression."""

    words: list[str]
    contexts: Mapping[str, Any]
    asked: list[str] = field(default_factory=list)

    def any_of(self) -> Any:
        found = self.all_of()
        while self._take("||"):
            other = self.all_of()
            found = found or other
        return found

    def all_of(self) -> Any:
        found = self.compared()
        while self._take("&&"):
            other = self.compared()
            found = found and other
        return found

    def compared(self) -> Any:
        left = self.single()
        for mark, wanted in (("==", True), ("!=", False)):
            if self._take(mark):
                return (_folded(left) == _folded(self.single())) is wanted
        return left

    def single(self) -> Any:
        word = self.words.pop(0)
        if word == "!":
            return not self.single()
        if word == "(":
            found = self.any_of()
            assert self.words.pop(0) == ")"
            return found
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        return self._called(word) if self.words[:1] == ["("] else _looked_up(word, self.contexts)

    def _called(self, name: str) -> bool:
        assert (self.words.pop(0), self.words.pop(0)) == ("(", ")"), name
        assert name in _STATUS, name
        self.asked.append(name)
        status: Callable[[], bool] = self.contexts[name]
        return status()

    def _take(self, mark: str) -> bool:
        if self.words[:1] == [mark]:
            self.words.pop(0)
            return True
        return False


def _folded(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    return "" if value is None else str(value).casefold()


def _looked_up(path: str, contexts: Mapping[str, Any]) -> Any:
    first, *rest = path.split(".")
    assert first in contexts, f"no context {first!r}"
    found: Any = contexts[first]
    for one in rest:
        found = found.get(one, "") if isinstance(found, Mapping) else ""
    return found


def _words(text: str) -> list[str]:
    words, at = [], 0
    while text[at:].strip():
        found = _WORD.match(text, at)
        assert found is not None, text[at:]
        words.append(found[0].strip())
        at = found.end()
    return words


def value(text: str, contexts: Mapping[str, Any]) -> Any:
    """Evaluate what stands between `${{` and `}}`."""
    reader = _Reader(words=_words(text), contexts=contexts)
    found = reader.any_of()
    assert reader.words == [], text
    return found


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    """Put the value of each `${{ … }}` in its place."""
    return _BLANK.sub(lambda blank: str(value(blank[1], contexts)), text)


def holds(condition: str | None, contexts: Mapping[str, Any]) -> bool:
    """Whether an `if:` lets its job or step run."""
    text = (condition or "success()").strip()
    inner = _BLANK.fullmatch(text)
    reader = _Reader(words=_words(inner[1] if inner else text), contexts=contexts)
    found = bool(reader.any_of())
    return found if reader.asked else found and contexts["success"]()
