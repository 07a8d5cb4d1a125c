"""Reading a commit: by the same strict rules, by git alone, and nothing that it could run."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ccops.errors import InvalidInput
from ccops.planning.based import Comparison, Kind
from ccops.session import based
from ccops.session.based import compared
from ccops.session.git import (
    GitFailedError,
    commit_of,
    contents,
    files_of,
    history_of,
    ids_of,
)
from tests.offline_base.conftest import SETTINGS, Git, manifest

CLOCK = datetime(2027, 3, 1, 14, tzinfo=UTC)
MARKER = "ran"
NEVER = "1234567890abcdef1234567890abcdef12345678"


def since(root: Path, ref: str = "HEAD") -> Comparison:
    return compared(root, None, ref, clock=lambda: CLOCK)


def refusal(root: Path, ref: str = "HEAD") -> str:
    with pytest.raises(InvalidInput) as caught:
        since(root, ref)
    return caught.value.diagnostics[0].code


def committed(root: Path, git: Git) -> None:
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "more")


def restored(root: Path) -> None:
    """Bring the files back to what can be read, so that only the commit is broken."""
    shutil.rmtree(root / "campaigns")
    (root / "campaigns").mkdir()
    (root / "campaigns" / "one.yaml").write_text(manifest("Spring"), encoding="utf-8")
    (root / "ccops.yaml").write_text(SETTINGS, encoding="utf-8")
    (root / "ccops.lock").unlink(missing_ok=True)


def test_a_fresh_checkout_does_not_differ(root: Path) -> None:
    """From wherever in the workspace it is asked."""
    assert not since(root).differs
    assert not since(root / "campaigns").differs
    assert since(root).unchanged == 2


def test_what_git_converts_is_no_difference(root: Path) -> None:
    """Other line ends have the same meaning."""
    path = root / "campaigns" / "one.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert not since(root).differs


def test_the_files_as_they_lie_there_are_compared(root: Path, git: Git) -> None:
    """Committed, staged or neither; and with any commit that git has."""
    (root / "campaigns" / "two.yaml").write_text(manifest("New"), encoding="utf-8")
    assert [one.campaign for one in since(root).of(Kind.ADDED)] == ["New"]
    committed(root, git)
    assert not since(root).differs
    assert [one.campaign for one in since(root, "HEAD^1").of(Kind.ADDED)] == ["New"]


def test_a_commit_without_the_workspace_declared_nothing(root: Path, git: Git) -> None:
    """The change that brings the first manifests is reviewed, too."""
    git(root, "checkout", "--quiet", "--orphan", "empty")
    git(root, "rm", "--quiet", "-r", "--cached", ".")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "empty")
    found = since(root)
    assert [one.kind for one in found.manifests] == [Kind.ADDED, Kind.ADDED]
    assert found.base.version is not None


def test_a_manifest_moved_to_another_file_is_the_same(root: Path) -> None:
    """Only what it declares counts; a moved pattern is told as such."""
    (root / "mails").mkdir()
    (root / "campaigns" / "one.yaml").rename(root / "mails" / "two.yaml")
    (root / "ccops.yaml").write_text(SETTINGS + "manifests: mails/*.yaml\n", encoding="utf-8")
    found = since(root)
    assert (found.manifests, found.unchanged) == ((), 2)
    assert [one.path for one in found.workspace] == ["manifests"]


def test_hidden_files_and_other_names_are_no_manifests(root: Path, git: Git) -> None:
    """In the commit as in the folder."""
    (root / "campaigns" / ".two.yaml").write_text("a: b: c", encoding="utf-8")
    (root / "campaigns" / "readme.txt").write_text("a: b: c", encoding="utf-8")
    committed(root, git)
    assert not since(root).differs


BROKEN = {
    "syntax": ("campaigns/one.yaml", b"campaign: [", "CC001"),
    "key": ("campaigns/two.yaml", b"campain: x\n", "CC101"),
    "twice": ("campaigns/two.yaml", manifest("Spring").encode(), "CC121"),
    "not utf-8": ("campaigns/one.yaml", b"campaign: \xff\n", "CC010"),
    "large": ("campaigns/one.yaml", b"#" * (1024 * 1024 + 1), "CC011"),
    "settings": ("ccops.yaml", b"version: 7\n", "CC109"),
    "settings not utf-8": ("ccops.yaml", b"version: \xff\n", "CC010"),
    "lock": (
        "ccops.lock",
        b"version: 1\naccount: other\ncampaigns: {}\nlists: {}\nsegments: {}\n",
        "CC129",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_base_with_mistakes_is_told_and_all_counts_as_changed(
    root: Path, git: Git, name: str
) -> None:
    """Never as if it had declared nothing, or the same."""
    file, data, code = BROKEN[name]
    (root / file).write_bytes(data)
    committed(root, git)
    restored(root)
    found = since(root)
    assert found.base.version is None
    assert code in {one.code for one in found.base.errors}
    assert [one.kind for one in found.manifests] == [Kind.UNKNOWN]


def test_a_link_in_the_base_is_not_followed(root: Path, git: Git) -> None:
    """It is told, as in a folder."""
    (root / "campaigns" / "two.yaml").symlink_to("one.yaml")
    committed(root, git)
    restored(root)
    assert [one.code for one in since(root).base.errors] == ["CC245"]


def test_a_repository_inside_of_this_one_is_no_manifest(root: Path, git: Git) -> None:
    """A commit's entry that is no file has nothing to read."""
    commit = git(root, "rev-parse", "HEAD")
    entry = f"160000,{commit},mail/space/campaigns/inner.yaml"
    git(root, "update-index", "--add", "--cacheinfo", entry)
    git(root, "commit", "--quiet", "-m", "inner")
    assert not since(root).differs


