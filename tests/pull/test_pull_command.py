"""`ccops pull`: what it writes, what it leaves alone, what it asks, and what it costs."""

import os
import stat
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.sandbox.ids import activity_id_of, campaign_id_of, list_id_of
from tests.e2e.stage import START, Stage, finish, manifest
from tests.e2e.terminal import at_terminal
from tests.e2e.window import window

MEMBERS = list_id_of("Members")
MARCH_9 = "Tue 2027-03-09 09:00"


def text(stage: Stage, name: str) -> str:
    return (stage.folder / "campaigns" / name).read_text(encoding="utf-8")


def files(stage: Stage) -> list[str]:
    return sorted(path.name for path in (stage.folder / "campaigns").glob("*"))


def outcomes(stage: Stage, *arguments: str) -> dict[str, str]:
    done = stage.run("pull", *arguments, "--format", "json")
    return {one["campaign"]: one["outcome"] for one in done.document["campaigns"]}


def requests(stage: Stage) -> Counter[str]:
    parts = (one.path.removeprefix("/v3/").split("/") for one in stage.world.requests)
    return Counter(part[3] if part[3:] else f"{part[0]} {len(part)}" for part in parts)


def test_what_is_scheduled_is_written(bare: Stage) -> None:
    """By default that alone: names, local time with its weekday; then the lock."""
    done = bare.run("pull")
    assert done.code == 0
    assert done.out == (
        "Wrote campaigns/spring.yaml: Spring (scheduled)\n\n"
        "1 campaign. 1 written.\n"
        "ccops.lock is written: it pins 1 campaign, 1 list, 0 segments.\n"
        "Made with 7 requests.\n"
        "Next: ccops plan\n"
    )
    assert text(bare, "spring.yaml") == (
        f"campaign: Spring\nrecipients:\n  lists: [Members]\nsend_at: {MARCH_9}\n"
    )
    planned = bare.run("plan", "--locked", "--detailed-exitcode")
    assert (planned.code, "No changes." in planned.out) == (0, True)


def test_all_of_it(bare: Stage) -> None:
    """A draft is unscheduled; each further completed send is a resend."""
    assert bare.run("pull", "--all").code == 0
    assert text(bare, "sent.yaml") == (
        "campaign: Sent\nrecipients:\n  lists: [Board, Members]\n"
        "send_at: Sun 2027-02-21 09:00\nresend_to_new_contacts:\n  - Sun 2027-02-28 09:00\n"
    )
    assert text(bare, "draft-1.yaml") == (
        'campaign: "Draft: #1"\nrecipients:\n  segment: Active\nsend_at: unscheduled\n'
    )
    assert bare.run("plan", "--detailed-exitcode").code == 0
    assert bare.writes() == []


def test_by_name(bare: Stage) -> None:
    """In any state; a name that nobody has gets a suggestion, and nothing is written."""
    done = bare.run("pull", "Drafts: #1")
    assert (done.code, 'did you mean "Draft: #1"?' in done.err) == (3, True)
    assert "Nothing was written." in done.err
    assert not (bare.folder / "campaigns").exists()
    assert outcomes(bare, "Draft*") == {"Draft: #1": "written"}


def test_nothing_to_pull(bare: Stage) -> None:
    """No error; the pattern that still matches nothing is told, for plan refuses it."""
    done = bare.run("pull", "--state", "failed")
    assert done.code == 0
    assert "0 campaigns.\n" in done.out
    assert "No file matches `campaigns/**/*.yaml` yet" in done.out
    assert not (bare.folder / "ccops.lock").exists()


def test_a_dry_run_writes_nothing(bare: Stage) -> None:
    """It says what would be written."""
    before = sorted(bare.folder.rglob("*.yaml"))
    done = bare.run("pull", "--all", "--dry-run")
    assert (done.code, "Would write campaigns/spring.yaml" in done.out) == (0, True)
    assert sorted(bare.folder.rglob("*.yaml")) == before
    assert not (bare.folder / "ccops.lock").exists()


def test_what_is_not_written_is_listed(bare: Stage) -> None:
    """With its reason, in text and in JSON; that is no failure."""
    bare.world.add_campaign("Empty")
    bare.world.add_campaign("Other empty")
    done = bare.run("pull", "--state", "draft")
    assert done.code == 0
    told = (
        "Not written\n  because it has no recipients:\n    Empty (draft)\n    Other empty (draft)\n"
    )
    assert told in done.out
    document = bare.run("pull", "--state", "draft", "--format", "json").document
    assert document["kind"] == "pull"
    empty = next(one for one in document["campaigns"] if one["campaign"] == "Empty")
    assert (empty["outcome"], empty["file"]) == ("not-written", None)
    assert empty["reason"] == "it has no recipients"


