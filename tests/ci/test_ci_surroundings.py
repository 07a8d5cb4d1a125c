"""What a job is told of itself: read strictly, and never a path or a command."""

import json
from pathlib import Path
from typing import Any

import pytest

from ccops import resources
from ccops.errors import AccessDenied, InvalidInput
from ccops.manifest.settings import Settings, read_settings
from ccops.model import JsonObject
from ccops.session.ci.reaching import reach
from ccops.session.ci.surroundings import MAX_EVENT, job
from tests.ci.runner import Scene

SHA = "4f2c9ab1c0ffee0000000000000000000000000a"
HEAD = "version: 1\naccount: p07e1l8cdif9dl\n"


def set_all(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def event(tmp_path: Path, document: object) -> str:
    file = tmp_path / "event.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return str(file)


def opened(**changes: Any) -> dict[str, Any]:
    head = {"sha": SHA, "repo": {"full_name": "acme/email"}, **changes.pop("head", {})}
    return {"pull_request": {"number": 7, "head": head, **changes}}


def test_outside_of_a_job(tmp_path: Path) -> None:
    """Nothing is known, and nothing is wrong."""
    found = job(tmp_path)
    assert (found.listening, found.event, found.opened, found.token) == (False, "", None, None)
    assert (found.run_url, found.secrets) == ("", ())
    with pytest.raises(AccessDenied, match="CC573"), reach(found):
        raise AssertionError("there is no way")


def test_inside_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is needed, and no more."""
    set_all(
        monkeypatch,
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_EVENT_PATH=event(tmp_path, opened()),
        GITHUB_REPOSITORY="acme/email",
        GITHUB_API_URL="https://ghe.example/api/v3",
        GITHUB_SERVER_URL="https://ghe.example",
        GITHUB_RUN_ID="42",
        GITHUB_SHA=SHA,
        GITHUB_REF="refs/heads/a/b",
        GITHUB_TOKEN="other",
        CCOPS_CI_GITHUB_TOKEN="mine",
        GITHUB_WORKSPACE=str(tmp_path),
    )
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "ccops.yaml").write_text(HEAD, "utf-8")
    found = job(tmp_path / "mail")
    assert found.opened is not None
    assert (found.opened.number, found.opened.head, found.opened.fork) == (7, SHA, False)
    assert (found.api, found.prefix) == ("https://ghe.example", "/api/v3")
    assert found.run_url == "https://ghe.example/acme/email/actions/runs/42"
    assert (found.branch, found.folder) == ("a/b", "mail/")
    assert [one.reveal() for one in found.secrets] == ["mine"]
    assert "mine" not in repr(found)


@pytest.mark.parametrize(
    ("store", "password", "hidden"),
    [
        ("", "", []),
        ("sqlite", "short", []),
        ("postgresql://db.example/ccops", "", []),
        (
            "postgresql://me:long%40enough@db.example/ccops",
            "another-one",
            ["another-one", "long%40enough", "long@enough"],
        ),
        ("postgresql://db.example/ccops?user=me&password=long-enough&x=y", "", ["long-enough"]),
        ("host=db.example password=long-enough", "", ["long-enough"]),
        ("postgresql://me:brief@db/ccops", "", []),
        ("postgresql://[::1", "two words", []),
    ],
)
def test_what_opens_the_store_is_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str, password: str, hidden: list[str]
) -> None:
    """A database has a password, and GitHub knows only of what is one of its own secrets."""
    set_all(monkeypatch, CCOPS_STORE=store, PGPASSWORD=password)
    assert [one.reveal() for one in job(tmp_path).secrets] == hidden


def test_where_the_files_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the commit of the job, if the repository is known."""
    set_all(monkeypatch, GITHUB_SHA=SHA)
    assert job(tmp_path).source is None
    set_all(monkeypatch, GITHUB_REPOSITORY="acme/email")
    found = job(tmp_path).source
    assert found is not None
    assert found.tree == f"https://github.com/acme/email/blob/{SHA}/"


def test_a_workspace_outside_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are none that GitHub could show."""
    (tmp_path / "ccops.yaml").write_text(HEAD, "utf-8")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    assert job(tmp_path).folder == ""


@pytest.mark.parametrize("source", [None, {"full_name": "eve/email"}, {}, "x"])
def test_whatever_is_not_ours_is_a_fork(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: object
) -> None:
    """A deleted one, too."""
    set_all(
        monkeypatch,
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_REPOSITORY="acme/email",
        GITHUB_EVENT_PATH=event(tmp_path, opened(head={"repo": source})),
    )
    found = job(tmp_path).opened
    assert found is not None
    assert found.fork


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"pull_request": 1}',
        opened(number="7"),
        opened(number=0),
        opened(number=True),
        opened(head={"sha": "main"}),
        opened(head={"sha": f"{SHA}\n"}),
        '{"pull_request": {}, "pull_request": {}}',
        " " * (MAX_EVENT + 1),
    ],
)
def test_an_event_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: object
) -> None:
    """Nothing is concluded from it."""
    file = event(tmp_path, document)
    set_all(monkeypatch, GITHUB_EVENT_NAME="pull_request", GITHUB_EVENT_PATH=file)
    with pytest.raises(InvalidInput, match="CC230: GITHUB_EVENT_PATH"):
        job(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_REPOSITORY", "acme"),
        ("GITHUB_REPOSITORY", "acme/.."),
        ("GITHUB_REPOSITORY", "acme/email?x"),
        ("GITHUB_SHA", "main"),
        ("GITHUB_SHA", SHA[:7]),
        ("GITHUB_RUN_ID", "1/../2"),
        ("GITHUB_SERVER_URL", "javascript:x"),
        ("GITHUB_SERVER_URL", "https://a.example/)[x]("),
        ("GITHUB_API_URL", "http://api.github.com"),
        ("GITHUB_API_URL", "https://user@api.github.com"),
        ("GITHUB_API_URL", "https://api.github.com/elsewhere"),
        ("GITHUB_API_URL", "https://api.github.com?x"),
        ("GITHUB_API_URL", "https://[::1"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_TOKEN", "two words"),
        ("GITHUB_TOKEN", "a\nb"),
        ("CCOPS_CI_GITHUB_TOKEN", "ä"),
    ],
)
def test_variables_that_no_runner_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Refused by name, without their value: it may be a secret."""
    set_all(monkeypatch, **{name: value})
    with pytest.raises(InvalidInput, match="CC230") as refused:
        job(tmp_path)
    assert value not in str(refused.value)


@pytest.mark.parametrize("command", ["plan", "apply", "validate"])
def test_the_event_that_hands_out_secrets(scene: Scene, command: str) -> None:
    """No command runs for it, and no request is made."""
    step = scene.step(command, GITHUB_EVENT_NAME="pull_request_target")
    assert step.done.code == 3
    assert "CC231" in step.done.err
    assert (scene.stage.world.requests, scene.hub.log) == ((), [])


@pytest.mark.parametrize("token", ["two words", "a\nb", "\udcff", "a::b%0A"])
def test_a_login_that_is_none(scene: Scene, token: str) -> None:
    """It is refused as everywhere; no part of it becomes a command."""
    step = scene.on_pull("plan", CCOPS_ACCESS_TOKEN=token, CCOPS_REFRESH_TOKEN="x y")
    assert {one.name for one in step.commands} <= {"add-mask", "error"}
    assert step.done.code in {0, 4}


def test_hostile_words_of_a_pull_request(scene: Scene) -> None:
    """A branch may have any name: none of it is printed, or led into a path."""
    name = "x\n::error::a\r##[error]b;$(id)"
    step = scene.on_pull("plan", GITHUB_HEAD_REF=name, GITHUB_REF_NAME=name, GITHUB_ACTOR=name)
    assert step.done.code == 0
    assert {one.name for one in step.commands} == {"add-mask"}


# `ccops ci validate`.


def test_valid(scene: Scene) -> None:
    """Offline: no login, no token, no request."""
    around = {"CCOPS_ACCESS_TOKEN": "", "GITHUB_TOKEN": ""}
    step = scene.on_pull("validate", **around)
    assert (step.done.code, step.done.out) == (0, "Valid: 1 campaign.\n")
    assert step.outputs == {"status": "valid", "summary": "1 campaign in 1 file"}
    assert "1 campaign in 1 file." in step.page
    assert (scene.stage.world.requests, scene.hub.log, step.commands) == ((), [], [])


def test_invalid(scene: Scene) -> None:
    """Every error of every file, on its line."""
    scene.stage.write("campaign: [\n")
    scene.stage.write("campaign: A\nsend_at: never\n", name="two.yaml")
    step = scene.on_pull("validate", CCOPS_ACCESS_TOKEN="", GITHUB_TOKEN="")
    files = {one.properties["file"] for one in step.commands}
    assert (step.done.code, step.outputs["status"]) == (3, "error")
    assert files == {"campaigns/one.yaml", "campaigns/two.yaml"}
    assert step.page.count("- **error**") == len(step.commands)


# `approvers:`.


@pytest.fixture(scope="module")
def schema() -> JsonObject:
    return resources.schema("workspace")


def read(text: str, schema: JsonObject) -> Settings:
    return read_settings("ccops.yaml", f"{HEAD}{text}", schema=schema, loopback=False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", set()),
        ("approvers: Ann\n", {"ann"}),
        ("approvers: [ann, Bob-2, c]\n", {"ann", "bob-2", "c"}),
    ],
)
def test_who_may_approve(text: str, found: set[str], schema: JsonObject) -> None:
    """Logins, whatever their case."""
    assert read(text, schema).approvers == found


@pytest.mark.parametrize(
    "text",
    ["[]", '""', "[1]", '["@ann"]', "[acme/team]", '["github-actions[bot]"]', "[a--b]", "[-a]"],
)
def test_who_may_not(text: str, schema: JsonObject) -> None:
    """An empty list must not look like a rule; teams and apps are no persons."""
    with pytest.raises(InvalidInput, match=r"CC10[349]"):
        read(f"approvers: {text}\n", schema)
