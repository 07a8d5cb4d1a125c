"""Plans of an account, over a socket: how many requests, and how long beside the requests alone."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measuring import Row, beside, best, row
from ccops import cli
from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.sandbox.server import serve
from ccops.sandbox.world import World

START = datetime(2027, 3, 1, 14, tzinfo=UTC)
SIZES = (10, 100, 1_000)
WORKSPACE = """\
version: 1
account: {account}
timezone: America/New_York
partner: {{per_day: 1000000}}
"""


def rows() -> list[Row]:
    return [*_requests(), *_times()]


def _requests() -> Iterator[Row]:
    """Count. The floor is one activity and one history for each campaign, one schedule for each
    scheduled one, one page for each 500 campaigns, the lists, the account."""
    for size in SIZES:
        for pinned in (True, False):
            made = _count(*fleet(size, pinned=pinned))
            floor = 2 * size + size // 2 + -(-size // 500) + 1 + 1
            words = "pinned" if pinned else "found by name"
            what = f"requests of a plan of {size:,} campaigns, {words}"
            yield row(what, f"{made:,}", f"{floor:,}", made / floor)
    made, floor = _count(*_sent_fleet(SIZES[-1])), -(-SIZES[-1] // 500) + 1
    yield row(
        f"requests of a plan of {SIZES[-1]:,} sent campaigns", f"{made}", f"{floor}", made / floor
    )


def _count(world: World, texts: Sequence[str]) -> int:
    with staged(world, texts):
        _command("plan")
    return len(world.requests)


def _times() -> list[Row]:
    size = SIZES[-1]
    world, texts = fleet(size, pinned=True)
    with staged(world, texts) as url:
        _command("plan")
        asked = [f"{one.path}?{one.query}".rstrip("?") for one in world.requests]
        whole = best(lambda: _command("plan"))
        replayed = best(lambda: _replay(url, asked))
    what = f"a plan of {size:,} campaigns in one process, over a socket"
    return [beside(what, whole, replayed, f"http.client asking the same {len(asked):,} times")]


def _replay(url: str, asked: Sequence[str]) -> None:
    connection = HTTPConnection(urlsplit(url).netloc)
    for path in asked:
        connection.request("GET", path, headers={"Authorization": "Bearer any"})
        connection.getresponse().read()
    connection.close()


@contextmanager
def staged(world: World, texts: Sequence[str]) -> Iterator[str]:
    """Serve a world, with a workspace for it as the current folder; yield its URL."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as name, serve(world) as url, chdir(name):
        folder = Path(name)
        _write(folder, world.encoded_account_id, texts)
        own = {"BASE_URL": url, "ACCESS_TOKEN": "any", "STATE_DIR": str(folder / ".state")}
        os.environ.update({f"CCOPS_{key}": value for key, value in own.items()})
        try:
            yield url
        finally:
            os.environ.clear()
            os.environ.update(before)


def _command(*arguments: str) -> None:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        code = cli.run(arguments)
    if code:
        raise SystemExit(f"ccops {' '.join(arguments)} ended with {code}")


def fleet(size: int, *, pinned: bool) -> tuple[World, list[str]]:
    """Half drafts, half scheduled an hour from what is declared: every one is a change."""
    world, texts = World(START, frozen=True), []
    world.add_sender("news@sandbox.example")
    world.add_list("Members", world.add_contacts(10))
    for number in range(size):
        name, at = f"Campaign {number:05}", START + timedelta(days=8 + number % 50)
        scheduled = at + timedelta(hours=1) if number % 2 else None
        world.add_campaign(name, lists=[list_id_of("Members")], scheduled=scheduled)
        pin = f"activity: {activity_id_of(name)}\n" if pinned else ""
        texts.append(_manifest(name, at) + pin)
    return world, texts


def _sent_fleet(size: int) -> tuple[World, list[str]]:
    world, texts = World(START, frozen=True), []
    world.add_list("Members", world.add_contacts(10))
    for number in range(size):
        name, at = f"Campaign {number:05}", START - timedelta(days=1 + number % 50)
        world.add_campaign(name, lists=[list_id_of("Members")], history=[at])
        texts.append(_manifest(name, at))
    return world, texts


def _manifest(name: str, at: datetime) -> str:
    return (
        f"campaign: {name}\nrecipients:\n  lists: [Members]  # everybody\n"
        f"send_at: {at:%a %Y-%m-%d %H:%M} Etc/UTC\ntags: [benchmark]\n"
    )


def _write(folder: Path, account: str, texts: Sequence[str]) -> None:
    (folder / "campaigns").mkdir(parents=True)
    (folder / "ccops.yaml").write_text(WORKSPACE.format(account=account), encoding="utf-8")
    for number, text in enumerate(texts):
        path = folder / "campaigns" / f"{number:05}.yaml"
        path.write_text(text, encoding="utf-8")
