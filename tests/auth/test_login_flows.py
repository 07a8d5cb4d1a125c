"""`ccops auth`, as a process, with somebody who plays the browser."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from ccops.session.credentials import CONFIDENTIAL
from tests.auth.browsing import (
    ADDRESS,
    CLIENT,
    LOGIN,
    asked_for_tokens,
    back,
    begin,
    begin_device,
    log_in,
    query_of,
    secrets_of,
    visit,
)
from tests.e2e.stage import Done, Stage, finish


def stored(stage: Stage) -> list[Path]:
    """The files of the store that hold a token."""
    tokens = [one.encode() for one in stage.world.tokens]
    files = [path for path in stage.folder.rglob("*") if path.is_file()]
    return [path for path in files if any(one in path.read_bytes() for one in tokens)]


def silent(stage: Stage, *runs: Done) -> bool:
    """Whether no token, code or verifier that ever was stands in any output."""
    said = "".join(one.out + one.err for one in runs)
    assert secrets_of(stage.world)
    return not [one for one in secrets_of(stage.world) if one in said]


def test_from_nothing_to_an_apply(stage: Stage) -> None:
    """Log in with PKCE; every command then speaks with that login, and no output holds it."""
    assert stage.run("plan").code == 4
    done = log_in(stage)
    assert (done.code, "sandbox000001" in done.out) == (0, True), done.err
    runs = [done, *(stage.run(*one) for one in (("doctor",), ("plan",), ("apply", "--yes")))]
    runs += [stage.run("auth", "status"), stage.run("auth", "status", "--format", "json")]
    assert [one.code for one in runs] == [0] * 6
    assert len(stage.effects()) == 3  # the token, a PUT and a POST
    assert asked_for_tokens(stage.world) == [("authorization_code", 200)]
    assert silent(stage, *runs)


def test_what_is_asked_for(stage: Stage) -> None:
    """A fresh state and challenge, S256, the four scopes, and a port of 127.0.0.1 alone."""
    queries = []
    for _ in range(2):
        under_way = begin(stage)
        queries.append(query_of(under_way.url))
        visit(back(under_way.url))
        assert under_way.done().code == 0
    one, other = queries
    assert one["scope"] == "campaign_data contact_data account_read offline_access"
    assert (one["code_challenge_method"], one["response_type"]) == ("S256", "code")
    assert one["redirect_uri"].startswith("http://127.0.0.1:")
    assert one["redirect_uri"] != other["redirect_uri"]
    assert all(
        one[key] != other[key] and len(one[key]) >= 43 for key in ("state", "code_challenge")
    )


def test_the_login_is_in_one_private_file(stage: Stage) -> None:
    """0600, in a folder of its user; the journal and the workspace do not hold it."""
    log_in(stage)
    files = stored(stage)
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {path.name.partition("-")[0] for path in files} == {"token"}


def test_a_device_login_says_that_it_cannot_serve_ci(stage: Stage) -> None:
    """The person types a code elsewhere; without a refresh token, that is said."""
    under_way = begin_device(stage)
    assert visit(under_way.url)[0] == 200
    done = under_way.done()
    assert (done.code, "cannot serve CI" in done.err) == (0, True)
    shown = stage.run("auth", "status", "--format", "json")
    assert (shown.document["refresh_token"], shown.document["unused_until"]) == ("none", None)
    assert stage.run("plan").code == 0
    assert silent(stage, done, shown)


def test_a_device_login_that_gives_a_refresh_token_is_a_full_one(stage: Stage) -> None:
    """The references disagree on whether there is one."""
    stage.world.set_switch("device_refresh", True)
    under_way = begin_device(stage)
    visit(under_way.url)
    done = under_way.done()
    assert (done.code, "cannot serve CI" in done.err) == (0, False)
    assert stage.run("auth", "status", "--format", "json").document["refresh_token"] == "unknown"


def test_a_device_that_is_denied_is_not_logged_in(stage: Stage) -> None:
    """Exit 4, and nothing is stored."""
    stage.world.set_switch("consent", "deny")
    under_way = begin_device(stage)
    visit(under_way.url)
    done = under_way.done()
    assert (done.code, "CC544" in done.err, stored(stage)) == (4, True, [])


def test_a_device_whose_code_expires_is_told(stage: Stage) -> None:
    """By the server's clock; exit 4."""
    under_way = begin_device(stage)
    stage.world.advance(600)
    done = under_way.done()
    assert (done.code, "CC541" in done.err) == (4, True)


