"""`changed:COMMIT`: what git says, and nothing that a checkout could make it run."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ccops.errors import InvalidInput, Place
from ccops.model import Desired
from ccops.planning.select import Changed
from ccops.session.changed import changed
from tests.e2e.stage import Stage, manifest
from tests.planning.samples import desired

UNSCHEDULED = "unscheduled"
WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
MARKER = "ran"


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *WHO, *words], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace two folders down in a repository, with two manifests, committed."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    space = tmp_path.resolve() / "mail" / "space"
    (space / "campaigns").mkdir(parents=True)
    (space / "ccops.yaml").write_text("version: 1\n", encoding="utf-8")
    for name in ("one", "zwei ü"):
        (space / "campaigns" / f"{name}.yaml").write_text(f"campaign: {name}\n", encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    return space


def manifests(root: Path) -> list[Desired]:
    """A manifest for each file in the folder."""
    names = sorted(path.relative_to(root).as_posix() for path in root.glob("campaigns/*.yaml"))
    return [
        replace(desired(campaign=name), place=Place(file=name, line=1, column=1)) for name in names
    ]


def since(root: Path, ref: str = "HEAD") -> Changed:
    return changed(root, manifests(root), [ref])[ref]


def test_nothing_changed_in_a_fresh_checkout(root: Path) -> None:
    """Whatever the files' dates say."""
    os.utime(root / "campaigns" / "one.yaml", (0, 0))
    assert since(root) == Changed(files=frozenset())


def _edited(root: Path) -> None:
    (root / "campaigns" / "zwei ü.yaml").write_text("campaign: two\n", encoding="utf-8")


def _staged(root: Path) -> None:
    _edited(root)
    git(root, "add", ".")


def _committed(root: Path) -> None:
    _staged(root)
    git(root, "commit", "--quiet", "-m", "two")


@pytest.mark.parametrize("change", [_edited, _staged, _committed])
def test_a_change_counts_however_far_it_has_come(
    root: Path, change: Callable[[Path], None]
) -> None:
    """In the working tree, in the index, or in a later commit."""
    first = git(root, "rev-parse", "HEAD")
    change(root)
    assert since(root, first) == Changed(files=frozenset({"campaigns/zwei ü.yaml"}))
    assert since(root, "main").files == (
        frozenset() if change is _committed else since(root, first).files
    )


def test_new_and_deleted_files_are_changes(root: Path) -> None:
    """Untracked and ignored ones too: git's own lists would leave them out."""
    (root / ".gitignore").write_text("*.yaml\n", encoding="utf-8")
    (root / "campaigns" / "new.yaml").write_text("campaign: new\n", encoding="utf-8")
    (root / "campaigns" / "one.yaml").unlink()
    assert since(root) == Changed(
        files=frozenset({"campaigns/new.yaml"}), deleted=("campaigns/one.yaml",)
    )


def test_other_line_ends_are_no_change(root: Path) -> None:
    """A checkout on Windows differs in nothing else."""
    (root / "campaigns" / "one.yaml").write_bytes(b"campaign: one\r\n")
    assert since(root) == Changed(files=frozenset())


@pytest.mark.parametrize("name", ["ccops.yaml", "ccops.lock"])
def test_what_bears_on_every_manifest_changes_all(root: Path, name: str) -> None:
    """A time zone, or what a name means."""
    (root / name).write_text("version: 2\n", encoding="utf-8")
    assert since(root).all


def test_a_manifest_that_cannot_be_read_any_more_counts_as_changed(root: Path) -> None:
    """In doubt it is looked at."""
    wanted = manifests(root)
    (root / "campaigns" / "one.yaml").unlink()
    (root / "campaigns" / "one.yaml").mkdir()
    assert "campaigns/one.yaml" in changed(root, wanted, ["HEAD"])["HEAD"].files


