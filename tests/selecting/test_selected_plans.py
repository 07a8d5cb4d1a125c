"""A plan of a part: the same changes as in the whole, from the command line to the sandbox."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import START, Stage, account, manifest, on_stage

MEMBERS = list_id_of("Members")
MARCH_2, MARCH_9 = "Tue 2027-03-02 09:00", "Tue 2027-03-09 09:00"
FEBRUARY_28 = "Sun 2027-02-28 09:00"


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Stage]:
    """A campaign of each kind, with recipients of either, some to be exchanged for the other."""
    world = account()
    world.add_campaign("Near", lists=[MEMBERS])
    world.add_campaign("Far", segments=[101])
    world.add_campaign("Moved", segments=[102])
    world.add_campaign("Stands", lists=[MEMBERS], scheduled=START + timedelta(days=8))
    world.add_campaign("Sent", lists=[MEMBERS], history=[START - timedelta(days=1)])
    world.add_campaign("Missed", lists=[MEMBERS])
    with on_stage(tmp_path / "workspace", world) as stage:
        stage.write(
            manifest("Near", "Members", send_at=MARCH_2, tags=["soon"]),
            manifest("Far", segment="Lapsed", send_at=MARCH_9),
            manifest("Moved", "Donors", "Board", send_at=MARCH_9),
            manifest("Stands", "Members", send_at=MARCH_9),
            manifest("Sent", "Members", send_at=FEBRUARY_28),
            manifest("Missed", "Members", send_at=FEBRUARY_28),
        )
        yield stage


SELECTIONS: dict[tuple[str, ...], set[str]] = {
    ("name:M*",): {"Moved", "Missed"},
    ("tag:soon",): {"Near"},
    ("file:campaigns/*",): {"Near", "Far", "Moved", "Stands", "Sent", "Missed"},
    ("list:Members",): {"Near", "Stands", "Sent", "Missed"},
    ("list:Lapsed",): {"Far"},
    ("list:Don*", "list:Lapsed"): {"Moved", "Far"},
    ("state:draft",): {"Near", "Far", "Moved", "Missed"},
    ("state:scheduled",): {"Stands"},
    ("state:done",): {"Sent"},
    ("state:missed", "state:in-sync"): {"Missed", "Stands"},
    ("state:schedule",): {"Near", "Far", "Moved"},
    ("sends<24h",): {"Near"},
    ("sends<10d",): {"Near", "Far", "Moved", "Stands"},
    ("sends<10d", "state:draft", "list:Donors"): {"Moved"},
}


@pytest.mark.parametrize("selectors", SELECTIONS, ids=" ".join)
def test_a_part_is_planned_as_in_the_whole(several: Stage, selectors: tuple[str, ...]) -> None:
    """Every change to the letter, names included; what is left out is not unmanaged by that."""
    whole = several.run("plan", "--format", "json").document
    flags = [word for one in selectors for word in ("--select", one)]
    part = several.run("plan", "--format", "json", *flags).document
    names = SELECTIONS[selectors]
    assert part["changes"] == [one for one in whole["changes"] if one["campaign"] in names]
    assert {one["campaign"] for one in part["changes"]} == names
    assert part["unmanaged_count"] == 0
    assert (part["selection"], part["complete"]) == (list(selectors), False)


@pytest.mark.parametrize("selector", ["state:executing", "sends<1h", "list:Zebra", "name:near"])
def test_a_selection_of_nothing_is_a_mistake(several: Stage, selector: str) -> None:
    """Exit code 3, from plan and from apply, and nothing is written."""
    for command in (("plan",), ("apply", "--yes")):
        done = several.run(*command, "--select", selector)
        assert (done.code, "CC287" in done.err) == (3, True)
    assert several.writes() == []


def test_an_apply_of_what_sends_soon_leaves_the_rest(several: Stage) -> None:
    """The mistake in a manifest that is far off does not hold up what is urgent."""
    several.write(manifest("Far", segment="No such segment", send_at=MARCH_9), name="b.yaml")
    several.write(manifest("Near", "Members", send_at=MARCH_2))
    assert several.run("plan").code == 3
    assert several.run("apply", "--yes", "--select", "sends<24h").code == 0
    assert several.effects() == ["POST Near 2027-03-02T14:00:00.000Z"]


def test_what_a_command_cannot_be_asked_is_refused(several: Stage) -> None:
    """The brake and the look back go by the manifests alone, and say so."""
    for words in (("halt", "--reason", "x", "--yes"), ("verify",), ("journal", "show")):
        done = several.run(*words, "--select", "state:draft")
        assert (done.code, "this command knows name:" in done.err) == (3, True)
    assert several.writes() == []


def test_the_selectors_stand_in_the_help() -> None:
    """Nobody has to guess them."""
    from click.testing import CliRunner

    from ccops.cli import cli

    for command in ("plan", "apply"):
        text = " ".join(CliRunner().invoke(cli, [command, "--help"]).output.split())
        for word in ("name:", "tag:", "file:", "list:", "state:", "changed:", "sends<48h"):
            assert word in text
