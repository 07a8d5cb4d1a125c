"""What a lock is to hold: every name of every manifest, with the id that it means now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.lockfile import CampaignPin, Lock
from ccops.model import CampaignRow, Desired, RecipientKind, Status
from ccops.planning.names import plain, same_name
from ccops.planning.resolve import Catalogue, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A manifest with its campaign. `row` has its activity's id; None: `problem` says why not."""

    desired: Desired
    row: CampaignRow | None = None
    problem: str = ""


def kept_pin(
    desired: Desired, row: CampaignRow | None, rows: Mapping[str, CampaignRow], lock: Lock | None
) -> CampaignPin | None:
    """What a lock pins a campaign to, if that holds still: nothing needs to be looked up then.

    `row` is the campaign found by name, None for a manifest that pins an activity; `rows` are
    the living campaigns by id. A campaign's email keeps its id for life (inferred).
    """
    pin = lock.campaigns.get(plain(desired.campaign)) if lock else None
    listed = rows.get(pin.campaign_id) if pin else None
    if pin is None or listed is None or not same_name(listed.name, desired.campaign):
        return None
    if desired.activity_id is not None:
        return pin if pin.activity_id == desired.activity_id else None
    return pin if row is not None and row.campaign_id.lower() == pin.campaign_id else None


def make_lock(
    account: str,
    found: Sequence[Found],
    catalogue: Catalogue,
    before: Lock | None,
    *,
    keep: bool = False,
) -> Lock:
    """Pin every name that leads to one living object.

    The recipients of a campaign that was sent may be gone: what was pinned for them stays, and
    what cannot be pinned is left out. So time alone never changes a lock. `keep`: a manifest that
    leads nowhere now keeps what it was pinned to, by which its campaign can still be known.

    Raises:
        InvalidInput: CC301 to CC303, the names of all other manifests that lead nowhere.
    """
    names: dict[RecipientKind, dict[str, str]] = {kind: {} for kind in RecipientKind}
    mistakes: list[Diagnostic] = []
    for one in sorted(found, key=_is_sent, reverse=True):
        ids, wrong = _recipients(one.desired, catalogue)
        if not _is_sent(one):
            mistakes += wrong
        pinned = before.of(one.desired.kind) if before and _is_sent(one) else {}
        kept = {name: pinned[name] for name in _names(one.desired) if name in pinned}
        names[one.desired.kind].update(ids | kept)
    if mistakes:
        raise InvalidInput(*mistakes)
    return Lock(
        account=account,
        campaigns=dict(_campaign_pins(found, before if keep else None)),
        lists=names[RecipientKind.LISTS],
        segments=names[RecipientKind.SEGMENT],
    )


def _campaign_pins(
    found: Iterable[Found], before: Lock | None
) -> Iterator[tuple[str, CampaignPin]]:
    kept = before.campaigns if before else {}
    for one in found:
        name = plain(one.desired.campaign)
        pin = _pin(one.row) if one.row else kept.get(name)
        if pin is not None:
            yield name, pin


def _is_sent(one: Found) -> bool:
    return one.row is not None and one.row.status is Status.DONE


def _pin(row: CampaignRow) -> CampaignPin:
    return CampaignPin(
        campaign_id=row.campaign_id.lower(), activity_id=(row.activity_id or "").lower()
    )


def _names(desired: Desired) -> Iterator[str]:
    return (plain(one.name) for one in desired.references if one.name is not None)


def _recipients(
    desired: Desired, catalogue: Catalogue
) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Resolve each reference by itself: the ids by name, and what leads nowhere."""
    ids: dict[str, str] = {}
    wrong: list[Diagnostic] = []
    for one in desired.references:
        try:
            found = resolve(replace(desired, references=(one,)), catalogue)
        except InvalidInput as error:
            wrong += error.diagnostics
        else:
            if one.name is not None:
                ids[plain(one.name)] = (*found.lists, *found.segments)[0].lower()
    return ids, tuple(wrong)


def missing(found: Iterable[Found]) -> tuple[Diagnostic, ...]:
    """Name the campaigns that cannot be pinned, each at its manifest."""
    return tuple(
        Diagnostic(
            code="CC326",
            message=f'"{one.desired.campaign}" cannot be pinned: {one.problem}',
            place=one.desired.place,
            help="correct `campaign:`, or remove the manifest; then run `ccops lock` again",
        )
        for one in found
        if one.row is None
    )


def lock_changes(before: Lock | None, after: Lock) -> tuple[str, ...]:
    """Say in words what a new lock pins otherwise than the old one, a line each, by kind and name.

    A name that means another object comes with both ids: that is what a review is for.
    """
    old = before or Lock(account=after.account)
    pairs = (
        ("campaign", _campaigns(old), _campaigns(after)),
        ("list", old.lists, after.lists),
        ("segment", old.segments, after.segments),
    )
    return tuple(line for noun, was, now in pairs for line in _differences(noun, was, now))


def _campaigns(lock: Lock) -> Mapping[str, str]:
    return {
        name: f"{pin.campaign_id} (email {pin.activity_id})" for name, pin in lock.campaigns.items()
    }


def _differences(noun: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*was, *now}):
        if name not in was:
            yield f'+ {noun} "{name}": {now[name]}'
        elif name not in now:
            yield f'- {noun} "{name}": {was[name]}'
        elif was[name] != now[name]:
            yield f'! {noun} "{name}" means another one: {was[name]} → {now[name]}'
