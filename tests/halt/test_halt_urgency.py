"""A halt in a hurry: the next send first, whatever else is wrong, busy or gone."""

import signal
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.errors import StoreUnavailable
from ccops.sandbox.ids import list_id_of
from ccops.session.halting.locking import locked
from ccops.store.sqlite import SqliteStore, open_store
from tests.e2e.stage import START, Stage, finish, manifest
from tests.e2e.window import Fate, window
from tests.halt.conftest import HALT, MANIFESTS, standings, text_of

ALL = (*HALT, "--yes")


def crowd(stage: Stage, size: int) -> None:
    """So many campaigns, one each minute from now on; the file names the last one first."""
    names = [f"Mail {number}" for number in range(size)]
    for minutes, name in enumerate(names, start=1):
        at = START + timedelta(minutes=minutes)
        stage.world.add_campaign(name, lists=[list_id_of("Members")], scheduled=at)
    times = [f"2027-03-01 09:{minutes:02}" for minutes in range(1, size + 1)]
    declared = zip(names, times, strict=True)
    stage.write(*[manifest(name, "Members", send_at=at) for name, at in declared][::-1])


def test_the_next_send_waits_for_no_other(stage: Stage) -> None:
    """At 300 ms a request, what goes out in a minute is stopped in seconds, of however many."""
    crowd(stage, 25)
    done = stage.run(*ALL)
    assert (done.code, stage.writes()) == (0, [f"DELETE Mail {one}" for one in range(25)])
    before = [one.method for one in stage.world.requests].index("DELETE")
    assert before == 9


def test_a_network_that_is_gone_costs_no_hours(stage: Stage) -> None:
    """After two readings without an answer nobody else is asked about; every one is named."""
    crowd(stage, 25)
    stage.fault("drop_before", after=20, times=10_000)
    done = stage.run(*ALL, "--format", "json")
    found = list(standings(done.document).values())
    assert (done.code, found.count("unscheduled"), found.count("not-halted")) == (8, 1, 24)
    assert len(stage.world.requests) < 60
    assert done.err.count("error[CC502]") == 1
    stage.world.faults.clear()
    assert stage.run(*ALL).code == 0
    assert sorted(stage.writes()) == sorted(f"DELETE Mail {one}" for one in range(25))


def test_a_mistake_elsewhere_disables_no_brake(several: Stage) -> None:
    """What can be read is halted; what cannot is told with its place, and is no success."""
    several.write(manifest("Stranger", "Members", send_at="tomorrow"), name="two.yaml")
    several.write(MANIFESTS[2].replace("Donors", "Board"), name="twin.yaml")
    done = several.run(*ALL)
    assert (done.code, len(several.writes())) == (8, 3)
    assert "error[CC110]" in done.err
    assert "error[CC121]" in done.err
    assert "NOT EVERYTHING IS HALTED" in done.out
    assert "campaigns/two.yaml:3:10" in done.out
    assert text_of(several).count("unscheduled  # was") == 3
    several.world.advance(9 * 86_400)
    assert {one.campaign_name for one in several.world.sends} == {"Stranger"}


def test_a_mistake_in_the_same_file(several: Stage) -> None:
    """The campaign beside it is stopped; its line is left to a person, for the file is unsound."""
    several.write(MANIFESTS[0], manifest("Later", "Members", send_at="2027-03-09 09:00", tags="x"))
    done = several.run(*ALL, "--format", "json")
    assert (done.code, standings(done.document)) == (8, {"Soon": "unscheduled"})
    assert [one["manifest"]["rewritten"] for one in done.document["campaigns"]] == [False]
    assert done.document["unmanaged"] == ["Again", "Later", "Stranger"]
    [mistake] = done.document["unread"]
    assert mistake.startswith("CC1")


def test_a_dry_run_tells_mistakes_too(several: Stage) -> None:
    """And does nothing."""
    several.write("campaign: [", name="two.yaml")
    done = several.run(*HALT, "--dry-run")
    assert (done.code, several.writes()) == (3, [])
    assert "NOT READ" in done.out


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "ccops.yaml").write_text("version: 1\naccount: [x]\n", "utf-8"),
        lambda folder: (folder / "campaigns" / "one.yaml").write_text("campaign: [", "utf-8"),
        lambda folder: (folder / "ccops.yaml").unlink(),
    ],
    ids=["workspace", "every manifest", "no workspace"],
)
def test_nothing_that_can_be_halted(several: Stage, spoil: Callable[[Path], object]) -> None:
    """Without an account or a campaign there is nothing to brake: exit 3, and nothing is asked."""
    spoil(several.folder)
    done = several.run(*ALL)
    assert (done.code, several.world.requests) == (3, ())
    assert "error[CC" in done.err


