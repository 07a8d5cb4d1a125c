"""A stage on which nobody is logged in, before an account that takes no word for a token."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auth.browsing import CLIENT
from tests.e2e.stage import Stage, account, manifest, on_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with on_stage(
        tmp_path / "workspace", account(), CCOPS_ACCESS_TOKEN="", CCOPS_CLIENT_ID=CLIENT
    ) as stage:
        stage.world.set_switch("strict_auth", True)
        stage.world.set_switch("device_interval", 0)
        stage.world.add_campaign("Spring")
        stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
        yield stage
