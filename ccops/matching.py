"""Which files of a workspace its patterns mean: found without following a link."""

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

from ccops.errors import Diagnostic, Place
from ccops.manifest.settings import Pattern

NO_FILE = "CC203"
"""The code of a pattern that matches nothing."""

_ENDINGS = (".yaml", ".yml")


def expand(root: Path, pattern: Pattern, *, besides: str) -> tuple[set[str], list[Diagnostic]]:
    """Give the names of the files that a pattern matches, and what is wrong on the way to them.

    Names are relative to `root`, with `/`. Hidden files and folders match no pattern, and the
    file `besides` is none that is meant. A pattern that matches nothing is wrong (CC203).
    """
    if _malformed(pattern.text):
        return set(), [_bad_pattern(pattern)]
    errors: list[Diagnostic] = []
    names = set(_walk(root, _segments(pattern), errors)) - {besides}
    return names, errors if names or errors else [nothing(pattern)]


def _segments(pattern: Pattern) -> tuple[str, ...]:
    """Split a pattern into what each folder on the way is called; `**/**` means no more than `**`."""
    words = pattern.text.split("/")
    return tuple(word for word, after in pairwise([*words, ""]) if (word, after) != ("**", "**"))


def _malformed(pattern: str) -> bool:
    odd = {"", ".", ".."} & set(pattern.split("/"))
    return bool(odd) or "\\" in pattern or not pattern.endswith(_ENDINGS)


def _walk(root: Path, segments: Sequence[str], errors: list[Diagnostic]) -> Iterator[str]:
    """Give the files that the segments match; note what cannot be gone into.

    A folder is looked through once for each place in the pattern that it stands at, so that
    neither depth nor a pattern of many `**` makes this endless.
    """
    waiting, begun = [("", 0)], {("", 0)}
    while waiting:
        folder, at = waiting.pop()
        deeper: list[tuple[str, int]] = [(folder, at + 1)] if segments[at] == "**" else []
        for entry in _entries(root, folder, errors):
            name = f"{folder}{entry.name}"
            if segments[at] != "**" and not fnmatchcase(entry.name, segments[at]):
                continue
            last = at + 1 == len(segments)
            if entry.is_symlink():
                if _leads(entry, last=last):
                    errors.append(link(root, name))
            elif entry.is_dir(follow_symlinks=False):
                deeper += [] if last else [(f"{name}/", at if segments[at] == "**" else at + 1)]
            elif last:
                yield name
        waiting += [one for one in reversed(deeper) if one not in begun]
        begun.update(deeper)


def _leads(link: os.DirEntry[str], *, last: bool) -> bool:
    """Say whether a link stands where the pattern wants a file, or leads to a folder."""
    # Path.is_dir raises where this says no: on loops, and on what may not be looked into.
    return last or os.path.isdir(link.path)  # noqa: PTH112


def _entries(root: Path, folder: str, errors: list[Diagnostic]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        errors.append(unreadable(folder or ".", error))
        return []
    return [entry for entry in entries if not entry.name.startswith(".")]


def link(root: Path, name: str) -> Diagnostic:
    """Say that a link stands in a file's place."""
    target = Path(os.path.realpath(root / name))
    outside = not target.is_relative_to(root)
    return Diagnostic(
        code="CC204",
        message="a link that leads out of the workspace" if outside else "a link",
        place=file_place(name),
        label="links are not followed",
        help="put the file itself here",
    )


def unreadable(name: str, error: OSError) -> Diagnostic:
    """Say that a file or folder cannot be read."""
    return Diagnostic(
        code="CC202",
        message=f"cannot be read: {error.strerror}",
        place=file_place(name),
        help="correct its permissions, or check it out again",
    )


def _bad_pattern(pattern: Pattern) -> Diagnostic:
    return Diagnostic(
        code="CC206",
        message=f"`{pattern.text}` is not a pattern of manifests",
        place=pattern.place,
        help="write it relative to this folder, with /, without . or .., ending in .yaml or .yml",
    )


def nothing(pattern: Pattern) -> Diagnostic:
    """Say that no file matches a pattern."""
    return Diagnostic(
        code=NO_FILE,
        message=f"no file matches `{pattern.text}`",
        place=pattern.place,
        label="a workspace without manifests is taken for a broken checkout",
        help="check out the missing files, correct `manifests:`, or begin with `ccops pull`",
    )


def collisions(names: Iterable[str]) -> Iterator[Diagnostic]:
    """Refuse names that are one name on file systems that ignore case."""
    seen: dict[str, str] = {}
    for name in sorted(names):
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            yield Diagnostic(
                code="CC210",
                message="two files whose names differ only in case",
                place=file_place(name),
                help="rename one: on macOS and Windows only one of them would exist",
                also=((file_place(first), "the other one"),),
            )


def file_place(name: str) -> Place:
    """Give the place that means a file as a whole."""
    return Place(file=shown(name), line=1, column=1)


def shown(name: str) -> str:
    """Give a file's name as text."""
    # A name may hold bytes that are no UTF-8: they must not break the writing of an error.
    return name if name.isascii() else name.encode(errors="backslashreplace").decode()
