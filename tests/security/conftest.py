"""A stage for each test, and a draft on it that wants two writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, account, manifest, on_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with on_stage(tmp_path / "workspace", account()) as stage:
        yield stage


@pytest.fixture
def draft(stage: Stage) -> Stage:
    stage.world.add_campaign("Spring")
    stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
    return stage
