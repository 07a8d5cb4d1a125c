"""`validate` with a cache says what it says without one."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import Diagnostic, InvalidInput
from ccops.model import Desired, JsonObject
from ccops.session import validated as module
from ccops.session.loading import load
from ccops.session.soundness import (
    SOUND_FILE,
    Frame,
    Soundness,
    read_soundness,
    write_soundness,
)
from ccops.session.validated import Valid, validated

WORKSPACE = "version: 1\naccount: p07e1l8cdif9dl\ntimezone: America/New_York\n"
PIN = "activity: 4c08372c-957a-48b5-bc45-72c7f00796cd\n"


def manifest(name: str, more: str = "") -> str:
    return f"campaign: {name}\nrecipients: {{lists: [A]}}\nsend_at: 2027-03-09 09:00\n{more}"


FILES = st.dictionaries(
    st.sampled_from(["a.yaml", "b.yaml", "c/d.yaml"]),
    st.one_of(
        st.sampled_from([manifest("One"), manifest("Two"), manifest("Three", PIN)]),
        st.sampled_from([manifest("Four", PIN), manifest("One") + "---\n" + manifest("Five")]),
        st.sampled_from(["", "a: [", "\ufeff" + manifest("Six"), manifest("One", "tags: no\n")]),
        st.sampled_from([manifest("Gap").replace("03-09 09", "03-14 02"), "x: \udcff"]),
    ),
    max_size=3,
)
AROUND = st.sampled_from(
    [
        WORKSPACE,
        WORKSPACE.replace("New_York", "Chicago"),
        WORKSPACE.replace("timezone", "zone"),
        WORKSPACE + "manifests: campaigns/*.yaml\n",
    ]
)


@pytest.fixture(autouse=True)
def _nobody_says_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def lay(root: Path, files: dict[str, str], around: str = WORKSPACE) -> None:
    """Make a workspace hold these files and no others; its cache stays."""
    shutil.rmtree(root / "campaigns", ignore_errors=True)
    (root / "ccops.yaml").write_text(around, encoding="utf-8")
    for name, text in files.items():
        path = root / "campaigns" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(errors="surrogateescape"))


Verdict = Valid | tuple[Diagnostic, ...]


def cached(root: Path) -> Verdict:
    try:
        return validated(root, None, fewest=0)
    except InvalidInput as refused:
        return refused.diagnostics


def plain(root: Path) -> Verdict:
    try:
        desired = load(root, None).desired
    except InvalidInput as refused:
        return refused.diagnostics
    return Valid(campaigns=len(desired), files=len({one.place.file for one in desired}))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(FILES, AROUND), min_size=1, max_size=4))
def test_a_cache_changes_no_verdict(story: list[tuple[dict[str, str], str]]) -> None:
    """Whatever was checked before: the same counts, or the same diagnostics in the same order."""
    with TemporaryDirectory() as name:
        root = Path(name).resolve()
        for files, around in story:
            lay(root, files, around)
            wanted = plain(root)
            assert cached(root) == wanted
            assert cached(root) == wanted


@pytest.fixture
def home(tmp_path: Path) -> Path:
    lay(tmp_path, {"a.yaml": manifest("One"), "b.yaml": manifest("Two", PIN)})
    return tmp_path.resolve()


Texts = list[tuple[str, str]]
Examined = tuple[tuple[Desired, ...], tuple[Diagnostic, ...]]


def read_counter(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which files are read as YAML."""
    seen: list[str] = []
    examine = module.examine_manifests

    def noting(texts: Texts, *, schema: JsonObject, zone: str | None) -> Examined:
        seen.extend(file for file, _ in texts)
        return examine(texts, schema=schema, zone=zone)

    monkeypatch.setattr(module, "examine_manifests", noting)
    return seen


def test_only_what_changed_is_read_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = read_counter(monkeypatch)
    cached(home)
    assert seen == ["campaigns/a.yaml", "campaigns/b.yaml"]
    (home / "campaigns" / "b.yaml").write_text(manifest("Three"), encoding="utf-8")
    assert cached(home) == Valid(campaigns=2, files=2)
    assert seen[2:] == ["campaigns/b.yaml"]
    assert cached(home) == Valid(campaigns=2, files=2)
    assert len(seen) == 3


def test_a_file_with_a_mistake_is_read_every_time(home: Path) -> None:
    (home / "campaigns" / "a.yaml").write_text("campaign: One\n", encoding="utf-8")
    first, again = cached(home), cached(home)
    assert first == again
    assert isinstance(first, tuple)
    assert {one.code for one in first} == {"CC102"}


def test_two_known_files_that_claim_one_campaign_are_found(home: Path) -> None:
    """Each is sound alone: only together they are not."""
    cached(home)
    shutil.copy(home / "campaigns" / "a.yaml", home / "campaigns" / "c.yaml")
    found = cached(home)
    assert isinstance(found, tuple)
    assert [one.code for one in found] == ["CC121"]
    assert found == plain(home)


def test_few_files_leave_no_cache(home: Path) -> None:
    """Reading them is quicker than looking around."""
    assert validated(home, None) == Valid(campaigns=2, files=2)
    assert not (home / ".ccops").exists()


