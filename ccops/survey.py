"""Read what a plan needs, with the fewest requests, and put it beside what is desired.

A campaign that the listing shows as Done and whose one declared send has passed costs nothing
more. Every other one costs its activity (and its campaign, when its activity id is not known),
its schedule when it is SCHEDULED, and its history when the verdict depends on it. Lists and
segments are read once each, and only if some campaign that is not over needs them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ccops.constantcontact import reader
from ccops.errors import AccessDenied, Diagnostic, InvalidInput
from ccops.manifest.settings import Settings
from ccops.model import (
    Account,
    CampaignRow,
    Desired,
    Live,
    RecipientKind,
    Recipients,
    Status,
    Target,
)
from ccops.planning.assemble import Observation
from ccops.planning.case import completed, disagreement
from ccops.planning.resolve import Catalogue, Match, already_sent, match, needs, resolve
from ccops.planning.verdict import wants_history
from ccops.ports import Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The account as far as a plan needs it. `rows` are all live campaigns; `now` is UTC."""

    account: Account
    now: datetime
    rows: tuple[CampaignRow, ...]
    catalogue: Catalogue
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One observation, and the mistakes in its manifest's names if they matter."""

    observation: Observation
    mistakes: tuple[Diagnostic, ...] = ()


def survey(
    send: Send,
    desired: Sequence[Desired],
    *,
    settings: Settings,
    origin: str,
    clock: Callable[[], datetime],
    pause: Callable[[], None],
    tell: Callable[[str], None],
) -> Survey:
    """Read the account and observe every desired campaign.

    `clock` is the server's, UTC; `tell` hears of progress. An activity whose status, schedule and
    history contradict each other is read once more, after a `pause`, before that is believed.

    Raises:
        AccessDenied: the login belongs to another account than the workspace.
        InvalidInput: names that no living object has, of all manifests together.
        CcopsError: a reading failed; it is never taken for absence.
    """
    account = own_account(send, settings)
    rows = reader.read_campaigns(send, origin=origin)
    now = clock()
    matches = match(desired, rows)
    due = [one for one in matches if not _over(one, now)]
    catalogue = _catalogue(send, due, origin)
    seen = []
    for position, one in enumerate(matches, start=1):
        if _over(one, now):
            seen.append(_sent(one))
        else:
            seen.append(_observe(send, one, rows, catalogue, pause))
        tell(f"Read {position} of {len(matches)} campaigns")
    mistakes = [mistake for one in seen for mistake in one.mistakes]
    if mistakes:
        raise InvalidInput(*mistakes)
    return Survey(
        account=account,
        now=clock(),
        rows=rows,
        catalogue=catalogue,
        observations=tuple(one.observation for one in seen),
    )


def own_account(send: Send, settings: Settings) -> Account:
    """Read the account behind the login. Raises AccessDenied when it is another one."""
    account = reader.read_account(send)
    if account.id == settings.account:
        return account
    raise AccessDenied(
        Diagnostic(
            code="CC310",
            message=f"the login belongs to the account {account.id} ({account.name}), "
            f"but ccops.yaml names {settings.account}",
            place=settings.account_place,
            help="log in to the account that ccops.yaml names; nothing else was read, and "
            "nothing was written",
        )
    )


def _over(one: Match, now: datetime) -> bool:
    return one.row is not None and already_sent(one.desired, one.row, now)


def _sent(one: Match) -> _Seen:
    return _Seen(
        observation=Observation(
            desired=one.desired, row=one.row, live=None, recipients=None, sent=True
        )
    )


def _catalogue(send: Send, due: Sequence[Match], origin: str) -> Catalogue:
    """Read lists and segments, but only the kind that some manifest will need."""
    kinds = needs(one.desired for one in due)
    return Catalogue(
        lists=reader.read_lists(send, origin=origin) if RecipientKind.LISTS in kinds else (),
        segments=reader.read_segments(send, origin=origin)
        if RecipientKind.SEGMENT in kinds
        else (),
    )


def _observe(
    send: Send,
    one: Match,
    rows: Sequence[CampaignRow],
    catalogue: Catalogue,
    pause: Callable[[], None],
) -> _Seen:
    """Read one campaign's activity, with its history if the verdict depends on it.

    The recipients of a campaign whose declared sends have all happened are not resolved: a list
    that was deleted since breaks nothing.
    """
    recipients, mistakes = _resolved(one.desired, catalogue)
    if one.problem:
        return _Seen(observation=_observation(one, None, None, None), mistakes=mistakes)
    row = _row(send, one)
    live = _live(send, one.desired, row, recipients, pause) if row and row.activity_id else None
    if live is not None and one.row is None:
        row, live = _pinned(live, rows)
    if live is not None and _all_sent(one.desired, live):
        return _Seen(observation=_observation(one, row, live, None))
    return _Seen(observation=_observation(one, row, live, recipients), mistakes=mistakes)


def _observation(
    one: Match, row: CampaignRow | None, live: Live | None, recipients: Recipients | None
) -> Observation:
    return Observation(
        desired=one.desired, row=row, live=live, recipients=recipients, problem=one.problem
    )


def _row(send: Send, one: Match) -> CampaignRow | None:
    """Return the campaign with its activity id; a pin's campaign is known from the activity."""
    pin = one.desired.activity_id
    if one.row is None:
        return CampaignRow(campaign_id="", name="", status=Status.UNKNOWN, activity_id=pin)
    if pin is not None:
        return replace(one.row, activity_id=pin)
    return reader.read_campaign(send, one.row.campaign_id)


def _live(
    send: Send,
    desired: Desired,
    row: CampaignRow,
    recipients: Recipients | None,
    pause: Callable[[], None],
) -> Live | None:
    """Read the activity; once more when its parts contradict each other, for a send begins."""
    target = Target(
        campaign=desired.campaign,
        activity_id=row.activity_id or "",
        sends=tuple(one.when for one in desired.sends),
        recipients=recipients,
    )
    read = partial(reader.read_live, send, row, wants_history=partial(wants_history, target))
    live = read()
    if live is None or not disagreement(target, live):
        return live
    pause()
    return read()


def _pinned(live: Live, rows: Sequence[CampaignRow]) -> tuple[CampaignRow | None, Live]:
    """Find the campaign of a pinned activity: the listing knows its name and type."""
    row = next((one for one in rows if one.campaign_id == live.campaign_id), None)
    if row is None:
        return None, replace(live, status=Status.REMOVED)
    return replace(row, activity_id=live.activity_id), replace(
        live, name=row.name, ab_test=row.ab_test
    )


def _resolved(
    desired: Desired, catalogue: Catalogue
) -> tuple[Recipients | None, tuple[Diagnostic, ...]]:
    try:
        return resolve(desired, catalogue), ()
    except InvalidInput as error:
        return None, error.diagnostics


def _all_sent(desired: Desired, live: Live) -> bool:
    done = len(completed(live)) if live.history is not None else 0
    return live.status is Status.DONE and done >= len(desired.sends)
