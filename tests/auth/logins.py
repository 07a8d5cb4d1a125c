"""A stage on which somebody is logged in, or was, or is about to be no longer."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ccops.constantcontact.grants import Grant, RefreshKind, grant_text, parse_grant
from ccops.constantcontact.secret import Secret
from ccops.sandbox.records import Token
from ccops.session.authorizing import Surroundings, open_login
from ccops.session.credentials import credentials
from ccops.store.choice import LoginStore
from tests.auth.browsing import CLIENT, asked_for_tokens
from tests.e2e.stage import Done, Stage

ROOT = Path(__file__).parents[2]
SCOPES = ("campaign_data", "contact_data", "account_read", "offline_access")


def at(stage: Stage, **environment: str) -> Stage:
    """The same stage, for processes with other variables."""
    more = {**stage.environment, **environment}
    return Stage(folder=stage.folder, world=stage.world, url=stage.url, environment=more)


def logged_in(stage: Stage) -> None:
    """Store a login that was just made (`test_login_flows` makes them as a person does)."""
    for kind in ("access", "refresh"):
        issue(stage, kind, f"{kind}-token-of-a-person")
    now = datetime.now(UTC)  # noqa: TID251 - the clock of the runs
    grant = Grant(
        client_id=CLIENT,
        access=Secret("access-token-of-a-person"),
        expires_at=now + timedelta(hours=24),
        refresh=Secret("refresh-token-of-a-person"),
        renewed_at=now,
        scopes=SCOPES,
        kind=RefreshKind.UNKNOWN,
    )
    with login_store(stage) as opened, opened.tokens.hold() as held:
        held.write(grant_text(grant))


def issue(stage: Stage, kind: str, value: str) -> None:
    """Let the sandbox know a token."""
    stage.world.tokens[value] = Token(
        value=value,
        kind=kind,
        client_id=CLIENT,
        scopes=SCOPES,
        expires_at=stage.world.now + timedelta(days=180),
    )


@contextmanager
def login_store(stage: Stage) -> Iterator[LoginStore]:
    """What this stage's store keeps of the login."""
    around = Surroundings(
        origin=stage.url,
        account=stage.world.encoded_account_id,
        credentials=credentials({}),
        store=stage.environment.get("CCOPS_STORE"),
        state=Path(stage.environment["CCOPS_STATE_DIR"]),
        api_key=CLIENT,
    )
    with open_login(around) as opened:
        yield opened


def grant_of(stage: Stage) -> Grant:
    """The stored login."""
    with login_store(stage) as opened:
        record = opened.tokens.read()
    assert record is not None
    grant = parse_grant(record.text)
    assert grant is not None
    return grant


def ending(stage: Stage, minutes: float = 30, **changes: Any) -> None:
    """Let the stored access token end so soon, by this machine's clock."""
    soon = datetime.now(UTC) + timedelta(minutes=minutes)  # noqa: TID251 - the clock of the runs
    grant = replace(grant_of(stage), expires_at=soon, **changes)
    with login_store(stage) as opened, opened.tokens.hold() as held:
        held.write(grant_text(grant))


def status(stage: Stage) -> Done:
    return stage.run("auth", "status", "--format", "json")


def revoked(stage: Stage) -> bool:
    """Whether a refresh token was shown that was dead already."""
    return any(status == 400 for _, status in asked_for_tokens(stage.world))


def ready(stage: Stage, mode: str = "live") -> "subprocess.Popen[str]":
    """Start a process that loads all it needs and then waits for a word."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.auth.renewer", mode],
        cwd=ROOT,
        env={**os.environ, **stage.environment, "TESTS_FOLDER": str(stage.folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
