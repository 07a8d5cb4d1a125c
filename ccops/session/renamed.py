"""What a plan took from the cache by name, looked up again before it is applied.

`apply` reads every activity again, and writes the ids of lists and segments that were planned.
Where those ids are a cache's word, the reviewed names must still be theirs.
"""

from collections.abc import Iterator, Sequence

from ccops.constantcontact import reader
from ccops.errors import Diagnostic, StalePlan
from ccops.model import Named, RecipientKind
from ccops.planning.audience import Audience
from ccops.planning.names import same_name
from ccops.planning.plan import (
    Change,
    Plan,
)
from ccops.session.wiring import Session


def refuse_renamed(session: Session, plan: Plan) -> None:
    """Refuse a plan whose recipients are known by names of the cache that hold no more.

    A name must be that of the planned object and of no other. Reads each collection that some
    writing change names, once; nothing for a plan with no names from the cache.

    Raises:
        StalePlan: CC616, for each name.
        CcopsError: a reading failed.
    """
    if plan.recalled is None or plan.recalled.names_at is None:
        return
    audiences = [(one, one.audience) for one in plan.writing if one.audience is not None]
    living = {kind: _living(session, kind) for kind in sorted({one.kind for _, one in audiences})}
    wrong = [
        told
        for change, audience in audiences
        for told in _renamed(change, audience, living[audience.kind])
    ]
    if wrong:
        raise StalePlan(*wrong)


def _living(session: Session, kind: str) -> Sequence[Named]:
    read = reader.read_lists if kind == RecipientKind.LISTS else reader.read_segments
    return read(session.send, origin=session.origin)


def _renamed(change: Change, audience: Audience, living: Sequence[Named]) -> Iterator[Diagnostic]:
    for identity, name in audience.items:
        if [one.id for one in living if same_name(one.name, name)] != [identity]:
            yield _diagnostic(change, RecipientKind(audience.kind), name)


def _diagnostic(change: Change, kind: RecipientKind, name: str) -> Diagnostic:
    noun = "list" if kind is RecipientKind.LISTS else "segment"
    return Diagnostic(
        code="CC616",
        message=f'the {noun} "{name}", to which "{change.campaign}" would go, is another one now, '
        "or has another name",
        help="the plan has its name from the cache: make a new one without `--refresh changed`, "
        "and have it reviewed",
    )