def test_digests_of_either_kind_are_known(tmp_path: Path) -> None:
    """Repositories of SHA-256 name 64 hex digits."""
    git(tmp_path, "init", "--quiet", "--object-format=sha256")
    (tmp_path / "campaigns").mkdir()
    for name in ("one", "two"):
        (tmp_path / "campaigns" / f"{name}.yaml").write_text(name, encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    (tmp_path / "campaigns" / "two.yaml").write_text("other", encoding="utf-8")
    assert since(tmp_path.resolve()).files == {"campaigns/two.yaml"}


def refusal(root: Path, ref: str) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        since(root, ref)
    (one,) = caught.value.diagnostics
    return one.code, one.message


@pytest.mark.parametrize(
    "ref",
    ["nowhere", "--output=ran", "-q", "a b", "HEAD\n", "\x00", "0" * 40, "HEAD..HEAD", ":/x"],
)
def test_what_is_no_commit_is_refused(root: Path, ref: str) -> None:
    """An option least of all: it never reaches git."""
    assert refusal(root, ref)[0] == "CC292"
    assert not (root / MARKER).exists()


def test_a_file_is_no_commit(root: Path) -> None:
    """Git says so itself."""
    code, message = refusal(root, "HEAD:./ccops.yaml")
    assert code in {"CC291", "CC292"}
    assert "HEAD:./ccops.yaml" in message or "git failed" in message


def test_outside_a_repository_git_says_why(tmp_path: Path) -> None:
    """Its own words are told."""
    code, message = refusal(tmp_path.resolve(), "HEAD")
    assert (code, "not a git repository" in message) == ("CC291", True)


def test_without_git_other_selectors_are_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else of ccops needs it."""
    monkeypatch.setenv("PATH", "")
    assert refusal(root, "HEAD") == ("CC291", "changed: git is not installed")


def test_a_git_of_the_workspaces_own_is_not_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that leads into the checkout is none."""
    program = root / "git"
    program.write_text(f"#!/bin/sh\ntouch {root / MARKER}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{root}{os.pathsep}{os.environ['PATH']}")
    assert refusal(root, "HEAD")[0] == "CC291"
    assert not (root / MARKER).exists()


def test_a_git_that_cannot_be_started_is_told(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, and is no program."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_bytes(b"\x00")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    assert refusal(root, "HEAD")[0] == "CC291"


def _hostile(root: Path) -> None:
    """Configure everything that git would run of a checkout."""
    run = f"touch {root / MARKER} && cat"
    hooks = root / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {root / MARKER}\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    for key, value in {
        "core.fsmonitor": run,
        "core.hooksPath": str(hooks),
        "core.pager": run,
        "core.editor": run,
        "core.sshCommand": run,
        "core.gitProxy": run,
        "core.alternateRefsCommand": run,
        "diff.external": run,
        "pager.ls-tree": run,
        "pager.rev-parse": run,
        "alias.ls-tree": f"!{run}",
        "alias.rev-parse": f"!{run}",
        "filter.x.clean": run,
        "filter.x.smudge": run,
        "filter.x.process": run,
        "diff.x.textconv": run,
        "diff.x.command": run,
        "credential.helper": f"!{run}",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "uploadpack.packObjectsHook": run,
        "gpg.program": run,
        "remote.origin.url": f"ext::sh -c touch% {root / MARKER}",
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
    }.items():
        git(root, "config", key, value)
    (root / ".gitattributes").write_text("* filter=x diff=x\n", encoding="utf-8")


def test_a_checkout_runs_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hook, filter, monitor, pager, alias, helper or remote, also not for what it lacks."""
    _hostile(root)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {root / MARKER}")
    monkeypatch.setenv("GIT_TRACE", str(root / MARKER))
    _edited(root)
    assert since(root).files == {"campaigns/zwei ü.yaml"}
    for lacking in ("nowhere", "1234567890abcdef1234567890abcdef12345678"):
        assert refusal(root, lacking)[0] in {"CC291", "CC292"}
    assert not (root / MARKER).exists()


def test_git_is_told_no_secret(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor anything that another git, which called ccops from a hook, left in the environment."""
    real = shutil.which("git")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nenv >> {tmp_path}/seen\nexec {real} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CCOPS_ACCESS_TOKEN", "precious")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert since(root) == Changed(files=frozenset())
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "PATH=" in seen
    assert "precious" not in seen
    assert "elsewhere" not in seen


def test_a_first_push_has_nothing_before_it(root: Path) -> None:
    """GitHub writes noughts then."""
    assert refusal(root, "0" * 40)[1].endswith(
        "the push made this branch, so there is nothing before it"
    )


def test_no_selector_asks_no_git(tmp_path: Path) -> None:
    """A workspace need not stand in a repository."""
    assert changed(tmp_path, [], []) == {}


def test_a_plan_of_what_changed(stage: Stage) -> None:
    """From the command line: in a pull request, only what it touches."""
    for name in ("One", "Two"):
        stage.world.add_campaign(name)
        stage.write(manifest(name, "Members", send_at=UNSCHEDULED), name=f"{name}.yaml")
    git(stage.folder, "init", "--quiet")
    git(stage.folder, "add", "campaigns", "ccops.yaml")
    git(stage.folder, "commit", "--quiet", "-m", "one")
    nothing = stage.run("plan", "--select", "changed:HEAD")
    assert (nothing.code, "CC287" in nothing.err) == (3, True)
    stage.write(manifest("Two", "Donors", send_at=UNSCHEDULED), name="Two.yaml")
    done = stage.run("plan", "--select", "changed:HEAD", "--format", "json")
    assert [one["campaign"] for one in done.document["changes"]] == ["Two"]
    wrong = stage.run("plan", "--select", "changed:nowhere")
    assert (wrong.code, "CC292" in wrong.err) == (3, True)
