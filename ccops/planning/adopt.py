"""A campaign of the account as a manifest, or why it is written into none.

A manifest is written only if a plan would do nothing about it: the verdict table itself is asked,
so that what was pulled can never differ from what a plan says next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ccops.errors import InvalidInput
from ccops.manifest.reader import read_manifests
from ccops.model import (
    CampaignRow,
    Desired,
    JsonObject,
    Limits,
    Live,
    RecipientKind,
    Recipients,
    SendTime,
    Status,
    Target,
    When,
)
from ccops.planning.adopt_names import (
    NOWHERE,
    Directory,
    dead_of,
    kind_of,
    references,
    resolved,
    unwritable,
)
from ccops.planning.case import completed, disagreement
from ccops.planning.halts import halt_of
from ccops.planning.names import plain
from ccops.planning.plan import Verdict
from ccops.planning.verdict import Facts, decide
from ccops.ports import Halt

_QUIET = frozenset({Verdict.IN_SYNC, Verdict.SENT})
_LET_GO: Mapping[Status, str] = {
    Status.EXECUTING: "it is being sent right now: pull it when that is over",
    Status.ERROR: "its newest send failed: settle that in Constant Contact first",
    Status.REMOVED: "it is in the trash",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a campaign is not written."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is the same for all campaigns of one pull.

    `zone` is the IANA zone that times are written in, `now` the server's clock, UTC; `halts` are
    the marks of people who stopped a campaign, by key.
    """

    zone: str
    now: datetime
    limits: Limits
    halts: Mapping[str, Halt]


def passed_over(row: CampaignRow) -> str:
    """Say from the listing alone why a campaign is not written; empty if it has to be read."""
    if row.ab_test:
        return "it is an A/B test, which ccops does not manage"
    return _LET_GO.get(row.status) or unwritable(row.name)


def wants_history(live: Live) -> bool:
    """Whether its send history must be read: whatever was sent or is scheduled has declared sends."""
    return live.status in {Status.SCHEDULED, Status.DONE}


def doubtful(live: Live) -> bool:
    """Whether its parts contradict each other, so that it is to be read once more."""
    target = _target(live, live.name, declared(live), live.recipients)
    return not _plainly_not(live) and bool(disagreement(target, live))


def adopt(
    live: Live, directories: Mapping[RecipientKind, Directory], terms: Terms, *, shared: bool
) -> Desired | Reason:
    """Write a campaign as a manifest about which a plan has nothing to do; or say why not.

    `shared`: other campaigns bear its name, so that `activity:` must say which it is. `directories` holds at least the
    kind of its recipients. The manifest stands nowhere yet.
    """
    reason = _plainly_not(live) or _unsettled(live, terms)
    if reason:
        return Reason(text=reason)
    found = directories[kind_of(live.recipients)]
    dead = dead_of(live.recipients, found)
    if dead and live.status is not Status.DONE:
        return Reason(text=_to_the_deleted(live, dead))
    return Desired(
        campaign=plain(live.name),
        activity_id=live.activity_id.lower() if shared else None,
        references=references(live.recipients, found),
        sends=tuple(SendTime(when=one, zone=terms.zone, place=NOWHERE) for one in declared(live)),
        zone=terms.zone,
        place=NOWHERE,
    )


def declared(live: Live) -> tuple[datetime, ...]:
    """The sends that a manifest has to declare: each completed one, and the one scheduled.

    What was sent is cut to its minute; to its second, or later, where that would not come after
    the send before it.
    """
    times: list[datetime] = []
    for one in completed(live):
        minute = one.ran_at.replace(second=0, microsecond=0)
        later = times[-1] + timedelta(seconds=1) if times else minute
        times.append(max(minute if minute >= later else one.ran_at.replace(microsecond=0), later))
    return (*times, *live.schedules)


def quiet(
    desired: Desired,
    live: Live,
    directories: Mapping[RecipientKind, Directory],
    terms: Terms,
    *,
    shared: bool,
) -> bool:
    """Whether a plan has nothing to do about a manifest, and it declares all that was sent.

    `shared`: other campaigns bear its name. `directories` holds at least the kind of its
    recipients.
    """
    if shared and desired.activity_id is None:
        return False
    wanted = resolved(desired, directories[desired.kind])
    sends = tuple(one.when for one in desired.sends)
    target = _target(live, desired.campaign, sends, wanted)
    return _decided(target, live, terms)[0] in _QUIET and len(completed(live)) <= len(sends)


def readable(
    file: str, text: str, desired: Desired, *, schema: JsonObject, zone: str | None
) -> str:
    """Say why a manifest's text would not be read as it is meant; empty if it is."""
    try:
        found = read_manifests([(file, text)], schema=schema, zone=zone)
    except InvalidInput as refused:
        return f"no manifest can say it: {refused.diagnostics[0].message}"
    return "" if found == (desired,) else "no manifest can say it"


def _plainly_not(live: Live) -> str:
    """Say why it is none for its state, or because no manifest can name its recipients."""
    if live.status in _LET_GO:
        return _LET_GO[live.status]
    lists, segments = live.recipients.lists, live.recipients.segments
    if lists and segments:
        return "it has lists and a segment at once, which Constant Contact forbids"
    if len(segments) > 1:
        return f"it has {len(segments)} segments at once; a manifest names one"
    if lists or segments:
        return ""
    over = live.status is Status.DONE
    return "Constant Contact no longer says to whom it was sent" if over else "it has no recipients"


def _unsettled(live: Live, terms: Terms) -> str:
    """Say what a plan would have to say about it, were it declared exactly as it is."""
    sends = declared(live)
    verdict, why = _decided(_target(live, live.name, sends, live.recipients), live, terms)
    if verdict not in _QUIET:
        return why
    ascend = all(one < other for one, other in pairwise(sends))
    return "" if ascend else "it is scheduled for a time that is not after its newest send"


def _decided(target: Target, live: Live, terms: Terms) -> tuple[Verdict, str]:
    facts = Facts(
        target=target,
        live=live,
        now=terms.now,
        limits=terms.limits,
        halt=halt_of(terms.halts, live.activity_id, live.name),
        zone=terms.zone,
    )
    decision = decide(facts)
    return decision.verdict, decision.reason or f"a plan would say {decision.verdict}"


def _target(
    live: Live, campaign: str, sends: tuple[When, ...], recipients: Recipients | None
) -> Target:
    return Target(
        campaign=campaign, activity_id=live.activity_id, sends=sends, recipients=recipients
    )


def _to_the_deleted(live: Live, dead: tuple[str, ...]) -> str:
    noun = "lists" if live.recipients.lists else "segments"
    return f"it still names {noun} that were deleted: {', '.join(dead)}"
