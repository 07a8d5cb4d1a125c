"""Whole plans and reports in which every foreign text means harm."""

from datetime import timedelta

from hypothesis import strategies as st

from ccops.applying.report import Became, Ending, Report, Result, Settled
from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.errors import Diagnostic, Place, Severity
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
from ccops.planning.resolution import Recorded
from tests.journal.seen import entries
from tests.render.hostile import hostile
from tests.render.render_builders import NOON, ZONE

texts = hostile
instants = st.integers(-400_000, 4_000_000).map(lambda seconds: NOON + timedelta(seconds=seconds))
maybe_instants = st.none() | instants
places = st.builds(
    Place,
    file=texts,
    line=st.integers(1, 999),
    column=st.integers(1, 40),
    width=st.integers(0, 20),
    text=texts,
)
steps = st.builds(
    Step, kind=st.sampled_from(StepKind), method=texts, path=texts, body=st.none() | texts
)
lives = st.builds(
    Live,
    campaign_id=texts,
    activity_id=texts,
    name=texts,
    role=texts,
    status=st.sampled_from(Status),
    format_type=st.just(5),
    recipients=st.just(Recipients()),
    subject=texts,
    from_name=texts,
    from_email=texts,
    reply_to=texts,
    schedules=st.lists(instants, max_size=1).map(tuple),
)
amounts = st.none() | st.integers(0, 2_000_000)
audiences = st.builds(
    Audience,
    kind=st.sampled_from(RecipientKind),
    items=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    counts=st.lists(amounts, max_size=3).map(tuple),
    contacts=amounts,
    before=amounts,
)
besides = st.builds(
    Attached,
    kind=st.sampled_from(AttachedKind),
    subject=texts,
    at=maybe_instants,
    delay=st.none() | st.integers(0, 40).map(lambda hours: timedelta(hours=hours)),
)
fields = st.builds(
    FieldChange,
    path=st.sampled_from(("recipients", "send_at")),
    before=st.none() | texts,
    after=st.none() | texts,
)
changes = st.builds(
    Change,
    campaign=texts,
    verdict=st.sampled_from(Verdict),
    row=st.just(1),
    place=places,
    reason=texts,
    remedy=texts,
    target=st.just(Target(campaign="x", activity_id="x", sends=(), recipients=None)),
    zone=st.just(ZONE),
    before=st.none() | lives,
    audience=st.none() | audiences,
    fields=st.lists(fields, max_size=2).map(tuple),
    steps=st.lists(steps, max_size=3).map(tuple),
    send=maybe_instants | st.just(NOW),
    risk=st.sampled_from(Risk),
    undo=st.none() | st.builds(Undo, kind=st.sampled_from(UndoKind), until=maybe_instants),
    apply_by=maybe_instants,
    waiting=st.lists(
        st.builds(Waiting, when=instants, opens=instants, closes=instants), max_size=1
    ).map(tuple),
    undeclared=st.lists(
        st.builds(SendRecord, ran_at=instants, completed=st.just(True), count=st.just(3)),
        max_size=1,
    ).map(tuple),
    attached=st.lists(besides, max_size=1).map(tuple),
)
diagnostics = st.builds(
    Diagnostic,
    code=texts,
    message=texts,
    place=st.none() | places,
    label=texts,
    help=texts,
    severity=st.sampled_from(Severity),
    also=st.lists(st.tuples(places, texts), max_size=2).map(tuple),
)
plans = st.builds(
    Plan,
    account=st.builds(Account, id=texts, name=texts, zone=texts),
    origin=texts,
    zone=st.just(ZONE) | texts,
    created_at=instants,
    expires_at=instants,
    ccops_version=st.just("0.1.0"),
    tzdata=st.just("2026b"),
    changes=st.lists(changes, max_size=3).map(tuple),
    findings=st.lists(
        st.builds(
            Finding, guard=texts, campaign=texts, blocking=st.booleans(), diagnostic=diagnostics
        ),
        max_size=2,
    ).map(tuple),
    overlaps=st.lists(
        st.builds(Overlap, first=texts, second=texts, contacts=amounts), max_size=2
    ).map(tuple),
    permissions=st.lists(
        st.builds(Permission, rule=texts, campaign=texts, reason=texts), max_size=2
    ).map(tuple),
    unmanaged=st.lists(st.builds(Unmanaged, campaign_id=texts, name=texts), max_size=2).map(tuple),
    unmanaged_count=st.integers(0, 3),
    selection=st.lists(texts, max_size=2).map(tuple),
    commit=texts,
    requests=st.integers(0, 3),
)
results = st.builds(
    Result,
    change=changes,
    ending=st.sampled_from(Ending),
    writes=st.lists(steps, max_size=2).map(tuple),
    live=st.none() | lives,
    detail=texts,
)
settlements = st.builds(
    lambda entry, became, zone: Settled(
        write=Recorded(entry=entry, begun=entry.at), became=became, zone=zone
    ),
    entry=entries,
    became=st.sampled_from(Became),
    zone=st.sampled_from(["America/New_York", "Nowhere/Here"]),
)
reports = st.builds(
    Report,
    checksum=texts,
    started_at=st.just(NOON),
    finished_at=st.just(NOON + timedelta(seconds=14)),
    results=st.lists(results, max_size=3).map(tuple),
    settled=st.lists(settlements, max_size=2).map(tuple),
    reads=st.integers(0, 3),
)
