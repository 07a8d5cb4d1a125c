"""A plan for the terminal: read from the bottom up, so what cannot be undone comes last."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ccops.planning.plan import Change, Plan, Refresh, Verdict
from ccops.render.attached import attached
from ccops.render.diagnostics import diagnostic_blocks
from ccops.render.headcount import overlapping
from ccops.render.headline import Tone, clean, headline, left_alone, made_with, partial
from ccops.render.layout import Block, Line, Span, Table, line, paint, sections
from ccops.render.moment import absolute, moment, relative, short, utc
from ccops.render.phrases import counted, joined
from ccops.render.style import Meaning, Style
from ccops.render.text_change import change_blocks, headed, recipients_blocks
from ccops.render.timeline import Upcoming, at_once, upcoming
from ccops.render.words import (
    WORDING,
    briefly,
    counts,
    in_sync,
    needing_person,
    scheduled,
    waiting,
)

_TONES = {
    Tone.CLEAN: Meaning.OK,
    Tone.READY: Meaning.OK,
    Tone.ATTENTION: Meaning.WARNING,
    Tone.IRREVERSIBLE: Meaning.IRREVERSIBLE,
    Tone.BLOCKED: Meaning.ERROR,
}


def plan_text(
    plan: Plan,
    *,
    checksum: str,
    now: datetime,
    style: Style,
    width: int | None = None,
    encoding: str = "utf-8",
    show_requests: bool = False,
) -> str:
    """The plan for a person at a terminal, or for a log (`width` None: nothing is wrapped).

    Permissions stand first. The changes follow in the plan's order, irreversible last; the last
    lines alone tell what happens if one goes on.
    """
    changes = (change_blocks(one, now=now, show_requests=show_requests) for one in plan.writing)
    before = (_permissions(plan), _header(plan, now))
    apart = (_sending(plan), _timeline(plan, now), *_apart(plan, now))
    if clean(plan):
        blocks = sections(*before, _state(plan, now), *apart, _made(plan))
    else:
        findings = _findings(plan)
        end = (*_state(plan, now), *_bottom_line(plan, checksum, now))
        people = _needs_person(plan, now)
        blocks = sections(*before, _legend(plan), *changes, people, *apart, *findings, end)
    return paint(blocks, style=style, width=width, encoding=encoding)


def _permissions(plan: Plan) -> Iterator[Block]:
    for one in plan.permissions:
        why = f", because {one.reason}" if one.reason else ""
        yield line(
            Span("Allowed:", Meaning.WARNING), f" {one.rule} for {one.campaign}{why}", hang=9
        )


def _header(plan: Plan, now: datetime) -> Iterator[Block]:
    account = f"{plan.account.name} · {plan.account.id} · {plan.zone} · {plan.origin}"
    yield _headed("Workspace", account)
    made = absolute(plan.created_at, zone=plan.zone)
    if abs(now - plan.created_at) >= timedelta(minutes=1):
        made = moment(plan.created_at, zone=plan.zone, now=now)
    made += " by this machine's clock" if plan.refresh is Refresh.NONE else ""
    yield _headed("As of", f"{made} · commit {plan.commit}" if plan.commit else made)
    only = (f"only {', '.join(plan.selection)}",) if plan.selection else ()
    for at, text in enumerate((*only, *partial(plan, now=now))):
        yield _headed("" if at else "Partial", text)


def _headed(title: str, text: str) -> Line:
    return line(Span(f"{title:<11}", Meaning.STRONG), text, hang=11)


def _legend(plan: Plan) -> Iterator[Block]:
    used = {WORDING[change.verdict].symbol for change in plan.writing}
    legend = {one.symbol: one for one in WORDING.values() if one.legend and one.symbol in used}
    parts = (
        part
        for one in legend.values()
        for part in (Span(one.symbol, one.meaning), f" {one.legend}  ")
    )
    if plan.writing:
        yield line(Span("Actions    ", Meaning.STRONG), *parts, hang=11)


def _needs_person(plan: Plan, now: datetime) -> tuple[Block, ...]:
    blocks = sections(*((headed(change), *_person(change, now)) for change in needing_person(plan)))
    return (line(Span("Needs a person", Meaning.WARNING)), *blocks) if blocks else ()


def _person(change: Change, now: datetime) -> Iterator[Block]:
    says = Span(WORDING[change.verdict].says, Meaning.ERROR)
    why = f": {change.reason}" if change.reason else ""
    yield line("    ", says, why, hang=4)
    yield from recipients_blocks(change, written=False)
    when = scheduled(change.before)
    if when is not None:
        loud = Span(f"still sends {moment(when, zone=change.zone, now=now)}", Meaning.WARNING)
        yield line("    ", loud, hang=16)
    if change.remedy:
        yield line("    to do       ", change.remedy, hang=16)


def _sending(plan: Plan) -> Iterator[Block]:
    names = [one.campaign for one in plan.changes if one.verdict is Verdict.SENDING]
    if names:
        yield line(Span("Being sent right now: ", Meaning.STRONG), joined(names), hang=4)


def _timeline(plan: Plan, now: datetime) -> Iterator[Block]:
    rows = (
        *(_now_row(change) for change in at_once(plan)),
        *(_row(send, plan.zone, now) for send in upcoming(plan, now=now)),
    )
    if rows:
        title = Span("Next sends" if clean(plan) else "Sends to come", Meaning.STRONG)
        yield line(title, Span(f" ({plan.zone})", Meaning.DIM))
        yield Table(rows=rows)


def _now_row(change: Change) -> tuple[Span, ...]:
    now = Span("as soon as applied", Meaning.IRREVERSIBLE)
    return (now, Span(""), Span(""), Span(change.campaign), _audience(change))


def _row(send: Upcoming, zone: str, now: datetime) -> tuple[Span, ...]:
    untouched = Span("not touched: needs a person", Meaning.WARNING)
    return (
        Span(short(send.when, zone=zone), Meaning.SCHEDULE),
        Span(utc(send.when, zone=zone)),
        Span(relative(send.when, zone=zone, now=now)),
        Span(send.change.campaign),
        untouched if send.untouched else _audience(send.change),
    )


def _audience(change: Change) -> Span:
    return Span(f"to {briefly(change.audience)}" if change.audience else "", Meaning.DIM)


def _apart(plan: Plan, now: datetime) -> tuple[tuple[Block, ...], ...]:
    """What no change block shows: later sends, undeclared sends, and campaigns of others."""
    quiet = [change for change in plan.changes if not change.verdict.writes]
    later = tuple(
        line(f"  {change.campaign}: {waiting(wait, zone=change.zone)}", hang=4)
        for change in quiet
        for wait in change.waiting
    )
    extra = tuple(
        line(
            f"  {change.campaign}: {absolute(record.ran_at, zone=change.zone)},"
            f" to {counted(record.count, 'contact')}",
            hang=4,
        )
        for change in plan.changes
        for record in change.undeclared
    )
    beside = tuple(
        line(f"  {change.campaign}: {one}", hang=4)
        for change in quiet
        for one in attached(change, now=now)
    )
    both = tuple(
        line(f"  {one.first} and {one.second}: {many}", hang=4) for one, many in overlapping(plan)
    )
    strangers = tuple(line(f"  {one.name}", hang=4) for one in plan.unmanaged)
    return (
        _titled("Who receives more than one", both),
        _titled("Waiting for a later apply", later),
        _titled("Sent, but declared in no manifest", extra),
        _titled("Set up in Constant Contact, and never changed by ccops", beside),
        _titled("Scheduled in Constant Contact, but in no manifest (left alone)", strangers),
    )


def _titled(title: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    return (line(Span(title, Meaning.STRONG)), *blocks) if blocks else ()


def _findings(plan: Plan) -> Iterator[tuple[Block, ...]]:
    """What blocks the plan stands last, next to the verdict."""
    for blocking, effect in ((False, "does not block the plan"), (True, "blocks the plan")):
        for one in plan.findings:
            if one.blocking is blocking:
                note = f"guard {one.guard}, for {one.campaign}: {effect}"
                yield diagnostic_blocks(one.diagnostic, note)


def _state(plan: Plan, now: datetime) -> Iterator[Block]:
    """The verdict, then the counts."""
    verdict = headline(plan, now=now)
    yield line(Span(verdict.title, _TONES[verdict.tone]), f" {verdict.detail}")
    amounts = counts(plan)
    if amounts:
        yield line(Span("Plan:", Meaning.STRONG), f" {amounts} {in_sync(plan)}")
    else:
        yield line(in_sync(plan))
    if left_alone(plan):
        yield line(left_alone(plan))


def _bottom_line(plan: Plan, checksum: str, now: datetime) -> Iterator[Block]:
    if plan.writing and plan.refresh is not Refresh.NONE:
        yield from _apply_by(plan, now)
        final = len(at_once(plan))
        dated = sum(change.send is not None for change in plan.writing) - final
        amounts = (f"{final} at once" if final else "", f"{dated} scheduled" if dated else "")
        sends = ", ".join(filter(None, amounts)) or "none"
        yield line(Span("Sends:", Meaning.STRONG), f" {sends}.")
        valid = absolute(plan.expires_at, zone=plan.zone)
        yield line(Span("Valid until:", Meaning.STRONG), f" {valid}.")
        yield line(Span("Checksum:", Meaning.STRONG), f" {checksum}", hang=None)
    yield from _made(plan)


def _apply_by(plan: Plan, now: datetime) -> Iterator[Block]:
    limit = plan.apply_by
    if limit is not None:
        name = next(change.campaign for change in plan.writing if change.apply_by == limit)
        text = f" {moment(limit, zone=plan.zone, now=now)}, for {name}."
        yield line(Span("Apply by:", Meaning.STRONG), text)


def _made(plan: Plan) -> Iterator[Block]:
    if made_with(plan):
        yield line(Span(made_with(plan), Meaning.DIM))
