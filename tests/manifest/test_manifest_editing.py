"""Setting one value in a manifest: that value changes, and every other byte of the file stays."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import cast

import pytest
import yaml

from ccops.errors import InvalidInput, Place
from ccops.manifest.document import Loader
from ccops.manifest.edit import amend, set_values
from ccops.manifest.keys import Changes, Key
from ccops.manifest.reader import read_manifests
from ccops.manifest.splice import Id
from ccops.model import NOW, Desired, JsonObject, RecipientKind, Reference, SendTime
from tests.fmt.hands import FILES, NAMES, ZONE, comments, generated, written

LOADERS: tuple[Loader, ...] = (yaml.CSafeLoader, yaml.SafeLoader)
HERE = Place(file="", line=1, column=1)
ID = "1c2d3e4f-0000-11ef-8f6e-fa163e123456"
QUOTES = ("'", '"')

Set = Callable[..., str]


@pytest.fixture(scope="module")
def set_(campaign_schema: JsonObject) -> Set:
    """Set values of a text's manifest (the first one) with both parsers."""

    def changed(text: str, changes: Changes, campaign: str = "") -> str:
        name = campaign or desired(text, campaign_schema)[0].campaign
        texts = {
            set_values(
                "a.yaml", text, name, changes, schema=campaign_schema, zone=ZONE, loader=loader
            )
            for loader in LOADERS
        }
        assert len(texts) == 1
        return texts.pop()

    return changed


def desired(text: str, schema: JsonObject, zone: str | None = ZONE) -> tuple[Desired, ...]:
    return read_manifests([("a.yaml", text)], schema=schema, zone=zone)


# The independent witness: PyYAML's own trees, with the places of their nodes.


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One value of a file: whose, which, and where it stands by PyYAML's account."""

    campaign: str
    key: Key
    node: yaml.Node


def spots(text: str, loader: Loader = yaml.SafeLoader) -> Iterator[Spot]:
    """Find every value that is a single text or a list of such, in every manifest."""
    # The C parser does not count a byte order mark.
    parser = yaml.SafeLoader if text.startswith("\ufeff") else loader
    for root in yaml.compose_all(text, Loader=parser):
        if isinstance(root, yaml.MappingNode):
            found = dict(values(root, ""))
            for key in Key:
                if key in found:
                    yield Spot(campaign=found[Key.CAMPAIGN].value, key=key, node=found[key])


def values(node: yaml.MappingNode, path: str) -> Iterator[tuple[str, yaml.Node]]:
    for key, value in node.value:
        name = f"{path}{key.value}"
        if isinstance(value, yaml.MappingNode) and name in {"recipients", "expect"}:
            yield from values(value, f"{name}.")
        else:
            yield name, value


NEW = {
    Key.CAMPAIGN: "Another name",
    Key.SEGMENT: "Another segment",
    Key.SEND_AT: "Mon 2026-01-05 08:15",
    Key.ACTIVITY: "2d3e4f50-0000-11ef-8f6e-fa163e123456",
    Key.TIMEZONE: "Europe/Vienna",
    Key.SUBJECT: "Another subject",
    Key.FROM: "other@example.org",
    Key.OWNER: "somebody",
}


def only_this_changed(before: str, after: str, node: yaml.Node, value: str) -> None:
    """The node holds the value in the quotes that it had, and nothing else is another."""
    start, end = (cast(yaml.Mark, mark).index for mark in (node.start_mark, node.end_mark))
    old = before[start:end].rstrip()
    if old[0] in "|>":
        # Of this only the indicator and the lines below it go; a comment beside it stays.
        beside = re.sub(r"^[|>][-+0-9]*", "", old.splitlines()[0])
        before = f"{before[:start]}x{beside}{before[start + len(old) :]}"
        old = "x"
    rest = before[start + len(old) :]
    assert after.startswith(before[:start])
    assert after.endswith(rest)
    new_text = after[start : len(after) - len(rest)]
    assert (old[0] if old[0] in QUOTES else "") == (new_text[0] if new_text[0] in QUOTES else "")
    assert yaml.safe_load(f"x: {new_text}")["x"] in (value, {"id": value})


def desired_again(set_: Set, text: str) -> bool:
    """Whether setting nothing changes nothing."""
    return set_(text, {}) == text


