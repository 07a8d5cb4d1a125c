"""Read what a plan needs, with the fewest requests, and put it beside what is desired.

A campaign that the listing shows as Done and whose one declared send has passed costs nothing
more. Every other one costs its activity (and its campaign, when its activity id is not known),
its schedule when it is SCHEDULED, and its history when the verdict depends on it. Lists and
segments are read once each, and only if some campaign that is not over needs them.

A lock saves the look-up of each campaign that it pins. The collections of lists and segments are
read with a lock too, a page for 500 or 1,000 of them: nothing else would show that a name was
given to another list, or that a segment was deleted (its item still answers, spec).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ccops.constantcontact import reader
from ccops.errors import AccessDenied, Blocked, Diagnostic, InvalidInput
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
from ccops.planning.case import completed, disagreement, one_kind
from ccops.planning.locking import (
    UNPINNED,
    Pins,
    astray,
    campaign_breach,
    pinned,
    recipient_breaches,
    unpinned,
)
from ccops.planning.resolve import Catalogue, Match, already_sent, match, needs, resolve
from ccops.planning.select import EVERYTHING, Selection, due
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
    """One observation, and what is wrong with its manifest's names if that matters.

    `mistakes` are names that lead nowhere, `breaches` those that lead elsewhere than the lock.
    """

    observation: Observation
    mistakes: tuple[Diagnostic, ...] = ()
    breaches: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is the same for all observations of one survey; `by_id` are its rows."""

    send: Send
    rows: tuple[CampaignRow, ...]
    by_id: Mapping[str, CampaignRow]
    catalogue: Catalogue
    pins: Pins
    pause: Callable[[], None]


def survey(
    send: Send,
    desired: Sequence[Desired],
    *,
    settings: Settings,
    origin: str,
    clock: Callable[[], datetime],
    pause: Callable[[], None],
    tell: Callable[[str], None],
    pins: Pins = UNPINNED,
    selection: Selection = EVERYTHING,
) -> Survey:
    """Read the account and observe every desired campaign that comes as soon as is selected.

    `clock` is the server's, UTC; `tell` hears of progress; `pins` are those of the lock. An
    activity whose status, schedule and history contradict each other is read once more, after a
    `pause`, before that is believed.

    Raises:
        AccessDenied: the login belongs to another account than the workspace.
        InvalidInput: names that no living object has, of all manifests together; or a selection
            of nothing.
        Blocked: a name does not mean what the lock pins (CC320 to CC322, CC324).
        CcopsError: a reading failed; it is never taken for absence.
    """
    account = own_account(send, settings)
    rows = reader.read_campaigns(send, origin=origin)
    now = clock()
    by_id = {row.campaign_id.lower(): row for row in rows}
    matches = match(due(desired, selection, now), rows)
    breaches = [campaign_breach(one, by_id, pins) for one in matches]
    matches = tuple(
        pinned(one, by_id, pins) if breach is None else one
        for one, breach in zip(matches, breaches, strict=True)
    )
    catalogue = _catalogue(send, [one for one in matches if not _over(one, now)], origin)
    known = _Known(send=send, rows=rows, by_id=by_id, catalogue=catalogue, pins=pins, pause=pause)
    seen = []
    for position, (one, breach) in enumerate(zip(matches, breaches, strict=True), start=1):
        seen.append(_seen(known, one, breach, now))
        tell(f"Read {position} of {len(matches)} campaigns")
    _refuse(seen)
    return Survey(
        account=account,
        now=clock(),
        rows=rows,
        catalogue=_with_replaced(send, catalogue, seen, origin),
        observations=tuple(one.observation for one in seen),
    )


def _refuse(seen: Sequence[_Seen]) -> None:
    """Refuse what is wrong with any name: what to correct first, all of it together."""
    mistakes = [mistake for one in seen for mistake in one.mistakes]
    breaches = [breach for one in seen for breach in one.breaches]
    if mistakes or unpinned(breaches):
        raise InvalidInput(*mistakes, *breaches)
    if breaches:
        raise Blocked(*breaches)


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


def _unread(one: Match, breach: Diagnostic) -> _Seen:
    return _Seen(observation=_observation(one, None, None, None), breaches=(breach,))


def _seen(known: _Known, one: Match, breach: Diagnostic | None, now: datetime) -> _Seen:
    if breach is not None:
        return _unread(one, breach)
    if _over(one, now):
        return _Seen(observation=Observation(desired=one.desired, row=one.row, sent=True))
    return _observe(known, one)


