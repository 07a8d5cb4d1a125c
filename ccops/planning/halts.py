"""Which marks of a halt are about a campaign: those of its activity, and those of its name.

A halt that could not ask Constant Contact may know no activity, and marks the name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ccops.ports import Halt, named


def by_key(halts: Iterable[Halt]) -> Mapping[str, Halt]:
    """The marks as `halt_of` looks them up."""
    return {one.key: one for one in halts}


def keys(activity_id: str, campaign: str) -> tuple[str, str]:
    """The keys that a mark of a campaign may have."""
    return activity_id, named(campaign)


def halt_of(halts: Mapping[str, Halt], activity_id: str, campaign: str) -> Halt | None:
    """The mark of a campaign: the newest one, with the sends of every one; None: it has none."""
    marks = [halts[key] for key in keys(activity_id, campaign) if key in halts]
    if not marks:
        return None
    sends = dict.fromkeys(send for one in marks for send in one.sends)
    return replace(max(marks, key=lambda one: one.at), sends=tuple(sends))
