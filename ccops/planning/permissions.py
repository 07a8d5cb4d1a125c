"""What `--allow RULE=CAMPAIGN --reason TEXT` says. The plan itself checks that it means something."""

from collections.abc import Sequence

from ccops.errors import Diagnostic, InvalidInput
from ccops.planning.plan import Permission


def permissions(allow: Sequence[str], reason: str) -> tuple[Permission, ...]:
    """Read the flags. Raises InvalidInput (CC288, CC289) for a wrong form or a missing reason."""
    if allow and not reason.strip():
        message = "--allow needs a --reason"
        remedy = 'say why, for the review: --reason "the trowel\'s handle can break"'
        raise InvalidInput(Diagnostic(code="CC289", message=message, help=remedy))
    return tuple(_permission(one, reason.strip()) for one in allow)


def _permission(text: str, reason: str) -> Permission:
    rule, separator, campaign = text.partition("=")
    if separator and rule and campaign:
        return Permission(rule=rule, campaign=campaign, reason=reason)
    message = f"--allow {text!r} is not of the form RULE=CAMPAIGN"
    remedy = 'like --allow "send-now=Product Recall"'
    raise InvalidInput(Diagnostic(code="CC288", message=message, help=remedy))
