"""`ccops drift` against the sandbox: what somebody did by hand, found by readings alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ccops.sandbox.ids import activity_id_of, campaign_id_of, list_id_of
from ccops.sandbox.records import Activity
from ccops.session.drifted import drift
from ccops.session.wiring import reading
from tests.e2e.stage import START, TOKEN, Stage, manifest, on_stage, workspace
from tests.e2e.window import Fate, killed
from tests.laws.accounts import ACCOUNTS, Found, Wanted, furnished, manifests
from tests.project.pure_core import ROOT
from tests.selecting.test_changed_since import git

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MARCH_9 = "Tue 2027-03-09 09:00"
AT_9 = START + 8 * DAY
MEMBERS, BOARD = list_id_of("Members"), list_id_of("Board")
CHANGED, MISSING = "changed-in-constant-contact", "declared-but-missing"
UNMANAGED = "scheduled-but-not-in-git"


@pytest.fixture
def applied(stage: Stage) -> Stage:
    """Two campaigns, applied for March 9."""
    for name in ("Spring", "Summer"):
        stage.world.add_campaign(name)
    declare(stage)
    assert stage.run("apply", "--yes").code == 0
    return stage


def declare(stage: Stage, **more: Any) -> None:
    """Write both manifests; what is given changes the first."""
    spring = {"send_at": MARCH_9, **more}
    stage.write(
        manifest("Spring", "Members", **spring), manifest("Summer", "Members", send_at=MARCH_9)
    )


def activity(stage: Stage, name: str = "Spring") -> Activity:
    return stage.world.activities[activity_id_of(name)]


def change(stage: Stage, name: str = "Spring", **values: Any) -> None:
    """Somebody edits a campaign in Constant Contact."""
    stage.world.put_activity(replace(activity(stage, name), **values))


def found(stage: Stage, *flags: str) -> tuple[int, list[tuple[str, str]]]:
    """Look for drift; return the exit code, and each campaign that is not in sync."""
    stage.world.log.clear()
    done = stage.run("drift", "--format", "json", "--detailed-exitcode", *flags)
    assert {one.method for one in stage.world.requests} <= {"GET"}
    assert done.document["exit_code"] == done.code
    return done.code, [(one["campaign"], one["state"]) for one in done.document["items"]]


def test_after_an_apply_there_is_none(applied: Stage) -> None:
    """Nor when it was sent, nor later."""
    assert found(applied) == (0, [])
    for hours in (1, 24 * 7, 24 * 30):
        applied.world.move_to(AT_9 + hours * HOUR)
        assert found(applied) == (0, [])
    assert "No drift. 2 campaigns: 2 in sync." in applied.run("drift").out


def moved(stage: Stage) -> None:
    change(stage, scheduled=AT_9 + DAY)


def unscheduled(stage: Stage) -> None:
    change(stage, status="DRAFT", scheduled=None)


def to_others(stage: Stage) -> None:
    change(stage, contact_list_ids=(BOARD,))


def rewritten(stage: Stage) -> None:
    change(stage, subject="Gift guide!!")


def from_another(stage: Stage) -> None:
    change(stage, from_name="Somebody")


def trashed(stage: Stage) -> None:
    stage.world.trash_campaign(campaign_id_of("Spring"))


def renamed(stage: Stage) -> None:
    campaign = stage.world.campaigns[campaign_id_of("Spring")]
    stage.world.put_campaign(replace(campaign, name="Spring (final)"))


def sent_by_hand(stage: Stage) -> None:
    change(stage, scheduled=START + HOUR)
    stage.world.advance(2 * 3600)


def being_sent_by_hand(stage: Stage) -> None:
    stage.world.set_switch("send_seconds", 3600)
    change(stage, scheduled=START + HOUR)
    stage.world.advance(3600 + 60)


EDITS: dict[Callable[[Stage], None], tuple[str, str, str]] = {
    moved: (CHANGED, "send_at", "2027-03-10T14:00:00Z"),
    unscheduled: (CHANGED, "send_at", "None"),
    to_others: (CHANGED, "recipients", "Board"),
    rewritten: (CHANGED, "content", "Gift guide!!"),
    from_another: (CHANGED, "content", "Somebody"),
    trashed: (MISSING, "send_at", "no such campaign"),
    renamed: (CHANGED, "campaign", "Spring (final)"),
    sent_by_hand: (CHANGED, "sends", "sent on Mon 2027-03-01 10:00 America/New_York to 6 contacts"),
    being_sent_by_hand: (CHANGED, "send_at", "being sent now"),
}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_by_hand_is_one_drift(applied: Stage, edit: Callable[[Stage], None]) -> None:
    """Exactly one, of the right class, with its manifest's place, its sides and a way out."""
    edit(applied)
    state, name, live = EDITS[edit]
    done = applied.run("drift", "--format", "json", "--detailed-exitcode")
    document = done.document
    (one,) = document["items"]
    (field,) = [one for one in one["fields"] if one["field"] == name]
    assert (done.code, one["campaign"], one["state"]) == (2, "Spring", state)
    assert (one["file"], one["line"], one["base"]) == ("campaigns/one.yaml", 1, "journal")
    assert live in str(field["live"])
    assert field["changed_by"] == "constant-contact"
    assert one["todo"]
    assert one["found"]
    assert (document["drift"], document["counts"][state], document["counts"]["in-sync"]) == (
        1,
        1,
        1,
    )
    assert applied.run("drift").code == 0


