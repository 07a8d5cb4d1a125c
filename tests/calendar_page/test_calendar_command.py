"""`ccops calendar`: from an account or a saved plan, in three formats, and never writing."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Done, Stage, account, manifest, on_stage

MEMBERS = list_id_of("Members")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A draft that is to be scheduled with a resend, a campaign scheduled, one that is nobody's."""
    with on_stage(tmp_path / "workspace", account()) as stage:
        stage.world.add_campaign("Spring", subject="What grows in March")
        ahead = START + timedelta(days=3)
        stage.world.add_campaign("Held", lists=[MEMBERS], scheduled=ahead)
        stage.world.add_campaign("Stranger", lists=[MEMBERS], scheduled=ahead)
        resend = {"resend_to_new_contacts": ["Fri 2027-03-12 09:00"]}
        stage.write(
            manifest("Spring", "Members", send_at="Tue 2027-03-09 09:00", **resend),
            manifest("Held", "Members", send_at="Thu 2027-03-04 09:00"),
            manifest("Gone", "Members", send_at="Mon 2027-03-29 09:00"),
        )
        stage.world.add_campaign("Gone")
        yield stage


def test_a_fortnight_of_the_account(stage: Stage) -> None:
    """What is held, what the plan brings, what waits, what is nobody's, and what comes later."""
    done = stage.run("calendar")
    assert (done.code, done.err, stage.writes()) == (0, "", [])
    for words in (
        "Thursday 4 March, in 3 days\n  09:00 EST (14:00 UTC)  = Held\n      Scheduled:",
        "Tuesday 9 March, in 8 days\n  09:00 EST (14:00 UTC)  @ Spring\n      Planned:",
        "Friday 12 March, in 11 days\n  09:00 EST (14:00 UTC)  > Spring\n      Waiting:",
        "no manifest names it (its time is not known here)\n  Stranger\n",
        "1 send after these days stands in the plan",
    ):
        assert words in done.out


def test_the_days_that_were_asked_for(stage: Stage) -> None:
    """From a day on, for weeks and days."""
    assert "Mon 1 Mar to Sun 28 Mar 2027" in stage.run("calendar", "--weeks", "4").out
    assert "Mon 1 Mar to Wed 3 Mar 2027" in stage.run("calendar", "--days", "3").out
    done = stage.run("calendar", "--from", "2027-03-20", "--weeks", "1", "--days", "3")
    assert "Sat 20 Mar to Mon 29 Mar 2027" in done.out
    assert "Monday 29 March, in 28 days" in done.out
    assert "Spring" not in done.out


def test_a_selection_is_called_one(stage: Stage) -> None:
    """A part of a calendar must not look like the whole."""
    done = stage.run("calendar", "--select", "name:Spring")
    assert "only name:Spring" in done.out
    assert "Held" not in done.out


def test_every_format_in_one_run(stage: Stage) -> None:
    """Text on stdout, a page and a calendar in files, each as if it were asked for alone."""
    done = stage.run(
        "calendar", "--out", "html=c.html", "--out", "ics=c.ics", "--out", "text=c.txt"
    )
    assert done.out == (stage.folder / "c.txt").read_text("utf-8")
    page = (stage.folder / "c.html").read_text("utf-8")
    assert page == stage.run("calendar", "--format", "html").out
    events = Calendar.from_ical((stage.folder / "c.ics").read_bytes()).walk("VEVENT")
    found = [(str(one["summary"]), str(one["status"])) for one in events]
    assert found == [
        ("Scheduled: Held", "CONFIRMED"),
        ("Planned: Spring", "TENTATIVE"),
        ("Waiting: Spring", "TENTATIVE"),
    ]
    assert (
        stage.run("calendar", "--format", "ics").out.encode()
        == (stage.folder / "c.ics").read_bytes()
    )


def saved(stage: Stage) -> tuple[Stage, str]:
    """A saved plan, and a place without workspace, login or account."""
    stage.run("plan", "--save", "plan.json")
    elsewhere = stage.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "plan.json").write_bytes((stage.folder / "plan.json").read_bytes())
    alone = {"PYTHONIOENCODING": "utf-8", "CCOPS_BASE_URL": "http://127.0.0.1:9"}
    return Stage(folder=elsewhere, world=stage.world, url="", environment=alone), "plan.json"


