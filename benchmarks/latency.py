"""Plan and apply against a slow server at the API's pace, beside a script and Ansible.

`python benchmarks/latency.py` measures everything at the real pace, which takes some 40
minutes, and prints a table. Requests, and how many arrived in any second, are the server's own
counts. Each figure is the wall time of whole processes, start-up included.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccops.sandbox.app import make_app
from ccops.sandbox.faults import Fault
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.server import _Server  # one origin for several accounts has no public name
from ccops.sandbox.world import World
from ccops.session.loading import local_now

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

HERE = Path(__file__).parent
PEERS = HERE.parent / ".venv" / "peers"
ANSIBLE = "ansible-core==2.19.3"
GAP = 0.3
"""Seconds between two requests of one API key."""
LATENCIES = (0, 50, 300, 600)
"""Milliseconds that each answer takes."""
COUNT = 200
TASKS = 10
"""How many campaigns Ansible gets: its ratio is per request, and it starts a process for each."""
BOUNDS = {0: 1.03, 50: 1.03, 300: 1.03, 600: 1.10}
SLOW = 10**9
WORKSPACE = """\
version: 1
account: {account}
timezone: Etc/UTC
limits: {{request_gap: {gap:.0f} ms, read_lag: 5 seconds}}
"""
UNPACED = 0.001
"""A gap that asks for several connections, and otherwise is none."""
MOST = 4
"""Requests in any second that the API allows (docs)."""
Row = tuple[str, str, str, str]


@dataclass(kw_only=True)
class Arrivals:
    """When each request arrived, by a monotonic clock, at whichever account."""

    moments: list[float] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def note(self) -> None:
        with self.guard:
            self.moments.append(time.monotonic())

    def most(self, window: float = 1.0) -> int:
        """How many arrived at most in a window of so many seconds, wherever it begins."""
        ordered = sorted(self.moments)
        return max(
            (
                sum(1 for one in ordered[at:] if one < first + window)
                for at, first in enumerate(ordered)
            ),
            default=0,
        )


class Account(World):
    """An account that notes when requests arrive."""

    arrivals: Arrivals

    def count_up(self, name: str) -> int:
        if name == "request":
            self.arrivals.note()
        return super().count_up(name)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Accounts behind one origin, each with a workspace and a token of its own."""

    url: str
    folder: Path
    arrivals: Arrivals
    accounts: tuple[Account, ...]

    def environment(self, number: int) -> dict[str, str]:
        own = {"BASE_URL": self.url, "ACCESS_TOKEN": f"account-{number}"}
        own["STATE_DIR"] = str(self.folder / ".state")
        return {**os.environ, **{f"CCOPS_{name}": value for name, value in own.items()}}

    def workspace(self, number: int) -> Path:
        return self.folder / f"account-{number}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one measurement came to."""

    what: str
    requests: int
    seconds: float
    most: int
    gap: float
    bound: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / (self.requests * self.gap)


Measurement = Callable[[], Sequence[Found]]


def _row(one: Found) -> Row:
    found = f"{one.requests:,} requests, {one.seconds:.1f} s, at most {one.most} in a second"
    if one.gap < GAP:
        return one.what, found, "", ""
    floor = f"{one.requests * one.gap:.1f} s: {one.gap * 1000:.0f} ms each"
    held = "" if one.bound is None else f" (bound {one.bound:.2f})"
    return one.what, found, floor, f"{one.ratio:.2f}{held}"