def test_the_line_for_editors(bare: Stage) -> None:
    """Where the schema is in the workspace, the way there from the manifest's folder."""
    schema = bare.folder / ".ccops" / "campaign.schema.json"
    schema.parent.mkdir()
    schema.write_text("{}", encoding="utf-8")
    bare.run("pull")
    head = "# yaml-language-server: $schema=../.ccops/campaign.schema.json\ncampaign: Spring\n"
    assert text(bare, "spring.yaml").startswith(head)
    assert bare.run("validate").code == 0


def test_a_manifest_that_fits_is_left_alone(bare: Stage) -> None:
    """To the byte, and to the file; other words for the same are no difference."""
    own = f"# mine\ncampaign: 'Spring'\nrecipients: {{lists: [{{id: {MEMBERS}}}]}}\n"
    bare.write(f"{own}send_at: 2027-03-09T14:00:00Z  # early\ntags: [a]\n")
    path = bare.folder / "campaigns" / "one.yaml"
    before = path.stat()
    done = bare.run("pull")
    assert (done.code, "1 unchanged" in done.out) == (0, True)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert files(bare) == ["one.yaml"]


OWN = (
    "# The big one\n"
    "campaign: Spring   # do not rename\n"
    "recipients:\n  lists:\n    - 'Members'  # all of them\n"
    'send_at: "2027-03-10 09:00"  # after the board\n\n'
    "owner: me\n"
)


def test_a_manifest_that_differs_is_left_with_nobody_to_ask(bare: Stage) -> None:
    """It is listed with the lines, and the exit code says so; others are written."""
    bare.write(OWN)
    done = bare.run("pull", "--all")
    assert (done.code, text(bare, "one.yaml")) == (6, OWN)
    assert "Differs campaigns/one.yaml: Spring (scheduled)\n" in done.out
    assert '    -send_at: "2027-03-10 09:00"  # after the board\n' in done.out
    assert f'    +send_at: "{MARCH_9}"  # after the board\n' in done.out
    assert "`ccops pull --overwrite`" in done.out
    assert files(bare) == ["draft-1.yaml", "one.yaml", "sent.yaml"]
    document = bare.run("pull", "--format", "json").document
    (one,) = document["campaigns"]
    assert (one["outcome"], one["file"], document["exit_code"]) == (
        "differs",
        "campaigns/one.yaml",
        6,
    )
    assert one["diff"][2:4] == [
        '-send_at: "2027-03-10 09:00"  # after the board',
        f'+send_at: "{MARCH_9}"  # after the board',
    ]


def test_a_manifest_that_differs_is_changed_in_place(bare: Stage) -> None:
    """With --overwrite: one value, in its quotes; then the plan is empty."""
    bare.write(OWN, manifest("Sent", "Members", "Board", send_at="Sun 2027-02-21 09:00"))
    rest = text(bare, "one.yaml").removeprefix(OWN)
    dry = bare.run("pull", "--overwrite", "--dry-run")
    assert (dry.code, "Would change campaigns/one.yaml" in dry.out) == (0, True)
    assert text(bare, "one.yaml") == OWN + rest
    done = bare.run("pull", "--overwrite")
    assert (done.code, "Changed campaigns/one.yaml: Spring" in done.out) == (0, True)
    assert text(bare, "one.yaml") == OWN.replace("2027-03-10 09:00", MARCH_9) + rest
    assert bare.run("plan", "--detailed-exitcode").code == 0


def test_two_manifests_of_one_file_are_changed_one_after_another(bare: Stage) -> None:
    """And a resend that somebody made is declared, when its campaign is read."""
    sent = manifest("Sent", "Members", "Board", send_at="Sun 2027-02-21 09:00")
    bare.write(manifest("Spring", "Board", send_at=MARCH_9), sent)
    assert outcomes(bare, "--all", "--overwrite")["Sent"] == "unchanged"
    assert outcomes(bare, "S*", "--overwrite") == {"Spring": "unchanged", "Sent": "changed"}
    found = text(bare, "one.yaml")
    assert 'recipients: {"lists": ["Members"]}' in found
    assert "resend_to_new_contacts: [Sun 2027-02-28 09:00]\n" in found
    assert outcomes(bare, "S*") == {"Spring": "unchanged", "Sent": "unchanged"}


