"""Mermaid's Gantt charts, read at least as strictly as Mermaid does."""

import re

STATEMENTS = (
    *("acctitle", "accdescr", "axisformat", "call", "click", "dateformat", "excludes", "gantt"),
    *("href", "includes", "inclusiveenddates", "section", "tickinterval", "title", "todaymarker"),
    *("topaxis", "weekday", "weekend"),
)
"""What the grammar of Mermaid's Gantt charts reads at the start of a line (gantt.jison)."""

STATEMENT = re.compile(rf"(?:{'|'.join(STATEMENTS)})\b|\d{{4}}-\d\d-\d\d", re.IGNORECASE)
SETTINGS = re.compile(
    r"title Sends, (all )?on the clock of [\w. ·…-]+|dateFormat YYYY-MM-DD HH:mm|axisFormat %a %e %b"
    r"|tickInterval 1(day|week|month)|tickInterval 2day|todayMarker off"
)
TASK = re.compile(
    r"(?P<name>[^:\n]+) :(?:crit, )?milestone, m(?P<id>\d+), \d{4}-\d\d-\d\d \d\d:\d\d, 0m"
)


def parsed(diagram: str) -> list[str]:
    """The names of the tasks, read as strictly as Mermaid does; fails on anything else."""
    opening, gantt_line, *lines, closing = diagram.split("\n")
    assert (opening, gantt_line, closing) == ("```mermaid", "gantt", "```")
    names, ids = [], []
    for line in map(str.strip, lines):
        if SETTINGS.fullmatch(line) or line in {
            "section At once",
            "section Planned",
            "section Scheduled",
        }:
            continue
        task = TASK.fullmatch(line)
        assert task is not None, line
        assert not STATEMENT.match(line), line
        assert not re.search(r"[#;%<>{}|`\"\\]", task["name"])
        names.append(task["name"])
        ids.append(int(task["id"]))
    assert ids == list(range(1, len(ids) + 1))
    return names
