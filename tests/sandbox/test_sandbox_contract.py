"""What the sandbox answers has the shape that the vendor's Swagger declares.

The Swagger is the vendor's and stands beside the checkout, never in it; where it is missing, these
tests are skipped. `/contacts` and the error bodies are not in it: they have schemas of their own here.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from jsonschema import Draft4Validator, FormatChecker

from ccops.sandbox.routes import ROUTES
from ccops.sandbox.seed import activity_id_of, campaign_id_of, list_id_of, seed
from ccops.sandbox.world import World

SWAGGER = Path(__file__).parents[3] / "shared/contract/cc-v3-email.yaml"
NOT_IN_SWAGGER = {("GET", "/contacts")}
FORMATS = FormatChecker(formats=())

APPEAL = f"/v3/emails/activities/{activity_id_of('Annual Appeal')}"
DONE = f"/v3/emails/activities/{activity_id_of('Board Minutes')}"
TESTED = f"/v3/emails/activities/{activity_id_of('Subject Line Test')}"
APPEAL_CAMPAIGN = f"/v3/emails/{campaign_id_of('Annual Appeal')}"
ACTIVITY = {
    "format_type": 5,
    "from_email": "news@fernandfield.example",
    "from_name": "News",
    "reply_to_email": "news@fernandfield.example",
    "subject": "Hello",
    "preheader": "There",
    "html_content": "<p>[[trackingImage]]</p>",
    "contact_list_ids": [],
}
ALL_PARTS = "html_content,permalink_url,physical_address_in_footer,document_properties"

CALLS = [
    ("GET", "/v3/emails?limit=2", None),
    ("GET", "/v3/emails?limit=500", None),
    ("POST", "/v3/emails", {"name": "New", "email_campaign_activities": [ACTIVITY]}),
    ("GET", APPEAL_CAMPAIGN, None),
    ("PATCH", APPEAL_CAMPAIGN, {"name": "Annual Appeal 2027"}),
    ("GET", APPEAL, None),
    ("GET", f"{DONE}?include={ALL_PARTS}", None),
    ("PUT", APPEAL, {**ACTIVITY, "contact_list_ids": [list_id_of("Board")]}),
    ("GET", f"{APPEAL}/schedules", None),
    ("POST", f"{APPEAL}/non_opener_resends", {"resend_subject": "Again", "delay_days": 2}),
    ("GET", f"{APPEAL}/non_opener_resends", None),
    ("POST", f"{APPEAL}/schedules", {"scheduled_date": "2027-03-05T14:00:00Z"}),
    ("GET", f"{APPEAL}/schedules", None),
    ("GET", f"{APPEAL}/non_opener_resends", None),
    ("DELETE", f"{APPEAL}/schedules", None),
    ("DELETE", f"{APPEAL}/non_opener_resends/DRAFT", None),
    ("POST", f"{APPEAL}/schedules", {"scheduled_date": "0"}),
    ("GET", f"{APPEAL}/send_history", None),
    ("GET", f"{DONE}/send_history", None),
    ("POST", f"{APPEAL}/tests", {"email_addresses": ["a@b.example"]}),
    ("GET", f"{APPEAL}/previews", None),
    ("GET", f"{TESTED}/abtest", None),
    ("DELETE", f"{TESTED}/abtest", None),
    (
        "POST",
        f"{TESTED}/abtest",
        {"alternative_subject": "Or", "test_size": 10, "winner_wait_duration": 6},
    ),
    ("DELETE", APPEAL_CAMPAIGN, None),
    ("GET", "/v3/contact_lists?limit=2&include_count=true&include_membership_count=all", None),
    ("GET", "/v3/contact_lists?status=all", None),
    ("GET", f"/v3/contact_lists/{list_id_of('Old prospects')}", None),
    ("GET", "/v3/segments?limit=1", None),
    ("GET", "/v3/segments", None),
    ("GET", "/v3/segments/103", None),
    ("GET", "/v3/account/summary?extra_fields=physical_address", None),
    ("GET", "/v3/account/emails", None),
    ("GET", "/v3/account/summary/physical_address", None),
    ("GET", "/v3/account/user/privileges", None),
]

CONTACTS = {
    "type": "object",
    "required": ["contacts", "contacts_count"],
    "additionalProperties": False,
    "properties": {
        "contacts_count": {"type": "integer", "minimum": 0},
        "contacts": {"type": "array", "items": {"type": "object", "required": ["contact_id"]}},
        "_links": {"type": "object", "required": ["next"]},
    },
}
ENTRY = {
    "type": "object",
    "required": ["error_key", "error_message"],
    "additionalProperties": False,
    "properties": {"error_key": {"type": "string"}, "error_message": {"type": "string"}},
}
ENTRIES = {"type": "array", "minItems": 1, "items": ENTRY}


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> Any:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uuid", raises=ValueError)
def is_uuid(value: object) -> Any:
    return not isinstance(value, str) or str(UUID(value)) == value


def nullable(schema: Any) -> Any:
    """Turn `x-nullable` into a type that JSON Schema knows, all the way down."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: nullable(value) for name, value in schema.items() if name != "x-nullable"}
    if schema.get("x-nullable") and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain


