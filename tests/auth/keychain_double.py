"""A keychain that stands in for the platform's, by keyring's own interface: a folder of files.

Every process of a test finds it, as it would find the platform's. A file `locked` locks it; one
named `full` makes it take trials and nothing longer.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

FOLDER = "TESTS_KEYCHAIN"


class FolderKeyring(KeyringBackend):
    """Keeps each password in a file of the folder that the environment names."""

    priority = 1  # type: ignore[assignment]  # as keyring's documentation shows it

    def get_password(self, service: str, username: str) -> str | None:
        path = self._path(service, username)
        return path.read_text("utf-8") if path.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        path = self._path(service, username)
        if (path.parent / "full").exists() and len(password) > 20:
            raise PasswordSetError(password)
        path.write_text(password, "utf-8")

    def delete_password(self, service: str, username: str) -> None:
        path = self._path(service, username)
        if not path.exists():
            raise PasswordDeleteError(username)
        path.unlink()

    def _path(self, service: str, username: str) -> Path:
        folder = Path(os.environ[FOLDER])
        if (folder / "locked").exists():
            raise KeyringLocked("needle: the text of a foreign error")
        return folder / sha256(f"{service}\n{username}".encode()).hexdigest()


@contextmanager
def keychain(folder: Path) -> Iterator[Path]:
    """Let this process, and those that it starts, use a keychain in this folder."""
    folder.mkdir()
    names = {FOLDER: str(folder), "PYTHON_KEYRING_BACKEND": f"{__name__}.{FolderKeyring.__name__}"}
    before = keyring.get_keyring()
    os.environ.update(names)
    keyring.set_keyring(FolderKeyring())
    try:
        yield folder
    finally:
        keyring.set_keyring(before)
        for name in names:
            del os.environ[name]


def entries(folder: Path) -> list[str]:
    """What is in the keychain."""
    return [path.read_text("utf-8") for path in sorted(folder.iterdir()) if len(path.name) == 64]
