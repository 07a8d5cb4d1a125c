"""A workspace and an account for each fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import Stage, account, manifest, on_stage
from tests.faults.spring import AT_9, MARCH_10


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with on_stage(tmp_path / "workspace", account()) as stage:
        yield stage


@pytest.fixture
def draft(stage: Stage) -> Stage:
    """A draft with its recipients, to be scheduled for March 10."""
    stage.world.add_campaign("Spring", lists=[list_id_of("Members")])
    stage.write(manifest("Spring", "Members", send_at=MARCH_10))
    return stage


@pytest.fixture
def moved(stage: Stage) -> Stage:
    """Scheduled for March 9 to other recipients; to go to Members on March 10."""
    stage.world.add_campaign("Spring", lists=[list_id_of("Donors")], scheduled=AT_9)
    stage.write(manifest("Spring", "Members", send_at=MARCH_10))
    return stage
