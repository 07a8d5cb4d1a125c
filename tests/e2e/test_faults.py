"""Whatever happens to a request: in the end the account is as desired, by one POST a send."""

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from ccops.sandbox.app import make_app
from ccops.sandbox.ids import list_id_of
from ccops.sandbox.world import World
from tests.e2e.stage import START, TOKEN, Stage, account, manifest, on_stage, workspace

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

WRITES = [
    "DELETE Moved",
    "PUT Moved [Donors]",
    "POST Moved 2027-03-10T14:00:00.000Z",
    "PUT New [Members]",
    "POST New 2027-03-09T14:00:00.000Z",
]
POINTS = [(line.split()[0], place) for place, line in enumerate(WRITES)]
WITHOUT_EFFECT = ("drop_before", "html502", "redirect")
WITH_EFFECT = ("drop_after", "500_after", "truncate")
READINGS = 28
"""How many activities, schedules and histories an apply of these two reads, or a few more."""


def furnish(stage: Stage) -> Stage:
    """One campaign to move to other recipients and another time, one to schedule."""
    next_week = START + timedelta(days=8)
    stage.world.add_campaign("Moved", lists=[list_id_of("Members")], scheduled=next_week)
    stage.world.add_campaign("New")
    stage.write(
        manifest("Moved", "Donors", send_at="Wed 2027-03-10 09:00"),
        manifest("New", "Members", send_at="Tue 2027-03-09 09:00"),
    )
    return stage


@pytest.fixture
def two(stage: Stage) -> Stage:
    return furnish(stage)


def as_desired(stage: Stage) -> bool:
    """Whether the account is as the manifests say, in its own words."""
    world = stage.world
    live = {
        campaign.name: world.primary(campaign)
        for campaign in world.campaigns.values()
        if campaign.name in {"Moved", "New"}
    }
    return {name: (one.scheduled, one.contact_list_ids) for name, one in live.items()} == {
        "Moved": (START + timedelta(days=9), (list_id_of("Donors"),)),
        "New": (START + timedelta(days=8), (list_id_of("Members"),)),
    }


def posts(stage: Stage) -> list[str]:
    """The POSTs that took effect."""
    done = [one for one in stage.world.requests if one.method == "POST"]
    carried_out = [one for one in done if one.fault not in WITHOUT_EFFECT]
    return sorted(one.body for one in carried_out if one.status != 400)


def test_undisturbed(two: Stage) -> None:
    """The five writes, in this order: the points at which the tests below strike."""
    assert two.run("apply", "--yes").code == 0
    assert two.writes() == WRITES
    assert as_desired(two)


@pytest.mark.parametrize("kind", [*WITHOUT_EFFECT, *WITH_EFFECT])
@pytest.mark.parametrize(("method", "place"), POINTS, ids=WRITES)
def test_a_write_meets_misfortune(two: Stage, method: str, place: int, kind: str) -> None:
    """With or without effect, a second run at most is needed, and each send is posted once."""
    two.fault(kind, method, after=[one for one, _ in POINTS[:place]].count(method))
    code = two.run("apply", "--yes").code
    if code != 0:
        assert code in {8, 10}
        assert two.run("apply", "--yes").code == 0
    assert as_desired(two)
    assert len(posts(two)) == 2
    assert len(two.writes()) == len(WRITES) + (kind in WITHOUT_EFFECT)
    assert two.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("kind", ["html", "drop_before", "throttled"])
def test_readings_meet_misfortune(two: Stage, kind: str) -> None:
    """Wherever the readings begin to fail: nothing is taken for absent, and the next run ends it."""
    failed = 0
    for after in range(0, READINGS, 4):
        with on_stage(two.folder.parent / f"{kind}-{after}", account()) as stage:
            furnish(stage)
            stage.fault(kind, "GET", "/v3/emails/activities/*", after=after, times=9)
            code = stage.run("apply", "--yes").code
            stage.world.faults.clear()
            failed += code != 0
            assert code == 0 or stage.run("apply", "--yes").code == 0, (after, code)
            assert as_desired(stage), after
            assert len(posts(stage)) == 2, after
    assert failed > 3


def test_the_quota_ends_anywhere(two: Stage) -> None:
    """With 5 before a write had an effect, with 8 or 10 after it; tomorrow's run does the rest."""
    codes = []
    for quota in range(6, 50, 5):
        with on_stage(two.folder.parent / f"quota-{quota}", account()) as stage:
            furnish(stage)
            stage.world.set_switch("quota", quota)
            codes.append(stage.run("apply", "--yes").code)
            assert codes[-1] in ({0, 8, 10} if stage.effects() else {5, 10}), quota
            stage.world.set_switch("quota", 0)
            assert codes[-1] == 0 or stage.run("apply", "--yes").code == 0, quota
            assert as_desired(stage), quota
            assert len(posts(stage)) == 2, quota
    assert {5, 0} < set(codes) <= {0, 5, 8, 10}


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_write_arrives_late(tmp_path: Path, method: str) -> None:
    """The connection breaks and the request takes effect a little later: it was waited for."""
    with on_stage(tmp_path / "workspace", account(frozen=False)) as stage:
        workspace(stage.folder, stage.world, settle="400 ms")
        furnish(stage)
        stage.fault("late", method, seconds=0.2)
        code = stage.run("apply", "--yes").code
        assert code == 0 or stage.run("apply", "--yes").code == 0
        assert as_desired(stage)
        assert len(stage.writes()) == len(WRITES)


