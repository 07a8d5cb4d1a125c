"""A scene for each test: a checkout, an account and a pretended GitHub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ci.runner import Scene, on_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with on_scene(tmp_path) as scene:
        yield scene
