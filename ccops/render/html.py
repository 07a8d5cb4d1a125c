"""An agenda as one HTML page that is complete in itself: it runs no script and loads nothing."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping

from jinja2 import Environment, StrictUndefined

from ccops.render.agenda_view import AgendaView
from ccops.render.escape import visible
from ccops.render.headline import Tone

_TONES: Mapping[Tone, str] = {
    Tone.CLEAN: "ok",
    Tone.READY: "plan",
    Tone.ATTENTION: "bad",
    Tone.IRREVERSIBLE: "alarm",
    Tone.BLOCKED: "alarm",
}


def agenda_html(shown: AgendaView, *, template: str) -> str:
    """The page. `template` is the text of `calendar.html.jinja`, which this module was made for.

    Its Content-Security-Policy allows the one style sheet that stands in it, by its digest, and
    nothing else: no script, picture, frame, font or request, whatever a name may hold.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_shown, keep_trailing_newline=True
    )
    environment.filters["sha256"] = _sha256
    page = environment.from_string(template)
    return page.render(shown=shown, tone=_TONES[shown.tone])


def _shown(value: object) -> object:
    """Make foreign text visible before it is escaped; what the template made itself is left."""
    return value if hasattr(value, "__html__") else visible(str(value))


def _sha256(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()