def test_a_saved_plan_needs_no_login(stage: Stage) -> None:
    """The calendar of a plan is the one that was made with it."""
    live = stage.run("calendar").out
    asked = len(stage.world.requests)
    alone, file = saved(stage)
    before = len(stage.world.requests)
    done = alone.run("calendar", file)
    assert (done.code, done.out) == (0, live)
    assert len(stage.world.requests) == before > asked
    assert not (alone.folder / ".state").exists()


def test_a_saved_plan_that_was_changed_is_refused(stage: Stage) -> None:
    """A calendar of a forged plan would deceive whoever reads it."""
    alone, file = saved(stage)
    text = (alone.folder / file).read_text("utf-8")
    (alone.folder / file).write_text(text.replace("Spring", "Sprung"), "utf-8")
    done = alone.run("calendar", file)
    assert (done.code, done.out) == (7, "")
    assert "CC604" in done.err


@pytest.mark.parametrize("flag", [("--select", "name:Spring"), ("--locked",)])
def test_what_is_frozen_in_a_saved_plan_cannot_be_given(
    stage: Stage, flag: tuple[str, ...]
) -> None:
    """It would be ignored otherwise."""
    alone, file = saved(stage)
    done = alone.run("calendar", file, *flag)
    assert (done.code, "CC612" in done.err) == (3, True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--from", "Monday"), "Invalid value for '--from'"),
        (("--weeks", "0.5"), "Invalid value for '--weeks'"),
        (("--days", "-1"), "Invalid value for '--days'"),
        (("--format", "pdf"), "Invalid value for '--format'"),
        (("--out", "pdf=x"), "CC281"),
        (("--out", "html"), "CC281"),
        (("--out", "html=no/such/folder"), "CC280"),
    ],
)
def test_wrong_usage(stage: Stage, wrong: tuple[str, ...], said: str) -> None:
    """Refused with the reason."""
    done = stage.run("calendar", *wrong)
    assert (done.code, said in done.err) == (3, True)


@pytest.mark.parametrize(
    ("form", "library", "module"),
    [("html", "jinja2", "ccops.render.html"), ("ics", "icalendar", "ccops.render.ics")],
)
def test_without_the_extra(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, form: str, library: str, module: str
) -> None:
    """The message names what to install; text works all the same."""
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    done = stage.run("calendar", "--format", form)
    assert (done.code, done.out) == (3, "")
    assert "CC224" in done.err
    assert "pip install 'ccops[html]'" in done.err
    assert stage.run("calendar").code == 0


LOADED = """
import sys
from ccops import cli
code = cli.run(["calendar", "plan.json", "--format", sys.argv[1]])
print(*sys.modules, sep="\\n", file=sys.stderr)
sys.exit(code)
"""


def loaded(alone: Stage, form: str) -> Done:
    command = [sys.executable, "-c", LOADED, form]
    done = subprocess.run(command, cwd=alone.folder, capture_output=True, text=True, check=False)
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def test_a_format_loads_only_what_it_needs(stage: Stage) -> None:
    """Text needs neither library, and no calendar of a saved plan opens a connection."""
    alone, _ = saved(stage)
    needs = {"text": set(), "html": {"jinja2"}, "ics": {"icalendar"}}
    for form, wanted in needs.items():
        done = loaded(alone, form)
        found = set(done.err.splitlines())
        assert done.code == 0
        assert found & {"jinja2", "icalendar"} == wanted


def test_it_shows_the_halted(stage: Stage) -> None:
    """A campaign that somebody stopped needs a person, and is called off in calendars."""
    stage.run("halt", "--select", "name:Held", "--reason", "wrong list", "--yes")
    stage.write(manifest("Held", "Members", send_at="Thu 2027-03-04 09:00"))
    done = stage.run("calendar", "--out", "ics=c.ics")
    assert "Needs a person" in done.out
    (one,) = Calendar.from_ical((stage.folder / "c.ics").read_bytes()).walk("VEVENT")
    assert (str(one["summary"]), str(one["status"])) == ("Needs a person: Held", "CANCELLED")
