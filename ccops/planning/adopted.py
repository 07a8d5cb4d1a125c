"""What became of the campaigns of a pull."""

from dataclasses import dataclass
from enum import StrEnum

from ccops.errors import Diagnostic, ExitCode
from ccops.manifest.lockfile import Lock
from ccops.model import CampaignRow


class Outcome(StrEnum):
    """What became of one campaign's manifest; of a dry run, what would."""

    WRITTEN = "written"
    """It had none; a file was made."""
    CHANGED = "changed"
    """It had one that differed, and was agreed to be changed."""
    UNCHANGED = "unchanged"
    """It has one about which a plan has nothing to do."""
    DIFFERS = "differs"
    """It has one that differs, and that was left as it is."""
    NOT_WRITTEN = "not-written"
    """It cannot be written as a manifest that holds; one that it has is left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A file of the workspace as it is, and as it is to be."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """One campaign. `file` holds its manifest, "" without one; `reason` is why it was left so.

    `rewrite` is what differs, for a manifest that does and could be changed.
    """

    row: CampaignRow
    outcome: Outcome
    file: str = ""
    reason: str = ""
    rewrite: Rewrite | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocked:
    """What became of `ccops.lock`: `changes` in words, and the campaigns that it cannot pin.

    `errors` are why it was left as it is, `lock` None then.
    """

    lock: Lock | None = None
    changes: tuple[str, ...] = ()
    missing: tuple[Diagnostic, ...] = ()
    errors: tuple[Diagnostic, ...] = ()

    @property
    def moved(self) -> tuple[str, ...]:
        """The changes of what was pinned before; names that are new stand in new manifests."""
        return tuple(one for one in self.changes if not one.startswith("+"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """The campaigns of a pull, in their order; `requests` counts what was read.

    `dry`: nothing was written. `relocked` is None then, and where there is no manifest at all.
    `unmatched` are the patterns of `manifests:` that still match no file.
    """

    adoptions: tuple[Adoption, ...]
    relocked: Relocked | None
    unmatched: tuple[str, ...] = ()
    requests: int
    dry: bool

    def of(self, outcome: Outcome) -> tuple[Adoption, ...]:
        """The campaigns of which this became."""
        return tuple(one for one in self.adoptions if one.outcome is outcome)

    @property
    def exit_code(self) -> ExitCode:
        """BLOCKED when a manifest differs or names no campaign; INVALID when one names nothing."""
        lock = self.relocked or Relocked()
        if self.of(Outcome.DIFFERS) or lock.missing:
            return ExitCode.BLOCKED
        return ExitCode.INVALID if lock.errors else ExitCode.DONE
