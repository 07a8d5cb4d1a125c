"""PostgreSQL's clients see no settings of the machine."""

import os

import pytest


@pytest.fixture(autouse=True)
def no_settings_of_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what the machine's user has set for PostgreSQL's clients."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
