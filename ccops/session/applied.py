"""Wire an apply: a client that may write, the store, signals, clocks; and let it run."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ccops.applying.apply import apply_plan
from ccops.applying.driver import World
from ccops.applying.report import Report
from ccops.constantcontact.client import Client
from ccops.constantcontact.origin import is_loopback
from ccops.constantcontact.privileges import APPLY_PRIVILEGES, missing_privileges
from ccops.constantcontact.reader import read_privileges
from ccops.constantcontact.writes import APPLY_WRITES
from ccops.errors import AccessDenied, Blocked, Diagnostic
from ccops.model import NOW
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum
from ccops.session.loading import local_now
from ccops.session.signals import Signals
from ccops.session.wiring import Session, writer
from ccops.survey import own_account

MAX_SKEW = timedelta(seconds=120)


def apply(session: Session, plan: Plan, *, tell: Callable[[str], None], signals: Signals) -> Report:
    """Apply a plan that may be applied; `tell` hears what happens, `signals` may end it early.

    Raises:
        AccessDenied: other account, or a privilege is missing; nothing was written.
        Blocked: a guard, or clocks too far apart; nothing was written.
        StoreUnavailable: the lock is held or the store is down; nothing was written.
    """
    at_once = {one.target.activity_id.lower() for one in plan.writing if one.send is NOW}
    send = writer(session, replace(APPLY_WRITES, send_now=frozenset(at_once)))
    own_account(send, session.workspace.settings)
    if plan.writing:
        _refuse_without_privileges(send)
        _refuse_skew(session, send)
    return apply_plan(
        plan,
        checksum=checksum(plan),
        run=session.run,
        limits=session.workspace.settings.limits,
        world=World(
            send=send,
            hands=send.hands,
            store=session.store,
            clock=send.clock.now,
            monotonic=time.monotonic,
            sleep=time.sleep,
            tell=tell,
            stopped=lambda: signals.code,
        ),
    )


def _refuse_without_privileges(send: Client) -> None:
    """A missing right must show before the first write, not between two of them."""
    missing = missing_privileges(read_privileges(send), APPLY_PRIVILEGES)
    if missing:
        raise AccessDenied(*missing)


def _refuse_skew(session: Session, send: Client) -> None:
    """Refuse to write when the clocks disagree; a sandbox's clock is virtual."""
    skew = send.clock.skew(local_now())
    if abs(skew) <= MAX_SKEW or is_loopback(session.origin):
        return
    seconds = skew.total_seconds()
    message = f"this machine's clock is {seconds:+.0f} s off the server's"
    remedy = f"set the clock; more than {MAX_SKEW.total_seconds():.0f} s is not written with"
    raise Blocked(Diagnostic(code="CC480", message=message, help=remedy))
