"""What a login costs those who do not log in: nothing."""

import subprocess
import sys
from pathlib import Path

LOOK = (
    "import sys, ccops.session.{}; print('oauthlib' in sys.modules, 'http.server' in sys.modules)"
)


def loaded(module: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(module)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_command_that_only_uses_a_login_loads_no_library_for_it() -> None:
    """The OAuth library costs 40 ms; the server for the browser is no part of a plan."""
    assert loaded("wiring") == "False False"
    assert loaded("login").startswith("False")
