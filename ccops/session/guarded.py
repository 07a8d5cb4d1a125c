"""Judge a plan by the guards of the workspace: facts are read, holidays looked up, findings made."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from ccops.counting import attached, counted
from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.rules import Region, Rules
from ccops.planning.facts import Known, members
from ccops.planning.guarding.judge import judged
from ccops.planning.guarding.scene import Scene, scene_of
from ccops.planning.plan import Plan
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
        attached(session.send, plan, seen.observations),
        rules=rules,
        known=Known(members=members(seen.catalogue.lists)),
        manifests=session.workspace.desired,
        catalogue=seen.catalogue,
        now=seen.now,
    )
    scene = replace(scene, known=replace(scene.known, holidays=_holidays(rules, scene)))
    scene = counted(session.send, scene, origin=session.origin)
    return replace(judged(scene), requests=session.send.requests)


def _holidays(rules: Rules, scene: Scene) -> Mapping[date, str]:
    """Every public holiday of the rules' places, in the years of the sends that are judged."""
    if not rules.regions:
        return MappingProxyType({})
    # A day's margin on both sides: a send's own zone may be in another year than UTC.
    margins = (timedelta(days=-1), timedelta(days=1))
    years = {(moment.at + one).year for moment in scene.moments for one in margins}
    return public_holidays(rules.regions, years or {scene.now.year})


def public_holidays(regions: Iterable[Region], years: Iterable[int]) -> dict[date, str]:
    """Look up public holidays, in English. Raises InvalidInput CC226 or CC227."""
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
                region.country, subdiv=region.subdivision, years=set(years)
            )
        except (NotImplementedError, KeyError):
            message = f"no public holidays are known of {region}"
            remedy = "correct the code, or write the dates as `blackouts`"
            raise InvalidInput(Diagnostic(code="CC227", message=message, help=remedy)) from None
        found |= {day: f"{name} ({region})" for day, name in days.items()}
    return found
