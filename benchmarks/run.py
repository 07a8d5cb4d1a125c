"""Measure ccops beside the work that cannot be avoided; write results.md and requests.md."""

import os
import platform
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import yaml

from ccops import cli
from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.sandbox.server import serve
from ccops.sandbox.world import World

HERE = Path(__file__).parent
START = datetime(2027, 3, 1, 14, tzinfo=UTC)
SIZES = (10, 100, 1_000)
RUNS = 7
WORKSPACE = """\
version: 1
account: {account}
timezone: America/New_York
partner: {{per_day: 1000000}}
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure: what was measured, what stands beside it, and how they compare."""

    what: str
    found: str
    floor: str
    ratio: float | None = None


def main() -> None:
    rows = [*requests(), *starts(), *validation(), *planning()]
    lines = ["| what | found | floor | found ÷ floor |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.found} | {row.floor} | {_ratio(row.ratio)} |" for row in rows]
    head = [
        "# Results",
        "",
        "Written by `make bench`. Counts are exact; ratios come from one run on one machine.",
        f"Python {platform.python_version()}, {os.cpu_count()} cores.",
        "",
    ]
    text = "\n".join([*head, *lines, ""])
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)
    runpy.run_path(str(HERE / "requests.py"), run_name="__main__")


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


# How many requests a plan makes. The floor is one activity and one history for each campaign,
# one schedule for each scheduled one, one page for each 500 campaigns, the lists, the account.


def requests() -> list[Row]:
    rows = []
    for size in SIZES:
        for pinned in (True, False):
            world, texts = _fleet(size, pinned=pinned)
            made = _count(world, texts)
            scheduled = size // 2
            floor = 2 * size + scheduled + -(-size // 500) + 1 + 1
            words = "pinned" if pinned else "found by name"
            rows.append(
                Row(
                    what=f"requests of a plan of {size:,} campaigns, {words}",
                    found=f"{made:,}",
                    floor=f"{floor:,}",
                    ratio=made / floor,
                )
            )
    return [*rows, _sent_row(SIZES[-1])]


def _sent_row(size: int) -> Row:
    made, floor = _count(*_sent_fleet(size)), -(-size // 500) + 1
    what = f"requests of a plan of {size:,} sent campaigns"
    return Row(what=what, found=f"{made}", floor=f"{floor}", ratio=made / floor)


def _count(world: World, texts: Sequence[str]) -> int:
    with _stage(world, texts):
        _command("plan")
    return len(world.requests)


# How long a command takes to start, and to read a manifest.


def starts() -> list[Row]:
    bare = _process([sys.executable, "-c", "pass"])
    rows = []
    for arguments in (["--help"], ["--version"], ["plan", "--help"]):
        took = _process([sys.executable, "-m", "ccops", *arguments])
        what = f"ccops {' '.join(arguments)}"
        rows.append(
            Row(what=what, found=_ms(took), floor=f"{_ms(bare)}, python -c pass", ratio=took / bare)
        )
    return rows


def validation() -> list[Row]:
    bare = _process([sys.executable, "-c", "pass"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one, many = (_validated(folder / str(count), count) for count in (1, SIZES[-1]))
    each = (many - one) / (SIZES[-1] - 1)
    _, texts = _fleet(SIZES[-1], pinned=False)
    parsed = _best(lambda: [_events(text) for text in texts]) / SIZES[-1]
    return [
        Row(
            what="ccops validate of 1 manifest",
            found=_ms(one),
            floor=f"{_ms(bare)}, python -c pass",
            ratio=one / bare,
        ),
        Row(
            what=f"ccops validate, each further manifest (of {SIZES[-1]:,})",
            found=_ms(each),
            floor=f"{_ms(parsed)}, libyaml's events of the same bytes",
            ratio=each / parsed,
        ),
        Row(
            what="ccops validate, manifests read in the time of a bare Python start",
            found=f"{bare / each:.0f}",
            floor="",
        ),
    ]


def _validated(folder: Path, count: int) -> float:
    _, texts = _fleet(count, pinned=False)
    _write(folder, World().encoded_account_id, texts)
    return _process([sys.executable, "-m", "ccops", "validate", "-C", str(folder)])


def _events(text: str) -> int:
    return sum(1 for _ in yaml.parse(text, Loader=yaml.CSafeLoader))


# How long a plan takes beside its own requests, made with no ccops around them.


def planning() -> list[Row]:
    size = SIZES[-1]
    world, texts = _fleet(size, pinned=True)
    with _stage(world, texts) as url:
        _command("plan")
        asked = [f"{one.path}?{one.query}".rstrip("?") for one in world.requests]
        whole = _best(lambda: _command("plan"))
        replayed = _best(lambda: _replay(url, asked))
    return [
        Row(
            what=f"a plan of {size:,} campaigns in one process, over a socket",
            found=_ms(whole),
            floor=f"{_ms(replayed)}, http.client asking the same {len(asked):,} times",
            ratio=whole / replayed,
        )
    ]


def _replay(url: str, asked: Sequence[str]) -> None:
    connection = HTTPConnection(urlsplit(url).netloc)
    for path in asked:
        connection.request("GET", path, headers={"Authorization": "Bearer any"})
        connection.getresponse().read()
    connection.close()


@contextmanager
def _stage(world: World, texts: Sequence[str]) -> Iterator[str]:
    """Serve a world, with a workspace for it as the current folder; yield its URL."""
    with tempfile.TemporaryDirectory() as name, serve(world) as url, chdir(name):
        folder = Path(name)
        _write(folder, world.encoded_account_id, texts)
        own = {"BASE_URL": url, "ACCESS_TOKEN": "any", "STATE_DIR": str(folder / ".state")}
        os.environ.update({f"CCOPS_{key}": value for key, value in own.items()})
        yield url


def _command(*arguments: str) -> None:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        code = cli.run(arguments)
    if code:
        raise SystemExit(f"ccops {' '.join(arguments)} ended with {code}")


# Furnishing.


def _fleet(size: int, *, pinned: bool) -> tuple[World, list[str]]:
    """Half drafts, half scheduled an hour from what is declared."""
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
        f"send_at: {at:%a %Y-%m-%d %H:%M} UTC\ntags: [benchmark]\n"
    ).replace(" UTC", " Etc/UTC")


def _write(folder: Path, account: str, texts: Sequence[str]) -> None:
    (folder / "campaigns").mkdir(parents=True)
    (folder / "ccops.yaml").write_text(WORKSPACE.format(account=account), encoding="utf-8")
    for number, text in enumerate(texts):
        path = folder / "campaigns" / f"{number:05}.yaml"
        path.write_text(text, encoding="utf-8")


# Measuring: the best of several runs is the one that was disturbed least.


def _best(work: Callable[[], object]) -> float:
    return min(_took(work) for _ in range(3))


def _process(command: Sequence[str]) -> float:
    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    run()
    return median(_took(run) for _ in range(RUNS))


def _took(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


if __name__ == "__main__":
    main()
