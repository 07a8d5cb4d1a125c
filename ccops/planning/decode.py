"""A plan's JSON document, read back into a plan. Past this module nothing is untyped."""

from datetime import timedelta

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
from ccops.planning.audience import Audience, Overlap
from ccops.planning.fields import (
    each,
    instant,
    maybe_instant,
    maybe_text,
    optional,
    record,
    text,
    texts,
    typed,
)
from ccops.planning.plan import (
    Budget,
    Change,
    FieldChange,
    Finding,
    Permission,
    Plan,
    Recalled,
    Refresh,
    Risk,
    Undo,
    UndoKind,
    Unmanaged,
    Verdict,
    Waiting,
)


def plan_of(of: JsonObject) -> Plan:
    """Read a plan; everything derived in the document is left aside. ValueError: malformed."""
    plan = Plan(
        account=account_of(record(of, "account")),
        origin=text(of, "origin"),
        zone=text(of, "time_zone"),
        created_at=instant(text(of, "created_at")),
        expires_at=instant(text(of, "expires_at")),
        ccops_version=text(of, "ccops_version"),
        tzdata=text(of, "tzdata"),
        changes=each(of, "changes", _change),
        findings=each(of, "findings", _finding),
        overlaps=each(of, "overlaps", _overlap),
        permissions=each(of, "permissions", _permission),
        unmanaged=each(of, "unmanaged", _unmanaged),
        unmanaged_count=typed(of, "unmanaged_count", int),
        selection=texts(of, "selection"),
        refresh=Refresh(text(of, "refresh")),
        recalled=optional(of, "recalled", _recalled),
        commit=text(record(of, "source"), "commit"),
        requests=typed(of, "requests_made", int),
        budget=optional(of, "requests_today", _budget),
    )
    if (plan.recalled is None) is not (plan.refresh is Refresh.FULL):
        raise ValueError("what it has from the cache does not fit how much was read")
    return plan


def account_of(of: JsonObject) -> Account:
    """Read an account. ValueError: malformed."""
    return Account(id=text(of, "id"), name=text(of, "name"), zone=text(of, "time_zone"))


def _recalled(of: JsonObject) -> Recalled:
    listed_at, names_at = instant(text(of, "listed_at")), maybe_instant(of, "names_at")
    return Recalled(listed_at=listed_at, names_at=names_at)


def _budget(of: JsonObject) -> Budget:
    return Budget(used=typed(of, "used", int), limit=typed(of, "limit", int))


def _change(of: JsonObject) -> Change:
    expect_place = optional(of, "expect_source", _place)
    return Change(
        campaign=text(of, "campaign"),
        verdict=Verdict(text(of, "verdict")),
        row=typed(of, "row", int),
        place=_place(record(of, "source")),
        campaign_id=text(of, "campaign_id"),
        reason=text(of, "reason"),
        remedy=text(of, "remedy"),
        target=_target(record(of, "desired"), expect_place),
        zone=text(of, "time_zone"),
        before=optional(of, "before", live_of),
        as_of=maybe_instant(of, "as_of"),
        audience=optional(of, "audience", _audience),
        fields=each(of, "fields", _field),
        steps=each(of, "requests", _step),
        send=_when(of, "send"),
        risk=Risk(text(of, "risk")),
        undo=optional(of, "undo", _undo),
        apply_by=maybe_instant(of, "apply_by"),
        waiting=each(of, "waiting", _waiting),
        undeclared=each(of, "undeclared", _record),
        tags=texts(of, "tags"),
        owner=maybe_text(of, "owner"),
        attached=each(of, "attached", _attached),
    )


def _attached(of: JsonObject) -> Attached:
    minutes = _maybe_number(of, "delay_minutes")
    return Attached(
        kind=AttachedKind(text(of, "kind")),
        subject=text(of, "subject"),
        at=maybe_instant(of, "at"),
        delay=None if minutes is None else timedelta(minutes=minutes),
    )


def _target(of: JsonObject, expect_place: Place | None) -> Target:
    expect = record(of, "expect")
    return Target(
        campaign=text(of, "campaign"),
        activity_id=text(of, "activity_id"),
        sends=tuple(map(_send, texts(of, "sends"))),
        recipients=optional(of, "recipients", _recipients),
        expect=Expect(
            subject=maybe_text(expect, "subject"),
            from_email=maybe_text(expect, "from_email"),
            contacts=optional(expect, "contacts", _range),
            place=expect_place,
        ),
    )


