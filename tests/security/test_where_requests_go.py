"""S-04 to S-09 for the whole program: nothing goes elsewhere, and no answer drowns it."""

import json
import os
import socket
import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from ccops import cli
from tests.e2e.stage import TOKEN, Stage, manifest
from tests.security.bent import Bend, Said, bent
from tests.security.measured import LINUX, measured
from tests.transport.scripted_server import serving

CERTIFICATE = Path(__file__).parents[1] / "transport" / "localhost.pem"
MARCH_9 = "Tue 2027-03-09 09:00"


@contextmanager
def elsewhere() -> Iterator[str]:
    """Another server on this machine, to which nobody ever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(BlockingIOError):
            listener.accept()


def on(path: str, said: Said, *methods: str) -> Bend:
    """Answer so to every request of this path, whatever the method."""
    wanted = methods or ("GET",)
    return lambda method, where: said if method in wanted and where.startswith(path) else None


# S-04: a link to the next page. The two plainest forms stand in tests/e2e/test_faults.py.

LISTINGS = {
    "/v3/emails": "campaigns",
    "/v3/contact_lists": "lists",
    "/v3/segments": "segments",
}
LINKS = (
    "http://{evil}{path}?cursor=a",
    "https://{evil}{path}?cursor=a",
    "//{evil}{path}?cursor=a",
    "/\\{evil}{path}?cursor=a",
    "\\\\{evil}{path}?cursor=a",
    "http:\\\\{evil}{path}?cursor=a",
    "http://api.cc.email@{evil}{path}?cursor=a",
    "http://{evil}#@api.cc.email{path}?cursor=a",
    "http://api.cc.email.{evil}{path}?cursor=a",
    "http://evil.example@{evil}{path}?cursor=a",
    "{path}/../../../x?cursor=a",
    "{path}/%2e%2e/x?cursor=a",
    "http://api.cc.email/elsewhere?cursor=a",
    " http://{evil}{path}?cursor=a",
    "\thttp://{evil}{path}?cursor=a",
    "{path}?cursor=a\r\nHost: {evil}",
    "javascript:{path}?cursor=a",
    "file://{path}?cursor=a",
    "{path}?cursor=" + "a" * 100_000,
)


def leading(path: str, form: str, evil: str) -> Bend:
    """Let the listing go on at a link of this form."""

    def bend(method: str, where: str) -> Said | None:
        href = form.format(evil=evil, path=path)
        page = {LISTINGS[path]: [], "_links": {"next": {"href": href}}}
        return Said(body=json.dumps(page).encode()) if (method, where) == ("GET", path) else None

    return bend


@pytest.mark.parametrize("path", LISTINGS)
def test_s04_no_link_leads_anywhere_else(draft: Stage, path: str) -> None:
    """Each form, in each listing: exit 1, nobody else is connected to, and nothing is written."""
    draft.world.add_campaign("Winter")
    draft.write(manifest("Winter", segment="Active", send_at=MARCH_9), name="two.yaml")
    for form in LINKS:
        with elsewhere() as evil, bent(draft.world, leading(path, form, evil)) as url:
            done = draft.run("apply", "--yes", "--base-url", url)
        assert (done.code, "CC512" in done.err) == (1, True), form
        assert len(done.err) < 2_000
    assert draft.writes() == []


# S-05: redirects.


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_s05_no_redirect_is_followed(draft: Stage, status: int) -> None:
    """Neither to another host nor to another path, from no reading and no write of an apply."""
    for method, path, location in (
        ("GET", "/v3/account/summary", "http://{evil}/v3/account/summary"),
        ("GET", "/v3/emails", "//{evil}/v3/emails"),
        ("GET", "/v3/emails", "/v3/elsewhere"),
        ("PUT", "/", "http://{evil}/"),
        ("POST", "/", "/v3/elsewhere"),
    ):
        with elsewhere() as evil:
            headers = [("Location", location.format(evil=evil)), ("Content-Length", "0")]
            moved = Said(status=f"{status} Moved", headers=headers)
            with bent(draft.world, on(path, moved, method)) as url:
                done = draft.run("apply", "--yes", "--base-url", url)
        assert done.code in ({1} if method == "GET" else {8, 10})
    assert "/v3/elsewhere" not in {one.path for one in draft.world.requests}
    assert draft.writes() == ["PUT Spring [Members]"]


# S-06: where the token may be sent.

FORBIDDEN = (
    "http://169.254.169.254",
    "http://[fd00:ec2::254]",
    "https://metadata.google.internal",
    "https://api.cc.email.evil.example",
    "https://api.cc.email@evil.example",
    "https://evil.example/#https://api.cc.email",
    "https://api.cc.email:8443",
    "http://api.cc.email",
    "http://0.0.0.0:8025",
    "http://127.0.0.1.evil.example",
    "http://2130706433",
    "http://0x7f.1",
    "file:///etc/passwd",
)


@pytest.mark.parametrize("url", FORBIDDEN)
def test_s06_only_the_api_and_this_machine(draft: Stage, url: str) -> None:
    """By flag or by variable, a look-alike is a mistake of usage, and no request is made."""
    other = Stage(
        folder=draft.folder,
        world=draft.world,
        url=url,
        environment={**draft.environment, "CCOPS_BASE_URL": url},
    )
    runs = [other.run("plan"), other.run("doctor"), draft.run("list", "--base-url", url)]
    assert [(one.code, "CC290" in one.out + one.err) for one in runs] == [(3, True)] * 3
    assert draft.world.requests == ()


@pytest.mark.parametrize("key", ["origin", "base_url", "api", "proxy", "token", "ca_bundle"])
def test_s06_no_file_names_an_origin(draft: Stage, key: str) -> None:
    """What a pull request can change does not say where the token goes."""
    path = draft.folder / "ccops.yaml"
    path.write_text(f"{path.read_text('utf-8')}{key}: http://127.0.0.1:1\n", "utf-8")
    done = draft.run("plan")
    assert (done.code, "CC101" in done.err, draft.world.requests) == (3, True, ())


# S-07 and S-08: what else could come between.


def test_s07_no_proxy_and_no_netrc_of_the_machine(draft: Stage) -> None:
    """The account is reached directly and with the token, whatever lies about."""
    draft.world.add_token(TOKEN)
    draft.world.set_switch("strict_auth", True)
    home = Path(os.environ["HOME"])
    home.mkdir(parents=True, exist_ok=True)
    (home / ".netrc").write_text("machine 127.0.0.1 login a password b\ndefault login c\n")
    with elsewhere() as evil:
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        environment = {
            **draft.environment,
            **dict.fromkeys(names, f"http://{evil}"),
            "NO_PROXY": "",
            "NETRC": str(home / ".netrc"),
        }
        stage = Stage(
            folder=draft.folder, world=draft.world, url=draft.url, environment=environment
        )
        assert stage.process("apply", "--yes").code == 0
    assert len(stage.effects()) == 2
    assert {one.status for one in draft.world.requests} <= {200, 201}


def test_s08_a_certificate_that_nobody_vouches_for(draft: Stage, tmp_path: Path) -> None:
    """No byte of the request leaves, no variable makes up for it, and no keys are written down."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    keys = tmp_path / "keys"
    environment = {
        **draft.environment,
        "SSLKEYLOGFILE": str(keys),
        "PYTHONHTTPSVERIFY": "0",
        "CURL_CA_BUNDLE": "",
        "REQUESTS_CA_BUNDLE": str(CERTIFICATE),
    }
    stage = Stage(folder=draft.folder, world=draft.world, url="", environment=environment)
    with serving(tls=context) as server:
        done = stage.process("plan", "--base-url", f"https://127.0.0.1:{server.port}")
    assert (done.code, "CC501" in done.err) == (1, True)
    assert server.connections > 0
    assert server.requests == []
    assert not keys.exists()


