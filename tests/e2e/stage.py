"""A stage for whole runs: a workspace in a folder, the sandbox behind a socket, commands between.

What a run did is told by the sandbox's own log, never by ccops.
"""

import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ccops import cli
from ccops.commands import progress
from ccops.sandbox.faults import read_fault
from ccops.sandbox.records import Logged
from ccops.sandbox.server import serve
from ccops.sandbox.world import World

START = datetime(2027, 3, 1, 14, tzinfo=UTC)
"""When every stage begins, Monday morning in New York; its clock stands still until moved."""

ADDRESS = {"address_line1": "1 Main St", "city": "Rhinebeck", "country_code": "us"}
TOKEN = "token-never-to-be-shown"
PATIENCE = 30.0
"""Seconds after which a process that does not end fails its test."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A workspace, a sandbox and what a process between them finds in its environment."""

    folder: Path
    world: World
    url: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def write(self, *manifests: str, name: str = "one.yaml") -> None:
        """Write one file of manifests."""
        path = self.folder / "campaigns" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("---\n".join(manifests), encoding="utf-8")

    def run(self, *arguments: str) -> Done:
        """Run one command in this process, with nobody at the terminal."""
        out, err = _stream(), _stream()
        with (
            _environment(self.environment),
            chdir(self.folder),
            redirect_stdout(out),
            redirect_stderr(err),
            # A busy machine must not add a line that tells how long it took.
            patch.object(progress, "SLOW_SECONDS", math.inf),
        ):
            code = cli.run(arguments)
        return Done(code=int(code), out=_text(out), err=_text(err))

    def start(self, *arguments: str, **more: Any) -> "subprocess.Popen[str]":
        """Start one command as a process of its own."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [sys.executable, "-m", "ccops", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            text=True,
            encoding="utf-8",
            **{**pipes, **more},
        )

    def process(self, *arguments: str) -> Done:
        """Run one command as a process of its own, with nobody at the terminal."""
        return finish(self.start(*arguments))

    def fault(self, kind: str, method: str = "*", path: str = "*", **more: object) -> None:
        """Let misfortune wait for requests of this method and path."""
        match = {"method": method, "path": path}
        fault = read_fault(self.world.count_up("fault"), {"match": match, "fault": kind, **more})
        self.world.faults[fault.number] = fault

    def writes(self) -> list[str]:
        """Every request received that was no GET, in words: `POST Name 2027-…`, `PUT Name [ids]`."""
        return [_told(self.world, one) for one in self.world.requests if one.method != "GET"]

    def effects(self) -> list[str]:
        """The same, but only those that the sandbox answered with success."""
        done = [one for one in self.world.requests if one.method != "GET"]
        return [_told(self.world, one) for one in done if one.status in range(200, 300)]

    def sent(self, campaign: str) -> list[tuple[str, ...]]:
        """The contacts that each send of a campaign really mailed."""
        return [one.contacts for one in self.world.sends if one.campaign_name == campaign]


@contextmanager
def on_stage(folder: Path, world: World, **environment: str) -> Iterator[Stage]:
    """Serve a world, write a workspace for it into `folder`, and yield both."""
    with serve(world) as url:
        folder.mkdir(parents=True, exist_ok=True)
        workspace(folder, world)
        yield Stage(
            folder=folder,
            world=world,
            url=url,
            environment={
                "CCOPS_BASE_URL": url,
                "CCOPS_ACCESS_TOKEN": TOKEN,
                "CCOPS_STATE_DIR": str(folder / ".state"),
                "PYTHONIOENCODING": "utf-8",
                **environment,
            },
        )


def workspace(folder: Path, world: World, **limits: str) -> None:
    """Write ccops.yaml for this world's account."""
    lines = ["version: 1", f"account: {world.encoded_account_id}", "timezone: America/New_York"]
    lines += [f"limits: {json.dumps(limits)}"] if limits else []
    (folder / "ccops.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")


def account(now: datetime = START, *, frozen: bool = True) -> World:
    """An account with an address and a sender, twelve contacts, three lists and a segment."""
    world = World(now, frozen=frozen)
    world.account = replace(world.account, physical_address=ADDRESS)
    world.add_sender("news@sandbox.example", roles=("CONTACT", "REPLY_TO"))
    people = world.add_contacts(12)
    world.add_list("Members", people[:6])
    world.add_list("Donors", people[3:9])
    world.add_list("Board", people[9:])
    world.add_segment("Active", people[:3], 101)
    world.add_segment("Lapsed", people[6:9], 102)
    return world


def manifest(
    campaign: str,
    *lists: str,
    send_at: str,
    segment: str | None = None,
    **more: object,
) -> str:
    """Write one manifest; values are quoted as JSON, which is YAML too."""
    recipients = {"segment": segment} if segment else {"lists": list(lists)}
    keys = {"campaign": campaign, "recipients": recipients, "send_at": send_at, **more}
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items())


def finish(process: "subprocess.Popen[str]") -> Done:
    """Wait for a process and collect what it said."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Done(code=process.returncode, out=out or "", err=err or "")


def tell(world: World, requests: Sequence[Logged]) -> list[str]:
    """Put requests into words."""
    return [_told(world, one) for one in requests]


def _told(world: World, logged: Logged) -> str:
    parts = logged.path.removeprefix("/v3/emails/activities/").split("/")
    activity = world.activities.get(parts[0])
    if activity is None:
        return f"{logged.method} {logged.path}"
    words = [logged.method, world.campaigns[activity.campaign_id].name, _body(world, logged)]
    return " ".join(word for word in words if word)


def _body(world: World, logged: Logged) -> str:
    if not logged.body:
        return ""
    body = json.loads(logged.body)
    if "scheduled_date" in body:
        return str(body["scheduled_date"])
    lists = [world.lists[one].name for one in body["contact_list_ids"]]
    segments = [world.segments[one].name for one in body["segment_ids"]]
    return "[" + ", ".join(sorted(lists) + segments) + "]"


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    return bytes(stream.buffer.getvalue()).decode("utf-8")  # type: ignore[attr-defined]  # it is a BytesIO


@contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
