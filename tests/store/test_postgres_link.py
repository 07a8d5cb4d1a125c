"""A connection to PostgreSQL is fit for a lock or refused, tells no secret and never hangs."""

import os
import signal
import socket
from traceback import format_exception
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import CcopsError, ExitCode, InvalidInput, StoreUnavailable
from ccops.store.postgres.link import Link, connect, told
from ccops.store.postgres.unfit import OLDEST, Server, refuse_unfit, refused_connection
from tests.store.cluster import PASSWORD, Cluster, free_port

SECRETS = (PASSWORD, quote(PASSWORD, safe=""), *PASSWORD.split())


def fit(**changes: int) -> Server:
    return Server(**{"greeted": 7, "answering": 7, "replica": False, "version": OLDEST, **changes})


def test_a_primary_that_answers_itself_is_fit() -> None:
    """Of the oldest version, or any newer one."""
    refuse_unfit(fit())
    refuse_unfit(fit(version=19_00_03))


@pytest.mark.parametrize(
    ("server", "kind", "code"),
    [
        (fit(answering=8), InvalidInput, "CC709"),
        (fit(greeted=0), InvalidInput, "CC709"),
        (fit(replica=True), StoreUnavailable, "CC710"),
        (fit(version=OLDEST - 1), InvalidInput, "CC711: .* PostgreSQL 13"),
        (fit(answering=8, replica=True, version=9_06_00), InvalidInput, "CC709"),
    ],
)
def test_an_unfit_server_is_refused(server: Server, kind: type[CcopsError], code: str) -> None:
    """A pooler first: what it says of itself is another's."""
    with pytest.raises(kind, match=code) as caught:
        refuse_unfit(server)
    assert caught.value.diagnostics[0].help


def test_a_pooler_is_found_out(server: Cluster) -> None:
    """F-58: PgBouncer in transaction mode, a real one; exit code 3."""
    with server.pooler() as port, pytest.raises(InvalidInput, match="CC709") as caught:
        connect(server.address(port=port))
    assert caught.value.exit_code is ExitCode.INVALID


def test_a_replica_is_refused(server: Cluster) -> None:
    """F-44: it can be read, and would lack the newest lines."""
    with server.replica() as standby, pytest.raises(StoreUnavailable, match="CC710") as caught:
        connect(standby.address())
    assert caught.value.exit_code is ExitCode.LOCKED


def refused(address: str, code: str, words: str) -> None:
    """The error says what is wrong, and nothing of the secret, however it is printed."""
    with pytest.raises(CcopsError, match=f"{code}: .*{words}") as caught:
        connect(address)
    printed = "".join(format_exception(caught.value)) + repr(caught.value)
    printed += caught.value.diagnostics[0].help
    assert [secret for secret in SECRETS if secret in printed] == []
    assert caught.value.__cause__ is None


def test_a_login_that_is_wrong_is_told(server: Cluster) -> None:
    """Password or user; and a database that is not there."""
    refused(server.address(password=f"{PASSWORD}!"), "CC702", "does not accept the login")
    refused(server.address(user="nobody"), "CC702", "does not accept the login")
    refused(f"{server.address()}s", "CC702", "no such database")


def test_a_server_that_demands_what_it_has_not_is_told(server: Cluster) -> None:
    """TLS is libpq's own: what the address asks for is not given up silently."""
    refused(server.address(more="?sslmode=require"), "CC702", "secure connection")


def test_a_server_that_is_not_there_is_told() -> None:
    """No port, no socket, no host."""
    refused(
        f"postgresql://u:{quote(PASSWORD, safe='')}@127.0.0.1:{free_port()}/d", "CC702", "nobody"
    )
    refused("postgresql:///d?host=/nowhere", "CC702", "nobody answers")


