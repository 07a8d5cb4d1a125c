"""`ccops plan --refresh`: how much is read, what is kept for the next time, and what is said."""

import json
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.manifest.lockfile import CampaignPin, Lock, write_lock
from ccops.sandbox.ids import activity_id_of, campaign_id_of, list_id_of
from ccops.session.cached import CACHE_FILE, MAX_CACHE_BYTES
from ccops.session.offline import offline_plan
from tests.e2e.stage import START, Done, Stage, manifest
from tests.refresh.worlds import edit

MEMBERS = list_id_of("Members")
MARCH_9 = "Tue 2027-03-09 09:00"
FEBRUARY_28 = "Sun 2027-02-28 09:00"
DAY = timedelta(days=1)
OLD = START - 30 * DAY
FORMATS = ("text", "json", "markdown")
MODES = ("full", "changed", "none")
LOCK = write_lock(
    Lock(
        account="sandbox000001",
        campaigns={
            name: CampaignPin(campaign_id=campaign_id_of(name), activity_id=activity_id_of(name))
            for name in ("Ahead", "Draft", "Idle", "Sent")
        },
        lists={"Members": MEMBERS},
    )
)


@pytest.fixture
def furnished(stage: Stage) -> Stage:
    """A draft to be scheduled, one that is as it is wanted, one that waits, one sent, a stranger's."""
    world = stage.world
    world.add_campaign("Draft", lists=[MEMBERS], updated_at=OLD)
    world.add_campaign("Idle", lists=[MEMBERS], updated_at=OLD)
    world.add_campaign("Ahead", lists=[MEMBERS], scheduled=START + 8 * DAY, updated_at=OLD)
    world.add_campaign("Sent", lists=[MEMBERS], history=[START - DAY], updated_at=START - DAY)
    world.add_campaign("Stranger", lists=[MEMBERS], scheduled=START + 9 * DAY, updated_at=OLD)
    stage.write(
        manifest("Draft", "Members", send_at=MARCH_9),
        manifest("Idle", "Members", send_at="unscheduled"),
        manifest("Ahead", "Members", send_at=MARCH_9),
        manifest("Sent", "Members", send_at=FEBRUARY_28),
    )
    (stage.folder / "ccops.lock").write_text(LOCK, "utf-8")
    return stage


@pytest.fixture
def known(furnished: Stage) -> Stage:
    """The same, an hour after a full plan."""
    assert furnished.run("plan").code == 0
    furnished.world.advance(3_600)
    furnished.world.log.clear()
    return furnished


def cache(stage: Stage) -> Path:
    return stage.folder / CACHE_FILE


def refreshed(stage: Stage, mode: str, *more: str) -> Done:
    return stage.run("plan", "--refresh", mode, *more)


def document(stage: Stage, mode: str, *more: str) -> dict[str, object]:
    found: dict[str, object] = refreshed(stage, mode, "--format", "json", *more).document
    return found


# What is kept.


def test_a_full_plan_leaves_a_cache_for_its_owner_alone(furnished: Stage) -> None:
    """And tells git to leave it out."""
    furnished.run("plan")
    assert stat.S_IMODE(cache(furnished).stat().st_mode) == 0o600
    assert (cache(furnished).parent / ".gitignore").read_text("utf-8") == "*\n"
    assert sorted(one.name for one in cache(furnished).parent.iterdir()) == [
        ".gitignore",
        "account.json",
    ]


def test_a_cache_holds_no_contact_no_content_and_no_token(furnished: Stage) -> None:
    """Only what a saved plan may hold, too."""
    furnished.run("plan")
    text = cache(furnished).read_text("utf-8")
    assert "@contacts.example" not in text
    assert "html" not in text.lower()
    assert furnished.environment["CCOPS_ACCESS_TOKEN"] not in text


@pytest.mark.parametrize("mode", MODES)
def test_the_same_is_planned_in_every_mode(known: Stage, mode: str) -> None:
    """With one checksum, and how it was made beside it."""
    full = document(known, "full")
    found = document(known, mode)
    assert found["checksum"] == full["checksum"]
    assert found["refresh"] == mode
    assert found["complete"] is (mode == "full")
    assert found["applyable"] is (mode != "none")


