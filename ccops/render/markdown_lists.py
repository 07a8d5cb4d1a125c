"""What a plan leaves as it is, as lists of a page in Markdown."""

from collections.abc import Iterator
from datetime import datetime

from ccops.planning.plan import Plan, Verdict
from ccops.render.budget import Section
from ccops.render.escape import code
from ccops.render.headline import clean
from ccops.render.moment import absolute, moment
from ccops.render.phrases import counted
from ccops.render.timeline import upcoming
from ccops.render.words import waiting


def lists(plan: Plan, *, now: datetime) -> Iterator[Section]:
    """What this plan leaves as it is, but a reviewer may want to know."""
    found = (
        ("Being sent right now", _sending(plan)),
        ("Waiting for a later apply", _later(plan)),
        ("Sent, but declared in no manifest", _undeclared(plan)),
        ("Scheduled already, and not changed", () if clean(plan) else _unchanged(plan, now)),
        ("Scheduled in Constant Contact, but in no manifest (left alone)", _strangers(plan)),
    )
    for title, rows in found:
        listed = tuple(rows)
        if listed:
            yield Section(head=f"### {title}\n", rows=listed, required=0, worth=2)


def _sending(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        if change.verdict is Verdict.SENDING:
            yield f"- {code(change.campaign)}"


def _later(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        for wait in change.waiting:
            yield f"- {code(change.campaign)}: {waiting(wait, zone=change.zone)}"


def _undeclared(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        for record in change.undeclared:
            when = absolute(record.ran_at, zone=change.zone)
            yield f"- {code(change.campaign)}: {when}, to {counted(record.count, 'contact')}"


def _unchanged(plan: Plan, now: datetime) -> Iterator[str]:
    for one in upcoming(plan, now=now):
        if not one.change.verdict.writes and not one.untouched:
            when = moment(one.when, zone=plan.zone, now=now)
            yield f"- {when}: {code(one.change.campaign)}"


def _strangers(plan: Plan) -> Iterator[str]:
    for one in plan.unmanaged:
        yield f"- {code(one.name)}"
