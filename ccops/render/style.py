"""What is colored, how, and whether at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ColorChoice(StrEnum):
    """What `--color` says."""

    ALWAYS = "always"
    NEVER = "never"
    AUTO = "auto"


class Meaning(StrEnum):
    """What a piece of text stands for. Color only repeats what symbol or word say already."""

    PLAIN = "plain"
    STRONG = "strong"
    DIM = "dim"
    OK = "ok"
    UPDATE = "update"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    IRREVERSIBLE = "irreversible"
    WARNING = "warning"
    ERROR = "error"
    PLACE = "place"


# The eight base colors only: the reader's own theme sets their contrast.
_SGR: Mapping[Meaning, str] = {
    Meaning.PLAIN: "",
    Meaning.STRONG: "1",
    Meaning.DIM: "2",
    Meaning.OK: "1;32",
    Meaning.UPDATE: "33",
    Meaning.SCHEDULE: "36",
    Meaning.UNSCHEDULE: "31",
    Meaning.IRREVERSIBLE: "1;37;41",
    Meaning.WARNING: "1;33",
    Meaning.ERROR: "1;31",
    Meaning.PLACE: "34",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How text is dressed for one output: with ANSI colors or with none.

    Colored text without its escape sequences is exactly the plain text.
    """

    color: bool

    def dress(self, text: str, meaning: Meaning) -> str:
        """The text, in its meaning's color if colors are on."""
        codes = _SGR[meaning]
        return f"\x1b[{codes}m{text}\x1b[0m" if self.color and codes and text else text


PLAIN = Style(color=False)


def wants_color(choice: ColorChoice, env: Mapping[str, str], *, tty: bool) -> bool:
    """Whether to color: the first of these that speaks decides.

    The flag; NO_COLOR; FORCE_COLOR; CLICOLOR_FORCE (unless "0"); TERM=dumb; a CI known to show
    colors; else whether the output is a terminal. An empty variable says nothing.
    """
    if choice is not ColorChoice.AUTO:
        return choice is ColorChoice.ALWAYS
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR") or env.get("CLICOLOR_FORCE", "0") not in {"", "0"}:
        return True
    if env.get("TERM") == "dumb":
        return False
    return tty or bool(env.get("GITHUB_ACTIONS") or env.get("GITLAB_CI"))
