"""A halt in bad times: killed, cut off, too late, or in each other's way."""

import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from ccops.session.halting.brake import halt
from ccops.session.wiring import reading
from tests.e2e.stage import START, Stage, finish, manifest, on_stage, workspace
from tests.e2e.window import Fate, killed, window
from tests.halt.conftest import (
    HALT,
    MANIFESTS,
    REWRITTEN,
    furnished,
    meanwhile,
    standings,
    text_of,
)

DELETES = ["DELETE Soon", "DELETE Again", "DELETE Later"]
ALL = (*HALT, "--yes")
SCHEDULES = "/v3/emails/activities/*/schedules"


def activity(stage: Stage, name: str) -> str:
    """The id of a campaign's email."""
    found = next(one for one in stage.world.campaigns.values() if one.name == name)
    return stage.world.primary(found).activity_id


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.DONE])
@pytest.mark.parametrize("place", range(3), ids=DELETES)
def test_killed_in_a_delete_and_halted_again(several: Stage, place: int, fate: Fate) -> None:
    """The second run finishes what the first began, and writes the manifests."""
    killed(several, "DELETE", fate=fate, after=place, arguments=ALL)
    assert text_of(several) == "---\n".join(MANIFESTS)
    assert several.run(*ALL).code == 0
    assert text_of(several) == REWRITTEN
    several.world.advance(90 * 86_400)
    assert {one.campaign_name for one in several.world.sends} == {"Stranger"}


@pytest.mark.parametrize(("place", "fate"), [(0, Fate.DONE), (1, Fate.LOST), (2, Fate.DONE)])
def test_killed_in_a_delete_and_applied(several: Stage, place: int, fate: Fate) -> None:
    """The manifests still declare it all; the marks, which came first, let none be restored."""
    killed(several, "DELETE", fate=fate, after=place, arguments=ALL)
    several.write(
        MANIFESTS[0], MANIFESTS[1].replace("A list that nobody has", "Members"), *MANIFESTS[3:]
    )
    several.run("apply", "--yes")
    assert [one for one in several.writes() if one.startswith("POST")] == []


def test_killed_before_the_first_delete(several: Stage) -> None:
    """While it reads: nothing was done, and the next halt does it."""
    killed(several, "GET", SCHEDULES, arguments=ALL)
    assert several.writes() == []
    assert several.run(*ALL).code == 0
    assert several.writes() == DELETES


def test_a_write_of_an_earlier_run_is_settled(several: Stage) -> None:
    """It was made, and its maker died: it is found, and taken away."""
    several.write(MANIFESTS[2])
    killed(several, "POST", fate=Fate.DONE)
    done = several.run(*ALL, "--format", "json")
    assert (done.code, standings(done.document)) == (0, {"New": "unscheduled"})
    assert several.writes()[-1] == "DELETE New"
    assert several.run("doctor").code == 0


def test_open_writes_of_others_are_left_alone(several: Stage) -> None:
    """What is not selected is neither waited for nor touched."""
    several.write(*MANIFESTS[:1], *MANIFESTS[2:3])
    several.run("apply", "--yes", "--select", "name:Nobody*")
    killed(several, "POST", fate=Fate.DONE, arguments=("apply", "--yes", "--select", "name:New"))
    done = several.run(*HALT, "--select", "name:Soon")
    assert (done.code, several.writes()[-1]) == (0, "DELETE Soon")


def test_it_is_being_sent(stage: Stage) -> None:
    """Too late is said loudly, and what comes after it is stopped."""
    stage.world.add_campaign("Gone", lists=[list_id_of("Members")], status="EXECUTING")
    stage.write(
        manifest(
            "Gone",
            "Members",
            send_at="2027-03-01 08:59",
            resend_to_new_contacts=["2027-03-09 09:00"],
        )
    )
    done = stage.run(*ALL)
    assert (done.code, stage.writes()) == (6, [])
    assert "TOO LATE  Gone" in done.out
    assert "NOT EVERYTHING IS HALTED" in done.out
    assert '# halted: resend_to_new_contacts: ["2027-03-09 09:00"]' in text_of(stage)
    stage.world.advance(7200)
    stage.write(text_of(stage).replace("# halted: ", ""))
    assert stage.run("apply", "--yes").code == 6
    assert stage.writes() == []


