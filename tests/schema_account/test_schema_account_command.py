"""`ccops schema --account`: what is read for it, what comes of it, and where it is written."""

import json
import re
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ccops.constantcontact.reader import read_list_sizes
from ccops.model import Named, RecipientKind
from ccops.ports import Call, Reply
from ccops.resources import schema_text
from ccops.sandbox.furnish import AB_TEST
from ccops.sandbox.ids import campaign_id_of, list_id_of
from tests.e2e.stage import START, Done, Stage
from tests.security.test_hostile_names import NAMES, obeyed

FILE = Path(".ccops") / "campaign.schema.json"


def offered(done: Done) -> dict[str, dict[str, str]]:
    """The names offered of each kind, with what is said of them."""
    assert done.code == 0
    return in_schema(done.document)


def in_schema(schema: Any) -> dict[str, dict[str, str]]:
    recipients = schema["properties"]["recipients"]["properties"]
    return {
        "campaign": _names(schema["properties"]["campaign"]),
        "lists": _names(recipients["lists"]["items"]),
        "segment": _names(recipients["segment"]),
    }


def _names(place: Mapping[str, Any]) -> dict[str, str]:
    offers = place["anyOf"][0]["oneOf"] if "anyOf" in place else ()
    return {one["const"]: one["description"] for one in offers}


def test_names_with_their_sizes(stage: Stage) -> None:
    """Of lists how many would get it, of segments that nobody counted, of campaigns their state."""
    world = stage.world
    world.add_campaign("Fall", scheduled=START + timedelta(days=8))
    world.add_campaign("Winter", history=[START - timedelta(days=8)])
    world.add_campaign("Test", type_code=AB_TEST)
    done = stage.run("schema", "--account")
    assert offered(done) == {
        "campaign": {
            "Fall": "scheduled",
            "Spring": "a draft",
            "Test": "a draft; an A/B test, which ccops only reads",
            "Winter": "sent",
        },
        "lists": {
            "Board": "3 active contacts",
            "Donors": "6 active contacts",
            "Members": "6 active contacts",
        },
        "segment": {"Active": "a segment; not counted", "Lapsed": "a segment; not counted"},
    }
    assert done.err == "4 campaigns, 3 lists and 2 segments to complete; 4 requests made.\n"


def test_what_it_reads(stage: Stage) -> None:
    """Four pages of names, and no contact; what comes of it holds none either."""
    done = stage.run("schema", "--account")
    assert [one.path for one in stage.world.requests] == [
        "/v3/account/summary",
        "/v3/contact_lists",
        "/v3/segments",
        "/v3/emails",
    ]
    for contact in stage.world.contacts.values():
        assert contact.contact_id not in done.out
        assert contact.email_address not in done.out


def test_what_is_deleted_is_not_offered(stage: Stage) -> None:
    """Neither lists nor segments nor campaigns."""
    world = stage.world
    world.delete_list(list_id_of("Board"))
    world.delete_segment(101)
    world.trash_campaign(campaign_id_of("Spring"))
    found = offered(stage.run("schema", "--account"))
    assert [*found["campaign"], *found["lists"], *found["segment"]] == [
        "Donors",
        "Members",
        "Lapsed",
    ]


def test_several_pages_of_lists(stage: Stage) -> None:
    """Each with its size."""
    for number in range(600):
        stage.world.add_list(f"List {number:03}", number % 12)
    done = stage.run("schema", "--account")
    found = offered(done)["lists"]
    assert len(found) == 603
    assert {found["List 001"], found["List 511"]} == {"1 active contact", "7 active contacts"}
    assert done.err.endswith("; 5 requests made.\n")


def test_two_lists_of_one_name(stage: Stage) -> None:
    """It is offered once, and said to be unclear."""
    stage.world.add_list("Members", 2)
    found = offered(stage.run("schema", "--account"))["lists"]
    assert found["Members"] == "not clear: 2 lists have this name"


def test_hostile_names(stage: Stage) -> None:
    """Offered to the letter if a manifest can write them; what does not show is shown."""
    for name in NAMES:
        stage.world.add_list(f"{name}!", 2)
    stage.world.add_list("gnp.\u202eexe", 2)
    stage.world.add_list("two\nlines", 2)
    done = stage.run("schema", "--account")
    found = offered(done)["lists"]
    assert obeyed(done) == []
    assert found["gnp.\u202eexe"] == (
        "2 active contacts; it has characters that do not show: gnp.⟨U+202E⟩exe"
    )
    assert "two\nlines" not in found
    assert "left out, whose names no manifest can write" in done.err
    assert all(one.isprintable() for one in found.values())
    listed = {one.name for one in stage.world.lists.values()}
    assert set(found) < listed


def test_a_mistake_in_a_manifest_is_no_hindrance(stage: Stage) -> None:
    """Who is looking for a name may have one."""
    stage.write("recipients: {lists: [Mem", name="two.yaml")
    assert "Members" in offered(stage.run("schema", "--account"))["lists"]


def test_a_mistake_in_ccops_yaml_is(stage: Stage) -> None:
    """It says whose names they are."""
    (stage.folder / "ccops.yaml").write_text("version: 1\n", "utf-8")
    assert stage.run("schema", "--account").code == 3
    assert stage.world.requests == ()


def test_another_account(stage: Stage) -> None:
    """Its names are not read."""
    path = stage.folder / "ccops.yaml"
    path.write_text(path.read_text("utf-8").replace("sandbox000001", "p07e1l8cdif9dl"), "utf-8")
    done = stage.run("schema", "--account", "--write")
    assert (done.code, "CC310" in done.err, (stage.folder / FILE).exists()) == (4, True, False)
    assert [one.path for one in stage.world.requests] == ["/v3/account/summary"]


