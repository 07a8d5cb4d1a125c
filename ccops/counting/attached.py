"""Read what Constant Contact sends beside the campaigns of a plan by itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from ccops.constantcontact import reader
from ccops.constantcontact.beside import Attached
from ccops.manifest.rules import Rules
from ccops.planning.guarding.scene import makes_send
from ccops.planning.ownership import Observation
from ccops.planning.plan import Change, Plan
from ccops.ports import Send

REACH = timedelta(days=11)
"""A resend to non-openers follows its send by ten days at most (spec); and a day for slow sends."""


def attached(send: Send, plan: Plan, observations: Iterable[Observation], *, rules: Rules) -> Plan:
    """Return the plan with the resends to non-openers and A/B tests of its campaigns.

    The look-up of a campaign shows whether it has one, and only then costs a request. One that a
    manifest or the lock pins, or that the cache knows, is not looked up, which is what that is for.
    Where its resend may be ahead and a guard looks at other sends, it is asked for it.
    """
    seen = {one.desired.place: one for one in observations}
    asks = rules.crowding and any(makes_send(one) for one in plan.changes)
    return replace(
        plan,
        changes=tuple(
            replace(one, attached=_attached(send, one, seen[one.place], plan, asks=asks))
            for one in plan.changes
        ),
    )


def _attached(
    send: Send, change: Change, seen: Observation, plan: Plan, *, asks: bool
) -> tuple[Attached, ...]:
    row = seen.row
    if row is None or seen.live is None:
        return ()
    asked = asks and row.resend is None and _ahead(change, plan)
    return reader.read_attached(send, replace(row, resend=True) if asked else row)


def _ahead(change: Change, plan: Plan) -> bool:
    """Whether a resend of the campaign may be ahead: its send is, or was a few days ago."""
    history = change.before.history or () if change.before is not None else ()
    recent = any(one.ran_at > plan.created_at - REACH for one in history)
    return recent or change.send is not None
