"""A person with a browser: opens the page that a login shows, and is sent back."""

import re
import subprocess
import webbrowser
from dataclasses import dataclass
from threading import Thread
from typing import IO
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from ccops.sandbox.world import World
from tests.e2e.stage import Done, Stage, finish

CLIENT = "app-of-the-tests"
TOKEN_PATH = "/oauth2/default/v1/token"
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+/\S+)")
LOGIN = ("auth", "login", "--no-browser", "--client-id", CLIENT)


class _Stay(HTTPRedirectHandler):
    """Follow nothing."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]  # any request: no
        """Follow nothing."""


def visit(url: str, *, follow: bool = True) -> tuple[int, str, str]:
    """Open an address; return its status, its body and where it leads."""
    opener = build_opener() if follow else build_opener(_Stay())
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.status, answer.read().decode(), ""
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers.get("Location", "")


def back(url: str) -> str:
    """Consent at the authorize page (or not: the sandbox's switch); return where it leads."""
    status, _, location = visit(url, follow=False)
    assert status == 302
    return location


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingIn:
    """A login under way, and the page that it wants opened."""

    process: "subprocess.Popen[str]"
    url: str
    said: str

    def done(self) -> Done:
        """Wait for its end."""
        rest = finish(self.process)
        return Done(code=rest.code, out=rest.out, err=self.said + rest.err)


def begin(stage: Stage, *more: str) -> LoggingIn:
    """Start a login and wait for the page that it shows."""
    process = stage.start(*LOGIN, *more)
    assert process.stderr is not None
    said, url = _read_to_address(process.stderr)
    assert url, said
    return LoggingIn(process=process, url=url, said=said)


def _read_to_address(stream: IO[str]) -> tuple[str, str]:
    said = ""
    for line in iter(stream.readline, ""):
        said += line
        if found := ADDRESS.search(line):
            return said, found[1]
    return said, ""


def begin_device(stage: Stage) -> LoggingIn:
    """Start a device login and wait for the page that holds the code."""
    under_way = begin(stage, "--device")
    assert under_way.process.stderr is not None
    said, url = _read_to_address(under_way.process.stderr)
    return LoggingIn(process=under_way.process, url=url, said=under_way.said + said)


class _Person(webbrowser.BaseBrowser):
    """Opens what it is asked to open, as a browser does: beside the program that asked."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: ARG002 - as given
        Thread(target=visit, args=(url,)).start()
        return True


def log_in(stage: Stage, *more: str) -> Done:
    """Log in, in this process, as somebody who consents."""
    webbrowser.register("person", None, _Person(), preferred=True)
    return stage.run("auth", "login", "--client-id", CLIENT, *more)


def query_of(url: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def asked_for_tokens(world: World) -> list[tuple[str, int | None]]:
    """Every request of the token endpoint: its grant type, and its status."""
    return [
        (dict(parse_qsl(one.body)).get("grant_type", ""), one.status)
        for one in world.requests
        if one.path == TOKEN_PATH
    ]


def secrets_of(world: World) -> list[str]:
    """Every token and code that the sandbox ever issued and still knows."""
    return [*world.tokens, *world.grants]