@pytest.mark.parametrize(("typed", "code", "changed"), [("y\n", 0, True), ("n\n", 6, False)])
def test_a_person_is_asked(bare: Stage, typed: str, code: int, *, changed: bool) -> None:
    """At a terminal, with the lines that would change."""
    bare.write(OWN)
    done = at_terminal(bare, "pull", typed=typed)
    assert done.code == code
    assert f'+send_at: "{MARCH_9}"' in done.err
    assert "Change campaigns/one.yaml like this?" in done.err
    assert (text(bare, "one.yaml") != OWN) is changed


def test_what_cannot_be_changed_safely_is_left(bare: Stage) -> None:
    """With the reason, whatever was agreed."""
    own = (
        "{campaign: Spring, recipients: {lists: [Members,\n # so\n Board]}, send_at: unscheduled}\n"
    )
    bare.write(own)
    done = bare.run("pull", "--overwrite")
    assert (done.code, text(bare, "one.yaml")) == (6, own)
    assert "Differs campaigns/one.yaml: Spring (scheduled): the manifest cannot be" in done.out


def test_a_renamed_campaign_keeps_its_manifest(bare: Stage) -> None:
    """Found by what the lock pins; the new name is a change like any other."""
    bare.run("pull")
    spring = bare.world.campaigns[campaign_id_of("Spring")]
    bare.world.put_campaign(replace(spring, name="Spring: the real one"))
    assert bare.run("pull").code == 6
    assert outcomes(bare, "--overwrite") == {"Spring: the real one": "changed"}
    assert text(bare, "spring.yaml").startswith('campaign: "Spring: the real one"\n')
    assert bare.run("plan", "--locked", "--detailed-exitcode").code == 0


def test_of_two_campaigns_of_one_name_one_is_written(bare: Stage) -> None:
    """What is scheduled comes first; the manifest says which it is, and it is found again."""
    bare.world.add_campaign("Cafe\u0301", lists=[MEMBERS])
    bare.world.add_campaign("Café", lists=[MEMBERS], scheduled=START + timedelta(days=3))
    found = bare.run("pull", "Café", "--format", "json").document["campaigns"]
    assert [one["outcome"] for one in found] == ["written", "not-written"]
    assert found[1]["reason"] == "campaigns/cafe.yaml bears its name, and only one manifest can"
    assert f"activity: {activity_id_of('Café')}\n" in text(bare, "cafe.yaml")
    assert bare.run("plan", "--locked", "--detailed-exitcode").code == 0
    assert outcomes(bare, "Café") == {"Café": "unchanged", "Cafe\u0301": "not-written"}


def test_a_name_that_means_another_list_stops_it(bare: Stage) -> None:
    """Before anything is written: somebody has to look at who is in it."""
    bare.run("pull")
    bare.world.delete_list(MEMBERS)
    bare.world.add_list("Members")
    before = bare.folder.joinpath("ccops.lock").read_bytes()
    done = bare.run("pull", "--all")
    assert (done.code, "CC320" in done.err, "ccops lock" in done.err) == (6, True, True)
    assert files(bare) == ["spring.yaml"]
    assert bare.folder.joinpath("ccops.lock").read_bytes() == before


def test_a_campaign_of_a_manifest_that_is_gone_is_told(bare: Stage) -> None:
    """All others are written and pinned."""
    bare.write(manifest("Lost", "Members", send_at=MARCH_9))
    done = bare.run("pull")
    assert (done.code, "CC326" in done.err) == (6, True)
    assert files(bare) == ["one.yaml", "spring.yaml"]
    assert "Spring: {campaign" in (bare.folder / "ccops.lock").read_text(encoding="utf-8")


def test_a_manifest_to_an_unknown_list_leaves_the_lock(bare: Stage) -> None:
    """An input error of its own; what was pulled stays."""
    bare.world.add_campaign("Other", lists=[MEMBERS], status="EXECUTING")
    bare.write(manifest("Other", "Nobody", send_at=MARCH_9))
    done = bare.run("pull")
    assert (done.code, "CC301" in done.err) == (3, True)
    assert files(bare) == ["one.yaml", "spring.yaml"]
    assert not (bare.folder / "ccops.lock").exists()
    assert "ccops.lock is" not in done.out


