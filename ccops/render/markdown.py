"""A plan as GitHub Markdown, for the reviewer of a pull request.

Foreign text stands in code spans, fences and escaped summaries only. The page is read from the
top: what cannot be undone comes first.
"""

from collections.abc import Iterator
from datetime import datetime

from ccops.planning.plan import Change, Finding, Plan, Refresh, Verdict
from ccops.render.budget import ROOM, Section, fitted
from ccops.render.escape import code, marker
from ccops.render.gantt import gantt
from ccops.render.headcount import contacts, counted_today, overlapping
from ccops.render.headline import clean, headline, left_alone, partial, verdict
from ccops.render.markdown_change import addressed, details, other_row, person_row, send_row
from ccops.render.markdown_lead import lead
from ccops.render.markdown_lists import lists
from ccops.render.moment import absolute, moment
from ccops.render.phrases import counted
from ccops.render.redaction import redacted
from ccops.render.source import Source, located
from ccops.render.timeline import at_once, upcoming
from ccops.render.words import counts, in_sync, irreversible, needing_person


def plan_markdown(
    plan: Plan,
    *,
    checksum: str,
    now: datetime,
    budget: int = ROOM,
    source: Source | None = None,
    public: bool = False,
) -> str:
    """The plan as a pull request comment of at most `budget` UTF-8 bytes.

    GitHub refuses a comment above 65,536 characters. Details go first, then the calendar, then
    rows from the safest end. Permissions, irreversible sends, blocking findings and the verdict
    are kept as long as the budget, or 20,000 bytes, can hold them (see `fitted`).

    With a `source`, places in manifests are links. `public`: everybody can read the page, so it
    is that of the `redacted` plan and says so; `checksum` remains the plan's own.
    """
    plan = redacted(plan) if public else plan
    sections = (
        _top(plan, checksum, now, public=public),
        *_permissions(plan),
        *_caution(plan),
        *_findings(plan, source),
        _counts(plan, now),
        *_sends(plan, now),
        *_overlaps(plan),
        *_others(plan, now),
        *_needs_person(plan, now),
        *lists(plan, now=now),
        *_details(plan, now, source),
        *_calendar(plan, now),
        Section(head=_footer(plan, checksum, now)),
    )
    return fitted(sections, budget, most=max(budget, _LEAST))


_LEAST = 20_000
"""Bytes below which what is required is not thinned, whatever the budget."""


def _top(plan: Plan, checksum: str, now: datetime, *, public: bool) -> Section:
    status = headline(plan, now=now).status
    data = {
        "account": plan.account.id,
        "checksum": checksum,
        "commit": plan.commit,
        "risk": plan.risk,
        "status": status,
    }
    unread = " ".join(partial(plan, now=now))
    parts = (
        f"{marker('plan', data)}\n## ccops plan for {code(plan.account.name)}: {status}",
        lead(plan, now=now),
        f"Only {_selected(plan.selection)}: this plan is partial." if plan.selection else "",
        f"**This plan is partial.** {unread}" if unread else "",
        _PUBLIC if public else "",
    )
    return Section(head="\n\n".join(part for part in parts if part))


_PUBLIC = (
    "<sub>Everybody can read this page: names of recipients and subjects are left out, and numbers"
    " are rounded up.</sub>"
)


def _selected(selectors: tuple[str, ...]) -> str:
    shown = ", ".join(map(code, selectors[:_SELECTORS]))
    more = len(selectors) - _SELECTORS
    return shown if more <= 0 else f"{shown} and {more:,} more"


_SELECTORS = 20


def _permissions(plan: Plan) -> Iterator[Section]:
    rows = tuple(
        f"> - {code(one.rule)} for {code(one.campaign)}"
        f"{f', because {code(one.reason)}' if one.reason else ''}"
        for one in plan.permissions
    )
    if rows:
        yield Section(head="> [!IMPORTANT]\n> **Allowed in this plan:**", rows=rows)


def _caution(plan: Plan) -> Iterator[Section]:
    final = [change for change in plan.writing if irreversible(change)]
    if final:
        amount = counted(len(final), "campaign")
        text = f"> **Applying this plan sends {amount} at once. It cannot be undone.**"
        yield Section(head=f"> [!CAUTION]\n{text}", rows=tuple(map(_final, final)))


def _final(change: Change) -> str:
    to = addressed(change.audience)
    return f"> - {code(change.campaign)}{f' → {to}: **{contacts(change.audience)}**' if to else ''}"


def _findings(plan: Plan, source: Source | None) -> Iterator[Section]:
    blocking = tuple(_finding(one, source) for one in plan.findings if one.blocking)
    softer = tuple(_finding(one, source) for one in plan.findings if not one.blocking)
    if blocking:
        head = f"> **{counted(len(blocking), 'finding')} to clear.** Nothing can be applied before."
        yield Section(head=f"> [!WARNING]\n{head}", rows=blocking)
    if softer:
        still = "" if blocking else " The plan can be applied all the same."
        head = f"> **{counted(len(softer), 'warning')}.**{still}"
        yield Section(head=f"> [!NOTE]\n{head}", rows=softer, required=1, worth=6)


