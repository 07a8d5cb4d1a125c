"""What a halt would do, said by a client that cannot write."""

import time
from collections.abc import Sequence

from ccops.constantcontact.reader import read_campaigns
from ccops.errors import Diagnostic, ExitCode
from ccops.manifest.rewrite import Stop
from ccops.model import Account
from ccops.planning.resolve import match
from ccops.planning.select import select as selected
from ccops.render.halting import HaltReport, Standing
from ccops.session.halting.rewritten import rewrite
from ccops.session.halting.sightings import Sighting, look
from ccops.session.halting.stopping import (
    Outcome,
    halted_campaign,
    outcome_of,
    server_time,
    stopping_plan,
    strangers,
)
from ccops.session.wiring import Session
from ccops.survey import own_account


def preview(
    session: Session, *, select: Sequence[str], reason: str, unread: Sequence[Diagnostic] = ()
) -> HaltReport:
    """Say what a halt would do now; nothing is locked, marked or written.

    Raises:
        CcopsError: the selection is none, or the account cannot be read.
    """
    desired = selected(session.workspace.desired, select)
    account = own_account(session.send, session.workspace.settings)
    rows = read_campaigns(session.send, origin=session.origin)
    started = server_time(session.send)
    reread = session.workspace.settings.limits.reread.total_seconds()
    seen = [
        look(session.send, one, now=started, pause=lambda: time.sleep(reread))
        for one in match(desired, rows)
    ]
    outcomes = [_foreseen(session, account, one) for one in seen]
    stops = (
        Stop(desired=one.desired, done=one.done(started)) for one in seen if one.to_stop(started)
    )
    manifests = rewrite(session.workspace, (one for one in stops if one.stopped), dry=True)
    return HaltReport(
        reason=reason,
        started_at=started,
        finished_at=server_time(session.send),
        campaigns=tuple(
            halted_campaign(
                one,
                one,
                outcome,
                now=started,
                marked=False,
                manifest=manifests.get(one.desired.campaign),
            )
            for one, outcome in zip(seen, outcomes, strict=True)
        ),
        unread=tuple(unread),
        unmanaged=() if select else strangers(rows, seen),
        dry=True,
    )


def _foreseen(session: Session, account: Account, one: Sighting) -> Outcome:
    """Say how it would stand: what the table lets be unscheduled would be."""
    now = server_time(session.send)
    if not one.scheduled:
        return outcome_of(one, one, None, now)
    change = stopping_plan([one], session, account=account, made_at=now).changes[0]
    if change.verdict.writes:
        return Outcome(standing=Standing.UNSCHEDULED)
    return Outcome(standing=Standing.NOT_HALTED, detail=change.reason, cause=ExitCode.BLOCKED)
