"""Real processes with four connections, as they have wherever requests are paced, are struck too.

Which campaign is how far at a point differs from run to run: what is judged is the end.
"""

from collections.abc import Callable

import pytest

from ccops.errors import ExitCode
from tests.e2e.stage import workspace
from tests.processes.aftermath import judged
from tests.processes.ledger import SAME
from tests.processes.scenes import Crew, Scene, Undisturbed
from tests.processes.sequences import ending
from tests.processes.struck import Blow

CASE = "three campaigns"
STRIDE = 16
"""Every so many points are struck at in the quick run."""

Plain = Callable[[str], Undisturbed]


def paced(scene: Scene) -> None:
    """Let the requests be a millisecond apart: so there is more than one connection."""
    workspace(scene.stage.folder, scene.stage.world, request_gap="1 ms")


def of_each(writes: list[str] | tuple[str, ...]) -> dict[str, list[str]]:
    """The writes of each campaign, in their order."""
    names = {write.split()[1] for write in writes}
    return {name: [one for one in writes if one.split()[1] == name] for name in names}


def test_undisturbed_each_campaign_gets_its_writes_in_their_order(
    crew: Crew, undisturbed: Plain
) -> None:
    """They overlap between campaigns, and the account ends as by one connection."""

    def run(scene: Scene) -> None:
        paced(scene)
        assert scene.apply().code == 0
        assert of_each(scene.stage.writes()) == of_each(scene.plain.case.writes)
        assert ending(scene.stage.world) == scene.plain.end

    crew.once(undisturbed(CASE), run)


@pytest.mark.parametrize("blow", [Blow.KILL, Blow.INTERRUPT, Blow.TWICE])
def test_struck_with_several_requests_under_way(crew: Crew, undisturbed: Plain, blow: Blow) -> None:
    """Applied again it ends as undisturbed; one signal leaves no campaign halfway."""
    plain = undisturbed(CASE)
    last = len(plain.points)
    numbers = range(last) if crew.every else range([*Blow].index(blow), last, STRIDE)

    def strike(scene: Scene, number: int) -> tuple[int, bool, str]:
        paced(scene)
        struck = scene.apply(at=number, blow=blow)
        written, due = of_each(scene.stage.writes()), of_each(scene.plain.case.writes)
        whole = all(due[name] == writes for name, writes in written.items())
        return struck.code, whole, judged(scene, scene.apply())

    found = crew.each(plain, numbers, strike)
    assert {outcome for *_, outcome in found} == {SAME}
    if blow is Blow.INTERRUPT:
        assert {whole for _, whole, _ in found} == {True}
        assert {code for code, *_ in found} <= {0, ExitCode.INTERRUPTED}
    if blow is Blow.TWICE:
        assert {code for code, *_ in found} <= {0, ExitCode.INTERRUPTED, ExitCode.UNKNOWN}