def test_a_stranger_s_answer_ends_the_login(stage: Stage) -> None:
    """With another state: the code is not redeemed, and the page says nothing of it."""
    under_way = begin(stage)
    answer = back(under_way.url)
    state = query_of(answer)["state"]
    assert visit(answer.replace(state, "x" * len(state)))[0] == 200
    done = under_way.done()
    assert (done.code, "CC543" in done.err) == (4, True)
    assert asked_for_tokens(stage.world) == []
    assert stored(stage) == []


@pytest.mark.parametrize("query", ["state={0}", "code=a&code=b&state={0}", "code=&state={0}"])
def test_an_answer_that_is_none_ends_the_login(stage: Stage, query: str) -> None:
    """Without a code, or with two: nothing is guessed."""
    under_way = begin(stage)
    state = query_of(under_way.url)["state"]
    visit(f"{query_of(under_way.url)['redirect_uri']}?{query.format(state)}")
    assert under_way.done().code == 4
    assert asked_for_tokens(stage.world) == []


def test_consent_that_is_denied(stage: Stage) -> None:
    """Exit 4; the owner's word, and how to try again."""
    stage.world.set_switch("consent", "deny")
    under_way = begin(stage)
    visit(back(under_way.url))
    done = under_way.done()
    assert (done.code, "CC544" in done.err, "ccops auth login" in done.err) == (4, True, True)
    assert asked_for_tokens(stage.world) == []


def test_a_code_that_expired(stage: Stage) -> None:
    """The browser stood open for too long."""
    under_way = begin(stage)
    answer = back(under_way.url)
    stage.world.advance(301)
    visit(answer)
    done = under_way.done()
    assert (done.code, "CC541" in done.err, stored(stage)) == (4, True, [])


def test_a_redemption_that_is_not_answered(stage: Stage) -> None:
    """Nothing is stored, nothing is tried again, and logging in again is all it takes."""
    stage.fault("drop_after", "POST", "/oauth2/default/v1/token")
    done = log_in(stage)
    assert (done.code, "CC542" in done.err) == (1, True)
    assert len(asked_for_tokens(stage.world)) == 1
    assert log_in(stage).code == 0


def test_without_a_client_id_each_step_is_told(stage: Stage) -> None:
    """In plain words, and no browser is opened."""
    environment = {**stage.environment, "CCOPS_CLIENT_ID": ""}
    other = Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=environment)
    done = other.run("auth", "login")
    assert (done.code, "CC527" in done.err) == (4, True)
    assert all(word in done.err for word in ("New Application", "PKCE", "redirect URI", "API Key"))
    assert stage.world.requests == ()


def test_another_account_s_login_is_not_kept(stage: Stage) -> None:
    """And the one before it stays."""
    log_in(stage)
    path = stage.folder / "ccops.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("sandbox000001", "p07e1l8cdif9dl"), "utf-8")
    done = log_in(stage)
    assert (done.code, "CC528" in done.err, "sandbox000001" in done.err) == (4, True, True)
    assert "CC526" in stage.run("auth", "status").err
    assert silent(stage, done)


def test_a_broken_manifest_does_not_keep_anybody_out(stage: Stage) -> None:
    """ccops.yaml alone is read."""
    stage.write("campaign: [\n")
    assert log_in(stage).code == 0
    assert stage.run("auth", "status").code == 0


def test_logging_out_leaves_no_token_behind(stage: Stage) -> None:
    """Not in a free page of the file either; it says what it does not do."""
    log_in(stage)
    assert stored(stage)
    done = stage.run("auth", "logout")
    assert (done.code, "not revoke" in done.err) == (0, True)
    assert stored(stage) == []
    assert "ccops auth login" in stage.run("plan").err
    again = stage.run("auth", "logout")
    assert (again.code, "No login was stored" in again.out) == (0, True)


