"""Which manifests a change of `ccops.lock` bears on: those whose names mean something else."""

from collections.abc import Iterable, Mapping

from ccops.manifest.lockfile import Lock
from ccops.model import Desired, RecipientKind
from ccops.planning.names import plain


def repinned(desired: Iterable[Desired], then: Lock | None, now: Lock | None) -> frozenset[str]:
    """Name the files of the manifests that `now` reads otherwise than `then` did.

    A pin that came or went counts as much as one that changed. Locks of two accounts have
    nothing in common, so every manifest is named.
    """
    if then and now and then.account != now.account:
        return frozenset(one.place.file for one in desired)
    campaigns = _moved(then.campaigns if then else {}, now.campaigns if now else {})
    names = {
        kind: _moved(then.of(kind) if then else {}, now.of(kind) if now else {})
        for kind in RecipientKind
    }
    return frozenset(
        one.place.file
        for one in desired
        if plain(one.campaign) in campaigns
        or any(plain(ref.name or "") in names[ref.kind] for ref in one.references)
    )


def _moved(then: Mapping[str, object], now: Mapping[str, object]) -> frozenset[str]:
    """Return the names whose pins differ."""
    return frozenset(name for name in {*then, *now} if then.get(name) != now.get(name))
