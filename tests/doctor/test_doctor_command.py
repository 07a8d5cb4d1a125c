"""`ccops doctor`, run: what it says of a whole workspace, and what one fault leaves to the others."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ccops import cli
from ccops.ports import WriteState
from ccops.render.checks import Subject
from ccops.resources import schema_text
from ccops.sandbox.ids import campaign_id_of, list_id_of
from ccops.sandbox.records import Token
from ccops.session.planned import zone_data
from ccops.store import sqlite
from tests.e2e.stage import START, Done, Stage, manifest
from tests.project.pure_core import ROOT
from tests.store.store_backends import entry

MARCH_9 = "Tue 2027-03-09 09:00"
SCHEMA = "# yaml-language-server: $schema="
MOST_REQUESTS = 12
SUMMARY, PRIVILEGES = "/v3/account/summary", "/v3/account/user/privileges"


def looked(stage: Stage, *more: str) -> tuple[int, Mapping[str, Any]]:
    """Run it as JSON: the exit code, and each check by its id."""
    done = stage.run("doctor", "--format", "json", *more)
    assert "Traceback" not in done.err
    return done.code, {one["id"]: one for one in done.document["checks"]}


def states(checks: Mapping[str, Any], state: str) -> set[str]:
    """The checks that came out like this."""
    return {name for name, check in checks.items() if check["state"] == state}


def with_environment(stage: Stage, **more: str) -> Stage:
    return replace(stage, environment={**stage.environment, **more})


def amend(stage: Stage, before: str, after: str) -> None:
    """Change ccops.yaml."""
    path = stage.folder / "ccops.yaml"
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")


# All is well.


def test_a_green_run(stage: Stage) -> None:
    """Every line, to the letter."""
    done = stage.run("doctor")
    [store] = (stage.folder / ".state").glob("journal-*.sqlite3")
    assert done.out == (
        f"ok  workspace       1 campaign in {stage.folder}\n"
        "ok  editor          no schema in use; `ccops schema --write` makes one\n"
        "ok  login           an access token in CCOPS_ACCESS_TOKEN\n"
        "ok  token           never renewed; it does not tell how long it lives\n"
        "ok  scopes          not known: the token does not tell\n"
        "ok  account         Sandbox, sandbox000001\n"
        "ok  privileges      may plan and apply\n"
        "ok  senders         news@sandbox.example confirmed, of 1\n"
        "ok  footer address  set\n"
        "ok  time zone       America/New_York\n"
        "ok  clock           2027-03-01 14:00:00 UTC in the sandbox\n"
        f"ok  zone data       {zone_data()}\n"
        f"ok  store           {store}; its lock is free\n"
        "ok  journal         0 writes, none open\n"
        "ok  requests today  4 of 10,000; the last 300 are for apply alone\n"
        "ok  lock            none: every name is looked up; `ccops lock` makes ccops.lock\n"
        "\n"
        "Fine. 16 of 16 checks passed.\n"
    )
    assert (done.code, done.err) == (0, "")


def test_every_check_is_always_there(stage: Stage) -> None:
    """One for each subject, in one order, with the same keys: a program can rely on it."""
    amend(stage, "version", "vision")
    runs = [stage.run("doctor", "--format", "json", *more) for more in ((), ("-C", "/"))]
    for done in runs:
        checks = done.document["checks"]
        assert [one["id"] for one in checks] == [one.value for one in Subject]
        assert {tuple(sorted(one)) for one in checks} == {
            ("code", "detail", "id", "remedy", "state", "title")
        }
    assert [done.code for done in runs] == [3, 3]


def test_it_asks_little(stage: Stage) -> None:
    """Four requests, and with a lock a page of campaigns, of lists and of segments more."""
    assert looked(stage)[0] == 0
    assert [one.path for one in stage.world.requests] == [
        SUMMARY,
        PRIVILEGES,
        "/v3/account/emails",
        SUMMARY,
    ]
    stage.world.add_campaign("Fall")
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("Fall", segment="Active", send_at=MARCH_9),
    )
    assert stage.run("lock").code == 0
    stage.world.log.clear()
    code, checks = looked(stage)
    assert (code, checks["lock"]["detail"]) == (
        0,
        "2 campaigns, 1 list and 1 segment: all as pinned",
    )
    assert len(stage.world.requests) == 7
    assert len(stage.world.requests) <= MOST_REQUESTS
    assert {one.method for one in stage.world.requests} == {"GET"}


# One part is broken: the others are looked at all the same.


def test_a_wrong_manifest_hides_no_login(stage: Stage) -> None:
    """Only the lock has to wait; where, what, and how many more there are is said."""
    stage.write("campain: Spring\n", name="two.yaml")
    code, checks = looked(stage)
    assert (code, states(checks, "failed"), states(checks, "skipped")) == (3, {"workspace"}, set())
    assert checks["workspace"]["code"] == "CC101"
    assert checks["workspace"]["detail"].startswith("campaigns/two.yaml:1:1: unknown key")
    assert "ccops validate" in checks["workspace"]["remedy"]
    assert stage.run("lock").code == 3


def test_a_single_mistake_keeps_its_own_remedy(stage: Stage) -> None:
    """There is nothing more to be seen elsewhere."""
    stage.write(manifest("Fall", "Members", send_at="tomorrow"), name="two.yaml")
    code, checks = looked(stage)
    assert code == 3
    assert checks["workspace"]["remedy"]
    assert "ccops validate" not in checks["workspace"]["remedy"]


def test_without_manifests_that_can_be_read_the_lock_waits(stage: Stage) -> None:
    """What they name is not known."""
    assert stage.run("lock").code == 0
    stage.write("campain: Spring\n", name="two.yaml")
    code, checks = looked(stage)
    assert (code, states(checks, "skipped")) == (3, {"lock"})


def test_a_wrong_ccops_yaml_whose_account_is_known(stage: Stage) -> None:
    """The account can be asked; the mistake is told."""
    amend(stage, "timezone: America/New_York", "timezone: America/Old_York")
    code, checks = looked(stage)
    assert (code, states(checks, "failed")) == (3, {"workspace"})
    assert checks["account"]["state"] == "ok"


def test_a_workspace_whose_account_is_not_known(stage: Stage) -> None:
    """There is nobody to ask for, and no store of it."""
    amend(stage, "account:", "acount:")
    code, checks = looked(stage)
    assert (code, states(checks, "ok")) == (3, {"editor", "zone-data", "lock"})
    assert stage.world.requests == ()


def test_no_workspace(stage: Stage, tmp_path: Path) -> None:
    """What needs none is told even so."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    code, checks = looked(stage, "-C", str(other))
    assert (code, checks["workspace"]["code"]) == (3, "CC201")
    assert states(checks, "ok") == {"zone-data"}