def test_more_than_is_read_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any of it is read."""
    monkeypatch.setattr(based, "MAX_TOTAL_BYTES", 10)
    assert refusal(root) == "CC241"


@pytest.mark.parametrize(
    "ref", ["nowhere", "--output=ran", "-q", "", "a b", "HEAD\n", "\x00", "0" * 40, "HEAD..HEAD"]
)
def test_what_is_no_commit_is_refused(root: Path, ref: str) -> None:
    """An option least of all: it never reaches git."""
    assert refusal(root, ref) == "CC242"
    assert not (root / MARKER).exists()


def test_outside_a_repository_it_is_refused(root: Path) -> None:
    """Git's own words are told."""
    shutil.rmtree(root.parents[1] / ".git")
    with pytest.raises(InvalidInput, match="not a git repository"):
        since(root)


def test_a_file_is_no_commit(root: Path) -> None:
    """Git says so itself."""
    assert refusal(root, "HEAD:./ccops.yaml") in {"CC241", "CC242"}


def test_a_content_that_git_lacks_is_refused(root: Path, git: Git) -> None:
    """A partial clone has names without contents: that is no empty file."""
    (root / "campaigns" / "two.yaml").write_text(manifest("New"), encoding="utf-8")
    committed(root, git)
    one = git(root, "rev-parse", "HEAD:./campaigns/two.yaml")
    (root.parents[1] / ".git" / "objects" / one[:2] / one[2:]).unlink()
    assert refusal(root) == "CC241"
    with pytest.raises(GitFailedError):
        contents(root, [one])


def test_contents_come_as_they_were_committed(root: Path) -> None:
    """Several at once; nothing where nothing is asked."""
    held = {one.path: one for one in files_of(root, commit_of(root, "HEAD"))}
    assert held.keys() == {"ccops.yaml", "campaigns/one.yaml"}
    found = contents(root, [one.id for one in held.values()])
    assert {path: found[one.id] for path, one in held.items()} == {
        path: (root / path).read_bytes() for path in held
    }
    assert contents(root, []) == {}


