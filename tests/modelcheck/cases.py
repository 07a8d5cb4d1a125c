"""The cases: the whole protocol in every sequence, and each guard switched off in its turn.

Times are ticks. They leave room for one settle time more than a sequence needs; where the vendor
is edited, the lead leaves room for every fault: that is what a lead is for.
"""

from dataclasses import replace
from datetime import timedelta

from ccops.applying import compensation, establishing, protocol
from ccops.applying.judgement import Trace
from ccops.planning.guards import SEND_NOW
from ccops.planning.plan import Permission
from tests.modelcheck.account import BOARD, DONORS, NAME, TICK
from tests.modelcheck.case import Bounds, Case, Commit, Law, Lock, Switch, limits
from tests.modelcheck.vendor import AT_ONCE, Seen, Word

LAST = -30
"""When a campaign was sent that is sent again: an hour before."""
DRAFT = Seen(Word.DRAFT, DONORS, None, ())
SENT = Seen(Word.DONE, DONORS, None, (LAST,))
CRASHES = {"faults": 1, "freezes": 0, "runs": 2}
"""A request fails, a run is killed anywhere and started again; it is never slow."""
FREEZES = {"faults": 1, "freezes": 1, "runs": 1}
"""A request fails, a run stands still anywhere, for any time."""
UNSCHEDULED = Commit(audience=DONORS)


def scheduled(at: int) -> Seen:
    """A draft that is scheduled."""
    return DRAFT._replace(word=Word.SCHEDULED, when=at)


def crashes(until: int) -> Bounds:
    """Bounds for runs that are killed."""
    return Bounds(horizon=until, **CRASHES)


def freezes(until: int) -> Bounds:
    """Bounds for runs that stand still."""
    return Bounds(horizon=until, **FREEZES)


def one(name: str, title: str, start: Seen, commit: Commit, bounds: Bounds) -> Case:
    """One commit, the whole protocol."""
    return Case(
        name=name,
        title=title,
        start=start,
        commits=(commit,),
        bounds=bounds,
        limits=limits(lead=2),
    )


def sequence(name: str, requests: str, start: Seen, commit: Commit, until: int) -> list[Case]:
    """One sequence of requests, in both kinds of misfortune."""
    return [
        one(f"{name}-crashes", f"{requests}; killed anywhere", start, commit, crashes(until)),
        one(f"{name}-freezes", f"{requests}; frozen anywhere", start, commit, freezes(until)),
    ]


def sequences() -> list[Case]:
    """Every sequence that a plan can hold."""
    at_once = Permission(rule=SEND_NOW, campaign=NAME, reason="it cannot wait")
    now = sequence("send-now", 'POST "0"', DRAFT, Commit(audience=DONORS, sends=(AT_ONCE,)), 4)
    to_board, later = Commit(audience=BOARD, sends=(6,)), Commit(audience=DONORS, sends=(5,))
    return [
        *sequence("schedule", "PUT, POST", DRAFT, Commit(audience=BOARD, sends=(5,)), 6),
        *sequence("update", "DELETE, PUT, POST", scheduled(6), to_board, 7),
        *sequence("reschedule", "DELETE, POST", scheduled(4), later, 6),
        *sequence("unschedule", "DELETE", scheduled(3), UNSCHEDULED, 4),
        *sequence("resend", "POST", SENT, Commit(audience=DONORS, sends=(LAST, 4)), 5),
        *(replace(case, permissions=(at_once,)) for case in now),
    ]


MOVED = Commit(audience=DONORS, sends=(5,))
TOGETHER = Case(
    name="two-commits-crashes",
    title="one reschedules, the other unschedules; saved plans, made together; killed anywhere",
    start=scheduled(4),
    commits=(MOVED, UNSCHEDULED),
    bounds=crashes(6),
    limits=limits(lead=2),
    together=True,
    saved=True,
)
LAGGING = replace(
    TOGETHER,
    name="lagging",
    title="the same; readings may be a tick old, and are trusted a tick later",
    start=scheduled(5),
    commits=(Commit(audience=DONORS, sends=(6,)), UNSCHEDULED),
    bounds=crashes(7),
    limits=limits(lead=2, lag=1),
    lagging=True,
)
BRIEF = Bounds(horizon=6, faults=1, freezes=0, runs=1)


def two_commits() -> list[Case]:
    """Two commits with plans made at once, each applied by runs of its own."""
    return [
        TOGETHER,
        replace(
            TOGETHER,
            name="two-commits-freezes",
            title="one reschedules, the other unschedules; plans made together; frozen anywhere",
            bounds=freezes(6),
        ),
        replace(
            TOGETHER,
            name="two-commits-ttl",
            title="the same, and the lock may end at any moment",
            lock=Lock.TTL,
            bounds=BRIEF,
        ),
        replace(
            TOGETHER,
            name="newest-sends-elsewhere",
            title="one schedules, the next schedules for others and for later, at any time",
            start=DRAFT,
            commits=(Commit(audience=DONORS, sends=(4,)), Commit(audience=BOARD, sends=(5,))),
            bounds=BRIEF,
            together=False,
            saved=False,
        ),
        LAGGING,
    ]


