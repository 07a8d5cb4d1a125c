"""Two versions of a workspace, compared by what they declare: no account, no git, no clock.

It is what can be said of a change before anybody has logged in. It never says what an apply
would do: only a plan knows what is live.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ccops.errors import Diagnostic, Place
from ccops.manifest.lockfile import Lock
from ccops.manifest.settings import Settings
from ccops.model import NOW, Desired, Limits, When
from ccops.planning.declared import (
    Difference,
    differences,
    lock_differences,
    settings_differences,
)


class Kind(StrEnum):
    """What became of a manifest. UNKNOWN: the base cannot be read, so it counts as changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class Concern(StrEnum):
    """What a reviewer must know of a difference."""

    SENDS_AT_ONCE = "sends-at-once"
    """It declares `now`: applied with its own permission, it cannot be undone."""
    MISSED = "missed"
    """The time has passed. What was not sent by then is never sent late."""
    TOO_LATE = "too-late"
    """The time is nearer than the lead: it can no longer be scheduled."""
    UNSCHEDULES = "unschedules"
    """It declared a send, and declares none now."""
    UNMANAGED = "unmanaged"
    """Its manifest is gone: nothing is written, and what is scheduled still goes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A concern, and the send that it is about."""

    concern: Concern
    when: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestChange:
    """One manifest that differs. Of a removed one, all but `kind` is the base's.

    `sends` are all declared sends; `fields` what differs, in the order of a manifest's keys.
    """

    kind: Kind
    campaign: str
    zone: str
    sends: tuple[When, ...]
    fields: tuple[Difference, ...]
    notices: tuple[Notice, ...]
    place: Place = field(compare=False)

    @property
    def irreversible(self) -> bool:
        """Whether it declares a send that nobody can stop any more."""
        return any(one.concern is Concern.SENDS_AT_ONCE for one in self.notices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one version of a workspace declares. `settings` None: there is no `ccops.yaml` yet."""

    settings: Settings | None = None
    desired: tuple[Desired, ...] = ()
    lock: Lock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The version to compare with. `version` None: it cannot be read, and `errors` say why.

    `ref` is as it was written, `commit` the full id.
    """

    ref: str
    commit: str
    version: Version | None
    errors: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that differs: by the earliest declared send ahead, those of `now` last.

    `now` is the clock of the machine that compared, UTC. `workspace` holds what differs in
    `ccops.yaml` and `ccops.lock`; `unchanged` counts manifests.
    """

    base: Base
    account: str
    zone: str
    now: datetime
    lead: timedelta
    workspace: tuple[Difference, ...]
    manifests: tuple[ManifestChange, ...]
    unchanged: int

    @property
    def differs(self) -> bool:
        """Whether anything does; a base that cannot be read counts as different."""
        return bool(self.workspace or self.manifests) or self.base.version is None

    def of(self, kind: Kind) -> tuple[ManifestChange, ...]:
        """The manifests of one kind."""
        return tuple(one for one in self.manifests if one.kind is kind)


def compare(base: Base, head: Version, *, now: datetime) -> Comparison:
    """Compare what two versions declare. `now` is the clock to tell passed times by, UTC.

    A manifest is known by its campaign's exact name; one that was renamed, by the activity that
    both versions pin.
    """
    settings = head.settings
    lead = settings.limits.lead if settings else Limits().lead
    known = base.version
    found = tuple(_changes(known, head.desired, now, lead))
    kept = sum(one.kind is not Kind.REMOVED for one in found)
    return Comparison(
        base=base,
        account=settings.account if settings else "",
        zone=(settings.zone if settings else None) or "UTC",
        now=now,
        lead=lead,
        workspace=_around(known, head),
        manifests=tuple(sorted(found, key=lambda one: _rank(one, now))),
        unchanged=len(head.desired) - kept,
    )


def _around(base: Version | None, head: Version) -> tuple[Difference, ...]:
    if base is None or base.settings is None or head.settings is None:
        return ()
    return (
        *settings_differences(base.settings, head.settings),
        *lock_differences(base.lock, head.lock),
    )


def _changes(
    base: Version | None, head: Sequence[Desired], now: datetime, lead: timedelta
) -> Iterator[ManifestChange]:
    former = _former(base.desired if base else (), head)
    for one in head:
        before = former.get(one.campaign)
        what = differences(before, one)
        if base is None:
            what = tuple(replace(each, before=None) for each in what)
        if what:
            kind = _kind(base, before)
            yield _told(kind, one, what, _notices(before, one, now, lead))
    here = {one.campaign for one in former.values()}
    for gone in base.desired if base else ():
        if gone.campaign not in here:
            yield _told(Kind.REMOVED, gone, differences(gone, None), _gone())


def _kind(base: Version | None, before: Desired | None) -> Kind:
    if base is None:
        return Kind.UNKNOWN
    return Kind.ADDED if before is None else Kind.CHANGED


def _former(base: Sequence[Desired], head: Sequence[Desired]) -> Mapping[str, Desired]:
    """Give what each manifest was, by its campaign's name now; without those that are new."""
    names = {one.campaign for one in head}
    left = {one.activity_id: one for one in base if one.campaign not in names}
    known = {one.campaign: one for one in base}
    found = {
        one.campaign: known.get(one.campaign)
        or (left.get(one.activity_id) if one.activity_id else None)
        for one in head
    }
    return {name: one for name, one in found.items() if one is not None}


def _told(
    kind: Kind, one: Desired, fields: tuple[Difference, ...], notices: Iterator[Notice]
) -> ManifestChange:
    return ManifestChange(
        kind=kind,
        campaign=one.campaign,
        zone=one.zone,
        sends=_whens(one),
        fields=fields,
        notices=tuple(notices),
        place=one.place,
    )


def _whens(one: Desired | None) -> tuple[When, ...]:
    return tuple(send.when for send in one.sends) if one else ()


def _gone() -> Iterator[Notice]:
    yield Notice(concern=Concern.UNMANAGED)


def _notices(
    before: Desired | None, after: Desired, now: datetime, lead: timedelta
) -> Iterator[Notice]:
    """Judge the sends that the head declares and the base did not."""
    former = _whens(before)
    if former and not after.sends:
        yield Notice(concern=Concern.UNSCHEDULES)
    for when in _whens(after):
        if when in former:
            continue
        if when is NOW:
            yield Notice(concern=Concern.SENDS_AT_ONCE)
        elif when < now:
            yield Notice(concern=Concern.MISSED, when=when)
        elif when < now + lead:
            yield Notice(concern=Concern.TOO_LATE, when=when)


def _rank(one: ManifestChange, now: datetime) -> tuple[bool, bool, datetime, str]:
    ahead = [when for when in one.sends if isinstance(when, datetime) and when >= now]
    return one.irreversible, not ahead, min(ahead, default=now), one.campaign