def test_it_is_sent_while_it_is_halted(several: Stage) -> None:
    """Between the reading and the DELETE: nobody is told that it was stopped."""
    several.write(MANIFESTS[0])
    several.world.sleep = lambda _seconds: several.world.advance(300)
    several.fault("delay", "DELETE", seconds=1)
    done = several.run(*ALL, "--format", "json")
    assert (done.code, standings(done.document)) == (6, {"Soon": "too-late"})
    assert len(several.sent("Soon")) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "500_after", "html502"])
def test_an_unclear_answer(several: Stage, kind: str) -> None:
    """It is looked at, and decided by what is seen."""
    several.fault(kind, "DELETE")
    done = several.run(*ALL)
    assert (done.code, text_of(several)) == (0, REWRITTEN)
    assert set(several.writes()) == set(DELETES)


def test_one_cannot_be_read(several: Stage) -> None:
    """It hinders no other, and is named; its mark and its manifest say what was meant."""
    later = activity(several, "Later")
    several.write(MANIFESTS[0], f'{MANIFESTS[1]}activity: "{later}"\n')
    several.fault("500_before", "GET", f"/v3/emails/activities/{later}", times=1000)
    done = several.run(*ALL)
    assert (done.code, several.writes()) == (8, ["DELETE Soon"])
    assert "NOT HALTED  Later" in done.out
    assert "by hand" in done.out
    assert "unscheduled  # was 2027-03-09 09:00" in text_of(several)


def test_one_that_cannot_be_read_at_first(several: Stage) -> None:
    """It gets another try before anybody is alarmed."""
    path = f"/v3/emails/activities/{activity(several, 'Later')}"
    several.fault("500_before", "GET", path, times=3)
    assert (several.run(*ALL).code, sorted(several.writes())) == (0, sorted(DELETES))


def test_an_edit_between_reading_and_deleting(several: Stage) -> None:
    """Somebody changes a campaign in Constant Contact just then: it is read again, and stopped."""
    live = several.world.activities[activity(several, "Later")]
    moved = replace(live, scheduled=START + timedelta(days=5))
    path = f"/v3/emails/activities/{live.activity_id}"
    meanwhile(several, lambda: several.world.put_activity(moved), "GET", path, after=1)
    assert several.run(*ALL).code == 0
    assert sorted(several.writes()) == sorted(DELETES)
    assert not several.world.faults


def test_the_network_is_gone(several: Stage) -> None:
    """Each campaign is named, and marked all the same: by the activity, or by the name."""
    several.write(MANIFESTS[2], MANIFESTS[0])
    assert several.run("apply", "--yes", "--select", "name:New").code == 0
    several.fault("drop_before", times=10_000)
    done = several.run(*ALL, "--format", "json")
    found = {one["campaign"]: one for one in done.document["campaigns"]}
    assert done.code == 1
    assert {name: one["standing"] for name, one in found.items()} == dict.fromkeys(
        ("New", "Soon"), "not-halted"
    )
    assert {name: one["marked"] for name, one in found.items()} == {"New": True, "Soon": True}
    assert "CC502" in done.err
    several.world.faults.clear()
    several.world.advance(1)
    several.write(MANIFESTS[2].replace("Donors", "Members"))
    assert several.run("apply", "--yes").code == 6
    assert [
        one for one in several.writes() if one.startswith(("PUT New [Members]", "DELETE"))
    ] == []


