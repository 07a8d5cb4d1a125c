"""Manifests become `Desired` values, or every mistake of every file is told at once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import Diagnostic, ExitCode, InvalidInput
from ccops.manifest.document import read_documents
from ccops.manifest.names import text_of
from ccops.manifest.nodes import Mapping, Scalar
from ccops.manifest.reader import examine_manifests, in_order, read_manifests
from ccops.manifest.text import MAX_ERRORS
from ccops.model import NOW, Desired, Expect, JsonObject, RecipientKind

Read = Callable[..., tuple[Desired, ...]]
Refused = Callable[..., list[tuple[str, str]]]

GOOD = "campaign: Fall\nrecipients: {lists: [Donors]}\nsend_at: 2026-10-06 09:00\n"
UUID = "4c08372c-957a-48b5-bc45-72c7f00796cd"


def manifest(**keys: str) -> str:
    """A good manifest with some keys written otherwise; a dash leaves a key out."""
    parts = {"campaign": "Fall", "recipients": "{lists: [Donors]}", "send_at": "2026-10-06 09:00"}
    return "".join(f"{key}: {value}\n" for key, value in (parts | keys).items() if value != "-")


def test_three_keys_suffice(read: Read) -> None:
    (one,) = read(GOOD)
    assert one.campaign == "Fall"
    assert one.kind is RecipientKind.LISTS
    assert [(ref.name, ref.id) for ref in one.references] == [("Donors", None)]
    assert [send.when for send in one.sends] == [datetime(2026, 10, 6, 13, tzinfo=UTC)]
    assert (one.activity_id, one.zone) == (None, "America/New_York")
    assert (one.expect, one.tags, one.owner) == (Expect(), (), None)
    assert str(one.place) == "a.yaml:1:11"
    assert str(one.references[0].place) == "a.yaml:2:22"
    assert str(one.sends[0].place) == "a.yaml:3:10"


def test_all_keys_are_read(read: Read) -> None:
    (one,) = read(
        f"""\
campaign: Gala
recipients:
  segment: {{id: 29}}
send_at: Tue 2026-10-06 09:00
activity: {UUID.upper()}
timezone: America/Chicago
resend_to_new_contacts:
  - Tue 2026-10-13 09:00
  - 2026-10-20T14:00:00Z
expect:
  subject: "Will you help?"
  from: news@example.org
