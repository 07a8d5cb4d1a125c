"""A plan's JSON document, read back into a plan. Past this module nothing is untyped."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.errors import Diagnostic, Place, Severity
from ccops.model import (
    NOW,
    Account,
    Expect,
    JsonObject,
    Live,
    Range,
    Recipients,
    SendRecord,
    Status,
    Step,
    StepKind,
    Target,
    When,
)
from ccops.planning.plan import (
    Audience,
    Change,
    FieldChange,
    Finding,
    Overlap,
    Permission,
    Plan,
    Risk,
    Undo,
    UndoKind,
    Unmanaged,
    Verdict,
    Waiting,
)

ValueT = TypeVar("ValueT")
ResultT = TypeVar("ResultT")


def plan_of(of: JsonObject) -> Plan:
    """Read a plan; everything derived in the document is left aside. ValueError: malformed."""
    return Plan(
        account=_account(_object(of, "account")),
        origin=_text(of, "origin"),
        zone=_text(of, "time_zone"),
        created_at=_instant(_text(of, "created_at")),
        expires_at=_instant(_text(of, "expires_at")),
        ccops_version=_text(of, "ccops_version"),
        tzdata=_text(of, "tzdata"),
        changes=_each(of, "changes", _change),
        findings=_each(of, "findings", _finding),
        overlaps=_each(of, "overlaps", _overlap),
        permissions=_each(of, "permissions", _permission),
        unmanaged=_each(of, "unmanaged", _unmanaged),
        unmanaged_count=_typed(of, "unmanaged_count", int),
        selection=_texts(of, "selection"),
        commit=_text(_object(of, "source"), "commit"),
        requests=_typed(of, "requests_made", int),
    )


def _account(of: JsonObject) -> Account:
    return Account(id=_text(of, "id"), name=_text(of, "name"), zone=_text(of, "time_zone"))


def _change(of: JsonObject) -> Change:
    expect_place = _optional(of, "expect_source", _place)
    return Change(
        campaign=_text(of, "campaign"),
        verdict=Verdict(_text(of, "verdict")),
        row=_typed(of, "row", int),
        place=_place(_object(of, "source")),
        campaign_id=_text(of, "campaign_id"),
        reason=_text(of, "reason"),
        remedy=_text(of, "remedy"),
        target=_target(_object(of, "desired"), expect_place),
        zone=_text(of, "time_zone"),
        before=_optional(of, "before", _live),
        audience=_optional(of, "audience", _audience),
        fields=_each(of, "fields", _field),
        steps=_each(of, "requests", _step),
        send=_when(of, "send"),
        risk=Risk(_text(of, "risk")),
        undo=_optional(of, "undo", _undo),
        apply_by=_maybe_instant(of, "apply_by"),
        waiting=_each(of, "waiting", _waiting),
        undeclared=_each(of, "undeclared", _record),
        tags=_texts(of, "tags"),
        owner=_maybe_text(of, "owner"),
        attached=_each(of, "attached", _attached),
    )


def _attached(of: JsonObject) -> Attached:
    minutes = _maybe_number(of, "delay_minutes")
    return Attached(
        kind=AttachedKind(_text(of, "kind")),
        subject=_text(of, "subject"),
        at=_maybe_instant(of, "at"),
        delay=None if minutes is None else timedelta(minutes=minutes),
    )


def _target(of: JsonObject, expect_place: Place | None) -> Target:
    expect = _object(of, "expect")
    return Target(
        campaign=_text(of, "campaign"),
        activity_id=_text(of, "activity_id"),
        sends=tuple(map(_send, _texts(of, "sends"))),
        recipients=_optional(of, "recipients", _recipients),
        expect=Expect(
            subject=_maybe_text(expect, "subject"),
            from_email=_maybe_text(expect, "from_email"),
            contacts=_optional(expect, "contacts", _range),
            place=expect_place,
        ),
    )


def _live(of: JsonObject) -> Live:
    return Live(
        campaign_id=_text(of, "campaign_id"),
        activity_id=_text(of, "activity_id"),
        name=_text(of, "name"),
        role=_text(of, "role"),
        status=Status(_text(of, "status")),
        ab_test=_typed(of, "ab_test", bool),
        format_type=_typed(of, "format_type", int),
        recipients=_recipients(_object(of, "recipients")),
        subject=_text(of, "subject"),
        from_name=_text(of, "from_name"),
        from_email=_text(of, "from_email"),
        reply_to=_text(of, "reply_to"),
        preheader=_maybe_text(of, "preheader"),
        schedules=tuple(map(_instant, _texts(of, "schedules"))),
        history=None if of.get("history") is None else _each(of, "history", _record),
    )


def _recipients(of: JsonObject) -> Recipients:
    return Recipients(lists=_texts(of, "lists"), segments=_texts(of, "segments"))


def _record(of: JsonObject) -> SendRecord:
    return SendRecord(
        ran_at=_instant(_text(of, "ran_at")),
        completed=_typed(of, "completed", bool),
        count=_typed(of, "count", int),
        reason=_typed(of, "reason", int),
    )


def _audience(of: JsonObject) -> Audience:
    items = _each(of, "items", lambda item: (_text(item, "id"), _text(item, "name")))
    return Audience(
        kind=_text(of, "kind"),
        items=items,
        counts=_counts(of),
        contacts=_maybe_number(of, "contacts"),
        before=_maybe_number(of, "before"),
    )


def _counts(of: JsonObject) -> tuple[int | None, ...]:
    found = of.get("counts")
    if not isinstance(found, list):
        raise ValueError("counts is no list")  # noqa: TRY004 - one kind for the caller
    return tuple(None if one is None else _typed({"count": one}, "count", int) for one in found)


def _range(of: JsonObject) -> Range:
    return Range(least=_typed(of, "least", int), most=_maybe_number(of, "most"))


def _overlap(of: JsonObject) -> Overlap:
    first, second = _text(of, "first"), _text(of, "second")
    return Overlap(first=first, second=second, contacts=_maybe_number(of, "contacts"))


def _maybe_number(of: JsonObject, key: str) -> int | None:
    return None if of.get(key) is None else _typed(of, key, int)


def _field(of: JsonObject) -> FieldChange:
    before, after = _maybe_text(of, "before"), _maybe_text(of, "after")
    return FieldChange(path=_text(of, "path"), before=before, after=after)


def _step(of: JsonObject) -> Step:
    return Step(
        kind=StepKind(_text(of, "kind")),
        method=_text(of, "method"),
        path=_text(of, "path"),
        body=_maybe_text(of, "body"),
    )


def _undo(of: JsonObject) -> Undo:
    return Undo(kind=UndoKind(_text(of, "kind")), until=_maybe_instant(of, "until"))


def _waiting(of: JsonObject) -> Waiting:
    when, opens, closes = (_instant(_text(of, key)) for key in ("when", "opens", "closes"))
    return Waiting(when=when, opens=opens, closes=closes)


def _permission(of: JsonObject) -> Permission:
    rule, campaign, reason = (_text(of, key) for key in ("rule", "campaign", "reason"))
    return Permission(rule=rule, campaign=campaign, reason=reason)


def _unmanaged(of: JsonObject) -> Unmanaged:
    return Unmanaged(campaign_id=_text(of, "campaign_id"), name=_text(of, "name"))


def _finding(of: JsonObject) -> Finding:
    return Finding(
        guard=_text(of, "guard"),
        campaign=_text(of, "campaign"),
        blocking=_typed(of, "blocking", bool),
        diagnostic=_diagnostic(_object(of, "diagnostic")),
    )


def _diagnostic(of: JsonObject) -> Diagnostic:
    return Diagnostic(
        code=_text(of, "code"),
        message=_text(of, "message"),
        place=_optional(of, "location", _place),
        label=_text(of, "label"),
        help=_text(of, "help"),
        severity=Severity(_text(of, "severity")),
        also=_each(of, "also", lambda one: (_place(_object(one, "location")), _text(one, "label"))),
    )


def _place(of: JsonObject) -> Place:
    line, column, width = (_typed(of, key, int) for key in ("line", "column", "width"))
    return Place(
        file=_text(of, "file"), line=line, column=column, width=width, text=_text(of, "text")
    )


def _send(text: str) -> When:
    return NOW if text == NOW.value else _instant(text)


def _when(of: JsonObject, key: str) -> When | None:
    text = _maybe_text(of, key)
    return None if text is None else _send(text)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _maybe_instant(of: JsonObject, key: str) -> datetime | None:
    text = _maybe_text(of, key)
    return None if text is None else _instant(text)


def _typed(of: JsonObject, key: str, kind: type[ValueT]) -> ValueT:
    value = of.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"{key} is no {kind.__name__}")  # noqa: TRY004 - one kind for the caller
    return value


def _text(of: JsonObject, key: str) -> str:
    return _typed(of, key, str)


def _maybe_text(of: JsonObject, key: str) -> str | None:
    return None if of.get(key) is None else _text(of, key)


def _object(of: JsonObject, key: str) -> JsonObject:
    return _typed(of, key, dict)


def _optional(of: JsonObject, key: str, read: Callable[[JsonObject], ResultT]) -> ResultT | None:
    return None if of.get(key) is None else read(_object(of, key))


def _each(of: JsonObject, key: str, read: Callable[[JsonObject], ResultT]) -> tuple[ResultT, ...]:
    items = _typed(of, key, list)
    return tuple(read(_object({key: item}, key)) for item in items)


def _texts(of: JsonObject, key: str) -> tuple[str, ...]:
    items = _typed(of, key, list)
    return tuple(_text({key: item}, key) for item in items)