@pytest.mark.parametrize("edit", [moved, to_others])
def test_an_apply_puts_it_back(applied: Stage, edit: Callable[[Stage], None]) -> None:
    """As its way out says; and a manifest that says what is live is in sync, too."""
    edit(applied)
    assert applied.run("apply", "--yes").code == 0
    assert found(applied) == (0, [])
    edit(applied)
    lists = ["Board" if edit is to_others else "Members"]
    send_at = MARCH_9 if edit is to_others else "Wed 2027-03-10 09:00"
    declare(applied, send_at=send_at, recipients={"lists": lists})
    assert found(applied) == (0, [])


def test_another_content_is_approved_by_another_time(applied: Stage) -> None:
    """What was applied then is the email as it was seen then."""
    rewritten(applied)
    declare(applied, send_at="Tue 2027-03-09 09:30")
    assert found(applied) == (2, [("Spring", CHANGED)])
    assert applied.run("apply", "--yes").code == 0
    assert found(applied) == (0, [])


@pytest.mark.parametrize(
    "edit",
    [
        {"send_at": "Wed 2027-03-10 09:00"},
        {"send_at": "unscheduled"},
        {"recipients": {"lists": ["Board"]}},
        {"resend_to_new_contacts": ["Wed 2027-03-17 09:00"]},
        {"tags": ["late"]},
    ],
)
def test_an_edit_of_the_manifest_is_none(applied: Stage, edit: dict[str, Any]) -> None:
    """It is not applied yet, which is told apart, and in sync after an apply."""
    declare(applied, **edit)
    code, items = found(applied)
    assert code == 0
    assert {state for _, state in items} <= {"not-applied-yet"}
    assert applied.run("apply", "--yes").code == 0
    assert found(applied) == (0, [])


def test_git_and_somebody_else(applied: Stage) -> None:
    """Both moved: drift, and it is said that git was changed too."""
    moved(applied)
    declare(applied, send_at="Thu 2027-03-11 09:00")
    (one,) = applied.run("drift", "--format", "json").document["items"]
    (field,) = one["fields"]
    assert (one["state"], one["git_changed"], field["changed_by"]) == (CHANGED, True, "both")
    times = [field[side] for side in ("declared", "applied", "live")]
    assert times == ["2027-03-11T14:00:00Z", "2027-03-09T14:00:00Z", "2027-03-10T14:00:00Z"]


def test_scheduled_but_not_in_git(applied: Stage) -> None:
    """Its time and its recipients are read; with a selection it is not looked at, and that is said."""
    applied.world.add_campaign("Flash Sale", lists=[BOARD], scheduled=START + DAY)
    applied.world.add_campaign("A Draft")
    assert found(applied) == (2, [("Flash Sale", UNMANAGED)])
    text = applied.run("drift").out
    assert "SCHEDULED BUT NOT IN GIT  Flash Sale" in text
    assert "live      Tue 2 Mar 2027, 09:00 EST (14:00 UTC)" in text
    assert "live      Board" in text
    assert found(applied, "--select", "name:Spring") == (0, [])
    partial = applied.run("drift", "--select", "name:Spring").out
    assert "campaigns that no manifest names were not looked at" in partial


def test_a_manifest_that_was_removed(applied: Stage) -> None:
    """What ccops scheduled for it is still scheduled."""
    applied.write(manifest("Summer", "Members", send_at=MARCH_9))
    assert found(applied) == (2, [("Spring", UNMANAGED)])
    assert "ccops scheduled it, so its manifest was removed" in applied.run("drift").out


