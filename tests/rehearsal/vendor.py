"""A pretended Constant Contact with thousands of accounts, as a process of its own on loopback.

Each account is a world of the sandbox, so that it answers, refuses and sends as one. In front of
all of them stands one gate. What came, and what it did, is written down here and told at the end:
nothing of it is taken from ccops.
"""

import gc
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ccops.sandbox import server
from ccops.sandbox.app import make_app
from ccops.sandbox.envelopes import ApiError, quota_exceeded, throttled, unauthorized
from ccops.sandbox.exchange import Answer, answer, refusal
from ccops.sandbox.records import Activity
from ccops.sandbox.world import World
from tests.rehearsal.gate import Admission, Gate
from tests.rehearsal.town import SENDS, Size, account_id, changes, copy_of, token, world

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_NAP = 0.01
_REFUSALS: dict[Admission, Callable[[], ApiError]] = {
    Admission.THROTTLED: throttled,
    Admission.QUOTA: quota_exceeded,
}


@dataclass(slots=True)
class Vendor:
    """All accounts behind one gate. `writes` are [account, campaign, method, body, status]."""

    worlds: dict[str, World]
    gate: Gate
    lock: threading.Lock = field(default_factory=threading.Lock)
    by_account: Counter[str] = field(default_factory=Counter)
    writes: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    busy: Counter[str] = field(default_factory=Counter)
    overlaps: int = 0
    stalled: float = 0.0
    by_token: dict[str, str] = field(init=False)
    apps: "dict[str, WSGIApplication]" = field(init=False)
    strangers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.by_token = {token(one): one for one in self.worlds}
        self.apps = {name: make_app(one) for name, one in self.worlds.items()}
        self.strangers = self.untouched()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request (WSGI)."""
        if environ["PATH_INFO"] == "/__rehearsal/report":
            return _reply(answer(200, self.report()), start_response)
        account = self.by_token.get(environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        if account is None:
            return _reply(refusal(unauthorized()), start_response)
        with self.lock:
            day = f"{datetime.fromtimestamp(time.time(), UTC):%Y-%m-%d}"
            admission = self.gate.admit(time.monotonic(), day)
            self.by_account[account] += 1
        if admission is not Admission.IN:
            return _reply(refusal(_REFUSALS[admission]()), start_response)
        if environ["REQUEST_METHOD"] == "GET":
            return self.apps[account](environ, start_response)
        return self._write(account, environ, start_response)

    def _write(
        self, account: str, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass a write on, and write it down; two at once to one activity are an overlap."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = _Again(body)  # type: ignore[typeddict-item]  # it reads, which is all
        said: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            said.append(status)
            return start_response(status, headers, *more)

        what = f"{account} {environ['PATH_INFO'].split('/')[4]}"
        with self.lock:
            self.busy[what] += 1
            self.overlaps += self.busy[what] > 1
        try:
            return self.apps[account](environ, start)
        finally:
            with self.lock:
                self.busy[what] -= 1
                activity = environ["PATH_INFO"].split("/")[4]
                known = self.worlds[account].activities[activity]
                name = self.worlds[account].campaigns[known.campaign_id].name
                status = int(said[0].split()[0]) if said else 0
                self.writes.append(
                    (account, name, environ["REQUEST_METHOD"], body.decode(), status)
                )

    def feel(self) -> None:
        """Notice for ever how long this process is kept waiting: requests queue up meanwhile."""
        while True:
            due = time.monotonic() + _NAP
            time.sleep(_NAP)
            self.stalled = max(self.stalled, time.monotonic() - due)

    def untouched(self) -> dict[str, int]:
        """Digest every campaign of every account that no change is about."""
        return {name: hash(tuple(_state(one))) for name, one in self.worlds.items()}

    def report(self) -> dict[str, object]:
        """Tell what came and what it did; then let every send happen that is due by 2032."""
        before, after = self.strangers, self.untouched()
        schedules = {name: _schedules(one) for name, one in self.worlds.items() if _of(one)}
        for one in self.worlds.values():
            one.move_to(SENDS + timedelta(days=90))
        return {
            "count": self.gate.count,
            "days": dict(self.gate.days),
            "worst": self.gate.worst,
            "over": self.gate.over,
            "beyond": self.gate.beyond,
            "by_account": dict(self.by_account),
            "writes": self.writes,
            "overlaps": self.overlaps,
            "stalled": self.stalled,
            "strangers_changed": sum(before[name] != after[name] for name in before),
            "schedules": schedules,
            "sends": {name: _sends(one) for name, one in self.worlds.items() if _of(one)},
            "accounts": len(self.worlds),
            "campaigns": sum(len(one.campaigns) for one in self.worlds.values()),
        }


DECLARED: dict[str, set[str]] = {}
"""The campaigns that a change is about, by account."""


def _of(one: World) -> set[str]:
    return DECLARED.get(one.encoded_account_id, set())


def _primaries(one: World) -> Iterable[tuple[str, Activity]]:
    for campaign in one.campaigns.values():
        yield campaign.name, one.primary(campaign)


def _state(one: World) -> Iterable[tuple[object, ...]]:
    for name, activity in _primaries(one):
        if name not in _of(one):
            yield (name, activity.status, activity.scheduled, activity.contact_list_ids)


def _schedules(one: World) -> dict[str, tuple[str, str, list[str]]]:
    return {
        name: (
            activity.status,
            "" if activity.scheduled is None else activity.scheduled.isoformat(),
            [one.lists[key].name for key in activity.contact_list_ids],
        )
        for name, activity in _primaries(one)
        if name in _of(one)
    }


def _sends(one: World) -> list[tuple[str, str, int]]:
    return [
        (send.campaign_name, send.time.isoformat(), send.count)
        for send in one.sends
        if send.campaign_name in _of(one)
    ]


class _Again:
    """A body that was read, to be read again."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        size = len(self._body) if size < 0 else size
        taken, self._body = self._body[:size], self._body[size:]
        return taken


def _reply(said: Answer, start_response: "StartResponse") -> list[bytes]:
    length = ("Content-Length", str(len(said.body)))
    kind = ("Content-Type", said.content_type)
    date = f"{datetime.fromtimestamp(time.time(), UTC):%a, %d %b %Y %H:%M:%S GMT}"
    start_response(f"{said.status} Told", [kind, length, ("Date", date)])
    return [said.body]


def main(text: str) -> None:
    """Serve a fleet of this size until killed; say where on stdout."""
    size = Size(**json.loads(text))
    declared = changes(size)
    DECLARED.update({name: {one.campaign for one in of} for name, of in declared.items()})
    names = [account_id(number) for number in range(size.accounts)]
    template = world("template", (), size.campaigns)
    worlds = {
        name: world(name, declared[name], size.campaigns)
        if name in declared
        else copy_of(template, name)
        for name in names
    }
    gc.freeze()
    vendor = Vendor(worlds, Gate(rate=size.rate, window=size.window, per_day=size.per_day))
    # What measures is not to be kept waiting: its own queue would look like too many at once.
    with suppress(OSError):
        os.nice(-5)
    threading.Thread(target=vendor.feel, daemon=True).start()
    server.make_app = lambda _world: vendor  # type: ignore[assignment]  # what the server serves
    server.serve_forever(World(), ready=lambda url: print(url, flush=True))


def argument(size: Size) -> str:
    """Write the size for another process."""
    return json.dumps(asdict(size))


if __name__ == "__main__":
    main(sys.argv[1])
