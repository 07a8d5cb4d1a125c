"""The writes that may leave the program, judged by their exact bytes.

The client asks here before every request that is no GET, whatever the token may do: what is
not one of three shapes cannot be sent by accident, by a bug or by a hostile manifest.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ccops.constantcontact.instants import instant_text, parse_instant
from ccops.constantcontact.strict import parse
from ccops.constantcontact.wire import SEND_NOW, UUID, canonical, is_uuid
from ccops.errors import Blocked, Diagnostic, VendorFault
from ccops.model import StepKind
from ccops.ports import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteList:
    """What a client may write: kinds of steps, and whether "send now" is among them.

    `send_now` holds the activities that may be sent at once: it cannot be undone, so it is
    permitted one by one.
    """

    kinds: frozenset[StepKind] = frozenset()
    send_now: frozenset[str] = frozenset()


NO_WRITES = WriteList()
"""What read-only commands hold."""

APPLY_WRITES = WriteList(kinds=frozenset(StepKind))
"""PUT of an activity, POST and DELETE of its schedule at an instant; not "send now"."""

LEASE = 5.0
"""Seconds: a write leaves this soon after the reading that justified it, or not at all."""

_ACTIVITY = rf"/v3/emails/activities/{UUID}"
_SHAPES = {
    StepKind.UNSCHEDULE: re.compile(rf"DELETE {_ACTIVITY}/schedules", re.ASCII),
    StepKind.UPDATE: re.compile(rf"PUT {_ACTIVITY}", re.ASCII),
    StepKind.SCHEDULE: re.compile(rf"POST {_ACTIVITY}/schedules", re.ASCII),
}
_TEXTS = frozenset({"from_email", "from_name", "reply_to_email", "subject"})
_AUDIENCES = frozenset({"contact_list_ids", "segment_ids"})


def check_write(writes: WriteList, call: Call) -> None:
    """Let a write pass, or raise before a byte of it leaves.

    Raises:
        Blocked: CC490, it is none of the three shapes, to the byte; CC491, this client may not
            make it; CC492, it would send now and this client may not.
    """
    kind = _kind(call)
    if kind is None:
        raise _blocked("CC490", call, "is no request that ccops may ever make")
    if kind not in writes.kinds:
        raise _blocked("CC491", call, "would change the account, and this command only reads")
    if _sends_now(call) and call.path.split("/")[-2].lower() not in writes.send_now:
        raise _blocked("CC492", call, "would send at once, and nobody allowed that")


def _kind(call: Call) -> StepKind | None:
    if call.query:
        return None
    line = f"{call.method} {call.path}"
    kinds = (kind for kind, shape in _SHAPES.items() if shape.fullmatch(line))
    return next((kind for kind in kinds if _has_its_body(kind, call.body)), None)


def _has_its_body(kind: StepKind, body: bytes | None) -> bool:
    if body is None or kind is StepKind.UNSCHEDULE:
        return body is None and kind is StepKind.UNSCHEDULE
    try:
        document = parse(body)
    except VendorFault:
        return False
    if not isinstance(document, dict) or canonical(document).encode() != body:
        return False
    return _is_schedule(document) if kind is StepKind.SCHEDULE else _is_update(document)


def _is_schedule(document: Mapping[str, object]) -> bool:
    match document:
        case {"scheduled_date": str() as date, **rest} if not rest:
            return date == SEND_NOW or _is_own_rendering(date)
        case _:
            return False


def _is_own_rendering(date: str) -> bool:
    instant = parse_instant(date)
    return instant is not None and instant_text(instant) == date


def _is_update(document: Mapping[str, object]) -> bool:
    keys = frozenset(document)
    texts = keys - _AUDIENCES
    return (
        keys >= _TEXTS | _AUDIENCES
        and texts <= _TEXTS | {"preheader"}
        and all(isinstance(document[key], str) for key in texts)
        and _is_audience(document["contact_list_ids"], document["segment_ids"])
    )


def _is_audience(lists: object, segments: object) -> bool:
    match lists, segments:
        case [], [int() as segment]:
            return not isinstance(segment, bool) and segment >= 0
        case [_, *_], []:
            return isinstance(lists, list) and all(_is_list_id(one) for one in lists)
        case _:
            return False


def _is_list_id(value: object) -> bool:
    return isinstance(value, str) and is_uuid(value)


def _sends_now(call: Call) -> bool:
    return call.body == canonical({"scheduled_date": SEND_NOW}).encode()


def _blocked(code: str, call: Call, why: str) -> Blocked:
    message = f"{call.method} {call.path} {why}"
    return Blocked(Diagnostic(code=code, message=message, help="nothing was sent"))
