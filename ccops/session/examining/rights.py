"""What the login's user may do, against what the login is for."""

from collections.abc import Collection
from enum import StrEnum

from ccops.constantcontact.privileges import (
    APPLY_PRIVILEGES,
    READ_PRIVILEGES,
    missing_privileges,
)
from ccops.errors import Diagnostic
from ccops.render.checks import Check, Subject, failed, passed, warned

_SEND = APPLY_PRIVILEGES - READ_PRIVILEGES


class Purpose(StrEnum):
    """What a login is for: the plan step of a pipeline, or its apply step."""

    PLAN = "plan"
    APPLY = "apply"


def privileges_check(have: Collection[str], purpose: Purpose | None) -> Check:
    """Whether the user may do what the login is for.

    Without a purpose it is a person's own login, which plans now and will apply: what it cannot
    do is a warning, for plan works.
    """
    unreadable = missing_privileges(have, READ_PRIVILEGES)
    if unreadable:
        return failed(Subject.PRIVILEGES, _detail(unreadable), unreadable[0].help)
    unwritable = missing_privileges(have, APPLY_PRIVILEGES)
    if purpose is Purpose.PLAN:
        return _for_plan(frozenset(have) & _SEND)
    if not unwritable:
        return passed(Subject.PRIVILEGES, "may plan and apply")
    detail = _detail(unwritable)
    remedy = f"{unwritable[0].help}; without it apply refuses"
    if purpose is Purpose.APPLY:
        return failed(Subject.PRIVILEGES, detail, remedy)
    return warned(Subject.PRIVILEGES, f"may plan; {detail}", remedy)


def _detail(missing: Collection[Diagnostic]) -> str:
    return "; ".join(one.message for one in missing)


def _for_plan(more: Collection[str]) -> Check:
    if not any(one.endswith(":send") for one in more):
        return passed(Subject.PRIVILEGES, "may plan, and send nothing")
    remedy = "log in as a user with the role Campaign Creator, who can plan and send nothing"
    return warned(Subject.PRIVILEGES, "may plan, and send as well", remedy)
