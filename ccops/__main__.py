"""Let `python -m ccops` and the console script start the command line."""

import gc
import sys
from contextlib import suppress

from ccops.cli import run
from ccops.streams import occupy_closed


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    _leave_no_core()
    occupy_closed()
    # Nearly everything here frees itself: looking for circles after each 700 new objects would
    # only go through what a large workspace keeps, again and again.
    gc.set_threshold(50_000)
    code = run(sys.argv[1:])
    gc.freeze()  # what is left goes with the process
    sys.exit(code)


def _leave_no_core() -> None:
    """Let no crash write this process's memory, and the token in it, to a file."""
    # Windows has no such limit; a system that forbids even lowering it keeps its own.
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - see above

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


if __name__ == "__main__":
    main()
