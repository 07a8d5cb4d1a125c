"""Where a plan comes from: made now from the account, or read from a file and checked."""

import time
from collections.abc import Sequence

import tzdata  # type: ignore[import-untyped]  # it ships data, no types

from ccops import __version__
from ccops.errors import Diagnostic, InvalidInput, StalePlan
from ccops.planning import planfile
from ccops.planning.assemble import make_plan
from ccops.planning.case import newest_lines
from ccops.planning.locking import Pins, missing_lock
from ccops.planning.permissions import permissions
from ccops.planning.plan import Plan
from ccops.planning.select import Selection, chosen, parse
from ccops.session.changed import changed
from ccops.session.guarded import guarded
from ccops.session.loading import read_plan
from ccops.session.wiring import Session
from ccops.survey import Survey, own_account, survey


def plan(
    session: Session,
    *,
    select: Sequence[str],
    allow: Sequence[str],
    reason: str,
    locked: bool = False,
) -> Plan:
    """Survey the account and decide about every selected campaign; nothing is written.

    `locked`: no name is resolved but by `ccops.lock`.

    Raises:
        CcopsError: see `chosen`, `changed`, `survey`, `make_plan` and `guarded`; InvalidInput CC325, there
            is no lock.
    """
    settings = session.workspace.settings
    granted = permissions(allow, reason)
    seen = _surveyed(session, parse(select), locked=locked)
    observed = [one.desired for one in seen.observations]
    made = make_plan(
        observations=seen.observations,
        rows=seen.rows,
        catalogue=seen.catalogue,
        account=seen.account,
        origin=session.origin,
        zone=settings.zone or seen.account.zone,
        now=seen.now,
        limits=settings.limits,
        newest=newest_lines(session.store.entries()),
        permissions=granted,
        selection=tuple(select),
        ccops_version=__version__,
        tzdata=zone_data(),
        commit=session.commit,
        requests=session.send.requests,
        halts=session.store.halts(),
        elsewhere=[one.campaign for one in session.workspace.desired if one not in observed],
    )
    return guarded(session, made, seen)


def _surveyed(session: Session, selection: Selection, *, locked: bool) -> Survey:
    """Observe what is selected, as far as it can be said before the account was read."""
    space, settings = session.workspace, session.workspace.settings
    if locked and space.lock is None:
        raise InvalidInput(missing_lock())
    differing = changed(space.root, space.desired, selection.of("changed"))
    return survey(
        session.send,
        chosen(space.desired, selection, differing),
        settings=settings,
        origin=session.origin,
        clock=session.send.clock.now,
        pause=lambda: time.sleep(settings.limits.reread.total_seconds()),
        tell=session.tell,
        pins=Pins(lock=space.lock, strict=locked),
        selection=selection,
    )


def planned(
    session: Session,
    *,
    file: str | None,
    checksum: str | None,
    select: Sequence[str],
    allow: Sequence[str],
    reason: str,
    locked: bool = False,
) -> Plan:
    """Return the plan to apply: the saved one, if it is fit for this account and hour, or a new one.

    With `checksum`, only the plan that has it.

    Raises:
        StalePlan: the file was changed, is for something else, or has another checksum.
        InvalidInput: a selection, a permission or `locked` for a saved plan: all are frozen in it.
    """
    if file is None:
        found = plan(session, select=select, allow=allow, reason=reason, locked=locked)
    else:
        _refuse_flags(select, allow, locked=locked)
        found = _fit(session, read_plan(file))
    if checksum is not None:
        _require(checksum, planfile.checksum(found))
    return found


def _fit(session: Session, found: Plan) -> Plan:
    """Check a saved plan against the account behind the login, and the server's clock."""
    account = own_account(session.send, session.workspace.settings)
    planfile.refuse_if_unfit(
        found,
        account_id=account.id,
        origin=session.origin,
        now=session.send.clock.now(),
        version=__version__,
        tzdata=zone_data(),
    )
    return found


def _refuse_flags(select: Sequence[str], allow: Sequence[str], *, locked: bool) -> None:
    given = {"--select": bool(select), "--allow": bool(allow), "--locked": locked}
    for flag in (name for name, present in given.items() if present):
        message = f"{flag} cannot be given for a saved plan: it is frozen in it"
        raise InvalidInput(
            Diagnostic(code="CC612", message=message, help=f"plan again with {flag}, and --save")
        )


def _require(wanted: str, found: str) -> None:
    if wanted != found:
        message = f"the plan's checksum is {found}, not {wanted}"
        remedy = "it is not the plan that was reviewed: run plan again and have it reviewed"
        raise StalePlan(Diagnostic(code="CC613", message=message, help=remedy))


def zone_data() -> str:
    """Return the version of the zone data in force, like "2026b"."""
    return str(tzdata.IANA_VERSION)