@pytest.fixture(scope="module")
def swagger() -> Any:
    if not SWAGGER.exists():
        reason = f"the vendor's Swagger is not beside the checkout: {SWAGGER}"
        print(reason)
        pytest.skip(reason)
    return nullable(yaml.safe_load(SWAGGER.read_text(encoding="utf-8")))


def template_of(method: str, path: str) -> Any:
    path = path.partition("?")[0]
    (route,) = [r for r in ROUTES if r.method == method and r.pattern.fullmatch(path)]
    return route.template.removeprefix("/v3")


def check(document: Any, schema: Any, definitions: Any = ()) -> None:
    whole = {**schema, "definitions": dict(definitions)}
    Draft4Validator(whole, format_checker=FORMATS).validate(document)


def test_every_answer_has_the_declared_status_and_shape(
    swagger: dict[str, Any], api_of: Callable[[World], Any]
) -> None:
    api = api_of(seed("demo"))
    seen = set()
    for method, path, body in CALLS:
        template = template_of(method, path)
        seen.add((method, template))
        declared = swagger["paths"][template][method.lower()]["responses"]
        reply = api(method, path, body)
        assert reply.status < 300, (method, path, reply.document)
        assert str(reply.status) in declared, (method, template, reply.status)
        schema = declared[str(reply.status)].get("schema")
        if schema is None:
            assert reply.body == b""
        else:
            check(reply.document, schema, swagger["definitions"])
    assert seen | NOT_IN_SWAGGER == {
        (route.method, route.template.removeprefix("/v3")) for route in ROUTES
    }


def test_every_answer_names_only_properties_the_vendor_declares(
    swagger: dict[str, Any], api_of: Callable[[World], Any]
) -> None:
    """But `document_id`, which build 3.0.178 added and every recording shows."""
    api = api_of(seed("demo"))
    for method, path, body in CALLS:
        template = template_of(method, path)
        reply = api(method, path, body)
        schema = swagger["paths"][template][method.lower()]["responses"][str(reply.status)]
        if "schema" in schema:
            names = set(undeclared(reply.document, schema["schema"], swagger["definitions"]))
            assert names <= {"document_id"}, (method, template, names)


def undeclared(document: Any, schema: Any, definitions: Any) -> Iterator[Any]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if isinstance(document, list):
        for item in document:
            yield from undeclared(item, schema.get("items", {}), definitions)
    if isinstance(document, dict) and "properties" in schema:
        yield from set(document) - set(schema["properties"])
        for name in set(document) & set(schema["properties"]):
            yield from undeclared(document[name], schema["properties"][name], definitions)


def test_scope_and_privilege_of_every_endpoint_are_the_declared_ones(
    swagger: dict[str, Any],
) -> None:
    for route in ROUTES:
        template = route.template.removeprefix("/v3")
        if (route.method, template) in NOT_IN_SWAGGER:
            continue
        operation = swagger["paths"][template][route.method.lower()]
        scopes = operation["security"][1]["oauth2_access_code"]
        assert scopes == ([route.scope] if route.scope else []), template
        privileges = operation.get("x-authorization-privileges", [])
        assert privileges == ([route.privilege] if route.privilege else []), template


def test_every_declared_method_of_an_implemented_email_path_is_implemented(
    swagger: dict[str, Any],
) -> None:
    implemented = {(route.method, route.template.removeprefix("/v3")) for route in ROUTES}
    for path, operations in swagger["paths"].items():
        if path.startswith("/emails") and path != "/emails/campaign_id_xrefs":
            methods = {name.upper() for name in operations if re.fullmatch("[a-z]+", name)}
            assert {(method, path) for method in methods - {"PARAMETERS"}} <= implemented


def test_contacts_have_their_shape(api_of: Callable[[World], Any]) -> None:
    api = api_of(seed("demo"))
    reply = api("GET", "/v3/contacts?status=active&include_count=true&limit=1")
    check(reply.document, CONTACTS)


@pytest.mark.parametrize(
    ("status", "schema", "call"),
    [
        (400, ENTRIES, ("PUT", APPEAL, {})),
        (400, ENTRIES, ("POST", f"{APPEAL}/schedules", {"scheduled_date": "x"})),
        (404, ENTRIES, ("GET", "/v3/emails/none", None)),
        (405, ENTRIES, ("PUT", "/v3/emails", {})),
        (409, ENTRIES, ("PATCH", APPEAL_CAMPAIGN, {"name": "Old Gala"})),
        (403, ENTRY, ("GET", "/v3/contact_lists", None)),
    ],
)
def test_errors_have_their_shapes(
    api_of: Callable[[World], Any], status: int, schema: Any, call: tuple[str, str, object]
) -> None:
    world = seed("demo")
    world.scopes = ("campaign_data",)
    reply = api_of(world)(*call)
    assert reply.status == status
    check(reply.document, schema)
