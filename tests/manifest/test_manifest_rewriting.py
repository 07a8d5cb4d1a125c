"""Stopping sends in a manifest's text: exactly those go, and every other byte stays."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import InvalidInput
from ccops.manifest.document import Loader
from ccops.manifest.reader import read_manifests
from ccops.manifest.rewrite import Stop, by_hand, stop_sends
from ccops.model import Desired, JsonObject

ZONE = "America/New_York"
LOADERS: tuple[Loader, ...] = (yaml.CSafeLoader, yaml.SafeLoader)
START = datetime(2026, 10, 6, 13, tzinfo=UTC)

Rewrite = Callable[..., str]


@pytest.fixture(scope="module")
def rewrite(campaign_schema: JsonObject) -> Rewrite:
    """Stop the sends after the first `done` ones of every manifest in a text, with both parsers."""

    def rewritten(text: str, done: int = 0, zone: str | None = ZONE) -> str:
        texts = {
            stop_sends(
                "a.yaml",
                text,
                stops(text, done, campaign_schema, zone),
                schema=campaign_schema,
                zone=zone,
                loader=loader,
            )
            for loader in LOADERS
        }
        assert len(texts) == 1
        return texts.pop()

    return rewritten


def stops(text: str, done: int, schema: JsonObject, zone: str | None = ZONE) -> list[Stop]:
    found = read_manifests([("a.yaml", text)], schema=schema, zone=zone)
    return [Stop(desired=one, done=done) for one in found]


HEAD = "campaign: Fall\nrecipients: {lists: [Donors]}\n"
BLOCK = f"""{HEAD}send_at: Tue 2026-10-06 09:00
resend_to_new_contacts:  # twice
  - Tue 2026-10-13 09:00  # first
  # then
  - "Tue 2026-10-20 09:00" # last

tags: [fall]
"""
FLOW = f"{HEAD}resend_to_new_contacts: [2026-10-13 09:00, '2026-10-20 09:00']  # both\n"

EXAMPLES: dict[str, tuple[str, int, str]] = {
    "a time": (
        HEAD + "send_at: Tue 2026-10-06 09:00\n",
        0,
        HEAD + "send_at: unscheduled  # was Tue 2026-10-06 09:00\n",
    ),
    "no line break at the end": (
        HEAD + "send_at: now",
        0,
        HEAD + "send_at: unscheduled  # was now",
    ),
    "a comment behind it": (
        HEAD + "send_at: 2026-10-06 09:00   # the gala\n",
        0,
        HEAD + "send_at: unscheduled   # was 2026-10-06 09:00 # the gala\n",
    ),
    "quotes and a near comment": (
        HEAD + 'send_at: "2026-10-06 09:00" # the gala\n',
        0,
        HEAD + "send_at: unscheduled  # was 2026-10-06 09:00 # the gala\n",
    ),
    "an instant with an offset": (
        HEAD + "send_at: '2022-05-10T12:53:55.104+02:00'  \n",
        0,
        HEAD + "send_at: unscheduled  # was 2022-05-10T12:53:55.104+02:00  \n",
    ),
    "a time of its own zone": (
        HEAD + "send_at: 2026-10-06 09:00 Europe/Berlin\n",
        0,
        HEAD + "send_at: unscheduled  # was 2026-10-06 09:00 Europe/Berlin\n",
    ),
    "quotes over two lines": (
        HEAD + 'send_at: "Tue 2026-10-06\n  09:00" # x\ntags: [a]\n',
        0,
        HEAD + "send_at: unscheduled  # was Tue 2026-10-06 09:00 # x\ntags: [a]\n",
    ),
    "on a line of its own": (
        "send_at:\r\n  now\r\n" + HEAD.replace("\n", "\r\n"),
        0,
        "send_at:\r\n  unscheduled  # was now\r\n" + HEAD.replace("\n", "\r\n"),
    ),
    "a byte order mark and braces": (
        '\ufeff{"campaign": "Fall", "send_at": "now", "recipients": {"lists": ["Donors"]}}\n',
        0,
        (
            '\ufeff# was now\n{"campaign": "Fall", "send_at": unscheduled, '
            '"recipients": {"lists": ["Donors"]}}\n'
        ),
    ),
    "braces over several lines": (
        "{campaign: Fall, recipients: {lists: [Donors]},\r\n send_at: now, \r\n tags: [a]}\r\n",
        0,
        (
            "{campaign: Fall, recipients: {lists: [Donors]},\r\n"
            " send_at: unscheduled,  # was now \r\n tags: [a]}\r\n"
        ),
    ),
    "braces that end with it": (
        "{campaign: Fall, recipients: {lists: [Donors]}, send_at: now}",
        0,
        "{campaign: Fall, recipients: {lists: [Donors]}, send_at: unscheduled}  # was now",
    ),
    "resends too": (
        BLOCK,
        0,
        f"""{HEAD}send_at: unscheduled  # was Tue 2026-10-06 09:00
