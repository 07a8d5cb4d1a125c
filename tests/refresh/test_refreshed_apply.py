"""Applying a plan that was made with a cache: nothing is ever written on the cache's word."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops import __version__
from ccops.planning.cache import Cache
from ccops.planning.cachefile import to_text
from ccops.sandbox.ids import activity_id_of, list_id_of
from ccops.session.cached import CACHE_FILE, read_cache
from tests.e2e.stage import START, Stage, manifest
from tests.refresh.worlds import edit, hand_edit

MEMBERS, BOARD = list_id_of("Members"), list_id_of("Board")
MARCH_9 = "Tue 2027-03-09 09:00"
DAY = timedelta(days=1)
OLD = START - 30 * DAY


@pytest.fixture
def known(stage: Stage) -> Stage:
    """A draft to be scheduled, one to go to a segment, one that is quiet; an hour after a plan."""
    for name in ("Draft", "Survey", "Quiet"):
        stage.world.add_campaign(name, lists=[MEMBERS], updated_at=OLD)
    stage.write(
        manifest("Draft", "Members", send_at=MARCH_9),
        manifest("Survey", segment="Active", send_at=MARCH_9),
        manifest("Quiet", "Members", send_at="unscheduled"),
    )
    assert stage.run("plan").code == 0
    stage.world.advance(3_600)
    return stage


def saved(stage: Stage) -> str:
    """Save a plan by the cache; return its checksum."""
    assert stage.run("plan", "--refresh", "changed", "--save", "plan.json").code == 0
    document = json.loads((stage.folder / "plan.json").read_text("utf-8"))
    assert document["refresh"] == "changed"
    return str(document["checksum"])


def rename_list(stage: Stage) -> None:
    world = stage.world
    world.lists[MEMBERS] = replace(world.lists[MEMBERS], name="Former members")


def exchange_lists(stage: Stage) -> None:
    rename_list(stage)
    stage.world.add_list("Members", list_id="11111111-1111-4111-8111-111111111111")


def delete_list(stage: Stage) -> None:
    stage.world.delete_list(MEMBERS)


def make_a_twin(stage: Stage) -> None:
    stage.world.add_list("Members", list_id="11111111-1111-4111-8111-111111111111")


def recreate_segment(stage: Stage) -> None:
    stage.world.delete_segment(101)
    stage.world.add_segment("Active", segment_id=999)


def rename_segment(stage: Stage) -> None:
    stage.world.segments[101] = replace(stage.world.segments[101], name="Inactive")


EXCHANGES = (
    rename_list,
    exchange_lists,
    delete_list,
    make_a_twin,
    recreate_segment,
    rename_segment,
)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda one: one.__name__)
def test_names_from_a_stale_cache_are_never_written(
    known: Stage, exchange: Callable[[Stage], None]
) -> None:
    """No list of changes shows it, so the plan is made; exit code 7, nothing written."""
    exchange(known)
    checksum = saved(known)
    done = known.run("apply", "plan.json", "--checksum", checksum)
    assert (done.code, known.writes()) == (7, [])
    assert "CC616" in done.err
    noun = "segment" if "segment" in exchange.__name__ else "list"
    assert f'the {noun} "' in done.err


@pytest.mark.parametrize("change", [edit, hand_edit])
def test_what_changes_after_such_a_plan_makes_it_stale(
    known: Stage, change: Callable[..., None]
) -> None:
    """As after any plan, whether the vendor dates it or not: every target is read again."""
    checksum = saved(known)
    change(known.world, "Draft", subject="Somebody was here")
    done = known.run("apply", "plan.json", "--checksum", checksum)
    assert (done.code, known.writes()) == (7, [])


def test_a_quiet_one_that_somebody_changed_is_left_alone(known: Stage) -> None:
    """A plan that did not see it writes nothing there; what it read, it applies."""
    hand_edit(known.world, "Quiet", contact_list_ids=(BOARD,))
    checksum = saved(known)
    assert known.run("apply", "plan.json", "--checksum", checksum).code == 0
    assert not [line for line in known.writes() if "Quiet" in line]
    assert len(known.effects()) == 3


def test_a_sound_cache_makes_a_plan_that_applies(known: Stage) -> None:
    """And then nothing is left to do."""
    checksum = saved(known)
    assert known.run("apply", "plan.json", "--checksum", checksum).code == 0
    assert known.effects() == [
        "POST Draft 2027-03-09T14:00:00.000Z",
        "PUT Survey [Active]",
        "POST Survey 2027-03-09T14:00:00.000Z",
    ]
    after = known.run("plan", "--refresh", "changed", "--format", "json")
    assert after.document["status"] == "clean"


# A cache that somebody wrote on purpose.


def found(stage: Stage) -> Cache:
    account = stage.world.encoded_account_id
    return read_cache(stage.folder, account=account, origin=stage.url)


def planted(stage: Stage, cache: Cache) -> None:
    text = to_text(cache, version=__version__)
    (stage.folder / CACHE_FILE).write_text(text, "utf-8")


def another_list(cache: Cache) -> Cache:
    """The Board's id under the name that the manifest uses."""
    registers = {
        kind: replace(
            register,
            named=tuple(
                replace(one, id={MEMBERS: BOARD, BOARD: MEMBERS}.get(one.id, one.id))
                for one in register.named
            ),
        )
        for kind, register in cache.registers.items()
    }
    return replace(cache, registers=registers)


