"""A saved plan as it stands in a file: read once, and believed only with its checksum."""

from ccops import resources
from ccops.errors import Diagnostic, InvalidInput, StalePlan
from ccops.planning import planfile
from ccops.planning.plan import Plan
from ccops.regular import read_regular

MAX_PLAN_BYTES = 10 * 1024 * 1024


def read_plan(file: str) -> Plan:
    """Read a saved plan once, from a regular file; its checksums must be right.

    Raises:
        InvalidInput: CC611, there is no file that can be read. StalePlan: it is no plan, or was
            changed (CC601 to CC604; CC614: no text, or larger than any plan).
    """
    return planfile.from_json(_read(file), schema=resources.schema("plan"))


def _read(file: str) -> str:
    """Read the bytes that are checked, and no others: opened once, links not followed.

    A file that is there and is no plan is refused as one that was changed: a checksum that cannot
    be verified does not fit.
    """
    try:
        content = read_regular(file, MAX_PLAN_BYTES)
    except OSError as error:
        raise _unreadable(file, error.strerror or "it cannot be opened") from error
    except ValueError as error:
        raise _unreadable(file, str(error)) from error
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
