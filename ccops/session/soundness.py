"""Which bytes were found without a mistake before: a cache of verdicts, for `validate` alone.

It holds no value that anything is done with: a plan reads every manifest, whatever stands here.
A file that is damaged, foreign or of another ccops is as good as none.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ccops.session.caching import read_cached, write_cached

SOUND_FILE = ".ccops/cache/validated.json"
"""Where it stands, relative to the workspace; beside it a file that tells git to leave it out."""
MAX_SOUND_BYTES = 16 * 1024 * 1024
"""Some 100,000 manifests."""

Claims = tuple[tuple[str, str | None], ...]
"""Of each manifest in a file: the name of its campaign, and the activity that it pins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a sound `ccops.yaml` says of the manifests: where they are, and in which zone."""

    manifests: tuple[str, ...]
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """What is known to be without a mistake, by the digests of the bytes."""

    frames: Mapping[str, Frame] = field(default_factory=dict)
    files: Mapping[str, Claims] = field(default_factory=dict)


def read_soundness(root: Path, judge: str) -> Soundness:
    """Give what this judge found; nothing if there is no cache of its, or none that can be used.

    `judge` stands for all that a verdict depends on besides the bytes.
    """
    try:
        found = json.loads(read_cached(root, SOUND_FILE, MAX_SOUND_BYTES))
        if found["judge"] != judge:
            return Soundness()
        frames = {key: _frame(value) for key, value in found["frames"].items()}
        files = {key: _claims(value) for key, value in found["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Soundness()
    return Soundness(frames=frames, files=files)


def write_soundness(root: Path, judge: str, sound: Soundness) -> None:
    """Put what is known in the place of what was, in one piece; without success, if need be."""
    frames = {
        key: {"manifests": one.manifests, "zone": one.zone} for key, one in sound.frames.items()
    }
    document = {"judge": judge, "frames": frames, "files": dict(sound.files)}
    content = json.dumps(document, separators=(",", ":")).encode("ascii")
    if len(content) <= MAX_SOUND_BYTES:
        with suppress(OSError, ValueError):
            write_cached(root, SOUND_FILE, content)


def _frame(value: Mapping[str, object]) -> Frame:
    manifests, zone = value["manifests"], value["zone"]
    if not isinstance(manifests, list) or not all(isinstance(one, str) for one in manifests):
        raise TypeError(manifests)
    if not isinstance(zone, str | None):
        raise TypeError(zone)
    return Frame(manifests=tuple(manifests), zone=zone)


def _claims(value: object) -> Claims:
    if not isinstance(value, list) or not value:
        raise TypeError(value)
    return tuple(_claim(*one) for one in value)


def _claim(campaign: object, activity: object) -> tuple[str, str | None]:
    if not isinstance(campaign, str) or not (activity is None or isinstance(activity, str)):
        raise TypeError(campaign)
    return campaign, activity
