"""Set a rehearsal up, let it run to its end, and judge it."""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from ccops.constantcontact.grants import Grant, RefreshKind, grant_text
from ccops.constantcontact.secret import Secret
from ccops.fleet import queue
from ccops.store.postgres.tokens import open_tokens
from tests.rehearsal import audit, vendor
from tests.rehearsal.crew import Crew, Doom, Victim
from tests.rehearsal.desk import Desk
from tests.rehearsal.town import Change, Size, changes, token, write_workspace

_ROOT = Path(__file__).parents[2]
_BEAT = 0.25
"""Seconds between two looks of the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a rehearsal went."""

    size: Size
    seconds: float
    findings: tuple[audit.Finding, ...]
    ledger: dict[str, int]
    days: dict[str, int]
    looked: Counter[str]
    workers: int
    ended: Counter[int]
    jobs: int
    most_parked: int
    twice: int
    said: str

    @property
    def wrong(self) -> list[str]:
        """What does not hold."""
        return [f"{one.title}: {one.shown}: {one.wrong}" for one in self.findings if one.wrong]


def rehearse(
    size: Size,
    address: str,
    folder: Path,
    *,
    seed: int = 1,
    patience: float,
    tell: Callable[[str], None] = lambda _: None,
) -> Result:
    """Run a rehearsal in an empty database; after `patience` seconds it has failed."""
    began = time.monotonic()
    declared = changes(size)
    environment = _environment(address, folder, size)
    with _vendor(size, environment) as url:
        tell(
            f"The vendor serves {size.accounts:,} accounts after {time.monotonic() - began:.0f} s."
        )
        _prepare(address, url, declared)
        folders = {one: folder / "fleet" / one for one in declared}
        for account, path in folders.items():
            write_workspace(path, account, declared[account], size)
        (folder / "plans").mkdir()
        desk = Desk(address=address, origin=url, folders=folders, plans=folder / "plans")
        luck = random.Random(seed)
        crew = Crew(environment=environment, log=folder / "log", size=size.workers, luck=luck)
        killed = _run(desk, crew, size, patience, tell)
        seconds = time.monotonic() - began
        told = _report(url)
        kept = audit.books(address, killed)
        left = audit.open_writes(address, url, declared)
        found = tuple(
            audit.findings(
                size=size,
                declared=declared,
                told=told,
                kept=kept,
                kills=crew.kills,
                open_writes=left,
            )
        )
    return Result(
        size=size,
        seconds=seconds,
        findings=found,
        ledger=dict(kept.ledger),
        days=told["days"],
        looked=desk.looked,
        workers=crew.started,
        ended=crew.ended,
        jobs=sum(kept.taken.values()),
        most_parked=desk.most_parked,
        twice=desk.twice,
        said=(folder / "log").read_text("utf-8", "replace"),
    )


def _run(
    desk: Desk, crew: Crew, size: Size, patience: float, tell: Callable[[str], None]
) -> Counter[str]:
    """Let the crew work until all is done; return how many jobs were killed, by account."""
    began, told = time.monotonic(), 0.0
    doom = Doom(luck=crew.luck, wanted=size.kills, mean=size.kill_every)
    killed: Counter[str] = Counter()
    desk.begin()
    try:
        while not desk.finished:
            now = time.monotonic() - began
            assert now < patience, f"only {len(desk.done)} accounts are done: {desk.looked}"
            crew.start()
            due = doom.strikes(len(crew.kills), desk.progress)
            if due and crew.kill() and crew.kills[-1].victim is not Victim.WORKER:
                killed[audit.account_of(desk.address, crew.kills[-1])] += 1
            desk.look()
            if now - told > 30:
                told = now
                tell(f"{now:4.0f} s: {len(desk.done)} done, {len(crew.kills)} killed")
            time.sleep(_BEAT)
    finally:
        crew.stop()
    return killed


def _environment(address: str, folder: Path, size: Size) -> dict[str, str]:
    """What every process of the rehearsal finds around it: the store, and the clock."""
    scratch = {"CCOPS_STATE_DIR": str(folder / "state"), "HOME": str(folder)}
    path = os.pathsep.join([str(Path(__file__).with_name("clock")), str(_ROOT)])
    clock = {"REHEARSAL_EPOCH": str(time.time()), "REHEARSAL_DAY": str(size.day)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CCOPS_")}
    return {**kept, **scratch, **clock, "CCOPS_STORE": address, "PYTHONPATH": path}


@contextmanager
def _vendor(size: Size, environment: dict[str, str]) -> Iterator[str]:
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "tests.rehearsal.vendor", vendor.argument(size)],
                env=environment,
                cwd=_ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(process.kill)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "the vendor did not start"
        yield url


def _prepare(address: str, url: str, declared: dict[str, tuple[Change, ...]]) -> None:
    """Make the queue, watch the ledger, and log in to every account of the commit."""
    queue.make(address)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(audit.WATCH)
    now = datetime.fromtimestamp(time.time(), UTC)
    for account in declared:
        grant = Grant(
            client_id="agency",
            access=Secret(token(account)),
            expires_at=now + timedelta(days=300),
            refresh=None,
            renewed_at=now,
            scopes=("campaign_data", "contact_data", "account_read", "offline_access"),
            kind=RefreshKind.NONE,
        )
        with open_tokens(address, origin=url, account=account) as tokens, tokens.hold() as held:
            held.write(grant_text(grant))


def _report(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/__rehearsal/report", timeout=600) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found
