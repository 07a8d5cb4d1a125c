"""A client whose token is refused: read on with another one, and never write on with it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ccops.constantcontact.client import Client, client
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.wire import get_call, schedule_step, step_call, unschedule_step
from ccops.constantcontact.writes import APPLY_WRITES, WriteList
from ccops.errors import AccessDenied, NoReply, Throttled
from ccops.model import StepKind
from ccops.ports import Call, Reply
from tests.constantcontact.vendor_builders import ACTIVITY, OneDayMeter, error, reply

OLD, NEW = "the-first-token-of-the-run", "the-second-token-of-the-run"
READ = get_call("/emails")
DELETE = step_call(unschedule_step(ACTIVITY))
POST = step_call(schedule_step(ACTIVITY, datetime(2026, 10, 6, 13, tzinfo=UTC)))
ALONE = WriteList(kinds=frozenset({StepKind.UNSCHEDULE}))


class Account:
    """Accepts one token; it quotes the one that it refuses."""

    def __init__(self) -> None:
        self.accepted = f"Bearer {OLD}"
        self.calls: list[tuple[str, str]] = []

    def __call__(self, call: Call) -> Reply:
        shown = call.headers["authorization"]
        self.calls.append((call.method, shown.removeprefix("Bearer ")))
        if shown == self.accepted:
            return reply({})
        return error(401, "unauthorized", f"{shown}, {OLD} and {NEW} are no good")


def made(account: Account, writes: WriteList, *others: str | Exception) -> Client:
    """A client that gets these tokens, one after another, in place of refused ones."""
    left = list(others)

    def renew(_: Secret) -> Secret | None:
        if not left:
            return None
        word = left.pop(0)
        if isinstance(word, Exception):
            raise word
        return Secret(word)

    return client(
        account,
        token=Secret(OLD),
        origin="https://api.cc.email",
        writes=writes,
        meter=OneDayMeter(),
        gap=timedelta(0),
        per_day=100,
        today=lambda: date(2026, 10, 6),
        sleep=[].append,
        renew=renew,
    )


def test_a_reading_is_made_again_with_another_token() -> None:
    """Before any write; then everything is done with it."""
    account = Account()
    send = made(account, APPLY_WRITES, NEW)
    account.accepted = f"Bearer {NEW}"
    assert [send(READ).status, send(POST).status] == [200, 200]
    assert account.calls == [("GET", OLD), ("GET", NEW), ("POST", NEW)]


def test_after_a_write_it_only_looks() -> None:
    """No byte of a further write leaves; the readings go on."""
    account = Account()
    send = made(account, APPLY_WRITES, NEW)
    send(DELETE)
    account.accepted = f"Bearer {NEW}"
    assert send(READ).status == 200
    for call in (POST, DELETE):
        with pytest.raises(NoReply, match="CC554") as caught:
            send(call)
        assert not caught.value.maybe_sent
    assert send(READ).status == 200
    assert [method for method, _ in account.calls] == ["DELETE", "GET", "GET", "GET"]


def test_a_write_is_never_made_again() -> None:
    """Its 401 goes up as it came: only a reading tells what became of it."""
    account = Account()
    account.accepted = "nobody"
    send = made(account, APPLY_WRITES, NEW)
    assert send(POST).status == 401
    assert account.calls == [("POST", OLD)]


def test_unscheduling_alone_goes_on() -> None:
    """Each DELETE is a whole sequence."""
    account = Account()
    send = made(account, ALONE, NEW)
    send(DELETE)
    account.accepted = f"Bearer {NEW}"
    assert [send(READ).status, send(DELETE).status] == [200, 200]


def test_without_another_token_the_refusal_stands() -> None:
    """CC520, and no try more; what getting one raises goes up as it is."""
    account = Account()
    account.accepted = "nobody"
    with pytest.raises(AccessDenied, match="CC520"):
        made(account, APPLY_WRITES)(READ)
    assert len(account.calls) == 1
    with pytest.raises(Throttled):
        made(account, APPLY_WRITES, Throttled())(READ)
    with pytest.raises(NoReply):
        made(account, APPLY_WRITES, NoReply(maybe_sent=False))(READ)
    assert len(account.calls) == 3


def test_both_tokens_are_hidden_in_what_the_server_says() -> None:
    """The old one may live on."""
    account = Account()
    account.accepted = "nobody"
    with pytest.raises(AccessDenied, match="CC520") as caught:
        made(account, APPLY_WRITES, NEW)(READ)
    assert "no good" in str(caught.value)
    assert OLD not in str(caught.value)
    assert NEW not in str(caught.value)
