"""S-04: a link in an answer never decides where a request goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.constantcontact.links import MAX_LINK, next_query
from ccops.constantcontact.origin import API_ORIGIN
from ccops.errors import VendorFault

PATH = "/v3/emails"

FOREIGN = [
    "https://evil.example/v3/emails?next=abc",
    "http://api.cc.email/v3/emails?next=abc",
    "https://api.cc.email:8443/v3/emails?next=abc",
    "https://api.cc.email@evil.example/v3/emails?next=abc",
    "https://user:word@api.cc.email/v3/emails?next=abc",
    "https://api.cc.email.evil.example/v3/emails?next=abc",
    "//evil.example/v3/emails?next=abc",
    "//api.cc.email/v3/emails?next=abc",
    "/\\evil.example/v3/emails?next=abc",
    "\\\\evil.example/v3/emails?next=abc",
    "/v3/../v3/emails?next=abc",
    "/v3/emails/../contacts?next=abc",
    "/v3/emails/?next=abc",
    "/v3/%65mails?next=abc",
    "/v3/contacts?next=abc",
    "/emails?next=abc",
    "v3/emails?next=abc",
    "?next=abc",
    "/v3/emails",
    "/v3/emails?",
    "/v3/emails?next",
    "/v3/emails?next=abc#top",
    "/v3/emails?next=a b",
    "/v3/emails?next=a\nb",
    "/v3/emails?next=é",
    "/v3/emails?" + "&".join(f"a{n}=1" for n in range(30)),
    "/v3/emails?next=" + "a" * 100_000,
    "javascript:alert(1)",
    "https://[::1/v3/emails?next=abc",
    " /v3/emails?next=abc",
]


def page(href: object) -> dict[str, object]:
    return {"_links": {"next": {"href": href}}}


@pytest.mark.parametrize("href", FOREIGN, ids=range(len(FOREIGN)))
def test_a_link_that_leads_elsewhere_is_a_fault(href: str) -> None:
    """Whatever trick makes a parser and a client disagree."""
    with pytest.raises(VendorFault, match="CC512"):
        next_query(page(href), path=PATH, origin=API_ORIGIN)


@pytest.mark.parametrize("prefix", ["", API_ORIGIN])
@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
def test_only_the_cursor_is_taken(prefix: str, cursor: str) -> None:
    """Relative or absolute on the pinned origin."""
    href = f"{prefix}{PATH}?limit=500&next={cursor}%3D"
    query = next_query(page(href), path=PATH, origin=API_ORIGIN)
    assert query == (("limit", "500"), ("next", f"{cursor}="))


def test_an_absolute_link_counts_on_its_own_origin_alone() -> None:
    """A sandbox's link is its own."""
    href = "http://127.0.0.1:8080/v3/emails?next=a"
    assert next_query(page(href), path=PATH, origin="http://127.0.0.1:8080") == (("next", "a"),)
    with pytest.raises(VendorFault):
        next_query(page(href), path=PATH, origin="http://127.0.0.1:8081")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"_links": None},
        {"_links": {}},
        {"_links": {"next": None}},
        {"_links": {"next": {}}},
        page(None),
        page(""),
    ],
)
def test_missing_null_and_empty_all_mean_the_last_page(document: dict[str, object]) -> None:
    """Recordings leave it out, the specification writes null."""
    assert next_query(document, path=PATH, origin=API_ORIGIN) is None


@pytest.mark.parametrize(
    "document",
    [
        {"_links": []},
        {"_links": "x"},
        {"_links": {"next": PATH}},
        {"_links": {"next": []}},
        page(7),
        page(["/v3/emails?next=a"]),
        page(False),
    ],
)
def test_a_link_of_another_shape_is_a_fault(document: dict[str, object]) -> None:
    """It must not end the list silently."""
    with pytest.raises(VendorFault, match="CC511"):
        next_query(document, path=PATH, origin=API_ORIGIN)


@given(st.text(max_size=60))
def test_any_link_gives_a_query_or_a_fault(href: str) -> None:
    """And nothing else."""
    try:
        query = next_query(page(href), path=PATH, origin=API_ORIGIN)
    except VendorFault:
        return
    assert query is None or href.startswith((f"{PATH}?", f"{API_ORIGIN}{PATH}?"))


def test_the_longest_link_still_counts() -> None:
    """The bound itself is accepted."""
    start = f"{PATH}?next="
    href = start + "a" * (MAX_LINK - len(start))
    assert next_query(page(href), path=PATH, origin=API_ORIGIN) is not None
