"""Judge a plan by the guards of the workspace: facts are read, holidays looked up, findings made."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from ccops.constantcontact import reader
from ccops.counting.attached import attached
from ccops.counting.counts import counted
from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.rules import Guard, Region, Rules
from ccops.model import RecipientKind
from ccops.planning.facts import Known, members
from ccops.planning.guarding.judge import judged
from ccops.planning.guarding.scene import Scene, makes_send, scene_of
from ccops.planning.plan import Plan
from ccops.planning.resolve import Catalogue
from ccops.session.wiring import Session
from ccops.survey import Survey


def guarded(session: Session, plan: Plan, seen: Survey) -> Plan:
    """Return the plan with the counts and the findings of all guards, and the requests they took.

    Raises:
        InvalidInput: CC226 the library for holidays is not installed, CC227 it knows no such place.
        CcopsError: see `counted`.
    """
    rules = session.workspace.settings.rules
    scene = scene_of(
        attached(session.send, plan, seen.observations, rules=rules),
        rules=rules,
        known=Known(members=members(seen.catalogue.lists)),
        manifests=session.workspace.desired,
        catalogue=seen.catalogue,
        now=seen.now,
    )
    scene = replace(scene, known=replace(scene.known, holidays=_holidays(rules, scene)))
    scene = counted(session.send, scene, rows=seen.rows, origin=session.origin)
    return replace(judged(scene), requests=session.send.requests)


def rejudged(session: Session, saved: Plan, living: Catalogue) -> Plan:
    """Return a saved plan with what the guards have against it now and had not when it was made.

    Counts, other campaigns and `ccops.yaml` may have changed since. The findings that it has stay,
    and its permissions hold. Senders and privileges are not asked for again: `apply` refuses without
    the privilege, and reads every activity. `living` are the lists and segments that were read
    already; without a guard that goes by facts nothing more is.

    Raises:
        CcopsError: as `guarded`.
    """
    space, rules = session.workspace, session.workspace.settings.rules
    asks = rules.by_facts or any(one.target.expect.contacts for one in saved.changes)
    if not any(makes_send(one) for one in saved.changes):
        return saved
    scene = scene_of(
        replace(saved, findings=()),
        rules=rules,
        known=Known(members=members(living.lists)),
        manifests=space.desired,
        catalogue=living,
        now=session.send.clock.now(),
    )
    scene = replace(scene, known=replace(scene.known, holidays=_holidays(rules, scene)))
    again = judged(_read_anew(session, scene) if asks else scene).findings
    new = tuple(one for one in again if one.blocking and one.guard not in _ASKED_BY_APPLY)
    return replace(saved, findings=(*saved.findings, *new))


_ASKED_BY_APPLY = frozenset({Guard.SENDER_CONFIRMED, Guard.SEND_PRIVILEGE})


def _read_anew(session: Session, scene: Scene) -> Scene:
    send, origin, rules, read = session.send, session.origin, scene.rules, scene.catalogue
    segments = any(one.kind is RecipientKind.SEGMENT for one in scene.manifests)
    catalogue = Catalogue(
        lists=read.lists or reader.read_lists(send, origin=origin, members=True),
        segments=read.segments or (reader.read_segments(send, origin=origin) if segments else ()),
    )
    others = rules.crowding or rules.max_growth is not None
    rows = reader.read_campaigns(send, origin=origin) if others else ()
    known = replace(scene.known, members=members(catalogue.lists))
    return counted(send, replace(scene, catalogue=catalogue, known=known), rows=rows, origin=origin)


def _holidays(rules: Rules, scene: Scene) -> Mapping[date, str]:
    """Every public holiday of the rules' places, in the years of the sends that are judged."""
    if not rules.regions:
        return MappingProxyType({})
    moments = (*scene.moments, *scene.attached)
    years = {wall.year for moment in moments for wall in moment.walls}
    return public_holidays(rules.regions, years or {scene.now.year})


def public_holidays(regions: Iterable[Region], years: Iterable[int]) -> dict[date, str]:
    """Look up public holidays, in English wherever this runs. Raises InvalidInput CC226 or CC227."""
    try:
        # Imported only here: few workspaces have this guard, and the library is an extra.
        import holidays  # noqa: PLC0415 - see above
    except ImportError:
        message = "the guard `holidays` needs a library that is not installed"
        remedy = "pip install 'ccops[holidays]', or write the dates as `blackouts`"
        raise InvalidInput(Diagnostic(code="CC226", message=message, help=remedy)) from None
    found: dict[date, str] = {}
    for region in regions:
        try:
            days = holidays.country_holidays(
                region.country, subdiv=region.subdivision, years=set(years), language="en_US"
            )
        except (NotImplementedError, KeyError):
            message = f"no public holidays are known of {region}"
            remedy = "correct the code, or write the dates as `blackouts`"
            raise InvalidInput(Diagnostic(code="CC227", message=message, help=remedy)) from None
        found |= {day: f"{name} ({region})" for day, name in days.items()}
    return found
