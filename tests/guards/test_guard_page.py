"""docs/guards.md: every guard, with a send that passes, one that is stopped, and one overridden.

CCOPS_UPDATE_GOLDEN=1 writes the page; read the difference before it is committed.
"""

import os
from collections.abc import Iterator

from ccops.manifest.rules import Guard, Rules
from ccops.planning.guarding.judge import GUARDS
from ccops.planning.plan import Plan
from tests.guards.guard_examples import EXAMPLES, REASON, Example, judge, rules_of
from tests.planning.samples import NAME
from tests.project.pure_core import ROOT

UPDATE = os.environ.get("CCOPS_UPDATE_GOLDEN") == "1"
PAGE = ROOT / "docs" / "guards.md"
MARK = "<!-- What follows is written by tests/guards/test_guard_page.py. -->\n"


def test_the_page_shows_what_the_guards_say() -> None:
    """Word for word."""
    text = PAGE.read_text(encoding="utf-8")
    head, mark, _ = text.partition(MARK)
    assert mark
    written = head + MARK + "\n" + "\n".join(generated())
    if UPDATE:
        PAGE.write_text(written, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written


def generated() -> Iterator[str]:
    for example in EXAMPLES:
        yield from _section(example)


def _section(example: Example) -> Iterator[str]:
    guard, rules = example.guard, rules_of(example.rules)
    yield f"## {guard}\n\n{GUARDS[guard].__doc__}\n"
    if example.rules:
        body = "".join(f"  {line}\n" for line in example.rules.splitlines())
        yield f"```yaml\nguards:\n{body}```\n"
    else:
        yield "It needs no configuration.\n"
    weight = Rules().severity(guard)
    yield f"Severity: {weight}. It {'can' if guard.waivable else 'cannot'} be overridden.\n"
    yield f"**Passes.** {example.passes.words}\n"
    assert said(judge(rules, example.passes), guard) == ""
    yield f"**Stops.** {example.fails.words}\n"
    yield f"```text\n{said(judge(rules, example.fails), guard)}```\n"
    if guard.waivable:
        overridden = judge(rules, example.fails, overrides=(str(guard),))
        yield "**Overridden.** In the manifest:\n"
        yield f"```yaml\noverrides:\n  - {{guard: {guard}, reason: {REASON}}}\n```\n"
        yield f"```text\n{said(overridden, guard)}```\n"


def said(plan: Plan, guard: Guard) -> str:
    """The findings of one guard, without their places."""
    found = [one for one in plan.findings if (one.guard, one.campaign) == (guard, NAME)]
    return "".join(
        f"{one.diagnostic.severity}[{one.diagnostic.code}]: {one.diagnostic.message}\n"
        f"  {one.diagnostic.label}\n"
        f"  = help: {one.diagnostic.help}\n"
        f"  = {'blocks the plan' if one.blocking else 'does not block the plan'}\n"
        for one in found
    )
