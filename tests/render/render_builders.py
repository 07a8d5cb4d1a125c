"""Small plans and reports by hand, for the tests of the renderers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ccops.applying.report import Ending, Report, Result
from ccops.errors import Diagnostic, ExitCode, Place, Severity
from ccops.model import (
    NOW,
    Account,
    Live,
    RecipientKind,
    Recipients,
    SendRecord,
    Status,
    Step,
    StepKind,
    Target,
    When,
)
from ccops.planning.audience import Audience, Overlap
from ccops.planning.plan import (
    Change,
    FieldChange,
    Finding,
    Permission,
    Plan,
    Risk,
    Undo,
    UndoKind,
    Unmanaged,
    Verdict,
    Waiting,
)

NOON = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
"""Tuesday 24 November 2026, 09:05 in New York."""
ZONE = "America/New_York"
CHECKSUM = "sha256:7f0c2b9e41d85a3602f1b7c9de8a45107f0c2b9e41d85a3602f1b7c9de8a4510"
UNSCHEDULE = Step(
    kind=StepKind.UNSCHEDULE, method="DELETE", path="/emails/activities/9c41e07b/schedules"
)
UPDATE = Step(
    kind=StepKind.UPDATE,
    method="PUT",
    path="/emails/activities/9c41e07b",
    body=json.dumps({"subject": "Early access", "contact_list_ids": ["l1", "l2"]}),
)
SCHEDULE = Step(
    kind=StepKind.SCHEDULE,
    method="POST",
    path="/emails/activities/9c41e07b/schedules",
    body='{"scheduled_date": "2026-11-27T13:00:00.000Z"}',
)
SEND = Step(
    kind=StepKind.SCHEDULE,
    method="POST",
    path="/emails/activities/9c41e07b/schedules",
    body='{"scheduled_date": "0"}',
)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """An instant of 2026 in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def live(
    status: Status = Status.DRAFT, *, when: datetime | None = None, subject: str = "Hello"
) -> Live:
    """An activity as it was read."""
    return Live(
        campaign_id="c1",
        activity_id="9c41e07b",
        name="any",
        role="primary_email",
        status=status,
        format_type=5,
        recipients=Recipients(lists=("l1",)),
        subject=subject,
        from_name="Fern & Field",
        from_email="hello@fernandfield.example",
        reply_to="hello@fernandfield.example",
        schedules=() if when is None else (when,),
    )


def lists(*names: str) -> Audience:
    """Lists by name, with made-up ids."""
    items = tuple((f"l{number}", name) for number, name in enumerate(names, start=1))
    return Audience(kind=RecipientKind.LISTS, items=items)


def held(
    *names: str,
    counts: tuple[int | None, ...] = (),
    contacts: int | None,
    before: int | None = None,
) -> Audience:
    """Lists by name, counted."""
    return replace(lists(*names), counts=counts, contacts=contacts, before=before)


def change(
    campaign: str,
    verdict: Verdict,
    *,
    file: str = "campaigns/fall.yaml",
    line: int = 1,
    send: When | None = None,
    before: Live | None = None,
    audience: Audience | None = None,
    fields: tuple[FieldChange, ...] = (),
    steps: tuple[Step, ...] = (),
    risk: Risk = Risk.R0,
    undo: Undo | None = None,
    apply_by: datetime | None = None,
    waiting: tuple[Waiting, ...] = (),
    undeclared: tuple[SendRecord, ...] = (),
    reason: str = "",
    remedy: str = "",
    zone: str = ZONE,
) -> Change:
    """A change with what a test is about; the rest does not show."""
    return Change(
        campaign=campaign,
        verdict=verdict,
        row=1,
        place=Place(file=file, line=line, column=1),
        campaign_id="c1",
        reason=reason,
        remedy=remedy,
        target=Target(campaign=campaign, activity_id="9c41e07b", sends=(), recipients=None),
        zone=zone,
        before=before,
        audience=audience,
        fields=fields,
        steps=steps,
        send=send,
        risk=risk,
        undo=undo,
        apply_by=apply_by,
        waiting=waiting,
        undeclared=undeclared,
    )


def plan(
    changes: Sequence[Change],
    *,
    findings: tuple[Finding, ...] = (),
    permissions: tuple[Permission, ...] = (),
    unmanaged: tuple[Unmanaged, ...] = (),
    unmanaged_count: int = 0,
    selection: tuple[str, ...] = (),
    zone: str = ZONE,
    account: Account | None = None,
    commit: str = "4f2c9ab",
    requests: int = 12,
    expires_at: datetime = NOON + timedelta(days=1),
) -> Plan:
    """A plan made at `NOON` of these changes, in this order."""
    return Plan(
        account=account or Account(id="p07e1l8cdif9dl", name="Fern & Field Co.", zone=ZONE),
        origin="https://api.cc.example",
        zone=zone,
        created_at=NOON,
        expires_at=expires_at,
        ccops_version="0.1.0",
        tzdata="2026b",
        changes=tuple(changes),
        findings=findings,
        permissions=permissions,
        unmanaged=unmanaged,
        unmanaged_count=unmanaged_count,
        selection=selection,
        commit=commit,
        requests=requests,
    )


