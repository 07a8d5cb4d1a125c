"""`make rehearse`: the rehearsal in full, on a PostgreSQL server of its own; writes its page."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.rehearsal.page import page
from tests.rehearsal.stage import Result, rehearse
from tests.rehearsal.town import Size
from tests.store.cluster import DATABASE, Cluster, binaries, cluster

PAGE = Path(__file__).parents[2] / "benchmarks" / "rehearsal.md"
FULL = Size(
    accounts=5_000,
    campaigns=200,
    changed=100,
    workers=16,
    kills=200,
    window=0.2,
    gap=0.15,
    day=240.0,
    per_day=10_000,
)


@contextmanager
def server() -> Iterator[str]:
    """Run a server with an empty database that takes enough sessions."""
    with cluster() as running:
        _take_more(running)
        maintenance = running.address().replace(f"/{DATABASE}", "/postgres")
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f"create database {DATABASE}")
        yield running.address()


def _take_more(running: Cluster) -> None:
    running.stop("fast")
    with (running.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("max_connections = 300\n")
    running.start()


def main() -> int:
    """Run it, and tell whether all holds."""
    parser = argparse.ArgumentParser(prog="make rehearse", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changed", type=int, default=FULL.changed, help="accounts of the commit")
    parser.add_argument("--accounts", type=int, default=FULL.accounts)
    parser.add_argument("--kills", type=int, default=FULL.kills)
    parser.add_argument("--window", type=float, default=FULL.window, help="a virtual second")
    parser.add_argument("--gap", type=float, default=FULL.gap, help="seconds between two requests")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    # Both end the processes that were started, too; in the background nobody hears SIGINT else.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if binaries() is None:
        print("There is no PostgreSQL server (initdb) on this machine.", file=sys.stderr)
        return 3
    result = _rehearse(given)
    text = page(result)
    given.page.parent.mkdir(exist_ok=True)
    given.page.write_text(text, encoding="utf-8")
    print(text)
    for one in result.wrong:
        print(f"WRONG: {one}", file=sys.stderr)
    return 1 if result.wrong else 0


def _rehearse(given: argparse.Namespace) -> Result:
    size = Size(
        accounts=given.accounts,
        campaigns=FULL.campaigns,
        changed=given.changed,
        workers=FULL.workers,
        kills=given.kills,
        window=given.window,
        gap=given.gap,
        day=FULL.day,
        per_day=FULL.per_day,
    )
    with server() as address, tempfile.TemporaryDirectory() as folder:
        return rehearse(
            size,
            address,
            Path(folder),
            seed=given.seed,
            patience=7_200,
            tell=lambda text: print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr),
        )


if __name__ == "__main__":
    sys.exit(main())