def test_ci_neither_believes_nor_writes_a_cache(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout may bring a cache that nobody wrote there."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(module, "read_soundness", pytest.fail)
    assert cached(home) == Valid(campaigns=2, files=2)
    assert not (home / ".ccops").exists()


def test_git_leaves_the_cache_out(home: Path) -> None:
    cached(home)
    assert (home / SOUND_FILE).with_name(".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_cache_that_lies_changes_no_plan(home: Path) -> None:
    """It can only make `validate` say yes: whoever loads a workspace reads every byte."""
    cached(home)
    whole = json.loads((home / SOUND_FILE).read_text(encoding="utf-8"))
    (home / "campaigns" / "b.yaml").write_text("campaign: Broken\n", encoding="utf-8")
    for key in whole["files"]:
        whole["files"][key] = [["Something else", None]]
    (home / SOUND_FILE).write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(InvalidInput):
        load(home, None)
    assert cached(home) == plain(home)


def damaged() -> Iterator[object]:
    yield from ("", "{", "[]", "null", "[" * 100_000, '{"judge": "x"}')
    yield from ({"frames": []}, {"files": []}, {"files": {"x": 1}}, {"files": {"x": []}})
    yield from (
        {"files": {"x": [[1, None]]}},
        {"files": {"x": [["a"]]}},
        {"files": {"x": [["a", 1]]}},
    )
    yield from ({"frames": {"x": 1}}, {"frames": {"x": {}}})
    yield {"frames": {"x": {"manifests": [1], "zone": None}}}
    yield {"frames": {"x": {"manifests": [], "zone": 1}}}


@pytest.mark.parametrize("broken", list(damaged()))
def test_a_damaged_cache_is_none(home: Path, broken: object) -> None:
    """Nothing of it is believed, and the next run replaces it."""
    cached(home)
    whole = (home / SOUND_FILE).read_text(encoding="utf-8")
    bad = broken if isinstance(broken, str) else json.dumps(json.loads(whole) | broken)
    (home / SOUND_FILE).write_text(bad, encoding="utf-8")
    assert read_soundness(home, json.loads(whole)["judge"]) == Soundness()
    assert cached(home) == Valid(campaigns=2, files=2)
    assert json.loads((home / SOUND_FILE).read_text(encoding="utf-8")) == json.loads(whole)


SOUND = Soundness(
    frames={"f": Frame(manifests=("a/*.yaml",), zone=None)}, files={"d": (("One", None),)}
)


def test_what_is_written_is_read_by_the_same_judge_only(tmp_path: Path) -> None:
    write_soundness(tmp_path, "this", SOUND)
    assert read_soundness(tmp_path, "this") == SOUND
    assert read_soundness(tmp_path, "another") == Soundness()


def test_what_cannot_be_written_is_not_missed(tmp_path: Path) -> None:
    """A cache spares work, and nothing depends on it."""
    (tmp_path / ".ccops").write_text("in the way", encoding="utf-8")
    write_soundness(tmp_path, "this", SOUND)
    assert read_soundness(tmp_path, "this") == Soundness()


def test_a_cache_that_would_be_too_large_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccops.session.soundness.MAX_SOUND_BYTES", 20)
    write_soundness(tmp_path, "this", SOUND)
    assert not (tmp_path / SOUND_FILE).exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("link", [".ccops", ".ccops/cache", SOUND_FILE])
def test_a_link_is_neither_read_nor_written_through(tmp_path: Path, link: str) -> None:
    """A checkout can hold a link to any place."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    write_soundness(root, "this", SOUND)
    shutil.move(root / link, outside)
    (root / link).symlink_to(outside)
    before = outside.read_bytes() if outside.is_file() else sorted(outside.rglob("*"))
    assert read_soundness(root, "this") == Soundness()
    write_soundness(root, "this", Soundness())
    assert before == (outside.read_bytes() if outside.is_file() else sorted(outside.rglob("*")))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_a_pipe_is_no_cache(tmp_path: Path) -> None:
    """Nobody waits for its writer."""
    write_soundness(tmp_path, "this", SOUND)
    (tmp_path / SOUND_FILE).unlink()
    os.mkfifo(tmp_path / SOUND_FILE)
    assert read_soundness(tmp_path, "this") == Soundness()


def test_mistakes_around_the_manifests_are_told_as_always(home: Path) -> None:
    """Of ccops.yaml, of the lock, and of files that cannot be read."""
    cached(home)
    (home / "ccops.lock").write_text("version: 2\n", encoding="utf-8")
    assert cached(home) == plain(home)
    (home / "ccops.lock").unlink()
    (home / "campaigns" / "A.yaml").write_text(manifest("Case"), encoding="utf-8")
    assert cached(home) == plain(home)
    (home / "ccops.yaml").write_bytes(b"\xff")
    assert cached(home) == plain(home)


def test_a_sound_lock_is_part_of_what_is_known(home: Path) -> None:
    lock = "version: 1\naccount: p07e1l8cdif9dl\ncampaigns: {}\nlists: {}\nsegments: {}\n"
    (home / "ccops.lock").write_text(lock, encoding="utf-8")
    assert cached(home) == cached(home) == plain(home) == Valid(campaigns=2, files=2)