NEWEST = replace(
    TOGETHER,
    name="newest-unschedules-crashes",
    title="one schedules, the next unschedules, planned at any time; killed anywhere",
    start=DRAFT,
    commits=(Commit(audience=DONORS, sends=(4,)), UNSCHEDULED),
    bounds=Bounds(horizon=5, faults=0, freezes=0, runs=2),
    together=False,
    saved=False,
)
NEWEST_UNSCHEDULES: tuple[Case, ...] = (
    NEWEST,
    replace(
        NEWEST,
        name="newest-unschedules-freezes",
        title="one schedules, the next unschedules, planned at any time; frozen anywhere",
        bounds=freezes(5),
    ),
    replace(
        NEWEST,
        name="newest-unschedules-ttl",
        title="the same, and the lock may end at any moment",
        lock=Lock.TTL,
        bounds=replace(BRIEF, horizon=5),
    ),
)
"""The newest plan may be made while an older one is under way, and find nothing to do."""


EDITED = replace(
    one("edited", "POST, edited at any time; killed anywhere", DRAFT, MOVED, crashes(7)),
    limits=limits(lead=4),
    commits=(Commit(audience=DONORS, sends=(6,)),),
    bounds=replace(crashes(7), edits=1),
)
_AT_ONCE = Switch(module=compensation, name="SHARE", value=10**12)
"""However far away the send is, an unclear taking back is not waited for."""
HURRIED = replace(
    EDITED,
    name="edited-hurried",
    title="the same, and an unclear taking back is asked for again at once",
    off=(_AT_ONCE,),
)
RESIDUAL = replace(
    EDITED,
    name="residual",
    title="edited between reading and POST, and frozen until after the send",
    bounds=Bounds(horizon=7, faults=0, freezes=1, runs=1, edits=1),
    residual=True,
)
PROMPT = replace(
    sequences()[1],
    name="lease-alone",
    title="no fence; never frozen between the look at the clock and the write",
    start=DRAFT,
    commits=(Commit(audience=DONORS, sends=(4,)),),
    bounds=freezes(5),
    fence=False,
    prompt_writes=True,
)
WHOLE: tuple[Case, ...] = (*sequences(), *two_commits(), EDITED, HURRIED, PROMPT)
"""The whole protocol: nothing may be found."""


def off(guard: str, case: Case, law: Law, **changes: object) -> Case:
    """A case that holds, with one guard less."""
    without = replace(case, name=f"{guard}-off", title=f"{case.name} without {guard}")
    watched = frozenset({law})
    return replace(without, expected=law, watched=watched, **changes)  # type: ignore[arg-type]  # fields by name


_TOOK = Switch(module=establishing, name="trace", value=lambda *_: Trace.TOOK)
"""Whatever is read back counts as what was asked for."""
_UNSETTLED = Switch(module=compensation, name="settle", value=lambda *_: iter(()))
"""Nothing that was asked for again is waited for in the end."""
_ENDLESS = Switch(module=protocol, name="LEASE", value=timedelta(days=1))
"""However old a reading is, it justifies a write."""
_BY_NAME = {case.name: case for case in WHOLE}
OFF: tuple[Case, ...] = (
    off("lead", _BY_NAME["resend-crashes"], Law.TIME, limits=limits(lead=0)),
    off("settle", _BY_NAME["two-commits-ttl"], Law.OVERRULED, limits=limits(lead=2, settle=0)),
    off("lease", PROMPT, Law.TIME, off=(_ENDLESS,)),
    off("fence", _BY_NAME["schedule-freezes"], Law.TIME, fence=False),
    off("verify", EDITED, Law.PEOPLE, off=(_TOOK,)),
    off("lock", TOGETHER, Law.OVERRULED, lock=Lock.NONE, bounds=BRIEF),
    off("serial", TOGETHER, Law.OVERRULED, serial=False),
    off("last-settle", HURRIED, Law.OVERLAP, off=(_AT_ONCE, _UNSETTLED)),
    off("quiet", LAGGING, Law.OVERRULED, limits=limits(lead=2, lag=0)),
)
"""One guard less: the law that this breaks must be found broken."""
CASES: tuple[Case, ...] = (*WHOLE, *NEWEST_UNSCHEDULES, RESIDUAL, *OFF)


def widened(case: Case, bound: int) -> Case:
    """The same case with so many faults and freezes, and one run more than that.

    Where the vendor is edited, the lead grows with the faults that it has to leave room for.
    """
    bounds = replace(case.bounds, faults=bound, freezes=bound, runs=bound + 1)
    if not bounds.edits:
        return replace(case, bounds=bounds)
    more = 2 * bound
    later = tuple(replace(one, sends=tuple(at + more for at in one.sends)) for one in case.commits)
    return replace(
        case,
        commits=later,
        bounds=replace(bounds, horizon=bounds.horizon + more),
        limits=replace(case.limits, lead=case.limits.lead + more * TICK),
    )
