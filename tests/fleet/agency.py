"""An agency: many accounts behind one origin, each a sandbox that its own login leads to."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from ccops.constantcontact.grants import Grant, RefreshKind, grant_text
from ccops.constantcontact.secret import Secret
from ccops.sandbox import server
from ccops.sandbox.app import make_app
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from ccops.session.authorizing import Surroundings, open_login
from ccops.session.credentials import credentials
from tests.e2e.stage import START, Done, Stage, account, manifest

CLIENT = "agency-application"
MEMBERS = list_id_of("Members")
SOON = "Tue 2027-03-09 09:00"


@dataclass(kw_only=True)
class Agency:
    """Client accounts by name: a workspace in `clients/` and a sandbox each."""

    folder: Path
    url: str
    worlds: Mapping[str, World]
    arrivals: list[float] = field(default_factory=list)
    """When each request came, in seconds of one clock, as the server saw it."""

    @property
    def stage(self) -> Stage:
        """Where commands run: in the folder that holds `clients/`."""
        return Stage(
            folder=self.folder,
            world=next(iter(self.worlds.values())),
            url=self.url,
            environment={
                "CCOPS_BASE_URL": self.url,
                "CCOPS_STATE_DIR": str(self.state),
                "PYTHONIOENCODING": "utf-8",
            },
        )

    @property
    def state(self) -> Path:
        return self.folder / ".state"

    def workspace(self, name: str) -> Path:
        return self.folder / "clients" / name

    def run(self, *arguments: str) -> Done:
        return self.stage.run("fleet", *arguments)

    def write(self, name: str, *manifests: str, file: str = "one.yaml") -> None:
        path = self.workspace(name) / "campaigns" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("---\n".join(manifests), encoding="utf-8")

    def writes(self) -> dict[str, list[str]]:
        """What every account received that was no GET, by method."""
        return {
            name: [one.method for one in world.requests if one.method != "GET"]
            for name, world in self.worlds.items()
        }

    def requests(self) -> int:
        return sum(len(world.requests) for world in self.worlds.values())


@contextmanager
def agency(folder: Path, names: Iterable[str], **limits: str) -> Iterator[Agency]:
    """Serve an account for each name; each has a draft that its manifest wants scheduled."""
    worlds = {name: _world(name) for name in names}
    apps = {f"token-of-{name}": make_app(world) for name, world in worlds.items()}
    arrivals: list[float] = []
    with _serving(_by_token(apps, arrivals)) as url:
        made = Agency(folder=folder, url=url, worlds=worlds, arrivals=arrivals)
        for at, name in enumerate(worlds):
            _furnish(made, name, at, limits)
        yield made


def _world(name: str) -> World:
    world = account(START)
    world.account = replace(world.account, encoded_account_id=f"acc-{name}")
    world.add_campaign("Spring")
    return world


def _furnish(made: Agency, name: str, at: int, limits: Mapping[str, str]) -> None:
    folder = made.workspace(name)
    folder.mkdir(parents=True)
    lines = ["version: 1", f"account: acc-{name}", "timezone: America/New_York"]
    lines += [f"limits: {json.dumps(limits)}"] if limits else []
    (folder / "ccops.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    made.write(name, manifest("Spring", "Members", send_at=f"2027-03-{9 + at:02} 09:00"))
    log_in(made, f"acc-{name}", f"token-of-{name}")


def log_in(made: Agency, account_id: str, token: str, client: str = CLIENT) -> None:
    """Store a login as `ccops auth login` does."""
    now = datetime.now(UTC)  # noqa: TID251 - the clock of the runs
    grant = Grant(
        client_id=client,
        access=Secret(token),
        expires_at=now + timedelta(hours=24),
        refresh=None,
        renewed_at=now,
        scopes=("campaign_data",),
        kind=RefreshKind.NONE,
    )
    around = Surroundings(
        origin=made.url,
        account=account_id,
        credentials=credentials({}),
        store=None,
        state=made.state,
        api_key=client,
    )
    with open_login(around) as opened, opened.tokens.hold() as held:
        held.write(grant_text(grant))


def _by_token(apps: Mapping[str, Any], arrivals: list[float]) -> Callable[..., Any]:
    guard = Lock()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        with guard:
            arrivals.append(time.monotonic())
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        if token not in apps:
            start("401 Unauthorized", [("Content-Type", "application/json")])
            return [b'{"error_key": "unauthorized", "error_message": "no such token"}']
        return apps[token](environ, start)

    return app


@contextmanager
def _serving(app: Callable[..., Any]) -> Iterator[str]:
    serving = server._Server("127.0.0.1", 0, app)
    thread = Thread(target=serving.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server._url(serving)
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()
