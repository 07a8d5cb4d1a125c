"""A workspace is found, and its files are read without ever leaving it."""

import json
import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from ccops.errors import ExitCode, InvalidInput, Place
from ccops.manifest.settings import Pattern
from ccops.manifest.text import MAX_BYTES
from ccops.model import Limits
from ccops.workspace import (
    FILE,
    Schemas,
    Workspace,
    find_root,
    load,
    load_settings,
    read_file,
    read_files,
)

SETTINGS = "version: 1\naccount: p07e1l8cdif9dl\ntimezone: America/New_York\n"
WHERE = Place(file=FILE, line=4, column=12)

Load = Callable[..., Workspace]
Refused = Callable[..., list[tuple[str, str]]]

root_only = pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 1)() == 0, reason="the superuser may read everything"
)


def manifest(name: str) -> str:
    return f"campaign: {name}\nrecipients: {{lists: [Donors]}}\nsend_at: Tue 2026-10-06 09:00\n"


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    folder = Path(__file__).parents[2] / "schemas"

    def one(name: str) -> dict[str, object]:
        text = (folder / f"{name}.schema.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    return Schemas(campaign=one("campaign"), workspace=one("workspace"), lock=one("lock"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace with one manifest."""
    root = tmp_path / "space"
    (root / "campaigns").mkdir(parents=True)
    (root / FILE).write_text(SETTINGS, encoding="utf-8")
    (root / "campaigns" / "fall.yaml").write_text(manifest("Fall"), encoding="utf-8")
    return root.resolve()


@pytest.fixture
def refused(schemas: Schemas) -> Refused:
    def refusals(start: Path) -> list[tuple[str, str]]:
        with pytest.raises(InvalidInput) as caught:
            load(start, schemas=schemas, loopback=False)
        return [(one.code, str(one.place)) for one in caught.value.diagnostics]

    return refusals


def names(root: Path, *patterns: str) -> list[str]:
    texts, errors = read_files(root, [Pattern(text=one, place=WHERE) for one in patterns])
    assert errors == ()
    return [name for name, _ in texts]


def codes(root: Path, *patterns: str) -> list[tuple[str, str]]:
    _, errors = read_files(root, [Pattern(text=one, place=WHERE) for one in patterns])
    return [(one.code, str(one.place)) for one in errors]


def test_a_workspace_is_read_from_any_folder_in_it(home: Path, schemas: Schemas) -> None:
    for start in (home, home / "campaigns"):
        found = load(start, schemas=schemas, loopback=False)
        assert found.root == home
        assert found.settings.zone == "America/New_York"
        assert found.settings.limits == Limits()
        assert [one.campaign for one in found.desired] == ["Fall"]
        assert str(found.desired[0].place) == "campaigns/fall.yaml:1:11"


def test_on_a_loopback_origin_the_limits_are_a_sandbox_s(home: Path, schemas: Schemas) -> None:
    assert not load(home, schemas=schemas, loopback=True).settings.limits.settle


def test_without_a_workspace_the_way_to_make_one_is_told(tmp_path: Path, refused: Refused) -> None:
    assert refused(tmp_path) == [("CC201", "None")]
    with pytest.raises(InvalidInput) as caught:
        find_root(tmp_path)
    (one,) = caught.value.diagnostics
    assert "ccops init" in one.help
    assert str(tmp_path.resolve()) in one.message
    assert caught.value.exit_code is ExitCode.INVALID


def test_the_nearest_workspace_counts(home: Path) -> None:
    inner = home / "campaigns" / "client"
    inner.mkdir()
    (inner / FILE).write_text(SETTINGS, encoding="utf-8")
    assert find_root(inner) == inner


def test_errors_of_the_settings_and_of_all_manifests_are_told_together(
    home: Path, refused: Refused
) -> None:
    """A broken zone is one error, not one for each time that needs it."""
    (home / FILE).write_text("version: 1\ntimezone: EST\n", encoding="utf-8")
    (home / "campaigns" / "b.yaml").write_text("campaign: x # y\n", encoding="utf-8")
    (home / "campaigns" / "z.yaml").write_bytes(b"campaign: \xff\n")
    (home / "campaigns" / "fall.yaml").write_text(
        manifest("Fall").replace("Tue", "Wed"), encoding="utf-8"
    )
    assert refused(home) == [
        ("CC102", "ccops.yaml:1:1"),
        ("CC112", "ccops.yaml:2:11"),
        ("CC102", "campaigns/b.yaml:1:1"),
        ("CC102", "campaigns/b.yaml:1:1"),
        ("CC007", "campaigns/b.yaml:1:13"),
        ("CC115", "campaigns/fall.yaml:3:10"),
        ("CC010", "campaigns/z.yaml:1:11"),
    ]


def test_a_settings_file_that_is_no_yaml_says_nothing_of_manifests(
    home: Path, refused: Refused
) -> None:
    (home / FILE).write_text("version: [\n", encoding="utf-8")
    assert refused(home) == [("CC001", "ccops.yaml:2:1")]


def test_patterns_match_as_people_expect(home: Path) -> None:
    for name in ("a.yaml", "b.yml", "2026/c.yaml", "2026/fall/d.yaml", "x/e.yaml", "notes.txt"):
        path = home / "campaigns" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    assert names(home, "campaigns/**/*.yaml") == [
        "campaigns/2026/c.yaml",
        "campaigns/2026/fall/d.yaml",
        "campaigns/a.yaml",
        "campaigns/fall.yaml",
        "campaigns/x/e.yaml",
    ]
    assert names(home, "campaigns/*.yml") == ["campaigns/b.yml"]
    assert names(home, "campaigns/?.yaml", "campaigns/a.yaml") == ["campaigns/a.yaml"]
    assert names(home, "campaigns/20*/**/*.yaml") == [
        "campaigns/2026/c.yaml",
        "campaigns/2026/fall/d.yaml",
    ]
    assert names(home, "**/fall/*.yaml") == ["campaigns/2026/fall/d.yaml"]
    assert names(home, "**/**/a.yaml") == ["campaigns/a.yaml"]


def test_the_workspace_file_is_no_manifest(home: Path) -> None:
    assert names(home, "**/*.yaml") == ["campaigns/fall.yaml"]


def test_hidden_files_and_folders_match_nothing(home: Path) -> None:
    for folder in (".git", "campaigns/.trash"):
        (home / folder).mkdir()
        (home / folder / "a.yaml").write_text("", encoding="utf-8")
    (home / "campaigns" / ".b.yaml").write_text("", encoding="utf-8")
    assert names(home, "**/*.yaml") == ["campaigns/fall.yaml"]
    assert codes(home, ".git/*.yaml") == [("CC203", "ccops.yaml:4:12")]


def test_a_folder_is_no_manifest_whatever_its_name(home: Path) -> None:
    (home / "campaigns" / "old.yaml").mkdir()
    assert names(home, "campaigns/*.yaml") == ["campaigns/fall.yaml"]


def test_a_pattern_that_matches_nothing_is_an_error(home: Path, refused: Refused) -> None:
    """A checkout by halves must not look like a workspace that wants nothing."""
    (home / FILE).write_text(SETTINGS + "manifests: [campaigns/*.yaml, x/*.yaml]\n", "utf-8")
    assert refused(home) == [("CC203", "ccops.yaml:4:31")]
    (home / FILE).write_text(SETTINGS, encoding="utf-8")
    (home / "campaigns" / "fall.yaml").unlink()
    assert refused(home) == [("CC203", "ccops.yaml:1:1")]


@pytest.mark.parametrize(
    "pattern",
    [
        r"../x/*.yaml",
        r"a/../../b.yaml",
        r"/etc/*.yaml",
        r"./a.yaml",
        r"a//b.yaml",
        r"a\*.yaml",
        r"campaigns",
        r"*.txt",
        r"*",
    ],
)
def test_a_pattern_stays_inside_and_ends_in_yaml(home: Path, pattern: str) -> None:
    assert codes(home, pattern) == [("CC206", "ccops.yaml:4:12")]


def test_a_link_to_a_file_outside_is_refused_unread(home: Path, refused: Refused) -> None:
    outside = home.parent / "secret.yaml"
    outside.write_text("campaign: secret # x\n", encoding="utf-8")
    (home / "campaigns" / "link.yaml").symlink_to(outside)
    assert refused(home) == [("CC204", "campaigns/link.yaml:1:1")]
    _, (error,) = read_files(home, [Pattern(text="campaigns/*.yaml", place=WHERE)])
    assert "out of the workspace" in error.message


@pytest.mark.parametrize("target", ["fall.yaml", "missing.yaml", "link.yaml"])
def test_a_link_inside_a_broken_one_and_a_loop_are_refused(home: Path, target: str) -> None:
    (home / "campaigns" / "link.yaml").symlink_to(target)
    assert codes(home, "campaigns/*.yaml") == [("CC204", "campaigns/link.yaml:1:1")]


def test_a_folder_that_is_a_link_is_refused_not_skipped(home: Path) -> None:
    """To skip it would be to overlook the manifests behind it."""
    outside = home.parent / "outside"
    outside.mkdir()
    (outside / "a.yaml").write_text("", encoding="utf-8")
    (home / "campaigns" / "linked").symlink_to(outside)
    (home / "more").symlink_to(outside)
    for pattern in ("campaigns/**/*.yaml", "campaigns/*/*.yaml"):
        assert codes(home, pattern) == [("CC204", "campaigns/linked:1:1")]
    assert codes(home, "more/*.yaml") == [("CC204", "more:1:1")]
    assert names(home, "campaigns/*.yaml") == ["campaigns/fall.yaml"]


def test_a_link_that_no_pattern_means_is_nobody_s_business(home: Path) -> None:
    (home / "campaigns" / "README.md").symlink_to("/etc/hostname")
    (home / "campaigns" / "loop").symlink_to("loop")
    assert names(home, "campaigns/**/*.yaml") == ["campaigns/fall.yaml"]


def test_the_workspace_file_itself_may_be_no_link(home: Path, refused: Refused) -> None:
    (home / FILE).rename(home.parent / "elsewhere.yaml")
    (home / FILE).symlink_to(home.parent / "elsewhere.yaml")
    assert refused(home) == [("CC204", "ccops.yaml:1:1")]


def test_a_pipe_is_refused_without_waiting_for_it(home: Path) -> None:
    os.mkfifo(home / "campaigns" / "pipe.yaml")
    assert codes(home, "campaigns/*.yaml") == [("CC205", "campaigns/pipe.yaml:1:1")]


@pytest.mark.enable_socket
def test_a_socket_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home / "campaigns")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.yaml")
        assert codes(home, "campaigns/*.yaml") == [("CC205", "campaigns/socket.yaml:1:1")]


