"""S-14 and S-16: no name takes over the terminal or the log that it is shown in."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops import cli
from ccops.render.escape import log_json, log_page
from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Done, Stage, account, manifest, on_stage
from tests.e2e.terminal import at_terminal
from tests.render.hostile import HOSTILE
from tests.render.hostile import hostile as hostile_text
from tests.security.bent import Bend, Said, bent

COMMANDS_OF_A_LOG = (
    "::add-mask::true",
    "::set-output name=deploy::yes",
    "  ::stop-commands::x",
    "a\n::error file=a,line=1::b",
    "a\r::warning::b",
    "a\u2028::notice::b",
    "\x0b::save-state name=a::b",
    "\ufeff::group::x",
    "##[set-output name=deploy]yes",
    "a ##[add-mask]b",
    "###[error]x",
    "EOF\nPATH=/tmp",
)
ESCAPES = (
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[1A\x1b[K",
    "\x9b31mred",
    "\x90q\x9c",
    "over\rwritten",
    "back\b\b\bspace",
    "\x07",
    "gnp.\u202eexe",
    "\u2066isolated\u2069",
    "zero\u200bwidth\u2060",
    "tag\U000e0041",
    "\ufff9a\ufffab\ufffb",
)
OBEYED = (*COMMANDS_OF_A_LOG, *ESCAPES)
NAMES = (*OBEYED, *HOSTILE)
WRITABLE = (
    "::add-mask::true",
    "::set-output name=deploy::yes",
    "##[set-output name=deploy]yes",
    "gnp.\u202eexe",
    "zero\u200bwidth",
    "[link=http://evil.example]x[/link]",
    "<img src=x onerror=alert(1)>",
    "@octocat `x` | #1",
)
"""Names that a manifest may hold, so that they are planned and applied, too."""
MARCH_9 = "Tue 2027-03-09 09:00"
SGR = re.compile(r"\x1b\[[\d;]*m")
RUNS = (
    ("plan", "--show-requests"),
    ("plan", "--format", "json"),
    ("plan", "--format", "markdown"),
    ("plan", "--save", "plan.json", "--select", "name:*"),
    ("plan", "--refresh", "changed"),
    ("plan", "--refresh", "changed", "--format", "markdown"),
    ("show", "plan.json", "--show-requests"),
    ("show", "plan.json", "--format", "json"),
    ("show", "plan.json", "--format", "markdown"),
    ("calendar", "--weeks", "4"),
    ("calendar", "--weeks", "4", "--format", "html"),
    ("calendar", "plan.json", "--format", "html"),
    ("list",),
    ("list", "--format", "json"),
    ("doctor",),
    ("doctor", "--format", "json"),
    ("validate",),
    ("validate", "--format", "json"),
    ("apply", "--dry-run"),
    ("apply", "--dry-run", "--format", "jsonl"),
    ("worker", "--queue", "::error::x", "--once"),
    ("fleet", "requeue", "1", "--queue", "store", "--reason", "##[error]x"),
    ("fleet", "plan", ".", "--out", "plans"),
    ("fleet", "drift", ".", "--format", "json"),
    ("fleet", "apply", "plans", "--checksum", "##[error]x"),
    ("fleet", "status", "."),
    ("fleet", "status", ".", "--format", "prometheus"),
)
APPLIES = (
    ("apply", "--yes"),
    ("apply", "--yes", "--format", "json"),
    ("apply", "--yes", "--format", "markdown"),
    ("apply", "--yes", "--format", "jsonl"),
)
LOOKS_BACK = (
    ("drift",),
    ("drift", "--format", "json"),
    ("drift", "--format", "markdown"),
    ("verify",),
    ("verify", "--format", "json"),
    ("verify", "--format", "markdown"),
    ("journal", "show", "--all"),
    ("journal", "show"),
    ("journal", "show", "--format", "json"),
)
PINS = (
    ("fmt", "--check", "--diff"),
    ("lock", "--check"),
    ("pull", "--all", "--dry-run"),
    ("pull", "--dry-run", "--overwrite", "--format", "json"),
    ("schema", "--account"),
    ("schema", "--account", "--write"),
    ("auth", "status"),
    ("auth", "status", "--format", "json"),
)
STOPS = (
    ("halt", "--reason", "::error::x", "--dry-run"),
    ("halt", "--reason", "##[error]x", "--yes"),
    ("halt", "--reason", "\x1b[2J", "--yes", "--format", "json"),
    ("pull", "--all", "--overwrite"),
)


@pytest.fixture(params=["plain", "coloured"])
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """An account in which everything has a name that means harm, in a job of GitHub Actions."""
    world = account()
    world.account = replace(world.account, organization_name="".join(ESCAPES[:3]) + "\n::x::y")
    for number, name in enumerate(NAMES):
        world.add_list(f"{name} ", 2)
        world.add_campaign(
            name, subject=name, from_name=name, scheduled=START + timedelta(days=2 + number)
        )
    for name in WRITABLE:
        world.add_list(name, 3)
        if name not in NAMES:
            world.add_campaign(name, subject=name, from_name=name)
    colour = {"FORCE_COLOR": "1"} if request.param == "coloured" else {}
    with on_stage(tmp_path / "w", world, GITHUB_ACTIONS="true", **colour) as stage:
        stage.write(
            *(manifest(name, name, send_at=MARCH_9, tags=[name]) for name in WRITABLE),
            manifest("Missing ::add-mask::x", "Members", send_at=MARCH_9),
        )
        yield stage


@given(st.one_of(hostile_text, st.text(alphabet="#[\\ ")), st.booleans())
def test_s16_a_document_keeps_its_value(text: str, indented: bool) -> None:
    """No log obeys it, and a program reads what was written."""
    document = {text: [text]}
    spelled = log_json(json.dumps(document, indent=1 if indented else None))
    assert "##[" not in spelled
    assert json.loads(spelled) == document


@given(st.one_of(hostile_text, st.text(alphabet="#[ ")))
def test_s16_a_page_is_not_obeyed(text: str) -> None:
    """Whatever stands in it, however often it is done."""
    assert "##[" not in log_page(text)
    assert log_page(log_page(text)) == log_page(text)


def obeyed(done: Done) -> list[str]:
    """Lines of both outputs that a terminal or a runner would obey."""
    lines = SGR.sub("", done.out).split("\n") + SGR.sub("", done.err).split("\n")
    return [
        line
        for line in lines
        if not all(one.isprintable() or one == "\u200d" for one in line)
        or "##[" in line
        or line.lstrip().startswith("::")
    ]


def test_s14_s16_every_output_of_every_command(hostile: Stage) -> None:
    """Text, JSON and Markdown; stdout and stderr; planned, applied and halted."""
    asked = (*RUNS, *PINS, *APPLIES, *LOOKS_BACK, *STOPS)
    assert {one[0] for one in asked} | {"init", "schema", "sandbox", "demo", "ci"} == set(
        cli.COMMANDS
    )
    runs = {one: hostile.run(*one) for one in asked}
    assert len(hostile.effects()) >= len(WRITABLE)
    assert {one: obeyed(done) for one, done in runs.items() if obeyed(done)} == {}
    assert not [one for one, done in runs.items() if "Traceback" in done.err]


def test_s16_what_is_escaped_is_still_said(hostile: Stage) -> None:
    """A document for programs gives each name back, to the letter."""
    rows = hostile.run("list", "--format", "json").document["campaigns"]
    assert {one["name"] for one in rows} >= {name for name in NAMES if name.isprintable()}
    done = hostile.run("plan", "--format", "json")
    assert {one["campaign"] for one in done.document["changes"]} >= set(WRITABLE)
    assert '"##[' not in done.out


def refusing(method: str, said: Said) -> Bend:
    return lambda asked, _: said if asked == method else None


@pytest.mark.parametrize("name", OBEYED)
def test_s14_s16_what_the_vendor_says(draft: Stage, name: str) -> None:
    """In a refusal of a reading, and in that of a write, which the report and the journal quote."""
    error = json.dumps([{"error_key": name, "error_message": f"no\n{name}"}]).encode()
    refused = Said(status="400 Bad Request", body=error)
    seen = []
    for method, form in (("GET", "text"), ("PUT", "text"), ("PUT", "markdown"), ("POST", "json")):
        with bent(draft.world, refusing(method, refused)) as url:
            seen.append(draft.run("apply", "--yes", "--base-url", url, "--format", form))
    assert {one.code for one in seen} >= {1}
    assert [obeyed(one) for one in seen if obeyed(one)] == []


@pytest.mark.parametrize("name", [one for one in OBEYED if "/" not in one] + ["\udcff", "a" * 200])
def test_s14_s16_names_of_files(draft: Stage, name: str) -> None:
    """Of a manifest with a mistake in it, and of folders and files on a command line."""
    draft.write("campaign: [", name=f"{name}.yaml")
    runs = [
        draft.run("validate"),
        draft.run("--plain", "validate"),
        draft.run("validate", "--format", "json"),
        draft.run("plan", "-C", name),
        draft.run("show", name),
        draft.run("apply", name),
        draft.run("plan", "--out", f"pdf={name}"),
        draft.run("plan", "--select", f"name:{name}"),
        draft.run("list", "--base-url", name),
        draft.run(name),
        draft.run("plan", f"--{name}"),
        draft.run("plan", name),
        draft.run("--color", name),
        draft.run("sandbox", "--listen", f"127.0.0.1:{name}"),
        draft.run("sandbox", "--seed", name),
    ]
    assert {one.code for one in runs} == {3}
    assert [obeyed(one) for one in runs if obeyed(one)] == []


@pytest.mark.parametrize("name", ["::add-mask::x", "\x1b[2Jx", "a\n::error::b", "\udcff"])
def test_s14_s16_folders_that_init_makes(draft: Stage, name: str) -> None:
    """What it wrote is told in one line each."""
    done = draft.run("init", name, "--account", "a1", "--timezone", "UTC")
    assert (done.code, obeyed(done)) == (0, [])
    assert done.out.count("\n") == 5


def test_s14_a_question_at_a_terminal(draft: Stage) -> None:
    """The account's name in the question whether to go on."""
    name = "Evil\x1b]0;title\x07\x1b[2J\u202e"
    draft.world.account = replace(draft.world.account, organization_name=name)
    done = at_terminal(draft, "apply", typed="n\n")
    assert done.code == 6
    assert "to Evil⟨U+001B⟩]0;title⟨U+0007⟩" in done.err
    assert "\x1b]" not in done.err


def test_s14_a_send_now_at_a_terminal(stage: Stage) -> None:
    """The campaign's name, which is to be typed."""
    name = "Recall \u202eexe"
    stage.world.add_campaign(name, lists=[list_id_of("Members")])
    stage.write(manifest(name, "Members", send_at="now"))
    flags = ("--allow", f"send-now={name}", "--reason", "x\x1b[2J")
    done = at_terminal(stage, "apply", *flags, typed="no\n")
    assert (done.code, stage.writes()) == (6, [])
    assert "\u202e" not in done.err
