"""The first lines of a page: how much is sent, to how many, and when the first of it leaves."""

from dataclasses import replace

import pytest

from ccops.planning.plan import Change, Plan
from ccops.render.markdown_lead import lead
from tests.render import render_builders as build


def known(change: Change, contacts: int) -> Change:
    """The change with recipients that were counted."""
    return replace(change, audience=build.held("VIP", contacts=contacts))


FRIDAY = "**Fri 27 Nov 2026, 08:00 EST (13:00 UTC), in 3 days**"
SENT, MANY = (
    "**At once:** 1 campaign, 31,207 emails.",
    "at most 26,990 emails, and 1 of them not counted",
)
RESENT = replace(build.counted().changes[2], send=build.at(27, 13))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (build.quiet(), ""),
        (build.plan([build.missed(), build.updated()]), ""),
        (
            build.plan([known(build.scheduled(), 1)]),
            f"**At a set time:** 1 campaign, 1 email; it leaves {FRIDAY}.",
        ),
        (
            build.plan([known(build.scheduled(), 0)]),
            f"**At a set time:** 1 campaign, to nobody; it leaves {FRIDAY}.",
        ),
        (
            build.plan([replace(build.scheduled(), audience=None)]),
            f"**At a set time:** 1 campaign, emails not counted; it leaves {FRIDAY}.",
        ),
        (
            build.plan([RESENT]),
            f"**At a set time:** 1 campaign, at most 455 emails; it leaves {FRIDAY}.",
        ),
        (
            build.counted(),
            f"{SENT}<br>**At a set time:** 4 campaigns, {MANY}; the first leaves {FRIDAY}.",
        ),
        (
            build.plan([build.unscheduled(), known(build.recall(), 7)]),
            "**At once:** 1 campaign, 7 emails.<br>**NOT sent any more:** 1 campaign.",
        ),
    ],
)
def test_what_a_plan_does(plan: Plan, said: str) -> None:
    """Who is in two sends gets two emails; what is not counted is never nobody."""
    assert lead(plan, now=build.NOON) == said


def test_the_first_is_the_earliest() -> None:
    """Whatever the order of the changes is."""
    plan = build.plan([build.rescheduled(), build.scheduled()])
    assert f"the first leaves {FRIDAY}" in lead(plan, now=build.NOON)
