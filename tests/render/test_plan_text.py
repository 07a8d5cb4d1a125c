"""A plan at the terminal: the whole text for three plans, then what each part must say."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.model import NOW, SendRecord, Status
from ccops.planning.plan import Change, FieldChange, Plan, Undo, UndoKind, Unmanaged, Verdict
from ccops.render.style import PLAIN
from ccops.render.text import plan_text
from ccops.render.words import WORDING
from tests.render import render_builders as build

GOLDEN = Path(__file__).parent / "golden"


def text(plan: Plan, *, width: int | None = None, show_requests: bool = False) -> str:
    """The plain text at the time when the plan was made."""
    return plan_text(
        plan,
        checksum=build.CHECKSUM,
        now=build.NOON,
        style=PLAIN,
        width=width,
        show_requests=show_requests,
    )


@pytest.mark.parametrize(
    ("name", "plan"),
    [("mixed", build.mixed()), ("quiet", build.quiet()), ("person", build.plan([build.missed()]))],
)
def test_the_whole_text(name: str, plan: Plan) -> None:
    """One of everything; nothing to do; nothing but a call for a person."""
    expected = (GOLDEN / f"plan-{name}.txt").read_text(encoding="utf-8")
    assert text(plan) == expected


def test_every_verdict_has_its_words() -> None:
    """No verdict is without a symbol, and those that write have a legend and a count."""
    assert set(WORDING) == set(Verdict)
    assert {one for one in Verdict if one.writes} == {
        verdict for verdict, words in WORDING.items() if words.legend and words.count
    }
    assert all(words.symbol.isascii() and len(words.symbol) == 1 for words in WORDING.values())


def test_changes_keep_the_order_of_the_plan() -> None:
    """Nothing but the plan decides about order."""
    changes = [build.updated(name) for name in ("Zebra", "Apple", "Mango")]
    shown = text(build.plan(changes))
    assert shown.index("~ Zebra") < shown.index("~ Apple") < shown.index("~ Mango")


def test_permissions_come_first_of_all() -> None:
    """What somebody allowed is the first thing a reviewer sees."""
    first = text(build.mixed()).splitlines()[0]
    assert first == "Allowed: send-now for Ladder recall notice, because people may get hurt"


def test_requests_are_shown_exactly() -> None:
    """Method, path and body as they will be sent, however narrow the terminal."""
    shown = text(build.plan([build.recall()]), width=40, show_requests=True)
    assert "    request 1   PUT /emails/activities/9c41e07b\n" in shown
    assert (
        '                {"subject": "Early access", "contact_list_ids": ["l1", "l2"]}\n' in shown
    )
    assert "    request 2   POST /emails/activities/9c41e07b/schedules\n" in shown
    assert '                {"scheduled_date": "0"}\n' in shown


def test_a_request_without_a_body_is_one_line() -> None:
    """And the next request follows at once."""
    shown = text(build.plan([build.rescheduled()]), show_requests=True)
    lines = [line for line in shown.splitlines() if line.startswith("    ")]
    first = next(at for at, line in enumerate(lines) if "request 1   DELETE" in line)
    assert lines[first + 1].startswith("    request 2   POST")


def test_requests_are_shown_only_on_demand() -> None:
    """Without it no path and no body."""
    assert "/emails/activities" not in text(build.mixed())


def test_the_legend_has_only_what_occurs() -> None:
    """Symbols that do not occur are not explained."""
    shown = text(build.plan([build.unscheduled()]))
    assert "Actions    - unschedule\n" in shown


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (build.plan([build.updated()]), "Ready to apply. It makes 1 write."),
        (
            build.plan([build.recall(), build.recall()]),
            "Ready to SEND. Applying this plan sends 2 campaigns at once. It cannot be undone.",
        ),
        (
            build.plan([build.recall()], findings=(build.blocking(),)),
            "Blocked. 1 finding must be cleared before this plan can be applied.",
        ),
        (
            build.plan([build.updated()], expires_at=build.NOON),
            "Expired. This plan is no longer valid. Make a new one.",
        ),
        (build.plan([build.missed()]), "Nothing to apply. 1 campaign needs a person."),
        (build.plan([]), "No changes. Constant Contact matches the manifests."),
        (
            build.plan([build.in_sync()], selection=("tag:fall",)),
            "No changes. Constant Contact matches the selected manifests.",
        ),
        (
            build.plan([build.sent()], findings=(build.warning(),)),
            "No changes. Constant Contact matches the manifests.",
        ),
    ],
)
def test_the_verdict(plan: Plan, line: str) -> None:
    """One sentence tells what the plan comes to."""
    assert f"\n{line}\n" in text(plan)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (replace(build.scheduled(), undo=None, before=None), ["  @ sends       Fri 27 Nov"]),
        (
            replace(build.rescheduled(), undo=Undo(kind=UndoKind.UNTIL, until=build.at(30, 12))),
            ["    undo        until Mon 30 Nov 2026, 07:00 EST (12:00 UTC), with `send_at"],
        ),
        (
            replace(build.updated(), steps=(build.UNSCHEDULE, build.UPDATE, build.SCHEDULE)),
            ["    update: unschedule, then set recipients, then schedule"],
        ),
        (
            replace(build.scheduled(), steps=(build.SCHEDULE,), reason="another try"),
            ["    schedule\n", "    why         another try"],
        ),
        (
            replace(
                build.rescheduled(),
                verdict=Verdict.UPDATE,
                send=build.at(30, 14),
                fields=(FieldChange(path="recipients", before="Board", after=None),),
            ),
            ["  - recipients  Board", "    sends       Mon 30 Nov 2026, 09:00 EST (14:00 UTC), in"],
        ),
        (
            replace(build.updated(), fields=(), audience=build.lists("Donors, old", "")),
            ['    recipients  "Donors, old", id l2'],
        ),
        (
            replace(
                build.updated(), fields=(FieldChange(path="recipients", before=None, after=None),)
            ),
            ["    undo        anytime"],
        ),
    ],
)
def test_a_change(change: Change, lines: list[str]) -> None:
    """What a block says about one change."""
    shown = text(build.plan([change]))
    assert all(line in shown for line in lines)


def test_what_needs_a_person_tells_what_goes_out_all_the_same() -> None:
    """A frozen campaign is not touched, so its schedule holds; declared and live both stand."""
    differs = (FieldChange(path="recipients", before=None, after="Digest"),)
    shown = text(build.plan([replace(build.frozen(), fields=differs)]))
    assert "    recipients  declared: Digest; now: nobody\n" in shown
    assert "    still sends Tue 24 Nov 2026, 09:15 EST (14:15 UTC), in 10 min\n" in shown
    assert "Morning digest  not touched: needs a person\n" in shown


def test_what_is_not_known_of_a_call_for_a_person_leaves_no_gap() -> None:
    """Without a reason or a remedy there are no empty lines for them."""
    bare = replace(build.missed(), reason="", remedy="", audience=None)
    shown = text(build.plan([bare]))
    assert "campaigns/gala.yaml:3\n    missed its send time\n\nNothing to apply." in shown


def test_what_no_block_shows_has_a_place_of_its_own() -> None:
    """Later sends, undeclared sends, sends under way and campaigns of others."""
    waiting = build.rescheduled().waiting
    ran = SendRecord(ran_at=build.at(2, 14), completed=True, count=1204)
    changes = [
        replace(build.in_sync("Advent"), waiting=waiting),
        replace(build.sent("Fall appeal"), undeclared=(ran,)),
        build.change("Flash", Verdict.SENDING),
        build.change("Crash", Verdict.SENDING, before=build.live(Status.EXECUTING)),
    ]
    other = Unmanaged(campaign_id="c9", name="Board minutes")
    shown = text(build.plan(changes, unmanaged=(other,)))
    assert "Waiting for a later apply\n  Advent: Mon 7 Dec 2026, 09:00 EST (14:00 UTC): " in shown
    assert "  Fall appeal: Mon 2 Nov 2026, 09:00 EST (14:00 UTC), to 1,204 contacts\n" in shown
    assert "Being sent right now: Flash and Crash\n" in shown
    assert "(left alone)\n  Board minutes\n" in shown
    assert "1 campaign in the account is not managed by ccops and was left alone.\n" in shown


def test_a_plan_shown_later_says_how_old_it_is() -> None:
    """Relative times count from now; the plan's own age stands beside its time."""
    later = build.NOON + timedelta(hours=2)
    shown = plan_text(build.quiet(), checksum="", now=later, style=PLAIN)
    assert "As of      Tue 24 Nov 2026, 09:05 EST (14:05 UTC), 2 h ago · commit 4f2c9ab" in shown