# halted: resend_to_new_contacts:  # twice
  # halted: - Tue 2026-10-13 09:00  # first
  # then
  # halted: - "Tue 2026-10-20 09:00" # last

tags: [fall]
""",
    ),
    "all resends": (
        BLOCK,
        1,
        f"""{HEAD}send_at: Tue 2026-10-06 09:00
# halted: resend_to_new_contacts:  # twice
  # halted: - Tue 2026-10-13 09:00  # first
  # then
  # halted: - "Tue 2026-10-20 09:00" # last

tags: [fall]
""",
    ),
    "the last resend": (
        BLOCK,
        2,
        BLOCK.replace('- "Tue 2026-10-20', '# halted: - "Tue 2026-10-20'),
    ),
    "nothing is left": (BLOCK, 3, BLOCK),
    "an entry below its dash": (
        (
            f"{HEAD}send_at: now\nresend_to_new_contacts:\n- 2026-10-13 09:00\n-   # x\n"
            "    '2026-10-20\n     09:00'"
        ),
        2,
        (
            f"{HEAD}send_at: now\nresend_to_new_contacts:\n- 2026-10-13 09:00\n# halted: -   # x\n"
            "    # halted: '2026-10-20\n     # halted: 09:00'"
        ),
    ),
    "brackets, one left": (
        FLOW + "send_at: now\n",
        2,
        (
            f"{HEAD}resend_to_new_contacts: [2026-10-13 09:00]"
            "  # halted: 2026-10-20 09:00 # both\nsend_at: now\n"
        ),
    ),
    "brackets, none left": (
        FLOW + "send_at: now\n",
        1,
        HEAD
        + "# halted: resend_to_new_contacts: [2026-10-13 09:00, '2026-10-20 09:00']  # both\n"
        + "send_at: now\n",
    ),
    "brackets over several lines": (
        (
            f"{HEAD}send_at: now\nresend_to_new_contacts: [\n  2026-10-13 09:00,\n"
            "  2026-10-20 09:00,\n  ]\n"
        ),
        2,
        (
            f"{HEAD}send_at: now\nresend_to_new_contacts: [\n  2026-10-13 09:00,\n"
            "  ]  # halted: 2026-10-20 09:00\n"
        ),
    ),
    "a key that is asked for": (
        f"{HEAD}send_at: now\n? resend_to_new_contacts\n: [2026-10-13 09:00]\n",
        1,
        f"{HEAD}send_at: now\n# halted: ? resend_to_new_contacts\n# halted: : [2026-10-13 09:00]\n",
    ),
    "brackets over several lines, none left": (
        f"{HEAD}send_at: now\nresend_to_new_contacts: [\n  # one\n  2026-10-13 09:00,\n  ]\n",
        1,
        (
            f"{HEAD}send_at: now\n# halted: resend_to_new_contacts: [\n  # one\n"
            "  # halted: 2026-10-13 09:00,\n  # halted: ]\n"
        ),
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rewritten_manifest(rewrite: Rewrite, name: str) -> None:
    """To the byte; and rewriting it again changes nothing."""
    text, done, expected = EXAMPLES[name]
    assert rewrite(text, done) == expected
    assert rewrite(expected, done) == expected


REFUSED = {
    "a time below a >": (HEAD + "send_at: >-\n  2026-10-06 09:00\n", 0),
    "an entry below a |": (
        f"{HEAD}send_at: now\nresend_to_new_contacts:\n- |-\n  2026-10-13 09:00\n",
        1,
    ),
    "resends in one pair of braces": (
        (
            "{campaign: Fall, recipients: {lists: [D]}, send_at: now, "
            "resend_to_new_contacts: [2026-10-13 09:00]}"
        ),
        0,
    ),
    "comments between brackets": (
        f"{HEAD}send_at: now\nresend_to_new_contacts: [2026-10-13 09:00,  # x\n 2026-10-20 09:00]",
        2,
    ),
    "a text that goes on beside it": (
        '{recipients: {lists: [D]}, campaign: "Fa\n ll", send_at: now, owner: me}',
        0,
    ),
    "a long text that goes on beside it": (
        f'{{recipients: {{lists: [D]}}, campaign: "{"x" * 75}\n ll", send_at: now, owner: me}}',
        0,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_rewritten_safely_is_refused(campaign_schema: JsonObject, name: str) -> None:
    """A person writes it; nothing is guessed."""
    text, done = REFUSED[name]
    wanted = stops(text, done, campaign_schema)
    with pytest.raises(InvalidInput, match="CC123"):
        stop_sends("a.yaml", text, wanted, schema=campaign_schema, zone=ZONE)


@pytest.mark.parametrize(
    "now",
    [
        HEAD + "send_at: 2026-10-07 09:00\n",
        HEAD.replace("Fall", "Autumn") + "send_at: 2026-10-06 09:00\n",
        HEAD.replace("Donors", "Board") + "send_at: 2026-10-06 09:00\n",
    ],
)
def test_a_manifest_that_was_changed_meanwhile_is_refused(
    campaign_schema: JsonObject, now: str
) -> None:
    """Somebody decided anew while the halt was running."""
    wanted = stops(HEAD + "send_at: 2026-10-06 09:00\n", 0, campaign_schema)
    with pytest.raises(InvalidInput, match="changed since"):
        stop_sends("a.yaml", now, wanted, schema=campaign_schema, zone=ZONE)


def test_a_file_that_is_no_longer_sound_is_refused(campaign_schema: JsonObject) -> None:
    """It says what is wrong with it, as reading it would."""
    wanted = stops(HEAD + "send_at: now\n", 0, campaign_schema)
    with pytest.raises(InvalidInput, match="CC102"):
        stop_sends("a.yaml", HEAD, wanted, schema=campaign_schema, zone=ZONE)


def test_only_the_named_manifests_of_a_file_change(campaign_schema: JsonObject) -> None:
    """Others in the same file keep every byte."""
    text = f"# all\n{BLOCK}---\n{HEAD.replace('Fall', 'Spring')}send_at: now\n---\n# end\n"
    spring = stops(text, 0, campaign_schema)[1:]
    after = stop_sends("a.yaml", text, spring, schema=campaign_schema, zone=ZONE)
    assert after == text.replace("send_at: now\n", "send_at: unscheduled  # was now\n")


def test_a_zone_that_only_the_time_named(rewrite: Rewrite) -> None:
    """Without its times the manifest has none, and that is no difference."""
    text = HEAD + "send_at: 2026-10-06 09:00 Europe/Berlin\n"
    after = rewrite(text, zone=None)
    assert after == HEAD + "send_at: unscheduled  # was 2026-10-06 09:00 Europe/Berlin\n"
    assert rewrite(after, zone=None) == after


def test_lines_to_write_by_hand(campaign_schema: JsonObject) -> None:
    """What a person reads is what the rewriting would have written."""
    first, again = (stops(BLOCK, done, campaign_schema)[0] for done in (0, 2))
    assert by_hand(first) == (
        "send_at: unscheduled  # was Tue 2026-10-06 09:00 America/New_York",
        "# halted: resend_to_new_contacts:",
        "# halted:   - Tue 2026-10-13 09:00 America/New_York",
        "# halted:   - Tue 2026-10-20 09:00 America/New_York",
    )
    assert by_hand(again) == ("# halted: - Tue 2026-10-20 09:00 America/New_York",)
    assert by_hand(Stop(desired=first.desired, done=3)) == ()
    now = stops(HEAD + "send_at: now\n", 0, campaign_schema)[0]
    assert by_hand(now) == ("send_at: unscheduled  # was now",)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A generated file: its text, and how many sends of each manifest are done."""

    text: str
    done: tuple[int, ...]