def test_what_it_costs(bare: Stage) -> None:
    """Each campaign once, each collection once, and nothing a second time for the lock."""
    bare.world.log.clear()
    bare.run("pull", "--all")
    assert requests(bare) == Counter(
        {
            "account 2": 1,
            "emails 1": 1,
            "emails 2": 3,
            "emails 3": 3,
            "schedules": 1,
            "send_history": 2,
            "contact_lists 1": 1,
            "segments 1": 1,
        }
    )
    bare.world.log.clear()
    bare.run("pull", "--all")
    assert requests(bare)["emails 2"] == 0
    assert requests(bare)["emails 3"] == 3


def test_a_sent_campaign_with_one_declared_send_is_over(bare: Stage) -> None:
    """It costs nothing more, as in a plan; whoever names it has it read."""
    bare.world.add_campaign("Once", lists=[MEMBERS], history=[START - timedelta(days=2)])
    bare.run("pull", "Once")
    bare.world.log.clear()
    assert outcomes(bare, "--state", "sent") == {"Once": "unchanged", "Sent": "written"}
    assert requests(bare)["send_history"] == 1
    bare.world.log.clear()
    assert outcomes(bare, "Once") == {"Once": "unchanged"}
    assert requests(bare)["send_history"] == 1


def test_a_large_pull_is_announced(bare: Stage) -> None:
    """With what is left of the day, before it is made; on stderr."""
    for number in range(60):
        bare.world.add_campaign(f"Draft {number:02}", lists=[MEMBERS])
    done = bare.run("pull", "--state", "draft")
    told = (
        "Reading 61 campaigns takes about 122 requests and 12 s; 9,698 of today's 9,700 are left.\n"
    )
    assert done.err.startswith(told)
    assert "Reading" not in bare.run("pull", "Draft 00").err


def test_a_contradiction_is_looked_at_twice(bare: Stage) -> None:
    """A send may just begin; what stays contradictory is not written."""
    bare.world.add_campaign("Odd", lists=[MEMBERS], status="DONE")
    bare.world.log.clear()
    assert outcomes(bare, "Odd") == {"Odd": "not-written"}
    assert requests(bare)["send_history"] == 2


def test_a_campaign_that_goes_meanwhile_is_not_written(bare: Stage) -> None:
    """Between the listing and its own reading: it has no manifest, and a reason."""
    with window(bare, "GET", f"/v3/emails/{campaign_id_of('Spring')}") as opened:
        process = bare.start("pull", "--format", "json")
        opened.wait()
        bare.world.trash_campaign(campaign_id_of("Spring"))
        opened.release()
        done = finish(process)
    (one,) = done.document["campaigns"]
    assert (done.code, one["outcome"]) == (0, "not-written")
    assert one["reason"] == "it was removed, or has no email that can be scheduled"


def test_a_run_that_ends_early_leaves_whole_files(bare: Stage) -> None:
    """The next one goes on with those that have none; the message says what was written."""
    bare.fault("drop_before", "GET", f"/v3/emails/activities/{activity_id_of('Sent')}", times=3)
    done = bare.run("pull", "--all")
    assert done.code == 1
    assert "2 files had been written; run it again to go on." in done.err
    assert files(bare) == ["draft-1.yaml", "spring.yaml"]
    assert not (bare.folder / "ccops.lock").exists()
    assert bare.run("validate").code == 0
    bare.world.faults.clear()
    assert outcomes(bare, "--all") == {
        "Sent": "written",
        "Spring": "unchanged",
        "Draft: #1": "unchanged",
    }
    assert bare.run("plan", "--locked", "--detailed-exitcode").code == 0


def test_a_killed_run_leaves_whole_files(bare: Stage) -> None:
    """Dead in the middle of a request: the next run completes it."""
    with window(bare, "GET", f"/v3/emails/activities/{activity_id_of('Sent')}") as opened:
        process = bare.start("pull", "--all")
        opened.wait()
        process.kill()
        finish(process)
    assert files(bare) == ["draft-1.yaml", "spring.yaml"]
    done = bare.process("pull", "--all")
    assert (done.code, files(bare)) == (0, ["draft-1.yaml", "sent.yaml", "spring.yaml"])
    assert bare.process("plan", "--detailed-exitcode").code == 0


