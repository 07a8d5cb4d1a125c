"""The schema of a manifest, with the account's names for editors to complete.

It says the same of every manifest as the schema that it is made of: a name that is not among
those offered is none the worse for it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from ccops.errors import InvalidInput, Place
from ccops.manifest.names import read_name
from ccops.manifest.nodes import Scalar
from ccops.model import JsonObject

_CAMPAIGN = ("campaign",)
_LISTS = ("recipients", "properties", "lists", "items")
_SEGMENT = ("recipients", "properties", "segment")
_NOWHERE = Place(file="", line=1, column=1)
_COMMENT = re.compile(
    r"Made by `ccops schema --account` with the names of ([A-Za-z0-9_-]+), of (sha256:[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A name to complete, and what an editor says of it: plain text, on one line."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What `offers` made of one account's names; `account` is its encoded_account_id."""

    account: str
    campaigns: tuple[Offer, ...] = ()
    lists: tuple[Offer, ...] = ()
    segments: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a completed schema was made of."""

    account: str
    digest: str

    def of(self, base: JsonObject) -> bool:
        """Whether it was made of this schema."""
        return self.digest == _digest(base)


def offers(found: Iterable[Offer], noun: str) -> tuple[Offer, ...]:
    """Return what can be offered of the objects found, by name, each name once.

    Left out is what no manifest can write: a name with a control character or outer blanks, say.
    A name of several objects of the kind `noun` says so.
    """
    by_name: dict[str, list[Offer]] = {}
    for one in found:
        if _can_be_written(one.name):
            by_name.setdefault(one.name, []).append(one)
    return tuple(_one(alike, noun) for _, alike in sorted(by_name.items()))


def _one(alike: Sequence[Offer], noun: str) -> Offer:
    if len(alike) == 1:
        return alike[0]
    return replace(alike[0], description=f"not clear: {len(alike)} {noun}s have this name")


def _can_be_written(name: str) -> bool:
    try:
        read_name(Scalar(value=name, text=name, place=_NOWHERE))
    except InvalidInput:
        return False
    return True


def completed(base: JsonObject, offers: Offers) -> JsonObject:
    """Return the schema of a manifest with names to complete.

    The law: a document is valid under it exactly if it is valid under `base`, the schema that
    ships with ccops. An offer is a `const` with a `description`, which editors show beside it
    (tried with yaml-language-server).
    """
    properties = cast("JsonObject", base["properties"])  # our own file
    properties = _offered(properties, _CAMPAIGN, offers.campaigns)
    properties = _offered(properties, _LISTS, offers.lists)
    properties = _offered(properties, _SEGMENT, offers.segments)
    return {
        **base,
        "$id": f"{base['$id']}:{offers.account}",
        "$comment": f"Made by `ccops schema --account` with the names of {offers.account}, "
        f"of {_digest(base)}",
        "properties": properties,
    }


def _offered(schema: JsonObject, path: tuple[str, ...], names: Sequence[Offer]) -> JsonObject:
    # Without examples: editors offer those too, and the account has no such names.
    bare = {key: value for key, value in schema.items() if key != "examples"}
    if path:
        inner = cast("JsonObject", schema[path[0]])  # our own file
        return {**bare, path[0]: _offered(inner, path[1:], names)}
    consts = [{"const": one.name, "description": one.description} for one in names]
    if not consts:
        return bare
    # The second branch lets every value through that the keywords beside `anyOf` allow.
    return {**bare, "anyOf": [{"oneOf": consts}, {"type": schema["type"]}]}


def completed_from(schema: JsonObject) -> Origin | None:
    """Tell what a schema was made of; None: it was not made by `completed`."""
    found = _COMMENT.fullmatch(str(schema.get("$comment", "")))
    return None if found is None else Origin(account=found[1], digest=found[2])


def _digest(schema: Mapping[str, object]) -> str:
    text = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