def edit_each_value(set_: Set, text: str, found: list[Spot]) -> int:
    """Set each of these values in turn; say how many there were."""
    for spot in found:
        if isinstance(spot.node, yaml.ScalarNode):
            value = NEW[spot.key]
            after = set_(text, {spot.key: value}, spot.campaign)
            only_this_changed(text, after, spot.node, value)
        elif isinstance(spot.node, yaml.SequenceNode):
            edit_an_entry(set_, text, spot)
    return len(found)


def words(node: yaml.SequenceNode) -> tuple[str | Id, ...]:
    return tuple(
        Id(id=one.value[0][1].value) if isinstance(one, yaml.MappingNode) else one.value
        for one in node.value
    )


def edit_an_entry(set_: Set, text: str, spot: Spot) -> None:
    """Set the last entry of a list."""
    node = cast(yaml.SequenceNode, spot.node)
    old, last = words(node), node.value[-1]
    if isinstance(last, yaml.ScalarNode):
        value = entry(spot)
        after = set_(text, {spot.key: (*old[:-1], value)}, spot.campaign)
        only_this_changed(text, after, last, value)


def entry(spot: Spot) -> str:
    return "2027-12-30 10:00" if spot.key is Key.RESENDS else "Another entry"


def add_an_entry(set_: Set, text: str, spot: Spot) -> None:
    """Write an entry at the end of a list; without it again, the text is what it was."""
    old, value = words(cast(yaml.SequenceNode, spot.node)), entry(spot)
    longer = set_(text, {spot.key: (*old, value)}, spot.campaign)
    assert only_more(text, longer)
    assert comments(longer) == comments(text)
    assert set_(longer, {spot.key: old}, spot.campaign) == text


def only_more(before: str, after: str) -> bool:
    """Whether one text is the other with something written into it, in one place."""
    alike = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before)
    )
    return len(after) > len(before) and after.endswith(before[alike:])


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_each_value_of_a_file_written_by_hand(set_: Set, path: Path) -> None:
    """Every comment, quote style and blank line survives; to the byte, with both parsers."""
    text = written(path)
    found = list(spots(text))
    assert edit_each_value(set_, text, found) >= 3


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_each_list_of_a_file_written_by_hand_grows_and_shrinks(set_: Set, path: Path) -> None:
    """An entry more takes no comment away, and without it the file is what it was, to the byte."""
    text = written(path)
    for spot in spots(text):
        if isinstance(spot.node, yaml.SequenceNode):
            add_an_entry(set_, text, spot)
    assert desired_again(set_, text)


@pytest.mark.no_cover  # the tables cover the code; to trace this would double its time
def test_one_value_of_a_thousand_generated_files(campaign_schema: JsonObject) -> None:
    """Whatever the hand: order, quotes, brackets, comments, blank lines, line breaks."""

    def set_one(text: str, changes: Changes, campaign: str) -> str:
        return set_values("a.yaml", text, campaign, changes, schema=campaign_schema, zone=ZONE)

    edited = 0
    for number, text in enumerate(generated()):
        found = list(spots(text, yaml.CSafeLoader))
        edited += edit_each_value(set_one, text, [random.Random(number).choice(found)])
    assert edited == 1_000


HEAD = "campaign: Fall  # name\nrecipients:\n  lists:\n    - Donors  # a\n    - 'Board'  # b\n"
TIMED = f"{HEAD}send_at: 2026-10-06 09:00\n"

