"""Each line of `ccops doctor`: green, amber and red, from the facts alone."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from ccops.constantcontact.authz import SCOPES
from ccops.constantcontact.grants import Grant, RefreshKind
from ccops.constantcontact.privileges import APPLY_PRIVILEGES, READ_PRIVILEGES
from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, Diagnostic, ExitCode, NoReply, Place, StoreUnavailable
from ccops.model import NOW, Account, Desired, Expect, Sender, SendTime, When
from ccops.ports import WriteState
from ccops.render.checks import Check, CheckState, Subject, refused, skipped, told
from ccops.session.authorizing import Login, Source
from ccops.session.examining.account import (
    account_check,
    footer_check,
    senders_check,
    zone_check,
)
from ccops.session.examining.attempts import attempt, checked
from ccops.session.examining.clocks import clock_check, sandbox_clock_check, zone_data_check
from ccops.session.examining.logins import life, login_checks
from ccops.session.examining.memory import journal_check, requests_check, store_check
from ccops.session.examining.rights import Purpose, privileges_check
from ccops.session.wiring import today
from tests.store.store_backends import entry, in_folder, meter_in_folder

START = datetime(2027, 3, 1, 14, tzinfo=UTC)
OK, WARNING, FAILED = CheckState.OK, CheckState.WARNING, CheckState.FAILED
PLACE = Place(file="campaigns/one.yaml", line=1, column=1)
OWN = Account(id="a1", name="Fern", zone="America/New_York")
SENDERS = (Sender(email="News@fern.example", confirmed=True), Sender(email="x@y", confirmed=False))
READ_AND_WRITE = READ_PRIVILEGES | {"campaign:write"}


def denied(code: str = "CC526", help_: str = "log in") -> AccessDenied:
    return AccessDenied(Diagnostic(code=code, message="nobody", help=help_))


def jwt(**claims: object) -> Secret:
    body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"h.{body}.s")


def given(token: Secret) -> Login:
    """A token out of CCOPS_ACCESS_TOKEN."""
    return Login(token=token, source=Source.ACCESS)


def ends_in(seconds: int, **more: object) -> Login:
    return given(jwt(exp=int(START.timestamp()) + seconds, **more))


def kept(
    kind: RefreshKind, source: Source = Source.STORE, scopes: tuple[str, ...] = SCOPES
) -> Login:
    """A login that ccops stored an hour ago."""
    grant = Grant(
        client_id="app",
        access=Secret("token"),
        expires_at=START + timedelta(hours=23),
        refresh=None if kind is RefreshKind.NONE else Secret("refresh"),
        renewed_at=START - timedelta(hours=1),
        scopes=scopes,
        kind=kind,
    )
    return Login(token=grant.access, source=source, grant=grant, where="/state/tokens")


def of_login(subject: Subject, login: Login, *, shared: bool = False) -> Check:
    [found] = [one for one in login_checks(login, shared=shared, now=START) if one.id == subject]
    return found


def token(login: Login, *, shared: bool = False) -> Check:
    return of_login(Subject.TOKEN, login, shared=shared)


def scopes(*words: str) -> Check:
    return of_login(Subject.SCOPES, kept(RefreshKind.ROTATING, scopes=words))


def wanting(*whens: When, sender: str | None = None) -> Desired:
    """A manifest that declares these sends and expects this sender."""
    return Desired(
        campaign="Spring",
        references=(),
        sends=tuple(SendTime(when=one, zone="UTC", place=PLACE) for one in whens),
        zone="UTC",
        expect=Expect(from_email=sender),
        place=PLACE,
    )


def senders(*desired: Desired) -> Check:
    return senders_check(SENDERS, desired, START)


TOMORROW, YESTERDAY = START + timedelta(days=1), START - timedelta(days=1)
AT = "campaigns/one.yaml:1:1"
LIFE = "dies when unused for 179 days"

LINES: dict[str, tuple[Check, CheckState, str]] = {
    # the login
    "from the variable": (
        of_login(Subject.LOGIN, given(Secret("x"))),
        OK,
        "an access token in CCOPS_ACCESS_TOKEN",
    ),
    "from the store": (
        of_login(Subject.LOGIN, kept(RefreshKind.UNKNOWN)),
        OK,
        "ccops auth login, kept in /state/tokens",
    ),
    "from a refresh token": (
        of_login(Subject.LOGIN, kept(RefreshKind.UNKNOWN, Source.REFRESH)),
        OK,
        "a refresh token in CCOPS_REFRESH_TOKEN; what it yields is kept in /state/tokens",
    ),
    # the token
    "a life that is not known": (
        token(given(Secret("x"))),
        OK,
        "never renewed; it does not tell how long it lives",
    ),
    "a long life": (token(ends_in(7200)), OK, "never renewed; lives 2 h longer"),
    "a short life": (token(ends_in(3600)), WARNING, "never renewed; lives 1 h longer"),
    "no life": (token(ends_in(-300)), FAILED, "ended 5 min ago"),
    "rotating": (
        token(kept(RefreshKind.ROTATING)),
        OK,
        f"lives 23 h longer; its refresh token is rotating, {LIFE}",
    ),
    "long-lived": (
        token(kept(RefreshKind.LONG_LIVED, Source.REFRESH)),
        OK,
        f"lives 23 h longer; its refresh token is long-lived, {LIFE}",
    ),
    "not used yet": (
        token(kept(RefreshKind.UNKNOWN)),
        OK,
        "lives 23 h longer; its refresh token was not used yet, so that its kind is not known, "
        + LIFE,
    ),
    "none to renew with": (
        token(kept(RefreshKind.NONE)),
        WARNING,
        "lives 23 h longer, and cannot be renewed",
    ),
    "rotating, with its heir on this machine alone": (
        token(kept(RefreshKind.ROTATING, Source.REFRESH)),
        WARNING,
        f"lives 23 h longer; its refresh token is rotating, {LIFE}",
    ),
    "rotating, with its heir in a shared store": (
        token(kept(RefreshKind.ROTATING, Source.REFRESH), shared=True),
        OK,
        f"lives 23 h longer; its refresh token is rotating, {LIFE}",
    ),
    "a renewal that did not work": (
        token(replace(kept(RefreshKind.ROTATING), trouble=denied())),
        WARNING,
        "nobody",
    ),
    # its scopes
    "all scopes": (
        scopes(*SCOPES),
        OK,
        "campaign_data, contact_data, account_read and offline_access",
    ),
    "no scope for staying": (
        scopes(*SCOPES[:3]),
        OK,
        "campaign_data, contact_data and account_read",
    ),
    "a scope too many": (
        scopes(*SCOPES, "account_update"),
        WARNING,
        "more than ccops needs: account_update",
    ),
    "two scopes missing": (
        scopes("campaign_data", "account_update"),
        FAILED,
        "contact_data and account_read missing",
    ),
    "scopes that the token tells": (
        of_login(Subject.SCOPES, ends_in(7200, scp=["campaign_data"])),
        FAILED,
        "contact_data and account_read missing",
    ),
    "scopes that are not known": (
        of_login(Subject.SCOPES, given(Secret("x"))),
        OK,
        "not known: the token does not tell",
    ),
    # the account
    "the account": (account_check(OWN), OK, "Fern, a1"),
    "one zone": (zone_check("America/New_York", OWN, START), OK, "America/New_York"),
    "the account's zone": (zone_check(None, OWN, START), OK, "America/New_York"),
    "no zone": (zone_check(None, replace(OWN, zone=""), START), OK, "not told"),
    "two names of one zone": (
        zone_check("America/New_York", replace(OWN, zone="US/Eastern"), START),
        OK,
        "America/New_York, which the account calls US/Eastern",
    ),
    "another zone": (
        zone_check("America/Chicago", OWN, START),
        WARNING,
        "America/Chicago; the account's is America/New_York",
    ),
    "a zone that differs in summer": (
        zone_check("America/Phoenix", replace(OWN, zone="America/Denver"), START),
        WARNING,
        "America/Phoenix; the account's is America/Denver",
    ),
    "a word that is no zone": (
        zone_check("UTC", replace(OWN, zone="../etc/passwd"), START),
        WARNING,
        "UTC; the account's is ../etc/passwd",
    ),
    "an unknown zone": (
        zone_check("UTC", replace(OWN, zone="Mars/Base"), START),
        WARNING,
        "UTC; the account's is Mars/Base",
    ),
    "an account that tells no zone": (
        zone_check("UTC", replace(OWN, zone=""), START),
        WARNING,
        "UTC; the account's is not told",
    ),
    # whom it is from
    "a confirmed sender": (senders(), OK, "News@fern.example confirmed, of 2"),
    "no confirmed sender": (
        senders_check(SENDERS[1:], (), START),
        FAILED,
        "none confirmed, of 1",
    ),
    "an expected sender, in other letters": (
        senders(wanting(TOMORROW, sender="news@fern.example")),
        OK,
        "News@fern.example confirmed, of 2",
    ),
    "an expected sender that is not confirmed": (
        senders(wanting(TOMORROW, sender="x@y")),
        WARNING,
        f"{AT}: x@y is expected, and not confirmed",
    ),
    "several that are not": (
        senders(wanting(NOW, sender="x@y"), wanting(sender="z@y")),
        WARNING,
        f"{AT}: x@y is expected, and not confirmed, and 1 more",
    ),
    "one that was expected of a past send": (
        senders(wanting(YESTERDAY, sender="old@fern.example"), wanting(TOMORROW)),
        OK,
        "News@fern.example confirmed, of 2",
    ),
    "one of a past send with a resend to come": (
        senders(wanting(YESTERDAY, TOMORROW, sender="old@fern.example")),
        WARNING,
        f"{AT}: old@fern.example is expected, and not confirmed",
    ),
    "an address": (footer_check(there=True), OK, "set"),
    "no address": (
        footer_check(there=False),
        FAILED,
        "none: Constant Contact sends no email without a postal address in its footer",
    ),
    # the clocks
    "a right clock": (clock_check(timedelta(seconds=-2), None), OK, "-2 s against the server's"),
    "a wrong clock": (
        clock_check(timedelta(seconds=31), Purpose.APPLY),
        WARNING,
        "+31 s against the server's",
    ),
    "a clock that stops apply, for a person": (
        clock_check(timedelta(seconds=-121), None),
        WARNING,
        "-121 s against the server's",
    ),
    "a clock that stops apply, for apply": (
        clock_check(timedelta(seconds=121), Purpose.APPLY),
        FAILED,
        "+121 s against the server's",
    ),
    "a sandbox's clock": (sandbox_clock_check(START), OK, "2027-03-01 14:00:00 UTC in the sandbox"),
    "zone data of this year": (zone_data_check("2027a", START), OK, "2027a"),
    "zone data of last year": (zone_data_check("2026f", START), OK, "2026f"),
    "old zone data": (zone_data_check("2025b", START), WARNING, "2025b, 2 years old"),
    "zone data of another numbering": (zone_data_check("next", START), OK, "next"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line(name: str) -> None:
    """How it comes out, what was seen, and what to do exactly if it is not fine."""
    check, state, detail = LINES[name]
    assert (check.state, check.detail) == (state, detail)
    assert bool(check.remedy) is (state is not OK)
    assert (check.exit_code is ExitCode.DONE) is (state is not FAILED)


LACKS = "the login's user lacks the privilege"
RIGHTS: dict[tuple[frozenset[str], Purpose | None], tuple[CheckState, str]] = {
    (APPLY_PRIVILEGES, None): (OK, "may plan and apply"),
    (APPLY_PRIVILEGES, Purpose.APPLY): (OK, "may plan and apply"),
    (APPLY_PRIVILEGES, Purpose.PLAN): (WARNING, "may plan, and send as well"),
    (READ_AND_WRITE, None): (
        WARNING,
        f"may plan; {LACKS} campaign:send",
    ),
    (READ_AND_WRITE, Purpose.APPLY): (FAILED, f"{LACKS} campaign:send"),
    (READ_AND_WRITE, Purpose.PLAN): (OK, "may plan, and send nothing"),
    (READ_PRIVILEGES, None): (
        WARNING,
        f"may plan; {LACKS} campaign:send; {LACKS} campaign:write",
    ),
    (READ_PRIVILEGES, Purpose.PLAN): (OK, "may plan, and send nothing"),
    **{
        (frozenset({"account:read", "campaign:read", "campaign:send"}), purpose): (
            FAILED,
            f"{LACKS} contacts:lists:read",
        )
        for purpose in (None, *Purpose)
    },
}


@pytest.mark.parametrize("case", RIGHTS)
def test_privileges(case: tuple[frozenset[str], Purpose | None]) -> None:
    """What a login is for decides whether a right is missing, or one too many."""
    check, (state, detail) = privileges_check(*case), RIGHTS[case]
    assert (check.state, check.detail) == (state, detail)
    assert bool(check.remedy) is (state is not OK)


def test_no_login_is_one_line() -> None:
    """Nothing is said of a token that is not there; the code leads on."""
    [check] = login_checks(denied(), shared=False, now=START)
    assert (check.id, check.state, check.code) == (Subject.LOGIN, FAILED, "CC526")
    assert (check.detail, check.remedy, check.exit_code) == ("nobody", "log in", ExitCode.ACCESS)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=2), "2 days"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(seconds=-1), "0 s"),
    ],
)
def test_a_life_in_words(span: timedelta, words: str) -> None:
    """Days where hours would say less."""
    assert life(span) == words


# What ccops remembers.


def test_a_free_store(tmp_path: Path) -> None:
    """Its name, and that a run could begin; afterwards it still could."""
    with in_folder(str(tmp_path)) as store:
        for _ in range(2):
            check = store_check(store)
            assert (check.state, check.detail) == (OK, f"{store.name}; its lock is free")


def test_a_store_that_a_run_holds(tmp_path: Path) -> None:
    """No fault: it is named, and to be waited for."""
    with in_folder(str(tmp_path), run="run-7") as other, in_folder(str(tmp_path)) as store:
        with other.lock():
            check = store_check(store)
        assert (check.state, check.code) == (WARNING, "CC701")
        assert "run run-7 on " in check.detail
        assert check.remedy.startswith("wait for its end")
        assert store_check(store).state is OK


def test_a_store_that_cannot_be_locked(tmp_path: Path) -> None:
    """Another refusal is a failure: no apply could begin."""
    with in_folder(str(tmp_path)) as store:
        before = set(tmp_path.iterdir())
        assert store_check(store).state is OK
        [lock] = set(tmp_path.iterdir()) - before
        lock.unlink()
        lock.mkdir()
        check = store_check(store)
    assert (check.state, check.code, check.exit_code) == (FAILED, "CC702", ExitCode.LOCKED)


def test_a_journal_without_open_writes(tmp_path: Path) -> None:
    """A write whose newest line is closed is not open."""
    with in_folder(str(tmp_path)) as store, store.lock():
        assert journal_check(store).detail == "0 writes, none open"
        store.append(entry(state=WriteState.INTENT))
        store.append(entry(state=WriteState.VERIFIED))
        check = journal_check(store)
    assert (check.state, check.detail) == (OK, "1 write, none open")


def test_a_journal_with_open_writes(tmp_path: Path) -> None:
    """The campaigns are named, a few of them."""
    with in_folder(str(tmp_path)) as store, store.lock():
        for number in range(5):
            store.append(
                replace(
                    entry(state=WriteState.UNKNOWN),
                    activity_id=f"{number}c08372c-957a-48b5-bc45-72c7f00796cd",
                    write_id=f"w{number}",
                    campaign=f"Spring {number}",
                )
            )
        check = journal_check(store)
    assert (check.state, check.detail) == (WARNING, "open: Spring 0, Spring 1, Spring 2 and 2 more")
    assert "ccops journal show" in check.remedy


@pytest.mark.parametrize(("spent", "state"), [(9, OK), (10, WARNING)])
def test_the_quota(tmp_path: Path, spent: int, state: CheckState) -> None:
    """Nine tenths are fine; the reserve is named."""
    with meter_in_folder(str(tmp_path), "key", START.timestamp) as meter:
        for _ in range(spent):
            meter.spend(today(), 100)
        check = requests_check(meter, 10)
    assert (check.state, check.detail) == (
        state,
        f"{spent} of 10; the last 300 are for apply alone",
    )


# How errors become lines.


def test_several_errors_are_told_by_the_first() -> None:
    """Where it is, what and why, and how many there are."""
    first = Diagnostic(code="CC101", message="unknown key", place=PLACE, label="here", help="fix")
    check = told(Subject.LOCK, (first, first, first))
    assert (check.state, check.code, check.remedy) == (WARNING, "CC101", "fix")
    assert check.detail == f"{AT}: unknown key; here; and 2 more"


def test_an_error_without_a_remedy_leads_to_its_page() -> None:
    """No red line stands alone."""
    check = refused(Subject.ACCOUNT, denied(help_=""))
    assert check.remedy == "look CC526 up in docs/errors.md"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (denied(), ExitCode.ACCESS),
        (StoreUnavailable(Diagnostic(code="CC702", message="down")), ExitCode.LOCKED),
        (NoReply(Diagnostic(code="CC501", message="lost"), maybe_sent=False), ExitCode.UNEXPECTED),
    ],
)
def test_a_failed_attempt(error: AccessDenied, code: ExitCode) -> None:
    """Is a value, or a line with the error's own exit code."""

    def fail() -> Check:
        raise error

    assert attempt(fail) is error
    check = checked(Subject.SENDERS, fail)
    assert (check.id, check.state, check.exit_code) == (Subject.SENDERS, FAILED, code)


def test_a_check_that_succeeds_is_itself() -> None:
    """Nothing is added to it."""
    assert checked(Subject.ACCOUNT, partial(account_check, OWN)) == account_check(OWN)


def test_what_could_not_be_looked_at() -> None:
    """It says what is missing, and is neither good nor bad."""
    check = skipped(Subject.FOOTER, "the account")
    assert (check.state, check.title) == (CheckState.SKIPPED, "footer address")
    assert check.detail == "not looked at: it needs the account"
    assert check.exit_code is ExitCode.DONE
