"""A drift as GitHub Markdown: the body of an issue, one screen, the soonest send first."""

from collections.abc import Iterator

from ccops.errors import ExitCode
from ccops.planning.drift import Drift, DriftField, DriftItem, DriftState
from ccops.render.budget import Section, fitted
from ccops.render.drifting import (
    CALM,
    FRESH,
    PARTIAL,
    WORDING,
    ahead,
    applied,
    place,
    sides,
    title,
    totals,
    verdict,
)
from ccops.render.escape import code as quoted
from ccops.render.escape import marker
from ccops.render.moment import absolute
from ccops.render.phrases import joined

ONE_SCREEN = 12
"""So many campaigns of one kind are told of; how many more there are is said."""


def drift_markdown(found: Drift, code: ExitCode, *, budget: int = 30_000) -> str:
    """The page, of at most `budget` UTF-8 bytes. Doubts and the first drifts are never left out."""
    doubts = found.of(DriftState.NEEDS_PERSON, DriftState.UNKNOWN)
    return fitted(
        (
            Section(head=_top(found, code)),
            *_loud("> [!CAUTION]\n> **A person is needed:**", doubts, found, None),
            *_loud("> [!WARNING]\n> **Drift, the soonest send first:**", found.drifted, found, 3),
            *(section for state in CALM for section in _calm(state, found)),
            Section(head=_footer(found)),
        ),
        budget,
    )


def _top(found: Drift, code: ExitCode) -> str:
    data = {"account": found.account.id, "exit_code": str(int(code))}
    name, result = quoted(found.account.name), title(found, code)[0].lower()
    parts = (
        f"{marker('drift', data)}\n## ccops drift for {name}: {result}",
        f"**{totals(found)}.** Exit code {int(code)}: {verdict(found, code)}.",
        f"Only {', '.join(map(quoted, found.selection))}; {PARTIAL}." if found.selection else "",
        FRESH if found.fresh else "",
    )
    return "\n\n".join(part for part in parts if part)


def _loud(
    head: str, items: tuple[DriftItem, ...], found: Drift, required: int | None
) -> Iterator[Section]:
    shown = items if required is None else items[:ONE_SCREEN]
    rows = tuple("<br>".join(_told(one, found)) for one in shown)
    if rows:
        more = _more(items, shown, "> ")
        yield Section(head=head, rows=(*rows, *more), required=required, worth=2)


def _more(items: tuple[DriftItem, ...], shown: tuple[DriftItem, ...], lead: str) -> tuple[str, ...]:
    left = len(items) - len(shown)
    return (f"{lead}- … and {left:,} more: run `ccops drift` to see all.",) if left else ()


def _told(one: DriftItem, found: Drift) -> Iterator[str]:
    yield f"> - **{WORDING[one.state].says}:** {quoted(one.campaign)} {_where(one)}".rstrip()
    when = ahead(one, found)
    if when:
        yield f"Soonest send: **{when}**"
    for field in one.fields:
        yield f"`{field.compared}`: {_sides(one, field)}"
    if one.reason:
        yield f"Found: {quoted(one.reason)}"
    yield f"Last write of ccops: {applied(one)}"
    if one.remedy:
        yield f"To do: {quoted(one.remedy, limit=600)}"


def _sides(one: DriftItem, field: DriftField) -> str:
    """The sides of a difference; those that say the same are said once."""
    labels: dict[str, list[str]] = {}
    for label, words in sides(one, field):
        labels.setdefault(words, []).append(label)
    return ", ".join(f"{joined(found)} {quoted(words)}" for words, found in labels.items())


def _where(one: DriftItem) -> str:
    owner = f", owner {quoted(one.owner)}" if one.owner else ""
    return f"({quoted(place(one))}{owner})" if one.place else ""


def _calm(state: DriftState, found: Drift) -> Iterator[Section]:
    items = found.of(state)
    shown = items[:ONE_SCREEN]
    rows = (*(_calmly(one, found) for one in shown), *_more(items, shown, ""))
    if rows:
        wording = WORDING[state]
        head = f"### {wording.says.capitalize()} (no drift)\n\n{wording.means}\n"
        yield Section(head=head, rows=rows, required=0, worth=1)


def _calmly(one: DriftItem, found: Drift) -> str:
    parts = (
        f"- {quoted(one.campaign)} {_where(one)}".rstrip(),
        ahead(one, found),
        quoted(one.reason) if one.reason else "",
    )
    return "; ".join(part for part in parts if part)


def _footer(found: Drift) -> str:
    commit = f" for {quoted(found.commit)}" if found.commit else ""
    return (
        f"<sub>Looked at {absolute(found.as_of, zone=found.zone)}{commit}."
        f" Account {quoted(found.account.id)} at {quoted(found.origin)}.</sub>"
    )
