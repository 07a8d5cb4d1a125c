"""What `ccops verify` found, as GitHub Markdown: for an issue, or the summary of a nightly run."""

from collections.abc import Iterator

from ccops.planning.delivery import Delivery
from ccops.render.budget import Section, fitted
from ccops.render.delivering import (
    WORDING,
    Verification,
    asked,
    briefly,
    legend,
    nothing,
    ran,
    totals,
    verdict,
)
from ccops.render.escape import code, marker
from ccops.render.moment import absolute


def deliveries_markdown(found: Verification, *, budget: int = 60_000) -> str:
    """Trouble first, then what is as applied; rows of the latter are left out to fit."""
    calm = tuple(_calm(one, found) for one in found.deliveries if one.state.as_applied)
    loud = tuple(_trouble(one, found) for one in found.trouble)
    meanings = tuple(f"- {says}: {means}" for says, means in legend(found))
    empty = "" if found.deliveries else nothing(found)
    sections = (
        Section(head=_top(found)),
        *((Section(head="> [!CAUTION]\n> **Not as applied:**", rows=loud),) if loud else ()),
        *((Section(head="### As applied\n", rows=calm, required=0),) if calm else ()),
        *(
            (Section(head="### What this means\n", rows=meanings, required=0, worth=1),)
            if meanings
            else ()
        ),
        *((Section(head=empty),) if empty else ()),
        Section(head=_footer(found)),
    )
    return fitted(sections, budget)


def _top(found: Verification) -> str:
    data = {"account": found.account.id, "exit_code": str(int(found.exit_code))}
    title = f"## ccops verify for {code(found.account.name)}: {verdict(found)}"
    only = ", ".join(code(one) for one in found.selection)
    return f"{marker('verify', data)}\n{title}{f'{_BREAK}Only {only}.' if only else ''}"


_BREAK = "\n\n"


def _calm(one: Delivery, found: Verification) -> str:
    told = briefly(one, zone=found.zone, now=found.as_of)
    return f"- {code(one.campaign)}: {code(told)}"


def _trouble(one: Delivery, found: Verification) -> str:
    return "<br>".join(_told(one, found))


def _told(one: Delivery, found: Verification) -> Iterator[str]:
    wording = WORDING[one.state]
    yield f"> - {code(one.campaign)} **{wording.says}.** {wording.means}"
    when, went = asked(one, zone=found.zone, now=found.as_of), ran(one, zone=found.zone)
    if when:
        yield f"Applied for {when}."
    if went:
        yield f"It ran {went}."
    if one.detail:
        yield f"Found: {code(one.detail)}"
    if one.noted:
        yield f"The journal says: {code(one.noted)}"
    yield f"To do: {wording.todo}."


def _footer(found: Verification) -> str:
    now, since = (absolute(one, zone=found.zone) for one in (found.as_of, found.since))
    return (
        f"<sub>{totals(found)}, since {since}; looked at {now}."
        f" Account {code(found.account.id)} at {code(found.origin)}.</sub>"
    )
