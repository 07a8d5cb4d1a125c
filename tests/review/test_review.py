"""The one comment of a plan: found by author, marker and account; new when the risk rises."""

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.planning.plan import Risk
from ccops.planning.review import (
    Likeness,
    Mark,
    Posted,
    Posting,
    compare,
    own,
    posting,
    read_mark,
)
from ccops.render.escape import marker

BOT = "github-actions[bot]"


def body(risk: str = "R1", status: str = "changes", text: str = "text", **other: str) -> str:
    """A comment of ours."""
    data = {"account": "acc", "risk": risk, "status": status, "checksum": "c", **other}
    return f"{marker('plan', data)}\n{text}"


def posted(text: str, author: str = BOT, number: int = 1) -> Posted:
    """A comment on the forge."""
    return Posted(id=number, author=author, body=text)


@given(st.text(), st.text(), st.text())
def test_a_marker_is_read_back(account: str, risk: str, status: str) -> None:
    """Whatever it says, it says the same when read: no value closes it."""
    text = f"{marker('plan', {'account': account, 'risk': risk, 'status': status})}\nfollows"
    assert read_mark(text) == Mark(kind="plan", account=account, risk=risk, status=status)


@given(st.text())
def test_any_text_is_a_comment_without_a_marker_or_with_one(text: str) -> None:
    """Nothing that people write breaks the reading."""
    mark = read_mark(text)
    assert mark is None or text.startswith("<!-- ccops:")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "## ccops plan",
        "> " + body(),
        "\n" + body(),
        "<!-- ccops:plan:v2 {} -->",
        "<!-- ccops:plan:v1 {} -->",
        "<!-- ccops:plan:v1 {broken} -->",
        f'<!-- ccops:plan:v1 {{"account": {"[" * 60_000}}} -->',
        '<!-- ccops:plan:v1 {"account": 1, "risk": "R0", "status": ""} -->',
        '<!-- ccops:plan:v1 {"account": "a", "risk": "R0", "status": ""} --> text',
    ],
)
def test_no_marker(text: str) -> None:
    """A quoted, later, foreign or broken marker is none."""
    assert read_mark(text) is None


def test_ours_is_found_among_others() -> None:
    """The newest of our author, kind and account; a marker that somebody copied does not count."""
    comments = [
        posted(body(text="old"), number=1),
        posted(body(text="new"), number=2),
        posted(body(text="forged"), author="eve", number=3),
        posted(body(account="other"), number=4),
        posted(body().replace(":plan:", ":receipt:"), number=5),
        posted("a word", number=6),
    ]
    found = own(comments, author=BOT, kind="plan", account="acc")
    assert found == comments[1]
    assert own(comments[2:], author=BOT, kind="plan", account="acc") is None


def test_the_first() -> None:
    """Where there is none, it is the first."""
    assert posting(None, body()) is Posting.FIRST


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_same_text_stays(ending: str) -> None:
    """The forge may have changed line breaks and the end; that is no new text."""
    there = posted(body(text="a\nb").replace("\n", "\r\n") + ending)
    assert posting(there, body(text="a\nb")) is Posting.KEEP


@pytest.mark.parametrize(
    ("then", "now", "before", "after"), [*product(Risk, Risk, *[("clean", "blocked")] * 2)]
)
def test_a_rise_is_posted_anew(then: Risk, now: Risk, before: str, after: str) -> None:
    """What becomes irreversible, or blocked, notifies; anything else is edited in silence."""
    rises = (now == "R3") > (then == "R3") or (after == "blocked") > (before == "blocked")
    found = posting(posted(body(then, before)), body(now, after, "other"))
    assert found is (Posting.RENEW if rises else Posting.EDIT)


def test_one_whose_marker_is_gone_is_posted_anew() -> None:
    """Who edited the marker away must not have silenced the next plan."""
    assert posting(posted("nothing"), body()) is Posting.RENEW


def test_a_text_without_a_marker_is_refused() -> None:
    """It could never be found again."""
    with pytest.raises(ValueError, match="marker"):
        posting(None, "text")


def marked(text: str) -> Mark:
    """The mark of a comment of ours."""
    found = read_mark(text)
    assert found is not None
    return found


@pytest.mark.parametrize("checksum", [1, None, ["c"]])
def test_a_checksum_that_is_none(checksum: object) -> None:
    """It is the checksum of no plan."""
    data = json.dumps({"account": "acc", "risk": "R1", "status": "ready", "checksum": checksum})
    assert marked(f"<!-- ccops:plan:v1 {data} -->").checksum == ""


def test_a_receipt_says_that_it_is_one() -> None:
    """The same comment, after the apply."""
    assert not marked(body()).applied
    assert marked(body(applied="0")).applied


@pytest.mark.parametrize(
    ("then", "now", "likeness"),
    [
        (body("R1"), body("R3", "blocked"), Likeness.SAME),
        (body("R1"), body("R1", checksum="d"), Likeness.OTHER),
        (body("R2"), body("R1", checksum="d"), Likeness.OTHER),
        (body("R1"), body("R2", checksum="d"), Likeness.RISKIER),
        (body("R1"), body("R3", checksum="d"), Likeness.RISKIER),
        (body("R3"), body("R1", "blocked", checksum="d"), Likeness.RISKIER),
        (body("R9"), body("R1", checksum="d"), Likeness.RISKIER),
        (body("zzz"), body("R0", checksum="d"), Likeness.OTHER),
    ],
)
def test_what_was_reviewed_and_what_is_planned(then: str, now: str, likeness: Likeness) -> None:
    """By the checksum first; whoever edits the risk into nonsense makes nothing look safer."""
    assert compare(marked(then), marked(now)) is likeness
