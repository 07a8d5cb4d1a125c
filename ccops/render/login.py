"""Who is logged in, for how long and for what: as text and as JSON. Never a token."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.render.documents import document, instant
from ccops.render.layout import Block, Span, Table, line, paint
from ccops.render.style import Meaning, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginShown:
    """A login. `source` is the variable or the command that it comes from.

    `kind` is that of its refresh token. With a token out of a variable, of which nothing is known,
    `kind`, `ends` and `unused_until` are None and `where` is empty. `now` and the others are UTC,
    by this machine's clock; `missing` are scopes without which a command must fail; `trouble` is
    why it was just not renewed, "" if it was or need not be.
    """

    account: str
    name: str
    source: str
    where: str
    kind: str | None
    now: datetime
    ends: datetime | None
    unused_until: datetime | None
    scopes: tuple[str, ...]
    missing: tuple[str, ...]
    trouble: str = ""


_KINDS = {
    "none": "none: this login ends with its access token",
    "unknown": "there is one; rotating or long-lived shows at its first use",
    "rotating": "rotating: each renewal replaces it, so it must be kept in one store",
    "long-lived": "long-lived: the same one is used each time",
}

_CI = {
    "none": ("no", "it cannot serve CI, which has nobody to log in again"),
    "unknown": ("shared-store", "with a PostgreSQL store; without one if it proves long-lived"),
    "rotating": ("shared-store", "with a PostgreSQL store that the runners share"),
    "long-lived": ("yes", "with a PostgreSQL store, or as CCOPS_REFRESH_TOKEN without one"),
}
"""Whether pipelines can use it, as a word and in words."""


def login_text(
    shown: LoginShown, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """One fact a line; a scope that is missing and a renewal that failed last."""
    rows = tuple((Span(title, Meaning.STRONG), Span(text)) for title, text in _facts(shown))
    table: Block = Table(rows=rows, indent=0)
    warnings = (("Missing scopes: ", ", ".join(shown.missing)), ("Not renewed: ", shown.trouble))
    told = (line(Span(title, Meaning.WARNING), text) for title, text in warnings if text)
    return paint((table, *told), style=style, width=width, encoding=encoding)


def _facts(shown: LoginShown) -> Iterator[tuple[str, str]]:
    yield "account", f"{shown.name}, {shown.account}"
    yield "login from", shown.source
    if shown.kind is None or shown.ends is None:
        yield "life", "not known: nothing tells how long a given token lives"
        return
    yield "access token", f"lives {_span(shown.ends - shown.now)} longer"
    yield "refresh token", _KINDS[shown.kind]
    if shown.unused_until is not None:
        yield "", f"dies when unused for {_span(shown.unused_until - shown.now)}"
    yield "serves CI", _CI[shown.kind][1]
    yield "scopes", ", ".join(shown.scopes)
    yield "stored in", shown.where


def _span(life: timedelta) -> str:
    minutes = max(int(life.total_seconds()) // 60, 0)
    days, hours = minutes // 1440, minutes // 60
    if days >= 2:  # noqa: PLR2004 - below, hours say more
        return f"{days} days"
    return f"{hours} h {minutes % 60} min"


def login_json(shown: LoginShown) -> str:
    """The same facts; times are null where they are not known."""
    return document(
        "login",
        {
            "account": {"id": shown.account, "name": shown.name},
            "source": shown.source,
            "where": shown.where or None,
            "refresh_token": shown.kind,
            "serves_ci": None if shown.kind is None else _CI[shown.kind][0],
            "ends": None if shown.ends is None else instant(shown.ends),
            "unused_until": None if shown.unused_until is None else instant(shown.unused_until),
            "scopes": list(shown.scopes),
            "missing_scopes": list(shown.missing),
            "not_renewed": shown.trouble or None,
        },
    )
