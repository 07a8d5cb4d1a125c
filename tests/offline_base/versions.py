"""Small workspaces to compare."""

from ccops.manifest.lockfile import Lock
from ccops.manifest.settings import Pattern, Settings
from ccops.model import Desired, Limits
from ccops.planning.based import Base, Comparison, Version, compare
from tests.planning.samples import DAY, NOW_IS, PLACE, desired

SETTINGS = Settings(
    account="a1",
    account_place=PLACE,
    zone="America/New_York",
    manifests=(Pattern(text="campaigns/*.yaml", place=PLACE),),
    limits=Limits(),
)
TOMORROW = NOW_IS + DAY
ONE = desired(TOMORROW)


def version(*manifests: Desired, lock: Lock | None = None) -> Version:
    """What a workspace declares."""
    return Version(settings=SETTINGS, desired=manifests, lock=lock)


def beside(before: Version | None, after: Version) -> Comparison:
    """The comparison with a commit of the branch main; None: it cannot be read."""
    return compare(Base(ref="main", commit="0" * 40, version=before), after, now=NOW_IS)
