"""What is shown of a fleet: text, JSON, and what Prometheus reads; no name takes any of it over."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import ExitCode
from ccops.render.fleet import AccountLine, FleetView, fleet_json, fleet_text
from ccops.render.fleet_prometheus import label, status_prometheus
from ccops.render.fleet_status import (
    AccountStatus,
    KeyStatus,
    LastRun,
    StatusView,
    status_json,
    status_text,
)
from ccops.render.style import PLAIN, Style
from tests.render.hostile import hostile

AT = datetime(2027, 3, 1, 14, tzinfo=UTC)
names = st.one_of(hostile, st.text(max_size=20))


def line(name: str = "acme", code: ExitCode = ExitCode.DONE, reason: str = "") -> AccountLine:
    return AccountLine(
        name=name,
        workspace=f"/w/{name}",
        account="a1",
        exit_code=code,
        summary="1 schedule",
        verdicts={"schedule": 1},
        reason=reason,
    )


def view(
    *lines: AccountLine,
    action: str = "plan",
    folder: str | None = "my plans",
    left_out: tuple[AccountLine, ...] = (),
) -> FleetView:
    return FleetView(
        action=action,
        lines=lines,
        exit_code=ExitCode.BLOCKED,
        checksum="sha256:1",
        folder=folder,
        left_out=left_out,
    )


def account(name: str = "acme", **more: object) -> AccountStatus:
    found = AccountStatus(name=name, workspace=f"/w/{name}", account="a1")
    values = {one: getattr(found, one) for one in AccountStatus.__dataclass_fields__}
    return AccountStatus(**{**values, **more})  # type: ignore[arg-type]  # the fields of the tests


def status(*accounts: AccountStatus) -> StatusView:
    keys = (KeyStatus(key="0a1b", accounts=2, used=40, limit=10_000),)
    return StatusView(at=AT, accounts=accounts, keys=keys, exit_code=ExitCode.UNKNOWN)


FAILED = LastRun(action="apply", at=AT, exit_code=ExitCode.PARTIAL, reason="Spring: refused")
STUCK = account(open_writes=("Spring", "Gala"), unknown=("Gala",), halted=("Raffle",), last=FAILED)
WELL = LastRun(action="plan", at=AT, exit_code=ExitCode.DONE, reason="")


def test_a_line_for_each_account() -> None:
    """With its code, its counts and the first reason; and how to go on."""
    blocked = line("bolt", ExitCode.BLOCKED, "too many contacts")
    assert fleet_text(
        view(line(), blocked, line("cat", ExitCode.ACCESS, "nobody")), style=PLAIN
    ) == (
        "EXIT  ACCOUNT  ID  RESULT      WHY\n"
        "0     acme     a1  1 schedule\n"
        "6     bolt     a1  1 schedule  too many contacts\n"
        "4     cat      a1  1 schedule  nobody\n"
        "\n"
        "Checksum  sha256:1\n"
        "To apply  ccops fleet apply 'my plans' --checksum sha256:1\n"
        "\n"
        "3 accounts: 1 ended 0, 1 ended 4 and 1 ended 6. Exit 6.\n"
    )


def test_nothing_to_do_is_said() -> None:
    """No account was touched, say; and an apply does not tell how to apply."""
    assert fleet_text(view(folder=None), style=PLAIN) == "0 accounts: nothing to do. Exit 6.\n"
    assert "To apply" not in fleet_text(view(action="apply"), style=PLAIN)


def test_what_a_set_does_not_cover() -> None:
    """Named with its reason where it is applied; where it is made, its own line has told that."""
    missing = replace(line("cat", ExitCode.ACCESS, "nobody"), summary="not in the set")
    applied = view(line(), action="apply", left_out=(missing,))
    assert fleet_text(applied, style=PLAIN) == (
        "EXIT  ACCOUNT  ID  RESULT      WHY\n"
        "0     acme     a1  1 schedule\n"
        "\n"
        "Not in the set, so that nothing was done: correct it, and plan again.\n"
        "  4  cat  a1  not in the set  nobody\n"
        "\n"
        "Checksum  sha256:1\n"
        "\n"
        "1 account: 1 ended 0. Not in the set: 1 account. Exit 6.\n"
    )
    made = fleet_text(view(line(), missing, left_out=(missing,)), style=PLAIN)
    assert made.count("nobody") == 1
    assert made.endswith("1 ended 4. Not in the set: 1 account. Exit 6.\n")
    found = json.loads(fleet_json(applied))
    assert [(one["name"], one["exit_code"], one["reason"]) for one in found["left_out"]] == [
        ("cat", 4, "nobody")
    ]
    assert [one["name"] for one in found["accounts"]] == ["acme"]


def test_the_same_for_programs() -> None:
    """Counts as numbers."""
    found = json.loads(fleet_json(view(line())))
    assert (found["kind"], found["exit_code"], found["checksum"]) == ("fleet", 6, "sha256:1")
    assert found["accounts"][0]["verdicts"] == {"schedule": 1}


def test_who_is_stuck() -> None:
    """Keys, then every account that somebody should look at, and no other."""
    trouble = account("bolt", trouble="CC703: damaged", failure=ExitCode.LOCKED)
    assert status_text(status(STUCK, trouble, account("cat", last=WELL)), style=PLAIN) == (
        "API KEY  ACCOUNTS  USED TODAY  LIMIT\n"
        "0a1b     2         40          10,000\n"
        "\n"
        "acme  a1\n"
        "  a write is open: Spring\n"
        "  outcome unknown: a person must look: Gala\n"
        "  halted: Raffle\n"
        "  apply ended 8: Mon 1 Mar 2027, 14:00 UTC: Spring: refused\n"
        "\n"
        "bolt  a1\n"
        "  not known: CC703: damaged\n"
        "\n"
        "3 accounts: 2 to look at. Exit 10.\n"
    )


def test_who_is_stuck_for_programs() -> None:
    """All accounts, the well ones too."""
    found = json.loads(status_json(status(STUCK, account("cat"))))
    assert [one["stuck"] for one in found["accounts"]] == [True, False]
    assert found["accounts"][0]["last"]["exit_code"] == 8
    assert found["keys"] == [{"key": "0a1b", "accounts": 2, "used": 40, "limit": 10_000}]


def test_no_keys_no_table() -> None:
    """Where no workspace could be read."""
    bare = StatusView(at=AT, accounts=(), keys=(), exit_code=ExitCode.DONE)
    assert status_text(bare, style=PLAIN) == "0 accounts: none to look at. Exit 0.\n"
    assert status_prometheus(bare).splitlines()[-1] == "ccops_fleet_accounts 0"


@given(names)
def test_no_name_takes_over_the_terminal(name: str) -> None:
    """One account stays one line, coloured or not."""
    for style in (PLAIN, Style(color=True)):
        lines = fleet_text(view(line(name, ExitCode.ACCESS, name)), style=style)
        assert len(lines.split("\n")) == 8
        missing = (line(name, ExitCode.ACCESS, name),)
        applied = fleet_text(view(line(), action="apply", left_out=missing), style=style)
        assert len(applied.split("\n")) == 10
        stuck = account(name, trouble=name or "x", halted=(name,), last=FAILED)
        told = status_text(status(stuck), style=style)
        assert len(told.split("\n")) == 10


# The text exposition format, as far as gauges need it (prometheus.io, exposition formats).
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9]+)")
COMMENT = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")


def parsed(text: str) -> dict[str, list[tuple[dict[str, str], int]]]:
    """Read it strictly: each family once, its comments before its samples, all lines ended."""
    assert text.endswith("\n")
    found: dict[str, list[tuple[dict[str, str], int]]] = {}
    told = dict[str, list[str]]()
    for row in text.removesuffix("\n").split("\n"):
        comment = COMMENT.fullmatch(row)
        if comment:
            assert comment[2] not in found
            told.setdefault(comment[2], []).append(comment[1])
            continue
        sample = SAMPLE.fullmatch(row)
        assert sample, row
        assert told[sample[1]] == ["HELP", "TYPE"]
        pairs = re.finditer(rf"([a-zA-Z_][a-zA-Z0-9_]*)={LABEL.partition('=')[2]}", sample[2] or "")
        labels = {one[1]: unescaped(one[2]) for one in pairs}
        assert labels not in [known for known, _ in found.get(sample[1], [])]
        found.setdefault(sample[1], []).append((labels, int(sample[len(sample.groups())])))
    return found


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], text)


def test_prometheus_reads_every_value() -> None:
    """One gauge each for accounts and keys."""
    found = parsed(status_prometheus(status(STUCK, account("cat", trouble="x"))))
    acme, cat = {"account": "a1", "workspace": "acme"}, {"account": "a1", "workspace": "cat"}
    assert found == {
        "ccops_fleet_accounts": [({}, 2)],
        "ccops_fleet_open_writes": [(acme, 2), (cat, 0)],
        "ccops_fleet_unknown_writes": [(acme, 1), (cat, 0)],
        "ccops_fleet_halted_campaigns": [(acme, 1), (cat, 0)],
        "ccops_fleet_unreadable": [(acme, 0), (cat, 1)],
        "ccops_fleet_last_exit_code": [({**acme, "action": "apply"}, 8)],
        "ccops_fleet_last_run_timestamp_seconds": [
            ({**acme, "action": "apply"}, int(AT.timestamp()))
        ],
        "ccops_fleet_requests_used": [({"key": "0a1b"}, 40)],
        "ccops_fleet_requests_limit": [({"key": "0a1b"}, 10_000)],
    }


@given(names)
def test_no_name_breaks_the_metrics(name: str) -> None:
    """Each stays one label; what it shows can be read back, and no log obeys it."""
    text = status_prometheus(status(account(name)))
    ((labels, _),) = parsed(text)["ccops_fleet_open_writes"]
    assert f'"{label(labels["workspace"])}"' in text
    assert "##[" not in text
    assert all(one.isprintable() or one in "\n\u200d" for one in text)


@pytest.mark.parametrize("text", ['a"b', "a\\b", "\\n", '\\"', "a\\"])
def test_the_three_escapes(text: str) -> None:
    """Backslash, quote and line feed."""
    assert unescaped(label(text)) == text