def test_logging_out_names_the_variables_that_still_speak(stage: Stage) -> None:
    """Whoever logs out wants to be out."""
    environment = {**stage.environment, "CCOPS_ACCESS_TOKEN": "sandbox-word"}
    other = Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=environment)
    done = other.run("auth", "logout")
    assert "CCOPS_ACCESS_TOKEN is set" in done.err
    assert "sandbox-word" not in done.out + done.err


def test_a_given_access_token_beats_the_stored_login(stage: Stage) -> None:
    """As everywhere."""
    log_in(stage)
    environment = {**stage.environment, "CCOPS_ACCESS_TOKEN": "given"}
    other = Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=environment)
    assert "CC520" in other.run("plan").err
    stage.world.add_token("given")
    shown = other.run("auth", "status", "--format", "json")
    assert (shown.document["source"], shown.document["ends"]) == ("CCOPS_ACCESS_TOKEN", None)


def test_the_browser_is_opened_and_given_no_secret(stage: Stage, tmp_path: Path) -> None:
    """It is a child process: it gets the address, and none of what this process was given."""
    note, script = tmp_path / "note", tmp_path / "browser.py"
    script.write_text(
        "import json, os, sys, urllib.request\n"
        f"open({str(note)!r}, 'w').write(json.dumps([sys.argv[1:], dict(os.environ)]))\n"
        "urllib.request.urlopen(sys.argv[1]).read()\n",
        "utf-8",
    )
    environment = {
        **stage.environment,
        "BROWSER": f"{sys.executable} {script} %s",
        "CCOPS_REFRESH_TOKEN": "needle",
    }
    other = Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=environment)
    done = other.process("auth", "login")
    assert done.code == 0, done.err
    arguments, seen = json.loads(note.read_text("utf-8"))
    assert ADDRESS.fullmatch(arguments[0])
    assert arguments[0] in done.err
    assert not set(CONFIDENTIAL) & set(seen)


def test_a_port_that_is_taken_is_told(stage: Stage) -> None:
    """A mistake of usage, before anything is asked."""
    first = begin(stage)
    port = query_of(first.url)["redirect_uri"].rpartition(":")[2].partition("/")[0]
    done = stage.run(*LOGIN, "--port", port)
    assert (done.code, "CC552" in done.err) == (3, True)
    visit(back(first.url))
    assert first.done().code == 0


def test_an_interrupted_login_leaves_nothing(stage: Stage) -> None:
    """Ctrl-C while the browser is open."""
    under_way = begin(stage)
    under_way.process.send_signal(2)
    done = finish(under_way.process)
    assert (done.code, "Traceback" in done.err) == (130, False)
    assert stored(stage) == []


def test_a_shared_store_serves_another_machine(stage: Stage, server: object) -> None:
    """Logged in here, used there, from the row in PostgreSQL; no file holds the login."""
    address = server.address()  # type: ignore[attr-defined]  # the cluster of tests/store
    here = {**stage.environment, "CCOPS_STORE": address}
    one = Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=here)
    assert log_in(one).code == 0
    there = {**here, "CCOPS_STATE_DIR": str(stage.folder / "elsewhere")}
    other = Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=there)
    done = other.run("auth", "status")
    assert (done.code, "PostgreSQL at" in done.out) == (0, True)
    assert "canary" not in done.out + done.err
    assert stored(stage) == []
    assert other.run("auth", "logout").code == 0
    assert one.run("auth", "status").code == 4


def test_the_client_id_may_stand_in_a_file(stage: Stage) -> None:
    """As runners mount it."""
    (stage.folder / "id").write_text(f"{CLIENT}\n", "utf-8")
    environment = {
        **stage.environment,
        "CCOPS_CLIENT_ID": "",
        "CCOPS_CLIENT_ID_FILE": str(stage.folder / "id"),
    }
    other = Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=environment)
    process = other.start("auth", "login", "--no-browser")
    assert process.stderr is not None
    process.stderr.readline()
    found = ADDRESS.search(process.stderr.readline())
    assert found
    assert query_of(found[1])["client_id"] == CLIENT
    visit(back(found[1]))
    assert finish(process).code == 0
    assert os.environ.get("CCOPS_CLIENT_ID_FILE") is None
