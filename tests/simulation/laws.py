"""What must never happen, as named predicates over a story.

What is true is told by the world; the protocol's own belief is only what is judged. One thing is
excused, and counted: see `residual`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from ccops.applying.effects import Get
from ccops.applying.report import Ending
from ccops.errors import ExitCode
from ccops.model import NOW, Status, Step, StepKind
from ccops.planning.guards import HALTED
from ccops.planning.plan import Change, Verdict
from ccops.ports import WriteState
from tests.simulation.records import Run
from tests.simulation.residual import (
    approved,
    as_shown,
    asked_for,
    by_hand,
    edited,
    residual,
    unseen,
)
from tests.simulation.story import Story
from tests.simulation.vendor import By, Mail
from tests.simulation.written import recorded, refused, writes

Law = Callable[[Story], Iterable[str]]
COMPENSATING = WriteState.COMPENSATING
NOTHING_WRITTEN = frozenset(
    {
        ExitCode.INVALID,
        ExitCode.ACCESS,
        ExitCode.THROTTLED,
        ExitCode.BLOCKED,
        ExitCode.STALE,
        ExitCode.LOCKED,
    }
)
"""What these exit codes promise of a plan of one change."""


# --- what people get -------------------------------------------------------------------------


def sent_twice(one: Story) -> Iterator[str]:
    """A declared send happens at most once by ccops, and nothing that was not declared."""
    declared = {when for wanted in one.pushed for when in wanted.sends}
    counts = Counter(mail.when for mail in one.ours)
    yield from (f"{when} {number} times" for when, number in counts.items() if number > 1)
    yield from (f"{when} was never declared" for when in counts if when not in declared)


def sent_wrong(one: Story) -> Iterator[str]:
    """What ccops asks for goes to the people, and with the content, that its plan shows.

    Or that a later plan shows, applied in time; or as a person made it after it was scheduled,
    who answers for that. Residual R1 is excused.
    """
    for mail, flight, plan in asked_for(one):
        landed, booked = flight.landed_at, mail.booked
        if as_shown(mail.live, plan) or approved(one, mail, flight) or residual(one, mail, flight):
            continue
        if not (landed and edited(one, landed, mail.at) and booked and as_shown(booked, plan)):
            yield f"request {flight.number}: {mail}"


def sent_wrong_in_silence(one: Story) -> Iterator[str]:
    """A run that saw the last edit, and ended before the send, would have said that it is wrong."""
    told = any(run.loud for run in one.runs)
    plans = [run.change for run in one.runs]
    edited_at = one.world.vendor.edited_at
    for mail in one.ours:
        ends = (run for run in one.runs if not run.died and edited_at < run.seen_at)
        in_time = any(run.ended_at < mail.at or mail.when is NOW for run in ends)
        if in_time and not told and not any(shown(mail, plan) for plan in plans):
            yield f"{mail}"


def sent_at_another_time(one: Story) -> Iterator[str]:
    """What ccops asks for goes out when its POST says.

    If the vendor took another time than it was asked for, ccops takes it back, or is loud; nobody
    can be if nobody is awake (R3).
    """
    told = any(run.loud for run in one.runs)
    for mail, flight, _ in asked_for(one):
        if mail.when is NOW or mail.at == mail.when:
            continue
        if not (mail.misdated and (told or unseen(one, mail, flight))):
            yield f"request {flight.number}: {mail}"


def sent_although_unwanted(one: Story) -> Iterator[str]:
    """Nothing goes out after the newest decision, well ended, wanted nothing to go out."""
    newest = in_force(one)
    if newest is None or not newest.well or newest.change.send is not None:
        return
    quiet = one.world.vendor.edited_at < newest.seen_at
    after = [mail for mail in one.mails if mail.at > newest.ended_at]
    yield from (f"{mail}" for mail in after if quiet or mail.by is By.CCOPS)


def sent_although_halted(one: Story) -> Iterator[str]:
    """What a person stopped is not asked for again, unless that was permitted."""
    for mail, flight, _ in asked_for(one):
        run = one.runs[flight.run - 1]
        lifted = any(permission.rule == HALTED for permission in run.plan.permissions)
        if flight.halt and mail.when in flight.halt.sends and not lifted:
            yield f"{mail} although halted at {flight.halt.at}"


def lost_in_silence(one: Story) -> Iterator[str]:
    """After the newest decision, well ended, the send that it promises happens.

    A person may have done it instead, with what the plan shows.
    """
    newest = in_force(one)
    if newest is None or not newest.well or promises_nothing(newest.change.verdict):
        return
    send, quiet = newest.change.send, one.world.vendor.edited_at < newest.seen_at
    if quiet and send is not None:
        happened = (m for m in one.mails if m.when == send or m.by is By.PERSON)
        if not any(as_shown(mail.live, newest.change) for mail in happened):
            yield f"{send} never came after {newest}"


# --- what a run says -------------------------------------------------------------------------


def done_but_different(one: Story) -> Iterator[str]:
    """DONE is said only of an account that is as the plan wants it."""
    for run in one.runs:
        if run.ending is Ending.DONE and not run.edited and not as_wanted(run, one.mails):
            yield f"{run}: {run.truth}"


def exit_code_lies(one: Story) -> Iterator[str]:
    """Nothing is written by a run that says so, and zero is said only of what ended well."""
    for run in one.runs:
        written = [flight.number for flight in run.flights if flight.took]
        if run.exit_code in NOTHING_WRITTEN and written:
            yield f"{run}: wrote {written}"
        if run.well and run.ending not in {None, Ending.DONE, Ending.NOTHING}:
            yield f"{run}"


def open_but_known(one: Story) -> Iterator[str]:
    """A write is left open exactly if the run says that its effect is unknown.

    A run whose store fails may leave an intent behind that never left the process.
    """
    for run in one.runs:
        if run.died or run.refused or run.lost:
            continue
        if run.opened is not (run.exit_code is ExitCode.UNKNOWN):
            yield f"{run}, open: {run.opened}"


def lost_but_known(one: Story) -> Iterator[str]:
    """A run that could not record what became of its write says that it is unknown."""
    for run in one.runs:
        pending = run.progress and run.progress.pending
        if run.lost and pending and not run.died and run.exit_code is not ExitCode.UNKNOWN:
            yield f"{run}"


def untrue_words(one: Story) -> Iterator[str]:
    """What a run says of a send in words is true.

    One that lost its lock or its store can only tell what it last saw.
    """
    for run in one.runs:
        if run.edited or run.lost or run.truth is None:
            continue
        going_out = run.truth.status is Status.SCHEDULED or run.on_the_way
        if "will not be sent once more" in run.detail:
            untrue = going_out
        else:
            untrue = "will not be sent" in run.detail and bool(going_out or run.mails)
        if untrue or ("it was sent before" in run.detail and not one.mails):
            yield f"{run}"


# --- what a run writes -----------------------------------------------------------------------


def wrote_what_nobody_planned(one: Story) -> Iterator[str]:
    """Every write is a step of its plan, or takes back ccops' own schedule."""
    for line, step, record in writes(one):
        planned = step in one.runs[line.run - 1].change.steps
        takes_back = step.kind is StepKind.UNSCHEDULE and recorded(record) is COMPENSATING
        if not planned and not takes_back:
            yield f"{line}"