def rescheduled() -> Change:
    """A live schedule moved from 09:00 to 07:30."""
    return change(
        "Cyber Monday",
        Verdict.RESCHEDULE,
        file="campaigns/cyber-monday.yaml",
        line=14,
        send=at(30, 12, 30),
        before=live(Status.SCHEDULED, when=at(30, 14), subject="Cyber Monday starts early"),
        audience=lists("Newsletter — US"),
        fields=(
            FieldChange(
                path="send_at", before="2026-11-30T14:00:00Z", after="2026-11-30T12:30:00Z"
            ),
        ),
        steps=(UNSCHEDULE, SCHEDULE),
        risk=Risk.R2,
        undo=Undo(kind=UndoKind.UNTIL, until=at(30, 12, 30)),
        apply_by=at(30, 12, 12),
        waiting=(
            Waiting(when=at(7, 14, month=12), opens=at(30, 12, 31), closes=at(7, 13, 45, 12)),
        ),
    )


def scheduled(name: str = "Black Friday early access") -> Change:
    """A draft that gets recipients and a time."""
    return change(
        name,
        Verdict.SCHEDULE,
        file="campaigns/black-friday.yaml",
        send=at(27, 13),
        before=live(subject="Early access: 30% off starts now"),
        audience=lists("VIP customers", "Newsletter — US"),
        fields=(
            FieldChange(
                path="recipients", before="VIP customers", after="VIP customers, Newsletter — US"
            ),
            FieldChange(path="send_at", before=None, after="2026-11-27T13:00:00Z"),
        ),
        steps=(UPDATE, SCHEDULE),
        risk=Risk.R1,
        undo=Undo(kind=UndoKind.UNTIL, until=at(27, 13)),
        apply_by=at(27, 12, 42),
    )


def updated(name: str = "Holiday gift guide") -> Change:
    """A draft that gets other recipients."""
    return change(
        name,
        Verdict.UPDATE,
        file="campaigns/gift-guide.yaml",
        line=7,
        before=live(subject="The 2026 gift guide: 40 ideas under $50"),
        audience=lists("Newsletter — US"),
        fields=(FieldChange(path="recipients", before=None, after="Newsletter — US"),),
        steps=(UPDATE,),
        risk=Risk.R1,
        undo=Undo(kind=UndoKind.ANYTIME),
    )


def unscheduled() -> Change:
    """A live schedule taken back."""
    return change(
        "Winter preview",
        Verdict.UNSCHEDULE,
        file="campaigns/winter-preview.yaml",
        line=12,
        before=live(Status.SCHEDULED, when=at(4, 15, month=12), subject="Winter is near"),
        audience=lists("Newsletter — US"),
        fields=(FieldChange(path="send_at", before="2026-12-04T15:00:00Z", after=None),),
        steps=(UNSCHEDULE,),
        risk=Risk.R2,
        undo=Undo(kind=UndoKind.ANYTIME),
    )


def recall() -> Change:
    """A send that cannot be undone."""
    return change(
        "Ladder recall notice",
        Verdict.SEND_NOW,
        file="campaigns/recall.yaml",
        send=NOW,
        before=live(subject="Safety recall: stop using the L-200 ladder"),
        audience=lists("All customers"),
        fields=(
            FieldChange(path="recipients", before=None, after="All customers"),
            FieldChange(path="send_at", before=None, after="now"),
        ),
        steps=(UPDATE, SEND),
        risk=Risk.R3,
        undo=Undo(kind=UndoKind.NEVER),
        apply_by=NOON + timedelta(hours=1),
    )


def missed() -> Change:
    """A time that passed before anybody applied it."""
    return change(
        "Gala invitation",
        Verdict.MISSED,
        file="campaigns/gala.yaml",
        line=3,
        before=live(subject="You are invited"),
        audience=lists("Donors"),
        reason="its send time Tue 24 Nov 2026, 07:00 EST has passed",
        remedy="declare a later send_at, or `unscheduled`",
    )


def frozen() -> Change:
    """A schedule too near to be touched, which will go out as it stands."""
    return change(
        "Morning digest",
        Verdict.FROZEN,
        file="campaigns/digest.yaml",
        line=9,
        before=live(Status.SCHEDULED, when=at(24, 14, 15)),
        audience=lists("Digest"),
        reason="it is sent at 09:15 EST, in less than 15 minutes",
        remedy="let it go out, or unschedule it in Constant Contact",
    )


def in_sync(name: str = "Spring letter", send: datetime | None = None) -> Change:
    """Nothing to do."""
    return change(
        name, Verdict.IN_SYNC, send=send, before=live(), audience=lists("Newsletter — US")
    )


def sent(name: str = "Fall appeal") -> Change:
    """Long gone."""
    return change(name, Verdict.SENT)


def blocking() -> Finding:
    """A guard that stops the plan, with a place."""
    text = "send_at: now"
    return Finding(
        guard="max-contacts",
        campaign="Ladder recall notice",
        blocking=True,
        diagnostic=Diagnostic(
            code="CC403",
            message="sending now reaches more than 5,000 contacts",
            place=Place(file="campaigns/recall.yaml", line=9, column=10, width=3, text=text),
            label="31,207 contacts, the limit is 5,000",
            help="schedule it, or allow it with `--allow max-contacts=… --reason …`",
        ),
    )


