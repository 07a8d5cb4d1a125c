"""A stage for each test: a workspace without a manifest, and a small account."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Stage, account, on_stage

MEMBERS = list_id_of("Members")


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Stage]:
    """Three campaigns: one scheduled, one a draft, one that was sent twice."""
    world = account()
    world.add_campaign("Spring", lists=[MEMBERS], scheduled=START + timedelta(days=8))
    world.add_campaign("Draft: #1", segments=[101])
    ran = [START - timedelta(days=8, seconds=-20), START - timedelta(days=1, seconds=-7)]
    world.add_campaign("Sent", lists=[MEMBERS, list_id_of("Board")], history=ran)
    with on_stage(tmp_path / "workspace", world) as stage:
        yield stage
