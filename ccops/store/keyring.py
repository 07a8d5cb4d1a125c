"""The token record of one account, with its text in the platform's keychain.

A keychain has no lock and no generations. So these stay in the SQLite file of `store.tokens`,
whose row then says only where in the keychain the text is: the file's transaction is the lock,
and its commit is the moment at which a new text counts. Two places take turns in the keychain, so
that a process that dies between the two leaves the old text whole.

There is no fallback to plain text. Before a login or a renewal is asked for, the keychain is
tried with a word that is no secret: one that is locked or missing is told then, with nothing used
up. If it refuses only afterwards, the login is lost, and that is said; a file that nobody chose
would be the greater harm.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final, Self, TypeVar

from ccops.errors import Diagnostic, InvalidInput, StoreUnavailable
from ccops.ports import HeldToken, TokenRecord
from ccops.store.naming import fingerprint
from ccops.store.refusals import not_holding
from ccops.store.tokens import SqliteTokens

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "ccops"
"""Under this name the entries stand in the keychain."""

PART: Final = 1_000 if sys.platform == "win32" else 10_000
"""Characters an entry: the Windows Credential Manager takes 2,560 bytes of UTF-16 (keyring)."""

_MARK: Final = "in the keychain"
_TRIAL: Final = "being written"
_TRIES: Final = 3
_RECOMMENDED: Final = 1.0  # keyring's own bound; below it are backends that write plain text

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pointer:
    """Where in the keychain a text is, in how many entries, and a hash of it."""

    slot: int
    parts: int
    digest: str

    def __str__(self) -> str:
        return f"{_MARK} {self.slot} {self.parts} {self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """The entries of one record in the keychain: two slots, each of several parts."""

    backend: "KeyringBackend"
    owner: str

    def get(self, slot: int, parts: int) -> str | None:
        """Return what a slot holds; None if any of it is gone."""
        found = [self._get(slot, part) for part in range(parts)]
        return None if None in found else "".join(one or "" for one in found)

    def put(self, slot: int, text: str) -> int:
        """Store a text of ASCII and read it back; return its number of parts."""
        parts = [text[at : at + PART] for at in range(0, len(text), PART)]
        for part, piece in enumerate(parts):
            name = self._name(slot, part)
            _asked(lambda name=name, piece=piece: self.backend.set_password(SERVICE, name, piece))  # type: ignore[misc]  # a lambda's defaults have no types
        if self.get(slot, len(parts)) != text:
            raise _refused("does not keep what it is given")
        return len(parts)

    def clear(self) -> None:
        """Delete everything."""
        for slot in (0, 1):
            for part in count():
                if self._get(slot, part) is None:
                    break
                name = self._name(slot, part)
                _asked(lambda name=name: self.backend.delete_password(SERVICE, name))  # type: ignore[misc]  # see above

    def _get(self, slot: int, part: int) -> str | None:
        return _asked(lambda: self.backend.get_password(SERVICE, self._name(slot, part)))

    def _name(self, slot: int, part: int) -> str:
        return f"{self.owner} {slot}.{part}"


class KeychainTokens:
    """`ports.TokenStore` with the text in the keychain, closed by closing its file.

    A record that stands in the file itself is read and written there, unless `chosen`: then the
    next text goes into the keychain. One that is in the keychain stays there until it is written
    empty.
    """

    __slots__ = ("_chosen", "_file", "_owner")

    def __init__(self, file: SqliteTokens, *, origin: str, account: str, chosen: bool) -> None:
        self._file = file
        self._owner = f"{account} {fingerprint(origin, account)[:16]}"
        self._chosen = chosen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def name(self) -> str:
        """The file's path, or the keychain's name."""
        if _pointer(self._file.read()) is None:
            return self._file.name
        return f"the keychain ({_backend().name})"

    def read(self) -> TokenRecord | None:
        """What is stored, without waiting for a holder.

        Raises:
            InvalidInput: CC556, the library is missing.
            StoreUnavailable: also CC714, the keychain refuses.
        """
        record = self._file.read()
        for _ in range(_TRIES):
            found, again = self._found(record), self._file.read()
            if again == record:
                return found
            record = again  # somebody wrote in between, and may have taken the entries away
        return self._found(record)

    @contextmanager
    def hold(self) -> Iterator[HeldToken]:
        """Wait for every other holder, and hold the record until it is written or the block ends.

        Raises:
            StoreUnavailable: CC702 another process held it for too long; CC714 the keychain
                refuses, and nothing was asked of anybody.
            InvalidInput: CC556, the library is missing.
        """
        with self._file.hold() as held:
            if not self._chosen and _pointer(held.record) is None:
                yield held
                return
            entries = self._entries()
            generation = 0 if held.record is None else held.record.generation
            slot = (generation + 1) % 2
            entries.put(slot, _TRIAL)
            kept = _HeldInKeychain(held, entries, slot, self._found(held.record))
            try:
                yield kept
            finally:
                kept.end()

    def _found(self, record: TokenRecord | None) -> TokenRecord | None:
        """Return the record with its text; as it is, if that is not what was stored.

        Who deletes the entries is logged out; a text of another digest is no login.
        """
        pointer = _pointer(record)
        if record is None or pointer is None:
            return record
        text = self._entries().get(pointer.slot, pointer.parts)
        if text is None:
            return TokenRecord(generation=record.generation, text="")
        if fingerprint(text) != pointer.digest:
            return record
        return TokenRecord(generation=record.generation, text=json.loads(text))

    def _entries(self) -> _Entries:
        return _Entries(backend=_backend(), owner=self._owner)


class _HeldInKeychain:
    """`ports.HeldToken`: the file's row is held, the text goes into the keychain."""

    __slots__ = ("_ended", "_entries", "_held", "_slot", "record")

    def __init__(
        self, held: HeldToken, entries: _Entries, slot: int, record: TokenRecord | None
    ) -> None:
        self._held = held
        self._entries = entries
        self._slot = slot
        self._ended = False
        self.record = record

    def write(self, text: str) -> TokenRecord:
        """Store a new text durably, under the next generation; ends the hold. An empty one is none.

        Raises:
            StoreUnavailable: CC705 the hold has ended; CC714 the old text could not be deleted;
                CC715 the new one is refused, and the keychain took a trial before.
        """
        if self._ended:
            raise not_holding("in the keychain", "the token is no longer held")
        written = self._held.write(self._stored(text))
        self._ended = True
        self.record = TokenRecord(generation=written.generation, text=text)
        return self.record

    def _stored(self, text: str) -> str:
        if not text:
            self._entries.clear()
            return text
        spelled = json.dumps(text)
        try:
            parts = self._entries.put(self._slot, spelled)
        except StoreUnavailable:
            failure = _lost()
        else:
            return str(_Pointer(slot=self._slot, parts=parts, digest=fingerprint(spelled)))
        raise failure

    def end(self) -> None:
        """Take no more."""
        self._ended = True


