"""A plan for a page that anybody can read: without names of recipients, subjects, exact numbers.

A comment in a public repository is mailed to whoever watches it, and cannot be recalled either.
What the manifests themselves say is public there already: campaigns, times, overrides.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from ccops.constantcontact.beside import Attached
from ccops.model import Live, RecipientKind, SendRecord
from ccops.planning.audience import Audience
from ccops.planning.plan import Change, FieldChange, Finding, Plan
from ccops.render.words import recipients

HIDDEN = "not shown"
_LEAST = 100
_COUNTED = re.compile(r"\b(\d[\d,]*)( contacts?)\b", re.ASCII)

_Words = Mapping[str, str]
"""What is shown in the place of a name, a subject."""


def redacted(plan: Plan) -> Plan:
    """The plan, to be shown and for nothing else: it has another checksum, and may not be applied.

    A list becomes `list 1`, a segment `segment 1`, the same on the whole page. Numbers of contacts
    are rounded up to one digit, and to 100 at least; nobody stays nobody. Campaigns that no
    manifest names are counted and not named.
    """
    aliases = _aliases(plan)
    spoken = {one.campaign: _spoken(one, aliases) for one in plan.changes}
    overlaps = (replace(one, contacts=_rounded(one.contacts)) for one in plan.overlaps)
    return replace(
        plan,
        changes=tuple(_change(one, aliases) for one in plan.changes),
        findings=tuple(_finding(one, spoken.get(one.campaign, {})) for one in plan.findings),
        overlaps=tuple(overlaps),
        unmanaged=tuple(replace(one, name=HIDDEN) for one in plan.unmanaged),
    )


def _aliases(plan: Plan) -> _Words:
    found: dict[str, str] = {}
    for audience in filter(None, (one.audience for one in plan.changes)):
        for name in (name for _, name in audience.items if name):
            found.setdefault(name, f"{str(audience.kind).rstrip('s')} {len(found) + 1}")
    return found


def _spoken(change: Change, aliases: _Words) -> _Words:
    """What a message about this campaign may quote; a list's name that is also its own stays."""
    names = [name for _, name in change.audience.items] if change.audience else []
    found = {name: aliases[name] for name in names if name}
    if change.before:
        found[change.before.subject] = HIDDEN
    return {name: alias for name, alias in found.items() if name != change.campaign}


def _change(change: Change, aliases: _Words) -> Change:
    audience = change.audience and _audience(change.audience, aliases)
    spoken = _spoken(change, aliases)
    return replace(
        change,
        reason=_said(change.reason, spoken),
        remedy=_said(change.remedy, spoken),
        before=change.before and _live(change.before),
        audience=audience,
        fields=tuple(_field(one, audience) for one in change.fields),
        undeclared=tuple(map(_record, change.undeclared)),
        attached=tuple(map(_attached, change.attached)),
    )


def _audience(audience: Audience, aliases: _Words) -> Audience:
    return replace(
        audience,
        items=tuple((HIDDEN, _alias(name, audience, aliases)) for _, name in audience.items),
        counts=tuple(map(_rounded, audience.counts)),
        contacts=_rounded(audience.contacts),
        before=None,
    )


def _alias(name: str, audience: Audience, aliases: _Words) -> str:
    """What stands for a name beside its kind, which is said of a segment and not of lists."""
    found = aliases.get(name, HIDDEN)
    segment = audience.kind == RecipientKind.SEGMENT
    return found.removeprefix("segment ") if segment else found


def _field(one: FieldChange, audience: Audience | None) -> FieldChange:
    if one.path != "recipients":
        return one
    after = recipients(audience) if audience else HIDDEN
    return replace(one, before=one.before and HIDDEN, after=one.after and after)


def _live(live: Live) -> Live:
    history = None if live.history is None else tuple(map(_record, live.history))
    return replace(live, subject=HIDDEN, history=history)


def _record(record: SendRecord) -> SendRecord:
    return replace(record, count=_rounded(record.count) or 0)


def _attached(one: Attached) -> Attached:
    return replace(one, subject=HIDDEN)


def _finding(finding: Finding, spoken: _Words) -> Finding:
    found = finding.diagnostic
    said = replace(
        found,
        message=_said(found.message, spoken),
        label=_said(found.label, spoken),
        help=_said(found.help, spoken),
    )
    return replace(finding, diagnostic=said)


def _said(text: str, spoken: _Words) -> str:
    """The text with other names and numbers: our messages quote the one and count `contacts`."""
    for name, alias in spoken.items():
        for quote in "\"'`":
            text = text.replace(f"{quote}{name}{quote}", alias)
    return _COUNTED.sub(lambda one: f"up to {_spoken_count(one[1])}{one[2]}", text)


def _spoken_count(digits: str) -> str:
    return f"{_rounded(int(digits.replace(',', ''))):,}"


def _rounded(count: int | None) -> int | None:
    if not count:
        return count
    unit: int = 10 ** (len(str(count)) - 1)
    return max(_LEAST, -(-count // unit) * unit)
