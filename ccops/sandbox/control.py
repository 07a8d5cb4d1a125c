"""/__sandbox/…: the strings of the puppet. Not part of the pretended API, not logged, no token."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ccops.sandbox.clock import iso, parse_instant
from ccops.sandbox.envelopes import ApiError
from ccops.sandbox.exchange import NO_CONTENT, Answer, Request, answer, refusal
from ccops.sandbox.faults import Fault, read_fault
from ccops.sandbox.privileges import ALL_PRIVILEGES, ALL_SCOPES
from ccops.sandbox.records import Logged, Mailing, Script
from ccops.sandbox.sending import move_to, settle
from ccops.sandbox.world import World

Body = dict[str, object]
_Handler = Callable[[World, Body], Answer]


def control(world: World, request: Request) -> Answer:
    """Answer a control request; errors are `{"error": text}`."""
    with world.lock:
        settle(world)
        try:
            reply = _act(world, request)
        except (ValueError, OverflowError) as error:
            reply = _error(400, str(error))
        except ApiError as error:
            reply = refusal(error)
        world.save()
    return reply


def _error(status: int, text: str) -> Answer:
    return answer(status, {"error": text})


def _act(world: World, request: Request) -> Answer:
    body = json.loads(request.body) if request.body else {}
    if not isinstance(body, dict):
        raise ValueError("the body is not a JSON object")  # noqa: TRY004 (a value of the client)
    parts = request.path.removeprefix("/__sandbox").strip("/").split("/")
    match (request.method, parts):
        case ("POST", ["campaigns", activity_id, "next_send"]):
            return _script(world, activity_id, body)
        case ("POST", ["campaigns", campaign_id, "restore" | "trash" as verb]):
            return _trash(world, campaign_id, verb)
        case ("POST", ["lists", list_id, "members"]):
            return _members(world, list_id, body)
        case ("DELETE", ["lists", list_id]):
            return _delete_list(world, list_id)
        case (method, [name]) if (method, name) in _HANDLERS:
            return _HANDLERS[method, name](world, body)
        case _:
            return _error(404, f"no {request.method} {request.path}")


def _show_clock(world: World, _body: Body) -> Answer:
    return answer(200, {"now": iso(world.clock.now()), "frozen": world.clock.frozen})


def _set_clock(world: World, body: Body) -> Answer:
    frozen, now, advance = body.get("frozen"), body.get("now"), body.get("advance")
    if isinstance(frozen, bool):
        world.clock.freeze(frozen=frozen)
    if isinstance(now, str):
        move_to(world, parse_instant(now))
    if isinstance(advance, (int, float)) and not isinstance(advance, bool):
        move_to(world, world.clock.now() + timedelta(seconds=advance))
    if frozen is None and now is None and advance is None:
        raise ValueError("the clock takes now, advance or frozen")
    return _show_clock(world, body)


def _show_requests(world: World, _body: Body) -> Answer:
    return answer(200, [_logged(entry) for entry in world.requests])


def _logged(entry: Logged) -> Body:
    return {
        "sequence": entry.sequence,
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "body": entry.body,
        "status": entry.status,
        "time": iso(entry.time),
        "fault": entry.fault,
    }


def _clear_requests(world: World, _body: Body) -> Answer:
    world.log.clear()
    return NO_CONTENT


def _show_sends(world: World, _body: Body) -> Answer:
    return answer(200, [_mailing(mailing) for mailing in world.sends])


def _mailing(mailing: Mailing) -> Body:
    return {
        "activity": mailing.activity_id,
        "campaign": mailing.campaign_name,
        "time": iso(mailing.time),
        "contacts": list(mailing.contacts),
        "count": mailing.count,
        "send_status": mailing.send_status,
        "reason_code": mailing.reason_code,
    }


def _show_faults(world: World, _body: Body) -> Answer:
    return answer(200, [_fault(fault) for fault in world.faults.values()])


def _fault(fault: Fault) -> Body:
    return {
        "number": fault.number,
        "match": {"method": fault.method, "path": fault.path},
        "fault": fault.kind,
        "times": fault.times,
        "after": fault.after,
        "seconds": fault.seconds,
        "effect": fault.effect,
    }


def _add_fault(world: World, body: Body) -> Answer:
    fault = read_fault(world.count_up("fault"), body)
    world.faults[fault.number] = fault
    return answer(201, _fault(fault))


def _clear_faults(world: World, _body: Body) -> Answer:
    world.faults.clear()
    return NO_CONTENT


def _show_switches(world: World, _body: Body) -> Answer:
    return answer(200, world.switches)


def _set_switches(world: World, body: Body) -> Answer:
    for name, value in body.items():
        world.set_switch(name, value)
    return _show_switches(world, body)


def _show_privileges(world: World, _body: Body) -> Answer:
    return answer(200, {"privileges": list(world.privileges), "scopes": list(world.scopes)})


def _set_privileges(world: World, body: Body) -> Answer:
    """`privileges` and `scopes` replace, `remove` takes away from both, `reset` gives all back."""
    if set(body) - {"privileges", "scopes", "remove", "reset"}:
        raise ValueError("there are privileges, scopes, remove and reset")
    if body.get("reset") is True:
        world.privileges, world.scopes = ALL_PRIVILEGES, ALL_SCOPES
    gone = set(_texts(body, "remove", ()))
    kept = _texts(body, "privileges", world.privileges)
    scopes = _texts(body, "scopes", world.scopes)
    world.privileges = tuple(name for name in kept if name not in gone)
    world.scopes = tuple(name for name in scopes if name not in gone)
    return _show_privileges(world, body)


def _texts(body: Body, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = body.get(name, list(default))
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{name} is an array of strings")
    return tuple(value)


def _script(world: World, activity_id: str, body: Body) -> Answer:
    status, reason, count = (body.get(k) for k in ("send_status", "reason_code", "count"))
    if status not in ("COMPLETED", "ERRORED") or type(reason) is not int:
        raise ValueError("a next_send has send_status COMPLETED or ERRORED, and reason_code")
    if count is not None and (type(count) is not int or count < 0):
        raise ValueError("count is an integer, 0 or more")
    if activity_id not in world.activities:
        return _error(404, "no such activity")
    script = Script(send_status=str(status), reason_code=reason, count=count)
    world.put_activity(replace(world.activities[activity_id], script=script))
    return NO_CONTENT


def _trash(world: World, campaign_id: str, verb: str) -> Answer:
    if campaign_id not in world.campaigns:
        return _error(404, "no such campaign")
    act = world.restore_campaign if verb == "restore" else world.trash_campaign
    act(campaign_id)
    return NO_CONTENT


def _members(world: World, list_id: str, body: Body) -> Answer:
    if list_id not in world.lists:
        return _error(404, "no such list")
    gone = set(_texts(body, "remove", ()))
    before = dict.fromkeys((*world.lists[list_id].members, *_texts(body, "add", ())))
    world.set_members(list_id, [member for member in before if member not in gone])
    return answer(200, {"members": list(world.lists[list_id].members)})


def _delete_list(world: World, list_id: str) -> Answer:
    if list_id not in world.lists:
        return _error(404, "no such list")
    world.delete_list(list_id)
    return NO_CONTENT


_HANDLERS: dict[tuple[str, str], _Handler] = {
    ("GET", "clock"): _show_clock,
    ("POST", "clock"): _set_clock,
    ("GET", "requests"): _show_requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "sends"): _show_sends,
    ("GET", "faults"): _show_faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "switches"): _show_switches,
    ("POST", "switches"): _set_switches,
    ("GET", "privileges"): _show_privileges,
    ("POST", "privileges"): _set_privileges,
}
