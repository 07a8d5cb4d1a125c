"""Git, the journal and the account by hand: a drift from one campaign's three sides."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ccops.applying.judgement import content_digest
from ccops.model import CampaignRow, Desired, Expect, Live, Recipients, Status, When
from ccops.planning.assemble import Observation, make_plan
from ccops.planning.case import newest_lines
from ccops.planning.drift import Drift, DriftItem, DriftState
from ccops.planning.drift_applied import last_applied
from ccops.planning.drift_items import Evidence, Stranger, Whereabouts, assess
from ccops.planning.plan import Plan
from ccops.ports import Halt, JournalEntry
from tests.planning.samples import (
    ACCOUNT,
    CATALOGUE,
    LIMITS,
    LISTS,
    LIVE,
    NAME,
    NOW_IS,
    desired,
)

NAMES = {one.id: one.name for one in (*CATALOGUE.lists, *CATALOGUE.segments)}


def planned(
    seen: Sequence[Observation],
    entries: Sequence[JournalEntry] = (),
    *,
    halts: Iterable[Halt] = (),
    rows: Iterable[CampaignRow] = (),
    now: datetime = NOW_IS,
    selection: tuple[str, ...] = (),
) -> Plan:
    return make_plan(
        observations=seen,
        rows=rows,
        catalogue=CATALOGUE,
        account=ACCOUNT,
        origin="https://api.cc.email",
        zone="America/New_York",
        now=now,
        limits=LIMITS,
        newest=newest_lines(entries),
        permissions=(),
        selection=selection,
        ccops_version="0.1.0",
        tzdata="2026b",
        halts=halts,
    )


def assessed(
    plan: Plan,
    entries: Sequence[JournalEntry] = (),
    *,
    moving: Iterable[str] = (),
    whereabouts: Whereabouts | None = None,
    strangers: Sequence[Stranger] = (),
) -> Drift:
    seen = Evidence(
        applied=last_applied(entries),
        digest=content_digest,
        moving=frozenset(moving),
        whereabouts={NAME: whereabouts} if whereabouts else {},
        strangers=strangers,
        names=NAMES,
        fresh=not entries,
    )
    return assess(plan, seen, requests=7)


def manifest(*sends: When, expect: Expect | None = None) -> Desired:
    return replace(desired(*sends), expect=expect or Expect())


def seen(
    *sends: When,
    live: Live | None = LIVE,
    recipients: Recipients | None = LISTS,
    expect: Expect | None = None,
) -> Observation:
    """A manifest with these sends beside a reading; None: there is no such campaign."""
    problem = "" if live else "Constant Contact has no campaign of this name"
    wanted = manifest(*sends, expect=expect)
    return Observation(desired=wanted, live=live, recipients=recipients, problem=problem)


def drift_of(
    one: Observation,
    *writes: tuple[JournalEntry, ...],
    halts: Iterable[Halt] = (),
    now: datetime = NOW_IS,
) -> Drift:
    """The drift of one campaign, with the journal of these writes."""
    entries = [entry for write in writes for entry in write]
    return assessed(planned([one], entries, halts=halts, now=now), entries)


def item_of(found: Drift) -> DriftItem:
    (one,) = found.items
    return one


def state_of(found: Drift) -> DriftState:
    """The state of the only campaign."""
    return found.items[0].state if found.items else DriftState.IN_SYNC


def with_content(lines: tuple[JournalEntry, ...], live: Live = LIVE) -> tuple[JournalEntry, ...]:
    """The lines of a write, as they are recorded today: with the content's fingerprint."""
    return tuple(replace(one, content=content_digest(live)) for one in lines)


def status(live: Live, state: Status, **values: object) -> Live:
    return replace(live, status=state, **values)  # type: ignore[arg-type]  # fields by name
