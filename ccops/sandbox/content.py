"""What an email must carry: the checks that POST /emails and PUT activity share."""

from collections.abc import Mapping

from ccops.sandbox.envelopes import bad_request

REQUIRED = {
    "from_email": "From Email",
    "from_name": "From Name",
    "reply_to_email": "Reply To Email",
    "subject": "Subject",
}
"""Mandatory properties, with the words in which the vendor complains about them (recorded)."""

CONTENT_LIMITS = {"from_name": 100, "from_email": 80, "reply_to_email": 80, "preheader": 200}
"""Longest texts (spec for POST; the PUT schema sets none, the same are assumed: inferred)."""

_ADDRESS_REQUIRED = ("address_line1", "country_code", "organization_name")


def require_content(body: Mapping[str, object], *more: str) -> None:
    """Check that the mandatory texts are there.

    Raises:
        ApiError: 400, with one message per missing property, e.g. "Subject is null" (recorded).
    """
    names = {**REQUIRED, **{name: name.replace("_", " ").title() for name in more}}
    missing = [f"{said} is null" for name, said in names.items() if not _text(body.get(name))]
    if missing:
        raise bad_request(*missing)


def check_lengths(body: Mapping[str, object], limits: Mapping[str, int]) -> None:
    """Check that no text is too long.

    Raises:
        ApiError: 400, with one message per property.
    """
    texts = {name: body.get(name) or "" for name in limits}
    wrong = [f"{name} must be a string." for name, v in texts.items() if not isinstance(v, str)]
    long = [
        f"{name} is longer than {limits[name]} characters."
        for name, text in texts.items()
        if isinstance(text, str) and len(text) > limits[name]
    ]
    if wrong or long:
        raise bad_request(*wrong, *long)


def check_address(address: object) -> dict[str, str]:
    """Return a footer address.

    Raises:
        ApiError: 400, no object, or a mandatory part is missing (spec).
    """
    if not isinstance(address, dict):
        raise bad_request("physical_address_in_footer is not a JSON object.")
    missing = [name for name in _ADDRESS_REQUIRED if not _text(address.get(name))]
    if missing:
        raise bad_request(*(f"{name} is null" for name in missing))
    return {str(name): str(value) for name, value in address.items() if value is not None}


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
