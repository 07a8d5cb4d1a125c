"""`validate`: every file of a workspace without a mistake, or every mistake in it.

Files whose bytes were sound before are not read as YAML again (see `soundness`): about them only
what concerns other files too is asked, which is whether two manifests claim one campaign. Every
message comes from reading; what the cache knows can only spare work where there is nothing to say.
"""

import hashlib
import os
import sys
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import tzdata  # type: ignore[import-untyped]  # it ships data, no types

from ccops import __version__, manifest, resources
from ccops.constantcontact.origin import is_loopback
from ccops.errors import Diagnostic, InvalidInput, Place
from ccops.manifest.lockfile import examine_lock
from ccops.manifest.reader import examine_manifests, in_order
from ccops.manifest.settings import Pattern, examine_settings
from ccops.manifest.text import decode
from ccops.model import Desired
from ccops.session.loading import load, origin_of, uncollected
from ccops.session.soundness import Claims, Frame, Soundness, read_soundness, write_soundness
from ccops.workspace import FILE, LOCK_FILE, find_root, read_bytes, read_contents

FEWEST = 100
"""How many files make a cache worth its while: fewer are read sooner than one looks around."""

_PARSERS = ("yaml", "jsonschema", "jsonschema_rs")
_SCHEMAS: tuple[resources.SchemaName, ...] = ("campaign", "workspace", "lock")

Contents = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid:
    """How much stands in a workspace that has no mistake."""

    campaigns: int
    files: int


def validated(start: Path, base_url: str | None, *, fewest: int = FEWEST) -> Valid:
    """Check a workspace, offline. Raises InvalidInput with the diagnostics that `load` has.

    A workspace of `fewest` files or more gets a cache; not in CI, where a checkout is new, and
    may bring a cache of its own that nobody wrote there.
    """
    if os.environ.get("CI"):
        return _counted(load(start, base_url).desired)
    zoneinfo.reset_tzpath(())
    root, loopback = find_root(start), is_loopback(origin_of(base_url))
    judge = _judge()
    with uncollected():
        known = read_soundness(root, judge)
        try:
            key, frame = _frame(root, known, judge, loopback=loopback)
            return _checked(root, known, judge, key, frame, fewest=fewest)
        except _Unsettled:
            return _counted(load(start, base_url).desired)


class _Unsettled(Exception):
    """Something is wrong around the manifests: only who reads everything can tell it."""


def _counted(desired: Sequence[Desired]) -> Valid:
    return Valid(campaigns=len(desired), files=len({one.place.file for one in desired}))


def _judge() -> str:
    """Give a digest of all that decides about a file besides its bytes: this very ccops."""
    parts = [__version__, sys.version, str(tzdata.IANA_VERSION)]
    parts += [resources.schema_text(name) for name in _SCHEMAS]
    files = [Path(spec.origin) for name in _PARSERS if (spec := find_spec(name)) and spec.origin]
    files += sorted(file for folder in manifest.__path__ for file in Path(folder).glob("*.py"))
    for file in files:
        found = file.stat()
        parts.append(f"{file} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()


def _frame(root: Path, known: Soundness, judge: str, *, loopback: bool) -> tuple[str, Frame]:
    """Give what `ccops.yaml` says of the manifests, if it and the lock are sound."""
    try:
        settings_bytes = read_bytes(root, FILE)
        lock_bytes = read_bytes(root, LOCK_FILE) if os.path.lexists(root / LOCK_FILE) else None
        key = _digest(f"{judge} {loopback} {len(settings_bytes)} {lock_bytes is None}")(
            settings_bytes + (lock_bytes or b"")
        )
        if key in known.frames:
            return key, known.frames[key]
        schema = resources.schema("workspace")
        settings, errors = examine_settings(
            FILE, decode(FILE, settings_bytes), schema=schema, loopback=loopback
        )
        if lock_bytes is not None:
            text, schema = decode(LOCK_FILE, lock_bytes), resources.schema("lock")
            errors += examine_lock(LOCK_FILE, text, schema=schema, account=settings.account)[1]
    except InvalidInput as refused:
        raise _Unsettled from refused
    if errors:
        raise _Unsettled
    patterns = tuple(one.text for one in settings.manifests)
    return key, Frame(manifests=patterns, zone=settings.zone)


def _checked(
    root: Path, known: Soundness, judge: str, key: str, frame: Frame, *, fewest: int
) -> Valid:
    here = Place(file=FILE, line=1, column=1)
    patterns = [Pattern(text=one, place=here) for one in frame.manifests]
    contents, unread = read_contents(root, patterns)
    if unread:
        raise _Unsettled
    digest = _digest(f"{judge} {frame.zone}")
    keys = {name: digest(data) for name, data in contents}
    claims, wrong = _examined(contents, keys, known.files, frame.zone)
    sound = {keys[name]: claims[name] for name in _faultless(claims, wrong)}
    news = key not in known.frames or sound.keys() != known.files.keys()
    if news and len(contents) >= fewest:
        write_soundness(root, judge, Soundness(frames={key: frame}, files=sound))
    if wrong:
        raise InvalidInput(*wrong)
    return Valid(campaigns=sum(map(len, claims.values())), files=len(claims))


def _digest(prefix: str) -> Callable[[bytes], str]:
    start = hashlib.sha256(f"{prefix}\0".encode())

    def digest(data: bytes) -> str:
        whole = start.copy()
        whole.update(data)
        return whole.hexdigest()

    return digest


def _examined(
    contents: Contents, keys: Mapping[str, str], known: Mapping[str, Claims], zone: str | None
) -> tuple[dict[str, Claims], tuple[Diagnostic, ...]]:
    """Read the files that are not known; all of them if two seem to claim the same."""
    claims = {name: known[keys[name]] for name, _ in contents if keys[name] in known}
    new = [one for one in contents if one[0] not in claims]
    found, wrong = _read(new, zone)
    if claims and _collide([*claims.values(), *found.values()]):
        return _read(contents, zone)
    return claims | found, wrong


def _read(
    contents: Iterable[tuple[str, bytes]], zone: str | None
) -> tuple[dict[str, Claims], tuple[Diagnostic, ...]]:
    texts: list[tuple[str, str]] = []
    errors: list[Diagnostic] = []
    for name, data in contents:
        try:
            texts.append((name, decode(name, data)))
        except InvalidInput as refused:
            errors += refused.diagnostics
    schema = resources.schema("campaign")
    desired, wrong = examine_manifests(texts, schema=schema, zone=zone) if texts else ((), ())
    claims: dict[str, Claims] = {}
    for one in desired:
        before = claims.get(one.place.file, ())
        claims[one.place.file] = (*before, (one.campaign, one.activity_id))
    return claims, in_order((*errors, *wrong))


def _collide(every: Iterable[Claims]) -> bool:
    campaigns = [campaign for claims in every for campaign, _ in claims]
    activities = [activity for claims in every for _, activity in claims if activity]
    return len(set(campaigns)) < len(campaigns) or len(set(activities)) < len(activities)


def _faultless(claims: Iterable[str], wrong: Iterable[Diagnostic]) -> list[str]:
    """Give the files that no diagnostic speaks of; none if one does not say where it belongs."""
    faulty = {one.place.file if one.place else None for one in wrong}
    return [] if None in faulty else [name for name in claims if name not in faulty]