def test_a_partial_plan_says_so() -> None:
    """Selectors in force are named in the header."""
    shown = text(build.plan([build.updated()], selection=("tag:fall", "name:Gala*"), commit=""))
    assert "Partial    only tag:fall, name:Gala*\n" in shown
    assert "commit" not in shown


def test_long_lists_are_shortened_only_in_the_overview() -> None:
    """The block names every list, the overview of sends the first three."""
    names = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
    shown = text(build.plan([replace(build.rescheduled(), audience=build.lists(*names))]))
    assert "    recipients  Alpha, Beta, Gamma, Delta, Epsilon\n" in shown
    assert "to Alpha, Beta, Gamma and 2 more\n" in shown


def test_past_sends_are_not_to_come() -> None:
    """A send time that has passed is in no overview of sends."""
    shown = text(build.plan([build.in_sync(send=build.at(24, 14))]))
    assert "Next sends" not in shown


def test_a_permission_needs_no_reason_to_be_shown() -> None:
    """An empty reason adds nothing."""
    bare = replace(build.mixed().permissions[0], reason="")
    shown = text(build.plan([], permissions=(bare,), requests=0))
    assert shown.startswith("Allowed: send-now for Ladder recall notice\n\nWorkspace")
    assert "Made with" not in shown


def test_a_segment_is_called_one() -> None:
    """A segment and a list of one name are not the same thing."""
    audience = replace(build.lists("Volunteers"), kind="segment")
    changed = replace(build.updated(), fields=(), audience=audience, send=NOW)
    assert "    recipients  segment Volunteers\n" in text(build.plan([changed]))
