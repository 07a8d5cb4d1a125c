"""Whom a send reaches, as far as it is known: recipients by name, and counts of one moment."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Recipients for people: (id, name) of each list or segment wanted; name "" if unknown.

    `counts` are today's active contacts of each item, in their order, `contacts` those of all
    together, everybody once, and `before` those whom the last campaign to exactly the same
    recipients reached (see `facts.last_reached`). None and () mean "not counted", never nobody: an unknown
    count satisfies nothing. They are counts of one moment, and no part of what is approved.
    """

    kind: str
    items: tuple[tuple[str, str], ...]
    counts: tuple[int | None, ...] = field(default=(), compare=False)
    contacts: int | None = field(default=None, compare=False)
    before: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two sends that reach the same people; `contacts` None: some do, how many was not counted.

    Both are names of campaigns, the earlier send first.
    """

    first: str
    second: str
    contacts: int | None = None