def test_a_stranger_that_goes_while_it_is_looked_at(applied: Stage) -> None:
    """Sent or deleted between two readings: it is not scheduled any more."""
    strange = applied.world.add_campaign("Flash Sale", lists=[BOARD], scheduled=START + HOUR)
    other = applied.world.add_campaign("Other Sale", lists=[BOARD], scheduled=START + HOUR)
    paths = (f"/v3/emails/{strange.campaign_id}", f"/v3/emails/activities/{other.activity_id}")
    applied.fault("delay", "GET", paths[0])
    applied.world.sleep = lambda _: applied.world.trash_campaign(strange.campaign_id)
    applied.fault("delay", "GET", paths[1])
    assert found(applied) == (2, [("Other Sale", UNMANAGED)])
    applied.fault("delay", "GET", paths[1])
    applied.world.sleep = lambda _: applied.world.trash_campaign(other.campaign_id)
    assert found(applied) == (0, [])


def test_without_a_journal(applied: Stage) -> None:
    """It cannot be told who changed what, and that is said; what is as declared is in sync."""
    elsewhere = {**applied.environment, "CCOPS_STATE_DIR": str(applied.folder / ".other")}
    other = replace(applied, environment=elsewhere)
    assert found(other) == (0, [])
    moved(applied)
    assert found(other) == (2, [("Spring", CHANGED)])
    document = other.run("drift", "--format", "json").document
    assert (document["items"][0]["base"], document["store_is_new"]) == ("unknown", True)
    text = other.run("drift").out
    assert "cannot be told whether git or Constant Contact changed" in text
    assert "No run ever recorded anything in this store" in text


def test_what_a_person_halted(applied: Stage) -> None:
    """No drift, but told; the other way round somebody schedules it again by hand."""
    assert applied.run("halt", "--reason", "the link", "--select", "name:Spring").code == 0
    declare(applied)
    assert found(applied) == (0, [("Spring", "halted")])
    assert (
        "halted it on Mon 2027-03-01 09:00 America/New_York: the link" in applied.run("drift").out
    )
    change(applied, status="SCHEDULED", scheduled=AT_9)
    assert found(applied) == (6, [("Spring", "needs-person")])
    change(applied, scheduled=AT_9 + HOUR)
    assert found(applied) == (2, [("Spring", CHANGED)])


def test_an_open_write(stage: Stage) -> None:
    """A run that was killed in the middle: exit 10, until an apply settles it."""
    stage.world.add_campaign("Spring", lists=[MEMBERS])
    stage.write(manifest("Spring", "Members", send_at=MARCH_9))
    killed(stage, "POST", "*/schedules", fate=Fate.LATE)
    assert found(stage) == (10, [("Spring", "outcome-unknown")])
    assert stage.run("apply", "--yes").code == 0
    assert found(stage) == (0, [])


def test_what_cannot_be_judged(applied: Stage) -> None:
    """A status that ccops does not know: exit 6, never "no drift"."""
    change(applied, status="PAUSED", scheduled=None)
    assert found(applied) == (6, [("Spring", "needs-person")])
    assert "No drift" not in applied.run("drift").out


def test_a_campaign_that_was_never_there(stage: Stage) -> None:
    """Nor is it in the journal."""
    stage.write(manifest("Nowhere", "Members", send_at=MARCH_9))
    assert found(stage) == (2, [("Nowhere", MISSING)])


@pytest.mark.parametrize(
    ("fault", "path", "code"),
    [
        ("html", "/v3/emails/activities/*", 1),
        ("500", "/v3/emails", 1),
        ("429 quota_exceeded", "*/schedules", 5),
        ("expire_token", "/v3/emails/activities/*", 4),
    ],
)
def test_an_account_that_cannot_be_read_is_never_no_drift(
    applied: Stage, fault: str, path: str, code: int
) -> None:
    """Nothing is told of it."""
    applied.world.add_token(TOKEN)
    applied.fault(fault, "GET", path, times=9)
    done = applied.run("drift", "--detailed-exitcode")
    assert (done.code, done.out) == (code, "")


def test_a_stranger_that_cannot_be_read(applied: Stage) -> None:
    """That, too, ends the run."""
    strange = applied.world.add_campaign("Flash Sale", lists=[BOARD], scheduled=START + DAY)
    applied.fault("500", "GET", f"/v3/emails/{strange.campaign_id}", times=9)
    assert applied.run("drift").code == 1


