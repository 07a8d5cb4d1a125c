"""A login in the platform's keychain: the same promises, and no plain text beside it."""

import inspect
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import keyring
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail

from ccops.errors import AccessDenied, InvalidInput, StoreUnavailable
from ccops.ports import TokenRecord
from ccops.session.renewing import stored as read_stored
from ccops.store import keyring as ours
from ccops.store.choice import open_login_store
from ccops.store.keyring import KeychainTokens
from tests.auth.browsing import TOKEN_PATH, asked_for_tokens, log_in, secrets_of
from tests.auth.keychain_double import entries, keychain
from tests.auth.logins import at, ending, ready, status
from tests.e2e.stage import Stage
from tests.e2e.window import Fate, window
from tests.store import test_store_conformance as suite
from tests.store.store_backends import ACCOUNT, ORIGIN, TOKENS_ALONE, tokens_in_folder

BACKEND = TOKENS_ALONE["keychain"]


@pytest.fixture(autouse=True)
def chain(tmp_path: Path) -> Iterator[Path]:
    with keychain(tmp_path / "keychain") as folder:
        yield folder


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "state")


def tokens(place: str, *, chosen: bool = True) -> KeychainTokens:
    file = tokens_in_folder(place)
    return KeychainTokens(file, origin=ORIGIN, account=ACCOUNT, chosen=chosen)  # type: ignore[arg-type]  # it is SQLite's


# What every token store promises: the suite of tests/store, with this one.

PROMISES = [
    name
    for name, test in inspect.getmembers(suite, inspect.isfunction)
    if name.startswith("test_") and "backend.tokens(" in inspect.getsource(test)
]
TEXTS = ["a", "", "ü \u2028 '; --", "x" * 100_000]


@pytest.mark.parametrize(
    ("promise", "text"),
    [
        (name, text)
        for name, text in product(PROMISES, TEXTS)
        if text == "a" or "text" in inspect.signature(getattr(suite, name)).parameters
    ],
)
def test_it_keeps_what_every_token_store_promises(promise: str, text: str, place: str) -> None:
    """The same tests, of which each says what must hold."""
    test: Callable[..., None] = getattr(suite, promise)
    given_to = {"name": "keychain", "backend": BACKEND, "place": place, "text": text}
    test(**{name: given_to[name] for name in inspect.signature(test).parameters})


def test_the_suite_was_found() -> None:
    """Ten promises, at least."""
    assert len(PROMISES) >= 10


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_the_last_text_written_is_the_one_that_is_read(place: str, texts: list[str]) -> None:
    """Whatever the texts and their order, and by whoever opens it next."""
    for text in texts:
        with tokens(place) as store, store.hold() as held:
            assert held.write(text).text == text
    with tokens(place, chosen=False) as store:
        record = store.read()
    assert record is not None
    assert record.text == texts[-1]


# Where it is.


def test_s01_the_file_holds_no_token(place: str, chain: Path) -> None:
    """Only where in the keychain the text is, and a hash of it."""
    with tokens(place) as store, store.hold() as held:
        held.write("needle-in-a-keychain")
    assert any("needle-in-a-keychain" in one for one in entries(chain))
    files = [path for path in Path(place).rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"needle" in path.read_bytes()]


def test_a_login_stays_where_it_is(place: str) -> None:
    """A renewal by a command that chose nothing writes where the text was."""
    with tokens(place) as store, store.hold() as held:
        held.write("one")
    with tokens(place, chosen=False) as store:
        with store.hold() as held:
            held.write("two")
        assert (store.read(), "keychain" in store.name) == (
            TokenRecord(generation=2, text="two"),
            True,
        )


def test_a_file_s_login_stays_in_its_file(place: str, chain: Path) -> None:
    """Until a login is made with --keychain, which leaves no copy in the file."""
    with tokens(place, chosen=False) as store:
        with store.hold() as held:
            held.write("needle")
        assert (entries(chain), "keychain" in store.name) == ([], False)
    with tokens(place) as store, store.hold() as held:
        assert held.record == TokenRecord(generation=1, text="needle")
        held.write("another")
    assert not [one for one in Path(place).iterdir() if b"needle" in one.read_bytes()]


def test_logging_out_empties_the_keychain(place: str, chain: Path) -> None:
    """Of both texts that take turns, however long one was; the next login may be in a file."""
    for text in ("x" * 50_000, "short", ""):
        with tokens(place) as store, store.hold() as held:
            held.write(text)
    assert entries(chain) == []
    with tokens(place, chosen=False) as store:
        assert (store.read(), "keychain" in store.name) == (
            TokenRecord(generation=3, text=""),
            False,
        )


def test_who_deletes_the_entries_is_logged_out(place: str, chain: Path) -> None:
    """In the keychain's own program, say."""
    with tokens(place) as store, store.hold() as held:
        held.write("gone")
    for path in chain.iterdir():
        path.unlink()
    with tokens(place) as store:
        assert store.read() == TokenRecord(generation=1, text="")


def test_what_somebody_changed_is_no_login(place: str, chain: Path) -> None:
    """Said as any other damage, with the command that repairs it."""
    with tokens(place) as store, store.hold() as held:
        held.write("true")
    for path in chain.iterdir():
        path.write_text('"false"', "utf-8")
    with tokens(place) as store, pytest.raises(AccessDenied, match="CC549"):
        read_stored(store.read())


# What it says no to.


def test_a_locked_keychain_is_told_before_anything_is_asked(place: str, chain: Path) -> None:
    """CC714; nothing that the backend said is repeated, and the file is as it was."""
    with tokens(place) as store:
        (chain / "locked").touch()
        with pytest.raises(StoreUnavailable, match="CC714") as caught, store.hold():
            pytest.fail("it was held")
        assert "needle" not in str(caught.value)
        assert caught.value.__context__ is None
        (chain / "locked").unlink()
        assert store.read() is None


