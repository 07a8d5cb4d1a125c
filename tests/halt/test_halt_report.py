"""What a halt tells: the exit code, the order of its groups, and words that harm nobody."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccops.applying.report import Ending, Result
from ccops.errors import AccessDenied, Diagnostic, ExitCode, Place
from ccops.model import NOW, Live, Status, When
from ccops.planning.plan import Change, Verdict
from ccops.planning.resolve import Match
from ccops.ports import WriteState
from ccops.render.halting import HaltedCampaign, HaltedManifest, HaltReport, Standing
from ccops.render.machine_halt import halt_json
from ccops.render.style import PLAIN, Style
from ccops.render.text_halt import halt_text
from ccops.session.halting.sightings import UNDER_WAY, Sighting, in_groups
from ccops.session.halting.stopping import outcome_of, parted
from tests.planning.samples import (
    ACTIVITY,
    DAY,
    HOUR,
    LIVE,
    NOW_IS,
    completed,
    desired,
    journal,
    row,
    scheduled,
    target,
)
from tests.render.hostile import hostile

S = Standing
CODES: dict[str, tuple[tuple[tuple[Standing, ExitCode | None], ...], int, ExitCode]] = {
    "nothing": ((), 0, ExitCode.DONE),
    "all halted": (((S.UNSCHEDULED, None), (S.HELD, None), (S.OVER, None)), 1, ExitCode.DONE),
    "too late": (((S.TOO_LATE, None), (S.UNSCHEDULED, None)), 1, ExitCode.BLOCKED),
    "a person": (((S.NOT_HALTED, ExitCode.BLOCKED),), 0, ExitCode.BLOCKED),
    "a person, others done": (
        ((S.NOT_HALTED, ExitCode.BLOCKED), (S.UNSCHEDULED, None)),
        1,
        ExitCode.BLOCKED,
    ),
    "unread": (((S.NOT_HALTED, ExitCode.UNEXPECTED),), 0, ExitCode.UNEXPECTED),
    "no access": (((S.NOT_HALTED, ExitCode.ACCESS),), 0, ExitCode.ACCESS),
    "partly": (((S.NOT_HALTED, ExitCode.ACCESS), (S.UNSCHEDULED, None)), 1, ExitCode.PARTIAL),
    "partly, and too late": (
        ((S.NOT_HALTED, ExitCode.ACCESS), (S.TOO_LATE, None)),
        1,
        ExitCode.PARTIAL,
    ),
    "stale": (((S.NOT_HALTED, ExitCode.STALE), (S.TOO_LATE, None)), 0, ExitCode.STALE),
    "unknown": (((S.UNKNOWN, None), (S.NOT_HALTED, ExitCode.ACCESS)), 1, ExitCode.UNKNOWN),
}


def campaign(standing: Standing, cause: ExitCode | None = None, **more: object) -> HaltedCampaign:
    place = Place(file="campaigns/one.yaml", line=1, column=1)
    one = HaltedCampaign(
        campaign="Fall", place=place, zone="UTC", standing=standing, cause=cause, detail="x"
    )
    return replace(one, **more)  # type: ignore[arg-type]  # the fields of the cases below


def report(*campaigns: HaltedCampaign, writes: int = 0, reason: str = "x") -> HaltReport:
    return HaltReport(
        reason=reason,
        started_at=NOW_IS,
        finished_at=NOW_IS,
        campaigns=campaigns,
        writes=writes,
    )


@pytest.mark.parametrize("name", CODES)
def test_the_exit_code(name: str) -> None:
    """10 before 8 before 7 before 6 before others."""
    standings, writes, code = CODES[name]
    told = report(*(campaign(one, cause) for one, cause in standings), writes=writes)
    assert told.exit_code is code
    assert halt_text(told, style=PLAIN).splitlines()[-1].startswith(f"Exit code {int(code)}: ")


def test_what_ended_it_is_told() -> None:
    """A store that failed after everything was halted; a signal; both leave their code."""
    done = report(campaign(S.UNSCHEDULED), writes=1)
    assert replace(done, failure=ExitCode.LOCKED).exit_code is ExitCode.PARTIAL
    assert replace(done, failure=ExitCode.LOCKED, writes=0).exit_code is ExitCode.LOCKED
    assert replace(done, interrupted=ExitCode.TERMINATED).exit_code is ExitCode.TERMINATED
    unknown = report(campaign(S.UNKNOWN))
    assert replace(unknown, interrupted=ExitCode.INTERRUPTED).exit_code is ExitCode.UNKNOWN


MISTAKE = Diagnostic(
    code="CC110", message="x", place=Place(file="campaigns/two.yaml", line=3, column=10)
)


@pytest.mark.parametrize(("writes", "code"), [(0, ExitCode.INVALID), (1, ExitCode.PARTIAL)])
def test_what_could_not_be_read_is_no_success(writes: int, code: ExitCode) -> None:
    """Whatever was halted: a manifest that nobody could read may declare what goes out."""
    told = replace(report(campaign(S.UNSCHEDULED), writes=writes), unread=(MISTAKE,))
    text = halt_text(told, style=PLAIN)
    assert told.exit_code is code
    assert "NOT EVERYTHING IS HALTED" in text
    assert text.index("campaigns/two.yaml:3:10") > text.index("campaigns/one.yaml")
    assert json.loads(halt_json(told))["unread"] == ["CC110: x (campaigns/two.yaml:3:10)"]


def test_the_loudest_stands_last() -> None:
    """A terminal shows the end: there is what goes out, and when."""
    calm = [campaign(S.UNSCHEDULED, was=NOW_IS + DAY)] * 30
    loud = campaign(S.NOT_HALTED, ExitCode.ACCESS, campaign="Autumn", was=NOW_IS + HOUR)
    text = halt_text(report(loud, *calm, writes=30), style=PLAIN)
    assert text.index("NOT HALTED  Autumn") > text.rindex("will NOT be sent")
    assert "it is scheduled for Tue 6 Oct 2026, 13:00 UTC, in 1 h" in text


def test_what_was_not_read_is_told_by_its_declared_time() -> None:
    """A person who looks by hand must know where to look first."""
    unread = campaign(S.NOT_HALTED, ExitCode.ACCESS, sends=(NOW, NOW_IS + HOUR))
    text = halt_text(report(unread), style=PLAIN)
    assert "declared for Tue 6 Oct 2026, 13:00 UTC, in 1 h" in text


@pytest.mark.parametrize("standing", [S.NOT_HALTED, S.UNKNOWN, S.TOO_LATE])
@pytest.mark.parametrize("marked", [True, False])
def test_whether_a_plain_apply_would_schedule_it(standing: Standing, marked: bool) -> None:
    """What was not stopped is kept from an apply by its mark alone; without one it is told so."""
    told = report(campaign(standing, marked=marked, sends=(NOW_IS + HOUR,)))
    text = halt_text(told, style=PLAIN)
    kept = "marked as halted: ccops schedules none of its sends to come until somebody decides so"
    risk = (
        "NOT MARKED as halted: the next apply schedules it unless its manifest says `unscheduled`"
    )
    assert (kept in text, risk in text) == (marked, not marked)
    assert risk not in halt_text(replace(told, dry=True), style=PLAIN)


def test_a_dry_run_of_what_cannot_be_halted() -> None:
    """It is said of what would be, and the code is that of the halt."""
    stays = campaign(S.NOT_HALTED, ExitCode.BLOCKED, was=NOW_IS + HOUR)
    told, still = replace(report(stays), dry=True), "1 campaign still goes out as scheduled."
    end = halt_text(told, style=PLAIN).splitlines()[-2:]
    title = f"Nothing was done; NOT EVERYTHING WOULD BE HALTED. {still}"
    assert end == [
        f"{title} 0 campaigns would be halted, 1 not. Reason: x",
        "Exit code 6: a campaign needs a person.",
    ]
    assert told.going_out == (stays,)


manifests = st.builds(
    HaltedManifest,
    file=hostile,
    rewritten=st.booleans(),
    problem=hostile,
    by_hand=st.tuples(hostile),
)
campaigns = st.builds(
    HaltedCampaign,
    campaign=hostile,
    place=st.builds(Place, file=hostile, line=st.just(1), column=st.just(1)),
    zone=st.just("Europe/Berlin"),
    standing=st.sampled_from(Standing),
    activity_id=hostile,
    was=st.sampled_from([None, NOW_IS + DAY]),
    sends=st.sampled_from([(), (NOW,), (NOW_IS + DAY,)]),
    marked=st.booleans(),
    detail=hostile,
    cause=st.sampled_from([None, ExitCode.BLOCKED, ExitCode.ACCESS]),
    manifest=st.none() | manifests,
)
reports = st.builds(
    HaltReport,
    reason=hostile,
    started_at=st.just(NOW_IS),
    finished_at=st.just(NOW_IS + HOUR),
    campaigns=st.lists(campaigns, max_size=4).map(tuple),
    unread=st.sampled_from([(), (MISTAKE,)]),
    unmanaged=st.tuples(hostile),
    writes=st.integers(0, 3),
    dry=st.booleans(),
)


@settings(max_examples=80)
@given(reports, st.sampled_from([None, 40, 200]), st.sampled_from(["utf-8", "ascii"]))
def test_foreign_text_is_harmless(told: HaltReport, width: int | None, encoding: str) -> None:
    """Printable, in its encoding, the same with colours, and obeyed by no log."""
    plain = halt_text(told, style=PLAIN, width=width, encoding=encoding)
    colored = halt_text(told, style=Style(color=True), width=width, encoding=encoding)
    assert re.sub(r"\x1b\[[\d;]+m", "", colored) == plain
    assert plain.encode(encoding).decode(encoding) == plain
    for line in plain.split("\n"):
        assert all(one.isprintable() or one == "\u200d" for one in line)
        assert "##[" not in line
        assert not line.lstrip().startswith("::")


@settings(max_examples=40)
@given(reports)
def test_the_document_says_it_all(told: HaltReport) -> None:
    """One line of ASCII; every campaign with its standing and its sends."""
    text = halt_json(told)
    document = json.loads(text)
    assert text.isascii()
    assert text.count("\n") == 1
    assert document["exit_code"] == told.exit_code
    found = [(one["campaign"], one["standing"]) for one in document["campaigns"]]
    assert found == [(one.campaign, one.standing) for one in told.campaigns]


def seen(live: Live | None, **more: object) -> Sighting:
    known = replace(row(), activity_id=ACTIVITY)
    made = Sighting(desired=desired(NOW_IS + DAY), row=known, live=live)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of the cases below


SOON, LATER = scheduled(NOW_IS + timedelta(minutes=3)), scheduled(NOW_IS + DAY)
OPEN = journal(NOW_IS + DAY, WriteState.INTENT)


def test_what_goes_out_soon_waits_for_nothing() -> None:
    """Not even for a write of an earlier run to settle."""
    assert parted([seen(SOON)], [OPEN], NOW_IS) == ([seen(SOON)], [], [])


def test_what_must_be_settled_is_kept_apart() -> None:
    """An open write is waited for; nothing else waits with it."""
    other = seen(replace(LATER, activity_id="another"))
    assert parted([seen(LATER), other], [OPEN], NOW_IS) == ([], [other], [seen(LATER)])


def test_a_draft_may_have_an_open_write_too() -> None:
    """What was asked for may come late, so that it is settled; other drafts are left alone."""
    assert parted([seen(LIVE)], [OPEN], NOW_IS) == ([], [], [seen(LIVE)])
    assert parted([seen(LIVE), seen(None)], [], NOW_IS) == ([], [], [])


def listed(status: Status, *sends: When) -> Match:
    return Match(desired=desired(*sends), row=replace(row(), status=status))


matches = st.builds(
    listed,
    st.sampled_from([Status.SCHEDULED, Status.EXECUTING, Status.DRAFT, Status.DONE]),
    st.integers(-3, 400).map(lambda hours: NOW_IS + hours * HOUR),
)


@settings(max_examples=60)
@given(st.lists(matches, max_size=40))
def test_what_goes_out_next_is_stopped_first(found: list[Match]) -> None:
    """All of them once, the scheduled ones by their next time; the first ones wait for no others."""
    groups = [list(one) for one in in_groups(found, {}, NOW_IS)]
    order = [one for group in groups for one in group]
    assert Counter(map(id, order)) == Counter(map(id, found))
    assert all(len(group) <= 2**position for position, group in enumerate(groups))
    assert all(len(group) <= 8 for group in groups)
    urgent = [one for one in order if one.row and one.row.status in UNDER_WAY]
    assert order[: len(urgent)] == urgent
    times = [max(one.desired.sends[0].when, NOW_IS) for one in urgent]  # type: ignore[type-var]  # none is NOW
    assert times == sorted(times)


def test_what_tells_no_time_may_go_out_at_any_moment() -> None:
    """A scheduled campaign that is declared for no time to come is among the very first."""
    silent, soon = listed(Status.SCHEDULED), listed(Status.SCHEDULED, NOW_IS + HOUR)
    assert list(in_groups([soon, silent], {}, NOW_IS)) == [[silent], [soon]]


def test_what_an_earlier_halt_noted_counts_as_a_time() -> None:
    """It rewrote the manifest and did not come to stop the campaign: only its mark tells when."""
    silent, soon = listed(Status.SCHEDULED), listed(Status.SCHEDULED, NOW_IS + HOUR)
    soon = replace(soon, desired=replace(soon.desired, campaign="Soon"))
    stopped = {silent.desired.campaign: (NOW, NOW_IS - HOUR, NOW_IS + DAY)}
    assert list(in_groups([silent, soon], stopped, NOW_IS)) == [[soon], [silent]]


def result(ending: Ending, **more: object) -> Result:
    change = Change(
        campaign="Fall",
        verdict=Verdict.UNSCHEDULE,
        row=7,
        place=Place(file="", line=1, column=1),
        target=target(),
        zone="UTC",
    )
    return replace(Result(change=change, ending=ending), **more)  # type: ignore[arg-type]  # see above


SENT = replace(LIVE, status=Status.DONE, history=(completed(NOW_IS),))
LISTED = replace(row(), status=Status.SCHEDULED)
OUTCOMES: dict[str, tuple[Sighting, Sighting, Result | None, Standing, ExitCode | None]] = {
    "stopped": (seen(LATER), seen(LIVE), result(Ending.DONE), S.UNSCHEDULED, None),
    "stopped by somebody else": (seen(LATER), seen(LIVE), None, S.UNSCHEDULED, None),
    "never scheduled": (seen(LIVE), seen(LIVE), None, S.HELD, None),
    "sent long ago": (seen(SENT), seen(SENT), None, S.OVER, None),
    "sent meanwhile": (seen(LATER), seen(SENT), result(Ending.STOPPED), S.TOO_LATE, None),
    "sent while it could not be read": (seen(None, problem="x"), seen(SENT), None, S.OVER, None),
    "unknown": (seen(LATER), seen(LATER), result(Ending.UNKNOWN), S.UNKNOWN, None),
    "refused": (
        seen(LATER),
        seen(LATER),
        result(Ending.STOPPED, exit_code=ExitCode.ACCESS),
        S.NOT_HALTED,
        ExitCode.ACCESS,
    ),
    "not begun": (
        seen(LATER),
        seen(LATER),
        result(Ending.NOT_STARTED),
        S.NOT_HALTED,
        ExitCode.UNEXPECTED,
    ),
    "not reached": (seen(LATER), seen(LATER), None, S.NOT_HALTED, ExitCode.UNEXPECTED),
    "a person": (
        seen(LATER),
        seen(LATER),
        result(Ending.NEEDS_PERSON),
        S.NOT_HALTED,
        ExitCode.BLOCKED,
    ),
    "unread": (
        seen(None, problem="x", error=AccessDenied()),
        seen(None, problem="x", error=AccessDenied()),
        None,
        S.NOT_HALTED,
        ExitCode.ACCESS,
    ),
    "unread, nothing to come": (
        seen(None, problem="x", desired=desired(NOW_IS - DAY)),
        seen(None, problem="x", desired=desired(NOW_IS - DAY)),
        None,
        S.OVER,
        None,
    ),
    "unread, but listed": (
        seen(None, problem="x", desired=desired(NOW_IS - DAY), row=LISTED),
        seen(None, problem="x", desired=desired(NOW_IS - DAY), row=LISTED),
        None,
        S.NOT_HALTED,
        ExitCode.BLOCKED,
    ),
    "gone": (seen(None), seen(None), None, S.OVER, None),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_how_a_campaign_stands(name: str) -> None:
    """By what was read first and last, whatever was done between."""
    first, latest, done, standing, cause = OUTCOMES[name]
    found = outcome_of(first, latest, done, NOW_IS)
    assert (found.standing, found.cause) == (standing, cause)