@pytest.mark.parametrize("name", ["workspace", "plan", "lock"])
def test_other_schemas_have_no_names(stage: Stage, name: str) -> None:
    """Wrong usage, before anything is read."""
    assert stage.run("schema", name, "--account").code == 3
    assert stage.world.requests == ()


def test_a_size_that_is_not_told_is_not_guessed() -> None:
    """The count comes only where the API gives it."""
    rows = [{"list_id": list_id_of("A"), "name": "A"}]

    def send(_: Call) -> Reply:
        return Reply(status=200, headers={}, body=json.dumps({"lists": rows}).encode())

    named = Named(kind=RecipientKind.LISTS, id=list_id_of("A"), name="A")
    assert read_list_sizes(send) == ((named, None),)


# Where it is written.


def test_written_where_editors_look(stage: Stage) -> None:
    """The same schema as on stdout; again, it replaces what it wrote."""
    printed = stage.run("schema", "--account")
    done = stage.run("schema", "--account", "--write")
    path = stage.folder / FILE
    assert done.out == f"Wrote {path}\n"
    assert json.loads(path.read_text("utf-8")) == printed.document
    stage.world.add_list("Newest", 1)
    assert stage.run("schema", "--account", "--write").code == 0
    assert "Newest" in in_schema(json.loads(path.read_text("utf-8")))["lists"]
    assert sorted(one.name for one in path.parent.iterdir()) == [".gitignore", path.name]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_names_stay_out_of_git(stage: Stage) -> None:
    """The folder tells git to leave it alone, so that no list's name is committed by accident."""
    git(stage.folder, "init")
    assert stage.run("schema", "--account", "--write").code == 0
    assert ".ccops" not in git(stage.folder, "status", "--porcelain", "--untracked-files=all")


def test_what_git_tracks_is_told(stage: Stage) -> None:
    """Once it is staged or committed, no `.gitignore` hides it: the names would be pushed."""
    git(stage.folder, "init")
    assert stage.run("schema", "--write").code == 0
    fresh = stage.run("schema", "--account", "--write")
    assert (fresh.code, "git tracks" in fresh.err) == (0, False)
    git(stage.folder, "add", "--force", str(FILE))
    told = stage.run("schema", "--account", "--write")
    assert (told.code, f"git tracks {FILE}, which now holds names" in told.err) == (0, True)
    assert "git tracks" not in stage.run("schema", "--write").err
    (remedy,) = re.findall("`git (rm .*?)`", told.err)
    git(stage.folder, *remedy.split())
    assert "git tracks" not in stage.run("schema", "--account", "--write").err


def test_somebody_has_decided_about_git(stage: Stage) -> None:
    """What is there stays; a schema without names is no reason to hide anything."""
    assert stage.run("schema", "--write").code == 0
    assert not (stage.folder / ".ccops" / ".gitignore").exists()
    (stage.folder / ".ccops" / ".gitignore").write_text("!*\n", "utf-8")
    assert stage.run("schema", "--account", "--write").code == 0
    assert (stage.folder / ".ccops" / ".gitignore").read_text("utf-8") == "!*\n"


@pytest.mark.parametrize("name", ["campaign", "workspace"])
def test_the_plain_schemas_are_written_offline(stage: Stage, name: str) -> None:
    """No login, no request: byte for byte what ships."""
    assert stage.run("schema", name, "--write", "--base-url", "http://127.0.0.1:9").code == 0
    path = stage.folder / ".ccops" / f"{name}.schema.json"
    assert path.read_text("utf-8") == schema_text(name)  # type: ignore[arg-type]  # two of its words
    assert stage.world.requests == ()


@pytest.mark.parametrize("name", ["plan", "lock"])
def test_what_machines_write_needs_no_schema_there(stage: Stage, name: str) -> None:
    """Wrong usage."""
    assert stage.run("schema", name, "--write").code == 3
    assert not (stage.folder / ".ccops").exists()


def test_nothing_is_written_outside(stage: Stage, tmp_path: Path) -> None:
    """Neither through a folder nor through a file that is a link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.json").write_text("mine", "utf-8")
    folder = stage.folder / ".ccops"
    folder.symlink_to(outside)
    done = stage.run("schema", "--write")
    assert (done.code, "CC294" in done.err) == (3, True)
    folder.unlink()
    folder.mkdir()
    (folder / "campaign.schema.json").symlink_to(outside / "x.json")
    done = stage.run("schema", "--account", "--write")
    assert (done.code, "CC204" in done.err) == (3, True)
    assert [one.name for one in outside.iterdir()] == ["x.json"]
    assert (outside / "x.json").read_text("utf-8") == "mine"


def test_a_file_in_the_place_of_the_folder(stage: Stage) -> None:
    """It is told, and left."""
    (stage.folder / ".ccops").write_text("mine", "utf-8")
    done = stage.run("schema", "--write")
    assert (done.code, "CC294" in done.err) == (3, True)
    assert (stage.folder / ".ccops").read_text("utf-8") == "mine"


def test_no_workspace_to_write_into(stage: Stage, tmp_path: Path) -> None:
    """Printing needs none."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    assert stage.run("schema", "--write", "-C", str(other)).code == 3
    assert stage.run("schema", "-C", str(other)).out == schema_text("campaign")
    assert list(other.iterdir()) == []