def test_a_missing_git_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what it is needed for."""
    monkeypatch.setenv("PATH", "")
    assert refusal(root) == "CC241"


@pytest.mark.parametrize("text", ["#!/bin/sh\ntouch ran\n", "\0"])
def test_a_git_of_the_workspaces_own_or_none_at_all_is_not_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """A path that leads into the checkout is none; a file that is no program is told."""
    folder = root if text.startswith("#!") else tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "git").write_text(text, encoding="utf-8")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert refusal(root) == "CC241"
    assert not (root / MARKER).exists()


def _hostile(root: Path, git: Git) -> None:
    """Configure everything that git would run of a checkout."""
    run = f"touch {root / MARKER} && cat"
    for key, value in {
        "core.fsmonitor": run,
        "core.pager": run,
        "core.sshCommand": run,
        "core.alternateRefsCommand": run,
        "diff.external": run,
        "pager.ls-tree": run,
        "pager.cat-file": run,
        "alias.cat-file": f"!{run}",
        "filter.x.clean": run,
        "filter.x.smudge": run,
        "filter.x.process": run,
        "diff.x.textconv": run,
        "credential.helper": f"!{run}",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "remote.origin.url": f"ext::sh -c touch% {root / MARKER}",
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
    }.items():
        git(root, "config", key, value)
    (root / ".gitattributes").write_text("* filter=x diff=x\n", encoding="utf-8")


def test_a_checkout_runs_nothing(root: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hook, filter, monitor, pager, alias, helper or remote, also not for what it lacks."""
    _hostile(root, git)
    monkeypatch.setenv("GIT_TRACE", str(root / MARKER))
    assert not since(root).differs
    for lacking in ("nowhere", NEVER):
        assert refusal(root, lacking) in {"CC241", "CC242"}
    with pytest.raises(GitFailedError):
        contents(root, [NEVER])
    assert not (root / MARKER).exists()


def test_git_is_told_no_secret(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor anything that another git left in the environment."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    real = shutil.which("git")
    program.write_text(f'#!/bin/sh\nenv >> {tmp_path}/seen\nexec {real} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CCOPS_REFRESH_TOKEN", "precious")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert not since(root).differs
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "PATH=" in seen
    assert ("precious" in seen, "elsewhere" in seen) == (False, False)


def test_a_shallow_clone_says_what_it_lacks(root: Path, git: Git, tmp_path: Path) -> None:
    """And how to get it; what it has is compared as ever."""
    (root / "campaigns" / "two.yaml").write_text(manifest("New"), encoding="utf-8")
    committed(root, git)
    clone = tmp_path / "clone"
    origin = root.parents[1].as_uri()
    git(root, "clone", "--quiet", "--depth", "1", origin, str(clone))
    there = clone / "mail" / "space"
    assert not since(there).differs
    for lacking in ("HEAD^1", git(root, "rev-parse", "HEAD^1")):
        with pytest.raises(InvalidInput, match=r"CC242.*knows no such commit") as caught:
            since(there, lacking)
        assert "fetch-depth: 0" in caught.value.diagnostics[0].help


def test_a_first_push_has_nothing_before_it(root: Path) -> None:
    """GitHub writes noughts then: that is told, and is no mistake of the checkout."""
    with pytest.raises(InvalidInput, match=r"CC242.*the push made this branch"):
        since(root, "0" * 40)


def test_the_branch_alone_tells_what_changed_a_file(root: Path, git: Git) -> None:
    """In its own order, whatever the dates and the other sides of merges say."""
    first = commit_of(root, "HEAD")
    git(root, "checkout", "--quiet", "-b", "side")
    (root / "campaigns" / "one.yaml").write_text(manifest("Spring"), encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--date=1980-01-01T00:00:00Z", "-m", "old")
    git(root, "checkout", "--quiet", "main")
    (root / "campaigns" / "two.yaml").write_text(manifest("New"), encoding="utf-8")
    committed(root, git)
    git(root, "merge", "--quiet", "--no-ff", "-m", "merged", "side")
    tip = commit_of(root, "HEAD")
    assert history_of(root, tip, "campaigns/one.yaml") == (tip, first)
    assert history_of(root, tip, "ccops.yaml") == (first,)
    assert history_of(root, tip, "nowhere") == ()
    assert ids_of(root, tip, "nowhere") == {}
    assert ids_of(root, tip, "ccops.yaml").keys() == {"ccops.yaml"}
    assert ids_of(root, tip).keys() == {one.path for one in files_of(root, tip)}