def test_nothing_is_written_through_a_link(bare: Stage, tmp_path: Path) -> None:
    """Nor out of the workspace."""
    outside = tmp_path / "outside"
    outside.mkdir()
    bare.folder.joinpath("ccops.yaml").write_text(
        f'version: 1\naccount: {bare.world.encoded_account_id}\nmanifests: "a/b/*.yaml"\n'
        "timezone: UTC\n",
        encoding="utf-8",
    )
    (bare.folder / "a").symlink_to(outside)
    done = bare.run("pull")
    assert (done.code, "CC204" in done.err or "CC297" in done.err) == (3, True)
    assert list(outside.iterdir()) == []


def test_no_name_is_taken_twice(bare: Stage) -> None:
    """Whatever stands there: a folder, a link, a file in capital letters."""
    folder = bare.folder / "campaigns"
    (folder / "SPRING.YAML").mkdir(parents=True)
    (folder / "spring-2.yaml.d").mkdir()
    assert outcomes(bare) == {"Spring": "written"}
    assert "spring-2.yaml" in files(bare)
    mode = (folder / "spring-2.yaml").stat().st_mode
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(mode) == 0o666 & ~umask


def test_another_folder(bare: Stage) -> None:
    """Where the first pattern that leaves a name open wants them; a fixed file is none."""
    settings = bare.folder / "ccops.yaml"
    settings.write_text(
        settings.read_text("utf-8") + "manifests: [one.yaml, mail/**/send-*.yml]\n", "utf-8"
    )
    done = bare.run("pull")
    assert (done.code, "No file matches `one.yaml` yet" in done.out) == (0, True)
    assert (bare.folder / "mail" / "send-spring.yml").exists()


def test_no_place_for_a_manifest(bare: Stage) -> None:
    """Told before anything is read."""
    settings = bare.folder / "ccops.yaml"
    settings.write_text(settings.read_text("utf-8") + "manifests: one.yaml\n", "utf-8")
    done = bare.run("pull")
    assert (done.code, "CC212" in done.err, bare.world.requests) == (3, True, ())


def test_half_a_checkout_is_not_filled_up(bare: Stage) -> None:
    """A lock without the manifests that it pins; an empty workspace is another thing."""
    assert bare.run("lock").code == 0
    bare.run("pull")
    for path in (bare.folder / "campaigns").iterdir():
        path.unlink()
    for command in ("pull", "lock", "plan"):
        done = bare.run(command)
        assert (done.code, "CC203" in done.err) == (3, True)


def test_times_of_an_account_in_a_workspace_without_a_zone(bare: Stage) -> None:
    """The manifest says its zone; one that no manifest can name is written as UTC."""
    settings = bare.folder / "ccops.yaml"
    settings.write_text(
        settings.read_text("utf-8").replace("timezone: America/New_York\n", ""), "utf-8"
    )
    bare.world.account = replace(bare.world.account, time_zone_id="US/Central")
    bare.run("pull")
    assert "send_at: Tue 2027-03-09 08:00\ntimezone: US/Central\n" in text(bare, "spring.yaml")
    bare.world.account = replace(bare.world.account, time_zone_id="EST")
    bare.run("pull", "Sent")
    assert "timezone: UTC\n" in text(bare, "sent.yaml")
    assert bare.run("plan", "--detailed-exitcode").code == 0


def test_from_nothing(bare: Stage) -> None:
    """Init, pull, plan: nothing to do; an edit: one change; apply; nothing to do."""
    (bare.folder / "ccops.yaml").unlink()
    account = ("--account", bare.world.encoded_account_id, "--timezone", "America/New_York")
    begun = bare.process("init", "--bare", *account)
    assert (begun.code, begun.out.splitlines()[-1]) == (
        0,
        "Next: ccops auth login, then ccops pull",
    )
    assert not (bare.folder / "campaigns").exists()
    assert bare.process("pull", "--all").code == 0
    assert bare.process("plan", "--locked", "--detailed-exitcode").code == 0
    path = bare.folder / "campaigns" / "spring.yaml"
    path.write_text(path.read_text("utf-8").replace("09:00", "10:00"), "utf-8")
    assert bare.run("plan", "--detailed-exitcode").code == 2
    assert bare.run("apply", "--yes").code == 0
    assert bare.effects() == ["DELETE Spring", "POST Spring 2027-03-09T15:00:00.000Z"]
    assert bare.run("plan", "--detailed-exitcode").code == 0
    assert bare.run("pull", "--all").code == 0
