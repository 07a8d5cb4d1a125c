"""Where results are written: as asked, but never over what the workspace is made of."""

from pathlib import Path

import pytest

from ccops.errors import InvalidInput
from ccops.sandbox.ids import list_id_of
from ccops.session.outputs import refuse_own
from tests.e2e.stage import Stage, manifest

OWN = ["ccops.yaml", "ccops.lock", "campaigns/one.yaml", "campaigns/deep/new.yaml", "CCOPS.yaml"]
OPTIONS = [
    ("plan", "--save", ""),
    ("plan", "--out", "markdown="),
    ("calendar", "--out", "text="),
    ("drift", "--out", "markdown="),
    ("ci", "plan", "--save", ""),
    ("ci", "plan", "--report", ""),
    ("sandbox", "--listen", "127.0.0.1:0", "--state", ""),
]


@pytest.fixture
def draft(stage: Stage) -> Stage:
    """A campaign that is to be scheduled, and a lock."""
    stage.world.add_campaign("Spring", lists=[list_id_of("Members")])
    stage.write(manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00"))
    assert stage.run("lock").code == 0
    return stage


def contents(folder: Path) -> dict[str, bytes]:
    files = [*folder.glob("*"), *folder.glob("campaigns/**/*")]
    return {str(path): path.read_bytes() for path in files if path.is_file()}


@pytest.mark.parametrize(
    ("option", "target"),
    [*((one, "campaigns/one.yaml") for one in OPTIONS), *((OPTIONS[0], one) for one in OWN)],
)
def test_the_workspaces_own_files_are_kept(
    draft: Stage, option: tuple[str, ...], target: str
) -> None:
    """Exit 3 before anything is asked of the account; each file is as it was."""
    before, asked = contents(draft.folder), len(draft.world.requests)
    done = draft.run(*option[:-1], f"{option[-1]}{target}")
    assert (done.code, done.out, len(draft.world.requests)) == (3, "", asked)
    assert "error[CC213]" in done.err
    assert contents(draft.folder) == before


def test_from_another_folder(draft: Stage, tmp_path: Path) -> None:
    """Whichever workspace holds the file, whatever way leads to it."""
    (tmp_path / "way").symlink_to(draft.folder)
    for target in (draft.folder / "ccops.yaml", tmp_path / "way" / "campaigns" / "x.yaml"):
        done = draft.run("plan", "--save", str(target))
        assert (done.code, "CC213" in done.err) == (3, True)


def test_other_files_are_written(draft: Stage) -> None:
    """Beside the manifests too, if nothing takes them for some."""
    (draft.folder / "out").mkdir()
    for target in (
        "plan.json",
        "plan.yaml",
        "campaigns/plan.md",
        "out/one.yaml",
        "campaigns/.x.yaml",
    ):
        assert draft.run("plan", "--out", f"json={target}").code == 0
        assert (draft.folder / target).exists()


@pytest.mark.parametrize(
    ("pattern", "target", "own"),
    [
        ("**/*.yaml", "plan.yaml", True),
        ("**/*.yaml", "a/b/c/plan.yaml", True),
        ("**/*.yaml", ".ci/plan.yaml", False),
        ("*.yaml", "a/plan.yaml", False),
        ("a/*/c/*.yml", "a/b/c/plan.yml", True),
        ("a/*/c/*.yml", "a/c/plan.yml", False),
        ("a/**/c/*.yml", "a/c/plan.yml", True),
        ("a/**/c/**/*.yml", "A/b/C/d/e/plan.YML", True),
        ("a/**/c/*.yml", "a/c", False),
        ("**/" * 30 + "x*/" + "**/" * 30 + "y.yaml", "a/" * 60 + "z.yaml", False),
    ],
)
def test_a_name_and_a_pattern(tmp_path: Path, pattern: str, target: str, *, own: bool) -> None:
    """A file that is not there yet is judged as it would be read."""
    (tmp_path / "ccops.yaml").write_text(
        f"version: 1\naccount: a\nmanifests: {pattern!r}\n", encoding="utf-8"
    )
    refused = []
    try:
        refuse_own(str(tmp_path / target))
    except InvalidInput as error:
        refused = [one.code for one in error.diagnostics]
    assert refused == (["CC213"] if own else [])


def test_all_of_them_in_one_run(tmp_path: Path) -> None:
    """Also where ccops.yaml is nothing that can be read, and where there is no workspace."""
    refuse_own(str(tmp_path / "ccops.yaml"))
    (tmp_path / "ccops.yaml").symlink_to("nowhere")
    with pytest.raises(InvalidInput) as refused:
        refuse_own(str(tmp_path / "ccops.yaml"), "elsewhere.md", str(tmp_path / "ccops.lock"))
    assert [one.code for one in refused.value.diagnostics] == ["CC213", "CC213"]


def test_a_format_that_is_none(draft: Stage) -> None:
    """The form is right; what is wrong is the format, and those there are stand below."""
    done = draft.run("plan", "--out", "html=x.html")
    assert (done.code, done.out) == (3, "")
    assert "error[CC281]: --out 'html=x.html' knows no format 'html' here" in done.err
    assert "text, json, markdown and github" in done.err


@pytest.mark.parametrize("text", ["markdown", "=x.md", "markdown=", ""])
def test_a_form_that_is_none(draft: Stage, text: str) -> None:
    """Neither half may be missing."""
    done = draft.run("plan", "--out", text)
    assert (done.code, "is not of the form FORMAT=FILE" in done.err) == (3, True)


def test_what_can_be_allowed_is_told(draft: Stage) -> None:
    """Guards can be waived as well."""
    told = "".join(draft.run("plan", "--help").out.split())
    assert all(one in told for one in ("send-now=…", "reschedule=…", "halted=…", "quiet-hours=…"))
