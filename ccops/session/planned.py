"""Where a plan comes from: made now from the account, or read from a file and checked."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import tzdata  # type: ignore[import-untyped]  # it ships data, no types

from ccops import __version__
from ccops.errors import Diagnostic, InvalidInput, Severity, StalePlan
from ccops.planning import planfile
from ccops.planning.cache import Cache, names_at, renewed
from ccops.planning.case import newest_lines
from ccops.planning.locking import Pins, missing_lock
from ccops.planning.open_writes import open_writes
from ccops.planning.permissions import permissions
from ccops.planning.plan import Budget, Permission, Plan, Recalled, Refresh
from ccops.planning.select import Selection, chosen, parse
from ccops.planning.stale import last_written
from ccops.session.assembled import assembled
from ccops.session.cached import read_cache, write_cache
from ccops.session.changed import changed
from ccops.session.guarded import guarded, rejudged
from ccops.session.offline import offline_plan
from ccops.session.renamed import refuse_redeclared, refuse_renamed
from ccops.session.saved import read_plan
from ccops.session.wiring import Session, reading, today
from ccops.survey import Memory, Survey, own_account, survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A plan, and what there is to say of how it was made."""

    plan: Plan
    notes: tuple[Diagnostic, ...] = ()


def plan_of_workspace(
    start: Path,
    base_url: str | None,
    *,
    refresh: Refresh,
    saved: bool,
    select: Sequence[str],
    allow: Sequence[str],
    reason: str,
    locked: bool,
    tell: Callable[[str], None],
) -> Made:
    """Plan a workspace with as much reading as `refresh` says; what was read goes to the cache.

    `saved`: it is to be applied later, which a plan that read nothing never is.

    Raises:
        InvalidInput: CC223, a plan that reads nothing is to be saved; and as `offline_plan`.
        CcopsError: as `reading` and `plan`.
    """
    if refresh is Refresh.NONE and saved:
        raise InvalidInput(_never_applied())
    if refresh is Refresh.NONE:
        offline = offline_plan(
            start,
            base_url,
            select=select,
            allow=allow,
            reason=reason,
            tzdata=zone_data(),
            locked=locked,
        )
        return Made(plan=offline, notes=(_unjudged(),))
    granted, selection = permissions(allow, reason), parse(select)
    with reading(start, base_url, tell) as session:
        cache, notes = _cache(session, refresh, selection)
        recalling = cache if refresh is Refresh.CHANGED else None
        seen = _surveyed(session, selection, locked=locked, cache=recalling)
        made = _planned(session, seen, selection, granted, recalling)
        return Made(plan=made, notes=(*notes, *_remembered(session, seen, cache)))


def plan(
    session: Session,
    *,
    select: Sequence[str],
    allow: Sequence[str],
    reason: str,
    locked: bool = False,
) -> Plan:
    """Survey the account and decide about every selected campaign; nothing is written.

    Everything is read, and no cache is used. `locked`: no name is resolved but by `ccops.lock`.

    Raises:
        CcopsError: see `chosen`, `changed`, `survey`, `make_plan` and `guarded`; InvalidInput CC325, there
            is no lock.
    """
    granted, selection = permissions(allow, reason), parse(select)
    seen = _surveyed(session, selection, locked=locked)
    return _planned(session, seen, selection, granted)


def _planned(
    session: Session,
    seen: Survey,
    selection: Selection,
    granted: Sequence[Permission],
    cache: Cache | None = None,
) -> Plan:
    entries = session.store.entries()
    made = assembled(
        session.workspace,
        seen,
        origin=session.origin,
        select=selection.texts,
        granted=granted,
        commit=session.commit,
        tzdata=zone_data(),
        requests=session.send.requests,
        newest=newest_lines(entries),
        halts=session.store.halts(),
    )
    limit = session.workspace.settings.limits.per_day
    made = guarded(session, made, seen)
    # First of all findings: it is the last one that a short page may leave out.
    unknown = open_writes(entries, made.changes, zone=made.zone)
    budget = Budget(used=session.meter.spent(today()), limit=limit)
    made = replace(made, findings=(*unknown, *made.findings), budget=budget)
    if cache is None:
        return made
    named_at = names_at(seen.registers, cache.registers)
    recalled = Recalled(listed_at=seen.listed_at, names_at=named_at)
    return replace(made, refresh=Refresh.CHANGED, recalled=recalled)


def _surveyed(
    session: Session, selection: Selection, *, locked: bool, cache: Cache | None = None
) -> Survey:
    """Observe what is selected, as far as it can be said before the account was read."""
    space, settings = session.workspace, session.workspace.settings
    if locked and space.lock is None:
        raise InvalidInput(missing_lock())
    differing = changed(space.root, space.desired, selection.of("changed"))
    written = last_written(session.store.entries()) if cache else {}
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
        memory=Memory(cache=cache, written=written) if cache else None,
        readers=session.send.readers,
    )


def _cache(
    session: Session, refresh: Refresh, selection: Selection
) -> tuple[Cache | None, tuple[Diagnostic, ...]]:
    """Read the cache where it is of use, or say why everything is read instead.

    A full plan of everything starts the cache anew; one of a part keeps what it knows of the rest.
    """
    if refresh is Refresh.FULL and not selection.texts:
        return None, ()
    try:
        account = session.workspace.settings.account
        return read_cache(session.workspace.root, account=account, origin=session.origin), ()
    except InvalidInput as unusable:
        notes = tuple(map(_all_is_read, unusable.diagnostics))
        return None, notes if refresh is Refresh.CHANGED else ()


def _all_is_read(unusable: Diagnostic) -> Diagnostic:
    remedy = "so everything was read, as without --refresh; this plan is complete"
    return replace(unusable, severity=Severity.NOTE, help=remedy)


def _remembered(session: Session, seen: Survey, cache: Cache | None) -> tuple[Diagnostic, ...]:
    """Write what was read to the cache, or say why that is impossible: no plan depends on it."""
    new = Cache(
        account=seen.account,
        origin=session.origin,
        listed_at=seen.listed_at,
        rows=seen.rows,
        registers=seen.registers,
    )
    try:
        write_cache(session.workspace.root, renewed(cache, new, seen.readings))
    except InvalidInput as unwritten:
        return unwritten.diagnostics
    return ()


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
        StalePlan: the file was changed, is for something else, or has another checksum; or
            manifests, lists or segments of it have changed since.
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
    """Check a saved plan against the account, the server's clock, and the manifests."""
    account = own_account(session.send, session.workspace.settings)
    planfile.refuse_if_unfit(
        found,
        account_id=account.id,
        origin=session.origin,
        now=session.send.clock.now(),
        version=__version__,
        tzdata=zone_data(),
    )
    refuse_redeclared(session.workspace, found)
    return rejudged(session, found, refuse_renamed(session, found))


def _never_applied() -> Diagnostic:
    return Diagnostic(
        code="CC223",
        message="a plan made with --refresh none is never applied, so it cannot be saved",
        help="save one that was made from the account; `--out` writes this one for reading",
    )


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


def _unjudged() -> Diagnostic:
    return Diagnostic(
        code="CC228",
        message="the guards of ccops.yaml were not asked: they go by counts, and nothing was read",
        severity=Severity.NOTE,
    )
