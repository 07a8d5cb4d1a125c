"""S-03: the token is in no output, whatever happens, whichever command it happens to."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import click
import pytest

from ccops import cli
from ccops.commands import stage as demo_stage
from ccops.model import JsonObject
from ccops.sandbox.faults import KINDS
from ccops.sandbox.ids import list_id_of
from ccops.session import planned
from tests.e2e.stage import START, Done, Stage, account, finish, manifest, on_stage
from tests.e2e.window import window
from tests.security.bent import Bend, Said, bent
from tests.security.canary import CANARY, NEEDLE, left_behind, sightings
from tests.transport.scripted_server import Answer, http, serving, then_hang_up

Arguments = tuple[str, ...]

RUNS: Mapping[str, tuple[Arguments, ...]] = {
    "init": (
        ("init", "new", "--account", "a1", "--timezone", "UTC"),
        ("init", "github", "--action", "x"),
    ),
    "auth": (
        ("auth", "login", "--no-browser"),
        ("auth", "status"),
        ("auth", "status", "--format", "json"),
        ("auth", "logout"),
    ),
    "validate": (("validate",), ("validate", "--format", "json")),
    "pull": (
        ("pull", "--all", "--dry-run", "--format", "json"),
        ("pull", "--all", "--overwrite", "--dry-run"),
        ("pull",),
    ),
    "plan": (
        ("plan", "--save", "plan.json", "--show-requests"),
        ("plan", "--out", "text=o.txt", "--out", "json=o.json", "--out", "markdown=o.md"),
        ("plan", "--format", "json"),
        ("plan", "--refresh", "changed"),
        ("plan", "--refresh", "none"),
        ("plan", "--format", "github"),
        ("plan", "--offline", "--base", "HEAD"),
    ),
    "show": (("show", "plan.json", "--show-requests"), ("show", "plan.json", "--format", "json")),
    "apply": (
        ("apply", "--dry-run", "--format", "markdown"),
        ("apply",),
        ("apply", "--yes", "--format", "json"),
        ("apply", "--yes", "--format", "jsonl"),
    ),
    "calendar": (
        ("calendar",),
        ("calendar", "--out", "html=c.html", "--out", "ics=c.ics"),
        ("calendar", "plan.json", "--format", "ics"),
    ),
    "list": (("list",), ("list", "--format", "json")),
    "doctor": (("doctor",), ("doctor", "--for", "apply", "--format", "json")),
    "drift": (
        ("drift", "--out", "text=d.txt", "--out", "markdown=d.md"),
        ("drift", "--format", "json"),
    ),
    "ci": (
        ("ci", "validate"),
        ("ci", "plan", "--save", "plan.json", "--report", "c.html"),
        ("ci", "apply"),
        ("ci", "drift"),
        ("ci", "verify"),
    ),
    "verify": (("verify",), ("verify", "--format", "json")),
    "journal": (
        ("journal", "show"),
        ("journal", "show", "--all", "--format", "json"),
        ("journal", "resolve", "none", "--no-effect", "--reason", "seen"),
    ),
    "halt": (("halt", "--reason", "stop", "--yes"), ("halt", "--reason", "stop", "--dry-run")),
    "fmt": (("fmt",), ("fmt", "--check", "--diff")),
    "lock": (("lock", "--check"), ("lock",)),
    "schema": (
        ("schema", "plan"),
        ("schema", "--account"),
        ("schema", "--account", "--write"),
        ("schema", "workspace", "--write"),
    ),
    "fleet": (
        ("fleet", "plan", ".", "--out", "plans"),
        ("fleet", "apply", "plans", "--checksum", "x"),
        ("fleet", "status", ".", "--format", "json"),
    ),
    "worker": (
        ("worker", "--queue", "store", "--once"),
        ("worker", "--queue", "postgresql://u@127.0.0.1:9/d", "--init"),
    ),
    "sandbox": (("sandbox", "--listen", "192.0.2.1:0"),),
    "demo": (("demo", "--help"),),
}
"""What each command is asked. A command without a row has no proof, and fails the first test."""

ONLINE = ("plan", "list", "doctor", "verify", "journal")
FAULTS = sorted(set(KINDS) - {"delay", "delay_after", "late"})
MEMBERS = list_id_of("Members")


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Stage]:
    """A draft that wants two writes, a campaign that could be halted; whoever asks has the canary."""
    with on_stage(tmp_path / "workspace", account(), CCOPS_ACCESS_TOKEN=CANARY) as stage:
        stage.world.add_campaign("Spring")
        stage.world.add_campaign("Live", lists=[MEMBERS], scheduled=START + timedelta(days=8))
        stage.write(
            manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"),
            manifest("Live", "Members", send_at="Tue 2027-03-09 09:00"),
        )
        yield stage


def with_token(stage: Stage, token: str) -> Stage:
    environment = {**stage.environment, "CCOPS_ACCESS_TOKEN": token}
    return Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=environment)


def at(stage: Stage, url: str) -> Stage:
    environment = {**stage.environment, "CCOPS_BASE_URL": url}
    return Stage(folder=stage.folder, world=stage.world, url=url, environment=environment)


def test_s03_every_command_has_a_row() -> None:
    """A new command is looked at before it is let in."""
    assert set(cli.COMMANDS) == set(RUNS)


def test_s03_undisturbed(held: Stage) -> None:
    """Every command, every format, every file that a run leaves."""
    runs = [held.run(*one) for name in cli.COMMANDS for one in RUNS[name]]
    assert held.effects()[:2] == ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]
    assert len(list(left_behind(held))) > 8
    assert sightings(held, runs) == []


@pytest.mark.parametrize("kind", FAULTS)
def test_s03_under_every_fault(held: Stage, kind: str) -> None:
    """Of every reading and every write, in every command that makes it."""
    runs = []
    for path in ("/v3/account/summary", "/v3/emails", "/v3/emails/activities/*"):
        held.world.faults.clear()
        held.fault(kind, "GET", path, times=99)
        runs += [held.run(name, *RUNS[name][0][1:]) for name in ONLINE]
    for method in ("PUT", "POST"):
        held.world.faults.clear()
        # A throttled write is made again after a second: once is enough.
        held.fault(kind, method, times=1 if kind == "throttled" else 99)
        runs += [held.run("apply", "--yes"), held.run("apply", "--yes", "--format", "json")]
    for method in ("GET", "DELETE"):
        held.world.faults.clear()
        held.fault(kind, method, times=1 if kind == "throttled" else 99)
        runs.append(held.run(*RUNS["halt"][0]))
    assert {one.code for one in runs} - {0}
    assert not [one for one in runs if "Traceback" in one.err]
    assert sightings(held, runs) == []


def test_s03_without_an_api(held: Stage) -> None:
    """Nobody listens, another account answers, the login has expired, the store is no folder."""
    nobody = at(held, "http://127.0.0.1:9")
    runs = [nobody.run("plan"), nobody.run("doctor")]
    held.world.set_switch("strict_auth", True)
    runs += [held.run(name) for name in ("plan", "list", "doctor")]
    held.world.add_token(CANARY, privileges=())
    runs += [held.run(name) for name in ("plan", "list", "doctor")]
    held.world.set_switch("strict_auth", False)
    text = (held.folder / "ccops.yaml").read_text("utf-8")
    (held.folder / "ccops.yaml").write_text(text.replace("account: ", "account: other"), "utf-8")
    runs += [held.run(name) for name in ("plan", "doctor")]
    (held.folder / "ccops.yaml").write_text(text, "utf-8")
    (held.folder / "file").write_text("", "utf-8")
    down = {**held.environment, "CCOPS_STATE_DIR": str(held.folder / "file")}
    storeless = Stage(folder=held.folder, world=held.world, url=held.url, environment=down)
    runs += [storeless.run(*one) for one in (("plan",), ("apply", "--yes"), ("doctor",))]
    assert {one.code for one in runs} == {1, 4, 9}
    assert sightings(held, runs) == []


UNFIT = {
    "a line break": f"{CANARY}\n",
    "a header after it": f"{CANARY}\r\nX-Evil: 1",
    "two words": f"Bearer {CANARY}",
    "non-ASCII": f"{CANARY}ä",
    "no UTF-8": f"{CANARY}\udcff",
    "an escape sequence": f"\x1b[2J{CANARY}",
}


@pytest.mark.parametrize("form", UNFIT)
def test_s03_a_token_of_another_form(held: Stage, form: str) -> None:
    """Refused before any request, by every command that would send it, and not repeated."""
    other = with_token(held, UNFIT[form])
    runs = [other.run(*one) for name in cli.COMMANDS for one in RUNS[name]]
    codes = {other.run(name).code for name in ("plan", "list", "doctor")}
    assert (codes, held.world.requests) == ({4}, ())
    assert sightings(held, runs) == []


@pytest.mark.parametrize("length", [4_000, 70_000])
def test_s03_a_very_long_token(held: Stage, length: int) -> None:
    """Longer than servers take: whatever they say, it is told without it and without a crash."""
    long = with_token(held, CANARY + "A" * length)
    runs = [long.run(name) for name in ("plan", "list", "doctor")]
    assert not [one for one in runs if "Traceback" in one.err]
    assert sightings(held, runs) == []


# A server that repeats what it was told.


def envelope(text: str) -> bytes:
    return json.dumps([{"error_key": "unauthorized", "error_message": text}]).encode()


def gateway(text: str) -> bytes:
    return json.dumps({"message": text}).encode()


JSON = ("Content-Type", "application/json")
HEADERS = [JSON, ("Location", f"https://a.example/?{CANARY}"), ("X-Echo", CANARY)]
TOLD = f"Bearer {CANARY} is no good"
ESCAPED = "".join(f"\\u{ord(one):04X}" for one in CANARY).encode()
ECHOES = {
    "401": Said(status="401 Unauthorized", body=envelope(TOLD), headers=HEADERS),
    "401 of the gateway": Said(status="401 Unauthorized", body=gateway(TOLD)),
    "403": Said(status="403 Forbidden", body=envelope(TOLD)),
    "403 of the gateway": Said(status="403 Forbidden", body=gateway(TOLD)),
    "the key": Said(
        status="400 Bad Request",
        body=json.dumps([{"error_key": CANARY, "error_message": CANARY}]).encode(),
    ),
    "oauth": Said(
        status="400 Bad Request",
        body=json.dumps({"error": "invalid_token", "error_description": TOLD}).encode(),
    ),
    "spelled in escapes": Said(
        status="400 Bad Request",
        body=b'[{"error_key": "k", "error_message": "' + ESCAPED + b'"}]',
    ),
    "404": Said(status="404 Not Found", body=envelope(TOLD)),
    "409": Said(status="409 Conflict", body=envelope(TOLD)),
    "429": Said(status="429 Too Many Requests", body=envelope(TOLD)),
    "500": Said(status="500 Internal Server Error", body=envelope(TOLD)),
    "a redirect": Said(status="307 Temporary Redirect", body=gateway(TOLD), headers=HEADERS),
    "a name": Said(body=json.dumps({"encoded_account_id": CANARY}).encode()),
    "a page": Said(body=f"<html>{TOLD}</html>".encode(), headers=[("Content-Type", "text/html")]),
}


def bending(said: Said, method: str, path: str) -> Bend:
    """Bend every answer to such a request, but that of a throttled write only once: it is waited for."""
    left = [said] * (1 if said.status.startswith("429") and method != "GET" else 99)

    def bend(asked: str, where: str) -> Said | None:
        met = asked == method and where.startswith(path) and left
        return left.pop() if met else None

    return bend


@pytest.mark.parametrize("form", ECHOES)
def test_s03_an_api_that_echoes(held: Stage, form: str) -> None:
    """Not when it is quoted in an error, a report, the journal or the answer to a write."""
    runs = []
    for method, path in (
        ("GET", "/v3/account/summary"),
        ("GET", "/v3/emails"),
        ("GET", "/v3/contact_lists"),
        ("PUT", ""),
        ("POST", ""),
        ("DELETE", ""),
    ):
        with bent(held.world, bending(ECHOES[form], method, path)) as url:
            commands = ONLINE if method == "GET" else ("journal", "verify")
            runs += [at(held, url).run(name, *RUNS[name][0][1:]) for name in commands]
            runs.append(at(held, url).run("apply", "--yes"))
            runs.append(at(held, url).run("apply", "--yes", "--format", "json"))
            if method == "DELETE":
                runs.append(at(held, url).run(*RUNS["halt"][0]))
    assert {one.code for one in runs} - {0}
    assert not [one for one in runs if "Traceback" in one.err]
    assert sightings(held, runs) == []


RAW: Mapping[str, Answer] = {
    "an illegal header": then_hang_up(f"HTTP/1.1 200 OK\r\n{TOLD}\r\n\r\n".encode()),
    "an illegal status line": then_hang_up(f"{TOLD}\r\n\r\n".encode()),
    "an illegal header name": then_hang_up(f"HTTP/1.1 200 OK\r\n{CANARY} : 1\r\n\r\n".encode()),
    "an illegal length": http("200 OK", b"", f"Content-Length: {CANARY}"),
    "an illegal chunk": then_hang_up(
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n".encode()
    ),
    "an encoding": http("200 OK", b"x", f"Content-Encoding: {CANARY}"),
    "a transfer encoding": http("200 OK", b"x", f"Transfer-Encoding: {CANARY}"),
    "a time": http("200 OK", b"{}", f"Date: {CANARY}"),
    "a waiting time": http("503 Busy", b"{}", f"Retry-After: {CANARY}"),
    "a reason phrase": http(f"418 {TOLD}", b"{}"),
}


@pytest.mark.parametrize("form", RAW)
def test_s03_a_server_that_speaks_no_http(held: Stage, form: str) -> None:
    """The HTTP library's own errors quote the bytes that they could not understand."""
    for name in ("plan", "doctor"):
        with serving(*[RAW[form]] * 9) as server:
            done = at(held, server.origin).run(name)
        assert server.requests
        assert (done.code, "Traceback" in done.err) in {(1, False), (4, False)}
        assert sightings(held, [done]) == []


