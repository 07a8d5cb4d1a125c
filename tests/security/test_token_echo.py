"""S-03: whatever a server says, the token is taken out of it before anything reads it."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.constantcontact.echo import HIDDEN, SHORTEST, discreet
from ccops.constantcontact.secret import Secret
from ccops.errors import Diagnostic, NoReply, VendorFault
from ccops.ports import Call, Reply
from tests.security.canary import CANARY

GET = Call(method="GET", path="/v3/emails")
POST = Call(method="POST", path="/v3/emails/activities/1/schedules")

tokens = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=SHORTEST)
around = st.binary(max_size=40)


def answering(reply: Reply) -> Callable[[Call], Reply]:
    return lambda _: reply


def heard(token: str, call: Call, status: int, body: bytes, **headers: str) -> Reply:
    reply = Reply(status=status, headers=headers, body=body)
    return discreet(answering(reply), Secret(token))(call)


@settings(max_examples=100)
@given(tokens, around, around, st.sampled_from([200, 400, 401, 500]))
def test_s03_no_answer_to_a_write_holds_it(
    token: str, before: bytes, after: bytes, status: int
) -> None:
    """In the body or a header, between any bytes."""
    reply = heard(token, POST, status, before + token.encode() + after, location=f"a?{token}")
    assert token.encode() not in reply.body
    assert reply.headers == {"location": f"a?{HIDDEN}"}
    assert reply.status == status


@settings(max_examples=100)
@given(tokens, st.data())
def test_s03_nor_in_the_escapes_of_json(token: str, data: st.DataObject) -> None:
    """However JSON spells its characters, the text that it stands for does not hold it."""
    spelled = "".join(
        data.draw(
            st.sampled_from([json.dumps(one)[1:-1], f"\\u{ord(one):04x}", f"\\u{ord(one):04X}"])
        )
        for one in token
    )
    body = b'{"error_message": "no: ' + spelled.encode() + b'!"}'
    assert json.loads(body)["error_message"] == f"no: {token}!"
    reply = heard(token, GET, 401, body)
    assert json.loads(reply.body) == {"error_message": f"no: {HIDDEN}!"}


@settings(max_examples=100)
@given(tokens, around)
def test_s03_an_answer_without_it_is_left_as_it_is(token: str, body: bytes) -> None:
    """To the byte, whether it is text or not."""
    if token.encode() in body:
        return
    assert heard(token, GET, 200, body, date="x") == Reply(
        status=200, headers={"date": "x"}, body=body
    )


@pytest.mark.parametrize("spelled", [CANARY, CANARY.replace("e", "\\u0065")])
def test_s03_a_reading_that_holds_it_is_no_answer(spelled: str) -> None:
    """It is not read as another name than it is, which a PUT would then write; it is refused."""
    with pytest.raises(VendorFault) as caught:
        heard(CANARY, GET, 200, b'{"name": "' + spelled.encode() + b'"}')
    assert caught.value.diagnostics[0].code == "CC518"
    assert CANARY not in str(caught.value)


def test_s03_nor_does_an_error() -> None:
    """And the error that it was first is not kept; what may have been sent is."""

    def lost(_: Call) -> Reply:
        told = Diagnostic(code="CC502", message=f"x {CANARY}", label=CANARY, help=f"{CANARY} y")
        raise NoReply(told, maybe_sent=True)

    with pytest.raises(NoReply) as caught:
        discreet(lost, Secret(CANARY))(POST)
    assert caught.value.diagnostics == (
        Diagnostic(code="CC502", message=f"x {HIDDEN}", label=HIDDEN, help=f"{HIDDEN} y"),
    )
    assert caught.value.maybe_sent
    assert caught.value.__context__ is None


def test_s03_a_sandbox_word_is_no_secret() -> None:
    """`sandbox` and `demo` stand in names and ids, which must be read as they are."""
    reply = heard("sandbox", GET, 200, b'{"encoded_account_id": "sandbox000001"}')
    assert b"sandbox000001" in reply.body