def test_no_login_hides_neither_files_nor_store(stage: Stage) -> None:
    """Offline checks need none."""
    code, checks = looked(with_environment(stage, CCOPS_ACCESS_TOKEN=""))
    assert (code, states(checks, "failed"), checks["login"]["code"]) == (4, {"login"}, "CC526")
    assert states(checks, "ok") >= {"workspace", "editor", "store", "journal", "requests-today"}
    assert stage.world.requests == ()


def test_nobody_listens(stage: Stage) -> None:
    """One line says so; what would only say the same is left out."""
    code, checks = looked(stage, "--base-url", "http://127.0.0.1:9")
    assert (code, states(checks, "failed"), checks["account"]["code"]) == (1, {"account"}, "CC501")
    assert states(checks, "ok") >= {"workspace", "login", "store", "journal"}
    assert states(checks, "skipped") == {
        "privileges",
        "senders",
        "footer-address",
        "time-zone",
        "clock",
    }


def test_another_origin(stage: Stage) -> None:
    """A token may not be sent there, and the files can be looked at still."""
    code, checks = looked(stage, "--base-url", "https://api.cc.example")
    assert (code, states(checks, "failed"), checks["login"]["code"]) == (3, {"login"}, "CC290")
    assert checks["workspace"]["state"] == "ok"


def test_no_store(stage: Stage) -> None:
    """Without it no request is made; the login out of a variable is told."""
    (stage.folder / "file").write_text("", "utf-8")
    code, checks = looked(with_environment(stage, CCOPS_STATE_DIR=str(stage.folder / "file")))
    assert (code, states(checks, "failed")) == (9, {"store"})
    assert states(checks, "ok") >= {"workspace", "login", "token", "scopes"}
    assert stage.world.requests == ()


def test_a_token_that_is_not_accepted(stage: Stage) -> None:
    """It is said once, and asked twice."""
    stage.world.set_switch("strict_auth", True)
    code, checks = looked(stage)
    assert (code, states(checks, "failed"), checks["account"]["code"]) == (4, {"account"}, "CC520")
    assert checks["privileges"]["state"] == "skipped"
    assert checks["clock"]["state"] == "ok"


