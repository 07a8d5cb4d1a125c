"""Where a calendar comes from: a plan made now or a saved one; and the pages it is shown on."""

import zoneinfo
from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

from ccops.errors import Diagnostic, InvalidInput
from ccops.planning.agenda import DAYS, Agenda, agenda
from ccops.planning.plan import Plan
from ccops.render.agenda_view import AgendaView
from ccops.session.loading import local_now
from ccops.session.planned import plan
from ccops.session.saved import read_plan
from ccops.session.wiring import reading


def calendar(
    start: Path,
    *,
    file: str | None,
    base_url: str | None,
    select: Sequence[str],
    locked: bool,
    first: date | None,
    days: int,
    tell: Callable[[str], None],
) -> Agenda:
    """Arrange the sends of a saved plan, or of one made now; nothing is written.

    A saved plan is looked at with this machine's clock, and needs neither workspace nor login.
    `first` None: from today on. `days` 0: as many as an agenda shows by itself.

    Raises:
        CcopsError: see `ccops.session.planned.plan` and `ccops.session.loading.read_plan`.
        InvalidInput: CC612, a selection or `locked` for a saved plan.
    """
    if file is None:
        with reading(start, base_url, tell) as session:
            made = plan(session, select=select, allow=(), reason="", locked=locked)
        return agenda(made, now=made.created_at, first=first, days=days or DAYS)
    _refuse_flags(select, locked=locked)
    # As with a plan made now, the zone data that ships with ccops decides, not the machine's.
    zoneinfo.reset_tzpath(())
    return _looked_at(read_plan(file), first, days or DAYS)


def _looked_at(saved: Plan, first: date | None, days: int) -> Agenda:
    # A sandbox's plan may come from a virtual future; one's own clock may be slow.
    now = max(saved.created_at, local_now())
    return agenda(saved, now=now, first=first, days=days)


def _refuse_flags(select: Sequence[str], *, locked: bool) -> None:
    given = {"--select": bool(select), "--locked": locked}
    for flag in (name for name, present in given.items() if present):
        message = f"{flag} cannot be given for a saved plan: it is frozen in it"
        raise InvalidInput(
            Diagnostic(code="CC612", message=message, help=f"plan again with {flag}, and --save")
        )


def html_page(shown: AgendaView) -> str:
    """Return the calendar as an HTML page. Raises InvalidInput CC224 without the extra `html`."""
    try:
        from ccops.render.html import agenda_html  # noqa: PLC0415 - Jinja2 is an extra
    except ImportError:
        raise InvalidInput(_missing("html", "Jinja2")) from None
    template = files("ccops.render").joinpath("calendar.html.jinja").read_text(encoding="utf-8")
    return agenda_html(shown, template=template)


def ics_page(shown: AgendaView) -> str:
    """Return the calendar as iCalendar. Raises InvalidInput CC224 without the extra `html`."""
    try:
        from ccops.render.ics import agenda_ics  # noqa: PLC0415 - icalendar is an extra
    except ImportError:
        raise InvalidInput(_missing("ics", "icalendar")) from None
    return agenda_ics(shown)


def _missing(form: str, library: str) -> Diagnostic:
    return Diagnostic(
        code="CC224",
        message=f"a calendar as {form} needs the library {library}, which is not installed",
        help="pip install 'ccops[html]'",
    )
