"""Count the requests of plans that read everything, what changed, or nothing; write requests.md.

Counts are the sandbox's own, and exact: the same account gives the same figures on any machine.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

from ccops import cli
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.server import serve
from ccops.sandbox.world import World

HERE = Path(__file__).parent
START = datetime(2027, 3, 1, 14, tzinfo=UTC)
OLD = START - timedelta(days=30)
HOUR = timedelta(hours=1)
SIZES = (10, 100, 1_000)
PAGE = 500
ONE_IN = 100
WORKSPACE = """\
version: 1
account: {account}
timezone: America/New_York
partner: {{per_day: 1000000}}
"""
HEAD = """\
# Requests

Written by `make bench`, or by `python benchmarks/requests.py` alone. Counts are exact.

Of each fleet three fifths are drafts as their manifests want them, one fifth is scheduled as declared (*S*), and one fifth
was sent twice. Then an hour passes, and somebody edits 1 % of the campaigns, at least one: some that were sent, which cost
the most.

The **floor** is what the answers cannot be had for less:

* everything, with a lock: the account, a page of campaigns for each 500, a page of lists, one activity for each campaign,
  one history for each that was scheduled or sent, one schedule for each that is scheduled;
* everything, without: the same, and one look-up for each campaign;
* what changed: the account, the list of changes, an activity and a history for each changed campaign, an activity and a
  schedule for each that is scheduled;
* nothing: nothing.

The **bound** is the one that a test holds `--refresh changed` to where 1 % changed: 2 + 0.02 *N* + 2 *S*
(`tests/refresh/test_refresh_requests.py`).

| campaigns (*N*) | scheduled (*S*) | `ccops plan` | requests | floor | requests ÷ floor | bound |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """How many campaigns there are of each kind, and how many are edited."""

    drafts: int
    scheduled: int
    sent: int

    @property
    def size(self) -> int:
        return self.drafts + self.scheduled + self.sent

    @property
    def edited(self) -> int:
        return max(1, self.size // ONE_IN)

    @property
    def floor(self) -> int:
        """Of a full plan with a lock."""
        pages = -(-self.size // PAGE)
        return 1 + pages + 1 + self.size + 2 * self.scheduled + self.sent


def main() -> None:
    rows = [row for size in SIZES for row in counted(size)]
    text = HEAD + "".join(f"{row}\n" for row in rows)
    (HERE / "requests.md").write_text(text, encoding="utf-8")
    print(text)


def counted(size: int) -> Iterator[str]:
    """Run the plans on one fleet, in their order: each leaves the cache of the next."""
    fleet = Fleet(drafts=size * 3 // 5, scheduled=size // 5, sent=size // 5)
    world, texts = _furnished(fleet)
    changed = 2 + 2 * fleet.edited + 2 * fleet.scheduled
    bound = f"{2 + 0.02 * size + 2 * fleet.scheduled:,.0f}" if size >= ONE_IN else ""
    with _stage(world, texts):
        yield _row(fleet, "without a lock", _requests(world), fleet.floor + fleet.size)
        _command("lock")
        yield _row(fleet, "with a lock", _requests(world), fleet.floor)
        world.advance(3_600)
        _edit(world, fleet.edited)
        found = _requests(world, "--refresh", "changed")
        yield _row(fleet, "`--refresh changed`, 1 % changed", found, changed, bound)
        found = _requests(world, "--refresh", "none")
        yield _row(fleet, "`--refresh none`", found, 0)


def _row(fleet: Fleet, what: str, found: int, floor: int, bound: str = "") -> str:
    ratio = f"{found / floor:.2f}" if floor else ""
    cells = (f"{fleet.size:,}", f"{fleet.scheduled:,}", what, f"{found:,}", f"{floor:,}", ratio)
    return f"| {' | '.join(cells)} | {bound} |"


def _requests(world: World, *flags: str) -> int:
    world.log.clear()
    _command("plan", *flags)
    return len(world.requests)


def _command(*arguments: str) -> None:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        code = cli.run(arguments)
    if code:
        raise SystemExit(f"ccops {' '.join(arguments)} ended with {code}")


def _furnished(fleet: Fleet) -> tuple[World, Sequence[str]]:
    world, texts = World(START, frozen=True), []
    world.add_sender("news@sandbox.example")
    world.add_list("Members", world.add_contacts(10))
    lists = [list_id_of("Members")]
    for number in range(fleet.drafts):
        world.add_campaign(f"Draft {number:04}", lists=lists, updated_at=OLD - number * HOUR)
        texts.append(_manifest(f"Draft {number:04}", "unscheduled"))
    for number in range(fleet.scheduled):
        at = START + timedelta(days=8 + number % 50)
        dated = OLD - number * HOUR
        world.add_campaign(f"Ahead {number:04}", lists=lists, scheduled=at, updated_at=dated)
        texts.append(_manifest(f"Ahead {number:04}", _time(at)))
    for number in range(fleet.sent):
        past = [OLD - timedelta(days=9), OLD - timedelta(days=1)]
        dated = OLD - number * HOUR
        world.add_campaign(f"Sent {number:04}", lists=lists, history=past, updated_at=dated)
        more = f"resend_to_new_contacts: [{_time(past[1])}]\n"
        texts.append(_manifest(f"Sent {number:04}", _time(past[0])) + more)
    return world, texts


def _edit(world: World, amount: int) -> None:
    sent = [one for one in world.campaigns.values() if one.name.startswith("Sent")]
    for campaign in sent[:amount]:
        world.put_activity(replace(world.primary(campaign), subject="Another subject"))
        world.touch(campaign.campaign_id)


def _time(at: datetime) -> str:
    return f"{at:%a %Y-%m-%d %H:%M} Etc/UTC"


def _manifest(name: str, send_at: str) -> str:
    return f"campaign: {name}\nrecipients:\n  lists: [Members]\nsend_at: {send_at}\n"


@contextmanager
def _stage(world: World, texts: Sequence[str]) -> Iterator[None]:
    """Serve a world, with a workspace for it as the current folder."""
    with tempfile.TemporaryDirectory() as name, serve(world) as url, chdir(name):
        folder = Path(name)
        (folder / "campaigns").mkdir()
        account = WORKSPACE.format(account=world.encoded_account_id)
        (folder / "ccops.yaml").write_text(account, encoding="utf-8")
        text = "---\n".join(texts)
        (folder / "campaigns" / "all.yaml").write_text(text, encoding="utf-8")
        own = {"BASE_URL": url, "ACCESS_TOKEN": "any", "STATE_DIR": str(folder / ".state")}
        os.environ.update({f"CCOPS_{key}": value for key, value in own.items()})
        yield


if __name__ == "__main__":
    main()