@pytest.mark.parametrize(("times", "code"), [(1, 0), (9, 8)])
def test_a_refused_delete(several: Stage, times: int, code: int) -> None:
    """Constant Contact says no, once or for good: then it is named, and the others are halted."""
    path = f"/v3/emails/activities/{activity(several, 'Later')}/schedules"
    several.fault("refuse", "DELETE", path, times=times)
    done = several.run(*ALL)
    assert (done.code, "NOT HALTED  Later" in done.out) == (code, code == 8)
    assert several.effects()[:2] == DELETES[:2]


def test_nobody_knows_what_became_of_it(several: Stage) -> None:
    """The answer was lost, and the account cannot be read any more: exit 10, loudly."""
    several.write(MANIFESTS[1])
    path = f"/v3/emails/activities/{activity(several, 'Later')}"
    several.fault("drop_after", "DELETE")
    several.fault("500_before", "GET", path, after=2, times=1000)
    done = several.run(*ALL)
    assert (done.code, several.writes()) == (10, ["DELETE Later"])
    assert "OUTCOME UNKNOWN  Later" in done.out
    several.world.faults.clear()
    assert (several.run(*ALL).code, several.writes()) == (0, ["DELETE Later"])


def test_the_listing_cannot_be_read(several: Stage) -> None:
    """Nothing is known of any campaign but what its manifest says."""
    several.fault("500_before", "GET", "/v3/emails", times=1000)
    done = several.run(*ALL, "--format", "json")
    assert (done.code, several.writes()) == (1, [])
    assert standings(done.document) == {
        "Soon": "not-halted",
        "Later": "not-halted",
        "New": "not-halted",
        "Again": "not-halted",
        "Past": "over",
        "Off": "over",
    }
    assert "unscheduled  # was 2027-03-09 09:00" in text_of(several)


@pytest.mark.parametrize(
    "misfit",
    [
        {"type_code": 57},
        {"status": "SCHEDULED", "scheduled": None},
    ],
    ids=["an A/B test", "a contradiction"],
)
def test_what_ccops_may_not_touch(stage: Stage, misfit: dict[str, object]) -> None:
    """It is told that it was not halted; a person is needed."""
    stage.world.add_campaign(
        "Odd", **{"lists": [list_id_of("Members")], "scheduled": START + timedelta(days=8)} | misfit
    )
    stage.write(manifest("Odd", "Members", send_at="2027-03-09 09:00"))
    done = stage.run(*ALL)
    assert (done.code, stage.writes()) == (6, [])
    assert "NOT HALTED  Odd" in done.out
    assert stage.run(*HALT, "--dry-run").code == 6


def test_a_name_that_nobody_has(stage: Stage) -> None:
    """A slip in a name must not pass for a campaign that is stopped."""
    stage.write(manifest("Sprnig", "Members", send_at="2027-03-09 09:00"))
    done = stage.run(*ALL)
    assert (done.code, "NOT HALTED  Sprnig" in done.out) == (6, True)


def test_a_campaign_that_was_deleted(stage: Stage) -> None:
    """Nothing of it can go out."""
    pin = stage.world.add_campaign("Gone", scheduled=None)
    stage.world.trash_campaign(pin.campaign_id)
    stage.write(manifest("Gone", "Members", send_at="2027-03-09 09:00", activity=pin.activity_id))
    assert (stage.run(*ALL).code, stage.writes()) == (0, [])


def test_a_pinned_campaign(stage: Stage) -> None:
    """The pin is enough to find it."""
    pin = stage.world.add_campaign(
        "Fall", lists=[list_id_of("Members")], scheduled=START + timedelta(days=8)
    )
    stage.write(manifest("Fall", "Members", send_at="2027-03-09 09:00", activity=pin.activity_id))
    assert (stage.run(*ALL).code, stage.writes()) == (0, ["DELETE Fall"])


