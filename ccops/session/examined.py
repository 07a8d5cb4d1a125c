"""What `ccops doctor` looks at, from the workspace file to the clocks; reads only."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from ccops.constantcontact.origin import is_loopback
from ccops.constantcontact.privileges import (
    APPLY_PRIVILEGES,
    READ_PRIVILEGES,
    missing_privileges,
)
from ccops.constantcontact.reader import read_privileges, read_senders
from ccops.errors import CcopsError, ExitCode
from ccops.model import Account
from ccops.render.checks import Check, CheckState
from ccops.render.words import counted
from ccops.session.applied import MAX_SKEW
from ccops.session.loading import load, local_now
from ccops.session.planned import zone_data
from ccops.session.wiring import Session, reading, today
from ccops.survey import own_account

_NOTICEABLE = timedelta(seconds=30)


def examine(start: Path, base_url: str | None) -> tuple[tuple[Check, ...], ExitCode]:
    """Check everything that can be checked; a failure leaves out what depends on it.

    Returns the checks and the exit code of the first failure, DONE without one.
    """
    checks: list[Check] = []
    try:
        checks.append(_workspace(start, base_url))
        with reading(start, base_url) as session:
            account = own_account(session.send, session.workspace.settings)
            checks.extend(_account(session, account))
            checks.extend(check(session) for check in _CHECKS)
    except CcopsError as error:
        return (*checks, *_failures(error)), error.exit_code
    failed = any(check.state is CheckState.FAILED for check in checks)
    return tuple(checks), ExitCode.ACCESS if failed else ExitCode.DONE


def _workspace(start: Path, base_url: str | None) -> Check:
    space = load(start, base_url)
    detail = f"{counted(len(space.desired), 'campaign')} in {space.root}"
    return Check(title="workspace", state=CheckState.OK, detail=detail)


def _failures(error: CcopsError) -> Iterator[Check]:
    for one in error.diagnostics:
        where = f"{one.place}: " if one.place else ""
        detail = f"{where}{one.message}"
        yield Check(title=one.code, state=CheckState.FAILED, detail=detail, remedy=one.help)


def _account(session: Session, account: Account) -> Iterator[Check]:
    detail = f"{account.name}, {account.id}"
    yield Check(title="account", state=CheckState.OK, detail=detail)
    zone = session.workspace.settings.zone
    same = zone in {None, account.zone}
    yield Check(
        title="time zone",
        state=CheckState.OK if same else CheckState.WARNING,
        detail=zone or account.zone if same else f"{zone}; the account's is {account.zone}",
        remedy="" if same else "times are read in the workspace's zone; is that meant?",
    )


def _privileges(session: Session) -> Check:
    """Reading is needed by all commands, writing by apply alone."""
    have = read_privileges(session.send)
    unreadable = missing_privileges(have, READ_PRIVILEGES)
    unwritable = missing_privileges(have, APPLY_PRIVILEGES)
    if not unwritable:
        return Check(title="privileges", state=CheckState.OK, detail="may plan and apply")
    return Check(
        title="privileges",
        state=CheckState.FAILED if unreadable else CheckState.WARNING,
        detail=" ".join(one.message for one in unreadable or unwritable),
        remedy=(unreadable or unwritable)[0].help
        + ("" if unreadable else " Without it apply refuses; plan works."),
    )


def _senders(session: Session) -> Check:
    senders = read_senders(session.send)
    confirmed = [one.email for one in senders if one.confirmed]
    return Check(
        title="senders",
        state=CheckState.OK if confirmed else CheckState.FAILED,
        detail=f"{', '.join(confirmed) or 'none'} confirmed, of {len(senders)}",
        remedy="" if confirmed else "confirm a sender address in Constant Contact",
    )


def _clock(session: Session) -> Check:
    if is_loopback(session.origin):
        now = session.send.clock.now()
        return Check(title="clock", state=CheckState.OK, detail=f"{now:%F %T} UTC in the sandbox")
    skew = session.send.clock.skew(local_now())
    state = CheckState.WARNING if abs(skew) > _NOTICEABLE else CheckState.OK
    return Check(
        title="clock",
        state=state,
        detail=f"{skew.total_seconds():+.0f} s against the server's",
        remedy=""
        if state is CheckState.OK
        else f"set this machine's clock: beyond {MAX_SKEW.total_seconds():.0f} s apply refuses",
    )


def _zone_data(_: Session) -> Check:
    return Check(title="zone data", state=CheckState.OK, detail=zone_data())


def _quota(session: Session) -> Check:
    spent, cap = session.meter.spent(today()), session.workspace.settings.limits.per_day
    low = spent > cap * 9 // 10
    return Check(
        title="requests today",
        state=CheckState.WARNING if low else CheckState.OK,
        detail=f"{spent:,} of {cap:,}, as far as the store knows",
        remedy="the count starts anew at 00:00 UTC" if low else "",
    )


def _store(session: Session) -> Check:
    newest = {entry.activity_id: entry for entry in session.store.entries()}
    left_open = [entry.campaign for entry in newest.values() if entry.state.open]
    return Check(
        title="store",
        state=CheckState.WARNING if left_open else CheckState.OK,
        detail=session.store.name + (f"; unfinished: {', '.join(left_open)}" if left_open else ""),
        remedy="run ccops apply: it looks first what became of it" if left_open else "",
    )


_CHECKS: tuple[Callable[[Session], Check], ...] = (
    _privileges,
    _senders,
    _clock,
    _zone_data,
    _quota,
    _store,
)
