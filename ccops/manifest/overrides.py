"""What a manifest says about guards itself: `overrides:`, and the range of `expect.contacts`."""

import re

from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.names import read_text, text_of
from ccops.manifest.nodes import Node, value_of
from ccops.manifest.rules import WAIVABLE, Guard, read_each
from ccops.manifest.wording import excerpt, nearest
from ccops.model import Override, Range

_RANGE = re.compile(r"([0-9]{1,9}) ?\.\. ?([0-9]{1,9})")
_AT_MOST = re.compile(r"(?:≤|<=) ?([0-9]{1,9})")
_AT_LEAST = re.compile(r"(?:≥|>=) ?([0-9]{1,9})")


def read_range(node: Node) -> Range:
    """Read `1000..2000`, `≤ 2000` or `≥ 1000`, both ends inside. Raises InvalidInput CC131."""
    text = text_of(node)
    if match := _RANGE.fullmatch(text):
        found = Range(least=int(match[1]), most=int(match[2]))
    elif match := _AT_MOST.fullmatch(text):
        found = Range(least=0, most=int(match[1]))
    elif match := _AT_LEAST.fullmatch(text):
        found = Range(least=int(match[1]), most=None)
    else:
        found = Range(least=1, most=0)
    if found.most is not None and found.most < found.least:
        raise InvalidInput(
            Diagnostic(
                code="CC131",
                message="not a range of contacts",
                place=node.place,
                help="write the least and the most: `1000..2000`, `≤ 2000` or `≥ 1000`",
            )
        )
    return found


def read_overrides(node: Node) -> tuple[Override, ...]:
    """Read `[{guard: …, reason: …}]`. Raises InvalidInput CC104, CC105, CC107 or CC132."""
    overrides = read_each(node, _override)
    for number, one in enumerate(overrides):
        if any(one.guard == other.guard for other in overrides[:number]):
            message = f"`{one.guard}` is overridden twice"
            raise InvalidInput(
                Diagnostic(code="CC107", message=message, place=one.place, help="remove one")
            )
    return overrides


def _override(item: Node) -> Override:
    guard, reason = value_of(item, "guard"), value_of(item, "reason")
    if guard is None or reason is None:
        raise TypeError(item)  # the schema has refused it before
    return Override(guard=_guard(guard), reason=_reason(reason), place=item.place)


def _guard(node: Node) -> str:
    word = text_of(node)
    if word in WAIVABLE:
        return word
    known = word in set(Guard)
    close = nearest(word, WAIVABLE)
    raise InvalidInput(
        Diagnostic(
            code="CC132",
            message=f"`{excerpt(word)}` cannot be overridden"
            if known
            else f"there is no guard `{excerpt(word)}` to override",
            place=node.place,
            help=f"did you mean `{close}`?"
            if close and not known
            else f"these can be: {', '.join(WAIVABLE)}",
        )
    )


def _reason(node: Node) -> str:
    text = read_text(node).strip()
    if not text:
        message = "an override without a reason"
        raise InvalidInput(
            Diagnostic(code="CC104", message=message, place=node.place, help="say why")
        )
    return text
