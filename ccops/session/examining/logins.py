"""The login: where it comes from, how long it lives, and what it is for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ccops.constantcontact.authz import NEEDED, SCOPES
from ccops.constantcontact.claims import Claims, read_claims
from ccops.constantcontact.grants import UNUSED_LIFE, Grant, RefreshKind
from ccops.errors import CcopsError
from ccops.render.checks import Check, Subject, failed, passed, refused, told, warned
from ccops.render.moment import duration
from ccops.render.phrases import joined
from ccops.session.authorizing import LASTING, Login, Source

_RENEWED = "put a fresh one there, or unset it and run `ccops auth login`"
_DAYS = timedelta(days=2)


def login_checks(login: Login | CcopsError, *, shared: bool, now: datetime) -> Iterator[Check]:
    """Look at a login, or at why there is none.

    `shared`: the store is one that several machines use. `now` is this machine's clock, UTC.
    """
    if isinstance(login, CcopsError):
        yield refused(Subject.LOGIN, login)
        return
    yield passed(Subject.LOGIN, _source(login))
    claims = read_claims(login.token)
    grant = login.grant
    yield _given_token(claims, now) if grant is None else _token(login, grant, now, shared=shared)
    yield _scopes(claims.scopes if grant is None else grant.scopes)


def _source(login: Login) -> str:
    match login.source:
        case Source.ACCESS:
            return f"an access token in {login.source}"
        case Source.REFRESH:
            return f"a refresh token in {login.source}; what it yields is kept in {login.where}"
        case Source.STORE:
            return f"{login.source}, kept in {login.where}"


def _given_token(claims: Claims, now: datetime) -> Check:
    """Judge a token out of CCOPS_ACCESS_TOKEN, which nothing renews."""
    name = Source.ACCESS.value
    if claims.expires_at is None:
        return passed(Subject.TOKEN, "never renewed; it does not tell how long it lives")
    left = claims.expires_at - now
    if left <= timedelta(0):
        return failed(Subject.TOKEN, f"ended {life(-left)} ago", f"{name} is over: {_RENEWED}")
    detail = f"never renewed; lives {life(left)} longer"
    if left > LASTING:
        return passed(Subject.TOKEN, detail)
    return warned(Subject.TOKEN, detail, f"an apply may outlive {name}: {_RENEWED}")


def _token(login: Login, grant: Grant, now: datetime, *, shared: bool) -> Check:
    """Judge a token that ccops keeps, and renews if it can."""
    if login.trouble is not None:
        return told(Subject.TOKEN, login.trouble.diagnostics)
    left = f"lives {life(grant.expires_at - now)} longer"
    if grant.kind is RefreshKind.NONE:
        remedy = "it cannot serve CI: run `ccops auth login`, without --device"
        return warned(Subject.TOKEN, f"{left}, and cannot be renewed", remedy)
    detail = f"{left}; {_kind(grant.kind)}, dies when unused for {_unused(grant, now)}"
    if grant.kind is RefreshKind.ROTATING and login.source is Source.REFRESH and not shared:
        remedy = (
            f"each use kills the token in {login.source}, and its heir is on this machine alone: "
            "keep the store (CCOPS_STORE), or make the application's refresh tokens long-lived"
        )
        return warned(Subject.TOKEN, detail, remedy)
    return passed(Subject.TOKEN, detail)


def _kind(kind: RefreshKind) -> str:
    unused = "its refresh token was not used yet, so that its kind is not known"
    return unused if kind is RefreshKind.UNKNOWN else f"its refresh token is {kind}"


def _unused(grant: Grant, now: datetime) -> str:
    return life(grant.renewed_at + UNUSED_LIFE - now)


def life(span: timedelta) -> str:
    """For example `179 days`, `23 h 10 min`."""
    return f"{span.days:,} days" if span >= _DAYS else duration(max(span, timedelta(0)))


def _scopes(scopes: tuple[str, ...] | None) -> Check:
    if scopes is None:
        return passed(Subject.SCOPES, "not known: the token does not tell")
    missing = [one for one in NEEDED if one not in scopes]
    if missing:
        remedy = "run `ccops auth login`: it asks for all that are needed"
        return failed(Subject.SCOPES, f"{joined(missing)} missing", remedy)
    surplus = [one for one in scopes if one not in SCOPES]
    if surplus:
        remedy = "run `ccops auth login`: it asks for no more than is needed"
        return warned(Subject.SCOPES, f"more than ccops needs: {joined(surplus)}", remedy)
    return passed(Subject.SCOPES, joined(scopes))
