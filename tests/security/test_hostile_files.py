"""S-10 to S-13: what a pull request can put into a workspace is read without harm, or not at all."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path

import pytest

from ccops.errors import Place
from ccops.manifest.document import MAX_NODES
from ccops.manifest.settings import Pattern
from ccops.manifest.text import MAX_BYTES
from ccops.workspace import read_files
from tests.e2e.stage import Stage, manifest
from tests.security.measured import LINUX, measured

MEMORY = 200
"""Megabytes that no file of a workspace may cost."""

TAGS = (
    "!!python/object/apply:os.system [id]",
    "!!python/object/new:subprocess.Popen [[id]]",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/tuple [a]",
    "!!python/object:ccops.cli.LazyGroup {}",
    "!!java.net.URL [http://a.example]",
    "!<tag:yaml.org,2002:python/object/apply:os.system> [id]",
    "!include /etc/passwd",
    "!env CCOPS_ACCESS_TOKEN",
    "!vault x",
    "!!binary aWQ=",
    "!!set {a}",
    "!!omap [a: b]",
    "!!timestamp 2027-03-09",
    "!!str Spring",
    "! Spring",
)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("file", ["campaigns/one.yaml", "ccops.yaml"])
def test_s10_no_tag_is_obeyed(draft: Stage, file: str, tag: str) -> None:
    """Nor is a harmless one accepted: an error at its place, in manifests and in ccops.yaml."""
    path = draft.folder / file
    path.write_text(f"{path.read_text('utf-8')}tags: {tag}\n", "utf-8")
    done = draft.run("validate")
    assert (done.code, draft.world.requests) == (3, ())
    assert "CC003" in done.err
    assert f"{file}:4:7" in done.err


BOMB = "".join(
    f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9) if level else 'x'}]\n"
    for level in range(10)
)
BOMBS: Mapping[str, str] = {
    "aliases": BOMB,
    "an alias of itself": "a: &a [*a]\n",
    "merged keys": "a: &a {b: c}\nd: {<<: *a}\n",
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "dashes": "- " * 100_000,
    "indentation": "".join(f"{' ' * depth}a:\n" for depth in range(1_000)),
    "questions": "? " * 100_000,
    "keys": "".join(f"k{number}: 1\n" for number in range(90_000)),
    "documents": "---\na: 1\n" * 30_000,
    "values": "- a\n" * (MAX_NODES + 1),
    "one long line": "a: " + "b" * (MAX_BYTES - 10),
    "one word too long": "a: " + "b" * MAX_BYTES,
    "anchors": "".join(f"- &a{number} x\n" for number in range(50_000)),
    "quotes": "a: " + "'" * 900_000,
    "escapes": 'a: "' + "\\x41" * 200_000 + '"',
    "blanks": " " * 1_000_000 + "a",
}


@pytest.mark.parametrize("name", BOMBS)
def test_s11_no_bomb_goes_off(draft: Stage, name: str) -> None:
    """Exit 3 with a short list of errors and no crash, though the file is as large as it may be."""
    draft.write(BOMBS[name])
    done = draft.run("validate")
    assert (done.code, draft.world.requests) == (3, ())
    assert "Traceback" not in done.err
    assert len(done.err) < 20_000


@LINUX
def test_s11_all_of_them_at_once_take_little(draft: Stage) -> None:
    """In a process of its own, with a file of 100 MB beside them: exit 3 and little memory."""
    for number, text in enumerate(BOMBS.values()):
        draft.write(text, name=f"{number}.yaml")
    with (draft.folder / "campaigns" / "huge.yaml").open("wb") as file:
        file.truncate(100 << 20)
    done, memory = measured(draft, "validate")
    assert (done.code, "Traceback" in done.err) == (3, False)
    assert memory < MEMORY


# S-12: the traps of YAML's types, through to the plan.

LITERAL = ("NO", "on", "9:30", "0123", "0b1", "2027-03-09", "1_000", "~x", "=", "Null!")


@pytest.mark.parametrize("name", LITERAL)
def test_s12_a_name_means_what_it_says(stage: Stage, name: str) -> None:
    """A list of this name is found under it, written without quotes, and no other one is."""
    stage.world.add_list(name, 2)
    stage.world.add_campaign("Spring")
    text = manifest("Spring", "LIST", send_at="Tue 2027-03-09 09:00").replace('"LIST"', name)
    stage.write(text)
    done = stage.run("plan", "--format", "json")
    assert done.code == 0, done.err
    (change,) = done.document["changes"]
    assert [one["name"] for one in change["audience"]["items"]] == [name]


@pytest.mark.parametrize(
    "name", ["true", "null", "~", "12", "1.5", "1e3", "0x1F", ".nan", "0o17", "-0"]
)
def test_s12_what_is_no_text_is_no_name(stage: Stage, name: str) -> None:
    """Unquoted it is refused, however a list is called."""
    stage.world.add_list(name, 2)
    stage.world.add_campaign("Spring")
    text = manifest("Spring", "LIST", send_at="Tue 2027-03-09 09:00").replace('"LIST"', name)
    stage.write(text)
    done = stage.run("plan")
    assert (done.code, stage.world.requests) == (3, ())


# S-13: names of files, and what stands behind them.


def patterned(root: Path, *patterns: str) -> tuple[list[str], list[str]]:
    """The files that patterns find below a folder, and the codes of what is wrong."""
    place = Place(file="ccops.yaml", line=1, column=1)
    texts, errors = read_files(root.resolve(), [Pattern(text=one, place=place) for one in patterns])
    return [name for name, _ in texts], [one.code for one in errors]


def test_s13_a_hundred_thousand_files(tmp_path: Path) -> None:
    """In one folder: ten thousand that are meant are read, the others are not looked into."""
    first = tmp_path / "0.txt"
    first.write_text("", "utf-8")
    for number in range(1, 100_000):
        _named(first, f"{tmp_path}/{number}.{'yaml' if number <= 10_000 else 'txt'}")
    (tmp_path / "one.yml").write_text("a: b\n", "utf-8")
    assert patterned(tmp_path, "**/*.yml") == (["one.yml"], [])
    found, wrong = patterned(tmp_path, "**/*.yaml")
    assert (len(found), wrong) == (10_000, [])
    assert found == sorted(found)


def _named(first: Path, name: str) -> None:
    """Give a file another name; where it has as many as a file can have, make a new one."""
    try:
        os.link(first, name)
    except OSError:
        Path(name).touch()


def test_s13_a_hard_link_is_a_file(draft: Stage) -> None:
    """It cannot be told from one, and git never makes any."""
    file = draft.folder / "campaigns" / "one.yaml"
    kept = draft.folder / "kept.txt"
    file.rename(kept)
    file.hardlink_to(kept)
    assert draft.run("validate").code == 0


@contextmanager
def nested(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Nest folders, a manifest in the last, and take them away again: their path may be too long."""
    with chdir(folder):
        for name in names:
            Path(name).mkdir()
            os.chdir(name)
        Path("deep.yaml").write_text(manifest("Deep", "Members", send_at="unscheduled"), "utf-8")
        _climb(names)
        yield
        for name in names:
            os.chdir(name)
        Path("deep.yaml").unlink()
        for name in reversed(names):
            os.chdir("..")
            Path(name).rmdir()


