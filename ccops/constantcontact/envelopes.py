"""The vendor's ways to say no: one value out of seven shapes of body.

An array of errors is normal (spec); 401, 403 and 429 come as one object (spec, docs); the
gateway in front answers `{"message"}` (probe), the token endpoint in OAuth's shape (client
code); proxies and crashes send HTML or nothing (inferred).
"""

from dataclasses import dataclass

from ccops.constantcontact.strict import parse
from ccops.errors import VendorFault
from ccops.ports import Reply

MAX_MESSAGE = 400
"""How much of a refusal is quoted, in code points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorError:
    """A refusal. `key` is the vendor's `error_key` (or OAuth's `error`); empty: it gave none.

    `enveloped` tells whether the API itself answered, and not something in front of it: only
    then does a 404 mean that the thing asked for does not exist.
    """

    status: int
    key: str
    message: str
    enveloped: bool


def vendor_error(reply: Reply) -> VendorError:
    """Read a refusal's body, whatever its shape; never raises."""
    try:
        document = parse(reply.body)
    except VendorFault:
        return _bare(reply.status)
    entries = document if isinstance(document, list) and document else [document]
    pairs = [_pair(entry) for entry in entries]
    if not all(key for key, _ in pairs):
        return _bare(reply.status, pairs[0][1])
    messages = "; ".join(message for _, message in pairs)
    return VendorError(
        status=reply.status,
        key=pairs[0][0],
        message=messages[:MAX_MESSAGE],
        enveloped=all(isinstance(entry, dict) and "error_key" in entry for entry in entries),
    )


def _pair(entry: object) -> tuple[str, str]:
    match entry:
        case {"error_key": str() as key, "error_message": str() as message}:
            return key, message
        case {"error_key": str() as key}:
            return key, ""
        case {"error": str() as key, **rest}:
            return key, str(rest.get("error_description", ""))
        case {"message": str() as message}:
            return "", message
        case _:
            return "", ""


def _bare(status: int, message: str = "") -> VendorError:
    return VendorError(status=status, key="", message=message[:MAX_MESSAGE], enveloped=False)
