"""Whose requests count together: the API key of each login, and what is declared of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.errors import StoreUnavailable
from ccops.fleet.accounts import Member, members
from ccops.fleet.ledger import keys, opened
from ccops.session.wiring import today
from tests.fleet.agency import CLIENT, Agency, agency, log_in

API = "https://api.cc.email"
PARTNER = "partner: {per_second: 10, per_day: 250000}\n"


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agency]:
    """Three accounts that one application serves."""
    with agency(tmp_path, ["acme", "bolt", "cat"]) as made:
        for name, value in made.stage.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def found(made: Agency, origin: str = "") -> tuple[Member, ...]:
    return members([made.folder / "clients"], origin or made.url)


def declare(made: Agency, name: str, text: str) -> None:
    path = made.workspace(name) / "ccops.yaml"
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_accounts_of_one_application_share_a_key(clients: Agency) -> None:
    """As the login says, which ccops itself counts by; another application is another key."""
    log_in(clients, "acc-cat", "token-of-cat", client="their-own")
    known = {one.name: one.accounts for one in keys(found(clients), clients.url)}
    assert known == {CLIENT: ("acc-acme", "acc-bolt"), "their-own": ("acc-cat",)}


def test_a_token_of_the_environment_is_of_one_key(
    clients: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It beats every stored login, here as in a run."""
    monkeypatch.setenv("CCOPS_ACCESS_TOKEN", "x")
    monkeypatch.setenv("CCOPS_CLIENT_ID", "mine")
    (known,) = keys(found(clients), clients.url)
    assert (known.name, len(known.accounts)) == ("mine", 3)


def test_a_refresh_token_is_of_the_client_id_beside_it(
    clients: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its first use nothing is stored that could tell."""
    monkeypatch.setenv("CCOPS_REFRESH_TOKEN", "refresh")
    monkeypatch.setenv("CCOPS_CLIENT_ID", "mine")
    (known,) = keys(found(clients), clients.url)
    assert known.name == "mine"


def test_a_login_that_cannot_be_read_stops_no_other(
    clients: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its account's own run tells what is wrong with it."""
    monkeypatch.setenv("CCOPS_REFRESH_TOKEN", "a token\n")
    (known,) = keys(found(clients), clients.url)
    assert len(known.accounts) == 3


def test_a_workspace_that_is_wrong_has_no_key(clients: Agency) -> None:
    """Nobody knows its account."""
    (clients.workspace("cat") / "ccops.yaml").write_text("account: [", "utf-8")
    (known,) = keys(found(clients), clients.url)
    assert known.accounts == ("acc-acme", "acc-bolt")


def test_a_partner_key_is_paced_and_counted_by_its_own_limits(clients: Agency) -> None:
    """Ten a second with a fifth in hand, 250,000 a day, instead of four and 10,000."""
    for name in clients.worlds:
        declare(clients, name, PARTNER)
    (known,) = keys(found(clients, API), API)
    (limits,) = known.limits
    assert (limits.request_gap, known.per_day) == (timedelta(milliseconds=120), 250_000)
    assert known.agreed


def test_workspaces_that_disagree_are_told(clients: Agency) -> None:
    """The least that is declared counts, and somebody should write the same everywhere."""
    declare(clients, "acme", PARTNER)
    (known,) = keys(found(clients, API), API)
    assert (known.agreed, known.per_day) == (False, 10_000)
    done = clients.run("plan", "clients", "--budget", "0")
    assert done.err.startswith("3 accounts use one API key, and their `limits:` differ;")


def test_what_was_spent_since(clients: Agency) -> None:
    """By all who use the key, whoever they are; not what was spent before."""
    known = keys(found(clients), clients.url)
    with opened(known, clients.url) as other:
        other.meters[CLIENT].spend(today(), 100)
        with opened(known, clients.url) as ledger:
            assert (ledger.since(), ledger.spent(CLIENT, today())) == (0, 1)
            other.meters[CLIENT].spend(today(), 100)
            assert ledger.since() == 1


def test_a_ledger_that_cannot_be_read(clients: Agency) -> None:
    """A budget that nobody can count is not spent from: exit 9, and nothing was asked."""
    known = keys(found(clients), clients.url)
    clients.state.rename(clients.folder / ".old")
    clients.state.touch()
    with pytest.raises(StoreUnavailable), opened(known, clients.url):
        pass  # pragma: no cover - it cannot be opened
    assert clients.run("drift", "clients", "--budget", "9").code == 9
    assert clients.requests() == 0
