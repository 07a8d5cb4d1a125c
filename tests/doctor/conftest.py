"""A stage for each test: a workspace with one campaign, and a small account behind a socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, account, manifest, on_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with on_stage(tmp_path / "workspace", account()) as stage:
        stage.world.add_campaign("Spring")
        stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
        yield stage
