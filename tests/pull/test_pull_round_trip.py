"""A manifest written by hand, and the account moves: one value changes, and nothing of the author's."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path

import pytest

from ccops import resources
from ccops.manifest.edit import amend
from ccops.manifest.reader import read_manifests
from ccops.model import (
    NOW,
    Desired,
    Limits,
    Live,
    Named,
    RecipientKind,
    Recipients,
    SendRecord,
    Status,
)
from ccops.planning.adopt import Terms, adopt, quiet
from ccops.planning.adopt_merge import merged
from ccops.planning.adopt_names import Directory, directory
from ccops.sandbox.ids import list_id_of
from tests.fmt.hands import FILES, NAMES, ZONE, comments, generated, written

LONG_AGO = datetime(2020, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TERMS = Terms(zone=ZONE, now=LONG_AGO, limits=Limits(), halts={})
SCHEMA = resources.schema("campaign")
Directories = dict[RecipientKind, Directory]


def read(text: str) -> tuple[Desired, ...]:
    return read_manifests([("a.yaml", text)], schema=SCHEMA, zone=ZONE)


def identity(kind: RecipientKind, name: str) -> str:
    """The id of what has a name: a segment's is a number."""
    found = list_id_of(name)
    return found if kind is RecipientKind.LISTS else str(int(found[:8], 16) + 1)


def known(one: Desired) -> Directories:
    """An account with every list and segment that a manifest names, and two more."""
    named: dict[RecipientKind, dict[str, str]] = {kind: {} for kind in RecipientKind}
    for reference in one.references:
        name = reference.name or f"Called otherwise {reference.id}"
        named[reference.kind][reference.id or identity(reference.kind, name)] = name
    for kind, living in named.items():
        living[identity(kind, "Added")] = "Added"
    return {
        kind: directory(Named(kind=kind, id=id_, name=name) for id_, name in living.items())
        for kind, living in named.items()
    }


def account_of(one: Desired, directories: Directories) -> Live:
    """The campaign exactly as its manifest wants it: a draft, scheduled, or sent if it says now."""
    ids = tuple(sorted(directories[one.kind].meaning(each) for each in one.references))
    sends = [each.when for each in one.sends]
    when = next((each for each in sends if isinstance(each, datetime)), None)
    at_once = bool(sends) and sends[0] is NOW
    over = SendRecord(ran_at=LONG_AGO, completed=True, count=1)
    made = Live(
        campaign_id="c",
        activity_id=one.activity_id or "a",
        name=one.campaign,
        role="primary_email",
        status=Status.SCHEDULED if when else Status.DONE if at_once else Status.DRAFT,
        format_type=3,
        recipients=Recipients(lists=ids)
        if one.kind is RecipientKind.LISTS
        else Recipients(segments=ids),
        subject="s",
        from_name="n",
        from_email="f@example.org",
        reply_to="f@example.org",
        schedules=(when,) if when else (),
        history=(over,) if at_once else (),
    )
    assert quiet(one, made, directories, TERMS, shared=False)
    return made


def moved(one: Live) -> Live | None:
    """Somebody schedules it anew in Constant Contact, an hour later; or schedules a draft."""
    if one.status is Status.DONE:
        return None
    when = one.schedules[0] + HOUR if one.schedules else datetime(2027, 5, 4, 13, tzinfo=UTC)
    return replace(one, status=Status.SCHEDULED, schedules=(when,), history=one.history or ())


def widened(one: Live) -> Live | None:
    """Somebody adds a list in Constant Contact; or chooses another segment."""
    if one.status is Status.DONE:
        return None
    if one.recipients.segments:
        segments = (identity(RecipientKind.SEGMENT, "Added"),)
        return replace(one, recipients=Recipients(segments=segments))
    ids = (*one.recipients.lists, identity(RecipientKind.LISTS, "Added"))
    return replace(one, recipients=Recipients(lists=tuple(sorted(ids))))


def overwritten(text: str, old: Desired, one: Live, directories: Directories) -> str:
    """What a pull makes of a file."""
    new = adopt(one, directories, TERMS, shared=False)
    assert isinstance(new, Desired), new
    wanted = merged(old, new, one, directories)
    return amend("a.yaml", text, old.campaign, wanted, schema=SCHEMA, zone=ZONE)


def hunks(before: str, after: str) -> list[tuple[int, int]]:
    """How many lines went and came at each place, line breaks and all."""
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    codes = SequenceMatcher(None, *lines, autojunk=False).get_opcodes()
    return [(end - start, till - since) for tag, start, end, since, till in codes if tag != "equal"]


def round_trip(text: str) -> int:
    """Let the account move in each manifest of a file, twice; count the edits."""
    edits = 0
    manifests = read(text)
    for number, old in enumerate(manifests):
        directories = known(old)
        before = account_of(old, directories)
        for live in filter(None, (moved(before), widened(before))):
            after = overwritten(text, old, live, directories)
            found = read(after)
            assert quiet(found[number], live, directories, TERMS, shared=False)
            others = [one for one in manifests if one is not old]
            assert [one for one in found if one.campaign != old.campaign] == others
            kept = (found[number].tags, found[number].owner, found[number].expect)
            assert kept == (old.tags, old.owner, old.expect)
            assert found[number].sends[1:] == old.sends[1:]
            author = Counter(one for one in comments(text) if not _named(one, old))
            assert author <= Counter(comments(after))
            assert len(hunks(text, after)) == 1
            assert max(hunks(text, after)[0]) <= 4
            edits += 1
    return edits


def _named(comment: str, old: Desired) -> bool:
    """Whether what looks like a comment is part of a segment's name, which goes with it."""
    return any(comment in (one.name or "") for one in old.references)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_files_written_by_hand_keep_all_but_the_value(path: Path) -> None:
    """Comments, quotes, blank lines and order; other manifests in the file; what waits."""
    text = written(path)
    at_once = sum(one.sends[:1] != () and one.sends[0].when is NOW for one in read(text))
    assert round_trip(text) == 2 * (len(read(text)) - at_once)


def some() -> Iterator[str]:
    return islice(generated(), 0, None, 50)


def test_generated_files_keep_all_but_the_value() -> None:
    """In every combination of styles that their generator knows."""
    assert sum(round_trip(text) for text in some()) >= 2 * len(list(some()))