@contextmanager
def stage(count: int, processes: int, latency: float, gap: float) -> Iterator[Stage]:
    """Serve accounts that share `count` drafts, each to be scheduled as its manifest says."""
    arrivals = Arrivals()
    accounts = tuple(_account(number, count // processes, arrivals) for number in range(processes))
    apps = {f"Bearer account-{number}": make_app(one) for number, one in enumerate(accounts)}

    def app(environ: "WSGIEnvironment", start: "StartResponse") -> object:
        return apps[environ["HTTP_AUTHORIZATION"]](environ, start)

    server = _Server("127.0.0.1", 0, app)  # type: ignore[arg-type]  # a WSGI callable all the same
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    with tempfile.TemporaryDirectory() as name:
        url = f"http://127.0.0.1:{server.server_port}"
        made = Stage(url=url, folder=Path(name), arrivals=arrivals, accounts=accounts)
        for number, account in enumerate(accounts):
            _furnish(made, number, account, gap)
            # From here on every answer takes its time.
            fault = Fault(number=1, kind="delay", effect=True, times=SLOW, seconds=latency)
            account.faults |= {1: fault} if latency else {}
        arrivals.moments.clear()
        yield made
    server.shutdown()
    thread.join()
    server.server_close()


def _account(number: int, count: int, arrivals: Arrivals) -> Account:
    account = Account()
    account.arrivals = arrivals
    identity = f"account{number}"
    address = {"address_line1": "1 Main St", "city": "Rhinebeck", "country_code": "us"}
    account.account = replace(
        account.account, encoded_account_id=identity, physical_address=address
    )
    account.add_sender("news@sandbox.example", roles=("CONTACT", "REPLY_TO"))
    account.add_list("Members", account.add_contacts(10))
    for one in range(count):
        account.add_campaign(f"Campaign {one:04}", lists=[list_id_of("Members")])
    return account


def _furnish(stage: Stage, number: int, account: Account, gap: float) -> None:
    """Write a workspace, with a lock file that was made without waiting."""
    folder = stage.workspace(number)
    (folder / "campaigns").mkdir(parents=True)
    names = [campaign.name for campaign in account.campaigns.values()]
    texts = (_manifest(name, at) for at, name in enumerate(names))
    (folder / "campaigns" / "all.yaml").write_text("---\n".join(texts), encoding="utf-8")
    identity = account.encoded_account_id
    for width in (0.0, gap):
        text = WORKSPACE.format(account=identity, gap=width * 1000)
        (folder / "ccops.yaml").write_text(text, encoding="utf-8")
        if not width:
            _wait(_start(stage, number, "lock"))


def _manifest(name: str, number: int) -> str:
    at = local_now().replace(minute=0) + timedelta(days=8 + number % 50)
    return f"campaign: {name}\nrecipients:\n  lists: [Members]\nsend_at: {at:%a %Y-%m-%d %H:%M}\n"


def _start(stage: Stage, number: int, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "ccops", *arguments],
        cwd=stage.workspace(number),
        env=stage.environment(number),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _wait(process: "subprocess.Popen[bytes]") -> None:
    _, said = process.communicate()
    if process.returncode:
        raise SystemExit(f"{process.args!r} ended with {process.returncode}:\n{said.decode()}")


def _measured(stage: Stage, what: str, gap: float, run: Callable[[], None]) -> Found:
    stage.arrivals.moments.clear()
    since = time.monotonic()
    run()
    seconds, requests = time.monotonic() - since, len(stage.arrivals.moments)
    return Found(what=what, requests=requests, seconds=seconds, most=stage.arrivals.most(), gap=gap)


def _all(stage: Stage, arguments: Callable[[int], Sequence[str]]) -> Callable[[], None]:
    """Run one command in a process for each account, all at once."""

    def run() -> None:
        begun = [_start(stage, one, *arguments(one)) for one in range(len(stage.accounts))]
        for process in begun:
            _wait(process)

    return run


def ours(count: int, processes: int, latency: int, gap: float) -> list[Found]:
    """Measure a plan, and the apply of what it saved."""
    people = "1 process" if processes == 1 else f"{processes} processes"
    pace = f"paced, {people}" if gap >= GAP else f"not paced, {people}"
    with stage(count, processes, latency / 1000, gap) as this:

        def saved(number: int) -> tuple[str, ...]:
            plan = (this.workspace(number) / "plan.json").read_text("utf-8")
            return ("apply", "plan.json", "--checksum", json.loads(plan)["checksum"])

        words = f"of {count} campaigns at {latency} ms, {pace}"
        plan = _all(this, lambda _: ("plan", "--save", "plan.json"))
        found = [
            _measured(this, f"ccops plan {words}", gap, plan),
            _measured(this, f"ccops apply {words}", gap, _all(this, saved)),
        ]
        _require_scheduled(this)
    return found


def _require_scheduled(stage: Stage) -> None:
    live = [one.primary(campaign) for one in stage.accounts for campaign in one.campaigns.values()]
    if not all(activity.status == "SCHEDULED" for activity in live):
        raise SystemExit("not everything was scheduled")


# The peers: the same work by hand, for one account.


def script(count: int, latency: int, *, check: bool) -> Sequence[Found]:
    """Measure a careful serial script."""
    with stage(count, 1, latency / 1000, GAP) as this:
        work = _work(this, count)
        flags = ["--check"] if check else []
        arguments = [sys.executable, HERE / "peers" / "script.py", this.url, "account-0", work]
        what = f"a serial httpx script, {'reading' if check else 'scheduling'} {count} campaigns"
        command = [*map(str, arguments), str(GAP), *flags]
        return [
            _measured(this, f"{what} at {latency} ms, paced", GAP, lambda: _must(command)),
        ]


def ansible(count: int, latency: int, *, check: bool) -> Sequence[Found]:
    """Measure Ansible's uri module; the first call installs Ansible beside the project."""
    with stage(count, 1, latency / 1000, GAP) as this:
        given = {"work": json.loads(_work(this, count).read_text("utf-8"))}
        given |= {"url": this.url, "token": "account-0", "gap": GAP}
        flags = ["--check"] if check else []
        play = [str(_playbook()), str(HERE / "peers" / "ansible" / "schedule.yml"), *flags]
        what = f"Ansible uri, {'reading (check mode)' if check else 'scheduling'} {count} campaigns"
        command = [*play, "-i", "localhost,", "-e", json.dumps(given)]
        return [
            _measured(this, f"{what} at {latency} ms, paced", GAP, lambda: _must(command)),
        ]


def _work(stage: Stage, count: int) -> Path:
    (account,) = stage.accounts
    at = local_now().replace(minute=0, second=0) + timedelta(days=8)
    work = [
        {"activity": account.primary(one).activity_id, "date": f"{at:%Y-%m-%dT%H:%M:%S}.000Z"}
        for one in list(account.campaigns.values())[:count]
    ]
    path = stage.folder / "work.json"
    path.write_text(json.dumps(work), encoding="utf-8")
    return path


def _playbook() -> Path:
    """Return ansible-playbook, in a virtual environment of the peers' own."""
    command = PEERS / "bin" / "ansible-playbook"
    if not command.exists():
        _must([sys.executable, "-m", "venv", str(PEERS)])
        _must([str(PEERS / "bin" / "python"), "-m", "pip", "install", "-qq", ANSIBLE])
    return command


def _must(arguments: Sequence[str]) -> None:
    done = subprocess.run(arguments, capture_output=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).decode()
        raise SystemExit(f"{' '.join(arguments[:3])} ended with {done.returncode}:\n{said}")


def rows(
    count: int = COUNT,
    latencies: Sequence[int] = LATENCIES,
    *,
    processes: Sequence[int] = (1, 8),
    peers: bool = True,
    at_once: int = 4,
) -> list[Row]:
    """Return the table's rows: what, found, floor, ratio. `at_once` measurements run together.

    They hardly disturb each other, as nearly all of their time is waiting; on a busy machine,
    measure one at a time. What is not paced comes last, one after another.
    """
    measurements: list[Measurement] = [
        partial(_bounded, count, number, latency) for number in processes for latency in latencies
    ]
    if peers:
        _playbook()
        measurements += [
            partial(peer, amount, latency, check=check)
            for peer, amount in ((script, count), (ansible, TASKS))
            for latency in latencies
            for check in (True, False)
        ]
    with ThreadPoolExecutor(at_once) as pool:
        paced = [found for some in pool.map(_made, measurements) for found in some]
    unpaced = [found for latency in latencies for found in ours(count, 1, latency, UNPACED)]
    return [_row(one) for one in (*paced, *unpaced)]


def _made(measurement: Measurement) -> Sequence[Found]:
    return measurement()


def _bounded(count: int, processes: int, latency: int) -> Sequence[Found]:
    bound = BOUNDS.get(latency) if processes == 1 else None
    found = [replace(one, bound=bound) for one in ours(count, processes, latency, GAP)]
    too_many = [one.what for one in found if one.most > MOST]
    if too_many:
        raise SystemExit(f"more than {MOST} requests in a second: {', '.join(too_many)}")
    return found


@click.command()
@click.option("--count", default=COUNT, show_default=True, help="How many campaigns.")
@click.option("--latency", "latencies", multiple=True, type=int, help="Milliseconds per answer.")
@click.option("--processes", multiple=True, type=int, help="How many processes share the key.")
@click.option("--peers/--no-peers", default=True, help="Measure the script and Ansible, too.")
@click.option("--at-once", default=4, show_default=True, help="How many measurements at a time.")
def main(
    *,
    count: int,
    latencies: tuple[int, ...],
    processes: tuple[int, ...],
    peers: bool,
    at_once: int,
) -> None:
    """Measure, and print the table."""
    table = rows(
        count, latencies or LATENCIES, processes=processes or (1, 8), peers=peers, at_once=at_once
    )
    click.echo("| what | found | floor | found ÷ floor |\n|---|---|---|---|")
    for row in table:
        click.echo(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
