"""New files: all of one or nothing, never over another, never through a link."""

import errno
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.errors import InvalidInput
from ccops.sandbox.ids import list_id_of
from ccops.session.pulling.filing import create_file
from tests.e2e.stage import START, Stage

MEMBERS = list_id_of("Members")


def refused(root: Path, file: str) -> str:
    """Say why a file cannot be made, and see that nothing is left of the attempt."""
    with pytest.raises(InvalidInput) as error:
        create_file(root, file, "new")
    (one,) = error.value.diagnostics
    assert one.code == "CC297"
    assert not [path for path in root.rglob("*") if path.name.endswith(".new")]
    return one.message


def test_a_file_is_made_with_its_folders(tmp_path: Path) -> None:
    """In the line breaks and characters that it was given."""
    create_file(tmp_path, "a/b/c.yaml", "é\r\n")
    assert (tmp_path / "a" / "b" / "c.yaml").read_bytes() == "é\r\n".encode()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c.yaml"]


@pytest.mark.parametrize("links", [True, False])
def test_what_is_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """A file, a folder, a link to nowhere; also where the file system knows no second names."""
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", without_links)
    (tmp_path / "file.yaml").write_text("old", encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere")
    for name in ("file.yaml", "folder.yaml", "link.yaml"):
        assert name in refused(tmp_path, name)
    assert (tmp_path / "file.yaml").read_text("utf-8") == "old"
    assert not (tmp_path / "nowhere").exists()
    create_file(tmp_path, "new.yaml", "new")
    assert (tmp_path / "new.yaml").read_text("utf-8") == "new"


def without_links(_: Path, __: Path) -> None:
    """A file system without hard links."""
    raise OSError(errno.EPERM, "not permitted")


def test_no_folder_on_the_way_is_a_link(tmp_path: Path) -> None:
    """Nor a file."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file").write_text("", encoding="utf-8")
    assert "a link to one" in refused(root, "link/x.yaml")
    assert "a link to one" in refused(root, "link/deeper/x.yaml")
    assert "file is no folder" in refused(root, "file/x.yaml")
    assert list(outside.iterdir()) == []


def test_of_many_who_make_one_file_one_does(tmp_path: Path) -> None:
    """No other one's text ever stands in it."""
    made: list[str] = []

    def make(text: str) -> None:
        try:
            create_file(tmp_path, "a/x.yaml", text * 1_000)
        except InvalidInput:
            return
        made.append(text)

    makers = [threading.Thread(target=make, args=(f"{number}",)) for number in range(8)]
    for one in makers:
        one.start()
    for one in makers:
        one.join()
    assert len(made) == 1
    assert (tmp_path / "a" / "x.yaml").read_text("utf-8") == made[0] * 1_000


def test_what_no_manifest_can_say_is_not_written(bare: Stage) -> None:
    """A name that is too long, a year that is none for a mailing: each with the reader's words."""
    bare.world.add_campaign("N" * 81, lists=[MEMBERS])
    late = START + timedelta(days=365 * 130)
    bare.world.add_campaign("Late", lists=[MEMBERS], scheduled=late)
    found = bare.run("pull", "N*", "Late", "--format", "json").document["campaigns"]
    reasons = [one["reason"] for one in found]
    assert "the year 2157 is no year for a mailing" in reasons[0]
    assert "`campaign` is 81 characters long" in reasons[1]
    assert not (bare.folder / "campaigns").exists()
