"""Which names a pattern of `manifests:` means, where there is no folder to look into."""

from fnmatch import fnmatchcase

ANY_FOLDERS = "**"


def matches(pattern: str, name: str) -> bool:
    """Whether a file's path, relative to the workspace and by `/`, fits the pattern.

    The same files as a walk through the folders finds: `**` is any number of folders, and what
    is hidden fits nothing. The time is bounded by the product of both lengths.
    """
    words, parts = pattern.split("/"), name.split("/")
    if any(part.startswith(".") for part in parts):
        return False
    at = _opened({0}, words)
    for part in parts:
        at = _opened({after for one in at for after in _next(one, words, part)}, words)
    return len(words) in at


def _opened(at: set[int], words: list[str]) -> set[int]:
    """Add where one stands when a `**` means no folder at all."""
    reached = set(at)
    for one in sorted(at):
        after = one
        while after < len(words) and words[after] == ANY_FOLDERS:
            after += 1
            reached.add(after)
    return reached


def _next(at: int, words: list[str], part: str) -> tuple[int, ...]:
    if at == len(words):
        return ()
    if words[at] == ANY_FOLDERS:
        return (at,)
    return (at + 1,) if fnmatchcase(part, words[at]) else ()
