"""Which campaigns of the account a pull is about: by name, by state, or all."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import CampaignRow, Status
from ccops.planning.names import plain, suggest

STATES: Mapping[str, Status] = {
    "scheduled": Status.SCHEDULED,
    "draft": Status.DRAFT,
    "sent": Status.DONE,
    "sending": Status.EXECUTING,
    "failed": Status.ERROR,
}
"""What `--state` knows, in the order in which campaigns are pulled."""

_NEWEST_FIRST = tuple(STATES.values())


def read_states(
    texts: Sequence[str], names: Sequence[str], *, every: bool
) -> frozenset[Status] | None:
    """Read `--state` and `--all`; None: campaigns in every state.

    Without both, whoever names campaigns means them in any state, and else what is scheduled.
    Raises InvalidInput CC286.
    """
    words = [word.strip().lower() for text in texts for word in text.split(",")]
    unknown = [word for word in words if word not in STATES]
    if unknown:
        known = ", ".join(STATES)
        guess = suggest(unknown[0], STATES) or f"the states are {known}"
        raise _refusal("CC286", f"{unknown[0]!r} is no state that can be pulled", guess)
    if every and words:
        raise _refusal("CC286", "--all is every --state already", "write one of them")
    if words:
        return frozenset(STATES[word] for word in words)
    return None if every or names else frozenset({Status.SCHEDULED})


def choose(
    rows: Sequence[CampaignRow], names: Sequence[str], states: frozenset[Status] | None
) -> tuple[CampaignRow, ...]:
    """Return the campaigns that are meant: what is still to be sent first, then by name and id.

    A name means campaigns of exactly this name (NFC); only where there are none are wildcards
    looked for in it.

    Raises:
        InvalidInput: CC301 no campaign has a name; CC287 a name with wildcards matches none, or
            those that are meant are in no state that is asked for.
    """
    found = list(rows)
    if names:
        meant = {row.campaign_id for name in _known(names, rows) for row in _of(name, rows)}
        found = [row for row in rows if row.campaign_id in meant]
    chosen = [row for row in found if states is None or row.status in states]
    if names and not chosen:
        message = f"no campaign of {_quoted(names)} is {' or '.join(_words(states))}"
        raise _refusal("CC287", message, "leave --state out to pull it in any state")
    return tuple(sorted(chosen, key=_order))


def _known(names: Sequence[str], rows: Sequence[CampaignRow]) -> Sequence[str]:
    """Raises InvalidInput with every name that means no campaign."""
    wrong = [_unknown(name, rows) for name in names if not _of(name, rows)]
    if wrong:
        raise InvalidInput(*wrong)
    return names


def _of(name: str, rows: Iterable[CampaignRow]) -> list[CampaignRow]:
    wanted, known = plain(name), tuple(rows)
    exact = [row for row in known if plain(row.name) == wanted]
    return exact or [row for row in known if fnmatchcase(plain(row.name), wanted)]


def _unknown(name: str, rows: Sequence[CampaignRow]) -> Diagnostic:
    if any(char in name for char in "*?["):
        remedy = "check the spelling, upper and lower case"
        return Diagnostic(code="CC287", message=f"no campaign matches {name!r}", help=remedy)
    remedy = suggest(name, [row.name for row in rows]) or "`ccops list` shows those there are"
    return Diagnostic(code="CC301", message=f'unknown campaign "{name}"', help=remedy)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _words(states: frozenset[Status] | None) -> list[str]:
    return [word for word, status in STATES.items() if states is not None and status in states]


def _order(row: CampaignRow) -> tuple[int, str, str]:
    known = row.status in _NEWEST_FIRST
    rank = _NEWEST_FIRST.index(row.status) if known else len(_NEWEST_FIRST)
    return rank, row.name, row.campaign_id


def _refusal(code: str, message: str, remedy: str) -> InvalidInput:
    return InvalidInput(Diagnostic(code=code, message=message, help=remedy))
