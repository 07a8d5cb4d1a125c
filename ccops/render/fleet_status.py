"""How a fleet stands: what is stuck, what the API keys have spent today, how it ended last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ccops.errors import ExitCode
from ccops.render.documents import document, instant
from ccops.render.fleet import meaning_of
from ccops.render.layout import Block, Span, Table, line, paint, sections
from ccops.render.moment import absolute
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The newest result of an account on this machine; `at` is UTC."""

    action: str
    at: datetime
    exit_code: ExitCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """One account; what is open, unknown and halted are campaigns' names.

    `unknown` are those of the `open_writes` that a person must look at. `trouble` says why nothing
    is known, and `failure` is its exit code.
    """

    name: str
    workspace: str
    account: str
    open_writes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    halted: tuple[str, ...] = ()
    last: LastRun | None = None
    trouble: str = ""
    failure: ExitCode = ExitCode.DONE

    @property
    def stuck(self) -> bool:
        """Whether somebody should look at it."""
        return bool(self.open_writes or self.halted or self.trouble or self._failed)

    @property
    def _failed(self) -> bool:
        return self.last is not None and self.last.exit_code is not ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """One API key by a hash of its name: requests counted this UTC day, and allowed in one."""

    key: str
    accounts: int
    used: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """All accounts and keys; `at` is UTC."""

    at: datetime
    accounts: tuple[AccountStatus, ...]
    keys: tuple[KeyStatus, ...]
    exit_code: ExitCode


def status_text(
    view: StatusView, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """The keys, then the accounts that somebody should look at, then the sum."""
    stuck = [one for one in view.accounts if one.stuck]
    parts = sections(
        _keys(view), *(tuple(_account(one)) for one in stuck), (_sum(view, len(stuck)),)
    )
    return paint(parts, style=style, width=width, encoding=encoding)


def _keys(view: StatusView) -> Iterator[Block]:
    if view.keys:
        titles = ("API KEY", "ACCOUNTS", "USED TODAY", "LIMIT")
        head = tuple(Span(title, Meaning.STRONG) for title in titles)
        rows = (
            tuple(map(Span, (one.key, f"{one.accounts:,}", f"{one.used:,}", f"{one.limit:,}")))
            for one in view.keys
        )
        yield Table(rows=(head, *rows), indent=0)


def _account(one: AccountStatus) -> Iterator[Block]:
    yield line(Span(one.name, Meaning.STRONG), Span(f"  {one.account}", Meaning.DIM), hang=4)
    if one.trouble:
        yield _told("not known", one.trouble, Meaning.ERROR)
    for campaign in one.open_writes:
        unknown = campaign in one.unknown
        words = "outcome unknown: a person must look" if unknown else "a write is open"
        yield _told(words, campaign, Meaning.ERROR if unknown else Meaning.WARNING)
    for campaign in one.halted:
        yield _told("halted", campaign, Meaning.WARNING)
    if one.last is not None and one.last.exit_code is not ExitCode.DONE:
        words = f"{one.last.action} ended {int(one.last.exit_code)}"
        when = absolute(one.last.at, zone="UTC")
        yield _told(words, f"{when}: {one.last.reason}", meaning_of(one.last.exit_code))


def _told(words: str, text: str, meaning: Meaning) -> Block:
    return line("  ", Span(words, meaning), f": {text}", hang=6)


def _sum(view: StatusView, stuck: int) -> Block:
    amount = f"{stuck:,} to look at" if stuck else "none to look at"
    return line(f"{counted(len(view.accounts), 'account')}: {amount}. Exit {int(view.exit_code)}.")


def status_json(view: StatusView, *, queue: Mapping[str, object] | None = None) -> str:
    """The same for other programs, with the accounts that are well; and where a queue stands."""
    beside = {} if queue is None else {"queue": queue}
    return document(
        "fleet-status",
        {
            **beside,
            "at": instant(view.at),
            "exit_code": int(view.exit_code),
            "accounts": [_fields(one) for one in view.accounts],
            "keys": [
                {"key": one.key, "accounts": one.accounts, "used": one.used, "limit": one.limit}
                for one in view.keys
            ],
        },
    )


def _fields(one: AccountStatus) -> Mapping[str, object]:
    return {
        "name": one.name,
        "workspace": one.workspace,
        "account": one.account,
        "open_writes": list(one.open_writes),
        "unknown": list(one.unknown),
        "halted": list(one.halted),
        "stuck": one.stuck,
        "trouble": one.trouble,
        "last": None if one.last is None else _last(one.last),
    }


def _last(one: LastRun) -> Mapping[str, object]:
    return {
        "action": one.action,
        "at": instant(one.at),
        "exit_code": int(one.exit_code),
        "reason": one.reason,
    }
