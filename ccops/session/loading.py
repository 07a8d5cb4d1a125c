"""What needs no connection: the workspace, the API's origin, a saved plan, this machine's clock."""

import gc
import os
import stat
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ccops import resources, workspace
from ccops.constantcontact.origin import API_ORIGIN, check_origin, is_loopback
from ccops.errors import Diagnostic, InvalidInput, StalePlan
from ccops.planning.plan import Plan
from ccops.workspace import Schemas, Workspace

MAX_PLAN_BYTES = 10 * 1024 * 1024
# Never through a link, never waiting for the writer of a pipe; and on Windows byte for byte.
_SAFELY = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


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


def read_plan(file: str) -> Plan:
    """Read a saved plan once, from a regular file; its checksums must be right.

    Raises:
        InvalidInput: CC611, there is no file that can be read. StalePlan: it is no plan, or was
            changed (CC601 to CC604; CC614: no text, or larger than any plan).
    """
    # A tenth of the start-up, and of no use to whoever only loads the workspace.
    from ccops.planning import planfile  # noqa: PLC0415 - see above

    return planfile.from_json(_read(file), schema=resources.schema("plan"))


def _read(file: str) -> str:
    """Read the bytes that are checked, and no others: opened once, links not followed.

    A file that is there and is no plan is refused as one that was changed: a checksum that cannot
    be verified does not fit.
    """
    try:
        handle = os.open(file, _SAFELY)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _unreadable(file, "it is no regular file")
            content = stream.read(MAX_PLAN_BYTES + 1)
    except OSError as error:
        raise _unreadable(file, error.strerror or "it cannot be opened") from error
    if len(content) > MAX_PLAN_BYTES:
        raise _no_plan(file, "it is larger than any plan")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_plan(file, "it is not UTF-8 text") from error


def _unreadable(file: str, why: str) -> InvalidInput:
    return InvalidInput(Diagnostic(code="CC611", message=f"cannot read the plan {file}: {why}"))


def _no_plan(file: str, why: str) -> StalePlan:
    remedy = "make a new plan, and find out what became of this one"
    return StalePlan(
        Diagnostic(code="CC614", message=f"the plan {file} was changed: {why}", help=remedy)
    )
