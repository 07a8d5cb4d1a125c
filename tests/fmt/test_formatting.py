"""The standard form: order, indentation and spacing become alike; words and comments stay."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from ccops.errors import InvalidInput
from ccops.manifest.document import Loader
from ccops.manifest.format import MANIFEST_ORDER, format_manifests, format_settings
from ccops.manifest.reader import read_manifests
from ccops.manifest.writer import write_manifest
from ccops.model import Desired, JsonObject
from tests.fmt.hands import AMOUNT, FILES, NAMES, ZONE, comments, generated, written
from tests.manifest.test_manifest_writer import manifests

LOADERS: tuple[Loader, ...] = (yaml.CSafeLoader, yaml.SafeLoader)
SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES = sorted((SCHEMAS.parent / "examples").rglob("campaigns/*.yaml"))

Format = Callable[..., str]


@pytest.fixture(scope="session")
def campaign_schema() -> JsonObject:
    return dict(json.loads((SCHEMAS / "campaign.schema.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def workspace_schema() -> JsonObject:
    return dict(json.loads((SCHEMAS / "workspace.schema.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def formatted(campaign_schema: JsonObject) -> Format:
    """Format a text with both parsers."""

    def standard(text: str, loaders: tuple[Loader, ...] = LOADERS) -> str:
        texts = {
            format_manifests("a.yaml", text, schema=campaign_schema, zone=ZONE, loader=loader)
            for loader in loaders
        }
        assert len(texts) == 1
        return texts.pop()

    return standard


def said(text: str, schema: JsonObject) -> tuple[Desired, ...]:
    return read_manifests([("a.yaml", text)], schema=schema, zone=ZONE)


def keys(text: str) -> list[list[str]]:
    """The keys of every manifest, as they stand, by PyYAML's account."""
    roots = yaml.compose_all(text, Loader=yaml.CSafeLoader)
    return [
        [key.value for key, _ in root.value] for root in roots if isinstance(root, yaml.MappingNode)
    ]


def in_order(names: list[str]) -> bool:
    return names == sorted(names, key=MANIFEST_ORDER[()].index)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_written_by_hand(formatted: Format, campaign_schema: JsonObject, path: Path) -> None:
    """It says what it said, has every comment, and is in the standard form from then on."""
    text = written(path)
    after = formatted(text)
    assert said(after, campaign_schema) == said(text, campaign_schema)
    assert comments(after) == comments(text)
    assert all(in_order(one) for one in keys(after))
    assert after.count("---") == text.count("---")
    assert after.endswith("\n")
    assert formatted(after) == after


@pytest.mark.no_cover  # the tables cover the code; to trace this would double its time
def test_a_thousand_generated_files(formatted: Format, campaign_schema: JsonObject) -> None:
    """Whatever the hand; the second time, nothing changes."""
    for number, text in enumerate(generated()):
        after = formatted(text, LOADERS[:1])
        assert comments(after) == comments(text)
        if number % 10 == 0:
            assert said(after, campaign_schema) == said(text, campaign_schema)
            assert all(in_order(one) for one in keys(after))
            assert formatted(after, LOADERS[:1]) == after
    assert number == AMOUNT - 1


@settings(max_examples=60)
@given(manifests())
def test_what_ccops_writes_is_in_the_standard_form(
    campaign_schema: JsonObject, case: tuple[Desired, str | None]
) -> None:
    """A file that was pulled needs no formatting."""
    desired, zone = case
    text = write_manifest(desired, zone=zone, schema="x.json")
    assert format_manifests("a.yaml", text, schema=campaign_schema, zone=zone) == text


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_the_examples_are_in_the_standard_form(formatted: Format, path: Path) -> None:
    """What people copy is how it should be."""
    assert formatted(written(path)) == written(path)


HEAD = "campaign: A\nrecipients: {lists: [B]}\n"

