"""Guards of the lists that a send names."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from ccops.planning.guarding.scene import Objection, Scene


def forbidden_lists(scene: Scene) -> Iterator[Objection]:
    """No send to a list whose name says that it is not meant."""
    for moment in scene.moments:
        audience = moment.change.audience
        items = audience.items if audience and moment.change.target.recipients else ()
        lists = set(
            moment.change.target.recipients.lists if moment.change.target.recipients else ()
        )
        for identity, name in items:
            pattern = _forbidden(name, scene.rules.forbidden_lists) if identity in lists else None
            if pattern is not None:
                yield Objection(
                    moment=moment,
                    code="CC418",
                    message=f'"{moment.change.campaign}" would be sent to the list "{name}"',
                    label=f"`{pattern}` is forbidden in ccops.yaml",
                    help="write another list",
                )


def _forbidden(name: str, patterns: tuple[str, ...]) -> str | None:
    """The pattern that a name fits; a list whose name is not known fits the first."""
    folded = name.casefold()
    return next((one for one in patterns if not name or fnmatchcase(folded, one.casefold())), None)