def test_a_full_plan_heals_a_cache(known: Stage) -> None:
    """It takes nothing over from the one before, unless it is a plan of a part."""
    document_before = json.loads(cache(known).read_text("utf-8"))
    known.run("plan", "--select", "name:Idle")
    part = json.loads(cache(known).read_text("utf-8"))
    assert len(part["readings"]) == len(document_before["readings"]) == 3
    known.write(manifest("Idle", "Members", send_at="unscheduled"))
    known.run("plan")
    assert len(json.loads(cache(known).read_text("utf-8"))["readings"]) == 1


def test_what_changed_goes_to_the_cache(known: Stage) -> None:
    """The next plan asks from there on."""
    edit(known.world, "Idle", subject="New")
    refreshed(known, "changed")
    known.world.advance(3_600)
    known.world.log.clear()
    refreshed(known, "changed")
    (asked,) = [one.query for one in known.world.requests if one.path == "/v3/emails"]
    assert asked.endswith("after_date=2027-03-01T14%3A55%3A00.000Z")


def test_what_ccops_wrote_is_read_again(known: Stage) -> None:
    """The journal has a newer word of it than the cache, whatever the listing says."""
    before = known.world.campaigns[campaign_id_of("Draft")]
    assert known.run("apply", "--yes").code == 0
    known.world.put_campaign(before)
    known.write(manifest("Draft", "Members", send_at=MARCH_9))
    found = document(known, "changed")
    assert found["status"] == "clean"


# What cannot be trusted.


def garbage(stage: Stage) -> None:
    cache(stage).write_text("{", "utf-8")


def missing(stage: Stage) -> None:
    cache(stage).unlink()


def of_another_account(stage: Stage) -> None:
    text = cache(stage).read_text("utf-8")
    cache(stage).write_text(text.replace('"id":"sandbox000001"', '"id":"other"'), "utf-8")


def of_another_version(stage: Stage) -> None:
    text = cache(stage).read_text("utf-8")
    cache(stage).write_text(text.replace('"ccops_version":"', '"ccops_version":"9'), "utf-8")


def of_another_origin(stage: Stage) -> None:
    text = cache(stage).read_text("utf-8")
    cache(stage).write_text(text.replace(stage.url, "https://api.cc.email"), "utf-8")


def edited(stage: Stage) -> None:
    text = cache(stage).read_text("utf-8")
    cache(stage).write_text(text.replace('"name":"Donors"', '"name":"Donars"'), "utf-8")


def a_link(stage: Stage) -> None:
    elsewhere = cache(stage).rename(stage.folder / "elsewhere.json")
    cache(stage).symlink_to(elsewhere)


def a_folder_that_is_a_link(stage: Stage) -> None:
    elsewhere = cache(stage).parent.rename(stage.folder / "elsewhere")
    cache(stage).parent.symlink_to(elsewhere, target_is_directory=True)


def a_folder(stage: Stage) -> None:
    missing(stage)
    cache(stage).mkdir()


def a_pipe(stage: Stage) -> None:
    missing(stage)
    os.mkfifo(cache(stage))


def huge(stage: Stage) -> None:
    with cache(stage).open("ab") as file:
        file.truncate(MAX_CACHE_BYTES + 1)


UNFIT: Mapping[Callable[[Stage], None], str] = {
    missing: "there is none yet",
    garbage: "it is no strict JSON",
    edited: "it is damaged, or ccops did not write it",
    of_another_account: "it is of another account",
    of_another_version: "it is of another version of ccops",
    of_another_origin: "it is of another API",
    a_link: "",
    a_folder_that_is_a_link: ".ccops/cache is a link, or no folder",
    a_folder: "",
    a_pipe: "it is no regular file",
    huge: "it is larger than any cache",
}


