"""Guards of the lists and segments that a send names."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from ccops.planning.guarding.scene import Moment, Objection, Scene
from ccops.planning.names import fold


def forbidden_lists(scene: Scene) -> Iterator[Objection]:
    """No send to a list or segment whose name says that it is not meant."""
    named = {one.id: one.name for one in (*scene.catalogue.lists, *scene.catalogue.segments)}
    for moment in scene.moments if scene.rules.forbidden_lists else ():
        for noun, name in _named(moment, named):
            pattern = _forbidden(name, scene.rules.forbidden_lists)
            if pattern is not None:
                yield Objection(
                    moment=moment,
                    code="CC418",
                    message=f'"{moment.change.campaign}" would be sent to the {noun} "{name}"',
                    label=f"`{pattern}` is forbidden in ccops.yaml",
                    help=f"write another {noun}",
                )


def _named(moment: Moment, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a send goes to, with its name; "" where that is not known."""
    recipients, audience = moment.recipients, moment.change.audience
    names = {**dict(audience.items if audience else ()), **named}
    if recipients is not None:
        found = [("list", names.get(one, "")) for one in recipients.lists]
        yield from sorted(found)
        yield from (("segment", names.get(one, "")) for one in recipients.segments)


def _forbidden(name: str, patterns: tuple[str, ...]) -> str | None:
    """The pattern that a name fits; a list whose name is not known fits the first.

    Compared as people read names: without case, and without what looks alike (`fold`).
    """
    folded = fold(name)
    return next((one for one in patterns if not name or fnmatchcase(folded, _pattern(one))), None)


def _pattern(pattern: str) -> str:
    """Only `*` stands for any text: `[TEST]*` means these very brackets."""
    return fold(pattern).replace("[", "[[]").replace("?", "[?]")