def live_of(of: JsonObject) -> Live:
    """Read an activity with its ids. ValueError: malformed."""
    return Live(
        campaign_id=text(of, "campaign_id"),
        activity_id=text(of, "activity_id"),
        name=text(of, "name"),
        role=text(of, "role"),
        status=Status(text(of, "status")),
        ab_test=typed(of, "ab_test", bool),
        format_type=typed(of, "format_type", int),
        recipients=_recipients(record(of, "recipients")),
        subject=text(of, "subject"),
        from_name=text(of, "from_name"),
        from_email=text(of, "from_email"),
        reply_to=text(of, "reply_to"),
        preheader=maybe_text(of, "preheader"),
        schedules=tuple(map(instant, texts(of, "schedules"))),
        history=None if of.get("history") is None else each(of, "history", _record),
    )


def _recipients(of: JsonObject) -> Recipients:
    return Recipients(lists=texts(of, "lists"), segments=texts(of, "segments"))


def _record(of: JsonObject) -> SendRecord:
    return SendRecord(
        ran_at=instant(text(of, "ran_at")),
        completed=typed(of, "completed", bool),
        count=typed(of, "count", int),
        reason=typed(of, "reason", int),
    )


def _audience(of: JsonObject) -> Audience:
    items = each(of, "items", lambda item: (text(item, "id"), text(item, "name")))
    return Audience(
        kind=text(of, "kind"),
        items=items,
        counts=_counts(of),
        contacts=_maybe_number(of, "contacts"),
        before=_maybe_number(of, "before"),
    )


def _counts(of: JsonObject) -> tuple[int | None, ...]:
    found = of.get("counts")
    if not isinstance(found, list):
        raise ValueError("counts is no list")  # noqa: TRY004 - one kind for the caller
    return tuple(None if one is None else typed({"count": one}, "count", int) for one in found)


def _range(of: JsonObject) -> Range:
    return Range(least=typed(of, "least", int), most=_maybe_number(of, "most"))


def _overlap(of: JsonObject) -> Overlap:
    first, second = text(of, "first"), text(of, "second")
    return Overlap(first=first, second=second, contacts=_maybe_number(of, "contacts"))


def _maybe_number(of: JsonObject, key: str) -> int | None:
    return None if of.get(key) is None else typed(of, key, int)


def _field(of: JsonObject) -> FieldChange:
    before, after = maybe_text(of, "before"), maybe_text(of, "after")
    return FieldChange(path=text(of, "path"), before=before, after=after)


def _step(of: JsonObject) -> Step:
    return Step(
        kind=StepKind(text(of, "kind")),
        method=text(of, "method"),
        path=text(of, "path"),
        body=maybe_text(of, "body"),
    )


def _undo(of: JsonObject) -> Undo:
    return Undo(kind=UndoKind(text(of, "kind")), until=maybe_instant(of, "until"))


def _waiting(of: JsonObject) -> Waiting:
    when, opens, closes = (instant(text(of, key)) for key in ("when", "opens", "closes"))
    return Waiting(when=when, opens=opens, closes=closes)


def _permission(of: JsonObject) -> Permission:
    rule, campaign, reason = (text(of, key) for key in ("rule", "campaign", "reason"))
    return Permission(rule=rule, campaign=campaign, reason=reason)


def _unmanaged(of: JsonObject) -> Unmanaged:
    return Unmanaged(campaign_id=text(of, "campaign_id"), name=text(of, "name"))


def _finding(of: JsonObject) -> Finding:
    return Finding(
        guard=text(of, "guard"),
        campaign=text(of, "campaign"),
        blocking=typed(of, "blocking", bool),
        diagnostic=_diagnostic(record(of, "diagnostic")),
    )


def _diagnostic(of: JsonObject) -> Diagnostic:
    return Diagnostic(
        code=text(of, "code"),
        message=text(of, "message"),
        place=optional(of, "location", _place),
        label=text(of, "label"),
        help=text(of, "help"),
        severity=Severity(text(of, "severity")),
        also=each(of, "also", lambda one: (_place(record(one, "location")), text(one, "label"))),
    )


def _place(of: JsonObject) -> Place:
    line, column, width = (typed(of, key, int) for key in ("line", "column", "width"))
    return Place(
        file=text(of, "file"), line=line, column=column, width=width, text=text(of, "text")
    )


def _send(word: str) -> When:
    return NOW if word == NOW.value else instant(word)


def _when(of: JsonObject, key: str) -> When | None:
    word = maybe_text(of, key)
    return None if word is None else _send(word)
