"""Judge a plan by every guard: what each has against its sends, and what a person overrode.

The law: a guard, or a rule more, can only add findings. What a guard objects to is decided in its
family; here only how heavily it weighs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from ccops.errors import Diagnostic, Severity
from ccops.manifest.rules import WAIVABLE, Guard
from ccops.model import Recipients
from ccops.planning.audience import Audience
from ccops.planning.facts import contacts_of, never_empty
from ccops.planning.guarding import crowding, names, rights, sizes, times
from ccops.planning.guarding.scene import Objection, Scene, makes_send
from ccops.planning.guarding.sizes import last_sends
from ccops.planning.names import same_name
from ccops.planning.plan import (
    Change,
    Finding,
    Permission,
    Plan,
)
from ccops.planning.sayings import allow

Judging = Callable[[Scene], Iterable[Objection]]

GUARDS: Mapping[Guard, Judging] = MappingProxyType(
    {
        Guard.QUIET_HOURS: times.quiet_hours,
        Guard.QUIET_DAYS: times.quiet_days,
        Guard.HOLIDAYS: times.holidays,
        Guard.BLACKOUTS: times.blackouts,
        Guard.MAX_CONTACTS: sizes.max_contacts,
        Guard.NO_CONTACTS: sizes.no_contacts,
        Guard.MAX_GROWTH: sizes.max_growth,
        Guard.MIN_GAP: crowding.min_gap,
        Guard.FORBIDDEN_LISTS: names.forbidden_lists,
        Guard.EXPECT: sizes.expect_contacts,
        Guard.SENDER_CONFIRMED: rights.sender_confirmed,
        Guard.SEND_PRIVILEGE: rights.send_privilege,
        Guard.MAX_SENDS: crowding.max_sends,
    }
)
"""Every guard of `ccops.yaml`, in the order in which its findings are told."""


def judged(scene: Scene) -> Plan:
    """Return the plan with what every guard says, and with the counts that it was said by."""
    plan = scene.plan
    objections = [(guard, one) for guard, judge in GUARDS.items() for one in judge(scene)]
    order = {change.campaign: at for at, change in enumerate(plan.changes)}
    judging = {moment.change.campaign for moment in scene.moments}
    objections.sort(key=lambda pair: order[pair[1].moment.change.campaign])
    found = [_finding(scene, guard, one) for guard, one in objections]
    told = {(guard, one.moment.change.campaign) for guard, one in objections}
    last = last_sends(scene)
    return replace(
        plan,
        changes=tuple(
            _counted(change, scene, last) if change.campaign in judging else change
            for change in plan.changes
        ),
        findings=(*plan.findings, *found, *_idle(scene, judging, told)),
        overlaps=crowding.overlaps(scene),
    )


def to_count(scene: Scene) -> tuple[Recipients, ...]:
    """The recipients of the sends that the plan makes and that are to be counted, each once.

    First those about which a guard asks how many they are; then, for whoever reviews the plan, some
    of several lists, a request each. Where the lists' own members are the cache's to tell, and it
    tells none, nothing is counted unasked.
    """
    last = last_sends(scene) if scene.rules.max_growth is not None else {}
    made = [
        (change, change.target.recipients) for change in scene.plan.changes if makes_send(change)
    ]
    unknown = [
        (change, recipients)
        for change, recipients in made
        if recipients is not None and contacts_of(recipients, scene.known) is None
    ]
    asked = [of for change, of in unknown if _asked(change, of, scene, last)]
    told = [of for _, of in unknown if of not in asked and never_empty(of, scene.known)]
    return (*dict.fromkeys(asked), *tuple(dict.fromkeys(told))[:_TOLD])


_TOLD = 25
"""So many counts are made that no guard asks for."""


def _asked(
    change: Change, recipients: Recipients, scene: Scene, last: Mapping[Recipients, int]
) -> bool:
    rules = scene.rules
    return (
        rules.max_contacts is not None
        or rules.counted
        or recipients in last
        or change.target.expect.contacts is not None
    )


def _counted(change: Change, scene: Scene, last: Mapping[Recipients, int]) -> Change:
    """Tell with a change how many its recipients are, as far as that was counted."""
    recipients, audience = change.target.recipients, change.audience
    if audience is None or recipients is None:
        return change
    known = scene.known
    counts = tuple(_count_of(identity, audience, scene) for identity, _ in audience.items)
    told = replace(
        audience,
        counts=counts if any(one is not None for one in counts) else (),
        contacts=contacts_of(recipients, known),
        before=last.get(recipients),
    )
    return replace(change, audience=told)


def _count_of(identity: str, audience: Audience, scene: Scene) -> int | None:
    if audience.kind == "segment":
        return scene.known.contacts.get(Recipients(segments=(identity,)))
    return scene.known.members.get(identity)


def _finding(scene: Scene, guard: Guard, one: Objection) -> Finding:
    campaign = one.moment.change.campaign
    waiver = _waiver(scene.plan.permissions, guard, campaign)
    heavy = {scene.rules.severity(guard), one.moment.limit} == {Severity.ERROR}
    severity = Severity.ERROR if heavy else Severity.WARNING
    diagnostic = Diagnostic(
        code=one.code,
        message=one.message,
        place=one.moment.place,
        label=one.label,
        help=_help(guard, one),
        severity=severity,
    )
    if waiver is not None:
        told = f"overridden: {waiver.reason}"
        diagnostic = replace(diagnostic, severity=Severity.NOTE, help=told)
    blocking = heavy and waiver is None
    return Finding(guard=str(guard), campaign=campaign, blocking=blocking, diagnostic=diagnostic)


def _help(guard: Guard, one: Objection) -> str:
    if not guard.waivable:
        return one.help
    flag = allow(str(guard), one.moment.change.campaign)
    return f'{one.help}; or plan with {flag} --reason "…"'


def _waiver(permissions: Iterable[Permission], guard: Guard, campaign: str) -> Permission | None:
    if not guard.waivable:
        return None
    return next(
        (one for one in permissions if one.rule == guard and same_name(one.campaign, campaign)),
        None,
    )


def _idle(scene: Scene, judging: set[str], told: set[tuple[Guard, str]]) -> Iterator[Finding]:
    """Warn of overrides that override nothing; a campaign without a send to judge keeps its own."""
    changes = {change.campaign: change for change in scene.plan.changes}
    for one in scene.plan.permissions:
        if one.rule not in WAIVABLE or one.campaign not in judging:
            continue
        if (Guard(one.rule), one.campaign) not in told:
            diagnostic = Diagnostic(
                code="CC406",
                message=f'"{one.campaign}" overrides {one.rule}, which has nothing against it',
                place=changes[one.campaign].place,
                help="remove the override",
                severity=Severity.WARNING,
            )
            yield Finding(
                guard=one.rule, campaign=one.campaign, blocking=False, diagnostic=diagnostic
            )
