"""Whom a connection trusts: the operating system's store of certificates, and no variable's."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import truststore

_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # OpenSSL would trust whom these name


def trusting(origin: str) -> ssl.SSLContext:
    """Return a context for connections to `origin`, from TLS 1.2 on."""
    if origin.startswith("http://"):
        # Never used, but asked for: this one trusts nobody and costs nothing to make.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(slots=True, kw_only=True, eq=False)
class _Veil:
    """What is hidden, and how many are inside: the environment is every thread's."""

    guard: Lock = field(default_factory=Lock)
    inside: int = 0
    hidden: dict[str, str] = field(default_factory=dict)

    def draw(self) -> None:
        with self.guard:
            self.inside += 1
            self.hidden |= {name: os.environ.pop(name) for name in _NAMES if name in os.environ}

    def lift(self) -> None:
        with self.guard:
            self.inside -= 1
            if not self.inside:
                os.environ.update(self.hidden)
                self.hidden.clear()


_VEIL = _Veil()


@contextmanager
def unswayed() -> Iterator[None]:
    """Hide from OpenSSL, which reads them at each handshake, the variables that add trust.

    Of several threads inside at once the last to leave shows them again.
    """
    _VEIL.draw()
    try:
        yield
    finally:
        _VEIL.lift()
