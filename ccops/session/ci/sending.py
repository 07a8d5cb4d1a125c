"""The files that say what a plan sends: whatever happens to them matters to an apply."""

from collections.abc import Sequence

from ccops.model import Desired
from ccops.planning.plan import Change, Plan, Verdict
from ccops.workspace import FILE, LOCK_FILE

AROUND = (FILE, LOCK_FILE)
"""They bear on every manifest."""


def sending(plan: Plan) -> tuple[Change, ...]:
    """Return the changes that write, but for those that take a send back: those need nobody."""
    return tuple(one for one in plan.writing if one.verdict is not Verdict.UNSCHEDULE)


def manifest_of(change: Change, desired: Sequence[Desired]) -> str | None:
    """Return the file that declares a change's campaign; None: no manifest names it."""
    files = (one.place.file for one in desired if one.campaign == change.campaign)
    return next(files, None)


def manifests_of(changes: Sequence[Change], desired: Sequence[Desired]) -> tuple[str, ...]:
    """Return the files that declare these campaigns, by name."""
    found = {manifest_of(one, desired) for one in changes}
    return tuple(sorted(one for one in found if one is not None))