COMMENTS = st.sampled_from(["", "  # x", "  # send_at: now", "  # é 😀 '\"[", "   "])
NAMES = st.sampled_from(["Fall", "Été – 😀", "a: b", "- x", "send_at", "#1", "it's"])
QUOTES: tuple[Callable[[str], str], ...] = (str, json.dumps, lambda text: f"'{text}'")


@st.composite
def files(draw: st.DrawFn) -> Written:
    """Files of one to three manifests in many hands: order, quotes, comments, breaks, brackets."""
    amount = draw(st.integers(1, 3))
    written = [_document(draw, number) for number in range(amount)]
    text = "---\n".join(text for text, _ in written)
    text = draw(st.sampled_from(["", "# head\n", "\ufeff"])) + text
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    cut = draw(st.booleans())
    return Written(text=text.rstrip("\r\n") if cut else text, done=tuple(n for _, n in written))


def _document(draw: st.DrawFn, number: int) -> tuple[str, int]:
    resends = draw(st.integers(0, 3))
    first = draw(st.sampled_from(["now", "2026-10-06 09:00", "2026-10-06T13:00:00Z"]))
    keys = [
        f"campaign: {json.dumps(draw(NAMES) + f' {number}', ensure_ascii=False)}",
        f"recipients:{draw(COMMENTS)}\n  lists: [Donors, Board]",
        f"send_at: {draw(st.sampled_from(QUOTES))(first)}",
        *([_resends(draw, resends)] if resends else []),
        *draw(st.sampled_from([[], ["tags: [a, b]"], ["owner: me"]])),
    ]
    order = draw(st.permutations(keys))
    lines = "".join(
        f"{one}{draw(COMMENTS)}\n{draw(st.sampled_from(['', '# -', '  ']))}\n" for one in order
    )
    return lines, draw(st.integers(0, resends + 1))


