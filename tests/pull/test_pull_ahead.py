"""`ccops pull` reads several campaigns at once: it writes the same, whatever answers first."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import current_thread

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ccops.model import CampaignRow, Status
from ccops.planning.adopt_owner import owners
from ccops.sandbox.ids import activity_id_of, campaign_id_of
from ccops.sandbox.seed import generated
from ccops.session.locked import living
from ccops.session.pulled import Hearers, Wish, pull
from ccops.session.pulling.reading import Source, directories_of, forecast
from ccops.session.wiring import LINES, Session
from tests.e2e.stage import Stage, on_stage, workspace
from tests.pull.nearby import nearby
from tests.pull.shuffled import Met, Run, failing, run, shuffled, together

CAMPAIGNS = 40


def pulled(session: Session, tell: Callable[[str], None]) -> object:
    """Pull all of it; what is there already is left."""
    hearers = Hearers(agrees=lambda _: False, wrote=tell, notes=tell)
    return pull(session, Wish(every=True), hearers)


def written(stage: Stage) -> Mapping[str, bytes]:
    paths = (*stage.folder.glob("campaigns/*"), *stage.folder.glob("ccops.lock"))
    return {path.name: path.read_bytes() for path in paths}


def both(stage: Stage, seed: int, met: Met) -> Run:
    """Pull on one connection, and anew on several: the same files, messages and requests."""
    alone = run(stage, pulled, seed, 1, met)
    files = written(stage)
    shutil.rmtree(stage.folder / "campaigns", ignore_errors=True)
    (stage.folder / "ccops.lock").unlink(missing_ok=True)
    assert run(stage, pulled, seed, LINES, met) == alone
    assert written(stage) == files
    return alone


@given(st.integers(0, 10**6), st.sets(st.integers(0, CAMPAIGNS), max_size=2))
@settings(max_examples=6, phases=set(Phase) - {Phase.explain, Phase.shrink})
def test_it_writes_what_reading_one_by_one_writes(seed: int, lost: set[int]) -> None:
    """The same files in their order; after a failure those of the campaigns before it."""
    world = generated(CAMPAIGNS, seed)
    ids = sorted(one for one in world.campaigns)
    with TemporaryDirectory() as folder, on_stage(Path(folder) / "w", world) as stage:
        met = failing([f"/v3/emails/{ids[number % len(ids)]}" for number in lost])
        alone = both(stage, seed, met)
        told = [one.removeprefix("campaigns/") for one in alone.said if one.endswith(".yaml")]
        lock = {"ccops.lock"} if told and alone.made else set()
        assert set(written(stage)) == {*told} | lock
        again = run(stage, pulled, seed, LINES)
        assert (again.errors, stage.run("validate").code) == ((), 0)


def test_one_connection_is_asked_in_the_order_of_the_campaigns(bare: Stage) -> None:
    """Each campaign whole, and a collection as soon as the first of them needs it."""
    with shuffled(bare, 1, lines=1) as (session, (line,)):
        pulled(session, lambda _: None)
    names = {campaign_id_of(one): one for one in ("Draft: #1", "Sent", "Spring")}
    names |= {activity_id_of(one): one for one in ("Draft: #1", "Sent", "Spring")}
    words = [path.removeprefix("/v3/").split("/") for path in line.paths]
    asked = [" ".join(names.get(one, one) for one in path) for path in words]
    assert asked == [
        "account summary",
        "emails",
        "emails Spring",
        "emails activities Spring",
        "emails activities Spring schedules",
        "emails activities Spring send_history",
        "contact_lists",
        "emails Draft: #1",
        "emails activities Draft: #1",
        "segments",
        "emails Sent",
        "emails activities Sent",
        "emails activities Sent send_history",
    ]


def test_campaigns_are_read_at_once_beside_lists_and_segments(bare: Stage) -> None:
    """Each would wait for the others for ever otherwise; the first connection stays free."""
    names = ("Draft: #1", "Sent", "Spring")
    assert len(names) == LINES - 1
    met = together([f"/v3/emails/activities/{activity_id_of(one)}" for one in names])
    with shuffled(bare, 1, met) as (session, (first, *others)):
        pulled(session, lambda _: None)
    assert sorted(first.paths) == [
        "/v3/account/summary",
        "/v3/contact_lists",
        "/v3/emails",
        "/v3/segments",
    ]
    assert first.threads == {current_thread().name}
    assert all(current_thread().name not in one.threads for one in others)


def test_the_estimate_of_a_large_pull_is_that_of_its_pace(bare: Stage) -> None:
    """Answers that are waited for at once add nothing to the gaps between the requests."""
    workspace(bare.folder, bare.world, request_gap="300 ms")
    with nearby(bare) as session:
        spring = CampaignRow(campaign_id="s", name="Spring", status=Status.SCHEDULED)
        found = living(session)
        source = Source(
            session=session,
            by_id={},
            owners=owners((), (), None),
            directories=directories_of(found),
        )
        assert forecast(source, [spring] * 30).startswith(
            "Reading 30 campaigns takes about 120 requests and 36 s; "
        )
