"""Guards that need no configuration and no facts beyond a plan's changes; and its permissions.

The guards that `ccops.yaml` configures are in `ccops.planning.guarding`.

Guards judge the sends that a plan makes or moves; on one that is already scheduled they warn; a
sent campaign is judged by none, and nothing hinders unscheduling.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ccops.errors import Diagnostic, InvalidInput, Severity
from ccops.manifest.rules import WAIVABLE
from ccops.model import Live, Status, StepKind
from ccops.planning.names import same_name, suggest
from ccops.planning.plan import Change, Finding, Permission, Verdict
from ccops.planning.sayings import allow

SEND_NOW = "send-now"
RESCHEDULE = "reschedule"
HALTED = "halted"
RULES: tuple[str, ...] = (SEND_NOW, RESCHEDULE, HALTED, *WAIVABLE)
"""What `--allow RULE=CAMPAIGN` can grant."""

Guard = Callable[[Change, Sequence[Permission]], Sequence[Finding]]


def findings(changes: Iterable[Change], permissions: Sequence[Permission]) -> tuple[Finding, ...]:
    """What every guard says about every change, in the changes' order."""
    return tuple(
        finding for change in changes for guard in GUARDS for finding in guard(change, permissions)
    )


def expect(change: Change, _: Sequence[Permission]) -> tuple[Finding, ...]:
    """What the manifest expects of the content is true in Constant Contact, to the letter."""
    weight = _weight(change)
    if weight is None or change.before is None:
        return ()
    told = _unmet(change, change.before)
    return tuple(
        Finding(
            guard="expect",
            campaign=change.campaign,
            blocking=weight is Severity.ERROR,
            diagnostic=replace(one, severity=weight),
        )
        for one in told
    )


def send_now(change: Change, permissions: Sequence[Permission]) -> tuple[Finding, ...]:
    """A send that cannot be recalled has a permission of its own."""
    if change.verdict is not Verdict.SEND_NOW or granted(SEND_NOW, change.campaign, permissions):
        return ()
    missing = Diagnostic(
        code="CC402",
        message=f'"{change.campaign}" would be sent at once, and nobody allowed that',
        place=change.place,
        label="it cannot be recalled",
        help=f'plan with {allow(SEND_NOW, change.campaign)} --reason "…", or write a time',
    )
    finding = Finding(guard=SEND_NOW, campaign=change.campaign, blocking=True, diagnostic=missing)
    return (finding,)


GUARDS: tuple[Guard, ...] = (expect, send_now)


def granted(rule: str, campaign: str, permissions: Iterable[Permission]) -> bool:
    """Whether a permission of this rule names this campaign."""
    return any(one.rule == rule and same_name(one.campaign, campaign) for one in permissions)


def check_permissions(permissions: Iterable[Permission], changes: Sequence[Change]) -> None:
    """Refuse permissions that permit nothing, so that no typing error passes in silence.

    Raises:
        InvalidInput: CC403 unknown rule, CC404 a campaign that is not in the plan, CC405 a
            `send-now` for a campaign that the plan does not send now; all at once.
    """
    checked = (_refusal(one, changes) for one in permissions)
    wrong = [one for one in checked if one is not None]
    if wrong:
        raise InvalidInput(*wrong)


def _refusal(permission: Permission, changes: Sequence[Change]) -> Diagnostic | None:
    rule, campaign = permission.rule, permission.campaign
    flag = allow(rule, campaign)
    if rule not in RULES:
        guess = suggest(rule, RULES) or f"the rules are {', '.join(RULES[:-1])} and {RULES[-1]}"
        return Diagnostic(code="CC403", message=f"{flag}: there is no such rule", help=guess)
    named = [change for change in changes if same_name(change.campaign, campaign)]
    if not named:
        guess = suggest(campaign, [change.campaign for change in changes])
        message = f"{flag}: this plan has no such campaign"
        remedy = guess or "write the campaign's name exactly as its manifest does"
        return Diagnostic(code="CC404", message=message, help=remedy)
    if rule == SEND_NOW and all(one.verdict is not Verdict.SEND_NOW for one in named):
        return Diagnostic(
            code="CC405",
            message=f"{flag}: the plan does not send this campaign now",
            place=named[0].place,
            help="leave the permission out",
        )
    return None


def _weight(change: Change) -> Severity | None:
    """How heavy an unmet expectation is; None: it is not judged."""
    if any(step.kind is StepKind.SCHEDULE for step in change.steps):
        return Severity.ERROR
    if change.verdict in {Verdict.SENT, Verdict.UNSCHEDULE}:
        return None
    goes_out = change.before is not None and change.before.status is Status.SCHEDULED
    return Severity.WARNING if goes_out or change.verdict is Verdict.UPDATE else None


def _unmet(change: Change, live: Live) -> list[Diagnostic]:
    wanted = change.target.expect
    pairs = (
        ("subject", wanted.subject, live.subject),
        ("from", wanted.from_email, live.from_email),
    )
    return [
        Diagnostic(
            code="CC401",
            message=f'"{change.campaign}": {name} is not what the manifest expects',
            place=wanted.place or change.place,
            label=f'expected "{expected}", Constant Contact has "{found}"',
            help="correct it in Constant Contact, or correct `expect`",
        )
        for name, expected, found in pairs
        if expected is not None and expected != found
    ]
