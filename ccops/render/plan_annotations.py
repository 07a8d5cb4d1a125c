"""A plan as annotations of a commit: what guards found, and the campaigns that need a person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ccops.errors import Diagnostic, Severity
from ccops.planning.plan import Change, Plan
from ccops.render.annotations import annotations
from ccops.render.headline import headline
from ccops.render.words import WORDING, needing_person


def plan_annotations(plan: Plan, *, now: datetime, folder: str = "") -> str:
    """The workflow commands of a plan's diagnostics, then what the plan comes to, in one line.

    `folder` is that of `annotations`. For the log of a job, which obeys it, and nothing else.
    """
    found = headline(plan, now=now)
    return (
        f"{annotations(tuple(plan_diagnostics(plan)), folder=folder)}{found.title} {found.detail}\n"
    )


def plan_diagnostics(plan: Plan) -> Iterator[Diagnostic]:
    """What guards found, as severe as it is for this plan, then each campaign that needs a person."""
    for finding in plan.findings:
        severity = Severity.ERROR if finding.blocking else Severity.WARNING
        yield replace(finding.diagnostic, severity=severity)
    yield from map(_needs_person, needing_person(plan))


def _needs_person(change: Change) -> Diagnostic:
    return Diagnostic(
        code="CC483",
        message=f"{change.campaign!r} needs a person: {WORDING[change.verdict].says}",
        place=change.place,
        label=change.reason,
        help=change.remedy,
        severity=Severity.WARNING,
    )
