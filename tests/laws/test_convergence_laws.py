"""An apply leaves nothing to write, and only what was declared is ever scheduled or sent.

The real stack on a real socket: random accounts, random manifests, the virtual clock moved on.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from ccops.sandbox.furnish import PastSend
from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, account, manifest, on_stage

NAMES = ("Appeal", "Newsletter", "Teaser")
LISTS = ("Members", "Donors", "Board")
MINUTES = (5, 14, 15, 20, 60, 24 * 60, 8 * 24 * 60, 9 * 24 * 60)
PAST_MINUTES = (-3 * 24 * 60, -24 * 60, -60)
STATUSES = ("draft", "scheduled", "done", "error", "executing", "removed")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A campaign as the account holds it at first; `history` in minutes, with its reason."""

    name: str
    status: str
    format_type: int
    lists: tuple[str, ...]
    segment: int | None
    scheduled: int
    history: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A manifest: who, and when in minutes; `now` goes before the other sends."""

    name: str
    lists: tuple[str, ...]
    segment: str | None
    minutes: tuple[int, ...]
    now: bool
    pinned: bool


def subsets(values: Sequence[str], *, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=least).map(tuple)


def moments(values: Sequence[int], most: int) -> st.SearchStrategy[tuple[int, ...]]:
    some = st.lists(st.sampled_from(values), unique=True, max_size=most)
    return some.map(lambda found: tuple(sorted(found)))


def found(name: str) -> st.SearchStrategy[Found]:
    return st.builds(
        Found,
        name=st.just(name),
        status=st.sampled_from(STATUSES),
        format_type=st.sampled_from([1, 3, 3, 4, 5]),
        lists=subsets(LISTS),
        segment=st.sampled_from([None, None, 101]),
        scheduled=st.sampled_from(MINUTES),
        history=moments(PAST_MINUTES, 2).flatmap(_with_reasons),
    )


def _with_reasons(minutes: tuple[int, ...]) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    return st.tuples(*(st.tuples(st.just(one), st.sampled_from([0, 0, 5, 9])) for one in minutes))


def wanted(name: str) -> st.SearchStrategy[Wanted]:
    return st.builds(
        Wanted,
        name=st.just(name),
        lists=subsets(LISTS, least=1),
        segment=st.sampled_from([None, None, "Active", "Lapsed"]),
        minutes=moments((*PAST_MINUTES, *MINUTES), 3),
        now=st.sampled_from([False, False, False, True]),
        pinned=st.booleans(),
    )


ACCOUNTS = st.tuples(*(found(name) for name in NAMES))
MANIFESTS = st.lists(st.sampled_from(NAMES), unique=True, min_size=1).flatmap(
    lambda names: st.tuples(*(wanted(name) for name in names))
)
CLOCKS = st.lists(st.sampled_from([1, 30, 90, 24 * 60, 7 * 24 * 60]), min_size=1, max_size=3)


@settings(max_examples=settings().max_examples // 4, phases=set(Phase) - {Phase.explain})
@given(account_=ACCOUNTS, manifests=MANIFESTS, clocks=CLOCKS)
def test_an_apply_converges_and_only_declared_sends_happen(
    account_: tuple[Found, ...], manifests: tuple[Wanted, ...], clocks: list[int]
) -> None:
    """`plan` after `apply` writes nothing, at every later hour; what is sent was declared."""
    world = account()
    for one in account_:
        _furnish(world, one)
    was_scheduled = _schedules(world)
    with TemporaryDirectory() as folder, on_stage(Path(folder), world) as stage:
        stage.write(*(_manifest(one) for one in manifests))
        at_once = [one.name for one in manifests if one.now]
        for minutes in (0, *clocks):
            world.advance(60 * minutes)
            _converges(stage, at_once)
        _writes_nothing_more(stage)
        declared = {one.name: _declared(one) for one in manifests}
        _only_declared_writes(stage, manifests, declared)
        _only_declared_sends(stage, declared, was_scheduled)


def _converges(stage: Stage, allow: Sequence[str]) -> None:
    """Apply; then a plan has nothing to write, but for what waited for a send of that very apply."""
    before = len(stage.world.sends)
    left = _applied(stage, allow)
    if left and len(stage.world.sends) > before:
        left = _applied(stage, allow)
    assert left == []


def _applied(stage: Stage, allow: Sequence[str]) -> list[object]:
    """Apply, and return the requests of the next plan."""
    applied = stage.run("apply", *_agreed(stage, allow))
    assert applied.code in {0, 6}, applied.err + applied.out
    planned = stage.run("plan", "--format", "json")
    assert planned.code in {0, 6}, planned.err
    changes = planned.document["changes"]
    for change in changes:
        event(change["verdict"])
    return [request for change in changes for request in change["requests"]]


def _agreed(stage: Stage, names: Sequence[str]) -> list[str]:
    """Agree to the plan as it is now; where something may be sent now, by its checksum."""
    if not names:
        return ["--yes"]
    changes = stage.run("plan", "--format", "json").document["changes"]
    allowed = [one["campaign"] for one in changes if one["verdict"] == "send-now"]
    flags = [flag for name in allowed for flag in ("--allow", f"send-now={name}")]
    flags += ["--reason", "it is a test"] if flags else []
    agreed = stage.run("plan", *flags, "--format", "json").document
    return [*flags, "--checksum", agreed["checksum"]]


def _writes_nothing_more(stage: Stage) -> None:
    """Applying once more is applying nothing."""
    written = stage.writes()
    assert stage.run("apply", "--yes").code in {0, 6}
    assert stage.writes() == written


def _only_declared_writes(
    stage: Stage, manifests: Sequence[Wanted], declared: Mapping[str, set[str]]
) -> None:
    """Each send is posted once at most, with the declared recipients, and no stranger is touched."""
    recipients = {one.name: _recipients(one) for one in manifests}
    assert stage.writes() == stage.effects()
    for line in stage.writes():
        method, name, *rest = line.split(" ", 2)
        assert name in declared, line
        assert method != "POST" or rest[0] in declared[name], line
        assert method != "PUT" or rest[0] == recipients[name], line
    posts = Counter(line for line in stage.writes() if line.startswith("POST"))
    assert set(posts.values()) <= {1}


def _only_declared_sends(
    stage: Stage, declared: Mapping[str, set[str]], was_scheduled: Mapping[str, str]
) -> None:
    """A send happens at a declared time, or as it was scheduled before ccops came, and once."""
    now = {one.path for one in stage.world.requests if '"0"' in one.body}
    for mailing in stage.world.sends:
        name, at = mailing.campaign_name, _instant(mailing.time)
        by_now = any(mailing.activity_id in path for path in now)
        assert at in declared.get(name, set()) or at == was_scheduled.get(name) or by_now
    contacts = [(one.activity_id, who) for one in stage.world.sends for who in one.contacts]
    assert len(contacts) == len(set(contacts))


def _furnish(world: World, one: Found) -> None:
    history = [_past(minutes, reason) for minutes, reason in one.history]
    plain = one.status in {"draft", "removed"}
    activity = world.add_campaign(
        one.name,
        format_type=one.format_type,
        lists=() if one.segment else [list_id_of(name) for name in one.lists],
        segments=[one.segment] if one.segment else (),
        history=[] if plain else history,
        scheduled=_at(one.scheduled) if one.status == "scheduled" else None,
        status="EXECUTING" if one.status == "executing" else None,
    )
    if one.status == "removed":
        world.trash_campaign(activity.campaign_id)


def _past(minutes: int, reason: int) -> PastSend:
    status = "ERRORED" if reason else "COMPLETED"
    return PastSend(run_date=_at(minutes), send_status=status, reason_code=reason)


def _manifest(one: Wanted) -> str:
    first, *rest = _times(one) or ["unscheduled"]
    more: dict[str, object] = {"resend_to_new_contacts": rest} if rest else {}
    pin = {"activity": activity_id_of(one.name)} if one.pinned else {}
    return manifest(one.name, *one.lists, segment=one.segment, send_at=first, **more, **pin)


def _times(one: Wanted) -> list[str]:
    """Sends after `now` must lie in the future, or the manifest contradicts itself."""
    written = [_written(minutes) for minutes in one.minutes if not (one.now and minutes < 0)]
    return ["now", *written] if one.now else written


def _declared(one: Wanted) -> set[str]:
    return {_instant(_at(minutes)) for minutes in one.minutes} | ({"0"} if one.now else set())


def _recipients(one: Wanted) -> str:
    return json.dumps([one.segment] if one.segment else sorted(one.lists)).replace('"', "")


def _schedules(world: World) -> dict[str, str]:
    live = (world.primary(campaign) for campaign in world.campaigns.values())
    return {
        world.campaigns[one.campaign_id].name: _instant(one.scheduled or world.now) for one in live
    }


def _at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def _written(minutes: int) -> str:
    return f"{_at(minutes):%Y-%m-%dT%H:%M:%SZ}"


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S.000Z}"