TABLE = {
    "keys in order, comments with them": (
        (
            "# vim: ts=2\n# the time\nsend_at: now  # soon\n\n# who\nrecipients: {lists: [B]}\n"
            "campaign: A\n# the end\n"
        ),
        (
            "# vim: ts=2\ncampaign: A\n\n# who\nrecipients: {lists: [B]}\n# the time\n"
            "send_at: now  # soon\n# the end\n"
        ),
    ),
    "what stands apart at the top stays there": (
        "# About this file\n\nsend_at: now\n" + HEAD,
        "# About this file\n\n" + HEAD + "send_at: now\n",
    ),
    "a note directly below a key goes with it": (
        "owner: me\n# he is away in May\n\nsend_at: now\n" + HEAD,
        HEAD + "send_at: now\nowner: me\n# he is away in May\n",
    ),
    "comments that are indented belong to what is above": (
        "tags:\n    - a\n    # - b\n  # no more\n" + HEAD + "send_at: now\n",
        HEAD + "send_at: now\ntags:\n  - a\n  # - b\n# no more\n",
    ),
    "inner keys in order": (
        HEAD
        + "send_at: now\nexpect:\n   from: a@b.cd # who\n   subject: S\n".replace("d #", "d  #"),
        HEAD + "send_at: now\nexpect:\n  subject: S\n  from: a@b.cd  # who\n",
    ),
    "comments in one column stay in one": (
        "campaign:  A                # one\nrecipients: {lists: [ B ]}  # two\nsend_at: now   # three\n",
        "campaign: A                 # one\nrecipients: {lists: [B]}    # two\nsend_at: now   # three\n",
    ),
    "brackets over several lines": (
        "campaign: A\nrecipients:\n  lists: [ # all\n    B, # one\n    {id: 1c2d3e4f-0000-11ef-8f6e-fa163e123456}\n"
        "  ]   # done\nsend_at: now\n".replace("B, #", "B,  #"),
        (
            "campaign: A\nrecipients:\n  lists:  # all\n    - B  # one\n"
            "    - {id: 1c2d3e4f-0000-11ef-8f6e-fa163e123456}   # done\nsend_at: now\n"
        ),
    ),
    "brackets that fit on a line": (
        HEAD + "send_at: now\ntags: [\n  a,\n  b\n]\n",
        HEAD + "send_at: now\ntags: [a, b]\n",
    ),
    "a comment between key and brackets": (
        HEAD + "send_at: now\ntags:   # some\n  [ a,b ]\n",
        HEAD + "send_at: now\ntags:   # some\n  [a, b]\n",
    ),
    "an id over several lines": (
        "campaign: A\nrecipients:\n  segment: {\n    id: 7 # seven\n  }\nsend_at: now\n".replace(
            "7 #", "7  #"
        ),
        "campaign: A\nrecipients:\n  segment: {id: 7}  # seven\nsend_at: now\n",
    ),
    "an entry over several lines": (
        (
            "campaign: A\nrecipients:\n  lists:\n  - {id: # which?\n"
            "     1c2d3e4f-0000-11ef-8f6e-fa163e123456}\nsend_at: now\n"
        ),
        (
            "campaign: A\nrecipients:\n  lists:\n    - id:  # which?\n"
            "        1c2d3e4f-0000-11ef-8f6e-fa163e123456\nsend_at: now\n"
        ),
    ),
    "a text below a >": (
        HEAD + "send_at: >-   # when\n      now\n# end",
        HEAD + "send_at: >-   # when\n  now\n# end\n",
    ),
    "an entry below a >": (
        HEAD + "send_at: now\ntags:\n- >-\n   one\n   two\n",
        HEAD + "send_at: now\ntags:\n  - >-\n    one\n    two\n",
    ),
    "line breaks like the first": (
        "campaign: A\r\nrecipients: {lists: [B]}\nsend_at: now",
        "campaign: A\r\nrecipients: {lists: [B]}\r\nsend_at: now\r\n",
    ),
    "a byte order mark": ("\ufeff\n" + HEAD + "send_at: now\n", "\ufeff" + HEAD + "send_at: now\n"),
    "braces behind a marker": (
        "--- {send_at: now, campaign: A,recipients: {lists: [ B ]}} # x\n",
        "---\n{campaign: A, recipients: {lists: [B]}, send_at: now}  # x\n",
    ),
    "a comment above braces": (
        "# x\n{send_at: now, campaign: A, recipients: {lists: [B]}}\n...\n# y",
        "# x\n{campaign: A, recipients: {lists: [B]}, send_at: now}\n...\n# y\n",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_standard_form(formatted: Format, name: str) -> None:
    """To the byte; and it is its own standard form."""
    text, expected = TABLE[name]
    assert formatted(text) == expected
    assert formatted(expected) == expected


def test_the_workspace_file(workspace_schema: JsonObject) -> None:
    """Keys in the manual's order; a guard's braces and a limit's words as they are."""
    text = (
        "guards: {  } # none yet\nlimits: {lead: 20 minutes,\n  freeze: 1 hour}\n"
        "# which account\naccount: 'abc'\nversion:   1\n"
    )
    expected = (
        "version: 1\n# which account\naccount: 'abc'\nguards: {}  # none yet\n"
        "limits: {lead: 20 minutes, freeze: 1 hour}\n"
    )
    for one in (text, expected):
        assert format_settings("ccops.yaml", one, schema=workspace_schema) == expected
    odd = text.replace("{  }", "{ # x\n }")
    after = format_settings("ccops.yaml", odd, schema=workspace_schema)
    assert comments(after) == comments(odd)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "send_at: >4-\n    now\n",
        HEAD + "send_at: now\nexpect:\n    subject: |4-\n        x\n",
    ],
)
def test_a_file_that_would_say_something_else_is_refused(formatted: Format, text: str) -> None:
    """Lines below a | whose indentation is written out are left to their author."""
    with pytest.raises(InvalidInput, match="CC124"):
        formatted(text)


def test_a_workspace_file_that_would_not_be_sound_is_refused(workspace_schema: JsonObject) -> None:
    """The same holds for ccops.yaml."""
    text = "version: 1\naccount: >4-\n    abc\n"
    with pytest.raises(InvalidInput, match="CC124"):
        format_settings("ccops.yaml", text, schema=workspace_schema)


def test_an_unsound_file_is_refused(formatted: Format, workspace_schema: JsonObject) -> None:
    """It says what is wrong with it, as reading it would."""
    with pytest.raises(InvalidInput, match="CC102"):
        formatted("campaign: A\n")
    with pytest.raises(InvalidInput, match="CC102"):
        format_settings("ccops.yaml", "version: 1\n", schema=workspace_schema)
