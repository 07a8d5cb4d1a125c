"""Where a new manifest belongs: a file that the workspace's patterns find again."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count

from ccops.errors import Diagnostic, InvalidInput
from ccops.manifest.settings import Pattern

LONGEST = 60
"""So many characters of a name are in the name of its file at most."""
_WILD = re.compile(r"[*?\[]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9])(?:\..*)?", re.IGNORECASE)
"""What Windows takes for a device, whatever its ending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where new manifests are put: a folder of the workspace, by `/`, and what their files share.

    `folder` is "" for the workspace itself.
    """

    folder: str
    before: str
    after: str

    @property
    def modeline(self) -> str:
        """The way from there to the schema that `ccops init` puts into the workspace."""
        depth = len([part for part in self.folder.split("/") if part])
        return f"{'../' * depth}.ccops/campaign.schema.json"


def home(patterns: Iterable[Pattern]) -> Home:
    """Find where the first pattern that leaves a file's name open wants new manifests.

    Raises:
        InvalidInput: CC212, each names its files or their folders.
    """
    known = tuple(patterns)
    found = (_home(one.text) for one in known)
    first = next((one for one in found if one is not None), None)
    if first is not None:
        return first
    raise InvalidInput(
        Diagnostic(
            code="CC212",
            message="no pattern of `manifests:` says where a new manifest belongs",
            place=known[0].place if known else None,
            label="its files, or their folders, have names of their own",
            help="add one like `campaigns/**/*.yaml`",
        )
    )


def _home(pattern: str) -> Home | None:
    """Read a pattern of literal folders, `**` and one `*` for the file; others tell no place."""
    *folders, file = pattern.split("/")
    plain = [one for one in folders if one != "**"]
    before, star, after = file.partition("*")
    hidden = any(one.startswith(".") for one in (*plain, before))
    if not star or hidden or any(map(_WILD.search, (*plain, before, after))):
        return None
    return Home(folder="/".join(plain), before=before, after=after)


def file_for(place: Home, name: str, campaign_id: str, taken: Collection[str]) -> str:
    """Give a new manifest's file, relative to the workspace.

    Its name is ASCII, none that Windows reserves, and none of `taken`: the names in that folder,
    case-folded.
    """
    word = slug(name) or f"campaign-{campaign_id[:8].lower()}"
    words = (word if number == 1 else f"{word}-{number}" for number in count(1))
    files = (f"{place.before}{one}{place.after}" for one in words)
    file = next(
        one for one in files if one.casefold() not in taken and not _RESERVED.fullmatch(one)
    )
    return f"{place.folder}/{file}" if place.folder else file


def slug(name: str) -> str:
    """Give the ASCII letters and digits of a name, in small letters, with hyphens between words."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    return words[:LONGEST].strip("-")
