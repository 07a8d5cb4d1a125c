"""The fleet of a rehearsal: accounts, what is in them, and what a commit declares of some.

Everything follows from a number, so that the vendor, the workspaces and the audit agree on it
without telling each other.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from ccops.sandbox.records import Activity
from ccops.sandbox.world import World

LISTS = ("Members", "Donors", "Board")
SENDS = datetime(2031, 3, 3, 14, tzinfo=UTC)
"""When the first declared send is due; far away, so that no midnight of a rehearsal reaches it."""


class Kind(StrEnum):
    """What a commit declares of a campaign."""

    SCHEDULE = "schedule"
    RESCHEDULE = "reschedule"
    READDRESS = "readdress"
    UNSCHEDULE = "unschedule"


WRITES = {
    Kind.SCHEDULE: ("PUT", "POST"),
    Kind.RESCHEDULE: ("DELETE", "POST"),
    Kind.READDRESS: ("DELETE", "PUT", "POST"),
    Kind.UNSCHEDULE: ("DELETE",),
}
"""The writes that each takes, once each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One declared change; `at` is when the campaign is to be sent, None: not at all."""

    campaign: str
    kind: Kind
    at: datetime | None
    recipients: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a rehearsal is; seconds and counts.

    A request is refused that comes with `rate` others in less than `window` before it. `day` is
    how long a day lasts. `kill_every` are seconds, on average, between two chances to kill.
    """

    accounts: int
    campaigns: int
    changed: int
    workers: int
    kills: int
    window: float
    gap: float
    day: float
    per_day: int
    kill_every: float = 1.0
    rate: int = 4


def account_id(number: int) -> str:
    """Name an account."""
    return f"fleet{number:05d}"


def token(account: str) -> str:
    """Return the account's access token."""
    return f"token-of-{account}"


def changes(size: Size) -> dict[str, tuple[Change, ...]]:
    """Return what the commit declares, by account: one or two changes each."""
    step = max(size.accounts // size.changed, 1)
    return {
        account_id(turn * step): tuple(_changes(turn, size.campaigns))
        for turn in range(size.changed)
    }


def _changes(turn: int, campaigns: int) -> Iterator[Change]:
    for place in range(1 + turn % 2):
        kind = tuple(Kind)[(turn + place) % len(Kind)]
        at = None if kind is Kind.UNSCHEDULE else SENDS + timedelta(minutes=turn, days=place)
        number = (turn * 7 + place * 3) % campaigns
        yield Change(
            campaign=_name(number), kind=kind, at=at, recipients=LISTS[(turn + place) % len(LISTS)]
        )


def _name(number: int) -> str:
    return f"Campaign {number:03d}"


def world(account: str, declared: tuple[Change, ...], campaigns: int) -> World:
    """Make an account, ticking with this process's clock.

    Of the campaigns that no change is about, every tenth is scheduled and every tenth was sent.
    """
    made = World()
    made.account = replace(
        made.account,
        encoded_account_id=account,
        organization_name=account,
        physical_address={"address_line1": "1 Main St", "city": "Rhinebeck", "country_code": "us"},
    )
    made.add_sender("news@sandbox.example", roles=("CONTACT", "REPLY_TO"))
    people = made.add_contacts(6)
    lists = {name: made.add_list(name, people[at : at + 2]) for at, name in enumerate(LISTS)}
    of = {one.campaign: one for one in declared}
    for number in range(campaigns):
        name = _name(number)
        _furnish(made, name, lists, of.get(name), number)
    return made


def copy_of(template: World, account: str) -> World:
    """Make an account like another; what neither changes is in memory once (records are frozen)."""
    made = World()
    made.account = replace(template.account, encoded_account_id=account, organization_name=account)
    for table in ("contacts", "lists", "segments", "campaigns", "activities", "campaign_by_name"):
        setattr(made, table, dict(getattr(template, table)))
    made.agenda = set(template.agenda)
    made._versions = {name: list(of) for name, of in template._versions.items()}
    return made


def _furnish(
    made: World, name: str, lists: dict[str, str], change: Change | None, number: int
) -> Activity:
    if change is not None:
        return _to_be_changed(made, name, lists, change)
    members = [lists[LISTS[number % len(LISTS)]]]
    if number % 10 == 1:
        return made.add_campaign(name, lists=members, scheduled=SENDS + timedelta(days=30))
    if number % 10 == 2:
        return made.add_campaign(name, lists=members, history=[datetime(2024, 5, 6, tzinfo=UTC)])
    return made.add_campaign(name, lists=members)


def _to_be_changed(made: World, name: str, lists: dict[str, str], change: Change) -> Activity:
    wanted = [lists[change.recipients]]
    other = [one for one in lists.values() if one not in wanted][:1]
    match change.kind:
        case Kind.SCHEDULE:
            return made.add_campaign(name)
        case Kind.RESCHEDULE:
            before = SENDS + timedelta(days=60)
            return made.add_campaign(name, lists=wanted, scheduled=before)
        case Kind.READDRESS:
            return made.add_campaign(name, lists=other, scheduled=change.at)
        case Kind.UNSCHEDULE:
            return made.add_campaign(name, lists=wanted, scheduled=SENDS)


def write_workspace(folder: Path, account: str, declared: tuple[Change, ...], size: Size) -> None:
    """Write an account's workspace, with the limits of the rehearsal's API key."""
    (folder / "campaigns").mkdir(parents=True)
    lines = [
        "version: 1",
        f"account: {account}",
        "timezone: UTC",
        f"partner: {{per_second: {size.rate}, per_day: {size.per_day}}}",
        f"limits: {{request_gap: {round(size.gap * 1000)} ms}}",
    ]
    (folder / "ccops.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    text = "---\n".join(_manifest(one) for one in declared)
    (folder / "campaigns" / "commit.yaml").write_text(text, encoding="utf-8")


def _manifest(change: Change) -> str:
    at = "unscheduled" if change.at is None else f"{change.at:%Y-%m-%d %H:%M}"
    keys = {
        "campaign": change.campaign,
        "recipients": {"lists": [change.recipients]},
        "send_at": at,
    }
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items())
