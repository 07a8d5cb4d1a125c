"""The workspace and its store alone: no login, no request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ccops.session.loading import load, origin_of
from ccops.session.wiring import environment
from ccops.store.choice import NamedStore, open_memory
from ccops.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembering:
    """A workspace and what its account's store remembers."""

    workspace: Workspace
    store: NamedStore


@contextmanager
def remembering(start: Path, base_url: str | None) -> Iterator[Remembering]:
    """Open the store of a workspace.

    Raises:
        InvalidInput: the workspace, a manifest, the base URL or CCOPS_STORE is wrong.
        StoreUnavailable: the store cannot be opened.
    """
    origin = origin_of(base_url)
    space = load(start, base_url)
    given = environment()
    with open_memory(
        given.store,
        given.state,
        origin=origin,
        account=space.settings.account,
        key=f"{origin} {given.api_key}",
        run="none",
    ) as memory:
        yield Remembering(workspace=space, store=memory.store)
