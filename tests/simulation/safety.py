"""What a run of the simulation found, for people: a summary, and the page of benchmarks."""

from collections.abc import Iterable, Iterator

from tests.simulation.guards import MEANING, Guard
from tests.simulation.laws import LAWS
from tests.simulation.residual import Residual
from tests.simulation.soak import Kill, Tally
from tests.simulation.story import COMBINATIONS, SWITCHES, story

TAKEN_AWAY: tuple[frozenset[Guard], ...] = (
    frozenset({Guard.LEAD}),
    frozenset({Guard.SETTLE}),
    frozenset({Guard.LEASE}),
    frozenset({Guard.FENCE}),
    frozenset({Guard.LEASE, Guard.FENCE}),
    frozenset({Guard.VERIFY}),
    frozenset({Guard.LOCK}),
    frozenset({Guard.SERIAL}),
    frozenset({Guard.QUIET}),
    frozenset({Guard.ONCE}),
    frozenset({Guard.QUIET, Guard.ONCE}),
)
"""What the page tells of: each guard, and those together that stand in for each other."""


def summary(total: Tally, seconds: float, off: frozenset[Guard]) -> str:
    """What was found, with the whole story of the first seed that broke a law."""
    lines = [
        f"{total.seeds:,} stories, {total.runs:,} runs in {seconds:.0f} s"
        + (f", without {named(off)}" if off else ""),
        f"  all sent as planned: {total.sent:,} stories",
        *(f"  {kind}: {total.residual[kind]:,}" for kind in Residual),
        f"  violations: {sum(total.violations.values()):,}",
        *(
            f"    {law}: {count:,}, first by seed {total.broken[law]}"
            for law, count in sorted(total.violations.items())
        ),
    ]
    if total.first is not None:
        lines += ["", str(story(total.first, off))]
    return "\n".join(lines)


def named(off: Iterable[Guard]) -> str:
    """Some guards, in the order of their list."""
    return " and ".join(guard for guard in Guard if guard in frozenset(off))


def page(total: Tally, seeds: range, found: Iterable[Kill]) -> str:
    """The page of benchmarks/safety.md."""
    return "\n".join([*_head(total, seeds), *_laws(total), *_switches(total), *_guards(found)])


def _head(total: Tally, seeds: range) -> Iterator[str]:
    yield f"""# Safety, simulated

Written by `make simulate SEEDS={len(seeds)} REPORT=benchmarks/safety.md`. The same seed tells the same story on every
machine, however many cores there are.

`tests/simulation` plays the real protocol of `ccops/applying` in a world without I/O: one virtual clock; several
processes that interleave between any two effects; requests that are lost, late, refused or answered nonsense; processes
that die, lose their lock or are frozen for 10 s, 2 minutes or 50 minutes, also between the last check of a write and its
first byte; people who edit, schedule, send, delete or halt in the meantime; readings that are up to 4 s old and do not
agree with each other. `python -m tests.simulation --first N --seeds 1 --tell` tells the story of seed N.

## All guards in place

| figure | count |
|---|---|
| stories | {total.seeds:,} |
| runs of apply in them | {total.runs:,} |
| stories in which ccops sent something, and all of it as planned | {total.sent:,} |"""
    for ending in sorted(total.endings, key=lambda one: (len(one), one)):
        yield f"| runs that {ending} | {total.endings[ending]:,} |"
    for kind in Residual:
        yield f"| {kind} | {total.residual[kind]:,} |"
    yield f"| **violations** | **{sum(total.violations.values()):,}** |"


def _laws(total: Tally) -> Iterator[str]:
    yield """
R1 is the residual risk of an edit in the browser between the reading that justified a POST and its arrival, when
nobody could take the schedule back before the send: the process died or was frozen over the send; or was cut off from
Constant Contact or its store, and said so; or it was a `now`. R3 is a vendor that books another time than it was asked
for. Nothing else is excused.

| law | violations |
|---|---|"""
    yield from (f"| {law} | {total.violations[law]:,} |" for law in LAWS)


def _switches(total: Tally) -> Iterator[str]:
    yield f"""
## What only the live API could tell

Each seed sets {len(SWITCHES)} switches of the pretended vendor by its lowest bits, so any {COMBINATIONS} seeds in a row hold every
combination of them.

| switch | stories with it on | violations among them |
|---|---|---|"""
    for name in SWITCHES:
        broken = total.switched[name, True]
        yield f"| {name} | {broken + total.switched[name, False]:,} | {broken:,} |"


def _guards(found: Iterable[Kill]) -> Iterator[str]:
    yield """
## Without a guard

A guard that nothing would miss is one that the simulation cannot see. Each is taken away in the simulation alone
(`--off GUARD`); ccops has no such switch.

| without | what it is | stories until any law is broken | … until a mail is wrong or missing |
|---|---|---|---|"""
    for one in found:
        what = "; ".join(MEANING[guard] for guard in Guard if guard in one.off)
        first, harm = _count(one.tried, one.seed, one.laws), _count(one.tried, one.harm, one.harms)
        yield f"| {named(one.off)} | {what} | {first} | {harm} |"
    yield """
Guards that back each other up are missed more when both are gone: a write that the lease would stop is most often
stopped by the fence as well; a reading that is trusted too early is most often found out by the wait for an accepted
request to show. The seeds that break a law with all guards in place do not count.
"""


def _count(tried: int, seed: int | None, laws: tuple[str, ...]) -> str:
    """Seeds are counted from 0."""
    return f"none in {tried:,}" if seed is None else f"{seed + 1:,}: {', '.join(laws)}"