# The other secret that a process may be given: the password of its store.

STORES = (
    "postgresql://ccops:{}@127.0.0.1:9/ccops",
    "postgresql://ccops@127.0.0.1:9/ccops?password={}",
    "postgresql://ccops:{}@127.0.0.1:nine/ccops",
    "postgres://ccops:{}@[::1/ccops",
    "mysql://ccops:{}@127.0.0.1:9/ccops",
)


@pytest.mark.parametrize("form", STORES)
def test_s03_the_password_of_a_store(held: Stage, form: str) -> None:
    """Not when the store is down, its address is wrong, or it is of no kind that there is."""
    environment = {**held.environment, "CCOPS_STORE": form.format(NEEDLE)}
    other = Stage(folder=held.folder, world=held.world, url=held.url, environment=environment)
    asked = (("plan",), ("apply", "--yes"), ("doctor",), ("doctor", "--format", "json"))
    runs = [other.run(*one) for one in asked]
    assert {one.code for one in runs} <= {3, 9}
    assert not [one for one in runs if "Traceback" in one.err]
    assert sightings(held, runs) == []


# A bug of ccops itself.


class PlantedError(Exception):
    """A bug whose words hold what was at hand."""


def test_s03_a_crash(held: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback of a bug shows everything but the token, on lines that no log obeys."""

    def broken(*_: object, **__: object) -> JsonObject:
        raise PlantedError(f"authorization: Bearer {CANARY}\n::add-mask::x \x1b[2J")

    monkeypatch.setattr(planned, "survey", broken)
    runs = [held.run("plan"), held.run("apply", "--yes")]
    assert [one.code for one in runs] == [1, 1]
    assert all("PlantedError: authorization: Bearer ***" in one.err for one in runs)
    assert all("This is a bug in ccops" in one.err for one in runs)
    assert not [one for one in runs if "\n::" in one.err or "\x1b" in one.err]
    assert sightings(held, runs) == []


LOGGING = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"


def test_s03_the_libraries_logs(held: Stage, tmp_path: Path) -> None:
    """Somebody turns every log on, and Python's own development mode."""
    (tmp_path / "usercustomize.py").write_text(LOGGING, "utf-8")
    (tmp_path / "sitecustomize.py").write_text(LOGGING, "utf-8")
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        **held.environment,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "HTTPX_LOG_LEVEL": "trace",
        "PYTHONASYNCIODEBUG": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-m", "ccops", "apply", "--yes"],
        cwd=held.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    done = finish(process)
    assert (done.code, "DEBUG:httpcore" in done.err) == (0, True)
    assert sightings(held, [done]) == []


# What a process shows of itself.


def with_cores() -> None:
    """Let this process leave core files as large as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells it")
def test_s03_a_process_shows_nothing(held: Stage) -> None:
    """Not in its command line; no core file could hold it; and no child inherits it."""
    with window(held, "PUT") as opened:
        process = held.start("apply", "--yes", preexec_fn=with_cores)
        opened.wait()
        shown = Path(f"/proc/{process.pid}")
        line = (shown / "cmdline").read_bytes()
        core = [one for one in (shown / "limits").read_text().splitlines() if "core file" in one]
        children = (shown / "task" / str(process.pid) / "children").read_text()
        opened.release()
        done = finish(process)
    assert done.code == 0
    assert b"apply" in line
    assert NEEDLE.encode() not in line
    assert core[0].split()[4] == "0"
    assert children == ""


def test_s03_no_option_takes_a_token() -> None:
    """What is given on a command line can be read by everybody on the machine."""
    context = click.Context(cli.cli)
    commands = [cli.cli, *(cli.cli.get_command(context, name) for name in cli.COMMANDS)]
    words = [one for command in commands if command for one in _options(command)]
    assert "--base-url" in words
    assert not [one for one in words if "token" in one or "secret" in one or "password" in one]


def _options(command: click.Command) -> list[str]:
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    own = [word for option in command.params for word in option.opts]
    return own + [word for one in inner for word in _options(one)]


def test_s03_the_demo_hands_no_token_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one command that starts processes gives them a word of its own."""
    monkeypatch.setenv("CCOPS_ACCESS_TOKEN", CANARY)
    inherited = demo_stage.environment("http://127.0.0.1:1", "scratch")
    assert inherited["CCOPS_ACCESS_TOKEN"] == "demo"
    assert CANARY not in inherited.values()


def test_s03_an_interrupt(held: Stage) -> None:
    """Stopped in the middle of a request: no traceback, no token."""
    with window(held, "GET", "/v3/emails") as opened:
        process = held.start("plan")
        opened.wait()
        process.terminate()
        done: Done = finish(process)
    assert sightings(held, [done]) == []
