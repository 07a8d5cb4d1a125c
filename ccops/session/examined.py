"""`ccops doctor`: everything that can be looked at, although something else is broken."""

import zoneinfo
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

from ccops.constantcontact.origin import is_loopback
from ccops.constantcontact.reader import has_footer_address, read_privileges, read_senders
from ccops.errors import CcopsError, ExitCode, NoReply, StoreUnavailable, Throttled
from ccops.render.checks import Check, CheckState, Subject, refused, skipped
from ccops.session.authorizing import Login, authorize
from ccops.session.examining.account import (
    account_check,
    footer_check,
    senders_check,
    zone_check,
)
from ccops.session.examining.attempts import attempt, checked
from ccops.session.examining.clocks import clock_check, sandbox_clock_check, zone_data_check
from ccops.session.examining.editor import editor_check
from ccops.session.examining.files import Files, read_workspace, workspace_check
from ccops.session.examining.logins import login_checks
from ccops.session.examining.memory import journal_check, requests_check, store_check
from ccops.session.examining.pins import lock_check, lock_file_check
from ccops.session.examining.rights import Purpose, privileges_check
from ccops.session.loading import local_now, origin_of
from ccops.session.planned import zone_data
from ccops.session.wiring import Environment, Session, environment, surroundings
from ccops.store.choice import Memory, open_memory
from ccops.survey import own_account
from ccops.transport import open_transport
from ccops.workspace import Workspace

_NEEDS = {
    Subject.EDITOR: "a workspace",
    Subject.LOGIN: "a workspace whose account is known",
    Subject.TOKEN: "a login",
    Subject.SCOPES: "a login",
    Subject.ACCOUNT: "a login and the store",
    Subject.PRIVILEGES: "a login that is accepted",
    Subject.SENDERS: "the account",
    Subject.FOOTER: "the account",
    Subject.TIME_ZONE: "the account",
    Subject.CLOCK: "an answer from the server",
    Subject.STORE: "a workspace whose account is known",
    Subject.JOURNAL: "the store",
    Subject.REQUESTS: "the store",
    Subject.LOCK: "the account, and manifests without a mistake",
}


def examine(
    start: Path, base_url: str | None, purpose: Purpose | None
) -> tuple[tuple[Check, ...], ExitCode]:
    """Check everything that can be checked: one check for each subject, in their order.

    Returns the checks and the exit code of the first failure, DONE without one. Nothing is
    written but, as by every command, the store: requests are counted, its lock is tried.
    """
    made = {check.id: check for check in _made(start, base_url, purpose)}
    checks = tuple(made.get(one) or skipped(one, _NEEDS[one]) for one in Subject)
    failures = (one.exit_code for one in checks if one.state is CheckState.FAILED)
    return checks, next(failures, ExitCode.DONE)


def _made(start: Path, base_url: str | None, purpose: Purpose | None) -> Iterator[Check]:
    # The zone data that ships with ccops decides, as for every command (`loading.load`).
    zoneinfo.reset_tzpath(())
    yield zone_data_check(zone_data(), local_now())
    origin = attempt(partial(origin_of, base_url))
    if isinstance(origin, CcopsError):
        yield refused(Subject.LOGIN, origin)
    loopback = isinstance(origin, str) and is_loopback(origin)
    files = attempt(partial(read_workspace, start, loopback=loopback))
    if isinstance(files, CcopsError):
        yield refused(Subject.WORKSPACE, files)
        return
    yield workspace_check(files)
    yield editor_check(files)
    yield from filter(None, [lock_file_check(files)])
    if isinstance(origin, str) and files.settings.account:
        yield from _connected(files, origin, purpose)


def _connected(files: Files, origin: str, purpose: Purpose | None) -> Iterator[Check]:
    """Look at the login and the store, each whatever becomes of the other; then at the account."""
    given, settings = environment(), files.settings
    around = surroundings(given, origin, settings.account, settings.limits)
    login = attempt(partial(authorize, around))
    yield from login_checks(login, shared=given.store is not None, now=local_now())
    with ExitStack() as stack:
        memory = attempt(lambda: stack.enter_context(_memory(given, origin, files, login)))
        if isinstance(memory, CcopsError):
            yield refused(Subject.STORE, memory)
            return
        if not isinstance(login, CcopsError):
            session = Session(
                workspace=Workspace(root=files.root, settings=settings, desired=files.desired),
                origin=origin,
                transport=stack.enter_context(open_transport(origin)),
                login=login,
                store=memory.store,
                meter=memory.meter,
                run="none",
                commit=given.commit,
                tell=lambda _: None,
                around=around,
            )
            yield from _online(session, files, purpose)
        yield store_check(memory.store)
        yield checked(Subject.JOURNAL, partial(journal_check, memory.store))
        yield checked(
            Subject.REQUESTS, partial(requests_check, memory.meter, settings.limits.per_day)
        )


def _memory(
    given: Environment, origin: str, files: Files, login: Login | CcopsError
) -> AbstractContextManager[Memory]:
    grant = None if isinstance(login, CcopsError) else login.grant
    return open_memory(
        given.store,
        given.state,
        origin=origin,
        account=files.settings.account,
        key=f"{origin} {given.api_key if grant is None else grant.client_id}",
        run="doctor",
    )


def _online(session: Session, files: Files, purpose: Purpose | None) -> Iterator[Check]:
    """Look at the account, with three requests beside its own, and a page each for the lock."""
    account = attempt(partial(own_account, session.send, files.settings))
    if isinstance(account, CcopsError):
        yield refused(Subject.ACCOUNT, account)
        yield from _without_account(session, account, purpose)
        return
    yield account_check(account)
    yield checked(Subject.CLOCK, partial(_clock, session, purpose))
    yield checked(Subject.PRIVILEGES, partial(_privileges, session, purpose))
    yield checked(Subject.SENDERS, partial(_senders, session, files))
    yield checked(Subject.FOOTER, lambda: footer_check(there=has_footer_address(session.send)))
    yield zone_check(files.settings.zone, account, local_now())
    if files.lock is not None and not files.errors:
        yield checked(Subject.LOCK, partial(lock_check, session, files.lock, files.desired))


def _without_account(
    session: Session, error: CcopsError, purpose: Purpose | None
) -> Iterator[Check]:
    """Look at what an answer tells that is no account, or another one.

    The privileges can be read by any login that is accepted (spec).
    """
    if isinstance(error, NoReply | Throttled | StoreUnavailable):
        return
    yield checked(Subject.CLOCK, partial(_clock, session, purpose))
    rights = attempt(partial(_privileges, session, purpose))
    if not isinstance(rights, CcopsError):
        yield rights
    elif rights.diagnostics != error.diagnostics:
        yield refused(Subject.PRIVILEGES, rights)


def _privileges(session: Session, purpose: Purpose | None) -> Check:
    return privileges_check(read_privileges(session.send), purpose)


def _senders(session: Session, files: Files) -> Check:
    senders = read_senders(session.send)
    return senders_check(senders, files.desired, session.send.clock.now())


def _clock(session: Session, purpose: Purpose | None) -> Check:
    if is_loopback(session.origin):
        return sandbox_clock_check(session.send.clock.now())
    return clock_check(session.send.clock.skew(local_now()), purpose)
