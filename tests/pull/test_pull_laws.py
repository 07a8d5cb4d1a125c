"""The laws of a pull: what was pulled is in sync, nothing is forgotten, twice is once."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.planning.adopted import Outcome, Pulled
from ccops.planning.plan import Verdict
from ccops.sandbox.seed import generated
from ccops.sandbox.world import World
from ccops.session.planned import plan
from ccops.session.pulled import Hearers, Wish, pull
from tests.e2e.stage import Stage, on_stage
from tests.laws.accounts import ACCOUNTS, Found, furnished
from tests.pull.nearby import nearby

QUIET = {Verdict.IN_SYNC, Verdict.SENT}
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "US/Eastern", "EST", "")
PATTERNS = ("campaigns/**/*.yaml", "**/*.yaml", "mail/sends/*.campaign.yml", "*.yaml")


@contextmanager
def staged(
    world: World, pattern: str = PATTERNS[0], zone: str = "America/New_York"
) -> Iterator[Stage]:
    """A workspace without a manifest; an empty zone leaves times to the account's."""
    with tempfile.TemporaryDirectory() as folder, on_stage(Path(folder) / "w", world) as stage:
        lines = ["version: 1", f"account: {world.encoded_account_id}", f'manifests: "{pattern}"']
        lines += [f"timezone: {zone}"] if zone else []
        (stage.folder / "ccops.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
        yield stage


def pulled(stage: Stage, wish: Wish = Wish(every=True)) -> Pulled:  # noqa: B008 - a frozen value
    """Pull with nobody to ask."""
    with nearby(stage) as session:
        told: list[str] = []
        hearers = Hearers(agrees=lambda _: False, wrote=told.append, notes=told.append)
        return pull(session, wish, hearers)


def snapshot(stage: Stage) -> dict[str, bytes]:
    """Every file of the workspace but those of the state."""
    files = (path for path in stage.folder.rglob("*") if path.is_file())
    kept = (path for path in files if ".state" not in path.parts and ".ccops" not in path.parts)
    return {str(path.relative_to(stage.folder)): path.read_bytes() for path in kept}


def lawful(stage: Stage) -> Pulled:
    """Pull all of an account; check that the plan is empty, and a second pull changes nothing."""
    found = pulled(stage)
    living = {one.campaign_id for one in stage.world.campaigns.values() if not one.removed}
    assert sorted(one.row.campaign_id for one in found.adoptions) == sorted(living)
    written = found.of(Outcome.WRITTEN)
    assert all(one.reason for one in found.of(Outcome.NOT_WRITTEN))
    assert len(written) + len(found.of(Outcome.NOT_WRITTEN)) == len(living)
    files = snapshot(stage)
    lock = {"ccops.lock"} if written else set()
    assert set(files) == {one.file for one in written} | {"ccops.yaml"} | lock
    if written:
        nothing_to_do(stage, len(written))
    again = pulled(stage)
    assert {one.outcome for one in again.adoptions} <= {Outcome.UNCHANGED, Outcome.NOT_WRITTEN}
    assert len(again.of(Outcome.UNCHANGED)) == len(written)
    assert (snapshot(stage), stage.writes()) == (files, [])
    assert (found.exit_code, again.exit_code) == (0, 0)
    return found


def nothing_to_do(stage: Stage, campaigns: int) -> None:
    """The gate: no write, nothing blocked, nothing for a person; with the lock in force, too."""
    with nearby(stage) as session:
        made = plan(session, select=(), allow=(), reason="", locked=True)
    assert {one.verdict for one in made.changes} <= QUIET
    assert len(made.changes) == campaigns
    assert (made.writing, made.findings, made.needs_person) == ((), (), False)
    assert not any(one.undeclared or one.fields for one in made.changes)
    assert made.exit_code(detailed=True) == 0


@given(ACCOUNTS, st.sampled_from(ZONES), st.booleans(), st.sampled_from(PATTERNS))
@settings(max_examples=8)
def test_after_a_pull_a_plan_is_empty(
    found: tuple[Found, ...], zone: str, told: bool, pattern: str
) -> None:
    """Whatever three campaigns are like, in whatever zone and folder."""
    world = furnished(found)
    world.account = replace(world.account, time_zone_id=zone)
    with staged(world, pattern, "America/New_York" if told else "") as stage:
        lawful(stage)


@given(st.integers(min_value=0, max_value=10**6))
@settings(max_examples=2)
def test_after_a_pull_of_odd_cases_a_plan_is_empty(seed: int) -> None:
    """Odd names, odd lists, what was deleted, what was sent again: from whatever seed."""
    with staged(generated(110, seed)) as stage:
        lawful(stage)


def test_a_thousand_campaigns() -> None:
    """The release gate at its size: every status, every odd name, every odd case of each."""
    world = generated(1_000, 1)
    with staged(world) as stage:
        found = lawful(stage)
    outcomes = {one.row.name: one for one in found.adoptions}
    assert len(found.of(Outcome.WRITTEN)) > 250
    twins = [outcomes[name].outcome for name in ("Café du matin", "Cafe\u0301 du matin")]
    assert sorted(twins) == [Outcome.NOT_WRITTEN, Outcome.WRITTEN]
    reasons = {one.reason for one in found.of(Outcome.NOT_WRITTEN)}
    for words in REASONS:
        assert [one for one in reasons if words in one], words


REASONS = (
    "A/B test",
    "being sent right now",
    "newest send failed",
    "no recipients",
    "no longer says to whom",
    "lists and a segment at once",
    "2 segments at once",
    "lists that were deleted",
    "segments that were deleted",
    "contradicts itself",
    "begins or ends with a blank",
    "control character or line break",
    "no lock can hold the name <<",
    "bears its name",
)
"""Why campaigns of a fleet are not written: each of these stands for some."""
