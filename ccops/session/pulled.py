"""Adopt what exists: campaigns of the account as manifests of the workspace.

New manifests are filed while the account is read, each in one piece and in their order, so that a
run that ends in the middle leaves whole files, and the next one goes on with the campaigns that
have none yet. Several campaigns are read at once; all that is made of them is made by one thread.
What is there already is changed at the end, one manifest after another, and only if that is
agreed. The lock comes last, made of what was read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ccops.constantcontact.reader import read_campaigns
from ccops.errors import Blocked, InvalidInput
from ccops.manifest.clock import find_zone
from ccops.model import Account, CampaignRow, Desired, Live
from ccops.planning.adopt import Reason, Terms, adopt, passed_over, quiet
from ccops.planning.adopt_choice import choose, read_states
from ccops.planning.adopt_file import home
from ccops.planning.adopt_merge import merged
from ccops.planning.adopt_names import NOWHERE
from ccops.planning.adopt_owner import kinds, owners, strangers
from ccops.planning.adopted import Adoption, Outcome, Pulled, Relocked, Rewrite
from ccops.planning.halts import by_key
from ccops.planning.resolve import already_sent
from ccops.session.loading import load
from ccops.session.locked import Living, catalogue, living, relocked, write
from ccops.session.pulling.filing import Cabinet, file_change, file_new, open_cabinet
from ccops.session.pulling.reading import (
    Source,
    by_id,
    directories_of,
    forecast,
    lines_of,
    of_kinds,
    read_campaign,
)
from ccops.session.wiring import Session
from ccops.survey import own_account
from ccops.surveying.ahead import in_order
from ccops.workspace import unmatched

_GONE = "it was removed, or has no email that can be scheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a pull is asked for: `names` and `states` as they are written, all of it with `every`.

    `dry`: nothing is written.
    """

    names: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    every: bool = False
    dry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearers:
    """Who is told, and asked, on the way.

    `agrees` is asked whether a manifest may be changed so; `wrote` hears of each file that was
    made or changed, `notes` of what the reading will take.
    """

    agrees: Callable[[Rewrite], bool]
    wrote: Callable[[str], None]
    notes: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """The parts of one pull. `wish.names` are read whatever a manifest says of them.

    `rows` are the living campaigns by id, with their activities as far as those are known.
    """

    source: Source
    cabinet: Cabinet
    terms: Terms
    wish: Wish
    hearers: Hearers
    rows: dict[str, CampaignRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Differing:
    """A campaign whose manifest says something else, and what it is to say."""

    row: CampaignRow
    old: Desired
    new: Desired


def pull(session: Session, wish: Wish, hearers: Hearers) -> Pulled:
    """Write what the wish names into manifests about which a plan has nothing to do.

    Raises:
        InvalidInput: CC286 and CC301, the wish names nothing that there is; CC212, there is no
            place for new manifests; CC297, a file cannot be written.
        AccessDenied: the login belongs to another account.
        Blocked: CC320, a name of a manifest means something else than what the lock pins.
        CcopsError: a reading failed; what was written until then stays.
    """
    space = session.workspace
    states = read_states(wish.states, wish.names, every=wish.every)
    place = home(space.settings.manifests)
    account = own_account(session.send, space.settings)
    rows = read_campaigns(session.send, origin=session.origin)
    found = living(session)
    _refuse_strangers(session, rows, found)
    source = Source(
        session=session,
        by_id=by_id(rows),
        owners=owners(space.desired, rows, space.lock),
        directories=directories_of(found),
    )
    work = _Work(
        source=source,
        cabinet=open_cabinet(space, place, dry=wish.dry),
        terms=_terms(session, account),
        wish=wish,
        hearers=hearers,
        rows=dict(source.by_id),
    )
    adoptions = _adopted(work, choose(rows, wish.names, states))
    return Pulled(
        adoptions=adoptions,
        relocked=None if wish.dry else _locked(work, found),
        unmatched=tuple(one.text for one in unmatched(space.root, space.settings.manifests)),
        requests=session.send.requests,
        dry=wish.dry,
    )


def _refuse_strangers(session: Session, rows: Sequence[CampaignRow], found: Living) -> None:
    space = session.workspace
    known = catalogue(found, kinds(space.desired, space.lock))
    wrong = strangers(space.desired, rows, known, space.lock, session.send.clock.now())
    if wrong:
        raise Blocked(*wrong)


def _terms(session: Session, account: Account) -> Terms:
    settings = session.workspace.settings
    return Terms(
        zone=settings.zone or _zone(account),
        now=session.send.clock.now(),
        limits=settings.limits,
        halts=by_key(session.store.halts()),
    )


def _zone(account: Account) -> str:
    """The account's zone; UTC where it tells one that no manifest could name."""
    try:
        return find_zone(account.zone, NOWHERE).key
    except InvalidInput:
        return "UTC"


def _adopted(work: _Work, chosen: Sequence[CampaignRow]) -> tuple[Adoption, ...]:
    """Adopt campaigns: those without a manifest first, so that a run that ends early has them."""
    source = work.source
    ordered = sorted(chosen, key=lambda row: source.owners.likely(row) is not None)
    settled = [_unread(work, row) for row in ordered]
    asked = [row for row, one in zip(ordered, settled, strict=True) if one is None]
    announced = forecast(source, asked)
    if announced:
        work.hearers.notes(announced)
    lives = in_order(lines_of(source.session), asked, partial(read_campaign, source))
    found: list[Adoption | _Differing] = []
    for row, one in zip(ordered, settled, strict=True):
        found.append(one or _read(work, row, next(lives)))
        source.session.tell(f"Read {len(found)} of {len(ordered)} campaigns")
    return tuple(one if isinstance(one, Adoption) else _changed(work, one) for one in found)


def _unread(work: _Work, row: CampaignRow) -> Adoption | None:
    """What the listing alone decides; None: the campaign has to be read.

    One that was sent, of which the manifest declares one send, is over for a plan too. Whoever
    names it has it read all the same.
    """
    manifests, reason = work.source.owners, passed_over(row)
    owner = manifests.likely(row)
    if reason:
        return _left(row, owner, reason)
    clear = owner is not None and not (manifests.is_shared(row) and owner.activity_id is None)
    if owner and clear and not work.wish.names and already_sent(owner, row, work.terms.now):
        return Adoption(row=row, outcome=Outcome.UNCHANGED, file=owner.place.file)
    return None


def _read(work: _Work, row: CampaignRow, live: Live | None) -> Adoption | _Differing:
    """Decide about a campaign that was read, and file it if it is new."""
    if live is None:
        return _left(row, work.source.owners.likely(row), _GONE)
    work.rows[row.campaign_id.lower()] = replace(row, activity_id=live.activity_id)
    owner = work.source.owners.owner(row, live.activity_id)
    shared = work.source.owners.is_shared(row)
    known = of_kinds(work.source, live, owner)
    if owner and quiet(owner, live, known, work.terms, shared=shared):
        return Adoption(row=row, outcome=Outcome.UNCHANGED, file=owner.place.file)
    new = adopt(live, known, work.terms, shared=shared)
    if isinstance(new, Reason):
        return _left(row, owner, new.text)
    if owner:
        return _Differing(row=row, old=owner, new=merged(owner, new, live, known))
    return _new(work, row, new)


def _left(row: CampaignRow, owner: Desired | None, reason: str) -> Adoption:
    file = owner.place.file if owner else ""
    return Adoption(row=row, outcome=Outcome.NOT_WRITTEN, file=file, reason=reason)


def _new(work: _Work, row: CampaignRow, new: Desired) -> Adoption:
    file = file_new(work.cabinet, row, new)
    if isinstance(file, Reason):
        return _left(row, None, file.text)
    if not work.wish.dry:
        work.hearers.wrote(file)
    return Adoption(row=row, outcome=Outcome.WRITTEN, file=file)


def _changed(work: _Work, one: _Differing) -> Adoption:
    """Change a manifest, if that is agreed; one that cannot be changed safely is left."""
    file = one.old.place.file
    try:
        rewrite, agreed = file_change(work.cabinet, one.old, one.new, work.hearers.agrees)
    except InvalidInput as refused:
        reason = refused.diagnostics[0].message
        return Adoption(row=one.row, outcome=Outcome.DIFFERS, file=file, reason=reason)
    if agreed and not work.wish.dry:
        work.hearers.wrote(file)
    outcome = Outcome.CHANGED if agreed else Outcome.DIFFERS
    return Adoption(row=one.row, outcome=outcome, file=file, rewrite=rewrite)


def _locked(work: _Work, found: Living) -> Relocked | None:
    """Lock all manifests as they are now; None: there is none. What was read is not read again."""
    session = work.source.session
    space = load(session.workspace.root, session.origin, bare=True)
    if not space.desired:
        return None
    try:
        made = relocked(session, space, tuple(work.rows.values()), found, keep=True)
        if not made.current:
            write(space.root, made.lock)
    except InvalidInput as refused:
        return Relocked(errors=refused.diagnostics)
    return Relocked(lock=made.lock, changes=made.changes, missing=made.missing)