def _climb(names: Sequence[str]) -> None:
    """Go up as many folders; the way back down has no name that is short enough."""
    for _ in names:
        os.chdir("..")


def test_s13_folders_in_folders(draft: Stage) -> None:
    """As deep as Python's own stack: what lies at the end is read."""
    with nested(draft.folder / "campaigns", ["d"] * 1_050):
        done = draft.run("validate")
    assert (done.code, "2 campaigns in 2 files" in done.out) == (0, True)


def test_s13_a_path_that_is_too_long(draft: Stage) -> None:
    """Told as what cannot be read; it is not passed over."""
    with nested(draft.folder / "campaigns", ["d" * 200] * 21):
        done = draft.run("validate")
    assert (done.code, "CC202" in done.err, "Traceback" in done.err) == (3, True, False)


def test_s13_a_pattern_that_looks_everywhere_many_times(tmp_path: Path) -> None:
    """Forty `**` find each file once, and look through each folder a few times only."""
    folder = tmp_path
    for name in "abcdefghijklmnopqrst":
        folder /= name
        folder.mkdir()
        (folder / "x.yaml").touch()
    found, wrong = patterned(tmp_path, "**/" * 40 + "*.yaml", "**/*/" * 15 + "**/*.yaml")
    assert (len(found), wrong) == (20, [])
    assert patterned(tmp_path, "**/x/**/*.yaml") == ([], ["CC203"])


def test_s13_names_that_are_one_name_elsewhere(draft: Stage) -> None:
    """Letters that differ in case, also those that have none on one side."""
    for name in ("STRASSE.yaml", "straße.yaml"):
        draft.write(manifest(name, "Members", send_at="unscheduled"), name=name)
    done = draft.run("validate")
    assert (done.code, "CC210" in done.err) == (3, True)


LEADING_OUT: Mapping[str, Callable[[Path, Path], None]] = {
    "a link": lambda path, outside: path.symlink_to(outside),
    "a link to nowhere": lambda path, outside: path.symlink_to(outside.with_name("new")),
    "a link through a link": lambda path, outside: (
        path.with_name("via").symlink_to(outside),
        path.symlink_to("via"),
    )[0],
}


@pytest.mark.parametrize("form", LEADING_OUT)
@pytest.mark.parametrize("flags", [("--save", "plan.json"), ("--out", "text=plan.json")])
def test_s13_nothing_is_written_through_a_link(
    draft: Stage, flags: tuple[str, str], form: str, tmp_path: Path
) -> None:
    """A branch may hold a link to a file of the person who checks it out: refused, exit 3."""
    outside = tmp_path / "authorized_keys"
    outside.write_text("mine", "utf-8")
    LEADING_OUT[form](draft.folder / "plan.json", outside)
    done = draft.run("plan", *flags)
    assert (done.code, "CC280" in done.err) == (3, True)
    assert outside.read_text("utf-8") == "mine"
    assert not outside.with_name("new").exists()


@pytest.mark.parametrize("form", LEADING_OUT)
def test_s13_init_writes_through_no_link(draft: Stage, form: str, tmp_path: Path) -> None:
    """Not even through one that leads nowhere yet."""
    outside = tmp_path / "authorized_keys"
    outside.write_text("mine", "utf-8")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    LEADING_OUT[form](fresh / "ccops.yaml", outside)
    done = draft.run("init", str(fresh), "--account", "a", "--timezone", "UTC")
    assert (done.code, "CC283" in done.err) == (3, True)
    assert outside.read_text("utf-8") == "mine"
    assert not outside.with_name("new").exists()


def test_s13_init_in_a_place_that_cannot_be_written(draft: Stage, tmp_path: Path) -> None:
    """A file stands where a folder should be: a mistake, and no bug."""
    (tmp_path / "campaigns").write_text("", "utf-8")
    done = draft.run("init", str(tmp_path), "--account", "a", "--timezone", "UTC")
    assert (done.code, "CC280" in done.err, "Traceback" in done.err) == (3, True, False)
