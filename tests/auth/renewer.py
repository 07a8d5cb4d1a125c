"""Another process that uses the stored login, run as a script: at a word, or until it is killed."""

import os
import signal
import sys

from ccops import cli
from ccops.constantcontact.grants import Grant
from ccops.session import login, renewing  # loaded before the race begins


def die(_: Grant | None) -> str:
    """End as a power cut does: the answer is here, and nothing of it is stored."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


if __name__ == "__main__":
    if sys.argv[1] == "die":
        renewing.grant_text = die
    assert login.status
    os.chdir(os.environ["TESTS_FOLDER"])
    print("ready", flush=True)
    sys.stdin.readline()
    sys.exit(cli.run(["auth", "status", "--format", "json"]))