def test_a_keychain_that_refuses_the_text_is_no_reason_for_a_file(place: str, chain: Path) -> None:
    """CC715: it took the trial and not the login, which is then nowhere; the old one counts."""
    with tokens(place) as store:
        with store.hold() as held:
            held.write("the old one")
        (chain / "full").touch()
        with pytest.raises(StoreUnavailable, match="CC715") as caught, store.hold() as held:
            held.write("needle" * 10)
        assert "needle" not in str(caught.value)
        assert caught.value.__context__ is None
        assert store.read() == TokenRecord(generation=1, text="the old one")


def test_s01_without_a_keychain_there_is_no_plain_text(place: str) -> None:
    """A machine without one, or with a backend of low priority, which may be a plain file."""

    class Poor(KeyringBackend):
        priority = 0.5  # type: ignore[assignment]  # as keyring's documentation shows it

        def get_password(self, service: str, username: str) -> str | None:
            raise AssertionError(service, username)

        set_password = delete_password = get_password  # type: ignore[assignment]  # nobody asks

    for backend in (fail.Keyring(), Poor()):
        keyring.set_keyring(backend)
        with tokens(place) as store, pytest.raises(StoreUnavailable, match="CC714"), store.hold():
            pytest.fail("it was held")


def test_a_keychain_that_keeps_nothing_is_found_out(place: str) -> None:
    """What was put there is read back before it counts."""

    class Forgetful(KeyringBackend):
        priority = 1  # type: ignore[assignment]  # as keyring's documentation shows it

        def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002 - nothing
            return None

        def set_password(self, service: str, username: str, password: str) -> None:
            """Keep nothing."""

        def delete_password(self, service: str, username: str) -> None:
            """Keep nothing."""

    keyring.set_keyring(Forgetful())
    with tokens(place) as store, pytest.raises(StoreUnavailable, match="CC714"), store.hold():
        pytest.fail("it was held")


def test_the_library_is_asked_for_by_name(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """CC556 tells the command that installs it; a login in a file does not need it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with tokens(place, chosen=False) as store, store.hold() as held:
        held.write("in a file")
    with tokens(place) as store, pytest.raises(InvalidInput, match="CC556") as caught, store.hold():
        pytest.fail("it was held")
    assert caught.value.diagnostics[0].help == "pip install 'ccops[keyring]'"
    assert ours.__name__ == "ccops.store.keyring"


def test_a_login_that_machines_share_is_in_no_keychain(tmp_path: Path) -> None:
    """CC555, before the database is asked."""
    opened = open_login_store(
        "postgresql://h/d", tmp_path, origin="o", account="a", key="k", keychain=True
    )
    with pytest.raises(InvalidInput, match="CC555"), opened:
        pytest.fail("it was opened")


# As people use it.


def test_logging_in_with_a_keychain(stage: Stage, chain: Path) -> None:
    """Every command then uses it; no file of the run holds the login, no output either."""
    runs = [log_in(stage, "--keychain"), stage.run("plan"), stage.run("auth", "status")]
    assert [one.code for one in runs] == [0] * 3, runs[0].err
    assert "the keychain" in runs[2].out
    issued = list(stage.world.tokens)
    assert issued
    assert all(any(one in kept for kept in entries(chain)) for one in issued)
    files = [path.read_bytes() for path in stage.folder.rglob("*") if path.is_file()]
    assert not [one for one in issued if any(one.encode() in content for content in files)]
    said = "".join(one.out + one.err for one in runs)
    assert not [one for one in secrets_of(stage.world) if one in said]
    out = stage.run("auth", "logout")
    assert (out.code, "the keychain" in out.out, entries(chain)) == (0, True, [])


def test_a_locked_keychain_stops_a_login_before_the_browser(stage: Stage, chain: Path) -> None:
    """Exit 9; nobody consents in vain."""
    (chain / "locked").touch()
    done = log_in(stage, "--keychain")
    assert (done.code, "CC714" in done.err, stage.world.requests) == (9, True, ())


def test_a_locked_keychain_costs_no_login(stage: Stage, chain: Path) -> None:
    """The renewal is not asked for, so that the token is as good as before."""
    log_in(stage, "--keychain")
    ending(stage)
    stage.world.log.clear()
    (chain / "locked").touch()
    assert (status(stage).code, stage.world.requests) == (9, ())
    (chain / "locked").unlink()
    assert status(stage).document["refresh_token"] == "rotating"


def test_s02_of_several_processes_one_renews_what_is_in_the_keychain(stage: Stage) -> None:
    """The file's row is their lock: a keychain has none."""
    log_in(stage, "--keychain")
    ending(stage)
    stage.world.log.clear()
    with window(stage, "POST", TOKEN_PATH, fate=Fate.DONE) as opened:
        processes = [ready(stage) for _ in range(3)]
        for one in processes:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in processes:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        opened.wait()
        opened.release()
        ends = [one.communicate(timeout=60) for one in processes]
    assert [one.returncode for one in processes] == [0] * 3, ends
    assert asked_for_tokens(stage.world) == [("refresh_token", 200)]


def test_a_keychain_and_a_shared_store_exclude_each_other(stage: Stage) -> None:
    """Exit 3, before anything is asked."""
    done = log_in(at(stage, CCOPS_STORE="postgresql://127.0.0.1:9/d"), "--keychain")
    assert (done.code, "CC555" in done.err, stage.world.requests) == (3, True, ())
