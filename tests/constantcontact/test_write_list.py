"""INV-02: three writes can leave the program, and no fourth."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact import wire
from ccops.constantcontact.writes import APPLY_WRITES, NO_WRITES, WriteList, check_write
from ccops.errors import Blocked
from ccops.model import StepKind
from ccops.ports import Call
from tests.constantcontact.vendor_builders import ACTIVITY, CAMPAIGN, LIST_A

AT = f"/v3/emails/activities/{ACTIVITY}"
ALL = WriteList(kinds=APPLY_WRITES.kinds, send_now=frozenset({ACTIVITY}))
UPDATE = {
    "from_email": "a@example.org",
    "from_name": "A",
    "reply_to_email": "b@example.org",
    "subject": "S",
    "contact_list_ids": [LIST_A],
    "segment_ids": [],
}


def call(line: str, body: object = None, **parts: object) -> Call:
    method, path = line.split(" ", 1)
    content = None if body is None else wire.canonical(body).encode()
    return Call(method=method, path=path, body=content, **parts)  # type: ignore[arg-type] # a table


def code(writes: WriteList, asked: Call) -> str:
    """Return the code of the refusal; "" when it may leave."""
    try:
        check_write(writes, asked)
    except Blocked as blocked:
        return blocked.diagnostics[0].code
    return ""


POST_AT = call(f"POST {AT}/schedules", {"scheduled_date": "2026-10-06T13:00:00.000Z"})
POST_NOW = call(f"POST {AT}/schedules", {"scheduled_date": "0"})
PUT = call(f"PUT {AT}", UPDATE)
DELETE = call(f"DELETE {AT}/schedules")


@pytest.mark.parametrize("asked", [PUT, POST_AT, DELETE])
def test_the_three_writes_may_leave_an_applying_client(asked: Call) -> None:
    """And no read-only one."""
    assert code(APPLY_WRITES, asked) == ""
    assert code(NO_WRITES, asked) == "CC491"


def test_send_now_needs_a_permission_of_its_own() -> None:
    """The permission to schedule is not enough."""
    assert code(APPLY_WRITES, POST_NOW) == "CC492"
    assert code(ALL, POST_NOW) == ""
    assert code(WriteList(send_now=frozenset({ACTIVITY})), POST_NOW) == "CC491"


def test_permission_to_send_one_campaign_now_is_none_for_another() -> None:
    """The permission names the activity: no other one can be sent with it."""
    other = replace(APPLY_WRITES, send_now=frozenset({CAMPAIGN}))

    assert code(other, POST_NOW) == "CC492"


def test_a_kind_can_be_allowed_alone() -> None:
    """For a command that only unschedules."""
    halt = WriteList(kinds=frozenset({StepKind.UNSCHEDULE}))
    assert [code(halt, asked) for asked in (DELETE, PUT, POST_AT)] == ["", "CC491", "CC491"]


FORBIDDEN = [
    # Other endpoints, other methods.
    call("POST /v3/emails", {"name": "x"}),
    call(f"PATCH /v3/emails/{CAMPAIGN}", {"name": "x"}),
    call(f"DELETE /v3/emails/{CAMPAIGN}"),
    call(f"POST {AT}/tests", {"email_addresses": ["a@example.org"]}),
    call(f"POST {AT}/non_opener_resends", {"resend_subject": "x"}),
    call(f"DELETE {AT}/non_opener_resends/DRAFT"),
    call(f"POST {AT}/abtest", {}),
    call("POST /v3/contacts", {}),
    call("DELETE /v3/contact_lists/" + LIST_A),
    call("POST /v3/activities/list_delete", {"list_ids": [LIST_A]}),
    call(f"PUT {AT}/schedules", {"scheduled_date": "2026-10-06T13:00:00.000Z"}),
    call(f"PATCH {AT}", UPDATE),
    call(f"HEAD {AT}"),
    call(f"OPTIONS {AT}"),
    call(f"put {AT}", UPDATE),
    call(f"GET {AT}", UPDATE),
    # The right endpoint by the wrong path.
    call(f"PUT {AT}/", UPDATE),
    call(f"PUT {AT}?include=x", UPDATE),
    call(f"PUT {AT[3:]}", UPDATE),
    call(f"PUT //api.cc.email{AT}", UPDATE),
    call(f"PUT /v3/emails/activities/../activities/{ACTIVITY}", UPDATE),
    call(f"PUT {AT}\n", UPDATE),
    call("PUT /v3/emails/activities/1", UPDATE),
    call(f"PUT {AT}", UPDATE, query=(("include", "html_content"),)),
    call(f"DELETE {AT}/schedules", query=(("x", "1"),)),
    # The right request with the wrong body.
    call(f"DELETE {AT}/schedules", {}),
    call(f"PUT {AT}"),
    call(f"POST {AT}/schedules"),
    call(f"PUT {AT}", [UPDATE]),
    *[
        call(f"POST {AT}/schedules", {"scheduled_date": date})
        for date in (
            0,
            None,
            "",
            "now",
            "00",
            "2026-10-06",
            "2026-10-06T13:00:00",
            "2026-10-06T13:00:00Z",
            "2026-10-06T13:00:00.104Z",
            "2026-10-06T09:00:00.000-04:00",
            "2026-02-30T13:00:00.000Z",
            "1970-01-01T00:00:00.000+0000",
        )
    ],
    call(f"POST {AT}/schedules", {"scheduled_date": "0", "contact_list_ids": [LIST_A]}),
    call(f"POST {AT}/schedules", {}),
    *[
        call(f"PUT {AT}", {key: value for key, value in UPDATE.items() if key != missing})
        for missing in UPDATE
    ],
    call(f"PUT {AT}", UPDATE | {"html_content": "<p>"}),
    call(f"PUT {AT}", UPDATE | {"physical_address_in_footer": {}}),
    call(f"PUT {AT}", UPDATE | {"preheader": None}),
    call(f"PUT {AT}", UPDATE | {"subject": None}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": []}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": None}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": "all"}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": ["all"]}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": [1]}),
    call(f"PUT {AT}", UPDATE | {"segment_ids": [1]}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": [], "segment_ids": [1, 2]}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": [], "segment_ids": ["1"]}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": [], "segment_ids": [True]}),
    call(f"PUT {AT}", UPDATE | {"contact_list_ids": [], "segment_ids": [-1]}),
]
ODD_BODIES = [
    b'{"scheduled_date": "2026-10-06T13:00:00.000Z"}',
    b'{"scheduled_date":"2026-10-06T13:00:00.000Z"} ',
    b'{"scheduled_date":"2026-10-06T13:00:00.000Z","scheduled_date":"0"}',
    b'{"scheduled_date":"\\u0030"}',
    b'{"scheduled_date":"0"',
    b"",
    b"null",
    b"\xff",
]


@pytest.mark.parametrize("asked", FORBIDDEN, ids=lambda one: f"{one.method} {one.path} {one.body}")
def test_nothing_else_may_leave_whatever_is_allowed(asked: Call) -> None:
    """Other endpoints, hostile paths, other bodies: refused even with every permission."""
    assert code(ALL, asked) == "CC490"


@pytest.mark.parametrize("body", ODD_BODIES)
def test_a_body_is_allowed_in_its_canonical_bytes_alone(body: bytes) -> None:
    """What two parsers could read in two ways does not leave."""
    assert code(ALL, Call(method="POST", path=f"{AT}/schedules", body=body)) == "CC490"


@given(st.text(max_size=30), st.text(max_size=60), st.none() | st.binary(max_size=40))
def test_a_read_only_client_lets_nothing_pass(method: str, path: str, body: bytes | None) -> None:
    """Whatever method, path and body."""
    assert code(NO_WRITES, Call(method=method, path=path, body=body)) in {"CC490", "CC491"}


@given(
    st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "put"]),
    st.sampled_from(["", "/schedules", "/tests", "/abtest", "/non_opener_resends", "/"]),
    st.sampled_from([PUT.body, POST_AT.body, POST_NOW.body, None, b"{}"]),
    st.sampled_from([(), (("a", "b"),)]),
)
def test_only_the_three_pairs_of_request_and_body_pass(
    method: str, tail: str, body: bytes | None, query: tuple[tuple[str, str], ...]
) -> None:
    """Every combination of right parts."""
    asked = Call(method=method, path=AT + tail, body=body, query=query)
    assert (code(ALL, asked) == "") == (asked in (PUT, POST_AT, POST_NOW, DELETE))


def test_a_preheader_may_go_along() -> None:
    """When it was read, it is repeated."""
    body = UPDATE | {"preheader": "P", "contact_list_ids": [], "segment_ids": [7]}
    asked = call(f"PUT {AT}", body)
    assert json.loads(asked.body or b"") == body
    assert code(APPLY_WRITES, asked) == ""
