"""A manifest that is there, made true again with as little of it changed as can be."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from ccops.model import Desired, Live, RecipientKind, SendRecord, SendTime, Status
from ccops.planning.adopt_names import Directory
from ccops.planning.case import EARLY, completed


def merged(
    old: Desired, new: Desired, live: Live, directories: Mapping[RecipientKind, Directory]
) -> Desired:
    """What a manifest is to say once it is true again, with as little of it changed as can be.

    Recipients that mean the same stay in their words, sends that happened as they were declared
    stay so, and all that no account holds is the author's: tags, owner, expectations, and the
    sends that wait for the one that is scheduled.
    """
    found = directories[new.kind]
    kept = {found.meaning(one): one for one in old.references if one.kind is new.kind}
    return replace(
        old,
        campaign=new.campaign,
        activity_id=old.activity_id or new.activity_id,
        references=tuple(kept.get(found.meaning(one), one) for one in new.references),
        sends=_merged_sends(old, new, live),
    )


def _merged_sends(old: Desired, new: Desired, live: Live) -> tuple[SendTime, ...]:
    """Keep what happened as it was declared, and what waits for a send that is scheduled."""
    done = completed(live)
    past = tuple(
        after if _early(before, ran) else before
        for before, after, ran in zip(old.sends, new.sends, done, strict=False)
    )
    sends = (*past, *new.sends[len(past) :])
    sends = sends if _ascend(sends) else new.sends
    if live.status is not Status.SCHEDULED:
        return sends
    later = tuple(one for one in old.sends[len(sends) :] if _ascend((sends[-1], one)))
    return (*sends, *later)


def _early(declared: SendTime, ran: SendRecord) -> bool:
    when = declared.when
    return isinstance(when, datetime) and when - ran.ran_at > EARLY


def _ascend(sends: Iterable[SendTime]) -> bool:
    return all(one < other for one, other in pairwise(_instants(sends)))


def _instants(sends: Iterable[SendTime]) -> Iterator[datetime]:
    return (one.when for one in sends if isinstance(one.when, datetime))
