"""`ccops drift` reads several strangers at once: it says the same, whatever answers first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ccops.sandbox.ids import campaign_id_of, list_id_of
from ccops.session.drifted import drift
from ccops.session.wiring import LINES, Session
from tests.e2e.stage import START, Stage, account, manifest, on_stage
from tests.pull.shuffled import failing, run, shuffled, together

NAMES = tuple(f"Stranger {number:02}" for number in range(9))


@contextmanager
def strangers(count: int) -> Iterator[Stage]:
    """One campaign with a manifest, and so many that are scheduled without one."""
    with TemporaryDirectory() as folder, on_stage(Path(folder) / "w", account()) as stage:
        stage.world.add_campaign("Spring")
        stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
        for day, name in enumerate(NAMES[:count], start=1):
            when = START + timedelta(days=day)
            stage.world.add_campaign(name, lists=[list_id_of("Board")], scheduled=when)
        yield stage


def drifted(session: Session, _: Callable[[str], None]) -> object:
    found = drift(session, select=(), sleep=lambda _: None)
    return found.items, found.requests


@given(
    st.sets(st.sampled_from(NAMES), max_size=2),
    st.integers(0, 1_000),
)
@settings(max_examples=6, phases=set(Phase) - {Phase.explain, Phase.shrink})
def test_it_says_what_reading_one_by_one_says(lost: set[str], seed: int) -> None:
    """The same items, progress and requests; and of several failures the first one."""
    with strangers(len(NAMES)) as stage:
        met = failing([f"/v3/emails/{campaign_id_of(name)}" for name in lost])
        alone = run(stage, drifted, seed, 1, met)
        assert run(stage, drifted, seed, LINES, met) == alone
    assert (alone.made is None) is bool(lost)
    read = NAMES.index(min(lost)) if lost else len(NAMES)
    assert [one for one in alone.said if "without a manifest" in one] == [
        f"Read {number} of {len(NAMES)} campaigns without a manifest"
        for number in range(1, read + 1)
    ]


def test_as_many_are_read_at_once_as_there_are_connections() -> None:
    """Each would wait for the others for ever otherwise."""
    met = together([f"/v3/emails/{campaign_id_of(name)}" for name in NAMES[:LINES]])
    with strangers(LINES) as stage, shuffled(stage, 1, met) as (session, _):
        assert len(drift(session, select=()).items) == LINES + 1