@pytest.mark.parametrize(
    "selectors",
    [("sends<48h",), ("state:missed",), ("sends<48h", "name:Spring"), ("changed:HEAD",)],
    ids=" ".join,
)
def test_a_day_on_which_nothing_is_selected(applied: Stage, selectors: tuple[str, ...]) -> None:
    """The hour, the account and git may leave nothing of what is there: then nothing drifted."""
    git(applied.folder, "init", "--quiet")
    git(applied.folder, "add", "campaigns", "ccops.yaml")
    git(applied.folder, "commit", "--quiet", "-m", "one")
    moved(applied)
    flags = [word for one in selectors for word in ("--select", one)]
    assert found(applied, *flags) == (0, [])
    done = applied.run("drift", "--format", "json", *flags).document
    assert (done["complete"], done["selection"]) == (False, list(selectors))
    said = applied.run("drift", "--detailed-exitcode", *flags)
    assert (said.code, said.err) == (0, "")
    assert "No drift. 0 campaigns: none is selected now.\nExit code 0: no drift." in said.out


@pytest.mark.parametrize("lasting", ["name:Nobody", "tag:x", "file:x/*", "list:Zebra"])
def test_what_the_hour_cannot_mend_is_a_mistake_on_every_day(applied: Stage, lasting: str) -> None:
    """A misspelt name beside it would never match anything."""
    done = applied.run("drift", "--select", "sends<48h", "--select", lasting)
    assert (done.code, done.out, "CC287" in done.err) == (3, "", True)
    assert f"no manifest matches {lasting}" in done.err


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--select", "name:Nobody"), 3, "CC287"),
        (("--locked",), 3, "CC325"),
        (("--out", "pdf=x"), 3, "CC281"),
        (("--save", "plan.json"), 3, "No such option"),
        (("--allow", "send-now=Spring"), 3, "No such option"),
    ],
)
def test_a_wrong_command_line(
    applied: Stage, flags: tuple[str, ...], code: int, words: str
) -> None:
    """There is nothing to save and nothing to permit."""
    done = applied.run("drift", *flags)
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_with_a_lock(applied: Stage) -> None:
    """Pins hold as in a plan: a name that leads elsewhere is exit 6, and drift is found by id."""
    assert applied.run("lock").code == 0
    assert found(applied, "--locked") == (0, [])
    moved(applied)
    assert found(applied, "--locked") == (2, [("Spring", CHANGED)])
    renamed(applied)
    done = applied.run("drift", "--locked")
    assert (done.code, done.out) == (6, "")
    assert "CC321" in done.err


def test_apply_refuses_it(applied: Stage) -> None:
    """Written as JSON, it is no plan: exit 7, and nothing is written."""
    moved(applied)
    out = ("--out", "json=drift.json", "--out", "text=drift.txt", "--out", "markdown=drift.md")
    assert applied.run("drift", *out).code == 0
    applied.world.log.clear()
    for command in (("apply", "drift.json", "--yes"), ("show", "drift.json")):
        done = applied.run(*command)
        assert (done.code, "CC604" in done.err) == (7, True)
    assert applied.writes() == []
    document = json.loads((applied.folder / "drift.json").read_text("utf-8"))
    assert (document["kind"], document["applyable"]) == ("drift", False)
    assert "CHANGED IN CONSTANT CONTACT  Spring" in (applied.folder / "drift.txt").read_text()
    assert "`Spring`" in (applied.folder / "drift.md").read_text()


def test_right_after_an_apply_it_waits(applied: Stage) -> None:
    """A reading is trusted only so long after the last write; never longer than that."""
    workspace(applied.folder, applied.world, read_lag="5 seconds")
    slept: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in applied.environment.items():
            patch.setenv(name, value)
        with reading(applied.folder, applied.url) as session:
            drift(session, select=(), sleep=slept.append)
        applied.world.advance(60)
        with reading(applied.folder, applied.url) as session:
            drift(session, select=(), sleep=slept.append)
    assert len(slept) == 1
    assert 0 < slept[0] <= 5


