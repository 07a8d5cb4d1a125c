"""What is read beside the plan's campaigns, how much that costs, and what is never believed."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.counting.counts import _count, _possible
from ccops.manifest.rules import Region
from ccops.model import Recipients
from ccops.planning.facts import Known
from ccops.planning.guarding.scene import scene_of
from ccops.ports import Call, Reply
from ccops.sandbox.ids import list_id_of
from ccops.session.guarded import public_holidays
from tests.e2e.stage import START, Stage, manifest
from tests.guards.guard_examples import Situation, rules_of, scene
from tests.guards.test_guard_counting import (
    DONORS,
    MARCH_9,
    MEMBERS,
    configure,
    resend,
    stage,
)
from tests.planning.samples import BOARD as BOARD_ID
from tests.planning.samples import DONORS as DONORS_ID

__all__ = ["stage"]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GAP = {"min-gap-same-recipients": "48 hours"}
AT_9 = START + 8 * DAY
"""Tuesday, 9 March, 09:00 in New York: when Spring is to be sent."""
BOARD = list_id_of("Board")


def kinds(stage: Stage, *arguments: str) -> tuple[int, str, Counter[str]]:
    """Run a plan; its exit code, what it says, and its requests by the last word that is no id."""
    stage.world.log.clear()
    done = stage.run("plan", *arguments)
    paths = (one.path.removeprefix("/v3/").split("/") for one in stage.world.requests)
    return (
        done.code,
        done.out,
        Counter([part for part in path if "-" not in part][-1] for path in paths),
    )


def scheduled(stage: Stage) -> None:
    stage.world.add_campaign("Beside", lists=[MEMBERS], scheduled=AT_9 + 3 * HOUR)


def sent(stage: Stage) -> None:
    stage.world.add_campaign("Beside", lists=[MEMBERS], history=[START - HOUR])


def sent_and_again(stage: Stage) -> None:
    """It was sent to the board alone, and goes to non-openers of the members' list."""
    stage.world.add_campaign("Beside", lists=[MEMBERS], history=[START - DAY])
    resend(stage, 9, campaign="Beside")


@pytest.mark.parametrize(
    ("happened", "gap", "words"),
    [
        (scheduled, "48 hours", 'sent 3 hours before "Beside"'),
        (sent, "240 hours", 'after "Beside"'),
        (sent_and_again, "12 hours", 'sent no time after "Beside"'),
    ],
)
def test_campaigns_that_no_manifest_names_keep_their_distance_too(
    stage: Stage, happened: Callable[[Stage], None], gap: str, words: str
) -> None:
    """Somebody made them in Constant Contact; they reach the same people all the same."""
    happened(stage)
    configure(stage, {"min-gap-same-recipients": gap})
    code, told, _ = kinds(stage)
    assert (code, "CC417" in told, words in told) == (6, True, True)


def test_nobody_reads_strangers_whom_no_guard_asks_about(stage: Stage) -> None:
    """One of long ago, one that goes to others and a draft are no obstacle either."""
    stage.world.add_campaign("Ahead", lists=[BOARD], scheduled=AT_9 + HOUR)
    old = START - 60 * DAY
    stage.world.add_campaign("Old", lists=[MEMBERS], history=[old], updated_at=old)
    stage.world.add_campaign("Draft", lists=[MEMBERS])
    code, _, before = kinds(stage)
    assert code == 0
    configure(stage, GAP)
    code, _, after = kinds(stage)
    assert code == 0
    # The campaign, its activity, its schedule, its history; and all three lists together.
    assert after - before == {"emails": 1, "activities": 1, "schedules": 1, "send_history": 1} | {
        "contacts": 1
    }


def test_a_sent_campaign_of_a_manifest_is_looked_up_for_its_resend(stage: Stage) -> None:
    """The listing settles it, and shows no resend: it is asked once, for eleven days."""
    stage.world.add_campaign("Weekly", lists=[MEMBERS], history=[START - 2 * DAY])
    resend(stage, 10, campaign="Weekly")
    stage.write(
        manifest("Spring", "Members", "Donors", send_at=MARCH_9),
        manifest("Weekly", "Members", send_at="Sat 2027-02-27 09:00"),
    )
    assert kinds(stage)[0] == 0
    configure(stage, {"min-gap-same-recipients": "12 hours"})
    code, told, _ = kinds(stage)
    assert (code, 'no time after "Weekly"' in told) == (6, True)