def another_email(cache: Cache) -> Cache:
    """The quiet campaign's email as the one of the draft."""
    rows = tuple(
        replace(one, name={"Draft": "Quiet", "Quiet": "Draft"}.get(one.name, one.name))
        for one in cache.rows
    )
    readings = {
        key: replace(one, row=next(row for row in rows if row.campaign_id == one.row.campaign_id))
        for key, one in cache.readings.items()
    }
    return replace(cache, rows=rows, readings=readings)


def nothing_to_do(cache: Cache) -> Cache:
    """Readings of the far future, which nothing could have overtaken."""
    late = cache.listed_at + 40 * DAY
    readings = {key: replace(one, read_at=late) for key, one in cache.readings.items()}
    return replace(cache, readings=readings)


@pytest.mark.parametrize(
    "bent", [another_list, another_email, nothing_to_do], ids=lambda one: one.__name__
)
def test_a_planted_cache_never_leads_to_a_wrong_write(
    known: Stage, bent: Callable[[Cache], Cache]
) -> None:
    """What is applied is what a full plan would do, or nothing: exit code 7."""
    planted(known, bent(found(known)))
    done = known.run("plan", "--refresh", "changed", "--save", "plan.json")
    applied = known.run("apply", "plan.json", "--yes")
    right = [
        "POST Draft 2027-03-09T14:00:00.000Z",
        "PUT Survey [Active]",
        "POST Survey 2027-03-09T14:00:00.000Z",
    ]
    assert (done.code, applied.code) in {(0, 0), (0, 7), (6, 6)}
    assert set(known.writes()) <= set(right)
    assert applied.code == 0 or known.writes() == []


def test_an_apply_never_uses_the_cache(known: Stage) -> None:
    """It neither reads it nor writes it: what is planted there changes nothing."""
    planted(known, another_list(found(known)))
    before = (known.folder / CACHE_FILE).read_bytes()
    assert known.run("apply", "--yes").code == 0
    assert (known.folder / CACHE_FILE).read_bytes() == before
    assert activity_id_of("Draft") in known.world.activities
    assert known.effects()[0] == "POST Draft 2027-03-09T14:00:00.000Z"


def test_an_apply_needs_no_cache(known: Stage) -> None:
    """Nor does it make one."""
    Path(known.folder / CACHE_FILE).unlink()
    assert known.run("apply", "--yes", "--dry-run").code == 0
    assert known.run("apply", "--yes").code == 0
    assert not (known.folder / CACHE_FILE).exists()
