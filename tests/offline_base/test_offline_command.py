"""`ccops plan --offline --base REF`: what a fork's pull request sees."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ccops.errors import Diagnostic, Place
from ccops.manifest.lockfile import Lock
from ccops.manifest.rules import Rules
from ccops.model import NOW, Desired, Override
from ccops.planning.based import Base, Comparison, Version, compare
from ccops.render.based_markdown import comparison_markdown
from ccops.render.based_text import comparison_text
from ccops.render.machine_based import comparison_json
from ccops.render.style import PLAIN, Style
from tests.offline_base.conftest import SETTINGS as SETTINGS_TEXT
from tests.offline_base.conftest import Run, manifest
from tests.offline_base.versions import SETTINGS, TOMORROW, beside, version
from tests.planning.samples import DAY, NOW_IS, PLACE, desired
from tests.render.hostile import hostile


def edited(root: Path) -> None:
    """Spring moves by an hour and gets another list; Autumn goes; Recall comes, with `now`."""
    moved = manifest("Spring", "2027-03-09 10:00", "Donors, Board")
    text = f"{moved}---\n{manifest('Recall', 'now')}"
    (root / "campaigns" / "one.yaml").write_text(text, encoding="utf-8")


def test_it_needs_no_account_and_leaves_nothing_behind(root: Path, run: Run) -> None:
    """No login, no store, no request; and what differs stands in words."""
    edited(root)
    done = run("plan", "--offline", "--base", "HEAD")
    assert (done.code, done.err) == (0, "")
    assert "- send_at                 Tue 9 Mar 2027, 09:00 EST (14:00 UTC)" in done.out
    assert "+ send_at                 Tue 9 Mar 2027, 10:00 EST (15:00 UTC)" in done.out
    assert "+ recipients.lists        Board" in done.out
    assert (
        "becomes unmanaged: nothing is written; if it is scheduled, it still goes out" in done.out
    )
    assert "3 manifests differ: 1 added, 1 changed and 1 removed." in done.out
    assert done.out.index("Spring") < done.out.index("! Recall")
    assert not (root / "state").exists()


def test_the_irreversible_stands_first_in_markdown(root: Path, run: Run) -> None:
    """For whoever reads from the top."""
    edited(root)
    out = run("plan", "--offline", "--base", "HEAD", "--format", "markdown").out
    assert out.index("> [!CAUTION]") < out.index("`Recall`") < out.index("### To know")
    assert out.index("<code>! Recall</code>") < out.index("<code>~ Spring</code>")


def test_the_document_says_it_all(root: Path, run: Run) -> None:
    """For programs, which cannot apply it."""
    edited(root)
    found = json.loads(run("plan", "--offline", "--base", "main", "--format", "json").out)
    assert (found["kind"], found["applyable"], found["base"]["ref"]) == (
        "comparison",
        False,
        "main",
    )
    (spring,) = [one for one in found["manifests"] if one["campaign"] == "Spring"]
    assert {one["path"]: (one["before"], one["after"]) for one in spring["fields"]} == {
        "recipients.lists": (["Donors"], ["Board", "Donors"]),
        "send_at": (["2027-03-09T14:00:00Z"], ["2027-03-09T15:00:00Z"]),
    }
    (recall,) = [one for one in found["manifests"] if one["irreversible"]]
    assert [one["concern"] for one in recall["notices"]] == ["sends-at-once"]


def test_it_tells_by_its_exit_code_when_asked(root: Path, run: Run) -> None:
    """2 for a difference, as `plan` does."""
    words = ("plan", "--offline", "--base", "HEAD", "--detailed-exitcode")
    assert run(*words).code == 0
    edited(root)
    assert run(*words).code == 2


def test_files_are_written_beside_the_result(run: Run, tmp_path: Path) -> None:
    """In every format."""
    words = [f"--out={form}={tmp_path / form}" for form in ("text", "json", "markdown")]
    assert run("plan", "--offline", "--base", "HEAD", *words).code == 0
    assert "No manifest differs. 2 as before." in (tmp_path / "text").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "json").read_text(encoding="utf-8"))["differs"] is False
    assert (tmp_path / "markdown").read_text(encoding="utf-8").startswith("## ccops:")


@pytest.mark.parametrize(
    "words",
    [
        ("--offline",),
        ("--base", "HEAD"),
        ("--offline", "--base", "HEAD", "--select", "name:x"),
        ("--offline", "--base", "HEAD", "--save", "plan.json"),
        ("--offline", "--base", "HEAD", "--locked"),
        ("--offline", "--base", "HEAD", "--allow", "send-now=x", "--reason", "y"),
        ("--offline", "--base", "HEAD", "--show-requests"),
        ("--offline", "--base", "HEAD", "--format", "github"),
    ],
)
def test_what_it_cannot_heed_is_refused(words: tuple[str, ...], run: Run) -> None:
    """An option that is left unread would look obeyed."""
    done = run("plan", *words)
    assert (done.code, "CC240" in done.err, done.out) == (3, True, "")


def test_a_broken_workspace_is_told_as_ever(root: Path, run: Run) -> None:
    """With the place, and nothing else."""
    (root / "campaigns" / "one.yaml").write_text("campaign: [", encoding="utf-8")
    done = run("plan", "--offline", "--base", "HEAD")
    assert (done.code, "campaigns/one.yaml:1" in done.err) == (3, True)


def unread(*errors: Diagnostic) -> Comparison:
    base = Base(ref="main", commit="1" * 40, version=None, errors=errors)
    return compare(base, version(desired(TOMORROW)), now=NOW_IS)


def text_of(comparison: Comparison, style: Style = PLAIN) -> str:
    return comparison_text(comparison, style=style, width=None, encoding="utf-8")


def test_a_base_that_cannot_be_read_is_told_loudly() -> None:
    """In every format, with what is wrong in it."""
    place = Place(file="campaigns/x.yaml", line=3, column=1)
    found = unread(
        Diagnostic(code="CC001", message="not YAML", place=place),
        Diagnostic(code="CC211", message="no document"),
    )
    text, page = text_of(found), comparison_markdown(found)
    assert "every manifest counts as changed" in text
    assert "CC001 campaigns/x.yaml:3:1: not YAML" in text
    assert "CC211 no document" in text
    assert "> [!WARNING]" in page
    assert "`CC001` `campaigns/x.yaml:3:1` `not YAML`" in page
    document = json.loads(comparison_json(found))
    assert [one["code"] for one in document["base"]["errors"]] == ["CC001", "CC211"]
    assert document["manifests"][0]["fields"][0]["before"] is None


def test_a_guard_that_differs_is_named() -> None:
    """Its values stand in the file."""
    stricter = replace(SETTINGS, rules=Rules(max_contacts=5))
    found = beside(version(), replace(version(), settings=stricter))
    assert "~ guards: max contacts    differs" in text_of(found)
    assert "`~ guards: max contacts`: `differs`" in comparison_markdown(found)


def busy(text: str) -> Comparison:
    """Every kind of change, with one text wherever a stranger can put it."""
    old = [desired(TOMORROW, campaign=f"{text}{n}", names=(text,)) for n in range(3)]
    new = [
        desired(campaign=f"{text}0", names=(f"{text}b",)),
        desired(NOW_IS - DAY, NOW_IS, campaign=f"{text}1"),
        desired(NOW, campaign=f"{text}4"),
    ]
    odd = Override(guard=text, reason=text, place=PLACE)
    new = [_with(one, text, odd) for one in new]
    pins = Lock(account="a1", lists={text: text})
    before = Version(settings=SETTINGS, desired=tuple(old))
    return beside(before, version(*new, lock=pins))


def _with(one: Desired, text: str, odd: Override) -> Desired:
    place = Place(file=text, line=1, column=1)
    return replace(one, tags=(text,), owner=text, overrides=(odd,), place=place)


@settings(max_examples=60)
@given(hostile)
def test_no_text_takes_over_a_terminal_or_a_log(text: str) -> None:
    """Each line is printable, and none is a command of a runner."""
    told = text_of(busy(text))
    for line in told.split("\n"):
        assert all(one.isprintable() or one == "\u200d" for one in line)
        assert "##[" not in line
        assert not line.lstrip().startswith("::")
    assert re.sub(r"\x1b\[[\d;]*m", "", text_of(busy(text), Style(color=True))) == told


@settings(max_examples=60)
@given(hostile)
def test_no_text_becomes_markup(text: str) -> None:
    """The page has our own headings, no link, no image, and no HTML but our own."""
    page = comparison_markdown(busy(text))
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(page)
    inline = [child.type for token in tokens for child in token.children or ()]
    assert not {"link_open", "image"} & set(inline)
    headings = [
        tokens[at + 1].content for at, one in enumerate(tokens) if one.type == "heading_open"
    ]
    assert headings == ["ccops: what the manifests declare", "To know", "Field by field"]
    ours = "".join(token.content for token in tokens if token.type == "html_block")
    assert ours.count("<details>") == ours.count("</details>") == len(busy(text).manifests)


@given(st.integers(0, 400))
@settings(max_examples=5)
def test_the_page_stays_within_its_budget(amount: int) -> None:
    """What is grave is never left out."""
    many = version(*(desired(TOMORROW, campaign=f"Campaign {n}") for n in range(amount)))
    page = comparison_markdown(
        beside(many, version(desired(NOW, campaign="Recall"))), budget=60_000
    )
    assert page.count("becomes unmanaged") == amount
    assert "[!CAUTION]" in page
    if amount < 300:
        assert len(page.encode()) <= 60_000


def test_who_may_approve_is_told_when_it_changes(root: Path, run: Run) -> None:
    """Above all when it is taken away: a reviewer must not have to look for that."""
    settings_file = root / "ccops.yaml"
    settings_file.write_text(f"{SETTINGS_TEXT}approvers: [bob]\n", encoding="utf-8")
    done = run("plan", "--offline", "--base", "HEAD", "--format", "markdown")
    assert "> - `+ approvers`: `bob`" in done.out
