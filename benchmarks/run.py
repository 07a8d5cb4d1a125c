"""Measure ccops beside the work that cannot be avoided, and beside others; write results.md.

`python -m benchmarks.run` measures everything; with the names of themes, those alone, and leaves
the other sections of results.md as they are.
"""

import os
import platform
import re
import runpy
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from benchmarks.measuring import HERE, Row

RESULTS = HERE / "results.md"
THEMES = {
    "startup": "Start-up",
    "manifests": "Manifests",
    "growth": "Growth",
    "rendering": "Rendering",
    "planning": "Plans of an account",
    "peer": "Beside octoDNS",
    "latency": "At the API's pace, with latency",
}
HEAD = f"""\
# Results

Written by `make bench`. Counts are exact. Within a section, found and floor come from one run on one
machine, by turns: Python {platform.python_version()}, {os.cpu_count()} cores. What the floors are, and why these, is in
[README.md](README.md).
"""
TABLE = "| what | found | beside it | found ÷ beside |\n|---|---|---|---|\n"


def main(themes: Sequence[str]) -> None:
    unknown = set(themes) - THEMES.keys()
    if unknown:
        raise SystemExit(f"no theme {', '.join(sorted(unknown))}; there are {', '.join(THEMES)}")
    sections = _written()
    for theme in themes or THEMES:
        sections[THEMES[theme]] = TABLE + "".join(
            f"| {' | '.join(one)} |\n" for one in _rows(theme)
        )
        print(f"## {THEMES[theme]}\n\n{sections[THEMES[theme]]}", flush=True)
    ordered = [f"## {title}\n\n{sections[title]}" for title in THEMES.values() if title in sections]
    RESULTS.write_text("\n".join([HEAD, *ordered]), encoding="utf-8")
    if not themes:
        runpy.run_path(str(HERE / "requests.py"), run_name="__main__")


def _rows(theme: str) -> list[Row]:
    """Measure a theme; one that fails says so in its table, and hinders no other.

    Each in a process of its own: the largest size of a process that is started counts the starting
    one's too.
    """
    try:
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_measure, theme).result()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is told
        return [("not measured", f"{type(error).__name__}: {error}".replace("\n", " "), "", "")]


def _measure(theme: str) -> list[Row]:
    found: list[Row] = import_module(f"benchmarks.{theme}").rows()
    return found


def _written() -> dict[str, str]:
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    return {
        title: body.strip() + "\n"
        for title, body in re.findall(r"^## (.+)\n\n((?:.+\n?)+)", text, re.MULTILINE)
    }


if __name__ == "__main__":
    main(sys.argv[1:])
