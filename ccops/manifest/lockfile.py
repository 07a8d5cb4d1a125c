"""`ccops.lock`: which object of the account each name in the manifests means, by id.

A machine writes it, people review it. The text is canonical: equal locks are the same bytes. It
holds names of campaigns, lists and segments and their ids, and nothing about people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.document import read_documents
from ccops.manifest.names import read_name, text_of
from ccops.manifest.nodes import Key, Node, Scalar, entries_of, value_of
from ccops.manifest.reader import in_order
from ccops.manifest.schema import compile_schema
from ccops.manifest.writer import quote
from ccops.model import JsonObject, RecipientKind

HEADER = "# Written by `ccops lock`. Review it and commit it; do not edit it.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPin:
    """The ids that a campaign's name means: its own, and its primary email's. Lower case."""

    campaign_id: str
    activity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One `ccops.lock`: ids by exact name (NFC), per kind. `account` is the encoded_account_id."""

    account: str
    campaigns: Mapping[str, CampaignPin] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: RecipientKind) -> Mapping[str, str]:
        """The ids of one kind of recipients, by name."""
        return self.lists if kind is RecipientKind.LISTS else self.segments


def write_lock(lock: Lock) -> str:
    """Write a lock: sorted by name, one line for each, the same text for equal locks.

    The law: `read_lock` of this text gives an equal lock, for each that `read_lock` can give.
    """
    return HEADER + "".join(f"{line}\n" for line in _lines(lock))


def _lines(lock: Lock) -> Iterator[str]:
    yield "version: 1"
    yield f"account: {quote(lock.account)}"
    campaigns = {
        name: f"{{campaign: {pin.campaign_id}, activity: {pin.activity_id}}}"
        for name, pin in lock.campaigns.items()
    }
    yield from _section("campaigns", campaigns)
    yield from _section("lists", lock.lists)
    yield from _section("segments", lock.segments)


def _section(title: str, pins: Mapping[str, str]) -> Iterator[str]:
    yield f"{title}:" if pins else f"{title}: {{}}"
    for name, words in sorted(pins.items()):
        yield f"  {quote(name)}: {words}"


def read_lock(file: str, text: str, *, schema: JsonObject, account: str) -> Lock:
    """Read a lock of the account `account`.

    `schema` is schemas/lock.schema.json. Raises one InvalidInput with every error.
    """
    lock, errors = examine_lock(file, text, schema=schema, account=account)
    if lock is None:
        raise InvalidInput(*errors)
    return lock


def examine_lock(
    file: str, text: str, *, schema: JsonObject, account: str
) -> tuple[Lock | None, tuple[Diagnostic, ...]]:
    """Read a lock like `read_lock`, but return the errors; None unless there are none."""
    trees, wrong = read_documents(file, text)
    errors = list(wrong)
    if len(trees) != 1 and not wrong:
        errors.append(_not_one(file))
    complaints = [one for tree in trees for one in compile_schema(schema)(tree)]
    errors += (one.diagnostic for one in complaints)
    errors += (one for tree in trees for one in _odd_names(tree))
    if errors:
        return None, in_order(errors)
    lock = _lock(trees[0])
    if account and lock.account != account:
        return None, (_of_another(lock.account, account, value_of(trees[0], "account")),)
    return lock, ()


def _lock(tree: Node) -> Lock:
    """Read a document whose shape is right."""
    return Lock(
        account=_word(tree, "account"),
        campaigns={
            key.text: CampaignPin(
                campaign_id=_word(value, "campaign").lower(),
                activity_id=_word(value, "activity").lower(),
            )
            for key, value in _pairs(tree, "campaigns")
        },
        lists={key.text: text_of(value).lower() for key, value in _pairs(tree, "lists")},
        segments={key.text: text_of(value) for key, value in _pairs(tree, "segments")},
    )


def _word(tree: Node, name: str) -> str:
    return text_of(entries_of(tree)[name][1])


def _pairs(tree: Node, name: str) -> tuple[tuple[Key, Node], ...]:
    section = value_of(tree, name)
    return () if section is None else tuple(entries_of(section).values())


def _odd_names(tree: Node) -> Iterator[Diagnostic]:
    """Refuse what no manifest can name: such a pin would never be looked at."""
    for section in ("campaigns", "lists", "segments"):
        for key, _ in _pairs(tree, section):
            try:
                read_name(Scalar(value=key.text, text=key.text, place=key.place))
            except InvalidInput as refused:
                yield from refused.diagnostics


def _not_one(file: str) -> Diagnostic:
    return Diagnostic(
        code="CC128",
        message="a lock file holds exactly one document",
        place=Place(file=file, line=1, column=1),
        help="delete it and run `ccops lock`",
    )


def _of_another(found: str, account: str, node: Node | None) -> Diagnostic:
    return Diagnostic(
        code="CC129",
        message=f"the lock is of the account {found}, but ccops.yaml names {account}",
        place=node.place if node else None,
        label="ids mean nothing in another account",
        help="delete it and run `ccops lock`",
    )