EXAMPLES: dict[str, tuple[str, Changes, str]] = {
    "a new key, at its standard place": (
        f"# top\n{HEAD}send_at: now  # x\n\nowner: me",
        {Key.ACTIVITY: ID, Key.TAGS: ("a", "b c")},
        f"# top\n{HEAD}send_at: now  # x\nactivity: {ID}\ntags: [a, b c]\n\nowner: me",
    ),
    "a new key at the end of a file without a line break": (
        "campaign: A\r\nrecipients: {lists: [B]}\r\nsend_at: now",
        {Key.OWNER: "me", Key.SUBJECT: "It's: 1"},
        (
            "campaign: A\r\nrecipients: {lists: [B]}\r\nsend_at: now\r\nexpect:\r\n"
            '  subject: "It\'s: 1"\r\nowner: me'
        ),
    ),
    "a new key in braces": (
        "{campaign: A, recipients: {lists: [B]}, send_at: now}",
        {Key.OWNER: "me", Key.FROM: "a@b.cd"},
        "{campaign: A, recipients: {lists: [B]}, send_at: now, expect: {from: a@b.cd}, owner: me}",
    ),
    "a new inner key before another": (
        f"{TIMED}expect:  # all\n  # who\n  from: a@b.cd\n",
        {Key.SUBJECT: "S"},
        f"{TIMED}expect:  # all\n  subject: S\n  # who\n  from: a@b.cd\n",
    ),
    "a new inner key in braces": (
        f"{TIMED}expect: {{from: a@b.cd}}\n",
        {Key.SUBJECT: "S"},
        f"{TIMED}expect: {{subject: S, from: a@b.cd}}\n",
    ),
    "a long list": (
        f"{TIMED}# end\n",
        {Key.TAGS: tuple(f"a tag of many letters {n}" for n in range(4))},
        (
            f"{TIMED}tags:\n  - a tag of many letters 0\n  - a tag of many letters 1\n"
            "  - a tag of many letters 2\n  - a tag of many letters 3\n# end\n"
        ),
    ),
    "first resends": (
        f"{TIMED}    # deep\ntags: [a]\n",
        {Key.RESENDS: ("Tue 2026-10-13 09:00",)},
        f"{TIMED}    # deep\nresend_to_new_contacts: [Tue 2026-10-13 09:00]\ntags: [a]\n",
    ),
    "a key that goes leaves its comments": (
        f"{TIMED}# why\nresend_to_new_contacts:  # x\n  # y\n  - 2026-10-13 09:00 # z\n\nowner: me".replace(
            "09:00 # z", '09:00" # z'
        ).replace("- 2026", '- "2026'),
        {Key.RESENDS: ()},
        f"{TIMED}# why\n# x\n  # y\n  # z\n\nowner: me",
    ),
    "the last line goes": (
        f"{TIMED}owner: me",
        {Key.OWNER: None},
        TIMED[:-1],
    ),
    "the last line goes, with its line break": (
        f"{TIMED}owner: me".replace("\n", "\r\n"),
        {Key.OWNER: None},
        TIMED[:-1].replace("\n", "\r\n"),
    ),
    "the last lines go": (
        f"{TIMED}expect:\n  subject: S\n  from: a@b.cd".replace("\n", "\r\n"),
        {Key.SUBJECT: None, Key.FROM: None},
        TIMED[:-1].replace("\n", "\r\n"),
    ),
    "many last lines go": (
        f"{TIMED}resend_to_new_contacts:\n  - 2026-10-13 09:00\n  - 2026-10-20 09:00",
        {Key.RESENDS: None},
        TIMED[:-1],
    ),
    "a blank line stays": (
        f"{TIMED}resend_to_new_contacts:\n\n  - 2026-10-13 09:00\n\nowner: me\n",
        {Key.RESENDS: None},
        f"{TIMED}\n\nowner: me\n",
    ),
    "keys go out of braces": (
        "{owner: me, campaign: A, tags: [a], recipients: {lists: [B]}, send_at: now}",
        {Key.OWNER: None, Key.TAGS: None},
        "{campaign: A, recipients: {lists: [B]}, send_at: now}",
    ),
    "what is not there goes": (TIMED, {Key.OWNER: None, Key.SUBJECT: None}, TIMED),
    "the only inner key goes": (f"{TIMED}expect: {{from: a@b.cd}}\n", {Key.FROM: None}, TIMED),
    "one of two inner keys goes": (
        f"{TIMED}expect: {{from: a@b.cd, subject: S}}\n",
        {Key.FROM: None},
        f"{TIMED}expect: {{subject: S}}\n",
    ),
    "entries come, go and change": (
        TIMED,
        {Key.LISTS: ("First", "Donors", "New")},
        TIMED.replace("    - Donors", "    - First\n    - Donors").replace("'Board'", "'New'"),
    ),
    "an entry goes and leaves its comment": (
        TIMED,
        {Key.LISTS: ("Board",)},
        TIMED.replace("- Donors  # a", "# a"),
    ),
    "entries in brackets": (
        "campaign: A\nrecipients: {lists: [B, 'C', D]}\nsend_at: now\n",
        {Key.LISTS: ("A", "B", "D", "E, F")},
        'campaign: A\nrecipients: {lists: [A, B, D, "E, F"]}\nsend_at: now\n',
    ),
    "the first entries in brackets go": (
        "campaign: A\nrecipients: {lists: [B, 'C', D]}\nsend_at: now\n",
        {Key.LISTS: ("D",)},
        "campaign: A\nrecipients: {lists: [D]}\nsend_at: now\n",
    ),
    "one entry on each line, in brackets": (
        "campaign: A\nrecipients:\n  lists: [\n    B,\n    C\n  ]\nsend_at: now\n",
        {Key.LISTS: ("A", "B", "C", "D")},
        "campaign: A\nrecipients:\n  lists: [\n    A,\n    B,\n    C,\n    D\n  ]\nsend_at: now\n",
    ),
    "lists become a segment": (
        TIMED,
        {Key.SEGMENT: "Volunteers"},
        (
            "campaign: Fall  # name\nrecipients:\n  segment: Volunteers\n    # a\n    # b\n"
            "send_at: 2026-10-06 09:00\n"
        ),
    ),
    "lists in brackets become a segment": (
        "campaign: A\nrecipients: {lists: [B]}  # x\nsend_at: now\n",
        {Key.SEGMENT: Id(id="102")},
        "campaign: A\nrecipients: {segment: {id: 102}}  # x\nsend_at: now\n",
    ),
    "a segment becomes lists": (
        "campaign: A\nrecipients: {segment: 'B'}\nsend_at: now\n",
        {Key.LISTS: ("C d", Id(id=ID))},
        f"campaign: A\nrecipients: {{lists: [C d, {{id: {ID}}}]}}\nsend_at: now\n",
    ),
    "ids": (
        f"campaign: A\nrecipients:\n  lists:\n    - id: {ID} # x\n    - {{id: {ID[::-1]}}}\nsend_at: now\n".replace(
            ID[::-1], ID.replace("1c", "2c")
        ),
        {Key.LISTS: (Id(id=ID.replace("1c", "3c")), "Name")},
        (
            f"campaign: A\nrecipients:\n  lists:\n    - id: {ID.replace('1c', '3c')} # x\n"
            "    - Name\nsend_at: now\n"
        ).replace(" # x", "  # x"),
    ),
    "a comment one blank behind braces": (
        "campaign: A\nrecipients:\n  segment: {id: 7} # x\nsend_at: now\n",
        {Key.SEGMENT: "Name"},
        'campaign: A\nrecipients:\n  segment: "Name" # x\nsend_at: now\n',
    ),
    "a name that needs quotes": (
        TIMED,
        {Key.CAMPAIGN: "Fall: 2", Key.OWNER: "yes"},
        TIMED.replace("campaign: Fall", 'campaign: "Fall: 2"') + 'owner: "yes"\n',
    ),
    "quotes stay": (
        TIMED.replace("Fall", "'Fall'").replace("Donors", '"Donors"'),
        {Key.CAMPAIGN: "It's fall", Key.LISTS: ('A "b"', "Board")},
        TIMED.replace("Fall", "'It''s fall'").replace("Donors", '"A \\"b\\""'),
    ),
    "what no single quotes can hold": (
        TIMED.replace("Fall", "'Fall'"),
        {Key.CAMPAIGN: "a\u00a0b"},
        TIMED.replace("Fall", '"a\\u00a0b"'),
    ),
    "below a >": (
        f"{TIMED}expect:\n  subject: >- # why\n    We miss\n    you\n\n  from: a@b.cd\n",
        {Key.SUBJECT: "Hello"},
        f'{TIMED}expect:\n  subject: "Hello" # why\n\n  from: a@b.cd\n',
    ),
    "a comment between brackets": (
        "campaign: A\nrecipients:\n  lists: [B,  # x\n    C]\nsend_at: now\n",
        {Key.LISTS: ("B", "C", "D")},
        "campaign: A\nrecipients:\n  lists: [B,  # x\n    C, D]\nsend_at: now\n",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_edited_manifest(set_: Set, name: str) -> None:
    """To the byte; and setting the same again changes nothing."""
    text, changes, expected = EXAMPLES[name]
    text, expected = (one.replace(f"{ID} # x", f"{ID}  # x") for one in (text, expected))
    assert set_(text, changes) == expected
    campaign = cast(str, changes.get(Key.CAMPAIGN, ""))
    assert set_(expected, changes, campaign) == expected
    assert comments(expected) == comments(text)


REFUSED: dict[str, tuple[str, Changes, str]] = {
    "no such campaign": (TIMED, {}, "there is none"),
    "no recipients": (TIMED, {Key.LISTS: None}, "without recipients"),
    "a comment between brackets": (
        "campaign: A\nrecipients:\n  lists: [B,  # x\n    C]\nsend_at: now\n",
        {Key.LISTS: ("B",)},
        "between brackets",
    ),
    "brackets over several lines": (
        "campaign: A\nrecipients:\n  lists: [B,\n    C]\nsend_at: now\n",
        {Key.SEGMENT: "S"},
        "several lines",
    ),
    "an id over several lines": (
        "campaign: A\nrecipients:\n  lists:\n    - id:\n        " + ID + "\nsend_at: now\n",
        {Key.LISTS: ("B",)},
        "several lines",
    ),
    "an id with a blank": (
        "campaign: A\nrecipients: {segment: S}\nsend_at: now\n",
        {Key.SEGMENT: Id(id="29 ")},
        "what is meant",
    ),
    "a time that is none": (TIMED, {Key.SEND_AT: "soon"}, "would not be sound"),
    "a text of several lines": (TIMED, {Key.OWNER: "a\nb"}, "would not be sound"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_edited_safely_is_refused(set_: Set, name: str) -> None:
    """A person writes it; nothing is guessed and no comment is lost."""
    text, changes, why = REFUSED[name]
    with pytest.raises(InvalidInput, match=f"CC123.*{why}"):
        set_(text, changes, "Nobody" if not changes else "")


@pytest.mark.parametrize("changes", [{Key.SEND_AT: ("now",)}, {Key.TAGS: "a"}])
def test_a_list_is_a_list(set_: Set, changes: Changes) -> None:
    """The caller's mistake is told at once."""
    with pytest.raises(TypeError):
        set_(TIMED, changes)


def test_an_unsound_file_is_refused(campaign_schema: JsonObject) -> None:
    """It says what is wrong with it, as reading it would."""
    with pytest.raises(InvalidInput, match="CC102"):
        set_values("a.yaml", "campaign: A\n", "A", {}, schema=campaign_schema, zone=ZONE)


# Amending: from one value to another, in the author's words wherever they still hold.


def amended(text: str, wanted: Desired, schema: JsonObject, zone: str | None = ZONE) -> str:
    name = desired(text, schema, zone)[0].campaign
    return amend("a.yaml", text, name, wanted, schema=schema, zone=zone)


def at(*days: int) -> tuple[SendTime, ...]:
    start = datetime(2026, 10, 6, 13, tzinfo=UTC)
    return tuple(SendTime(when=start + timedelta(days=n), zone="UTC", place=HERE) for n in days)


def lists(*names: str) -> tuple[Reference, ...]:
    return tuple(Reference(kind=RecipientKind.LISTS, name=one, place=HERE) for one in names)


MANY = f"""{HEAD}send_at: "2026-10-06T13:00:00Z" # first
resend_to_new_contacts:
  - 2026-10-13 09:00   # no weekday
  - 'Tue 2026-10-20 09:00'
"""


def test_what_is_wanted_already_is_not_touched(campaign_schema: JsonObject) -> None:
    """Instants in other words, recipients in another order, another zone: no difference."""
    (one,) = desired(MANY, campaign_schema)
    wanted = replace(one, zone="UTC", sends=at(0, 7, 14), references=lists("Board", "Donors"))
    assert amended(MANY, wanted, campaign_schema) == MANY


def test_a_time_that_moved(campaign_schema: JsonObject) -> None:
    """Only that time; in the manifest's zone, with its weekday, in its quotes."""
    (one,) = desired(MANY, campaign_schema)
    wanted = replace(one, sends=at(1, 7, 15))
    assert amended(MANY, wanted, campaign_schema) == MANY.replace(
        '"2026-10-06T13:00:00Z"', '"Wed 2026-10-07 09:00"'
    ).replace("Tue 2026-10-20", "Wed 2026-10-21")


def test_sends_that_come_and_go(campaign_schema: JsonObject) -> None:
    """The resend that stays keeps its words and its comment."""
    (one,) = desired(MANY, campaign_schema)
    longer = amended(MANY, replace(one, sends=at(0, 3, 7, 14)), campaign_schema)
    assert longer == MANY.replace("  - 2026-10-13", "  - Fri 2026-10-09 09:00\n  - 2026-10-13")
    none = amended(MANY, replace(one, sends=()), campaign_schema)
    assert none == f'{HEAD}send_at: "unscheduled" # first\n  # no weekday\n'
    now = replace(one, sends=(SendTime(when=NOW, zone="UTC", place=HERE),))
    assert amended(none, now, campaign_schema) == none.replace("unscheduled", "now")


def test_a_time_that_happens_twice_gets_its_offset(campaign_schema: JsonObject) -> None:
    """Only an offset tells which of the two is meant."""
    (one,) = desired(TIMED, campaign_schema)
    twice = SendTime(when=datetime(2026, 11, 1, 6, 30, tzinfo=UTC), zone="UTC", place=HERE)
    after = amended(TIMED, replace(one, sends=(twice,)), campaign_schema)
    assert after == f"{HEAD}send_at: 2026-11-01T01:30:00-05:00\n"


def test_without_a_zone_from_anywhere_a_time_names_its_own(campaign_schema: JsonObject) -> None:
    """Otherwise it could not be read."""
    text = TIMED.replace("09:00", "09:00 Europe/Berlin")
    (one,) = desired(text, campaign_schema, None)
    after = amended(text, replace(one, sends=at(1)), campaign_schema, None)
    assert after == text.replace("2026-10-06 09:00", "Wed 2026-10-07 15:00")


def test_all_else_that_is_wanted(campaign_schema: JsonObject) -> None:
    """Name, id, recipients, expectations, tags and owner; an id as it is written stays."""
    text = f"campaign: A\nrecipients: {{lists: [B, {{id: {ID.upper()}}}]}}\nsend_at: now\n"
    (one,) = desired(text, campaign_schema)
    other = Reference(kind=RecipientKind.LISTS, id=ID.replace("1c", "2c"), place=HERE)
    wanted = replace(
        one,
        campaign="A2",
        activity_id=ID,
        references=(other, *one.references[1:]),
        expect=replace(one.expect, subject="S"),
        tags=("t",),
        owner="me",
    )
    assert amended(text, wanted, campaign_schema) == (
        f"campaign: A2\nrecipients: {{lists: [{{id: {ID.upper()}}}, {{id: {other.id}}}]}}\n"
        f"send_at: now\nactivity: {ID}\nexpect:\n  subject: S\ntags: [t]\nowner: me\n"
    )


def test_one_segment_for_another(campaign_schema: JsonObject) -> None:
    """By name, by id, and back to lists."""
    text = "campaign: A\nrecipients: {segment: 'S'}\nsend_at: now\n"
    (one,) = desired(text, campaign_schema)
    by_id = (Reference(kind=RecipientKind.SEGMENT, id="102", place=HERE),)
    after = amended(text, replace(one, references=by_id), campaign_schema)
    assert after == text.replace("'S'", "{id: 102}")
    again = amended(after, replace(one, references=lists("D")), campaign_schema)
    assert again == text.replace("segment: 'S'", "lists: [D]")


def test_what_cannot_come_out_as_wanted_is_refused(campaign_schema: JsonObject) -> None:
    """Fractions of a minute's second cannot be written, for instance."""
    (one,) = desired(TIMED, campaign_schema)
    odd = SendTime(when=datetime(2026, 11, 2, 6, 0, 0, 5, tzinfo=UTC), zone="UTC", place=HERE)
    with pytest.raises(InvalidInput, match=r"CC123.*what is meant"):
        amended(TIMED, replace(one, sends=(odd,)), campaign_schema)


def test_any_manifest_becomes_any_other(campaign_schema: JsonObject) -> None:
    """Amended to what the next file wants, a file keeps its comments."""
    texts = list(islice(generated(), 150))
    wanted = [one for text in texts for one in desired(text, campaign_schema)[:1]]
    refused: list[str] = []
    for text, goal in zip(texts, wanted[1:], strict=False):
        others = {one.campaign for one in desired(text, campaign_schema)[1:]}
        if goal.campaign in others or goal.activity_id:
            continue
        try:
            after = amended(text, goal, campaign_schema)
        except InvalidInput as error:
            refused.append(str(error))
            continue
        assert comments(after) == comments(text)
        (found, *_) = desired(after, campaign_schema)
        assert [one.when for one in found.sends] == [one.when for one in goal.sends]
    assert [one for one in refused if not re.search("brackets|several lines", one)] == []
    assert len(refused) < 30