def test_another_account(stage: Stage) -> None:
    """Nothing of it is read but whose it is, and what its user may do."""
    amend(stage, "sandbox000001", "p07e1l8cdif9dl")
    code, checks = looked(stage)
    assert (code, states(checks, "failed"), checks["account"]["code"]) == (4, {"account"}, "CC310")
    assert checks["privileges"]["state"] == "ok"
    assert [one.path for one in stage.world.requests] == [SUMMARY, PRIVILEGES]


def test_a_user_who_may_not_read_the_account(stage: Stage) -> None:
    """The privileges, which anybody may ask for, say why."""
    world = stage.world
    world.privileges = tuple(one for one in world.privileges if one != "account:read")
    code, checks = looked(stage)
    assert (code, states(checks, "failed")) == (4, {"account", "privileges"})
    assert checks["privileges"]["detail"] == "the login's user lacks the privilege account:read"


@pytest.mark.parametrize(
    ("path", "failing"),
    [
        ("/v3/account/emails", {"senders"}),
        ("/v3/account/user/privileges", {"privileges"}),
        ("/v3/contact_lists", {"lock"}),
        ("/v3/emails", {"lock"}),
    ],
)
def test_one_endpoint_fails(stage: Stage, path: str, failing: set[str]) -> None:
    """Only what it would have told is missing."""
    assert stage.run("lock").code == 0
    stage.fault("500", "GET", path, times=99)
    code, checks = looked(stage)
    assert (code, states(checks, "failed"), states(checks, "skipped")) == (1, failing, set())


def test_the_first_failure_decides_the_exit_code(stage: Stage) -> None:
    """In the order shown: the files before the account."""
    stage.world.account = replace(stage.world.account, physical_address={})
    assert looked(stage)[0] == 4
    stage.write("campain: Spring\n", name="two.yaml")
    assert looked(stage)[0] == 3


# What the login is for.


@pytest.mark.parametrize(
    ("lacking", "purpose", "expected"),
    [
        ("", (), (0, "ok")),
        ("", ("--for", "apply"), (0, "ok")),
        ("", ("--for", "plan"), (0, "warning")),
        ("campaign:send", (), (0, "warning")),
        ("campaign:send", ("--for", "plan"), (0, "ok")),
        ("campaign:send", ("--for", "apply"), (4, "failed")),
        ("campaign:read", ("--for", "plan"), (4, "failed")),
    ],
)
def test_what_the_login_is_for(
    stage: Stage, lacking: str, purpose: tuple[str, ...], expected: tuple[int, str]
) -> None:
    """A person's login may lack what apply needs; a pipeline's steps say which one they are."""
    world = stage.world
    world.privileges = tuple(one for one in world.privileges if one != lacking)
    code, checks = looked(stage, *purpose)
    assert (code, checks["privileges"]["state"]) == expected


def test_a_refresh_token_of_a_job(stage: Stage) -> None:
    """Where it comes from, of which kind it is, and that its heir is on this disk alone."""
    stage.world.tokens["seed-token"] = Token(
        value="seed-token",
        kind="refresh",
        client_id="app",
        scopes=(
            "campaign_data",
            "contact_data",
            "account_read",
            "account_update",
            "offline_access",
        ),
        expires_at=START + timedelta(days=9),
    )
    job = with_environment(
        stage, CCOPS_ACCESS_TOKEN="", CCOPS_REFRESH_TOKEN="seed-token", CCOPS_CLIENT_ID="app"
    )
    code, checks = looked(job)
    assert code == 0
    assert states(checks, "warning") == {"token", "scopes"}
    assert checks["login"]["detail"].startswith("a refresh token in CCOPS_REFRESH_TOKEN; what it")
    assert (
        "its refresh token is rotating, dies when unused for 179 days" in checks["token"]["detail"]
    )
    assert "CCOPS_STORE" in checks["token"]["remedy"]
    assert checks["scopes"]["detail"] == "more than ccops needs: account_update"
    assert "seed-token" not in json.dumps(checks)


# The account.


def test_nobody_to_send_from_and_nowhere_to_answer_to(stage: Stage) -> None:
    """Both are failures, for Constant Contact would refuse the send."""
    senders = tuple(replace(one, confirmed=None) for one in stage.world.account.senders)
    stage.world.account = replace(stage.world.account, senders=senders, physical_address={})
    code, checks = looked(stage)
    assert (code, states(checks, "failed")) == (4, {"senders", "footer-address"})


