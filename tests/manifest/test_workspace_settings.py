"""The workspace file: one account, one zone, and limits that only a sandbox may lower."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import InvalidInput, Severity
from ccops.manifest.rules import Guard
from ccops.manifest.settings import (
    DEFAULT_PATTERN,
    Pattern,
    Settings,
    examine_settings,
    read_settings,
)
from ccops.model import JsonObject, Limits

HEAD = "version: 1\naccount: p07e1l8cdif9dl\n"
ZERO = timedelta(0)
NAMES = ("lead", "freeze", "settle", "read_lag", "request_gap")

ReadSettings = Callable[..., Settings]


@pytest.fixture(scope="session")
def read_text(workspace_schema: JsonObject) -> ReadSettings:
    def read(text: str, *, loopback: bool = False) -> Settings:
        return read_settings("ccops.yaml", text, schema=workspace_schema, loopback=loopback)

    return read


def test_two_keys_suffice(read_text: ReadSettings) -> None:
    found = read_text(HEAD)
    assert (found.account, found.zone) == ("p07e1l8cdif9dl", None)
    assert str(found.account_place) == "ccops.yaml:2:10"
    assert [one.text for one in found.manifests] == [DEFAULT_PATTERN]
    assert found.limits == Limits()


def test_the_whole_file_is_read(read_text: ReadSettings) -> None:
    """What the manual shows is the defaults."""
    found = read_text(
        """\
