"""`ccops verify` reads several campaigns at once: it says the same, whatever answers first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ccops.sandbox.ids import activity_id_of
from ccops.sandbox.records import Script
from ccops.session.verified import verify
from ccops.session.wiring import LINES, Session
from tests.e2e.stage import START, Stage, account, manifest, on_stage
from tests.pull.shuffled import failing, run, shuffled, together

NAMES = tuple(f"Campaign {number:02}" for number in range(9))
AT = START + timedelta(days=8)


def nothing(_: Stage, __: str) -> None:
    """It goes out as applied."""


def deleted(stage: Stage, name: str) -> None:
    stage.world.trash_campaign(stage.world.activities[activity_id_of(name)].campaign_id)


def unscheduled(stage: Stage, name: str) -> None:
    change(stage, name, status="DRAFT", scheduled=None)


def failed(stage: Stage, name: str) -> None:
    change(stage, name, script=Script(send_status="ERRORED", reason_code=9))


def contradictory(stage: Stage, name: str) -> None:
    """Done without a send: it is read twice."""
    change(stage, name, status="DONE", scheduled=None)


def change(stage: Stage, name: str, **values: object) -> None:
    before = stage.world.activities[activity_id_of(name)]
    stage.world.put_activity(replace(before, **values))  # type: ignore[arg-type]  # by name


FATES = (nothing, deleted, unscheduled, failed, contradictory)


@contextmanager
def applied() -> Iterator[Stage]:
    with TemporaryDirectory() as folder, on_stage(Path(folder) / "w", account()) as stage:
        for name in NAMES:
            stage.world.add_campaign(name)
        send_at = "Tue 2027-03-09 09:00"
        stage.write(*(manifest(name, "Members", send_at=send_at) for name in NAMES))
        assert stage.run("apply", "--yes").code == 0
        yield stage


def verified(session: Session, tell: Callable[[str], None]) -> object:
    """Verify, and tell of each pause; it ends whenever it ends."""
    pauses = list[float]()
    found = verify(session, since="2027-02-20", select=(), sleep=pauses.append)
    tell(f"{len(pauses)} pauses")
    return replace(found, as_of=START)


@given(
    st.lists(st.sampled_from(FATES), min_size=len(NAMES), max_size=len(NAMES)),
    st.sets(st.integers(0, len(NAMES) - 1), max_size=2),
    st.integers(0, 1_000),
)
@settings(max_examples=6, phases=set(Phase) - {Phase.explain, Phase.shrink})
def test_it_says_what_reading_one_by_one_says(
    fates: list[Callable[[Stage, str], None]], lost: set[int], seed: int
) -> None:
    """The same states, progress and requests; and of several failures the first one."""
    with applied() as stage:
        for name, fate in zip(NAMES, fates, strict=True):
            fate(stage, name)
        stage.world.move_to(AT + timedelta(hours=1))
        met = failing([f"/v3/emails/activities/{activity_id_of(NAMES[one])}" for one in lost])
        alone = run(stage, verified, seed, 1, met)
        assert run(stage, verified, seed, LINES, met) == alone
    assert (alone.made is None) is bool(lost)
    if lost:
        assert len(alone.said) == min(lost)


def test_as_many_are_read_at_once_as_there_are_connections() -> None:
    """Each would wait for the others for ever otherwise; each campaign has its connection."""
    ids = [activity_id_of(name) for name in NAMES[:LINES]]
    met = together([f"/v3/emails/activities/{one}" for one in ids])
    with applied() as stage, shuffled(stage, 1, met) as (session, lines):
        assert len(verify(session, since="7d", select=()).deliveries) == len(NAMES)
    asked = [{path.split("/")[4] for path in one.paths if "activities" in path} for one in lines]
    assert sum(map(len, asked)) == len(NAMES)
