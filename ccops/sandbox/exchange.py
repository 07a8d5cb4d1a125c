"""A request and an answer, as values: what passes between the socket and the pretended API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ccops.sandbox.envelopes import ApiError, bad_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request. `query` holds the last value of each parameter, `params` the path's variables.

    `origin` is scheme and host as the client called them; empty in process.
    """

    method: str
    path: str
    query: Mapping[str, str]
    raw_query: str = ""
    body: bytes = b""
    content_type: str = ""
    authorization: str = ""
    origin: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The bearer token; empty when there is none."""
        scheme, _, value = self.authorization.partition(" ")
        return value.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer. `promised`, if set, is the Content-Length announced instead of the true one."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    promised: int | None = None


def answer(status: int, document: object) -> Answer:
    """Make an answer with a JSON body."""
    return Answer(
        status=status, body=json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    )


def refusal(error: ApiError) -> Answer:
    """Make the answer of a refusal."""
    return answer(error.status, error.document)


NO_CONTENT = Answer(status=204)
"""204 with `Content-Type: application/json` and zero bytes: do not parse it (recorded)."""


def json_body(request: Request) -> dict[str, object]:
    """Return the JSON object of the body.

    Raises:
        ApiError: 400, the body is no JSON object.
    """
    try:
        document = json.loads(request.body)
        # Half of a surrogate pair is JSON, but no text: it could never be stored or answered.
        json.dumps(document, ensure_ascii=False).encode()
    except ValueError:
        raise bad_request("The request body is not valid JSON.") from None
    if not isinstance(document, dict):
        raise bad_request("The request body is not a JSON object.")
    return document
