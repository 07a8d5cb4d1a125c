"""Whatever happens to the requests of several runs: the laws hold, and a quiet run ends it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.e2e.stage import on_stage
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

KINDS = (
    "drop_before",
    "drop_after",
    "500_before",
    "500_after",
    "truncate",
    "html",
    "html502",
    "redirect",
    "quota_exceeded",
    "expire_token",
)
MISFORTUNES = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(["GET", "PUT", "POST", "DELETE", "*"]),
        st.integers(0, 20),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=4,
)
MONTH = 30 * 24 * 3600


@settings(max_examples=settings().max_examples // 8, phases=set(Phase) - {Phase.explain})
@given(found=ACCOUNTS, wanted=manifests(now=False), misfortunes=MISFORTUNES)
def test_no_misfortune_makes_an_undeclared_write_or_send(
    found: tuple[Found, ...],
    wanted: tuple[Wanted, ...],
    misfortunes: list[tuple[str, str, int, int]],
) -> None:
    """Two runs in bad weather, two in good: then nothing is left to write, or a person is asked."""
    with TemporaryDirectory() as folder, on_stage(Path(folder), furnished(found)) as stage:
        stage.write(*(one.text for one in wanted))
        for kind, method, after, times in misfortunes:
            stage.fault(kind, method, "/v3/emails*", after=after, times=times)
        bad = [stage.run("apply", "--yes").code for _ in range(2)]
        stage.world.faults.clear()
        good = [stage.run("apply", "--yes").code for _ in range(2)]
        event(f"{bad} {good}")
        assert good[-1] in {0, 6}
        assert requests_left(stage) == []
        only_declared_writes(stage, wanted)
        stage.world.advance(MONTH)
        only_declared_sends(stage, found, wanted)