@pytest.mark.parametrize("unfit", UNFIT, ids=lambda one: one.__name__)
def test_a_cache_that_cannot_be_trusted(known: Stage, unfit: Callable[[Stage], None]) -> None:
    """Offline nothing can be said then; otherwise everything is read, and stderr says why."""
    unfit(known)
    offline = refreshed(known, "none")
    assert (offline.code, offline.out, known.world.requests) == (3, "", ())
    assert "error[CC220]: the cache .ccops/cache/account.json cannot be used: " in offline.err
    assert "run `ccops plan` once with a login to the account" in offline.err
    done = refreshed(known, "changed", "--format", "json")
    assert "note[CC220]: the cache .ccops/cache/account.json cannot be used: " in done.err
    assert UNFIT[unfit] in done.err
    assert (done.code, done.document["refresh"], done.document["complete"]) == (0, "full", True)


@pytest.mark.parametrize("unfit", [garbage, a_link])
def test_a_full_plan_puts_a_sound_cache_in_its_place(
    known: Stage, unfit: Callable[[Stage], None]
) -> None:
    """A link is replaced and never written through."""
    unfit(known)
    elsewhere = known.folder / "elsewhere.json"
    before = elsewhere.read_bytes() if elsewhere.exists() else b""
    assert known.run("plan").code == 0
    assert not cache(known).is_symlink()
    assert refreshed(known, "none").code == 0
    assert (elsewhere.read_bytes() if elsewhere.exists() else b"") == before


def test_a_folder_that_leads_elsewhere_is_not_written_to(furnished: Stage) -> None:
    """A checkout may hold a link to any place; the plan is as good without a cache."""
    elsewhere = furnished.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (furnished.folder / ".ccops").symlink_to(elsewhere, target_is_directory=True)
    done = furnished.run("plan")
    assert done.code == 0
    assert "warning[CC221]" in done.err
    assert ".ccops is a link, or no folder" in done.err
    assert [one for one in elsewhere.rglob("*") if one.is_file()] == []


def test_a_workspace_that_cannot_be_written_to_can_be_planned(furnished: Stage) -> None:
    """The warning is on stderr, and the exit code is the plan's."""
    (furnished.folder / ".ccops").write_text("", "utf-8")
    done = furnished.run("plan", "--format", "json")
    assert (done.code, done.document["status"]) == (0, "changes")
    assert "warning[CC221]: the cache .ccops/cache/account.json cannot be written" in done.err


