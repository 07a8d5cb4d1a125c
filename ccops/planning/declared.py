"""What differs between two manifests, two `ccops.yaml` and two `ccops.lock`, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from ccops.manifest.lockfile import Lock
from ccops.manifest.settings import Settings
from ccops.model import Desired, Now, RecipientKind

Item = str | datetime | Now
"""One value of a field: words, or when something is sent."""

UNSCHEDULED = "unscheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that is not what it was. `path` is as the file spells it, like `expect.subject`.

    A field of several values holds several items; one that is not written holds none. `before`
    None: not known. Both alike: it differs, and its values are not shown.
    """

    path: str
    before: tuple[Item, ...] | None
    after: tuple[Item, ...]

    @property
    def removed(self) -> tuple[Item, ...]:
        """What is no longer there, in its order."""
        return tuple(one for one in self.before or () if one not in self.after)

    @property
    def added(self) -> tuple[Item, ...]:
        """What was not there, in its order."""
        return tuple(one for one in self.after if one not in (self.before or ()))


def differences(before: Desired | None, after: Desired | None) -> tuple[Difference, ...]:
    """Compare two manifests, in the order of their keys; None has no field at all.

    The order of lists, tags and overrides says nothing, and is no difference.
    """
    return _between(dict(_fields(before)), dict(_fields(after)))


def settings_differences(before: Settings, after: Settings) -> tuple[Difference, ...]:
    """Compare two workspace files. Of the guards it is said which settings differ, no more."""
    return (
        *_between(dict(_settings(before)), dict(_settings(after))),
        *(
            Difference(path=f"guards: {one.name.replace('_', ' ')}", before=(), after=())
            for one in fields(before.rules)
            if getattr(before.rules, one.name) != getattr(after.rules, one.name)
        ),
    )


def lock_differences(before: Lock | None, after: Lock | None) -> tuple[Difference, ...]:
    """Compare two locks, pin by pin: which object of the account a name means."""
    return _between(dict(_pins(before)), dict(_pins(after)))


def _between(
    before: Mapping[str, tuple[Item, ...]], after: Mapping[str, tuple[Item, ...]]
) -> tuple[Difference, ...]:
    return tuple(
        Difference(path=path, before=before.get(path, ()), after=after.get(path, ()))
        for path in {**after, **before}
        if before.get(path, ()) != after.get(path, ())
    )


def _fields(one: Desired | None) -> Iterator[tuple[str, tuple[Item, ...]]]:
    if one is None:
        return
    first, *more = (send.when for send in one.sends) if one.sends else (UNSCHEDULED,)
    names = tuple(sorted(each.name or f"id {each.id}" for each in one.references))
    lists = one.kind is RecipientKind.LISTS
    expect = one.expect
    yield "campaign", (one.campaign,)
    yield "activity", _words(one.activity_id)
    yield "recipients.lists", names if lists else ()
    yield "recipients.segment", () if lists else names
    yield "send_at", (first,)
    yield "resend_to_new_contacts", tuple(more)
    yield "timezone", (one.zone,)
    yield "expect.subject", _words(expect.subject)
    yield "expect.from", _words(expect.from_email)
    yield "expect.contacts", _words(expect.contacts)
    yield "tags", tuple(sorted(one.tags))
    yield "owner", _words(one.owner)
    yield "overrides", tuple(sorted(f"{each.guard}: {each.reason}" for each in one.overrides))


def _settings(one: Settings) -> Iterator[tuple[str, tuple[Item, ...]]]:
    yield "account", (one.account,)
    yield "timezone", _words(one.zone)
    yield "manifests", tuple(each.text for each in one.manifests)
    yield "approvers", tuple(sorted(one.approvers))
    for each in fields(one.limits):
        yield f"limits.{each.name}", (_plainly(getattr(one.limits, each.name)),)


def _plainly(limit: timedelta | int) -> str:
    return f"{limit.total_seconds():g} s" if isinstance(limit, timedelta) else f"{limit:,}"


def _pins(lock: Lock | None) -> Iterator[tuple[str, tuple[Item, ...]]]:
    if lock is None:
        return
    yield "ccops.lock: account", (lock.account,)
    for name, pin in lock.campaigns.items():
        yield f"ccops.lock: campaign {name}", (f"{pin.campaign_id}, {pin.activity_id}",)
    for kind, pins in (("list", lock.lists), ("segment", lock.segments)):
        for name, found in pins.items():
            yield f"ccops.lock: {kind} {name}", (found,)


def _words(value: object | None) -> tuple[str, ...]:
    return () if value is None else (str(value),)
