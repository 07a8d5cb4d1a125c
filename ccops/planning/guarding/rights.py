"""Guards of what Constant Contact would refuse or send under another name. None can be waived."""

from collections.abc import Iterator

from ccops.planning.guarding.scene import Objection, Scene


def sender_confirmed(scene: Scene) -> Iterator[Objection]:
    """The sender's address is one that its owner confirmed."""
    confirmed = scene.known.confirmed
    for moment in scene.moments:
        live = moment.change.before
        sender = live.from_email if live else ""
        if confirmed is None and not moment.made:
            continue
        if confirmed is None or sender.lower() not in confirmed:
            yield Objection(
                moment=moment,
                code="CC420",
                message=f'"{moment.change.campaign}" would be sent from an unconfirmed address',
                label=f'the account has not confirmed "{sender}"',
                help="confirm it in Constant Contact, or write another sender there",
            )


def send_privilege(scene: Scene) -> Iterator[Objection]:
    """The login's user may schedule sends."""
    lacking = scene.known.lacking
    for moment in scene.moments:
        if not moment.made or lacking == ():
            continue
        missing = lacking or (("what it takes", "Owner and Manager have it"),)
        for privilege, who in missing:
            yield Objection(
                moment=moment,
                code="CC421",
                message=f'this login cannot send "{moment.change.campaign}"',
                label=f"its user lacks {privilege}",
                help=f"apply with another login: {who}",
            )
