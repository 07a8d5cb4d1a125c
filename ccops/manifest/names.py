"""Names as manifests may write them, and the recipients that they name.

A name is compared code point by code point with what Constant Contact shows, so nothing is
trimmed or normalized here: what cannot be compared safely is refused.
"""

import re
import unicodedata
from collections.abc import Sequence

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.nodes import Node, Scalar, items_of, value_of
from ccops.model import RecipientKind, Reference

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def text_of(node: Node) -> str:
    """Give a scalar as text: of an id that may be written as a number, its digits.

    Raises TypeError for anything else: the schema has refused it before.
    """
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    raise TypeError(node)


def read_text(node: Node) -> str:
    """Give a text that stands on one line. Raises InvalidInput CC105 on control characters."""
    text = text_of(node)
    if not text.isprintable() and _CONTROL.search(text):
        raise _refusal("a control character or line break", node.place, "write it on one line")
    return text


def read_name(node: Node) -> str:
    """Give a name. Raises InvalidInput CC105 unless it is NFC, on one line, without outer blanks.

    A trailing or a no-break blank makes another name, and one that nobody can see.
    """
    text = read_text(node)
    if text != text.strip():
        help_ = "remove it; an object whose name really has one is named as {id: …}"
        raise _refusal("a name that begins or ends with a blank", node.place, help_)
    if not unicodedata.is_normalized("NFC", text):
        composed = unicodedata.normalize("NFC", text)
        help_ = f'write "{composed}", typed as composed characters'
        raise _refusal("a name with decomposed characters", node.place, help_)
    return text


def read_tags(node: Node) -> tuple[str, ...]:
    """Give tags in the order written. Raises InvalidInput CC105 or CC107."""
    items = items_of(node)
    tags = [read_name(item) for item in items]
    _no_repeats(tags, items)
    return tuple(tags)


def read_references(node: Node) -> tuple[Reference, ...]:
    """Give the recipients that a manifest names: lists, or one segment (the schema sees to it).

    Raises one InvalidInput with every entry that is no proper name (CC105) or repeats another
    (CC107). Ids are folded to lower case.
    """
    lists, segment = value_of(node, "lists"), value_of(node, "segment")
    kind = RecipientKind.SEGMENT if lists is None else RecipientKind.LISTS
    errors: list[Diagnostic] = []
    references = []
    for item in items_of(lists or segment or node):
        try:
            references.append(_reference(item, kind))
        except InvalidInput as refused:
            errors += refused.diagnostics
    if errors:
        raise InvalidInput(*errors)
    _no_repeats([one.name or f"{{id: {one.id}}}" for one in references], references)
    return tuple(references)


def _reference(item: Node, kind: RecipientKind) -> Reference:
    identity = value_of(item, "id")
    if identity is not None:
        return Reference(kind=kind, id=text_of(identity).lower(), place=identity.place)
    return Reference(kind=kind, name=read_name(item), place=item.place)


def _no_repeats(words: Sequence[str], stand: Sequence[Node | Reference]) -> None:
    if len(set(words)) == len(words):
        return
    seen: dict[str, Place] = {}
    errors = []
    for word, place in zip(words, (one.place for one in stand), strict=True):
        first = seen.setdefault(word, place)
        if first is not place:
            errors.append(
                Diagnostic(
                    code="CC107",
                    message=f"`{word}` stands twice",
                    place=place,
                    help="remove one",
                    also=((first, "first here"),),
                )
            )
    raise InvalidInput(*errors)


def _refusal(message: str, place: Place, help_: str) -> InvalidInput:
    return InvalidInput(Diagnostic(code="CC105", message=message, place=place, help=help_))
