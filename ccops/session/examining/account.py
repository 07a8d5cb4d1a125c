"""The account: whose it is, from whom and under which address it sends, and in which zone."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ccops.model import Account, Desired, Sender
from ccops.render.checks import Check, Subject, failed, passed, warned

_HORIZON = 366
"""Days over which two zones must agree to count as one: every change of clocks of a year."""


def account_check(account: Account) -> Check:
    """Name the account, which is the workspace's."""
    return passed(Subject.ACCOUNT, f"{account.name}, {account.id}")


def zone_check(zone: str | None, account: Account, now: datetime) -> Check:
    """Whether the workspace thinks in the account's zone; two names of one zone are the same."""
    if zone is None or zone == account.zone:
        return passed(Subject.TIME_ZONE, account.zone or "not told")
    if _alike(zone, account.zone, now):
        return passed(Subject.TIME_ZONE, f"{zone}, which the account calls {account.zone}")
    return warned(
        Subject.TIME_ZONE,
        f"{zone}; the account's is {account.zone or 'not told'}",
        "times are read in the workspace's zone; if that is not meant, correct `timezone` in "
        "ccops.yaml",
    )


def _alike(one: str, other: str, now: datetime) -> bool:
    """Whether two zones show the same time now and each day of the coming year."""
    try:
        here, there = ZoneInfo(one), ZoneInfo(other)
    except (ValueError, OSError, KeyError):  # the vendor's word may be no zone, or an unknown one
        return False
    days = (now + timedelta(days=day) for day in range(_HORIZON))
    return all(
        day.astimezone(here).utcoffset() == day.astimezone(there).utcoffset() for day in days
    )


def senders_check(senders: Sequence[Sender], desired: Collection[Desired], now: datetime) -> Check:
    """Whether an address is confirmed, and each one that a manifest expects of a coming send."""
    confirmed = [one.email for one in senders if one.confirmed]
    detail = f"{', '.join(confirmed) or 'none'} confirmed, of {len(senders)}"
    if not confirmed:
        remedy = "confirm a sender address in the account's settings at Constant Contact"
        return failed(Subject.SENDERS, detail, remedy)
    known = {one.casefold() for one in confirmed}
    wrong = [one for one in _expecting(desired, now) if one[1].casefold() not in known]
    if not wrong:
        return passed(Subject.SENDERS, detail)
    first, address = wrong[0]
    more = f", and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
    return warned(
        Subject.SENDERS,
        f"{first.place}: {address} is expected, and not confirmed{more}",
        "confirm that address at Constant Contact, or correct `expect.from`",
    )


def _expecting(desired: Collection[Desired], now: datetime) -> Iterator[tuple[Desired, str]]:
    for one in desired:
        if one.expect.from_email is not None and not is_past(one, now):
            yield one, one.expect.from_email


def is_past(desired: Desired, now: datetime) -> bool:
    """Whether every send that a manifest declares lies behind; `unscheduled` declares none."""
    whens = [one.when for one in desired.sends]
    return bool(whens) and all(isinstance(one, datetime) and one <= now for one in whens)


def footer_check(*, there: bool) -> Check:
    """Whether the account has an address for the footer of its emails."""
    if there:
        return passed(Subject.FOOTER, "set")
    return failed(
        Subject.FOOTER,
        "none: Constant Contact sends no email without a postal address in its footer",
        "set the organization's address in the account's settings at Constant Contact",
    )