def test_a_server_that_says_nothing_is_told() -> None:
    """It accepts, and is silent: the address's connect_timeout, or ten seconds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        login = quote(PASSWORD, safe="")
        refused(f"postgresql://u:{login}@127.0.0.1:{port}/d?connect_timeout=2", "CC702", "in time")


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://u:{PASSWORD}@127.0.0.1:1/d",
        f"postgresql://u:secret/{PASSWORD}@127.0.0.1:1/d",
        f"postgresql://u@127.0.0.1/d?nonsense={PASSWORD}",
        f"postgresql://u@127.0.0.1/d?connect_timeout={PASSWORD}",
        f"postgresql://u@[127.0.0.1/{PASSWORD}",
        "postgresql://u@127.0.0.1/%zz",
    ],
)
def test_an_address_that_cannot_be_read_is_not_quoted(address: str) -> None:
    """A stray character in a password makes libpq take a part of it for a host or a port."""
    refused(address, "CC70[27]", "")


SAYINGS = [
    ('FATAL:  password authentication failed for user "ccops"', "the login"),
    ('FATAL:  role "ccops" does not exist', "the login"),
    ("fe_sendauth: no password supplied", "the login"),
    ('no pg_hba.conf entry for host "::1"', "admit"),
    ("server does not support SSL, but SSL was required", "secure"),
    ('root certificate file "/x" does not exist', "secure"),
    ('database "x" does not exist', "database"),
    ("FATAL:  sorry, too many clients already", "connection left"),
    ("FATAL:  the database system is starting up", "starting"),
    ('could not translate host name "x" to address: Name or service not known', "host"),
    ("connection timeout expired", "in time"),
    ("connection to server failed: Connection refused", "nobody answers"),
    ("Is the server running locally and accepting connections? No such file", "nobody answers"),
    ("something new", "the connection failed"),
]


@pytest.mark.parametrize(("said", "told_as"), SAYINGS)
def test_what_libpq_says_is_told_in_our_words(said: str, told_as: str) -> None:
    """The same thing in each of its versions."""
    assert told_as in str(refused_connection(said))


@given(st.text(), st.sampled_from(SAYINGS))
def test_nothing_that_libpq_quotes_is_passed_on(secret: str, saying: tuple[str, str]) -> None:
    """Whatever stands around its words."""
    error = refused_connection(f"{secret}canary{secret} {saying[0]}")
    assert "canary" not in f"{error} {error.diagnostics[0].help}"


def test_the_name_tells_server_and_database_alone(server: Cluster) -> None:
    """For doctor and for errors."""
    with connect(server.address()) as link:
        assert link.name == f"PostgreSQL at 127.0.0.1:{server.port}/store"


def test_a_socket_in_a_folder_leads_to_it_too(server: Cluster) -> None:
    """There are no packets to lose there; what concerns them is ignored."""
    login = f"ccops:{quote(PASSWORD, safe='')}"
    with connect(f"postgresql://{login}@/store?host={server.folder}&port={server.port}") as link:
        assert link.name == f"PostgreSQL at {server.folder}:{server.port}/store"


def test_settings_of_the_server_that_would_end_or_bend_a_run_do_not_count(
    server: Cluster,
) -> None:
    """An administrator's defaults, or the address's own options."""
    more = "?options=-c%20default_transaction_isolation%3Dserializable%20-c%20idle_session_timeout%3D9000"
    with connect(server.address(more=more), patience=2) as link:
        names = ("default_transaction_isolation", "idle_session_timeout", "statement_timeout")
        seen = [link.execute("select current_setting(%s)", [name]).fetchone() for name in names]
        assert seen == [("read committed",), ("0",), ("1500ms",)]


def test_what_the_address_says_of_time_limits_counts(server: Cluster) -> None:
    """Ours are for those who said nothing."""
    with connect(server.address(more="?keepalives_idle=7")) as link:
        parameters = link.info.get_parameters()
        assert (parameters["keepalives_idle"], parameters["tcp_user_timeout"]) == ("7", "20000")


def test_a_statement_that_takes_too_long_is_ended_by_the_server(server: Cluster) -> None:
    """It says why, and the session lives."""
    with connect(server.address(), patience=4) as link:
        link.execute("set statement_timeout = 50")
        with pytest.raises(StoreUnavailable, match=r"CC702: .*statement timeout"), told(link):
            link.execute("select pg_sleep(60)")
        assert not link.closed


def test_a_server_that_hangs_is_given_up(server: Cluster) -> None:
    """F-44: it is there, keeps its connections open and answers nothing."""
    with connect(server.address(), patience=0.3) as link:
        backend = link.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        try:
            with pytest.raises(StoreUnavailable, match=r"CC702: .*does not answer"), told(link):
                link.execute("select 1")
            assert link.closed
            with pytest.raises(StoreUnavailable, match="CC702"), told(link):
                link.execute("select 1")
        finally:
            os.kill(backend, signal.SIGCONT)


def lose(link: Link, other: Link) -> None:
    with told(link), link.transaction():
        other.execute("select pg_terminate_backend(%s, 5000)", [link.info.backend_pid])
        link.execute("select 1")


def test_giving_up_inside_a_transaction_is_told_once(
    server: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    """What psycopg would log of the rollback that cannot be done is nobody's business."""
    with connect(server.address()) as link, connect(server.address()) as other:
        with pytest.raises(StoreUnavailable, match="CC702"):
            lose(link, other)
        assert link.closed
    assert capfd.readouterr() == ("", "")
