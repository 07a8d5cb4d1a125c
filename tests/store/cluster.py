"""A private PostgreSQL server for the tests, from the machine's own binaries.

Its data is in a temporary folder; it listens on loopback alone and is gone after the run. It does
not sync to the disk (fsync=off): what these tests show holds for a crash of the server, and a
power cut is PostgreSQL's own promise.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

DEMANDED = "CI" in os.environ
"""Read before a test hides it: there, what is missing is a failure and no reason to skip."""

USER = "ccops"
PASSWORD = "canary p@ss/w:rd%"
"""With every character that an address has a meaning for."""
DATABASE = "store"

_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = off
shared_buffers = 16MB
max_connections = 60
autovacuum = off
"""

_POOLER = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {folder}/users.txt
pool_mode = transaction
"""


def needed(what: str) -> None:
    """Skip a test for want of a program; where a CI demands it, fail."""
    reason = f"there is no {what} on this machine"
    if DEMANDED:
        pytest.fail(f"{reason}, and CI demands these tests", pytrace=False)
    pytest.skip(reason)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The user that servers run as: none of them starts as root."""

    name: str | None

    def run(self, *command: str, cwd: Path) -> None:
        """Run a command to its end."""
        result = subprocess.run(
            command,
            cwd=cwd,
            user=self.name,
            group=self.group,
            extra_groups=None if self.name is None else [],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr

    def start(self, *command: str, cwd: Path) -> "subprocess.Popen[str]":
        """Start a command that tells of itself on stderr."""
        return subprocess.Popen(
            command,
            cwd=cwd,
            user=self.name,
            group=self.group,
            extra_groups=None if self.name is None else [],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def group(self) -> int | None:
        """The main group of the user."""
        if self.name is None:
            return None
        import pwd  # Windows has none

        return pwd.getpwnam(self.name).pw_gid

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Make a folder that this user alone can enter; it is removed at the end."""
        path = Path(tempfile.mkdtemp(prefix="ccops-pg-"))
        try:
            if self.name is not None:
                shutil.chown(path, self.name, self.group)
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def owner() -> Owner:
    """Return this user, or an unprivileged one for root."""
    if os.name != "posix" or os.geteuid() != 0:
        return Owner(name=None)
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return Owner(name="postgres" if "postgres" in known else "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A running server."""

    binaries: Path
    folder: Path
    owner: Owner
    port: int

    def address(
        self, *, user: str = USER, password: str = PASSWORD, port: int | None = None, more: str = ""
    ) -> str:
        """Return the address of the database, as a user writes it."""
        login = f"{user}:{quote(password, safe='')}"
        return f"postgresql://{login}@127.0.0.1:{port or self.port}/{DATABASE}{more}"

    def command(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL."""
        self.owner.run(str(self.binaries / program), *arguments, cwd=self.folder)

    def start(self) -> None:
        """Start, and wait until it answers."""
        data = str(self.folder / "data")
        self.command(
            "pg_ctl", "-w", "-D", data, "-l", str(self.folder / "log"), "-t", "60", "start"
        )

    def stop(self, mode: str = "immediate") -> None:
        """Stop; "immediate" is a crash: nothing is finished or said."""
        self.command("pg_ctl", "-w", "-D", str(self.folder / "data"), "-m", mode, "stop")

    def settings(self) -> None:
        """Write the settings of this server."""
        text = _SETTINGS.format(port=self.port, folder=self.folder)
        with (self.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(text)

    @contextmanager
    def running(self) -> Iterator["Cluster"]:
        """Run until the end of the block."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @contextmanager
    def replica(self) -> Iterator["Cluster"]:
        """Run a replica that streams from this server."""
        with self.owner.folder() as folder:
            standby = replace(self, folder=folder, port=free_port())
            source = self.address()
            copy = ("-R", "-X", "stream", "--checkpoint=fast", "--no-sync")
            standby.command("pg_basebackup", "-d", source, "-D", str(folder / "data"), *copy)
            standby.settings()
            with standby.running():
                yield standby

    @contextmanager
    def pooler(self) -> Iterator[int]:
        """Run PgBouncer in transaction mode before this server; give its port."""
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            needed("pgbouncer")
        assert program is not None
        with self.owner.folder() as folder:
            port = free_port()
            password = PASSWORD.replace('"', '""')
            (folder / "users.txt").write_text(f'"{USER}" "{password}"\n', encoding="utf-8")
            settings = folder / "pgbouncer.ini"
            text = _POOLER.format(server=self.port, port=port, folder=folder)
            settings.write_text(text, encoding="utf-8")
            with self.owner.start(program, str(settings), cwd=folder) as process:
                try:
                    assert process.stderr is not None
                    lines = iter(process.stderr.readline, "")
                    assert any("process up" in line for line in lines)
                    yield port
                finally:
                    process.kill()


def binaries() -> Path | None:
    """Find the folder of PostgreSQL's programs, the newest first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    found = shutil.which("initdb")
    places = [*packaged, *([Path(found).parent] if found else [])]
    return next((place for place in places if (place / "initdb").exists()), None)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Make a server and run it until the end of the block."""
    found = binaries()
    if found is None:
        needed("PostgreSQL server (initdb)")
    assert found is not None
    user = owner()
    with user.folder() as folder:
        made = Cluster(binaries=found, folder=folder, owner=user, port=free_port())
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)  # in a folder that its owner alone can enter
        login = ("-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}")
        how = ("--no-sync", "--encoding=UTF8", "--locale=C")
        made.command("initdb", "-D", str(folder / "data"), *login, *how)
        made.settings()
        with made.running():
            yield made