def test_what_no_manifest_names_is_told(several: Stage) -> None:
    """Whoever halts all of it must know what is not part of it."""
    told = several.run(*HALT, "--dry-run").out
    assert "STILL SCHEDULED" in told
    assert "    Stranger" in told
    assert several.run(*ALL, "--format", "json").document["unmanaged"] == ["Stranger"]
    assert "Stranger" not in several.run(*HALT, "--select", "name:Soon").out


def test_a_second_halt_names_what_is_halted(several: Stage) -> None:
    """Nothing is left to do, and nobody need wonder whether the first one worked."""
    several.run(*ALL)
    done = several.run(*ALL)
    assert done.code == 0
    for name in ("Soon", "Later", "New", "Again"):
        assert f"= {name}: was halted before; nothing of it is to come" in done.out
    assert "Past: was halted" not in done.out
    assert "Nothing more was to be halted. 0 campaigns halted, 4 before" in done.out


def test_a_second_signal_costs_no_report(several: Stage) -> None:
    """Interrupted twice, it still says what is stopped and what is not."""
    path = "/v3/emails/activities/*/send_history"
    with window(several, "GET", path, after=4) as opened:
        process = several.start(*ALL)
        opened.wait()
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        done = finish(process)
    assert done.code == 130
    assert several.writes() == ["DELETE Soon"]
    assert "unscheduled: it will NOT be sent" in done.out
    assert "NOT HALTED  Again" in done.out


# The lock


def opened(folder: Path, run: str) -> SqliteStore:
    return open_store(folder, origin="https://x", account="a", run=run)


def test_another_runs_end_is_waited_for(tmp_path: Path) -> None:
    """It is told who it is and what to do meanwhile; the lock is held inside the block."""
    told: list[str] = []
    with opened(tmp_path, "first") as first, opened(tmp_path, "second") as second:
        with ExitStack() as held:
            held.enter_context(first.lock())
            slept: list[float] = []

            def sleep(seconds: float) -> None:
                slept.append(seconds)
                if len(slept) == 3:
                    held.close()

            with locked(second, 60, told.append, sleep), pytest.raises(StoreUnavailable, match="1"):
                held.enter_context(first.lock())
        with first.lock():
            pass
    assert slept == [1.0] * 3
    [words] = told
    assert "run first on " in words
    assert "by hand" in words


def test_another_run_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """Exit 9, after about so many seconds; at once when none are to be waited."""
    slept: list[float] = []
    told: list[str] = []
    with opened(tmp_path, "first") as first, opened(tmp_path, "second") as second, first.lock():
        for patience in (0, 2.5):
            with (
                pytest.raises(StoreUnavailable, match="CC701"),
                locked(second, patience, told.append, slept.append),
            ):
                pytest.fail("it is held")
    assert (slept, len(told)) == ([1.0, 1.0, 0.5], 1)


def test_a_store_that_is_down_is_not_waited_for(tmp_path: Path) -> None:
    """Waiting would help nobody."""
    with opened(tmp_path, "first") as first:
        with first.lock():
            pass
        for one in tmp_path.glob("lock-*"):
            one.write_bytes(b"x" * 5000)
        with (
            pytest.raises(StoreUnavailable, match="CC703"),
            locked(first, 60, pytest.fail, pytest.fail),
        ):
            pytest.fail("it is damaged")


def test_an_error_inside_is_not_taken_for_a_held_lock(tmp_path: Path) -> None:
    """What fails while the lock is held goes up as it is, and frees it."""
    with opened(tmp_path, "first") as first:
        with pytest.raises(ZeroDivisionError), locked(first, 60, pytest.fail, pytest.fail):
            raise ZeroDivisionError
        with first.lock():
            pass


def test_a_halt_waits_for_an_apply(several: Stage) -> None:
    """`--wait 0` gives up at once; otherwise what the apply schedules last is stopped, too."""
    several.write(MANIFESTS[2])
    with window(several, "POST", fate=Fate.DONE) as opened_window:
        process = several.start("apply", "--yes")
        opened_window.wait()
        assert several.run(*ALL, "--wait", "0").code == 9
        brake = several.start(*ALL)
        assert brake.stderr is not None
        assert "waiting up to 300 s" in brake.stderr.readline()
    assert finish(process).code == 0
    assert finish(brake).code == 0
    assert several.writes()[-1] == "DELETE New"