def test_a_cache_too_large_to_be_read_again_is_not_written(
    furnished: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather none than one that is refused each time."""
    monkeypatch.setattr("ccops.session.cached.MAX_CACHE_BYTES", 100)
    done = furnished.run("plan")
    assert "it would be larger than ccops would read again" in done.err
    assert not cache(furnished).exists()


# Nothing read.


def alone(stage: Stage, folder: Path) -> Stage:
    """Somebody without a login, without a store and without the sandbox."""
    environment = {
        "CCOPS_BASE_URL": stage.url,
        "CCOPS_STATE_DIR": str(folder / "state"),
        "PYTHONIOENCODING": "utf-8",
    }
    return replace(stage, environment=environment)


def test_an_offline_plan_needs_nobody(known: Stage, tmp_path: Path) -> None:
    """No request, no login, no store: the same plan, on this machine's clock."""
    somebody = alone(known, tmp_path)
    done = refreshed(somebody, "none")
    assert (done.code, done.err.count("\n\n"), "note[CC228]" in done.err) == (0, 1, True)
    assert "@ Draft" in done.out
    assert done.out.endswith("Made with 0 requests.\n")
    assert "by this machine's clock" in done.out
    assert known.world.requests == ()
    assert not (tmp_path / "state").exists()
    assert somebody.run("plan").code == 4


def test_an_offline_plan_is_never_saved_or_applied(known: Stage) -> None:
    """Not under its own name, and not by the way of --out."""
    done = refreshed(known, "none", "--save", "plan.json")
    assert (done.code, (known.folder / "plan.json").exists()) == (3, False)
    assert "error[CC223]" in done.err
    assert refreshed(known, "none", "--out", "json=plan.json").code == 0
    applied = known.run("apply", "plan.json", "--yes")
    assert (applied.code, known.writes()) == (7, [])
    assert "CC615" in applied.err
    assert known.run("show", "plan.json").code == 0


def test_an_offline_plan_needs_a_lock(known: Stage) -> None:
    """Names are not to be guessed."""
    (known.folder / "ccops.lock").unlink()
    done = refreshed(known, "none")
    assert done.code == 3
    assert "error[CC222]" in done.err


def test_what_was_never_read_cannot_be_told_offline(known: Stage) -> None:
    """A new manifest of a campaign that exists, or that does not; the others are planned."""
    known.world.add_campaign("Other")
    known.run("plan")
    known.write(
        manifest("Other", "Members", send_at=MARCH_9),
        manifest("Nowhere", "Members", send_at=MARCH_9),
        manifest("Idle", "Members", send_at="unscheduled"),
    )
    done = refreshed(known, "none", "--format", "json")
    told = {one["campaign"]: (one["verdict"], one["reason"]) for one in done.document["changes"]}
    assert done.code == 6
    assert told["Idle"][0] == "in-sync"
    assert told["Other"] == (
        "blocked",
        "ccops never read it here, and this plan reads nothing",
    )
    assert "no campaign of this name" in told["Nowhere"][1]


def test_what_was_due_since_cannot_be_told_offline(known: Stage) -> None:
    """The schedule that was read may be a send by now."""
    later = START + 9 * DAY
    plan = offline_plan(
        known.folder,
        known.url,
        select=(),
        allow=(),
        reason="",
        tzdata="2026b",
        clock=lambda: later,
    )
    told = {one.campaign: one.reason for one in plan.changes}
    assert told["Ahead"] == "a send was due since it was read, and this plan reads nothing"
    assert told["Idle"] == ""


def test_a_name_that_the_lock_has_and_the_cache_has_not(known: Stage) -> None:
    """It means what the lock pins; one that neither has is unknown here, not in the account."""
    known.world.add_list("New", 3)
    known.write(manifest("Idle", "New", send_at="unscheduled"))
    assert known.run("lock").code == 0
    done = refreshed(known, "none", "--format", "json")
    assert (done.code, done.document["changes"][0]["fields"][0]["after"]) == (0, "New")
    known.write(manifest("Idle", "Newer", send_at="unscheduled"))
    done = refreshed(known, "none")
    assert done.code == 3
    assert "neither the cache nor ccops.lock knows it" in done.err


def test_a_lock_that_means_another_list_blocks_offline_too(known: Stage) -> None:
    """The cache shows that the pinned id has another name."""
    text = (known.folder / "ccops.lock").read_text("utf-8")
    donors = list_id_of("Donors")
    (known.folder / "ccops.lock").write_text(text.replace(MEMBERS, donors), "utf-8")
    done = refreshed(known, "none")
    assert done.code == 6
    assert "error[CC321]" in done.err


def test_an_offline_plan_takes_selectors_and_strictness(known: Stage) -> None:
    """As any other plan."""
    found = document(known, "none", "--select", "name:I*", "--locked")
    assert [one["campaign"] for one in found["changes"]] == ["Idle"]  # type: ignore[index,union-attr]  # JSON
    assert refreshed(known, "none", "--select", "name:X").code == 3


# What is said.


SAYS: Mapping[str, tuple[str, str]] = {
    "text": ("\nPartial    ", " Partial: "),
    "markdown": (", partial\n", "**This plan is partial.** "),
    "json": ('"complete": false', '"oldest": "2027-03-01T14:00:00Z"'),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_partial_plan_says_so_in_every_format(known: Stage, mode: str) -> None:
    """In its headline, with what was not read and how old that is; a full one says nothing."""
    out = [f"--out={form}={form}" for form in FORMATS]
    assert refreshed(known, mode, *out).code == 0
    for form in FORMATS:
        text = (known.folder / form).read_text("utf-8")
        assert [one in text for one in SAYS[form]] == [mode != "full"] * 2
    aged = "The oldest reading is of Mon 1 Mar 2027, 09:00 EST (14:00 UTC), 1 h ago."
    for form in ("text", "markdown"):
        assert (aged in (known.folder / form).read_text("utf-8")) is (mode == "changed")


def test_a_saved_partial_plan_is_shown_as_one(known: Stage) -> None:
    """By whoever looks at it later."""
    refreshed(known, "changed", "--save", "plan.json")
    assert "1 of 4 campaigns was not read again" in known.run("show", "plan.json").out


def test_nothing_to_do_is_only_as_far_as_was_seen(known: Stage) -> None:
    """A partial plan does not claim that the account matches."""
    known.write(manifest("Idle", "Members", send_at="unscheduled"))
    known.run("plan")
    known.world.advance(3_600)
    shown = refreshed(known, "changed").out
    assert "No changes seen. Constant Contact matches the manifests. Partial: 1 of 1" in shown
    assert "No changes. " in refreshed(known, "full").out
    offline = refreshed(known, "none").out
    assert "matches the manifests, as far as it is known here. Partial: nothing was" in offline


def test_each_change_says_how_old_its_state_is(known: Stage) -> None:
    """In JSON: null where it was read for the plan."""
    found = document(known, "changed")
    ages = {one["campaign"]: one["as_of"] for one in found["changes"]}  # type: ignore[index,union-attr]  # JSON
    assert ages == {
        "Ahead": None,
        "Draft": None,
        "Idle": "2027-03-01T14:00:00Z",
        "Sent": None,
    }
    assert found["recalled"] == {
        "campaigns": 1,
        "oldest": "2027-03-01T14:00:00Z",
        "listed_at": "2027-03-01T14:00:00Z",
        "names_at": "2027-03-01T14:00:00Z",
    }


@pytest.mark.parametrize("mode", ["full", "changed"])
def test_requests_and_the_days_budget_are_told(known: Stage, mode: str) -> None:
    """By the meter that all commands of this machine share."""
    done = document(known, mode)
    made = len(known.world.requests)
    used = done["requests_today"]["used"]  # type: ignore[index,call-overload]  # JSON
    assert done["requests_made"] == made
    assert done["requests_today"] == {"used": used, "limit": 10_000}
    shown = refreshed(known, mode).out.splitlines()[-1]
    assert shown == f"Made with {made} requests. {used + made} of 10,000 are used today (UTC)."


# Part of every plan: what is scheduled and nobody's.


@pytest.mark.parametrize("mode", MODES)
def test_scheduled_campaigns_that_no_manifest_names_are_listed(known: Stage, mode: str) -> None:
    """In every mode and format, whatever is selected; those of other manifests are none."""
    out = [f"--out={form}={form}" for form in FORMATS]
    for select in ((), ("--select", "name:Idle"), ("--select", "state:draft")):
        refreshed(known, mode, *out, *select)
        texts = {form: (known.folder / form).read_text("utf-8") for form in FORMATS}
        document = json.loads(texts["json"])
        assert [one["name"] for one in document["unmanaged"]] == ["Stranger"]
        assert document["unmanaged_count"] == 1
        for form, line in (("text", "\n  Stranger\n"), ("markdown", "\n\n- `Stranger`\n")):
            assert f"Constant Contact, but in no manifest (left alone){line}" in texts[form]
            left_alone = "1 campaign in the account is not managed by ccops and was left alone."
            assert left_alone in texts[form]


@pytest.mark.parametrize("mode", MODES)
def test_a_clean_plan_lists_them_too(known: Stage, mode: str) -> None:
    """Nothing to do is no reason to be silent about what will be sent."""
    known.write(manifest("Ahead", "Members", send_at=MARCH_9))
    known.run("plan")
    found = refreshed(known, mode)
    assert found.code == 0
    assert "in no manifest (left alone)\n  Draft" not in found.out
    assert "in no manifest (left alone)\n  Stranger" in found.out


def test_they_are_never_touched(known: Stage) -> None:
    """Not by the apply of any such plan."""
    refreshed(known, "changed", "--save", "plan.json")
    assert known.run("apply", "plan.json", "--yes").code == 0
    assert known.writes() == ["POST Draft 2027-03-09T14:00:00.000Z"]


def test_one_that_was_scheduled_since_is_listed(known: Stage) -> None:
    """Its date moved, so that a list of changes shows it."""
    known.world.add_campaign("Idler", lists=[MEMBERS])
    edit(known.world, "Idler", status="SCHEDULED", scheduled=START + 3 * DAY)
    found = document(known, "changed")
    assert [one["name"] for one in found["unmanaged"]] == ["Idler", "Stranger"]  # type: ignore[index,union-attr]  # JSON