tags: [appeal, fall]
owner: "@marketing"
"""
    )
    assert [(ref.kind, ref.name, ref.id) for ref in one.references] == [
        (RecipientKind.SEGMENT, None, "29")
    ]
    assert [send.when for send in one.sends] == [
        datetime(2026, 10, day, 14, tzinfo=UTC) for day in (6, 13, 20)
    ]
    assert {send.zone for send in one.sends} == {one.zone} == {"America/Chicago"}
    assert one.activity_id == UUID
    assert one.expect == Expect(subject="Will you help?", from_email="news@example.org")
    assert str(one.expect.place) == "a.yaml:11:3"
    assert (one.tags, one.owner) == (("appeal", "fall"), "@marketing")


def test_unscheduled_declares_no_send_and_now_is_no_instant(read: Read) -> None:
    (kept,) = read(manifest(send_at="unscheduled"), zone=None)
    assert (kept.sends, kept.zone) == ((), "UTC")
    (at_once,) = read(manifest(send_at="now", resend_to_new_contacts="[2026-10-13 09:00]"))
    assert at_once.sends[0].when is NOW
    assert len(at_once.sends) == 2


def test_without_any_other_zone_the_first_send_s_zone_is_the_manifest_s(read: Read) -> None:
    (one,) = read(manifest(send_at="2026-10-06 09:00 Europe/Berlin"), zone=None)
    assert one.zone == "Europe/Berlin"
    (other,) = read(manifest(send_at="now"), zone=None)
    assert (other.zone, other.sends[0].zone) == ("UTC", "UTC")


def test_lists_by_id_are_folded_to_lower_case(read: Read) -> None:
    (one,) = read(manifest(recipients=f"{{lists: [{{id: {UUID.upper()}}}, Board]}}"))
    assert [(ref.name, ref.id) for ref in one.references] == [(None, UUID), ("Board", None)]


NAMES = {
    "the name that YAML 1.1 takes for a no": ("NO", "NO"),
    "a time of day": ("9:30", "9:30"),
    "a number with a leading zero": ("010", "010"),
    "a postcode": ("02451", "02451"),
    "digits with underscores": ("1_000", "1_000"),
    "a date": ("2026-10-06", "2026-10-06"),
    "a quoted number": ('"2026"', "2026"),
    "a quoted truth": ("'true'", "true"),
    "a quoted #": ('"Donors #2024"', "Donors #2024"),
    "a # without blanks": ("Donors#2024", "Donors#2024"),
    "a comment after two blanks": ("Donors  # all", "Donors"),
    "a quoted colon": ('"Events: Fall"', "Events: Fall"),
    "an emoji": ("😀 list", "😀 list"),
    "a no-break blank inside": ("a\u00a0b", "a\u00a0b"),
    "255 characters": ("x" * 255, "x" * 255),
}


@pytest.mark.parametrize("case", NAMES)
def test_these_names_are_read_as_they_look(case: str, read: Read) -> None:
    written, name = NAMES[case]
    (one,) = read(f"campaign: c\nrecipients:\n  lists:\n    - {written}\nsend_at: now\n")
    assert [ref.name for ref in one.references] == [name]


TRAPS = {
    "a name with a #": ("    - Donors #2024", [("CC007", "4:14")]),
    "a name that begins with a #": ("    - #2024", [("CC104", "4:6")]),
    "a name with a colon": ("    - Events: Fall", [("CC101", "4:7")]),
    "a year": ("    - 2026", [("CC103", "4:7")]),
    "a decimal": ("    - 1.10", [("CC103", "4:7")]),
    "a power": ("    - 1e3", [("CC103", "4:7")]),
    "a hexadecimal": ("    - 0x1F", [("CC103", "4:7")]),
    "a truth": ("    - true", [("CC103", "4:7")]),
    "null": ("    - null", [("CC104", "4:7")]),
    "a tilde": ("    - ~", [("CC104", "4:7")]),
    "no entry": ("    -", [("CC104", "4:6")]),
    "an empty name": ("    - ''", [("CC104", "4:7")]),
    "a nested list": ("    - - Donors", [("CC103", "4:7")]),
    "a deeper dash": ("    - Donors\n      - Board", [("CC013", "4:7")]),
    "a text instead of a list": ("    Donors", [("CC103", "4:5")]),
    "a dash without a blank": ("    -Donors", [("CC103", "4:5")]),
    "two names in one text": ("    - Donors\n    - Donors", [("CC107", "5:7")]),
    "an alias": ("    - *all", [("CC004", "4:7")]),
    "stars": ("    - *VIP*", [("CC001", "4:11")]),
    "an exclamation mark": ("    - !VIP", [("CC003", "4:7")]),
    "an ampersand": ("    - &VIP x", [("CC004", "4:7")]),
    "an at sign": ("    - @all", [("CC001", "4:7")]),
    "a bracket": ("    - [Draft] list", [("CC001", "4:15")]),
    "a quote inside": ('    - "VIP" list', [("CC001", "4:13")]),
    "a tab": ("\t- Donors", [("CC008", "4:1")]),
    "a blank at the end": ('    - "Donors "', [("CC105", "4:7")]),
    "a no-break blank at the end": ("    - Donors\u00a0", [("CC105", "4:7")]),
    "decomposed characters": ("    - Cafe\u0301", [("CC105", "4:7")]),
    "a line break in a name": ('    - "a\\nb"', [("CC105", "4:7")]),
    "a control character in a name": ('    - "a\\x07b"', [("CC105", "4:7")]),
    "256 characters": (f"    - {'x' * 256}", [("CC104", "4:7")]),
    "an id that is none": ("    - {id: 12}", [("CC103", "4:12")]),
    "an id without digits": ("    - {id: x}", [("CC109", "4:12")]),
    "an id and a name": (f"    - {{id: {UUID}, name: x}}", [("CC101", "4:50")]),
    "no id": ("    - {}", [("CC102", "4:7")]),
    "one id twice": (f"    - id: {UUID}\n    - id: {UUID.upper()}", [("CC107", "5:11")]),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_names_that_yaml_would_change_are_refused(trap: str, refused: Refused) -> None:
    """Each would mail somebody else, or nobody, without a word."""
    text, expected = TRAPS[trap]
    found = refused(f"campaign: c\nrecipients:\n  lists:\n{text}\nsend_at: now\n")
    assert found == [(code, f"a.yaml:{place}") for code, place in expected]


REFUSED = {
    "no recipients": ({"recipients": "-"}, [("CC102", "1:1")]),
    "recipients null": ({"recipients": ""}, [("CC104", "2:1")]),
    "recipients empty": ({"recipients": "{}"}, [("CC106", "2:1")]),
    "recipients a name": ({"recipients": "Donors"}, [("CC103", "2:13")]),
    "both kinds": ({"recipients": "{lists: [a], segment: b}"}, [("CC106", "2:26")]),
    "lists null": ({"recipients": "{lists: }"}, [("CC104", "2:14")]),
    "lists empty": ({"recipients": "{lists: []}"}, [("CC104", "2:21")]),
    "segment null": ({"recipients": "{segment: }"}, [("CC104", "2:14")]),
    "two segments": ({"recipients": "{segment: [a, b]}"}, [("CC103", "2:23")]),
    "segment id 0": ({"recipients": "{segment: {id: 0}}"}, [("CC109", "2:28")]),
    "segment id 007": ({"recipients": "{segment: {id: 007}}"}, [("CC109", "2:28")]),
    "segment id true": ({"recipients": "{segment: {id: true}}"}, [("CC103", "2:28")]),
    "no campaign": ({"campaign": "-"}, [("CC102", "1:1")]),
    "campaign null": ({"campaign": ""}, [("CC104", "1:1")]),
    "campaign empty": ({"campaign": "''"}, [("CC104", "1:11")]),
    "campaign blank": ({"campaign": "' '"}, [("CC105", "1:11")]),
    "campaign a number": ({"campaign": "2026"}, [("CC103", "1:11")]),
    "campaign of 81": ({"campaign": "x" * 81}, [("CC104", "1:11")]),
    "campaign a list": ({"campaign": "[a]"}, [("CC103", "1:11")]),
    "no send_at": ({"send_at": "-"}, [("CC102", "1:1")]),
    "send_at null": ({"send_at": ""}, [("CC104", "3:1")]),
    "send_at 0": ({"send_at": "0"}, [("CC103", "3:10")]),
    "send_at '0'": ({"send_at": "'0'"}, [("CC110", "3:10")]),
    "send_at date": ({"send_at": "2026-10-06"}, [("CC111", "3:10")]),
    "send_at weekday": ({"send_at": "Mon 2026-10-06 09:00"}, [("CC115", "3:10")]),
    "send_at gap": ({"send_at": "2026-03-08 02:30"}, [("CC116", "3:10")]),
    "send_at fold": ({"send_at": "2026-11-01 01:30"}, [("CC117", "3:10")]),
    "send_at EST": ({"send_at": "2026-10-06 09:00 EST"}, [("CC112", "3:10")]),
    "timezone NO": ({"timezone": "NO"}, [("CC112", "4:11")]),
    "timezone null": ({"timezone": ""}, [("CC104", "4:1")]),
    "timezone EST": ({"timezone": "EST"}, [("CC112", "4:11")]),
    "two zones": (
        {"timezone": "Europe/Berlin", "send_at": "2026-10-06 09:00 Europe/Paris"},
        [("CC118", "3:10")],
    ),
    "resend empty": ({"resend_to_new_contacts": "[]"}, [("CC104", "4:25")]),
    "resend a time": ({"resend_to_new_contacts": "2026-10-13 09:00"}, [("CC103", "4:25")]),
    "resend now": ({"resend_to_new_contacts": "[now]"}, [("CC120", "4:26")]),
    "resend unscheduled": ({"resend_to_new_contacts": "[unscheduled]"}, [("CC120", "4:26")]),
    "resend before": ({"resend_to_new_contacts": "[2026-10-05 09:00]"}, [("CC119", "4:26")]),
    "resend equal": ({"resend_to_new_contacts": "[2026-10-06T13:00:00Z]"}, [("CC119", "4:26")]),
    "resend unscheduled campaign": (
        {"send_at": "unscheduled", "resend_to_new_contacts": "[2026-10-13 09:00]"},
        [("CC120", "4:1")],
    ),
    "resends out of order": (
        {"resend_to_new_contacts": "[2026-10-14 09:00, 2026-10-13 09:00]"},
        [("CC119", "4:44")],
    ),
    "activity no UUID": ({"activity": "4c08372c"}, [("CC109", "4:11")]),
    "activity with a line break": ({"activity": f'"{UUID}\\n"'}, [("CC109", "4:11")]),
    "expect empty": ({"expect": "{}"}, [("CC106", "4:1")]),
    "expect contacts": ({"expect": "{contacts: 2000..1000}"}, [("CC131", "4:20")]),
    "expect contacts exactly": ({"expect": "{contacts: 1402}"}, [("CC103", "4:20")]),
    "expect contacts null": ({"expect": "{contacts: }"}, [("CC104", "4:10")]),
    "expect from": ({"expect": "{from: news}"}, [("CC109", "4:16")]),
    "expect subject": ({"expect": '{subject: "a\\nb"}'}, [("CC105", "4:19")]),
    "override of no guard": (
        {"overrides": "[{guard: quiet-day, reason: Gala}]"},
        [("CC132", "4:21")],
    ),
    "override of expect": ({"overrides": "[{guard: expect, reason: Gala}]"}, [("CC132", "4:21")]),
    "override of send-now": (
        {"overrides": "[{guard: send-now, reason: Gala}]"},
        [("CC132", "4:21")],
    ),
    "override twice": (
        {"overrides": "[{guard: holidays, reason: a}, {guard: holidays, reason: b}]"},
        [("CC107", "4:43")],
    ),
    "override without a reason": ({"overrides": "[{guard: holidays}]"}, [("CC102", "4:13")]),
    "override for a blank": (
        {"overrides": '[{guard: holidays, reason: " "}]'},
        [("CC104", "4:39")],
    ),
    "overrides null": ({"overrides": ""}, [("CC104", "4:1")]),
    "tags a text": ({"tags": "fall"}, [("CC103", "4:7")]),
    "tags twice": ({"tags": "[a, b, a]"}, [("CC107", "4:14")]),
    "owner null": ({"owner": "~"}, [("CC104", "4:1")]),
    "a key of the workspace": ({"guards": "{}"}, [("CC101", "4:1")]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_manifest_may_not_say(case: str, refused: Refused) -> None:
    keys, expected = REFUSED[case]
    found = refused(manifest(**keys))
    assert found == [(code, f"a.yaml:{place}") for code, place in expected]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("Campaign", "campaign"),
        ("recipient", "recipients"),
        ("send-at", "send_at"),
        ("SEND AT", "send_at"),
        ("time_zone", "timezone"),
        ("resend_to_new_contact", "resend_to_new_contacts"),
        ("tag", "tags"),
    ],
)
def test_an_unknown_key_suggests_the_one_meant(read: Read, key: str, meant: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(f"{GOOD}{key}: x\n")
    (one,) = caught.value.diagnostics
    assert (one.code, str(one.place)) == ("CC101", "a.yaml:4:1")
    assert one.help == f"did you mean `{meant}`?"


def test_only_the_first_unknown_keys_get_a_suggestion(read: Read) -> None:
    """Comparing is slow, and nobody reads a thousand suggestions."""
    with pytest.raises(InvalidInput) as caught:
        read(GOOD + "".join(f"tags{number}: x\n" for number in range(30)))
    assert [one.help.startswith("did you mean") for one in caught.value.diagnostics] == (
        [True] * 20 + [False] * 10
    )


HELP = {
    "    - Events: Fall": 'a name with a colon needs quotes: "Events: Fall"',
    "    - Events:\n        - Fall": 'a name with a colon needs quotes: "Events: …"',
    "    - 2026": 'put it in quotes: "2026"',
    "    - #2024": "a # begins a comment; a text that contains one needs quotes",
    "    Donors": "write `lists: [Donors]`",
    "    - {id: x, nam: y}": "the keys here are `id`",
}


@pytest.mark.parametrize("text", HELP)
def test_help_fits_the_trap(text: str, read: Read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(f"campaign: c\nrecipients:\n  lists:\n{text}\nsend_at: now\n")
    assert HELP[text] in [one.help for one in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "a document must be a mapping, not a list"),
        ("a\n", "a document must be a mapping, not the text `a`"),
        ("3\n", "a document must be a mapping, not the number `3`"),
        ("false\n", "a document must be a mapping, not the truth value `false`"),
        ("~\n", "a document is empty"),
    ],
)
def test_a_document_is_a_mapping(text: str, message: str, read: Read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert [one.message for one in caught.value.diagnostics] == [message]


def test_a_list_entry_that_is_a_mapping_of_lists_is_named(read: Read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(manifest(tags="[{a: b}, [c]]"))
    assert [one.message for one in caught.value.diagnostics] == [
        "this entry must be a text, not a mapping",
        "this entry must be a text, not a list",
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "---\n---\n...\n"])
def test_a_file_without_a_manifest_is_refused(text: str, refused: Refused) -> None:
    """An emptied file must not look like nothing desired."""
    assert refused(text) == [("CC122", "a.yaml:1:1")]


def test_all_mistakes_of_all_files_are_told_at_once_in_order(refused: Refused) -> None:
    first = manifest(send_at="2026-10-06", campaign="2026") + "campain: x\n"
    second = GOOD + "---\n" + manifest(campaign="Fall", timezone="EST", owner="") + "--- [\n"
    third = "to: a # b\nto: b\n"
    assert refused(third, second, first) == [
        ("CC101", "a.yaml:1:1"),
        ("CC102", "a.yaml:1:1"),
        ("CC102", "a.yaml:1:1"),
        ("CC102", "a.yaml:1:1"),
        ("CC007", "a.yaml:1:7"),
        ("CC002", "a.yaml:2:1"),
        ("CC112", "b.yaml:8:11"),
        ("CC104", "b.yaml:9:1"),
        ("CC001", "b.yaml:11:1"),
        ("CC103", "c.yaml:1:11"),
        ("CC111", "c.yaml:3:10"),
        ("CC101", "c.yaml:4:1"),
    ]


def test_wrong_values_without_end_are_cut_off_and_that_is_said(refused: Refused) -> None:
    found = refused(manifest(tags="[" + "a, " * (MAX_ERRORS + 9) + "]"), "to: x\n")
    assert [code for code, _ in found].count("CC107") == MAX_ERRORS
    assert ("CC015", "a.yaml:1:1") in found
    assert ("CC101", "b.yaml:1:1") in found


def test_a_broken_zone_does_not_hide_a_broken_time(refused: Refused) -> None:
    text = manifest(timezone="EST", send_at="Mon 2026-10-06 09:00")
    assert refused(text, zone=None) == [("CC115", "a.yaml:3:10"), ("CC112", "a.yaml:4:11")]
    text = manifest(timezone="7", send_at="Mon 2026-10-06 09:00")
    assert refused(text, zone=None) == [("CC115", "a.yaml:3:10"), ("CC103", "a.yaml:4:11")]


def test_without_any_zone_a_local_time_is_refused(refused: Refused) -> None:
    assert refused(GOOD, zone=None) == [("CC113", "a.yaml:3:10")]


def test_one_campaign_in_two_files_is_refused_at_both_places(read: Read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(GOOD, "# other\n" + GOOD)
    (one,) = caught.value.diagnostics
    assert (one.code, str(one.place)) == ("CC121", "b.yaml:2:11")
    assert [str(place) for place, _ in one.also] == ["a.yaml:1:11"]


def test_one_activity_in_two_manifests_is_refused_whatever_its_case(refused: Refused) -> None:
    text = manifest(activity=UUID) + "---\n" + manifest(campaign="Other", activity=UUID.upper())
    assert refused(text) == [("CC121", "a.yaml:9:11")]


def test_names_that_differ_only_in_case_are_two_campaigns(read: Read) -> None:
    assert len(read(GOOD, manifest(campaign="FALL"))) == 2


@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
def test_positions_hold_behind_other_scripts_and_line_breaks(breaks: str, refused: Refused) -> None:
    text = breaks.join(
        ["# Füße 😀", "campaign: 'Füße 😀'", "recipients: {lists: ['😀', 2026]}", "send_at: now"]
    )
    assert refused(text) == [("CC103", "a.yaml:3:27")]


def test_the_exit_code_is_that_of_invalid_input(read: Read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read("")
    assert caught.value.exit_code is ExitCode.INVALID


def test_diagnostics_without_a_place_come_first() -> None:
    nowhere = Diagnostic(code="CC201", message="x")
    assert in_order([nowhere]) == (nowhere,)


@given(st.permutations([GOOD, manifest(campaign="B"), manifest(campaign="C") + "---\nx\n", "{"]))
def test_the_order_of_files_changes_nothing(campaign_schema: JsonObject, texts: list[str]) -> None:
    """Names, not the order in which files are found, decide the order of results."""
    named = sorted(zip("abcd", texts, strict=True))
    one, two = (
        examine_manifests(files, schema=campaign_schema, zone="UTC")
        for files in (named, list(reversed(named)))
    )
    assert one == two
    assert {each.campaign for each in one[0]} == {"Fall", "B", "C"}


def test_every_order_of_documents_gives_the_same_set(read: Read) -> None:
    parts = [manifest(campaign=name) for name in "ABC"]
    results = [set(read("---\n".join(order))) for order in permutations(parts)]
    assert all(result == results[0] for result in results)


YAML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["id", "lists"]), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = ["campaign", "recipients", "send_at", "activity", "timezone", "resend_to_new_contacts"]


@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "expect", "tags", "owner", "overrides", "other"]), YAML_VALUES
    )
)
def test_any_document_is_read_or_refused(
    campaign_schema: JsonObject, value: dict[str, object]
) -> None:
    """Whatever stands under whatever key, the answer is a `Desired` or an InvalidInput."""
    text = json.dumps(value)
    try:
        desired = read_manifests([("a.yaml", text)], schema=campaign_schema, zone="UTC")
    except InvalidInput as refused:
        assert refused.diagnostics  # noqa: PT017  # either outcome is right
    else:
        assert len(desired) == 1


def test_a_value_that_the_schema_should_have_refused_is_never_taken_for_text() -> None:
    (trees, _) = read_documents("a.yaml", "a: 1.5\n")
    assert isinstance(trees[0], Mapping)
    node = trees[0].entries["a"][1]
    assert isinstance(node, Scalar)
    with pytest.raises(TypeError):
        text_of(node)
