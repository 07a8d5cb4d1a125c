"""Run the model check and print a table: `python -m tests.modelcheck [--case NAME] [--bound N]`.

Without `--bound` the cases have the bounds that the test suite uses. With it, N network faults, N
freezes and N + 1 runs of each commit: `--bound 1` takes a minute for most cases, and more than there is memory for some.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.modelcheck.case import Case
from tests.modelcheck.cases import CASES, widened
from tests.modelcheck.search import BoundsTooLarge, Found, search

ROW = "{:<8} {:<28} {:<10} {:<10} {:>9} {:>6} {:>9} {:>8}"


def main(words: Sequence[str]) -> int:
    """Search the cases asked for; 1 if any is not as expected."""
    asked = _arguments().parse_args(words)
    cases = [case for case in CASES if asked.case is None or case.name == asked.case]
    if asked.bound is not None:
        cases = [widened(case, asked.bound) for case in cases]
    print(ROW.format("", "case", "expected", "found", "states", "steps", "residual", "seconds"))
    surprising = [case for case in cases if not _told(case)]
    return int(bool(surprising))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.modelcheck", description=__doc__)
    parser.add_argument("--case", choices=[case.name for case in CASES])
    parser.add_argument("--bound", type=int)
    return parser


def _told(case: Case) -> bool:
    begun = time.monotonic()
    try:
        found = search(case)
    except BoundsTooLarge as error:
        print(f"{'NOT AS':<8} {case.name:<28} given up: {error}; choose smaller bounds", flush=True)
        return False
    print(_row(found, time.monotonic() - begun), flush=True)
    if not found.as_expected:
        print(story(found), flush=True)
    return found.as_expected


def _row(found: Found, seconds: float) -> str:
    case = found.case
    return ROW.format(
        "as" if found.as_expected else "NOT AS",
        case.name,
        case.expected.name if case.expected else "nothing",
        found.broken.name if found.broken else "nothing",
        found.states,
        len(found.trace or found.residue),
        found.residual,
        f"{seconds:.1f}",
    )


def story(found: Found) -> str:
    """What was found, for a person: the law, and the shortest way to break it."""
    case = found.case
    law = f"BROKEN: {found.broken}" if found.broken else "nothing was broken"
    vacuous = "some commit never came to its end" if found.vacuous and not found.broken else ""
    commits = [f"commit {at}: {one}" for at, one in enumerate(case.commits)]
    lines = [case.title, f"at first: {case.start}", *commits, *found.trace, law, vacuous]
    return "\n".join(f"    {line}" for line in lines if line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