def test_a_run_that_writes_meanwhile(applied: Stage) -> None:
    """Its campaign cannot be judged: the reading and the journal are of different times."""
    applied.fault("delay", "GET", f"*/{activity_id_of('Spring')}")

    def meanwhile(_: float) -> None:
        declare(applied, send_at="Wed 2027-03-10 09:00")
        assert applied.process("apply", "--yes").code == 0

    applied.world.sleep = meanwhile
    done = applied.run("drift", "--format", "json")
    assert [one["state"] for one in done.document["items"]] == ["needs-person"]
    assert done.code == 6
    assert found(applied) == (0, [])


def test_it_costs_a_plan_and_little_more(applied: Stage) -> None:
    """Three requests more for each campaign without a manifest; names only where they are told."""
    applied.world.log.clear()
    applied.run("plan")
    plan = len(applied.world.requests)
    applied.world.log.clear()
    applied.run("drift")
    assert len(applied.world.requests) == plan
    applied.world.add_campaign("Flash Sale", lists=[BOARD], scheduled=START + DAY)
    applied.world.log.clear()
    applied.run("drift")
    assert len(applied.world.requests) == plan + 3 + 1


@settings(
    max_examples=6,
    phases=set(Phase) - {Phase.explain, Phase.shrink},
    suppress_health_check=[HealthCheck.too_slow],
)
@given(account=ACCOUNTS, wanted=manifests(now=False))
def test_what_was_applied_is_never_drift(
    account: tuple[Found, ...], wanted: tuple[Wanted, ...]
) -> None:
    """In any account: no campaign that an apply brought about, now or a week later."""
    world = furnished(account)
    with TemporaryDirectory() as folder, on_stage(Path(folder), world) as stage:
        stage.write(*(one.text for one in wanted))
        results = stage.run("apply", "--yes", "--format", "json").document["results"]
        done = {one["campaign"] for one in results if one["ending"] == "done"}
        for _ in range(2):
            told = stage.run("drift", "--format", "json").document["items"]
            drifted = {one["campaign"] for one in told if one["is_drift"]}
            assert drifted.isdisjoint(done)
            world.advance(7 * 24 * 3600)


def test_hostile_names_stay_in_their_place(stage: Stage) -> None:
    """A campaign's name commands no log, mentions nobody and makes no image."""
    name = "##[error] `@octocat` <img src=x> | ::set-output"
    stage.world.add_campaign(name, scheduled=AT_9, lists=[MEMBERS])
    stage.write(manifest("Nowhere", "Members", send_at=MARCH_9))
    runs = [stage.run("drift", "--format", form) for form in ("text", "markdown", "json")]
    assert all("##[" not in one.out for one in runs)
    assert "``# #[error] `@octocat` <img src=x> | ::set-output``" in runs[1].out
    assert name in {one["campaign"] for one in runs[2].document["items"]}


def test_a_process_of_its_own(applied: Stage) -> None:
    """As a nightly run starts it; help shows how."""
    moved(applied)
    done = applied.process("drift", "--detailed-exitcode")
    assert (done.code, "CHANGED IN CONSTANT CONTACT  Spring" in done.out) == (2, True)
    assert "Examples:" in applied.run("drift", "--help").out


def test_the_page_shows_what_is_printed(stage: Stage) -> None:
    """The example in docs/drift.md, line by line, but for what depends on the machine."""
    for name in ("Spring Newsletter", "Gala Invitation", "Members' Letter"):
        stage.world.add_campaign(name)

    def declared(gala: str) -> None:
        sends = {"spring": MARCH_9, "gala": gala, "letter": "Mon 2027-03-15 09:00"}
        names = {"spring": "Spring Newsletter", "gala": "Gala Invitation"}
        for file, when in sends.items():
            name = names.get(file, "Members' Letter")
            stage.write(manifest(name, "Members", send_at=when), name=f"{file}.yaml")

    declared("Fri 2027-03-12 09:00")
    assert stage.run("apply", "--yes").code == 0
    stage.world.advance(3 * 24 * 3600)
    stage.world.add_campaign("Flash Sale", lists=[list_id_of("Donors")], scheduled=START + 5 * DAY)
    change(stage, "Spring Newsletter", scheduled=AT_9 + 6 * HOUR)
    declared("Fri 2027-03-12 10:00")
    page = (ROOT / "docs" / "drift.md").read_text("utf-8")
    shown = page.partition("$ ccops drift\n")[2].partition("```")[0].splitlines()
    printed = stage.run("drift").out.splitlines()
    varying = ("Account ", "Made with ")
    assert [one for one in printed if not one.startswith(varying)] == [
        one for one in shown if not one.startswith(varying)
    ]
