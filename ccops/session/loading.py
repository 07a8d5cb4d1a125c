"""What needs no connection: the workspace, the API's origin, this machine's clock."""

import gc
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ccops import resources, workspace
from ccops.constantcontact.origin import API_ORIGIN, check_origin, is_loopback
from ccops.workspace import Schemas, Workspace


def load(start: Path, base_url: str | None, *, bare: bool = False) -> Workspace:
    """Find and read the workspace, offline. Raises InvalidInput with every mistake in it.

    `bare`: it may have no manifests yet (see `ccops.workspace.load`).
    """
    # The zone data that ships with ccops decides, not the machine's: the plan names its version.
    zoneinfo.reset_tzpath(())
    loopback = is_loopback(origin_of(base_url))
    schemas = Schemas(
        campaign=resources.schema("campaign"),
        workspace=resources.schema("workspace"),
        lock=resources.schema("lock"),
    )
    with uncollected():
        return workspace.load(start, schemas=schemas, loopback=loopback, bare=bare)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: manifests are trees, which free themselves.

    Each search would go through all that was read so far: a fifth of the time of 10,000 files.
    So would the first one afterwards, unless all of it counts as old: frozen and thawed, it does.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if before:
            gc.enable()


def origin_of(base_url: str | None) -> str:
    """Return the API's origin, or the sandbox's. Raises InvalidInput for any other."""
    return check_origin(base_url) if base_url else API_ORIGIN


def local_now() -> datetime:
    """Return this machine's clock, UTC. Compared with the server's, never trusted."""
    return datetime.fromtimestamp(time.time(), UTC)
