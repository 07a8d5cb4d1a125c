"""How the fleet stands, by what this machine or the shared store remembers; nothing is asked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ccops.errors import CcopsError, ExitCode
from ccops.fleet.accounts import Member, members, names
from ccops.fleet.ledger import Key, Ledger, keys, opened
from ccops.fleet.memories import Remembered, remembered
from ccops.fleet.results import newest
from ccops.fleet.run import worst
from ccops.ports import WriteState
from ccops.render.fleet_status import AccountStatus, KeyStatus, LastRun, StatusView
from ccops.session.loading import local_now
from ccops.session.wiring import environment, today
from ccops.store.naming import fingerprint

_SHOWN = 12


def status(folders: Sequence[Path], origin: str) -> StatusView:
    """Look at every account's journal, halts and last result, and at every API key's ledger.

    Needs no login and makes no request. Exit 10 if a write's outcome is unknown; else that of
    what cannot be read; else 0, as an open write may belong to a run that is under way.

    Raises:
        InvalidInput: as `ccops.fleet.accounts.members`. StoreUnavailable: no ledger can be read.
    """
    found = members(folders, origin)
    named = names(one.folder for one in found)
    accounts = tuple(_account(one, named[one.folder], origin) for one in found)
    known = keys(found, origin)
    with opened(known, origin) as ledger:
        spent = tuple(_key(one, ledger) for one in known)
    return StatusView(
        at=local_now(), accounts=accounts, keys=spent, exit_code=worst(_codes(accounts))
    )


def _codes(accounts: Iterable[AccountStatus]) -> Iterator[ExitCode]:
    for one in accounts:
        yield ExitCode.UNKNOWN if one.unknown else one.failure


def _account(member: Member, name: str, origin: str) -> AccountStatus:
    found = AccountStatus(name=name, workspace=str(member.folder), account=member.account)
    if member.refusal is not None:
        refusal = member.refusal
        return replace(found, trouble=str(refusal), failure=refusal.exit_code)
    found = replace(found, last=_last(member.account, origin))
    try:
        return _with(found, remembered(origin, member.account))
    except CcopsError as error:
        return replace(found, trouble=str(error), failure=error.exit_code)


def _with(found: AccountStatus, known: Remembered) -> AccountStatus:
    unknown = (one for one in known.open if one.state is WriteState.UNKNOWN)
    return replace(
        found,
        open_writes=tuple(one.campaign for one in known.open),
        unknown=tuple(one.campaign for one in unknown),
        halted=tuple(dict.fromkeys(one.campaign for one in known.halts)),
    )


def _last(account: str, origin: str) -> LastRun | None:
    found = newest(environment().state, origin, account)
    if found is None:
        return None
    done = found.outcome
    return LastRun(
        action=done.job.action, at=found.at, exit_code=done.exit_code, reason=done.reason
    )


def _key(key: Key, ledger: Ledger) -> KeyStatus:
    return KeyStatus(
        key=fingerprint(key.name)[:_SHOWN],
        accounts=len(key.accounts),
        used=ledger.spent(key.name, today()),
        limit=key.per_day,
    )