@pytest.mark.parametrize(
    "address",
    [
        {"city": "Rhinebeck", "country_code": "us"},
        {"address_line1": "", "city": "Rhinebeck", "country_code": "us"},
    ],
)
def test_half_an_address_is_none(stage: Stage, address: dict[str, str]) -> None:
    """Line, city and country are required (spec)."""
    stage.world.account = replace(stage.world.account, physical_address=address)
    assert looked(stage)[1]["footer-address"]["state"] == "failed"


def test_a_sender_that_a_manifest_expects(stage: Stage) -> None:
    """It is looked for before a plan stumbles over it."""
    text = manifest("Spring", "Members", send_at=MARCH_9, expect={"from": "old@sandbox.example"})
    stage.write(text)
    code, checks = looked(stage)
    assert (code, states(checks, "warning")) == (0, {"senders"})
    assert "old@sandbox.example is expected, and not confirmed" in checks["senders"]["detail"]


# What ccops remembers.


def test_a_write_that_is_open(stage: Stage) -> None:
    """A person is told where to look."""
    with (
        sqlite.open_store(
            stage.folder / ".state", origin=stage.url, account="sandbox000001", run="r"
        ) as store,
        store.lock(),
    ):
        store.append(entry(state=WriteState.UNKNOWN))
        code, checks = looked(stage)
    assert (code, states(checks, "warning")) == (0, {"store", "journal"})
    assert checks["journal"]["detail"] == "open: Fall Appeal"
    assert "ccops journal show" in checks["journal"]["remedy"]
    assert "run r on " in checks["store"]["detail"]


def test_it_leaves_the_lock_free(stage: Stage) -> None:
    """An apply right after it begins at once."""
    assert [stage.run("doctor").code, stage.run("apply", "--yes").code] == [0, 0]


# The lock file.


def test_a_lock_that_is_right(stage: Stage) -> None:
    """Also when the list of a campaign that was sent is deleted since."""
    world = stage.world
    world.add_campaign("Sent", lists=[list_id_of("Board")], history=[START - timedelta(days=1)])
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("Sent", "Board", send_at="Sun 2027-02-28 09:00"),
    )
    assert stage.run("lock").code == 0
    world.delete_list(list_id_of("Board"))
    code, checks = looked(stage)
    assert (code, checks["lock"]["state"]) == (0, "ok")


def test_a_list_of_the_same_name(stage: Stage) -> None:
    """A plan would be blocked: the same words, and the same exit code."""
    assert stage.run("lock").code == 0
    stage.world.delete_list(list_id_of("Members"))
    stage.world.add_list("Members", 3)
    code, checks = looked(stage)
    assert (code, checks["lock"]["state"], checks["lock"]["code"]) == (6, "failed", "CC320")
    assert stage.run("plan").code == 6


def test_a_campaign_that_was_renamed(stage: Stage) -> None:
    """The pinned one has another name now."""
    assert stage.run("lock").code == 0
    campaign = stage.world.campaigns[campaign_id_of("Spring")]
    stage.world.put_campaign(replace(campaign, name="Summer"))
    code, checks = looked(stage)
    assert (code, checks["lock"]["code"]) == (6, "CC321")


def test_a_campaign_that_is_gone(stage: Stage) -> None:
    """A plan has its own words for that; here it is a warning."""
    assert stage.run("lock").code == 0
    stage.world.trash_campaign(campaign_id_of("Spring"))
    code, checks = looked(stage)
    assert (code, checks["lock"]["state"], checks["lock"]["code"]) == (0, "warning", "CC327")


def test_names_that_the_lock_lacks(stage: Stage) -> None:
    """A manifest came since: lock it."""
    assert stage.run("lock").code == 0
    stage.world.add_campaign("Fall")
    stage.write(manifest("Fall", segment="Active", send_at=MARCH_9), name="two.yaml")
    code, checks = looked(stage)
    assert (code, checks["lock"]["state"], checks["lock"]["code"]) == (0, "warning", "CC323")
    assert checks["lock"]["detail"].endswith("; and 1 more")
    assert "ccops lock" in checks["lock"]["remedy"]


def test_a_lock_that_cannot_be_read(stage: Stage) -> None:
    """The workspace and the account can."""
    (stage.folder / "ccops.lock").write_text("version: 2\n", "utf-8")
    code, checks = looked(stage)
    assert (code, states(checks, "failed")) == (3, {"lock"})


# Editors.


def with_modeline(stage: Stage, target: str) -> None:
    text = manifest("Spring", "Members", send_at=MARCH_9)
    stage.write(f"{SCHEMA}{target}\n{text}")