def test_a_device_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_file(Path("/dev"), "null")
    assert [one.code for one in caught.value.diagnostics] == ["CC205"]


def test_a_folder_instead_of_the_workspace_file_is_refused(home: Path, refused: Refused) -> None:
    (home / FILE).unlink()
    (home / FILE).mkdir()
    assert refused(home) == [("CC205", "ccops.yaml:1:1")]


@root_only
def test_a_file_and_a_folder_that_may_not_be_read_are_errors(home: Path) -> None:
    (home / "campaigns" / "fall.yaml").chmod(0)
    (home / "campaigns" / "closed").mkdir(mode=0)
    assert codes(home, "campaigns/**/*.yaml") == [
        ("CC202", "campaigns/closed/:1:1"),
        ("CC202", "campaigns/fall.yaml:1:1"),
    ]


def test_what_cannot_be_opened_is_an_error(home: Path) -> None:
    for name in ("gone.yaml", "campaigns/fall.yaml/x.yaml", "a" * 300 + ".yaml"):
        with pytest.raises(InvalidInput) as caught:
            read_file(home, name)
        (one,) = caught.value.diagnostics
        assert one.code == "CC202"
        assert one.message.startswith("cannot be read: ")


def test_a_workspace_that_vanishes_is_an_error_not_an_empty_one(home: Path) -> None:
    assert codes(home / "gone", "*.yaml") == [("CC202", ".:1:1")]


