"""Workspaces to measure with: manifests as people write them, in three shapes by turns."""

from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2027, 3, 9, 14)  # noqa: DTZ001 - wall times are written, and no zone with them
SETTINGS = "version: 1\naccount: p07e1l8cdif9dl\ntimezone: America/New_York\n"
EDITED = 100
"""One manifest of so many is edited."""
SCHEMA = "# yaml-language-server: $schema=../../schemas/campaign.schema.json\n"


def write_workspace(root: Path, count: int) -> Path:
    """Write a workspace of so many manifests, one in a file; give the folder of these."""
    campaigns = root / "campaigns"
    campaigns.mkdir(parents=True)
    (root / "ccops.yaml").write_text(SETTINGS, encoding="utf-8")
    for number in range(count):
        path = campaigns / f"{number:05}.yaml"
        path.write_text(manifest(number), encoding="utf-8")
    return campaigns


def edit(root: Path, count: int) -> None:
    """Send one campaign of a hundred, at least one, an hour later."""
    for number in range(0, count, EDITED):
        path = root / "campaigns" / f"{number:05}.yaml"
        path.write_text(manifest(number, timedelta(hours=1)), encoding="utf-8")


def manifest(number: int, later: timedelta = timedelta(0)) -> str:
    at = START + timedelta(days=number % 300, minutes=15 * (number % 20)) + later
    body = (_short, _expecting, _by_id)[number % 3](number, at)
    return f"{SCHEMA}campaign: Campaign {number:05}\n{body}"


def _short(_number: int, at: datetime) -> str:
    return f"recipients:\n  lists: [Members]\nsend_at: {at:%a %Y-%m-%d %H:%M}\n"


def _expecting(_number: int, at: datetime) -> str:
    return f"""\
recipients:
  lists:                       # by name: each must be exactly one list of the account
    - Newsletter
    - Newsletter — US
send_at: {at:%a %Y-%m-%d %H:%M}  # the weekday is a check digit
expect:                        # refused, not changed, if this is not what would be sent
  subject: What grows in March
  from: news@fernandfield.example
tags: [newsletter, spring]
owner: "@marketing"
"""


def _by_id(number: int, at: datetime) -> str:
    return f"""\
recipients:
  lists:                       # by id: names may change, ids do not
    - {{id: 15b58b88-521d-510d-90ee-a02359519f7d}}  # Active donors
    - {{id: 63fe605d-365e-5e7e-986e-bdb4def7c467}}  # Board
send_at: {at:%Y-%m-%dT%H:%M}:00Z
activity: 4c08372c-957a-48b5-bc45-72c7{number:08x}
resend_to_new_contacts:
  - {at + timedelta(days=14):%a %Y-%m-%d %H:%M}       # only to contacts who have not had it by then
tags: [appeal]
"""
