"""The text of ccops.lock: read strictly, written in one way only."""

import json
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.errors import InvalidInput
from ccops.manifest.lockfile import HEADER, CampaignPin, Lock, examine_lock, read_lock, write_lock

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas" / "lock.schema.json").read_text(encoding="utf-8")
)
ACCOUNT = "p07e1l8cdif9dl"
ONE, TWO = "1c2d3e4f-0000-11ef-8f6e-fa163e123456", "4c08372c-957a-48b5-bc45-72c7f00796cd"
EXAMPLE = f"""{HEADER}version: 1
account: {ACCOUNT}
campaigns:
  "Fall: Appeal": {{campaign: {ONE}, activity: {TWO}}}
lists:
  "007": {ONE}
  Donors: {TWO}
segments: {{}}
"""
LOCK = Lock(
    account=ACCOUNT,
    campaigns={"Fall: Appeal": CampaignPin(campaign_id=ONE, activity_id=TWO)},
    lists={"Donors": TWO, "007": ONE},
)

ids = st.uuids().map(str)
names = (
    st.one_of(
        st.text(min_size=1, max_size=80),
        st.sampled_from(["null", "yes", "1e3", "a: b", "a #b", "- x", "Café", "🎄", "{x}"]),
    )
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: text == text.strip() and text not in {"", "<<"})
    .filter(lambda text: not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text))
)
locks = st.builds(
    Lock,
    account=st.text("abc-_019", min_size=1, max_size=20),
    campaigns=st.dictionaries(
        names, st.builds(CampaignPin, campaign_id=ids, activity_id=ids), max_size=4
    ),
    lists=st.dictionaries(names, ids, max_size=4),
    segments=st.dictionaries(names, st.integers(1, 10**18 - 1).map(str), max_size=4),
)


def read(text: str, account: str = ACCOUNT) -> Lock:
    return read_lock("ccops.lock", text, schema=SCHEMA, account=account)


def refused(text: str, account: str = ACCOUNT) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        read(text, account)
    return [(one.code, str(one.place)) for one in caught.value.diagnostics]


@given(locks)
@settings(max_examples=100)
def test_what_is_written_is_read_as_the_same(lock: Lock) -> None:
    """Whatever the names: quotes, colons, numbers, words that YAML knows, other alphabets."""
    assert read(write_lock(lock), lock.account) == lock


@given(locks)
@settings(max_examples=50)
def test_equal_locks_are_the_same_bytes(lock: Lock) -> None:
    """In whatever order the names were found."""
    turned = Lock(
        account=lock.account,
        campaigns=dict(reversed(lock.campaigns.items())),
        lists=dict(reversed(lock.lists.items())),
        segments=dict(reversed(lock.segments.items())),
    )
    assert write_lock(turned) == write_lock(lock)


@given(locks)
@settings(max_examples=50)
def test_another_reader_of_yaml_finds_the_same_names(lock: Lock) -> None:
    """The file is plain YAML: sorted by name, one line each."""
    found = yaml.safe_load(write_lock(lock))
    assert list(found["lists"]) == sorted(lock.lists)
    assert set(found["campaigns"]) == set(lock.campaigns)


def test_an_example_reads_as_it_looks() -> None:
    """And is written so again, to the letter."""
    assert read(EXAMPLE) == LOCK
    assert write_lock(LOCK) == EXAMPLE


def test_a_lock_may_be_empty() -> None:
    """A workspace may name nothing that can be pinned."""
    empty = Lock(account=ACCOUNT)
    assert read(write_lock(empty)) == empty


def test_ids_are_compared_in_lower_case() -> None:
    """The same id in capitals is the same id."""
    assert read(EXAMPLE.replace(ONE, ONE.upper())) == LOCK


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("  Donors:", '  "007":', [("CC002", "ccops.lock:8:3")]),
        ("segments: {}", "segments: {}\nowners: {}", [("CC101", "ccops.lock:10:1")]),
        ("activity:", "email:", [("CC102", "ccops.lock:5:19"), ("CC101", "ccops.lock:5:68")]),
        ("segments: {}\n", "", [("CC102", "ccops.lock:2:1")]),
        ("version: 1", "version: 2", [("CC109", "ccops.lock:2:10")]),
        ("Donors: " + TWO, "Donors: 12", [("CC103", "ccops.lock:8:11")]),
        ("Donors: " + TWO, "Donors: some-id", [("CC109", "ccops.lock:8:11")]),
        ("segments: {}", "segments: {Old: -1}", [("CC109", "ccops.lock:9:17")]),
        ("  Donors:", '  "Donors ":', [("CC105", "ccops.lock:8:3")]),
        ("  Donors:", '  "Cafe\\u0301":', [("CC105", "ccops.lock:8:3")]),
        ("lists:\n", "lists:\n<<<<<<< main\n", [("CC012", "ccops.lock:7:1")]),
        ("segments: {}", "segments: {}\n---\n" + EXAMPLE, [("CC128", "ccops.lock:1:1")]),
        ("account: p07e1l8cdif9dl", "account: other", [("CC129", "ccops.lock:3:10")]),
        ("lists:", "lists: &a", [("CC004", "ccops.lock:6:8")]),
    ],
)
def test_what_no_machine_wrote_is_refused(
    before: str, after: str, told: list[tuple[str, str]]
) -> None:
    """Twice the same name, an unknown key, another version or account: each at its place."""
    assert before in EXAMPLE
    assert refused(EXAMPLE.replace(before, after, 1)) == told


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_is_no_lock(text: str) -> None:
    """It may be what is left of one."""
    assert refused(text) == [("CC128", "ccops.lock:1:1")]


@pytest.mark.parametrize("text", ["[]", "word", "version: 1", "campaigns: 3"])
def test_another_document_is_no_lock(text: str) -> None:
    """Nothing is guessed from a part."""
    assert examine_lock("ccops.lock", text, schema=SCHEMA, account=ACCOUNT)[0] is None


def test_any_account_will_do_where_none_is_known() -> None:
    """The workspace file has an error of its own then, which is told beside it."""
    assert read(EXAMPLE, "") == LOCK