def test_a_file_of_100_megabytes_is_refused_without_reading_it(home: Path) -> None:
    with (home / "campaigns" / "fall.yaml").open("r+b") as file:
        file.truncate(100 * 1024 * 1024)
    tracemalloc.start()
    try:
        assert codes(home, "campaigns/*.yaml") == [("CC011", "campaigns/fall.yaml:1:1")]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_BYTES


def test_a_file_of_exactly_one_mebibyte_is_read(home: Path) -> None:
    (home / "campaigns" / "fall.yaml").write_bytes(b"#" * MAX_BYTES)
    assert len(read_file(home, "campaigns/fall.yaml")) == MAX_BYTES


def test_names_that_differ_only_in_case_are_refused(home: Path) -> None:
    """On macOS and Windows only one of the two would be there."""
    (home / "campaigns" / "FALL.yaml").write_text(manifest("Other"), encoding="utf-8")
    if len(list((home / "campaigns").iterdir())) == 1:
        pytest.skip("this file system ignores case itself")
    assert codes(home, "campaigns/*.yaml") == [("CC210", "campaigns/fall.yaml:1:1")]


def test_a_file_name_that_is_no_utf_8_can_be_shown(home: Path) -> None:
    path = os.fsencode(home / "campaigns") + b"/\xff.yaml"
    try:
        Path(os.fsdecode(path)).write_text("campaign: [\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert names(home, "campaigns/*.yaml") == ["campaigns/fall.yaml", "campaigns/\\udcff.yaml"]


def test_the_settings_alone_can_be_read(home: Path, schemas: Schemas) -> None:
    found, errors = load_settings(home, schema=schemas.workspace, loopback=False)
    assert errors == ()
    assert found.account == "p07e1l8cdif9dl"


def test_a_thousand_files_are_read_in_order(home: Path, schemas: Schemas) -> None:
    (home / "campaigns" / "fall.yaml").unlink()
    for number in range(1000):
        path = home / "campaigns" / f"{number % 10}" / f"{number}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(manifest(f"c{number}"), encoding="utf-8")
    desired = load(home, schemas=schemas, loopback=False).desired
    assert len(desired) == 1000
    files = [one.place.file for one in desired]
    assert files == sorted(files)
