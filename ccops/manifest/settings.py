"""The workspace file to `Settings`: one account, its zone, its manifests, its safety distances."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.approvers import read_approvers
from ccops.manifest.clock import find_zone
from ccops.manifest.document import read_documents
from ccops.manifest.durations import read_duration
from ccops.manifest.names import text_of
from ccops.manifest.nodes import Node, entries_of, items_of, value_of
from ccops.manifest.reader import in_order
from ccops.manifest.rules import Rules, read_rules
from ccops.manifest.schema import compile_schema, sound
from ccops.manifest.unseen import noted
from ccops.model import JsonObject, Limits

DEFAULT_PATTERN = "campaigns/**/*.yaml"
_APART = frozenset({"guards", "limits", "partner"})
"""Of these each key is read by itself, and what is wrong with one hides no other."""
_PER_SECOND = 4
"""What any API key may ask a second (docs)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Which files are manifests: a pattern relative to the workspace, and where it is written."""

    text: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One `ccops.yaml`, read.

    `account` is the encoded_account_id; `zone` an IANA zone or None. `limits` hold what is
    written, else the defaults; they carry the partner key's daily quota too. `rules` configure
    the guards. `approvers` are logins in lower case; none: no approval is asked for.
    """

    account: str
    account_place: Place = field(compare=False)
    zone: str | None
    manifests: tuple[Pattern, ...]
    limits: Limits
    rules: Rules = field(default_factory=Rules)
    approvers: frozenset[str] = frozenset()


def read_settings(file: str, text: str, *, schema: JsonObject, loopback: bool) -> Settings:
    """Read a workspace file.

    `loopback`: the API origin is on this machine, so it is a sandbox, where any limit is
    allowed and settle, read_lag and request_gap default to 0. Raises one InvalidInput with
    every error.
    """
    settings, errors = examine_settings(file, text, schema=schema, loopback=loopback)
    if errors:
        raise InvalidInput(*errors)
    return settings


def examine_settings(
    file: str, text: str, *, schema: JsonObject, loopback: bool
) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Read a workspace file like `read_settings`, but return the errors.

    What is wrong is replaced so that the search for errors can go on: the zone by UTC, all else
    by its default, a file without keys by one that has no manifests.
    """
    trees, wrong = read_documents(file, text)
    errors = list(wrong)
    if len(trees) != 1 and not wrong:
        errors.append(_not_one(file))
    complaints = compile_schema(schema)(trees[0]) if trees else ()
    errors += (one.diagnostic for one in complaints)
    known = {
        name: value
        for tree in trees[:1]
        for name, (_, value) in sound(tree, complaints, apart=_APART).items()
    }
    unmatched = any(one.key == "manifests" for one in complaints) or not known
    settings = Settings(
        account=text_of(known["account"]) if "account" in known else "",
        account_place=known["account"].place if "account" in known else _start(file),
        zone=_zone(known, errors, doubtful=bool(errors)),
        manifests=() if unmatched else _patterns(file, known),
        limits=_limits(known, errors, loopback=loopback),
        rules=read_rules(known.get("guards"), errors),
        approvers=read_approvers(known.get("approvers"), errors),
    )
    return settings, in_order(map(noted, errors))


def _start(file: str) -> Place:
    return Place(file=file, line=1, column=1)


def _not_one(file: str) -> Diagnostic:
    return Diagnostic(
        code="CC211",
        message="a workspace file holds exactly one document",
        place=_start(file),
        help="write `version:`, `account:` and `timezone:` once, without ---",
    )


def _zone(known: dict[str, Node], errors: list[Diagnostic], *, doubtful: bool) -> str | None:
    if "timezone" not in known:
        return "UTC" if doubtful else None
    node = known["timezone"]
    try:
        return find_zone(text_of(node), node.place).key
    except InvalidInput as refused:
        errors += refused.diagnostics
        return "UTC"


def _patterns(file: str, known: dict[str, Node]) -> tuple[Pattern, ...]:
    if "manifests" not in known:
        return (Pattern(text=DEFAULT_PATTERN, place=_start(file)),)
    items = items_of(known["manifests"])
    return tuple(Pattern(text=text_of(item), place=item.place) for item in items)


def _limits(known: dict[str, Node], errors: list[Diagnostic], *, loopback: bool) -> Limits:
    """Give the limits in force: never below the floor, except on a loopback origin."""
    floor = _floor(known.get("partner"))
    zero = timedelta(0)
    start = replace(floor, settle=zero, read_lag=zero, request_gap=zero) if loopback else floor
    node = known.get("limits")
    written = {
        name: (read_duration(text_of(value)), value)
        for name, (_, value) in (entries_of(node) if node else {}).items()
    }
    if not loopback:
        errors += _below(floor, written)
    times = {name: duration for name, (duration, _) in written.items()}
    return Limits(
        lead=times.get("lead", start.lead),
        freeze=times.get("freeze", start.freeze),
        settle=times.get("settle", start.settle),
        read_lag=times.get("read_lag", start.read_lag),
        request_gap=times.get("request_gap", start.request_gap),
        per_day=start.per_day,
    )


def _floor(partner: Node | None) -> Limits:
    """Give the defaults of an API key: those of any key, unless it is a partner's.

    The gap keeps a fifth in hand, so that jitter never puts one request too many into a second:
    300 ms for the 4 a second that any key has.
    """
    per_second = value_of(partner, "per_second") if partner else None
    per_day = value_of(partner, "per_day") if partner else None
    rate = int(text_of(per_second)) if per_second else _PER_SECOND
    gap = timedelta(milliseconds=-(-1200 // rate))
    quota = int(text_of(per_day)) if per_day else Limits().per_day
    return Limits(request_gap=gap, per_day=quota)


def _below(floor: Limits, written: dict[str, tuple[timedelta, Node]]) -> list[Diagnostic]:
    least = {
        "lead": floor.lead,
        "freeze": floor.freeze,
        "settle": floor.settle,
        "request_gap": floor.request_gap,
    }
    return [
        Diagnostic(
            code="CC207",
            message=f"`{name}` is below {_words(least[name])}, the least allowed",
            place=node.place,
            help="write more, or remove it; less is allowed only against a sandbox",
        )
        for name, (duration, node) in written.items()
        if name in least and duration < least[name]
    ]


def _words(duration: timedelta) -> str:
    if duration < timedelta(seconds=1):
        return f"{duration // timedelta(milliseconds=1)} ms"
    minutes, rest = divmod(duration, timedelta(minutes=1))
    return f"{minutes} minutes" if not rest else f"{duration.total_seconds():g} seconds"