def warning() -> Finding:
    """A guard that only speaks."""
    return Finding(
        guard="min-gap-same-recipients",
        campaign="Cyber Monday",
        blocking=False,
        diagnostic=Diagnostic(
            code="CC410",
            message="Newsletter — US gets 2 sends within 4 days",
            severity=Severity.WARNING,
            place=Place(file="campaigns/cyber-monday.yaml", line=15, column=9),
        ),
    )


def mixed() -> Plan:
    """One of everything."""
    return plan(
        (
            frozen(),
            missed(),
            scheduled(),
            rescheduled(),
            updated(),
            unscheduled(),
            in_sync("Advent letter", at(1, 14, month=12)),
            in_sync(),
            sent(),
            recall(),
        ),
        findings=(blocking(), warning()),
        permissions=(
            Permission(
                rule="send-now", campaign="Ladder recall notice", reason="people may get hurt"
            ),
        ),
        unmanaged=(Unmanaged(campaign_id="c9", name="Board minutes"),),
        unmanaged_count=3,
    )


def quiet() -> Plan:
    """Nothing to write."""
    return plan(
        (
            in_sync("Black Friday early access", at(27, 13)),
            in_sync("Cyber Monday", at(30, 12, 30)),
            in_sync(),
            sent(),
            sent("Summer appeal"),
        ),
        unmanaged_count=3,
    )


def counted() -> Plan:
    """Five sends whose recipients are counted: all, in part, not, moved since the last send."""
    recalled = replace(recall(), audience=held("All customers", counts=(31_207,), contacts=31_207))
    early = replace(
        scheduled(),
        audience=held("VIP customers", "Newsletter — US", counts=(2_481, 12_418), contacts=14_117),
    )
    monday = replace(
        rescheduled(), audience=held("Newsletter — US", counts=(12_418,), contacts=12_418)
    )
    again = change(
        "Volunteer call",
        Verdict.RESEND,
        file="campaigns/volunteers.yaml",
        send=at(1, 14, month=12),
        before=live(Status.DONE, subject="Can you spare an hour?"),
        audience=held("Volunteers", "Board", counts=(420, None), contacts=455, before=431),
        steps=(SCHEDULE,),
        risk=Risk.R1,
        undo=Undo(kind=UndoKind.UNTIL, until=at(1, 14, month=12)),
        apply_by=at(1, 13, 42, month=12),
    )
    segment = change(
        "Lapsed donors",
        Verdict.SCHEDULE,
        file="campaigns/lapsed.yaml",
        send=at(2, 15, month=12),
        before=live(subject="We miss you"),
        audience=Audience(kind=RecipientKind.SEGMENT, items=(("7", "No gift in 18 months"),)),
        steps=(UPDATE, SCHEDULE),
        risk=Risk.R1,
        undo=Undo(kind=UndoKind.UNTIL, until=at(2, 15, month=12)),
        apply_by=at(2, 14, 42, month=12),
    )
    standing = in_sync("Advent letter", at(3, 14, month=12))
    return replace(
        plan((early, monday, again, segment, standing, recalled)),
        overlaps=(
            Overlap(first=recalled.campaign, second=early.campaign, contacts=14_117),
            Overlap(first=early.campaign, second=monday.campaign, contacts=12_418),
            Overlap(first=monday.campaign, second=segment.campaign),
        ),
    )


def result(
    of: Change,
    ending: Ending,
    *,
    writes: tuple[Step, ...] = (),
    seen: Live | None = None,
    detail: str = "",
    exit_code: ExitCode | None = None,
) -> Result:
    """One change's ending."""
    return Result(
        change=of, ending=ending, writes=writes, live=seen, detail=detail, exit_code=exit_code
    )


def report(*results: Result, interrupted: ExitCode | None = None) -> Report:
    """A run of 14 seconds."""
    return Report(
        checksum=CHECKSUM,
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=14),
        results=results,
        reads=12,
        interrupted=interrupted,
    )


def eventful() -> Report:
    """Every ending there is."""
    back = live(Status.SCHEDULED, when=at(27, 13))
    return report(
        result(scheduled(), Ending.DONE, writes=scheduled().steps, seen=back),
        result(updated(), Ending.NOTHING, detail="it is already as declared"),
        result(unscheduled(), Ending.DONE, writes=unscheduled().steps, seen=live()),
        result(in_sync(), Ending.NOTHING),
        result(missed(), Ending.NEEDS_PERSON),
        result(
            rescheduled(),
            Ending.STOPPED,
            writes=(UNSCHEDULE,),
            seen=live(),
            detail="Constant Contact refused the new time. It is not scheduled now: plan again",
        ),
        result(scheduled("Cancelled"), Ending.NOT_STARTED),
        result(
            recall(),
            Ending.UNKNOWN,
            writes=recall().steps,
            seen=live(),
            detail="no answer to the send; look in Constant Contact whether it was sent",
        ),
    )
