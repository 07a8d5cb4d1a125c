"""What every test of manifests needs: the schemas as editors get them, and a way to read text."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ccops.errors import InvalidInput
from ccops.manifest.reader import read_manifests
from ccops.model import Desired, JsonObject

SCHEMAS = Path(__file__).parents[2] / "schemas"

Read = Callable[..., tuple[Desired, ...]]
Refused = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="session")
def campaign_schema() -> JsonObject:
    return dict(json.loads((SCHEMAS / "campaign.schema.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def workspace_schema() -> JsonObject:
    return dict(json.loads((SCHEMAS / "workspace.schema.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def read(campaign_schema: JsonObject) -> Read:
    """Read texts as files a.yaml, b.yaml, … in the zone New York."""

    def read_texts(*texts: str, zone: str | None = "America/New_York") -> tuple[Desired, ...]:
        named = [(f"{chr(97 + number)}.yaml", text) for number, text in enumerate(texts)]
        return read_manifests(named, schema=campaign_schema, zone=zone)

    return read_texts


@pytest.fixture(scope="session")
def refused(read: Read) -> Refused:
    """Read texts that must be refused; give the code and place of each error, in order."""

    def refusals(*texts: str, zone: str | None = "America/New_York") -> list[tuple[str, str]]:
        with pytest.raises(InvalidInput) as caught:
            read(*texts, zone=zone)
        return [(one.code, str(one.place)) for one in caught.value.diagnostics]

    return refusals