version: 1
account: p07e1l8cdif9dl                # encoded_account_id; any other account is refused
timezone: America/New_York
manifests: campaigns/**/*.yaml         # the default
guards: {}                             # none
limits: {lead: 15 minutes, freeze: 15 minutes, settle: 120 seconds, read_lag: 5 seconds, request_gap: 300 ms}
"""
    )
    assert found.zone == "America/New_York"
    assert found.limits == Limits()
    assert found.manifests == (Pattern(text=DEFAULT_PATTERN, place=found.account_place),)
    assert str(found.manifests[0].place) == "ccops.yaml:4:12"


def test_several_patterns_keep_their_order(read_text: ReadSettings) -> None:
    found = read_text(HEAD + "manifests: [b/*.yaml, a/*.yml]\n")
    assert [one.text for one in found.manifests] == ["b/*.yaml", "a/*.yml"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2 hours", timedelta(hours=2)),
        ("1 hour", timedelta(hours=1)),
        ("20 minutes", timedelta(minutes=20)),
        ("900 seconds", timedelta(minutes=15)),
        ("900000ms", timedelta(minutes=15)),
    ],
)
def test_durations_are_words(read_text: ReadSettings, written: str, expected: timedelta) -> None:
    assert read_text(f"{HEAD}limits: {{lead: {written}}}\n").limits.lead == expected


@pytest.mark.parametrize("written", ["15", "'15'", "15 min", "-15 minutes", "1.5 hours", "PT15M"])
def test_nothing_else_is_a_duration(read_text: ReadSettings, written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_text(f"{HEAD}limits: {{lead: {written}}}\n", loopback=True)
    (one,) = caught.value.diagnostics
    assert one.code in {"CC103", "CC109"}
    assert str(one.place) == "ccops.yaml:3:16"
    assert "15 minutes" in one.help


@pytest.mark.parametrize(
    ("name", "below", "least"),
    [
        ("lead", "899 seconds", "15 minutes"),
        ("freeze", "14 minutes", "15 minutes"),
        ("settle", "119 seconds", "2 minutes"),
        ("request_gap", "299 ms", "300 ms"),
    ],
)
def test_a_limit_below_its_floor_is_refused_but_against_a_sandbox(
    read_text: ReadSettings, name: str, below: str, least: str
) -> None:
    text = f"{HEAD}limits:\n  {name}: {below}\n"
    with pytest.raises(InvalidInput) as caught:
        read_text(text)
    (one,) = caught.value.diagnostics
    assert (one.code, str(one.place)) == ("CC207", f"ccops.yaml:4:{len(name) + 5}")
    assert f"below {least}" in one.message
    assert getattr(read_text(text, loopback=True).limits, name) < getattr(Limits(), name)


def test_read_lag_may_be_shorter_than_its_default(read_text: ReadSettings) -> None:
    assert read_text(f"{HEAD}limits: {{read_lag: 0 ms}}\n").limits.read_lag == ZERO


def test_a_sandbox_answers_at_once(read_text: ReadSettings) -> None:
    limits = read_text(HEAD, loopback=True).limits
    assert (limits.settle, limits.read_lag, limits.request_gap) == (ZERO, ZERO, ZERO)
    assert (limits.lead, limits.freeze) == (Limits().lead, Limits().freeze)
    assert limits.head_start == ZERO


@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 999_999)),
    st.booleans(),
)
def test_no_limit_in_force_is_below_its_floor_except_on_loopback(
    workspace_schema: JsonObject, written: dict[str, int], loopback: bool
) -> None:
    """Whatever is written, it is refused or it holds; nothing is raised or lowered in silence."""
    lines = "".join(f"\n  {name}: {number} ms" for name, number in written.items())
    text = f"{HEAD}limits:{lines or ' {}'}\n"
    found, errors = examine_settings("ccops.yaml", text, schema=workspace_schema, loopback=loopback)
    floors = set(NAMES) - {"read_lag"}
    below = {
        name
        for name, number in written.items()
        if name in floors and timedelta(milliseconds=number) < getattr(Limits(), name)
    }
    assert len(errors) == (0 if loopback else len(below))
    for name, number in written.items():
        assert getattr(found.limits, name) == timedelta(milliseconds=number)


@pytest.mark.parametrize(
    ("partner", "gap", "per_day"),
    [
        ("{per_second: 10, per_day: 250000}", 120, 250_000),
        ("{per_second: 7}", 172, 10_000),
        ("{per_second: 1}", 1200, 10_000),
        ("{per_second: 4, per_day: 5}", 300, 5),
        ("{per_day: 20000}", 300, 20_000),
    ],
)
def test_a_partner_key_has_its_own_pace(
    read_text: ReadSettings, partner: str, gap: int, per_day: int
) -> None:
    limits = read_text(f"{HEAD}partner: {partner}\n").limits
    assert limits.request_gap == timedelta(milliseconds=gap)
    assert limits.per_day == per_day


def test_a_gap_below_a_partner_s_own_is_refused(read_text: ReadSettings) -> None:
    text = f"{HEAD}partner: {{per_second: 10}}\nlimits: {{request_gap: %s ms}}\n"
    assert read_text(text % 120).limits.request_gap == timedelta(milliseconds=120)
    with pytest.raises(InvalidInput):
        read_text(text % 119)


REFUSED = {
    "no version": ("account: x\n", [("CC102", "1:1")]),
    "another version": ("version: 2\naccount: x\n", [("CC109", "1:10")]),
    "a version in quotes": ("version: '1'\naccount: x\n", [("CC109", "1:10")]),
    "a version with a dot": ("version: 1.5\naccount: x\n", [("CC109", "1:10")]),
    "version true": ("version: true\naccount: x\n", [("CC109", "1:10")]),
    "version null": ("version:\naccount: x\n", [("CC104", "1:1")]),
    "no account": ("version: 1\n", [("CC102", "1:1")]),
    "an account that is a number": ("version: 1\naccount: 123\n", [("CC103", "2:10")]),
    "an account with a blank": ("version: 1\naccount: a b\n", [("CC109", "2:10")]),
    "an account with a break": ('version: 1\naccount: "a\\n"\n', [("CC109", "2:10")]),
    "a zone of three letters": (f"{HEAD}timezone: EST\n", [("CC112", "3:11")]),
    "no zone": (f"{HEAD}timezone:\n", [("CC104", "3:1")]),
    "zone NO": (f"{HEAD}timezone: NO\n", [("CC112", "3:11")]),
    "no patterns": (f"{HEAD}manifests: []\n", [("CC104", "3:12")]),
    "an empty pattern": (f"{HEAD}manifests: ''\n", [("CC104", "3:12")]),
    "a pattern of numbers": (f"{HEAD}manifests: [1]\n", [("CC103", "3:13")]),
    "patterns as mapping": (f"{HEAD}manifests: {{}}\n", [("CC103", "3:12")]),
    "no guard": (f"{HEAD}guards: {{quiet-day: [Sat]}}\n", [("CC101", "3:10")]),
    "two of none": (f"{HEAD}guards:\n  a: 1\n  b: 2\n", [("CC101", "4:3"), ("CC101", "5:3")]),
    "quiet hours": (f"{HEAD}guards: {{quiet-hours: 8-20}}\n", [("CC130", "3:23")]),
    "no hours": (f'{HEAD}guards: {{quiet-hours: ["08:00-08:00"]}}\n', [("CC130", "3:24")]),
    "a quiet day": (f"{HEAD}guards: {{quiet-days: [Sat, Sunday]}}\n", [("CC130", "3:28")]),
    "a holiday": (f"{HEAD}guards: {{holidays: [US, USA]}}\n", [("CC130", "3:25")]),
    "no date": (f"{HEAD}guards: {{holidays: 2026-02-30}}\n", [("CC130", "3:20")]),
    "blackout": (
        f"{HEAD}guards: {{blackouts: [{{dates: 2026-12-26..2026-12-24, why: x}}]}}\n",
        [("CC130", "3:30")],
    ),
    "blackout of a moment": (
        f'{HEAD}guards: {{blackouts: [{{dates: "2026-12-26 10:00", why: x}}]}}\n',
        [("CC130", "3:30")],
    ),
    "blackout on no day": (
        f"{HEAD}guards: {{blackouts: [{{dates: 2026-02-30, why: x}}]}}\n",
        [("CC130", "3:30")],
    ),
    "blackout of words": (
        f"{HEAD}guards: {{blackouts: [{{dates: Christmas, why: x}}]}}\n",
        [("CC130", "3:30")],
    ),
    "blackout unexplained": (
        f"{HEAD}guards: {{blackouts: [{{dates: 2026-12-24}}]}}\n",
        [("CC102", "3:22")],
    ),
    "max-contacts": (f"{HEAD}guards: {{max-contacts: 0}}\n", [("CC109", "3:24")]),
    "no-contacts": (f"{HEAD}guards: {{no-contacts: never}}\n", [("CC130", "3:23")]),
    "max-growth": (f"{HEAD}guards: {{max-growth: a lot}}\n", [("CC130", "3:22")]),
    "min-gap": (f"{HEAD}guards: {{min-gap-same-recipients: 0 hours}}\n", [("CC130", "3:35")]),
    "severity": (
        f"{HEAD}guards: {{severity: {{max-growth: loud}}}}\n",
        [("CC130", "3:33")],
    ),
    "a blank pattern": (f'{HEAD}guards: {{forbidden-lists: " QA"}}\n', [("CC105", "3:27")]),
    "guards null": (f"{HEAD}guards:\n", [("CC104", "3:1")]),
    "guards a list": (f"{HEAD}guards: []\n", [("CC103", "3:9")]),
    "limits null": (f"{HEAD}limits:\n", [("CC104", "3:1")]),
    "an unknown limit": (f"{HEAD}limits: {{leed: 1 hour}}\n", [("CC101", "3:10")]),
    "an empty partner": (f"{HEAD}partner: {{}}\n", [("CC106", "3:1")]),
    "partner 0": (f"{HEAD}partner: {{per_second: 0}}\n", [("CC109", "3:23")]),
    "partner 1001": (f"{HEAD}partner: {{per_second: 1001}}\n", [("CC109", "3:23")]),
    "partner text": (f"{HEAD}partner: {{per_day: many}}\n", [("CC103", "3:20")]),
    "an unknown key": (f"{HEAD}time_zone: UTC\n", [("CC101", "3:1")]),
    "nothing": ("", [("CC211", "1:1")]),
    "two documents": (f"{HEAD}---\n{HEAD}", [("CC211", "1:1")]),
    "a list": ("- a\n", [("CC103", "1:1")]),
    "no YAML": ("a: [\n", [("CC001", "2:1")]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_workspace_file_may_not_say(case: str, read_text: ReadSettings) -> None:
    text, expected = REFUSED[case]
    with pytest.raises(InvalidInput) as caught:
        read_text(text)
    found = [(one.code, str(one.place)) for one in caught.value.diagnostics]
    assert found == [(code, f"ccops.yaml:{place}") for code, place in expected]


@pytest.mark.parametrize("text", ["a: [\n", "", "- a\n", "x: 1 # y\n"])
def test_a_broken_file_names_no_manifests_and_a_zone_that_raises_no_further_errors(
    workspace_schema: JsonObject, text: str
) -> None:
    found, errors = examine_settings("ccops.yaml", text, schema=workspace_schema, loopback=False)
    assert errors
    assert (found.account, found.zone) == ("", "UTC")
    assert [one.text for one in found.manifests] in ([], [DEFAULT_PATTERN])


def test_guards_are_read(read_text: ReadSettings) -> None:
    """One of each, in the short form or as a list."""
    text = """guards:
  quiet-hours: [20:00-08:00, 12:00-13:00]
  quiet-days: Sun
  holidays: [US-NY, 2026-11-27]
  blackouts:
    - {dates: 2026-12-24..2026-12-26, why: closed}
    - {dates: 2026-11-03 18:00..2026-11-04 06:00, why: election}
  max-contacts: 25000
  no-contacts: counted
  max-growth: 20%
  min-gap-same-recipients: 90 minutes
  forbidden-lists: ["QA*", TEST]
  max-sends-per-day: 2
  counting: {segments: 60}
  severity: {holidays: warning}
"""
    rules = read_text(HEAD + text).rules
    assert [str(one) for one in rules.quiet_hours] == ["20:00-08:00", "12:00-13:00"]
    assert rules.quiet_days == {6}
    assert [str(one) for one in rules.regions] == ["US-NY"]
    assert [one.isoformat() for one in rules.dates] == ["2026-11-27"]
    assert [(one.start.isoformat(), one.end.isoformat()) for one in rules.blackouts] == [
        ("2026-12-24T00:00:00", "2026-12-27T00:00:00"),
        ("2026-11-03T18:00:00", "2026-11-04T06:00:00"),
    ]
    assert (rules.max_contacts, rules.counted, rules.max_growth) == (25_000, True, 20)
    assert (rules.min_gap, rules.forbidden_lists) == (timedelta(minutes=90), ("QA*", "TEST"))
    assert (rules.max_sends, rules.overlaps, rules.segments) == (2, 10, 60)
    assert rules.severity(Guard.HOLIDAYS) is Severity.WARNING
    assert rules.severity(Guard.QUIET_DAYS) is Severity.ERROR
