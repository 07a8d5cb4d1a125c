"""A stage for each test: an empty workspace and a small account behind a socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, account, on_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with on_stage(tmp_path / "workspace", account()) as stage:
        yield stage
