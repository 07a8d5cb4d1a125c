"""Disks that let a store down: too small, or not to be written."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = "4m"


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Put a file system of 4 MiB at the folder; False where this process may not mount one."""
    folder.mkdir(parents=True)
    mounted = _mount("-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder))
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def make_read_only(folder: Path, *, mounted: bool) -> str:
    """Let nothing be written in the folder; say how. Files and folder alike."""
    if mounted:
        assert _mount("-o", "remount,ro", str(folder))
        return "mounted read-only"
    for one in folder.iterdir():
        one.chmod(0o400)
    folder.chmod(0o500)
    return "without write permission"


def make_writable(folder: Path, *, mounted: bool) -> None:
    """Undo `make_read_only`."""
    if mounted:
        assert _mount("-o", "remount,rw", str(folder))
        return
    folder.chmod(0o700)
    for one in folder.iterdir():
        one.chmod(0o600)


def _mount(*arguments: str) -> bool:
    try:
        done = subprocess.run(["mount", *arguments], check=False, capture_output=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0
