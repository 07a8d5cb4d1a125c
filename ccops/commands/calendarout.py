"""A calendar in one of its formats, for stdout or a file."""

import sys

from ccops.commands.look import FILE, look
from ccops.planning.agenda import Agenda
from ccops.render.agenda_text import agenda_text
from ccops.render.agenda_view import view
from ccops.render.escape import log_line, log_page
from ccops.session.calendared import html_page, ics_page

FORMATS = ("text", "html", "ics")


def for_file(agenda: Agenda, form: str) -> str:
    """Return the calendar for a file; there every name stands as it is."""
    if form == "html":
        return html_page(view(agenda))
    if form == "ics":
        return ics_page(view(agenda))
    return agenda_text(view(agenda), **FILE)


def for_stdout(agenda: Agenda, form: str) -> str:
    """Return the calendar for stdout, in a spelling that no log obeys."""
    if form == "html":
        return log_page(html_page(view(agenda)))
    if form == "ics":
        # A folded line may begin anywhere in a text.
        return log_line(ics_page(view(agenda)))
    return agenda_text(view(agenda), **look(sys.stdout))