def wrote_unrecorded(one: Story) -> Iterator[str]:
    """The newest line before a write is its own intent, or the compensation that it is part of."""
    for line, step, record in writes(one):
        intended = recorded(record) is WriteState.INTENT and record and record.entry.step == step
        if not intended and recorded(record) is not COMPENSATING:
            yield f"{line}"


def wrote_again_without_looking(one: Story) -> Iterator[str]:
    """Between two equal writes of a run stands a reading."""
    last: dict[int, Step] = {}
    for line in one.world.happened:
        if isinstance(line.effect, Get):
            last.pop(line.run, None)
        if line.step is not None:
            if line.step == last.get(line.run):
                yield f"{line}"
            last[line.run] = line.step


def two_writes_at_once(one: Story) -> Iterator[str]:
    """No request leaves while another one may still take effect; no two are open."""
    yield from one.world.faults
    yield from one.world.shelf.faults


def sent_now_again(one: Story) -> Iterator[str]:
    """`now` is asked for once, in all runs, unless it was refused for certain."""
    lines = [line for line, step, _ in writes(one) if '"0"' in (step.body or "")]
    yield from (
        f"{line}" for line in lines[1:] if not all(map(refused, lines[: lines.index(line)]))
    )


def named_twice(one: Story) -> Iterator[str]:
    """Each intent has a name of its own in the journal."""
    intents = [line for line in one.world.journal if line.state is WriteState.INTENT]
    names = Counter(line.write_id for line in intents)
    yield from (name for name, number in names.items() if number > 1)


LAWS: dict[str, Law] = {
    "I1 sent twice": sent_twice,
    "I2 sent wrong": sent_wrong,
    "I2 sent wrong in silence": sent_wrong_in_silence,
    "I3 sent at another time": sent_at_another_time,
    "I4 sent although unwanted": sent_although_unwanted,
    "I4 sent although halted": sent_although_halted,
    "I5 wrote what nobody planned": wrote_what_nobody_planned,
    "I5 wrote unrecorded": wrote_unrecorded,
    "I5 wrote again without looking": wrote_again_without_looking,
    "I6 lost in silence": lost_in_silence,
    "I7 two writes at once": two_writes_at_once,
    "I8 done but different": done_but_different,
    "I8 exit code lies": exit_code_lies,
    "I8 open but known": open_but_known,
    "I8 lost but known": lost_but_known,
    "I8 untrue words": untrue_words,
    "I9 sent now again": sent_now_again,
    "I9 named twice": named_twice,
}


def violations(one: Story) -> dict[str, list[str]]:
    """What was broken, by law."""
    found = {name: list(law(one)) for name, law in LAWS.items()}
    return {name: details for name, details in found.items() if details}


# --- what the laws ask of a story --------------------------------------------------------------


def shown(mail: Mail, plan: Change) -> bool:
    """Whether these people, this content and this time are what a plan shows."""
    return (mail.when is NOW or mail.at == mail.when) and as_shown(mail.live, plan)


def in_force(one: Story) -> Run | None:
    """The run of the newest plan that counts: one that ended well, or wrote, or may have."""
    counting = [run for run in one.runs if run.well or run.flights]
    return max(counting, key=lambda run: (run.made_at, run.ended_at), default=None)


def promises_nothing(verdict: Verdict) -> bool:
    """Whether a plan with this verdict only tells what it found."""
    return verdict.needs_person or verdict is Verdict.SENDING


def as_wanted(run: Run, mails: list[Mail]) -> bool:
    """Whether the account, as the world knows it, is as the plan wants it."""
    change, live = run.change, run.truth
    assert live is not None
    if change.send is None:
        at_rest = live.status not in {Status.SCHEDULED, Status.EXECUTING}
        return at_rest and not run.mails
    ours = any(shown(mail, change) and mail.when == change.send for mail in mails)
    right = ours or any(by_hand(mail, change) for mail in mails)
    if run.mails or right:
        return right
    return as_shown(live, change) and live.schedules == (change.send,)
