"""What only reads, writes nothing; what was written once, is not written again."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.resources import copy_examples
from ccops.sandbox.app import make_app
from ccops.sandbox.seed import seed
from ccops.sandbox.world import World
from tests.e2e.stage import START, Stage, account, manifest, on_stage, workspace

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ALLOW = ("--allow", "send-now=Product Recall", "--reason", "The handle can break")
READING = (
    ("validate",),
    ("plan", *ALLOW, "--save", "plan.json"),
    ("plan",),
    ("plan", "--format", "json"),
    ("plan", "--format", "markdown"),
    ("plan", "--show-requests", "--detailed-exitcode"),
    ("plan", "--select", "tag:appeal"),
    ("plan", "--out", "text=p.txt", "--out", "json=p.json", "--out", "markdown=p.md"),
    ("show", "plan.json"),
    ("show", "plan.json", "--format", "json", "--show-requests"),
    ("show", "plan.json", "--format", "markdown"),
    ("list",),
    ("list", "--format", "json"),
    ("doctor",),
    ("doctor", "--format", "json"),
    ("schema", "campaign"),
    ("schema", "workspace"),
    ("schema", "plan"),
    ("apply", "--dry-run"),
    ("apply", "--dry-run", "--format", "json"),
    ("apply", "plan.json", "--dry-run"),
    ("apply", "--dry-run", "--yes", *ALLOW),
)


@pytest.fixture
def examples(tmp_path: Path) -> Iterator[Stage]:
    """The workspace that ships as an example, on the account of the demo."""
    with on_stage(tmp_path / "workspace", seed("demo")) as stage:
        (stage.folder / "ccops.yaml").unlink()
        copy_examples(stage.folder)
        yield stage


def test_every_reading_command_makes_gets_alone(examples: Stage) -> None:
    """The examples hold one change of every kind; not one write leaves before an apply."""
    codes = {arguments: examples.run(*arguments).code for arguments in READING}
    assert set(codes.values()) <= {0, 2, 6}
    assert {one.method for one in examples.world.requests} == {"GET"}
    assert examples.world.sends == ()


def test_offline_commands_make_no_request(examples: Stage) -> None:
    """`validate`, `show` and `schema` need no account."""
    examples.run("plan", *ALLOW, "--save", "plan.json")
    examples.world.log.clear()
    for arguments in (("validate",), ("show", "plan.json"), ("schema",)):
        assert examples.run(*arguments).code == 0
    assert examples.world.requests == ()


def test_applying_twice_writes_once(examples: Stage) -> None:
    """The second run of the same plan, and a run of a new one, make no write."""
    examples.run("plan", *ALLOW, "--save", "plan.json")
    saved = json.loads((examples.folder / "plan.json").read_text("utf-8"))
    apply = ("apply", "plan.json", "--checksum", saved["checksum"])
    assert examples.run(*apply).code == 0
    written = examples.writes()
    assert len(written) == saved["summary"]["requests"] == 12
    assert examples.run(*apply).code == 0
    assert examples.run("apply", "--yes").code == 0
    assert examples.writes() == written


def test_the_plan_after_an_apply_is_empty(examples: Stage) -> None:
    """Nothing is left to write, and `--detailed-exitcode` says so."""
    checksum = examples.run("plan", *ALLOW, "--format", "json").document["checksum"]
    assert examples.run("apply", *ALLOW, "--checksum", checksum).code == 0
    after = examples.run("plan", "--format", "json", "--detailed-exitcode")
    assert after.code == 0
    assert [one["requests"] for one in after.document["changes"]] == [[]] * 8
    assert after.document["status"] == "clean"


def test_an_empty_plan_applies_without_a_question(examples: Stage) -> None:
    """Nothing to write needs no `--yes`, and makes no request that could write."""
    (examples.folder / "campaigns").rename(examples.folder / "old")
    examples.write(manifest("Winter Sale", "Customers", send_at="unscheduled"))
    assert examples.run("apply", "--yes").code == 0
    done = examples.run("apply")
    assert (done.code, examples.writes()) == (0, ["PUT Winter Sale [Customers]"])


# The order of files, of lists and of the API's pages is nobody's decision, so it decides nothing.


@dataclass(kw_only=True)
class Pages:
    """A server between ccops and the sandbox that hands out pages as small as it is told."""

    limit: int = 500
    app: "WSGIApplication" = field(init=False)
    world: World = field(default_factory=account)

    def __post_init__(self) -> None:
        self.app = make_app(self.world)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        query = dict(parse_qsl(environ["QUERY_STRING"]))
        if "limit" in query:
            environ["QUERY_STRING"] = urlencode({**query, "limit": str(self.limit)})
        return self.app(environ, start_response)


class Silent(WSGIRequestHandler):
    """A handler that keeps no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def paged(pages: Pages) -> Iterator[str]:
    with make_server("127.0.0.1", 0, pages, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


MANIFESTS: tuple[Callable[[list[str]], str], ...] = (
    lambda lists: manifest("Draft", *lists, send_at="Tue 2027-03-09 09:00"),
    lambda lists: manifest("Other draft", *_two(lists), send_at="Tue 2027-03-09 09:00"),
    lambda lists: manifest("Scheduled", *lists, send_at="Wed 2027-03-10 09:00"),
    lambda _: manifest("Sent", segment="Active", send_at="Sun 2027-02-28 09:00"),
    lambda _: manifest("Absent", "Board", send_at="Sun 2027-03-28 09:00"),
)
NAMES = ("Draft", "Other draft", "Scheduled", "Sent", "Stranger", "Another")


def furnished() -> World:
    world = account()
    for name in NAMES:
        scheduled = START + timedelta(days=8) if name in {"Scheduled", "Stranger"} else None
        past = [START - timedelta(days=1)] if name == "Sent" else []
        world.add_campaign(name, scheduled=scheduled, history=past)
    return world


def test_order_and_paging_never_change_the_plan(tmp_path: Path) -> None:
    """One checksum and one text, however manifests, lists, pages and rows are dealt."""
    pages = Pages(world=furnished())
    folder = tmp_path / "workspace"
    with paged(pages) as url, on_stage(folder, pages.world, CCOPS_BASE_URL=url) as stage:

        @settings(max_examples=20)
        @given(
            order=st.permutations(range(len(MANIFESTS))),
            files=st.lists(st.sampled_from("abc"), min_size=5, max_size=5),
            lists=st.permutations(["Members", "Donors", "Board"]),
            limit=st.sampled_from([1, 2, 3, 500]),
            newest=st.permutations(NAMES),
        )
        def planned(
            order: list[int], files: list[str], lists: list[str], limit: int, newest: list[str]
        ) -> None:
            pages.limit = limit
            _deal_rows(pages.world, newest)
            _deal_files(stage, order, files, lists)
            seen.add(_essence(stage))

        seen: set[tuple[str, ...]] = set()
        planned()
    assert len(seen) == 1


def _deal_rows(world: World, newest: list[str]) -> None:
    for age, name in enumerate(newest):
        campaign = world.campaigns[world.campaign_by_name[name]]
        world.put_campaign(replace(campaign, updated_at=START - timedelta(minutes=age)))


def _deal_files(stage: Stage, order: list[int], files: list[str], lists: list[str]) -> None:
    for path in stage.folder.glob("campaigns/*"):
        path.unlink()
    texts: dict[str, list[str]] = {}
    for number, file in zip(order, files, strict=True):
        texts.setdefault(file, []).append(MANIFESTS[number](lists))
    for file, manifests in texts.items():
        stage.write(*manifests, name=f"{file}.yaml")


def _two(lists: list[str]) -> list[str]:
    return [one for one in lists if one != "Board"]


def _essence(stage: Stage) -> tuple[str, ...]:
    """Checksum, verdicts in order, and requests; the places in the files differ, of course."""
    done = stage.run("plan", "--format", "json")
    assert done.code == 6
    changes = done.document["changes"]
    return (
        done.document["checksum"],
        *(f"{one['campaign']}: {one['verdict']}" for one in changes),
        *(json.dumps(one["requests"]) for one in changes),
    )


def test_limits_do_not_change_the_plan(stage: Stage) -> None:
    """Waiting times are how a plan is carried out, not what is approved."""
    stage.world.add_campaign("Draft")
    stage.write(manifest("Draft", "Members", send_at="Tue 2027-03-09 09:00"))
    before = stage.run("plan", "--format", "json").document["checksum"]
    workspace(stage.folder, stage.world, settle="3 seconds", request_gap="1 ms")
    assert stage.run("plan", "--format", "json").document["checksum"] == before
