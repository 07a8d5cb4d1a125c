"""An apply leaves nothing to write, and only what was declared is ever scheduled or sent.

The real stack on a real socket: random accounts, random manifests, the virtual clock moved on.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.e2e.stage import Stage, on_stage
from tests.laws.accounts import (
    ACCOUNTS,
    Found,
    Wanted,
    furnished,
    manifests,
    only_declared_sends,
    only_declared_writes,
    requests_left,
)

CLOCKS = st.lists(st.sampled_from([1, 30, 90, 24 * 60, 7 * 24 * 60]), min_size=1, max_size=3)
MONTH = 30 * 24 * 3600


@settings(max_examples=settings().max_examples // 4, phases=set(Phase) - {Phase.explain})
@given(found=ACCOUNTS, wanted=manifests(now=True), clocks=CLOCKS)
def test_an_apply_converges_and_only_declared_sends_happen(
    found: tuple[Found, ...], wanted: tuple[Wanted, ...], clocks: list[int]
) -> None:
    """`plan` after `apply` writes nothing, at every later hour; what is sent was declared."""
    world = furnished(found)
    at_once = any(one.now for one in wanted)
    with TemporaryDirectory() as folder, on_stage(Path(folder), world) as stage:
        stage.write(*(one.text for one in wanted))
        for minutes in (0, *clocks):
            world.advance(60 * minutes)
            _converges(stage, at_once=at_once)
        _writes_nothing_more(stage)
        assert stage.writes() == stage.effects()
        only_declared_writes(stage, wanted)
        posts = Counter(line for line in stage.writes() if line.startswith("POST"))
        assert set(posts.values()) <= {1}
        world.advance(MONTH)
        only_declared_sends(stage, found, wanted)


def _converges(stage: Stage, *, at_once: bool) -> None:
    """Apply; then a plan has nothing to write, but for what waited for a send of that very apply."""
    before = len(stage.world.sends)
    left = _applied(stage, at_once=at_once)
    if left and len(stage.world.sends) > before:
        left = _applied(stage, at_once=at_once)
    assert left == []


def _applied(stage: Stage, *, at_once: bool) -> Sequence[str]:
    """Apply, and return the requests of the next plan."""
    agreed = _agreed(stage) if at_once else ["--yes"]
    applied = stage.run("apply", *agreed, "--format", "json")
    assert applied.code in {0, 6}, applied.err + applied.out
    for result in applied.document["results"]:
        event(f"{result['verdict']}: {result['ending']}")
    return requests_left(stage)


def _agreed(stage: Stage) -> list[str]:
    """Allow what the plan would send now, and agree to it by its checksum."""
    changes = stage.run("plan", "--format", "json").document["changes"]
    allowed = [one["campaign"] for one in changes if one["verdict"] == "send-now"]
    flags = [flag for name in allowed for flag in ("--allow", f"send-now={name}")]
    flags += ["--reason", "it is a test"] if flags else []
    agreed = stage.run("plan", *flags, "--format", "json").document
    return [*flags, "--checksum", agreed["checksum"]]


def _writes_nothing_more(stage: Stage) -> None:
    """Applying once more is applying nothing."""
    written = stage.writes()
    assert stage.run("apply", "--yes").code in {0, 6}
    assert stage.writes() == written