def _catalogue(send: Send, due: Sequence[Match], origin: str) -> Catalogue:
    """Read lists and segments, but only the kind that some manifest will need."""
    kinds = needs(one.desired for one in due)
    return Catalogue(
        lists=reader.read_lists(send, origin=origin, members=True)
        if RecipientKind.LISTS in kinds
        else (),
        segments=reader.read_segments(send, origin=origin)
        if RecipientKind.SEGMENT in kinds
        else (),
    )


def _with_replaced(
    send: Send, catalogue: Catalogue, seen: Sequence[_Seen], origin: str
) -> Catalogue:
    """Read the other kind too where it is to be replaced, so that what was is called by name.

    What a change is called must not depend on which other manifests are selected.
    """
    replaced = [
        one.observation.live.recipients
        for one in seen
        if one.observation.live is not None
        and one.observation.recipients is not None
        and one_kind(one.observation.live.recipients)
    ]
    lists, segments = catalogue.lists, catalogue.segments
    if not lists and any(one.lists for one in replaced):
        lists = reader.read_lists(send, origin=origin)
    if not segments and any(one.segments for one in replaced):
        segments = reader.read_segments(send, origin=origin)
    return Catalogue(lists=lists, segments=segments)


def _observe(known: _Known, one: Match) -> _Seen:
    """Read one campaign's activity, with its history if the verdict depends on it.

    The recipients of a campaign whose declared sends have all happened are not resolved: a list
    that was deleted since breaks nothing.
    """
    recipients, wrong = _resolved(one.desired, known)
    if one.problem:
        return replace(wrong, observation=_observation(one, None, None, None))
    row = _row(known.send, one)
    live = _live(known, one.desired, row, recipients) if row and row.activity_id else None
    stray = astray(one.desired, live, known.pins) if live is not None else None
    if stray is not None:
        return _unread(one, stray)
    if live is not None and one.row is None:
        row, live = _pinned(live, known.rows)
    if live is not None and _all_sent(one.desired, live):
        return _Seen(observation=_observation(one, row, live, None))
    return replace(wrong, observation=_observation(one, row, live, recipients))


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
    if one.row.activity_id is not None:
        return one.row
    return reader.read_campaign(send, one.row.campaign_id)


def _live(
    known: _Known, desired: Desired, row: CampaignRow, recipients: Recipients | None
) -> Live | None:
    """Read the activity; once more when its parts contradict each other, for a send begins."""
    target = Target(
        campaign=desired.campaign,
        activity_id=row.activity_id or "",
        sends=tuple(one.when for one in desired.sends),
        recipients=recipients,
    )
    if known.pins.campaign(desired.campaign) is not None:
        # The lock says which campaign it is; the answer must be free to say otherwise.
        row = replace(row, campaign_id="")
    read = partial(reader.read_live, known.send, row, wants_history=partial(wants_history, target))
    live = read()
    if live is None or not disagreement(target, live):
        return live
    known.pause()
    return read()


def _pinned(live: Live, rows: Sequence[CampaignRow]) -> tuple[CampaignRow | None, Live]:
    """Find the campaign of a pinned activity: the listing knows its name and type."""
    row = next((one for one in rows if one.campaign_id == live.campaign_id), None)
    if row is None:
        return None, replace(live, status=Status.REMOVED)
    return replace(row, activity_id=live.activity_id), replace(
        live, name=row.name, ab_test=row.ab_test
    )


def _resolved(desired: Desired, known: _Known) -> tuple[Recipients | None, _Seen]:
    """Resolve the recipients; or say what is wrong with their names, each once."""
    breaches = recipient_breaches(desired, known.catalogue, known.pins)
    told = {one.place for one in breaches}
    bare = Observation(desired=desired)
    try:
        recipients = resolve(desired, known.catalogue)
    except InvalidInput as error:
        mistakes = tuple(one for one in error.diagnostics if one.place not in told)
        return None, _Seen(observation=bare, mistakes=mistakes, breaches=breaches)
    if breaches:
        return None, _Seen(observation=bare, breaches=breaches)
    return recipients, _Seen(observation=bare)


def _all_sent(desired: Desired, live: Live) -> bool:
    done = len(completed(live)) if live.history is not None else 0
    return live.status is Status.DONE and done >= len(desired.sends)
