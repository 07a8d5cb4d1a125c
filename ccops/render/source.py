"""Where a manifest can be looked at: a place in a file, as a link if the commit is known."""

from dataclasses import dataclass

from ccops.errors import Place
from ccops.render.escape import code, url_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The files of a commit, on a forge.

    `tree` is a URL made of checked parts, with "/" at its end, that a path in the repository is
    appended to: `https://github.com/owner/name/blob/<sha>/`. `folder` is where the workspace lies
    in the repository, "" or with "/" at its end; it is foreign, as the files' names are.
    """

    tree: str
    folder: str = ""


def located(place: Place, source: Source | None) -> str:
    """`file:line` in Markdown; a link, unless the source is unknown or the path leads out of it."""
    shown = code(f"{place.file}:{place.line}")
    path = url_path(f"{source.folder}{place.file}") if source else ""
    return f"[{shown}]({source.tree}{path}#L{place.line:d})" if source and path else shown
