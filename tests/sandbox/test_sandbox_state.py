"""A world in a file: everything answered survives the end of the process."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ccops.sandbox.records import ABTest
from ccops.sandbox.seed import generated, seed
from ccops.sandbox.state import _TABLES, stored
from ccops.sandbox.world import World

SERVE = """
import sys
from pathlib import Path
from ccops.sandbox.seed import seed
from ccops.sandbox.server import serve_forever
from ccops.sandbox.state import stored
with stored(Path(sys.argv[1]), lambda: seed("demo")) as world:
    serve_forever(world, ready=lambda url: print(url, flush=True))
"""


def contents(world: World) -> Any:
    return {kind: dict(getattr(world, kind)) for kind in _TABLES} | {
        "account": world.account,
        "switches": world.switches,
        "counters": world.counters,
        "privileges": world.privileges,
    }


def test_a_world_is_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with stored(path, lambda: generated(60, 3)) as world:
        world.add_token("t", privileges=["campaign:read"])
        world.set_switch("read_lag", 5)
        before = contents(world)
        world.save()
    with stored(path, lambda: pytest.fail("made anew")) as again:
        assert contents(again) == before
        assert again.agenda == world.agenda
        assert again.campaign_by_name == world.campaign_by_name
        assert again.clock.now() == world.clock.now()
        assert list(again.contacts) == list(world.contacts)


def test_each_answer_is_saved_before_it_is_given(
    tmp_path: Path, api_of: Callable[[World], Any]
) -> None:
    path = tmp_path / "state.sqlite"
    with stored(path, lambda: seed("demo")) as world:
        api = api_of(world)
        activity = world.activities[seed_activity(world, "Annual Appeal")]
        api.schedule(activity, "2027-03-02T09:00:00Z")
        api("POST", "/__sandbox/faults", {"fault": "500", "times": 2})
        before = contents(world)
    with stored(path, lambda: seed("demo")) as again:
        assert contents(again) == before
        again.faults.clear()
        again.advance(86400)
        assert [send.campaign_name for send in again.sends] == ["Annual Appeal"]
        api = api_of(again)
        assert api("POST", "/__sandbox/clock", {"advance": 5}).status == 200
    with stored(path, lambda: seed("demo")) as last:
        assert last.activities[activity.activity_id].status == "DONE"
        assert last.clock.now() == again.clock.now()


def seed_activity(world: World, name: str) -> Any:
    campaign = world.campaigns[world.campaign_by_name[name]]
    return campaign.activities[0].campaign_activity_id


def test_deleted_rows_are_gone(tmp_path: Path, api_of: Callable[[World], Any]) -> None:
    path = tmp_path / "state.sqlite"
    with stored(path, lambda: seed("demo")) as world:
        api = api_of(world)
        api("GET", "/v3/emails")
        api("DELETE", "/__sandbox/requests")
    with stored(path, lambda: seed("demo")) as again:
        assert again.requests == ()


def test_a_ticking_clock_runs_on_while_nobody_looks(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with stored(path, lambda: seed("empty")) as world:
        world.advance(3600)
        before = world.clock.now()
    with stored(path, lambda: seed("empty")) as again:
        assert timedelta(0) <= again.clock.now() - before < timedelta(seconds=30)
        assert not again.clock.frozen


def test_a_process_killed_between_two_requests_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    first = Process(path)
    try:
        activity = ask(first.url, "GET", "/v3/emails?limit=500")
        assert b"Annual Appeal" in activity
        body = {"send_status": "ERRORED", "reason_code": 9}
        target = seed_activity(seed("demo"), "Annual Appeal")
        ask(first.url, "POST", f"/__sandbox/campaigns/{target}/next_send", body)
        ask(first.url, "POST", f"/v3/emails/activities/{target}/schedules", {"scheduled_date": "0"})
    finally:
        first.kill()
    second = Process(path)
    try:
        assert b'"ERROR"' in ask(second.url, "GET", f"/v3/emails/activities/{target}")
    finally:
        second.kill()


class Process:
    """A sandbox in a process of its own."""

    def __init__(self, path: Path) -> None:
        root = Path(__file__).parents[2]
        command = [sys.executable, "-c", SERVE, str(path)]
        env = {**os.environ, "PYTHONPATH": str(root)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env, cwd=root)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().decode().strip()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def ask(url: str, method: str, path: str, body: object = None) -> Any:
    import http.client
    import json
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    headers = {"Authorization": "Bearer t", "Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    data = connection.getresponse().read()
    connection.close()
    return data


def test_one_file_serves_one_process(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with (
        stored(path, lambda: seed("empty")),
        pytest.raises(ValueError, match=r"state\.sqlite"),
        stored(path, lambda: seed("empty")),
    ):
        pass


def test_a_file_of_another_version_or_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ValueError, match="another version"), stored(path, lambda: seed("empty")):
        pass
    path.write_text("this is no database, whatever its name says" * 100)
    with pytest.raises(ValueError, match="cannot use"), stored(path, lambda: seed("empty")):
        pass


def test_optional_records_inside_records_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with stored(path, lambda: seed("demo")) as world:
        target = seed_activity(world, "Subject Line Test")
    with stored(path, lambda: seed("demo")) as again:
        assert isinstance(again.activities[target].abtest, ABTest)
        assert again.activities[target] == world.activities[target]
