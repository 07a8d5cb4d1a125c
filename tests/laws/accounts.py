"""Random accounts and manifests for them, and the laws that every run over them keeps.

All times are in minutes from the start of the stage.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from ccops.sandbox.furnish import PastSend
from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, account, manifest

NAMES = ("Appeal", "Newsletter", "Teaser")
LISTS = ("Members", "Donors", "Board")
SOON_AND_LATER = (5, 14, 15, 20, 60, 24 * 60, 8 * 24 * 60, 9 * 24 * 60)
BEFORE = (-3 * 24 * 60, -24 * 60, -60)
STATUSES = ("draft", "scheduled", "done", "error", "executing", "removed")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A campaign as the account holds it at first; each past send with its reason code."""

    name: str
    status: str
    format_type: int
    lists: tuple[str, ...]
    segment: int | None
    scheduled: int
    history: tuple[tuple[int, int], ...]

    @property
    def schedule(self) -> datetime | None:
        """When it is scheduled, if it is."""
        return at(self.scheduled) if self.status == "scheduled" else None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A manifest: who, and when. After `now` no past send is declared: that would contradict."""

    name: str
    lists: tuple[str, ...]
    segment: str | None
    minutes: tuple[int, ...]
    now: bool
    pinned: bool

    @property
    def instants(self) -> tuple[datetime, ...]:
        """The declared sends that have a time."""
        return tuple(at(one) for one in self.minutes if one > 0 or not self.now)

    @property
    def posts(self) -> frozenset[str]:
        """Every `scheduled_date` that may ever be posted for it."""
        return frozenset(map(posted, self.instants)) | ({"0"} if self.now else set())

    @property
    def recipients(self) -> str:
        """Its recipients, as the stage tells a PUT."""
        return f"[{', '.join([self.segment] if self.segment else sorted(self.lists))}]"

    @property
    def text(self) -> str:
        """The manifest as it is written."""
        times = [f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in self.instants]
        first, *rest = ["now", *times] if self.now else times or ["unscheduled"]
        more: dict[str, object] = {"resend_to_new_contacts": rest} if rest else {}
        more |= {"activity": activity_id_of(self.name)} if self.pinned else {}
        return manifest(self.name, *self.lists, segment=self.segment, send_at=first, **more)


def _some(values: Sequence[str], *, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=least).map(tuple)


def _moments(values: Sequence[int], most: int) -> st.SearchStrategy[tuple[int, ...]]:
    some = st.lists(st.sampled_from(values), unique=True, max_size=most)
    return some.map(lambda found: tuple(sorted(found)))


def _with_reasons(minutes: Iterable[int]) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    return st.tuples(*(st.tuples(st.just(one), st.sampled_from([0, 0, 5, 9])) for one in minutes))


def _found(name: str) -> st.SearchStrategy[Found]:
    return st.builds(
        Found,
        name=st.just(name),
        status=st.sampled_from(STATUSES),
        format_type=st.sampled_from([1, 3, 3, 4, 5]),
        lists=_some(LISTS),
        segment=st.sampled_from([None, None, 101]),
        scheduled=st.sampled_from(SOON_AND_LATER),
        history=_moments(BEFORE, 2).flatmap(_with_reasons),
    )


def _wanted(name: str, *, now: bool) -> st.SearchStrategy[Wanted]:
    return st.builds(
        Wanted,
        name=st.just(name),
        lists=_some(LISTS, least=1),
        segment=st.sampled_from([None, None, "Active", "Lapsed"]),
        minutes=_moments((*BEFORE, *SOON_AND_LATER), 3),
        now=st.sampled_from([False, False, False, now]),
        pinned=st.booleans(),
    )


ACCOUNTS = st.tuples(*(_found(name) for name in NAMES))


def manifests(*, now: bool) -> st.SearchStrategy[tuple[Wanted, ...]]:
    """Manifests for one to three of the campaigns; `now`: some of them want to be sent at once."""
    names = st.lists(st.sampled_from(NAMES), unique=True, min_size=1)
    return names.flatmap(lambda some: st.tuples(*(_wanted(name, now=now) for name in some)))


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def posted(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S.000Z}"


def furnished(found: Iterable[Found]) -> World:
    """Make the account that holds these campaigns."""
    world = account()
    for one in found:
        _furnish(world, one)
    return world


def _furnish(world: World, one: Found) -> None:
    unsent = one.status in {"draft", "removed"}
    activity = world.add_campaign(
        one.name,
        format_type=one.format_type,
        lists=() if one.segment else [list_id_of(name) for name in one.lists],
        segments=[one.segment] if one.segment else (),
        history=[] if unsent else [_past(*entry) for entry in one.history],
        scheduled=one.schedule,
        status="EXECUTING" if one.status == "executing" else None,
    )
    if one.status == "removed":
        world.trash_campaign(activity.campaign_id)


def _past(minutes: int, reason: int) -> PastSend:
    status = "ERRORED" if reason else "COMPLETED"
    return PastSend(run_date=at(minutes), send_status=status, reason_code=reason)


def requests_left(stage: Stage) -> list[str]:
    """What a plan would write now."""
    planned = stage.run("plan", "--format", "json")
    assert planned.code in {0, 6}, planned.err
    changes = planned.document["changes"]
    return [json.dumps(request) for change in changes for request in change["requests"]]


def only_declared_writes(stage: Stage, wanted: Iterable[Wanted]) -> None:
    """Only campaigns that a manifest names are touched, with its recipients and at its times."""
    known = {one.name: one for one in wanted}
    for line in stage.writes():
        method, name, *rest = line.split(" ", 2)
        assert name in known, line
        assert method != "POST" or rest[0] in known[name].posts, line
        assert method != "PUT" or rest[0] == known[name].recipients, line


def only_declared_sends(stage: Stage, found: Iterable[Found], wanted: Iterable[Wanted]) -> None:
    """A send happens at a declared time, or as it was scheduled before; nobody is mailed twice."""
    declared = {one.name: one for one in wanted}
    before = {one.name: one.schedule for one in found}
    for mailing in stage.world.sends:
        mine = declared.get(mailing.campaign_name)
        times = (*mine.instants, before[mine.name]) if mine else (before[mailing.campaign_name],)
        assert mailing.time in times or (mine and mine.now), mailing
    contacts = [(one.activity_id, who) for one in stage.world.sends for who in one.contacts]
    assert len(contacts) == len(set(contacts))
