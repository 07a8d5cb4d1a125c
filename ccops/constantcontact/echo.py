"""What a server echoes of the token goes no further.

Gateways quote the request that they refuse (inferred), and whatever the vendor says may be
quoted in a message, a report or the journal. So the token is taken out of every answer where
answers come in, before anything can read it.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from ccops.constantcontact.secret import Secret
from ccops.errors import Diagnostic, NoReply, VendorFault
from ccops.ports import Call, Reply, Send

SHORTEST = 20
"""Tokens of the API are longer (docs); a shorter word, as a sandbox takes any, is no secret."""
HIDDEN = "***"


def discreet(send: Send, token: Secret) -> Send:
    """Return a `Send` whose answers and errors do not hold the token.

    In a refusal and in the answer to a write it is replaced: nothing but words is read there. A
    reading that holds it is no answer: what the account says is never read otherwise than said.

    Raises:
        VendorFault: CC518, a reading that was answered with 2xx holds the token.
    """
    if len(token.reveal()) < SHORTEST:
        return send
    hide = _hiding(token.reveal())
    return lambda call: _exchange(send, call, hide)


Hide = Callable[[str], str]
_ESCAPE = re.compile(r'\\(?:u00([0-7][0-9A-Fa-f])|(["\\/]))')


def _hiding(word: str) -> Hide:
    """Make the function that hides a word, also where JSON spells its characters as escapes."""

    def hide(text: str) -> str:
        if "\\" in text and word in _ESCAPE.sub(_plain, text):
            return re.sub("".join(map(_spellings, word)), HIDDEN, text)
        return text.replace(word, HIDDEN)

    return hide


def _plain(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else str(escape[2])


def _spellings(character: str) -> str:
    return rf"(?:\\?{re.escape(character)}|\\u(?i:{ord(character):04x}))"


def _exchange(send: Send, call: Call, hide: Hide) -> Reply:
    try:
        reply = send(call)
    except NoReply as error:
        hidden = (_quiet(one, hide) for one in error.diagnostics)
        failure = NoReply(*hidden, maybe_sent=error.maybe_sent)
    else:
        return _checked(call, reply, hide)
    # Raised out here, so that the error that quotes the server is not kept.
    raise failure


def _quiet(one: Diagnostic, hide: Hide) -> Diagnostic:
    return replace(one, message=hide(one.message), label=hide(one.label), help=hide(one.help))


def _checked(call: Call, reply: Reply, hide: Hide) -> Reply:
    # One byte, one character: what is no UTF-8 comes back as it was.
    body = hide(reply.body.decode("latin-1")).encode("latin-1")
    if body != reply.body and call.method == "GET" and reply.status in range(200, 300):
        raise _told(call)
    headers = {name: hide(value) for name, value in reply.headers.items()}
    return Reply(status=reply.status, headers=headers, body=body)


def _told(call: Call) -> VendorFault:
    message = f"the answer to {call.method} {call.path} holds the access token"
    remedy = "nothing was concluded from it; whoever can read the account can read the token, so "
    remedy += "have it revoked, and find where it was written"
    return VendorFault(Diagnostic(code="CC518", message=message, help=remedy))
