"""What a plan does, in the first lines under the heading of its page: how much, to how many, when."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ccops.planning.plan import Change, Plan, Verdict
from ccops.render.headcount import at_most
from ccops.render.headline import unknown
from ccops.render.moment import moment
from ccops.render.phrases import counted
from ccops.render.timeline import at_once


def lead(plan: Plan, *, now: datetime) -> str:
    """A line each for what goes out at once, at a set time, and not any more; "" for none of it.

    Before them, what nobody knows of earlier writes: it may have gone out already. Numbers are emails, not contacts: who is in two sends gets two. No foreign text stands here.
    """
    lines = (*_unknown(plan), *_at_once(plan), *_dated(plan, now), *_taken_back(plan))
    return "<br>".join(lines)


def _unknown(plan: Plan) -> Iterator[str]:
    if unknown(plan):
        yield f"**{unknown(plan)}**"


def _at_once(plan: Plan) -> Iterator[str]:
    final = at_once(plan)
    if final:
        yield f"**At once:** {_amount(final)}."


def _dated(plan: Plan, now: datetime) -> Iterator[str]:
    dated = [(one.send, one) for one in plan.writing if isinstance(one.send, datetime)]
    if dated:
        # The plan's order is that of the changes.
        first = moment(min(when for when, _ in dated), zone=plan.zone, now=now)
        leaves = f"it leaves **{first}**" if len(dated) == 1 else f"the first leaves **{first}**"
        yield f"**At a set time:** {_amount([one for _, one in dated])}; {leaves}."


def _taken_back(plan: Plan) -> Iterator[str]:
    amount = sum(one.verdict is Verdict.UNSCHEDULE for one in plan.writing)
    if amount:
        yield f"**NOT sent any more:** {counted(amount, 'campaign')}."


def _amount(changes: Sequence[Change]) -> str:
    """For example `2 campaigns, 14,899 emails`; a campaign that was not counted is told apart."""
    counts = [one.audience.contacts if one.audience else None for one in changes]
    known = [count for count in counts if count is not None]
    campaigns, unknown = counted(len(changes), "campaign"), len(counts) - len(known)
    if not known:
        return f"{campaigns}, emails not counted"
    most = "at most " if any(map(at_most, changes)) else ""
    emails = f"{most}{counted(sum(known), 'email')}" if any(known) else "to nobody"
    return f"{campaigns}, {emails}{f', and {unknown:,} of them not counted' if unknown else ''}"
