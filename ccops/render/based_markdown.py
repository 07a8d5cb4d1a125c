"""Two versions of a workspace as Markdown, for whoever reviews: the irreversible first."""

from collections.abc import Iterator

from ccops.planning.based import Comparison, Concern, ManifestChange
from ccops.render.based_words import OFFLINE, SAYS, around, base, notice, rows, symbol, verdict
from ccops.render.budget import Section, fitted
from ccops.render.escape import code, fence, summary_html
from ccops.render.moment import absolute

BUDGET = 60_000
"""Bytes. GitHub refuses a comment of more than 65,536 (docs)."""
_GRAVE = frozenset({Concern.SENDS_AT_ONCE, Concern.UNSCHEDULES, Concern.UNMANAGED})
_ERRORS = 20


def comparison_markdown(comparison: Comparison, *, budget: int = BUDGET) -> str:
    """The comparison as one page of at most `budget` bytes; what is grave is never left out."""
    return fitted(
        (
            Section(head=_top(comparison)),
            *_caution(comparison),
            *_unread(comparison),
            *_workspace(comparison),
            *_notices(comparison),
            *_details(comparison),
            Section(head=_footer(comparison)),
        ),
        budget,
    )


def _top(comparison: Comparison) -> str:
    return f"## ccops: what the manifests declare\n\n**{verdict(comparison)}** {OFFLINE}"


def _caution(comparison: Comparison) -> Iterator[Section]:
    final = tuple(f"> - {code(one.campaign)}" for one in comparison.manifests if one.irreversible)
    if final:
        text = "> **These declare `now`: sent as soon as they are applied. It cannot be undone.**"
        yield Section(head=f"> [!CAUTION]\n{text}", rows=final)


def _unread(comparison: Comparison) -> Iterator[Section]:
    if comparison.base.version is not None:
        return
    found = tuple(
        f"> - {code(one.code)} {code(str(one.place)) if one.place else ''} {code(one.message)}"
        for one in comparison.base.errors[:_ERRORS]
    )
    text = "> **The base cannot be read, so every manifest counts as changed.**"
    yield Section(head=f"> [!WARNING]\n{text}", rows=found, required=1, worth=4)


def _workspace(comparison: Comparison) -> Iterator[Section]:
    found = tuple(
        f"> - {code(f'{sign} {path}')}: {code(value)}" for sign, path, value in around(comparison)
    )
    if found:
        text = "> **The workspace itself differs**, which bears on every campaign."
        yield Section(head=f"> [!IMPORTANT]\n{text}", rows=found, required=8, worth=3)


def _notices(comparison: Comparison) -> Iterator[Section]:
    found = [
        (one.concern in _GRAVE, f"- {code(change.campaign)}: {notice(one, change, comparison)}")
        for change in comparison.manifests
        for one in change.notices
    ]
    grave = tuple(text for heavy, text in found if heavy)
    softer = tuple(text for heavy, text in found if not heavy)
    if found:
        yield Section(head="### To know\n", rows=(*grave, *softer), required=len(grave), worth=2)


def _details(comparison: Comparison) -> Iterator[Section]:
    if comparison.manifests:
        rows_ = tuple(_detail(one, comparison) for one in reversed(comparison.manifests))
        yield Section(head="### Field by field\n", rows=rows_, required=0, worth=1)


def _detail(change: ManifestChange, comparison: Comparison) -> str:
    lines = tuple(
        f"{sign} {path}: {value}" for sign, path, value in rows(change, now=comparison.now)
    )
    place = code(f"{change.place.file}:{change.place.line}")
    title = summary_html(f"{symbol(change)} {change.campaign}")
    head = f"<details><summary>{title} {SAYS[change.kind]}</summary>"
    return f"{head}\n\n{fence(lines)}\n\n{place}\n\n</details>"


def _footer(comparison: Comparison) -> str:
    clock = absolute(comparison.now, zone=comparison.zone)
    return (
        f"<sub>Compared with {code(base(comparison))} on {clock}, by the clock of the machine "
        "that compared; times from then.</sub>"
    )