def test_another_account(several: Stage) -> None:
    """The login is somebody else's: nothing is written there."""
    text = (several.folder / "ccops.yaml").read_text("utf-8")
    own = several.world.encoded_account_id
    (several.folder / "ccops.yaml").write_text(text.replace(own, "another"), "utf-8")
    done = several.run(*ALL)
    assert (done.code, several.writes()) == (4, [])
    assert "CC310" in done.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(several: Stage, number: signal.Signals, code: int) -> None:
    """What was begun is finished, what was not is named, and the next halt does the rest."""
    with window(several, "DELETE", fate=Fate.DONE) as opened:
        process = several.start(*ALL)
        opened.wait()
        process.send_signal(number)
    done = finish(process)
    assert (done.code, several.writes()) == (code, DELETES[:1])
    assert "NOT HALTED  Later" in done.out
    assert several.run(*ALL).code == 0
    assert sorted(several.writes()) == sorted(DELETES)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text(MANIFESTS[0].replace("Members", "Donors"), "utf-8"),
        lambda path: path.write_text("campaign: [", "utf-8"),
        lambda path: path.unlink(),
        lambda path: (path.rename(path.with_name("x")), path.symlink_to(path.with_name("x"))),
        lambda path: path.chmod(0o444),
    ],
    ids=["changed", "broken", "removed", "a link", "read-only"],
)
def test_a_manifest_that_cannot_be_rewritten(
    several: Stage, spoil: Callable[[Path], object]
) -> None:
    """The campaign is stopped all the same; the line to write by hand is printed."""
    several.write(MANIFESTS[0])
    path = several.folder / "campaigns" / "one.yaml"
    before: list[bytes] = []

    def spoiled() -> None:
        spoil(path)
        before.append(path.read_bytes() if path.exists() else b"")

    meanwhile(several, spoiled, "DELETE")
    done = several.run(*ALL)
    assert (done.code, several.writes()) == (0, ["DELETE Soon"])
    assert "NOT REWRITTEN  Soon" in done.out
    assert "send_at: unscheduled  # was Mon 2027-03-01 09:02 America/New_York" in done.out
    assert [path.read_bytes() if path.exists() else b""] == before
    assert sorted(one.name for one in path.parent.iterdir() if one.name[0] == ".") == []


def test_one_of_a_file_cannot_be_rewritten(several: Stage) -> None:
    """The others in the file are."""
    odd = "campaign: Later\nrecipients: {lists: [Members]}\nsend_at: >-\n  2027-03-09 09:00\n"
    several.write(MANIFESTS[0], odd, MANIFESTS[2])
    done = several.run(*ALL)
    assert (done.code, "NOT REWRITTEN  Later" in done.out) == (0, True)
    assert text_of(several).count("unscheduled  # was") == 2
    assert odd in text_of(several)


def test_permissions_of_a_manifest_stay(several: Stage) -> None:
    """A file that only its owner may read does not become everybody's."""
    path = several.folder / "campaigns" / "one.yaml"
    path.chmod(0o600)
    several.run(*ALL)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_fresh_store_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's request may come late: after the settle time it is taken away as well."""
    with on_stage(tmp_path / "workspace", furnished()) as stage:
        workspace(stage.folder, stage.world, settle="90 seconds")
        stage.write(MANIFESTS[2], MANIFESTS[1])
        slept: list[float] = []
        posted: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if seconds == 1.0 and sum(slept) > 60 and not posted:
                posted.append(seconds)
                new = stage.world.activities[activity(stage, "New")]
                donors, at = (list_id_of("Donors"),), START + timedelta(days=9)
                stage.world.put_activity(
                    replace(new, status="SCHEDULED", scheduled=at, contact_list_ids=donors)
                )

        for name, value in stage.environment.items():
            monkeypatch.setenv(name, value)
        with reading(stage.folder, stage.url) as session:
            report = halt(session, select=(), reason="x", tell=lambda _: None, sleep=sleep)
        assert stage.writes() == ["DELETE Later", "DELETE New"]
        assert [one.standing for one in report.campaigns] == ["unscheduled", "unscheduled"]
        assert sum(one for one in slept if one == 1.0) == 90
