"""Plans of a sandbox in this very process: no socket, no store, and a clock that stands still."""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from ccops import resources
from ccops.errors import Place
from ccops.manifest.reader import examine_manifests
from ccops.manifest.settings import Settings
from ccops.model import Desired, Limits
from ccops.planning.assemble import make_plan
from ccops.planning.cache import Cache, renewed
from ccops.planning.cachefile import from_text, to_text
from ccops.planning.plan import Change, Plan
from ccops.planning.stale import Written
from ccops.ports import Call, Reply, Send
from ccops.sandbox.app import make_app
from ccops.sandbox.fleet import generated
from ccops.sandbox.ids import campaign_id_of
from ccops.sandbox.records import Activity
from ccops.sandbox.world import World
from ccops.survey import Memory, Survey, survey

ORIGIN = "http://127.0.0.1:8025"
VERSION = "0.1.0"
LIMITS = Limits()
PLACE = Place(file="ccops.yaml", line=2, column=1)


def asking(world: World) -> Send:
    """Make requests of a world without a socket."""
    app = make_app(world)

    def send(call: Call) -> Reply:
        head: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
            head.update(status=int(status.split(maxsplit=1)[0]), headers=dict(headers))

        query = "&".join(f"{key}={value.replace(':', '%3A')}" for key, value in call.query)
        environ = {
            "REQUEST_METHOD": call.method,
            "PATH_INFO": call.path,
            "QUERY_STRING": query,
            "HTTP_AUTHORIZATION": "Bearer any",
            "wsgi.input": io.BytesIO(call.body or b""),
        }
        body = b"".join(app(environ, start))
        headers = {key.lower(): value for key, value in head["headers"].items()}
        return Reply(status=HTTPStatus(head["status"]), headers=headers, body=body)

    return send


def settings_of(world: World) -> Settings:
    return Settings(
        account=world.encoded_account_id,
        account_place=PLACE,
        zone="America/New_York",
        manifests=(),
        limits=LIMITS,
    )


def desired_of(texts: Iterable[str]) -> tuple[Desired, ...]:
    """Read manifests."""
    files = [(f"campaigns/{number:04}.yaml", text) for number, text in enumerate(texts)]
    schema = resources.schema("campaign")
    found, errors = examine_manifests(files, schema=schema, zone="America/New_York")
    assert errors == ()
    return found


@dataclass(frozen=True, kw_only=True)
class Made:
    """A plan, what was observed for it, the cache it leaves, and its requests."""

    plan: Plan
    seen: Survey
    cache: Cache
    requests: int


def made(
    world: World,
    desired: Sequence[Desired],
    past: Cache | None = None,
    *,
    written: Written | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Made:
    """Plan a world: everything, or by a past what may have changed. Caches go through their text."""
    world.log.clear()
    memory = None if past is None else Memory(cache=past, written=written or {})
    seen = survey(
        asking(world),
        desired,
        settings=settings_of(world),
        origin=ORIGIN,
        clock=lambda: world.now,
        pause=lambda: None,
        tell=told,
        memory=memory,
    )
    new = Cache(
        account=seen.account,
        origin=ORIGIN,
        listed_at=seen.listed_at,
        rows=seen.rows,
        registers=seen.registers,
    )
    return Made(
        plan=plan_of(seen),
        seen=seen,
        cache=reread(world, renewed(past, new, seen.readings)),
        requests=len(world.requests),
    )


def reread(world: World, cache: Cache) -> Cache:
    """What a later run finds."""
    text = to_text(cache, version=VERSION)
    account = world.encoded_account_id
    return from_text(text.encode(), account=account, origin=ORIGIN, version=VERSION)


def plan_of(seen: Survey) -> Plan:
    return make_plan(
        observations=seen.observations,
        rows=seen.rows,
        catalogue=seen.catalogue,
        account=seen.account,
        origin=ORIGIN,
        zone="America/New_York",
        now=seen.now,
        limits=LIMITS,
        newest={},
        permissions=(),
        selection=(),
        ccops_version=VERSION,
        tzdata="2026b",
    )


def essence(plan: Plan) -> tuple[tuple[Change, ...], object, int]:
    """What a plan says, whenever its parts were read."""
    changes = tuple(replace(change, as_of=None) for change in plan.changes)
    return changes, plan.unmanaged, plan.unmanaged_count


def activity_of(world: World, name: str) -> Activity:
    return world.primary(world.campaigns[campaign_id_of(name)])


def hand_edit(world: World, name: str, **changes: object) -> None:
    """Change a campaign's email without moving its `updated_at`."""
    world.put_activity(replace(activity_of(world, name), **changes))  # type: ignore[arg-type]  # by name


def edit(world: World, name: str, **changes: object) -> None:
    """Change a campaign's email as the vendor does: its `updated_at` moves."""
    hand_edit(world, name, **changes)
    world.touch(campaign_id_of(name))


def dates(world: World) -> Mapping[str, datetime]:
    """When each campaign was last changed."""
    return {key: one.updated_at for key, one in world.campaigns.items()}


def put_back(world: World, before: Mapping[str, datetime]) -> None:
    """Let nothing that happened since have moved a date."""
    for key, date in before.items():
        world.put_campaign(replace(world.campaigns[key], updated_at=date))


def fleet(count: int, seed: int) -> tuple[World, tuple[Desired, ...]]:
    """A fleet in every status, and manifests that want of each campaign just what is there.

    Those whose name no manifest can write have none. Some pin their activity.
    """
    world = generated(count, seed)
    world.advance(2 * 3_600)
    names = sorted(one.name for one in world.campaigns.values() if not one.removed)
    texts = [manifest_of(world, name, pinned=at % 3 == 0) for at, name in enumerate(names)]
    return world, tuple(one for text in texts for one in _readable(text))


def _readable(text: str) -> tuple[Desired, ...]:
    schema = resources.schema("campaign")
    found, errors = examine_manifests([("one.yaml", text)], schema=schema, zone="Etc/UTC")
    return () if errors else found


def manifest_of(world: World, name: str, *, pinned: bool = False) -> str:
    """Write the manifest that a campaign fulfils as it is."""
    activity = activity_of(world, name)
    lists = [{"id": one} for one in activity.contact_list_ids]
    recipients = {"lists": lists} if lists else {"segment": {"id": activity.segment_ids[0]}}
    times = [one.run_date for one in activity.history]
    times += [] if activity.scheduled is None else [activity.scheduled]
    first, *rest = [f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in times] or ["unscheduled"]
    keys = {"campaign": name, "recipients": recipients, "send_at": first}
    keys |= {"resend_to_new_contacts": rest} if rest else {}
    keys |= {"activity": activity.activity_id} if pinned else {}
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items())
