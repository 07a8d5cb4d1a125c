"""A file that is read again means what it meant before, and another one does not."""

from ccops import resources
from ccops.manifest import reader
from ccops.manifest.reader import examine_manifests
from ccops.model import JsonObject

TEXT = "campaign: A\nrecipients: {lists: [B]}\nsend_at: 2027-03-09 09:00\n"
SCHEMA = resources.schema("campaign")
STRICT: JsonObject = {**SCHEMA, "required": ["tags"]}


def test_the_same_text_in_another_zone_is_another_time() -> None:
    """What is remembered is remembered with all that it depends on."""
    texts = [("a.yaml", TEXT)]
    (east,), _ = examine_manifests(texts, schema=SCHEMA, zone="America/New_York")
    (west,), _ = examine_manifests(texts, schema=SCHEMA, zone="America/Los_Angeles")
    assert east.sends != west.sends
    assert examine_manifests(texts, schema=SCHEMA, zone="America/New_York") == ((east,), ())


def test_another_name_is_another_place() -> None:
    found = [examine_manifests([(name, "x: 1\n")], schema=SCHEMA, zone=None)[1] for name in "ab"]
    assert [{one.place.file for one in errors if one.place} for errors in found] == [{"a"}, {"b"}]


def test_another_schema_judges_anew() -> None:
    """Also between two that were asked about the same text before."""
    texts = [("a.yaml", TEXT)]
    for _ in range(2):
        assert examine_manifests(texts, schema=SCHEMA, zone="UTC")[1] == ()
        assert examine_manifests(texts, schema=STRICT, zone="UTC")[1] != ()
    assert reader._Judge(SCHEMA) != SCHEMA


def test_a_long_text_is_not_remembered() -> None:
    before = reader._remembered.cache_info().currsize
    long = TEXT + "# long\n" * 1_000
    ((first,), _), ((again,), _) = (
        examine_manifests([("long.yaml", long)], schema=SCHEMA, zone="UTC") for _ in range(2)
    )
    assert first == again
    assert reader._remembered.cache_info().currsize == before
