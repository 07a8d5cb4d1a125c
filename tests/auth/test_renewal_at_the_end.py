"""A session that ends while a thread of it renews the login waits until that is stored."""

from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from ccops.constantcontact.secret import Secret
from ccops.session import wiring
from ccops.session.wiring import Session, reading
from tests.e2e.stage import account, manifest, on_stage

OLD = Secret("the-token-that-was-refused")


def test_a_renewal_under_way_is_waited_for_and_none_is_begun_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old refresh token is used up: the new one must not be lost with the process."""
    begun, told = Event(), list[str]()

    def another(*_: object) -> None:
        begun.set()
        sleep(0.05)  # long enough for the session to end, if it did not wait
        told.append("stored")

    def cut_short() -> Session:
        with reading(tmp_path, None) as session:
            Thread(target=wiring._replaced, args=(session, OLD), daemon=True).start()
            assert begun.wait(10)
        told.append("ended")
        return session

    with on_stage(tmp_path, account()) as stage:
        stage.write(manifest("Spring", "Members", send_at="2027-03-20 10:00"))
        for name, value in stage.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(wiring, "another", another)
        session = cut_short()
        wiring._replaced(session, OLD)
    assert told == ["stored", "ended"]