def test_when_a_now_went_out_its_history_is_read(stage: Stage) -> None:
    """A manifest that says `now` does not say when that was."""
    stage.world.add_campaign("Recall", lists=[MEMBERS], history=[START - HOUR])
    stage.write(
        manifest("Spring", "Members", "Donors", send_at="Tue 2027-03-02 09:00"),
        manifest("Recall", "Members", send_at="now"),
    )
    configure(stage, GAP)
    code, told, _ = kinds(stage)
    assert (code, '25 hours after "Recall"' in told) == (6, True)


def test_a_campaign_that_the_lock_pins_is_asked_for_its_resend(stage: Stage) -> None:
    """It is not looked up, so that nothing shows that there is one; only where a guard asks."""
    stage.world.add_campaign("April", lists=[MEMBERS])
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("April", "Members", send_at="Sat 2027-03-13 09:00"),
    )
    assert stage.run("lock").code == 0
    resend(stage, 4)
    code, _, asked = kinds(stage)
    assert (code, asked["non_opener_resends"]) == (0, 0)
    configure(stage, GAP)
    code, told, asked = kinds(stage)
    assert (code, asked["non_opener_resends"]) == (6, 2)
    assert 'resends it to non-openers as "Once more"' in told


def test_growth_is_measured_by_the_last_campaign_to_the_same_lists(stage: Stage) -> None:
    """Of all manifests, by what its history says; it costs nothing unless the guard is written."""
    for name, days, count in (("January", 40, 9), ("February", 20, 6)):
        at = START - days * DAY
        past = stage.world.add_campaign(name, lists=[MEMBERS, DONORS], history=[at], updated_at=at)
        history = tuple(replace(one, count=count) for one in past.history)
        stage.world.put_activity(replace(past, history=history))
    stage.write(
        manifest("Spring", "Members", "Donors", send_at=MARCH_9),
        manifest("January", "Members", "Donors", send_at="Wed 2027-01-20 09:00"),
        manifest("February", "Donors", "Members", send_at="Tue 2027-02-09 09:00"),
    )
    code, told, asked = kinds(stage)
    assert (code, asked["send_history"], "at the last send" in told) == (0, 1, False)
    configure(stage, {"max-growth": "49%"})
    code, told, asked = kinds(stage)
    assert (code, asked["send_history"]) == (6, 2)
    assert '"Spring" has 9 contacts, and had 6 contacts' in told
    assert "was 6 at the last send" in told
    configure(stage, {"max-growth": "50%"})
    assert kinds(stage)[0] == 0