def test_a_write_is_throttled(two: Stage) -> None:
    """Refused for a moment: tried again after a moment, by the same run."""
    two.fault("429 throttled", "POST")
    assert two.run("apply", "--yes").code == 0
    assert as_desired(two)
    assert len(two.writes()) == len(WRITES) + 1


def test_a_post_that_was_accepted_in_vain_is_not_repeated(two: Stage) -> None:
    """A page of HTML with status 200 for a POST: nothing shows it, and a person must say so."""
    two.fault("html", "POST", after=1)
    assert two.run("apply", "--yes").code == 10
    assert two.run("apply", "--yes").code == 6
    assert two.run("apply", "--yes").code == 6
    assert [one for one in two.writes() if one.startswith("POST New")] == WRITES[4:]
    allow = ("--allow", "reschedule=New", "--reason", "it was never scheduled")
    assert two.run("apply", "--yes", *allow).code == 0
    assert as_desired(two)


def test_a_contradiction_is_read_again_before_it_blocks(stage: Stage) -> None:
    """The send began between two readings of one campaign: no plan is blocked by that."""
    at = START + timedelta(hours=1)
    stage.world.add_campaign("Sent", lists=[list_id_of("Members")], scheduled=at)
    stage.write(manifest("Sent", "Members", send_at="Mon 2027-03-01 10:00"))
    stage.fault("delay", "GET", "*/schedules")
    stage.world.sleep = lambda _: stage.world.advance(3600)
    done = stage.run("plan", "--format", "json")
    assert [one["verdict"] for one in done.document["changes"]] == ["sent"]
    assert done.code == 0


def test_an_expired_token_stops_a_plan(two: Stage) -> None:
    """401 for a reading: exit 4, and not tried again with the same token."""
    two.fault("expire_token", "GET", "/v3/contact_lists")
    assert two.run("plan").code == 4
    assert len([one for one in two.world.requests if one.path == "/v3/contact_lists"]) == 1


@pytest.mark.parametrize(("method", "place"), POINTS, ids=WRITES)
def test_a_token_expires_in_a_write(two: Stage, method: str, place: int) -> None:
    """The outcome is unknown until somebody logs in again; then it is found out."""
    two.world.add_token(TOKEN)
    two.world.set_switch("strict_auth", True)
    before = [one for one, _ in POINTS[:place]].count(method)
    two.fault("expire_token", method, after=before)
    assert two.run("apply", "--yes").code == 10
    assert two.run("apply", "--yes").code == 4
    two.world.add_token(TOKEN)
    assert two.run("apply", "--yes").code == 0
    assert as_desired(two)
    assert len(two.effects()) == len(WRITES)


# A link to the next page is somebody else's word on where the token goes.


class Silent(WSGIRequestHandler):
    """A handler that keeps no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def made(app: "WSGIApplication") -> Iterator[str]:
    """Serve an application that tests made, and yield its origin."""
    with make_server("127.0.0.1", 0, app, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def linking(world: World, href: str) -> Iterator[str]:
    """Serve a world whose listing of campaigns goes on at `href`."""
    inner = make_app(world)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/v3/emails":
            return inner(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json"), ("Date", DATE)])
        return [json.dumps({"campaigns": [], "_links": {"next": {"href": href}}}).encode()]

    with made(app) as url:
        yield url


DATE = "Mon, 01 Mar 2027 14:00:00 GMT"


@pytest.mark.parametrize(
    "form", ["http://{elsewhere}/v3/emails?next=a", "//{elsewhere}/v3/emails?next=a"]
)
def test_a_foreign_link_is_not_followed(two: Stage, form: str) -> None:
    """Exit 1, and nobody ever connects to the place that it names."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        host = f"127.0.0.1:{elsewhere.getsockname()[1]}"
        with linking(two.world, form.format(elsewhere=host)) as url:
            done = two.run("plan", "--base-url", url)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert (done.code, "CC512" in done.err) == (1, True)


@pytest.mark.parametrize("href", ["/v3/contact_lists?next=a", "/v3/emails", "/v3/emails?next=a"])
def test_a_link_astray_ends_the_run(two: Stage, href: str) -> None:
    """Another collection, no cursor, or a page that leads to itself: no endless reading."""
    with linking(two.world, href) as url:
        done = two.run("plan", "--base-url", url)
    assert done.code == 1
    assert "CC512" in done.err or "CC513" in done.err