def test_s08_no_switch_turns_it_off() -> None:
    """Neither an option of a command nor a key of a file."""
    context = click.Context(cli.cli)
    commands = [cli.cli, *(cli.cli.get_command(context, name) for name in cli.COMMANDS)]
    words = {word for one in commands if one for option in one.params for word in option.opts}
    assert "--base-url" in words
    suspicious = ("insecure", "verify", "tls", "ssl", "cert", "proxy")
    assert not [word for word in words if any(one in word for one in suspicious)]
    schema = Path(__file__).parents[2] / "schemas" / "workspace.schema.json"
    keys = json.loads(schema.read_text("utf-8"))["properties"]
    assert not [key for key in keys if any(one in key for one in suspicious)]


# S-09: answers that are too much.

TOO_MUCH: Mapping[str, tuple[bytes, str]] = {
    "six megabytes": (b'"' + b"x" * (6 << 20) + b'"', "CC504"),
    "brackets": (b"[" * 100_000, "CC510"),
    "closed brackets": (b"[" * 90 + b"]" * 90, "CC510"),
    "objects": (b'{"a":' * 100_000, "CC510"),
    "a key twice": (b'{"campaigns": [], "campaigns": []}', "CC510"),
    "no number": (b'{"campaigns": [NaN]}', "CC510"),
    "a number of a million digits": (b'{"a": ' + b"9" * 1_000_000 + b"}", "CC510"),
    "no UTF-8": (b'{"a": "\xff"}', "CC510"),
    "nothing": (b"", "CC510"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_s09_an_answer_that_is_too_much(draft: Stage, name: str) -> None:
    """Refused with its code, without a crash and without repeating it."""
    body, code = TOO_MUCH[name]
    with bent(draft.world, on("/v3/emails", Said(body=body))) as url:
        done = draft.run("plan", "--base-url", url)
    assert (done.code, code in done.err, "Traceback" in done.err) == (1, True, False), done.err
    assert len(done.err) < 2_000


@LINUX
def test_s09_a_gzip_bomb(draft: Stage) -> None:
    """A megabyte that unpacks to 256 is not unpacked: the process stays below 200."""
    pack = zlib.compressobj(1, wbits=31)
    bomb = b"".join(pack.compress(bytes(1 << 20)) for _ in range(256)) + pack.flush()
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    with bent(draft.world, on("/v3/emails", Said(body=bomb, headers=headers))) as url:
        done, memory = measured(draft, "plan", "--base-url", url)
    assert (done.code, "CC504" in done.err) == (1, True), done
    assert memory < 200


def test_s09_a_listing_without_an_end(draft: Stage) -> None:
    """Each page is new and leads to another one: it ends after the pages that an account can have."""
    asked = [0]

    def bend(method: str, path: str) -> Said | None:
        if (method, path) != ("GET", "/v3/emails"):
            return None
        asked[0] += 1
        page = {"campaigns": [], "_links": {"next": {"href": f"/v3/emails?next={asked[0]}"}}}
        return Said(body=json.dumps(page).encode())

    with bent(draft.world, bend) as url:
        done = draft.run("plan", "--base-url", url)
    assert (done.code, "CC513" in done.err) == (1, True)
    assert asked[0] <= 1_000
