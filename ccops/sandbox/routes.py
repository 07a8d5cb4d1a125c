"""The table of endpoints: method, path, handler, and the scope and privilege each one asks for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ccops.sandbox import (
    abtests,
    account,
    activities,
    campaigns,
    lists,
    oauth,
    proofs,
    resends,
    schedules,
)
from ccops.sandbox.access import check_limits, check_rights, check_token
from ccops.sandbox.envelopes import (
    gateway_forbidden,
    method_not_allowed,
    not_found,
    unsupported_media_type,
)
from ccops.sandbox.exchange import Answer, Request
from ccops.sandbox.world import World

Handler = Callable[[World, Request], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint. An empty scope and privilege: any valid token will do."""

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler
    scope: str
    privilege: str


def _route(method: str, template: str, handler: Handler, scope: str, privilege: str) -> Route:
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
    return Route(
        method=method,
        template=template,
        pattern=pattern,
        handler=handler,
        scope=scope,
        privilege=privilege,
    )


def _emails(method: str, template: str, handler: Handler, may: str) -> Route:
    return _route(method, f"/v3/emails{template}", handler, "campaign_data", f"campaign:{may}")


def _activity(method: str, template: str, handler: Handler, may: str) -> Route:
    return _emails(method, f"/activities/{{campaign_activity_id}}{template}", handler, may)


def _contacts(template: str, handler: Handler, may: str) -> Route:
    return _route("GET", f"/v3/{template}", handler, "contact_data", may)


def _account(template: str, handler: Handler) -> Route:
    return _route("GET", f"/v3/account/{template}", handler, "account_read", "account:read")


_LISTS = "contacts:lists:read"
_RESENDS = "/non_opener_resends"
_OAUTH = "/oauth2/default/v1"

ROUTES = (
    _emails("GET", "", campaigns.list_campaigns, "read"),
    _emails("POST", "", campaigns.create_campaign, "write"),
    _emails("GET", "/{campaign_id}", campaigns.get_campaign, "read"),
    _emails("PATCH", "/{campaign_id}", campaigns.rename_campaign, "write"),
    _emails("DELETE", "/{campaign_id}", campaigns.remove_campaign, "delete"),
    _activity("GET", "", activities.get_activity, "read"),
    _activity("PUT", "", activities.put_activity, "write"),
    _activity("GET", "/schedules", schedules.get_schedules, "read"),
    _activity("POST", "/schedules", schedules.post_schedule, "send"),
    _activity("DELETE", "/schedules", schedules.delete_schedule, "send"),
    _activity("GET", "/send_history", schedules.get_send_history, "read"),
    _activity("POST", "/tests", proofs.post_test, "send"),
    _activity("GET", "/previews", proofs.get_preview, "read"),
    _activity("GET", _RESENDS, resends.get_resends, "read"),
    _activity("POST", _RESENDS, resends.post_resend, "send"),
    _activity("DELETE", f"{_RESENDS}/{{resend_request_id}}", resends.delete_resend, "send"),
    _activity("GET", "/abtest", abtests.get_abtest, "read"),
    _activity("POST", "/abtest", abtests.post_abtest, "write"),
    _activity("DELETE", "/abtest", abtests.delete_abtest, "write"),
    _contacts("contact_lists", lists.get_lists, _LISTS),
    _contacts("contact_lists/{list_id}", lists.get_list, _LISTS),
    _contacts("segments", lists.get_segments, _LISTS),
    _contacts("segments/{segment_id}", lists.get_segment, _LISTS),
    _contacts("contacts", lists.get_contacts, "contacts:read"),
    _account("summary", account.get_summary),
    _account("emails", account.get_emails),
    _account("summary/physical_address", account.get_address),
    _route("GET", "/v3/account/user/privileges", account.get_privileges, "", ""),
)
"""The API proper (spec)."""

OPEN_ROUTES = (
    _route("GET", f"{_OAUTH}/authorize", oauth.authorize, "", ""),
    _route("POST", f"{_OAUTH}/token", oauth.token, "", ""),
    _route("POST", f"{_OAUTH}/device/authorize", oauth.authorize_device, "", ""),
    _route("GET", "/activate", oauth.activate, "", ""),
)
"""The login service, which asks for no bearer token (docs; `/activate` is ours)."""


def dispatch(world: World, request: Request) -> Answer:
    """Answer a request. The order of refusals: 401, 429, 404, 405, 403, 415, then the endpoint's.

    Raises:
        ApiError: the request is refused.
    """
    for route, params in _matching(OPEN_ROUTES, request.path):
        if route.method == request.method:
            return route.handler(world, replace(request, params=params))
    if not request.path.startswith("/v3/"):
        raise gateway_forbidden()
    check_token(world, request)
    check_limits(world, request)
    return _call(world, request)


def _call(world: World, request: Request) -> Answer:
    candidates = list(_matching(ROUTES, request.path))
    if not candidates:
        raise not_found("The resource")
    for route, params in candidates:
        if route.method == request.method:
            check_rights(world, request, scope=route.scope, privilege=route.privilege)
            _check_media_type(request)
            return route.handler(world, replace(request, params=params))
    raise method_not_allowed()


def _matching(routes: tuple[Route, ...], path: str) -> Iterator[tuple[Route, dict[str, str]]]:
    for route in routes:
        match = route.pattern.fullmatch(path)
        if match is not None:
            yield route, match.groupdict()


def _check_media_type(request: Request) -> None:
    media_type = request.content_type.partition(";")[0].strip().lower()
    if request.method in {"POST", "PUT", "PATCH"} and media_type != "application/json":
        raise unsupported_media_type()
