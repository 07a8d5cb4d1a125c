"""A plan as a JSON document: what is saved, shown by `--format json`, and digested."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ccops.constantcontact.beside import Attached
from ccops.errors import Diagnostic, Place
from ccops.model import Account, Expect, Live, Step, Target
from ccops.planning.audience import Audience
from ccops.planning.canonical import digest, stamp
from ccops.planning.diff import (
    fingerprint,
    history_document,
    live_document,
    recipients_document,
    when_document,
)
from ccops.planning.plan import (
    Budget,
    Change,
    Finding,
    Permission,
    Plan,
    Refresh,
    Undo,
    Verdict,
    Waiting,
)

FORMAT_VERSION = "1.0"

Document = dict[str, object]


def checksum(plan: Plan) -> str:
    """Digest what is approved with a plan: "sha256:" and 64 hex digits.

    Over the account, the API's origin, the permissions and, per change, the activity, the
    requests, the live state that they rest on and what is desired. Not over clocks, counts,
    commits, places in files or words.
    """
    return digest(
        {
            "account": plan.account.id,
            "origin": plan.origin,
            "permissions": _permissions(plan.permissions),
            "changes": [
                {
                    "activity": change.target.activity_id,
                    "requests": [_step(step) for step in change.steps],
                    "live": _mark(change.before),
                    "desired": _desired(change.target),
                }
                for change in plan.changes
            ],
        }
    )


def document(plan: Plan) -> Document:
    """The whole document. Equal plans, made from equal commits and readings, give equal ones.

    Its last key, `document_digest`, is over all the others, so that a file changed anywhere by
    accident is noticed; it is no signature: that is what the reviewed `checksum` is for.
    """
    whole = _head(plan) | {
        "permissions": _permissions(plan.permissions),
        "summary": _summary(plan),
        "changes": [_change(change) for change in plan.changes],
        "findings": [_finding(finding) for finding in plan.findings],
        "overlaps": [
            {"first": one.first, "second": one.second, "contacts": one.contacts}
            for one in plan.overlaps
        ],
        "unmanaged": [{"campaign_id": one.campaign_id, "name": one.name} for one in plan.unmanaged],
        "unmanaged_count": plan.unmanaged_count,
        "checksum": checksum(plan),
    }
    return whole | {"document_digest": digest(whole)}


def _head(plan: Plan) -> Document:
    return {
        "format_version": FORMAT_VERSION,
        "ccops_version": plan.ccops_version,
        "tzdata": plan.tzdata,
        "origin": plan.origin,
        "time_zone": plan.zone,
        "account": account_document(plan.account),
        "source": {"commit": plan.commit},
        "created_at": stamp(plan.created_at),
        "expires_at": stamp(plan.expires_at),
        "apply_by": _instant(plan.apply_by),
        "status": _status(plan),
        "applyable": bool(plan.writing) and not plan.blocked and plan.refresh is not Refresh.NONE,
        "complete": not plan.selection and plan.refresh is Refresh.FULL,
        "errored": False,
        "selection": list(plan.selection),
        "refresh": str(plan.refresh),
        "recalled": _recalled(plan),
        "requests_made": plan.requests,
        "requests_today": _budget(plan.budget),
    }


def _recalled(plan: Plan) -> Document | None:
    if plan.recalled is None:
        return None
    moments = [change.as_of for change in plan.remembered if change.as_of is not None]
    return {
        "campaigns": len(moments),
        "oldest": _instant(min(moments, default=None)),
        "listed_at": stamp(plan.recalled.listed_at),
        "names_at": _instant(plan.recalled.names_at),
    }


def _budget(budget: Budget | None) -> Document | None:
    return None if budget is None else {"used": budget.used, "limit": budget.limit}


def account_document(account: Account) -> Document:
    """An account, with its name and zone."""
    return {"id": account.id, "name": account.name, "time_zone": account.zone}


def _status(plan: Plan) -> str:
    if plan.blocked:
        return "blocked"
    if plan.writing:
        return "changes"
    return "needs-person" if plan.needs_person else "clean"


def _summary(plan: Plan) -> Document:
    verdicts = [change.verdict for change in plan.changes]
    sends = [change.send for change in plan.changes if isinstance(change.send, datetime)]
    return {
        "verdicts": {str(verdict): verdicts.count(verdict) for verdict in Verdict},
        "requests": sum(len(change.steps) for change in plan.changes),
        "max_risk": str(plan.risk),
        "next_send_at": _instant(min(sends, default=None)),
    }


def _change(change: Change) -> Document:
    return {
        "campaign": change.campaign,
        "campaign_id": change.campaign_id,
        "activity_id": change.target.activity_id,
        "verdict": str(change.verdict),
        "row": change.row,
        "reason": change.reason,
        "remedy": change.remedy,
        "source": _place(change.place),
        "time_zone": change.zone,
        "desired": _desired(change.target),
        "expect_source": _place(change.target.expect.place),
        "before": None if change.before is None else activity_document(change.before),
        "as_of": _instant(change.as_of),
        "live_fingerprint": _mark(change.before),
        "audience": _audience(change.audience),
        "fields": [
            {"path": one.path, "before": one.before, "after": one.after} for one in change.fields
        ],
        "requests": [_step(step) for step in change.steps],
        "send": when_document(change.send),
        "risk": str(change.risk),
        "undo": _undo(change.undo),
        "apply_by": _instant(change.apply_by),
        "waiting": [_waiting(one) for one in change.waiting],
        "undeclared": history_document(change.undeclared),
        "tags": list(change.tags),
        "owner": change.owner,
        "attached": [_attached(one) for one in change.attached],
    }


def _attached(one: Attached) -> Document:
    return {
        "kind": str(one.kind),
        "subject": one.subject,
        "at": _instant(one.at),
        "delay_minutes": None if one.delay is None else one.delay // timedelta(minutes=1),
    }


def _desired(target: Target) -> Document:
    recipients = target.recipients
    return {
        "campaign": target.campaign,
        "activity_id": target.activity_id,
        "sends": [when_document(when) for when in target.sends],
        "recipients": None if recipients is None else recipients_document(recipients),
        "expect": _expect(target.expect),
    }


def _expect(expect: Expect) -> Document:
    bounds = expect.contacts
    contacts = None if bounds is None else {"least": bounds.least, "most": bounds.most}
    return {"subject": expect.subject, "from_email": expect.from_email, "contacts": contacts}


def activity_document(live: Live) -> Document:
    """A reading of an activity, with its ids."""
    ids: Document = {"campaign_id": live.campaign_id, "activity_id": live.activity_id}
    return ids | live_document(live)


def _mark(live: Live | None) -> str | None:
    return None if live is None else fingerprint(live)


def _audience(audience: Audience | None) -> Document | None:
    if audience is None:
        return None
    items = [{"id": identity, "name": name} for identity, name in audience.items]
    return {
        "kind": audience.kind,
        "items": items,
        "counts": list(audience.counts),
        "contacts": audience.contacts,
        "before": audience.before,
    }


def _step(step: Step) -> Document:
    return {
        "kind": str(step.kind),
        "method": step.method,
        "path": step.path,
        "body": step.body,
    }


def _undo(undo: Undo | None) -> Document | None:
    return None if undo is None else {"kind": str(undo.kind), "until": _instant(undo.until)}


def _waiting(waiting: Waiting) -> Document:
    return {
        "when": stamp(waiting.when),
        "opens": stamp(waiting.opens),
        "closes": stamp(waiting.closes),
    }


def _permissions(permissions: Sequence[Permission]) -> list[Document]:
    return [
        {"rule": one.rule, "campaign": one.campaign, "reason": one.reason} for one in permissions
    ]


def _finding(finding: Finding) -> Document:
    return {
        "guard": finding.guard,
        "campaign": finding.campaign,
        "blocking": finding.blocking,
        "diagnostic": _diagnostic(finding.diagnostic),
    }


def _diagnostic(diagnostic: Diagnostic) -> Document:
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "location": _place(diagnostic.place),
        "label": diagnostic.label,
        "help": diagnostic.help,
        "also": [{"location": _place(place), "label": text} for place, text in diagnostic.also],
    }


def _place(place: Place | None) -> Document | None:
    if place is None:
        return None
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "width": place.width,
        "text": place.text,
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else stamp(instant)