def _resends(draw: st.DrawFn, amount: int) -> str:
    times = [
        draw(st.sampled_from(QUOTES))(f"{START + timedelta(days=7 * (n + 1)):%Y-%m-%d %H:%M}")
        for n in range(amount)
    ]
    key = "resend_to_new_contacts:"
    if draw(st.booleans()):
        between = draw(st.sampled_from([", ", ",  ", ",\n  "]))
        return f"{key} [{between.join(times)}]"
    indent = draw(st.sampled_from(["", "  "]))
    entries = "".join(f"{draw(COMMENTS)}\n{indent}- {one}" for one in times)
    return f"{key}{entries}"


@settings(max_examples=80)
@given(files())
def test_whatever_the_hand_only_the_stopped_sends_go(
    campaign_schema: JsonObject, written: Written
) -> None:
    """The rest reads as before, other bytes stay, and a second time changes nothing."""
    before = read_manifests([("a.yaml", written.text)], schema=campaign_schema, zone=ZONE)
    wanted = [Stop(desired=d, done=n) for d, n in zip(before, written.done, strict=True)]
    texts = [
        stop_sends("a.yaml", written.text, wanted, schema=campaign_schema, zone=ZONE, loader=one)
        for one in LOADERS
    ]
    after = read_manifests([("a.yaml", texts[0])], schema=campaign_schema, zone=ZONE)
    assert texts[0] == texts[1]
    assert after == tuple(_stopped(one) for one in wanted)
    assert _kept(texts[0]) == _kept(written.text)
    again = stop_sends("a.yaml", texts[0], wanted, schema=campaign_schema, zone=ZONE)
    assert again == texts[0]


def _stopped(stop: Stop) -> Desired:
    return replace(stop.desired, sends=stop.desired.sends[: stop.done])


def _kept(text: str) -> list[str]:
    """The lines that are no business of a halt, with their breaks."""
    marks = ("send_at:", "resend_to", "2026-", "halted:")
    return [one for one in text.splitlines(keepends=True) if not any(m in one for m in marks)]