def _pointer(record: TokenRecord | None) -> _Pointer | None:
    if record is None or not record.text.startswith(f"{_MARK} "):
        return None
    slot, parts, digest = record.text.removeprefix(f"{_MARK} ").split(" ")
    return _Pointer(slot=int(slot), parts=int(parts), digest=digest)


def _backend() -> "KeyringBackend":
    """Return the platform's keychain; what keeps passwords in plain files is none."""
    try:
        import keyring  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise InvalidInput(_MISSING) from None
    backend = _asked(keyring.get_keyring)
    if _asked(lambda: float(backend.priority)) < _RECOMMENDED:
        raise _refused("was not found on this machine")
    return backend


def _asked(what: Callable[[], Answer]) -> Answer:
    """Ask the keychain; its backends come from elsewhere and raise whatever they like."""
    try:
        return what()
    except Exception as error:  # noqa: BLE001 - see above
        why = f"refuses ({type(error).__name__})"
    # Raised out here, so that no error that may quote the text is kept.
    raise _refused(why)


def _refused(why: str) -> StoreUnavailable:
    message = f"the keychain of this machine {why}"
    remedy = "unlock it, or let ccops use it, and run again: nothing was asked for, nothing is lost"
    return StoreUnavailable(Diagnostic(code="CC714", message=message, help=remedy))


def _lost() -> StoreUnavailable:
    message = "the keychain does not take the login that was just given, and it is kept nowhere"
    remedy = "unlock it and run `ccops auth login`; without --keychain a login is kept in a file"
    return StoreUnavailable(Diagnostic(code="CC715", message=message, help=remedy))


_MISSING = Diagnostic(
    code="CC556",
    message="the login is to be in the keychain, and the library keyring is not installed",
    help="pip install 'ccops[keyring]'",
)