def put(stage: Stage, text: str, kind: str = "campaign") -> Path:
    path = stage.folder / ".ccops" / f"{kind}.schema.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_what_init_made_is_in_force(stage: Stage) -> None:
    """Both files name a schema that is there, of this version."""
    done = stage.run("init", "new", "--account", "sandbox000001", "--timezone", "America/New_York")
    assert done.code == 0
    checks = looked(stage, "-C", "new")[1]
    assert checks["editor"]["state"] == "ok"
    assert checks["editor"]["detail"] == (
        ".ccops/campaign.schema.json of this version and "
        ".ccops/workspace.schema.json of this version"
    )


@pytest.mark.parametrize("kind", ["campaign", "workspace"])
@pytest.mark.parametrize("text", ['{"title": "older"}', "{", "[]", '"x"', ""])
def test_an_older_schema(stage: Stage, kind: str, text: str) -> None:
    """The command that repairs it does."""
    put(stage, text, kind)
    check = looked(stage)[1]["editor"]
    assert (check["state"], check["detail"]) == (
        "warning",
        f".ccops/{kind}.schema.json is not this version's",
    )
    assert check["remedy"] == f"run `ccops schema {kind} --write`"
    assert obey(stage, check["remedy"]).code == 0
    assert looked(stage)[1]["editor"]["state"] == "ok"


def obey(stage: Stage, remedy: str) -> Done:
    """Run the command that a remedy gives."""
    [command] = re.findall(r"`ccops ([^`]*)`", remedy)
    return stage.run(*command.split())


def test_names_of_the_account(stage: Stage) -> None:
    """In force, until ccops or the account is another one."""
    assert stage.run("schema", "--account", "--write").code == 0
    path = stage.folder / ".ccops" / "campaign.schema.json"
    text = path.read_text("utf-8")
    assert looked(stage)[1]["editor"]["detail"] == (
        ".ccops/campaign.schema.json of this version, with the account's names"
    )
    for changed, why in (
        (re.sub("sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", text), "is not this version's"),
        (text.replace("names of sandbox", "names of other"), "has the names of the account other"),
    ):
        path.write_text(changed, "utf-8")
        check = looked(stage)[1]["editor"]
        assert (check["state"], why in check["detail"]) == ("warning", True)
        assert obey(stage, check["remedy"]).code == 0
        assert looked(stage)[1]["editor"]["state"] == "ok"


@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        ("../.ccops/campaign.schema.json", "run `ccops schema campaign --write`"),
        ("../../schemas/campaign.schema.json", "correct the path in its modeline"),
    ],
)
def test_a_modeline_that_leads_nowhere(stage: Stage, target: str, remedy: str) -> None:
    """Which file, and what to do."""
    with_modeline(stage, target)
    check = looked(stage)[1]["editor"]
    assert (check["state"], check["remedy"].startswith(remedy)) == ("warning", True)
    assert check["detail"] == f"campaigns/one.yaml names the schema {target}, which is not there"


def test_several_modelines_that_lead_nowhere(stage: Stage) -> None:
    """The first is told, the others are counted."""
    stage.world.add_campaign("Fall")
    with_modeline(stage, "a.json")
    text = manifest("Fall", "Members", send_at=MARCH_9)
    stage.write(f"{SCHEMA}b.json\n{text}", name="two.yaml")
    assert looked(stage)[1]["editor"]["detail"].endswith("; and 1 more")


@pytest.mark.parametrize(
    "target", ["https://ccops.example/campaign.json", "http://[", "mine.json", "file:///x"]
)
def test_a_schema_of_your_own(stage: Stage, target: str) -> None:
    """Addresses are not asked, and a file that is there will do."""
    (stage.folder / "campaigns" / "mine.json").write_text("{}", "utf-8")
    with_modeline(stage, target)
    check = looked(stage)[1]["editor"]
    assert (check["state"], check["detail"]) == ("ok", "1 file with a schema of your own")


def test_a_link_in_the_place_of_a_schema(stage: Stage, tmp_path: Path) -> None:
    """It is not followed."""
    real = tmp_path / "real.json"
    real.write_text(schema_text("campaign"), "utf-8")
    path = put(stage, "{}")
    path.unlink()
    path.symlink_to(real)
    check = looked(stage)[1]["editor"]
    assert (check["state"], "a link" in check["detail"]) == ("warning", True)
    assert check["remedy"]


# The page.


def test_the_page_explains_every_check() -> None:
    """One row each, in the order shown."""
    text = (ROOT / "docs" / "doctor.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|", text, flags=re.MULTILINE)
    assert rows == [one.value for one in Subject]


def test_the_command_is_known() -> None:
    """With its options."""
    assert "doctor" in cli.COMMANDS