def test_fewer_than_one_list_has_is_no_count_of_all() -> None:
    """As it would be if the API meant by several lists those who are on all of them."""
    both = Recipients(lists=(MEMBERS, DONORS))
    known = Known(members={MEMBERS: 1_000, DONORS: 10})
    assert [_possible(count, both, known) for count in (7, 949, 950, 1_010)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_segment_that_is_being_worked_out_is_asked_again(stage: Stage) -> None:
    """Constant Contact answers 202 then (docs); the budget bounds that too."""
    stage.world.add_campaign("Segmented")
    stage.write(manifest("Segmented", segment="Active", send_at=MARCH_9))
    stage.world.set_switch("segment_contacts_pending", 1)
    configure(stage, {"max-contacts": 3, "counting": {"segments": 2}})
    code, told, asked = kinds(stage)
    assert (code, asked["contacts"], "contacts    3" in told) == (0, 2, True)
    stage.world.set_switch("segment_contacts_pending", 9)
    code, told, asked = kinds(stage)
    assert (code, asked["contacts"]) == (6, 2)
    assert "requests allowed for segments did not do" in told


def test_the_plan_at_the_terminal_tells_who_gets_what(stage: Stage) -> None:
    """How many, of which lists, who gets two, and what Constant Contact sends by itself."""
    stage.world.add_campaign("April", lists=[MEMBERS])
    stage.write(
        manifest("Spring", "Members", "Donors", send_at=MARCH_9),
        manifest("April", "Members", send_at="Tue 2027-03-09 10:00"),
    )
    resend(stage, 4)
    told = stage.run("plan").out
    assert "contacts    9, everybody once: Donors 6, Members 6" in told
    assert "Who receives more than one\n  Spring and April: 6 contacts" in told
    assert 'also        Constant Contact resends it to non-openers as "Once more"' in told


def test_the_calendar_has_the_resend_on_its_day(stage: Stage) -> None:
    """As planned as the send that it follows; with its own subject, and not for everybody."""
    resend(stage, 4)
    shown = stage.run("calendar", "--out", "ics=o.ics", "--out", "html=o.html")
    day = shown.out.partition("Saturday 13 March")[2]
    assert "09:00 EST" in day
    assert "Planned: a resend to those who did not open it, set up in Constant Contact" in day
    assert "only some of them" in day
    for name in ("o.ics", "o.html"):
        assert "Once more" in (stage.folder / name).read_text("utf-8")
    assert stage.run("apply", "--yes").code == 0
    again = stage.run("calendar").out.partition("Saturday 13 March")[2]
    assert "Scheduled: a resend to those who did not open it" in again


def test_holidays_are_told_in_english_wherever_ccops_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan says the same on every machine."""
    monkeypatch.setitem(os.environ, "LANGUAGE", "de")
    found = public_holidays([Region(country="DE")], [2027])
    assert "New Year's Day (DE)" in found.values()


def answering(count: int) -> Callable[[Call], Reply]:
    """An API that counts so many contacts, whatever it is asked."""
    return lambda _: Reply(
        status=200, headers={}, body=json.dumps({"contacts_count": count}).encode()
    )


@pytest.mark.parametrize(("count", "known"), [(20, 20), (3, None)])
def test_a_count_that_cannot_be_is_unknown_and_ends_the_counting(
    count: int, known: int | None
) -> None:
    """Whatever a guard makes of that, it is no number to approve by."""
    both = Recipients(lists=(DONORS_ID, BOARD_ID))
    scenery = scene(
        rules_of("max-contacts: 5000"),
        Situation(words="", recipients=both, members={DONORS_ID: 9, BOARD_ID: 14}),
    )
    after = _count(answering(count), scenery, both, "https://api.cc.email")  # type: ignore[arg-type]  # of one argument
    assert after.contacts.get(both) == known
    assert bool(after.uncounted) == (known is None)
    again = _count(answering(20), replace(scenery, known=after), both, "https://api.cc.email")  # type: ignore[arg-type]  # as above
    assert again.contacts.get(both) == known


def test_a_campaign_beside_that_cannot_be_read_is_never_taken_for_none(stage: Stage) -> None:
    """The plan stops; whom it reaches, and when, is not known."""
    scheduled(stage)
    configure(stage, GAP)
    identity = stage.world.campaigns[stage.world.campaign_by_name["Beside"]].campaign_id
    stage.fault("500_before", "GET", f"/v3/emails/{identity}", times=9)
    done = stage.run("plan")
    assert (done.code, done.out) == (1, "")


def test_what_went_out_before_is_no_moment_to_warn_of() -> None:
    """A resend on a quiet day of last week is past."""
    own = scene(rules_of("quiet-days: [Sat]"), Situation(words=""))
    (change,) = own.plan.changes
    old = Attached(kind=AttachedKind.NON_OPENERS, subject="x", at=own.now - DAY)
    changes = (replace(change, attached=(old,)),)
    again = scene_of(
        replace(own.plan, changes=changes),
        rules=own.rules,
        known=own.known,
        manifests=own.manifests,
        catalogue=own.catalogue,
        now=own.now,
    )
    assert again.attached == ()


def test_a_plan_by_the_cache_sees_a_resend_that_was_set_up_since(stage: Stage) -> None:
    """What the cache knows is not looked up, and a resend shows in no listing."""
    stage.world.add_campaign("April", lists=[MEMBERS])
    stage.write(
        manifest("Spring", "Members", send_at=MARCH_9),
        manifest("April", "Members", send_at="Sat 2027-03-13 09:00"),
    )
    configure(stage, GAP)
    assert kinds(stage)[0] == 0
    resend(stage, 4)
    code, told, _ = kinds(stage, "--refresh", "changed")
    assert (code, 'resends it to non-openers as "Once more"' in told) == (6, True)