def _finding(finding: Finding, source: Source | None) -> str:
    found = finding.diagnostic
    place = f" {located(found.place, source)}" if found.place else ""
    parts = (
        f"> - {code(finding.campaign)}: {code(found.message)}",
        code(found.label) if found.label else "",
        f"To do: {code(found.help)}" if found.help else "",
        f"{code(found.code)} {code(finding.guard)}{place}",
    )
    return "<br>".join(part for part in parts if part)


def _counts(plan: Plan, now: datetime) -> Section:
    changed = counted(len(plan.writing), "campaign")
    verb = "changes" if len(plan.writing) == 1 else "change"
    first = f"**{changed} {verb}:** {counts(plan)} " if plan.writing else ""
    said = "" if plan.writing else f"{verdict(plan, now=now).detail} "
    same = f"{in_sync(plan)} " if any(map(_in_sync, plan.changes)) else ""
    text = f"{said}{first}{same}{left_alone(plan)}".rstrip()
    return Section(head=f"{text}{_next(plan, now)}{_merge_by(plan, now)}")


def _in_sync(change: Change) -> bool:
    return change.verdict in {Verdict.IN_SYNC, Verdict.SENT}


def _next(plan: Plan, now: datetime) -> str:
    """The next send, where the page has nothing else to tell of."""
    coming = upcoming(plan, now=now) if clean(plan) else ()
    if not coming:
        return ""
    when = moment(coming[0].when, zone=plan.zone, now=now)
    return f"\n\nNext send: **{when}**, {code(coming[0].change.campaign)}."


def _merge_by(plan: Plan, now: datetime) -> str:
    limit = plan.apply_by
    if limit is None or plan.refresh is Refresh.NONE:
        return ""
    name = next(change.campaign for change in plan.writing if change.apply_by == limit)
    when = moment(limit, zone=plan.zone, now=now)
    return f"\n\n**Merge by {when}.** After that {code(name)} cannot go out as declared."


def _sends(plan: Plan, now: datetime) -> Iterator[Section]:
    final = at_once(plan)
    dated = tuple(one for one in plan.writing if isinstance(one.send, datetime))
    if final or dated:
        rows = tuple(send_row(change, now=now) for change in (*final, *dated))
        yield Section(head=_SENDS, rows=rows, required=len(final), worth=5)
    notes = (_UNDO if dated else "", _COUNTED if counted_today(plan) else "")
    if any(notes):
        yield Section(head=f"<sub>{' '.join(filter(None, notes))}</sub>")


_SENDS = """### What will be sent

| Campaign | Sends |
|--|--|"""
_UNDO = "To take back what has not been sent, write `send_at: unscheduled` and merge."
_COUNTED = (
    "Contacts are the active ones of today, everybody once. Constant Contact decides who receives"
    " a campaign when it sends it."
)


def _overlaps(plan: Plan) -> Iterator[Section]:
    rows = tuple(
        f"- {code(one.first)} and {code(one.second)}: **{many}**" for one, many in overlapping(plan)
    )
    if rows:
        yield Section(head="### Who receives more than one\n", rows=rows, required=0, worth=4)


def _others(plan: Plan, now: datetime) -> Iterator[Section]:
    rows = tuple(other_row(change, now=now) for change in plan.writing if change.send is None)
    if rows:
        yield Section(head="### Other changes\n", rows=rows, required=0, worth=3)


def _needs_person(plan: Plan, now: datetime) -> Iterator[Section]:
    rows = tuple(person_row(change, now=now) for change in needing_person(plan))
    if rows:
        yield Section(head="### Needs a person\n", rows=rows, required=0, worth=4)


def _details(plan: Plan, now: datetime, source: Source | None) -> Iterator[Section]:
    final = tuple(change for change in plan.writing if irreversible(change))
    rest = tuple(change for change in plan.writing if not irreversible(change))
    rows = tuple(details(change, now=now, source=source) for change in (*final, *rest))
    if rows:
        yield Section(head="### Changes in detail\n", rows=rows, required=0, worth=1)


def _calendar(plan: Plan, now: datetime) -> Iterator[Section]:
    """A picture of what the page says; where room is short it goes right after the details."""
    drawn = "" if clean(plan) else gantt(plan, now=now)
    if drawn:
        fold = f"<details><summary>The same sends as a picture</summary>\n\n{drawn}\n\n</details>"
        yield Section(head="### Send calendar\n", rows=(fold,), required=0, worth=1)


def _footer(plan: Plan, checksum: str, now: datetime) -> str:
    made = absolute(plan.created_at, zone=plan.zone)
    seen = absolute(now, zone=plan.zone)
    commit = f" for {code(plan.commit)}" if plan.commit else ""
    counting = "then" if seen == made else seen
    reads = f" Made with {counted(plan.requests, 'request')}." if plan.requests else ""
    valid = absolute(plan.expires_at, zone=plan.zone)
    appliable = plan.writing and plan.refresh is not Refresh.NONE
    until = f" Valid until {valid}. Checksum {code(checksum)}." if appliable else ""
    made += " by the machine's clock" if plan.refresh is Refresh.NONE else ""
    return (
        f"<sub>Plan made {made}{commit}; times such as “in 3 days” count from {counting}."
        f"{reads}{until} Account {code(plan.account.id)} at {code(plan.origin)}.</sub>"
    )
