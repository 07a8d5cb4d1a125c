"""What one process may do next: make a plan, begin, perform an effect, die, lose its lock."""

from collections.abc import Iterator

from ccops.applying.effects import (
    Answer,
    AskTime,
    Effect,
    Get,
    Record,
    SleepUntil,
    Unread,
    Write,
)
from ccops.applying.progress import Task
from ccops.applying.report import Ending
from ccops.errors import Diagnostic, VendorFault
from ccops.ports import WriteState
from tests.modelcheck import vendor as cc
from tests.modelcheck.account import (
    answer_to,
    instant,
    made_at,
    no_reply,
    reading,
    request_of,
    throttled,
)
from tests.modelcheck.automaton import Automaton
from tests.modelcheck.case import Case, Lock
from tests.modelcheck.journal import Journals
from tests.modelcheck.plans import Plans
from tests.modelcheck.state import (
    NONE,
    Move,
    Process,
    Standing,
    State,
    Underway,
    changed,
    may_begin,
    rested,
)
from tests.modelcheck.vendor import Author, Request, Seen, Vendor

_QUIET = frozenset({Ending.DONE, Ending.NOTHING})


class Runs:
    """The moves of the processes of one case."""

    def __init__(self, case: Case, automaton: Automaton) -> None:
        self.case = case
        self.automaton = automaton
        self.journals = Journals(timed=bool(case.limits.read_lag))
        self.plans = Plans(case)

    def moves(self, state: State, at: int) -> Iterator[Move]:
        """All that one process may do next."""
        process = state.processes[at]
        if process.point != NONE:
            yield from self._effect(state, at)
            if process.runs:
                yield Move(f"{at}: dies", rested(self.case, state, at, unfinished=True))
            if self.case.lock is Lock.TTL and state.holder == at:
                yield Move(f"{at}: its lock ends", state._replace(holder=NONE))
        elif process.runs and process.plan == NONE:
            yield from self._planning(state, at)
        elif process.runs and may_begin(self.case, state):
            yield self._locking(state, at)

    def effect(self, process: Process) -> Effect | None:
        """What a process is about to do in its run."""
        return None if process.point == NONE else self.automaton.points[process.point].effect

    def ready(self, state: State, at: int) -> bool:
        """Whether a process could act now, or should be running and is not.

        A run that cannot be started again within the bounds counts where somebody edits: then
        its absence is part of the residual risk, and no matter of course.
        """
        process = state.processes[at]
        effect = self.effect(process)
        if effect is not None:
            return not isinstance(effect, SleepUntil) or effect.instant <= instant(state.clock)
        if process.unfinished and (process.runs or self.case.bounds.edits):
            return True
        return process.plan != NONE and process.runs > 0 and may_begin(self.case, state)

    # --- before a run ---------------------------------------------------------------------------

    def _planning(self, state: State, at: int) -> Iterator[Move]:
        process = state.processes[at]
        lines = self.journals.lines[state.journal]
        for seen in _readings(state.vendor):
            plan = self.plans.number(at, seen, state.clock, lines)
            if plan is None:
                refused = process._replace(runs=process.runs - 1)
                yield Move(f"{at}: its plan is refused", changed(state, at, refused))
                continue
            saw = state.vendor.edits
            planned = process._replace(plan=plan, number=state.made, saw=saw, unfinished=False)
            after = changed(state, at, planned)._replace(made=state.made + 1)
            yield Move(f"{at}: plans to {self.plans.change(plan).verdict}", after)

    def _locking(self, state: State, at: int) -> Move:
        """Take the lock, look into the store, and begin; as `apply_plan` does."""
        process = state.processes[at]
        newer = self.case.serial and state.generation != NONE
        task = Task(
            change=self.plans.change(process.plan),
            run=f"{at}.{process.runs}",
            plan=self.plans.checksum(process.plan),
            made_at=made_at(process.number),
            limits=self.case.limits,
            generation=made_at(state.generation) if newer else None,
            journal=self.journals.lines[state.journal],
        )
        newest = max(process.number, state.generation)
        locked = state._replace(holder=at, generation=newest)
        begun = process._replace(runs=process.runs - 1, unfinished=False)
        point = self.automaton.start(task, instant(state.clock))
        return Move(f"{at}: takes the lock", self._moved(changed(locked, at, begun), at, point))

    # --- in a run -------------------------------------------------------------------------------

    def _effect(self, state: State, at: int) -> Iterator[Move]:
        effect = self.effect(state.processes[at])
        match effect:
            case Get():
                yield from self._reading(state, at)
            case Write():
                yield from self._writing(state, at, effect)
            case Record():
                yield self._recording(state, at, effect)
            case AskTime():
                looked = self._answered(state, at, "time", instant(state.clock))
                yield Move(f"{at}: looks at the clock", looked)
            case SleepUntil(instant=until) if until <= instant(state.clock):
                yield Move(f"{at}: goes on", self._answered(state, at, "awake", None))

    def _answered(self, state: State, at: int, token: object, answer: Answer) -> State:
        """The state after the effect of a process was answered; tokens tell answers apart."""
        point = state.processes[at].point
        now = instant(state.clock)
        return self._moved(state, at, self.automaton.step(point, token, answer, now))

    def _moved(self, state: State, at: int, point: int) -> State:
        """A process at its next point; at the end of the run it lets go of the lock."""
        process = state.processes[at]
        ended = self.automaton.points[point].ended
        if ended is None:
            return changed(state, at, process._replace(point=point))
        after = rested(self.case, state, at, unfinished=ended.ending is Ending.UNKNOWN)
        older = state.standing is not None and state.standing.number > process.number
        if ended.ending not in _QUIET or older:
            return after
        verified = max(state.verified, process.saw)
        return after._replace(standing=Standing(process.number, at), verified=verified)

    def _reading(self, state: State, at: int) -> Iterator[Move]:
        read = state.processes[at]._replace(fresh=True, saw=state.vendor.edits)
        after = changed(state, at, read)
        for seen in _readings(state.vendor):
            answer = reading(seen, self.case.commits[at].target)
            yield Move(f"{at}: reads {_told(seen)}", self._answered(after, at, seen, answer))
        if state.faults:
            error = VendorFault(Diagnostic(code="CC510", message="not readable"))
            faulty = state._replace(faults=state.faults - 1)
            unread = self._answered(faulty, at, "unread", Unread(error=error))
            yield Move(f"{at}: cannot read", unread)

    def _recording(self, state: State, at: int, effect: Record) -> Move:
        """Add a line; a run that is refused ends, and says loudly what it knows."""
        held = self.case.lock is Lock.NONE or state.holder == at
        journal = self.journals.append(state.journal, effect.entry) if held else None
        word = effect.entry.state
        if journal is None:
            return Move(f"{at}: may not record {word}, and stops", rested(self.case, state, at))
        after = self._answered(state._replace(journal=journal), at, "recorded", None)
        return Move(f"{at}: records {word}", after)

    def _writing(self, state: State, at: int, effect: Write) -> Iterator[Move]:
        process, step = state.processes[at], effect.step
        request = request_of(step, Author(plan=process.number, commit=at, saw=process.saw))
        words = f"{at}: {step.method} {request.argument}"
        if self.case.fence and not process.fresh:
            kept = self._answered(state, at, "not sent", no_reply(maybe_sent=False))
            yield Move(f"{words}: kept back by the fence", kept)
            return
        wrote = not self._takes_back_again(state, request)
        for account, accepted in cc.effects(state.vendor, request, state.clock):
            taken = state._replace(vendor=account)
            after = self._answered(taken, at, accepted, answer_to(step, accepted=accepted))
            yield Move(f"{words}: {'accepted' if accepted else 'refused'}", after, wrote)
        if not state.faults:
            return
        faulty = state._replace(faults=state.faults - 1)
        not_sent = self._answered(faulty, at, "not sent", no_reply(maybe_sent=False))
        yield Move(f"{words}: no connection", not_sent)
        refused = self._answered(faulty, at, "throttled", throttled())
        yield Move(f"{words}: throttled", refused, wrote)
        late = Underway(request, state.clock + self.case.bounds.delay)
        lost = faulty._replace(bag=tuple(sorted((*state.bag, late))))
        silent = self._answered(lost, at, "no answer", no_reply(maybe_sent=True))
        yield Move(f"{words}: no answer", silent, wrote)

    def _takes_back_again(self, state: State, request: Request) -> bool:
        """Whether a DELETE of ccops' own schedule meets nothing but another one of the same run."""
        lines = self.journals.lines[state.journal]
        takes_back = bool(lines) and lines[-1].state is WriteState.COMPENSATING
        mine = (request.verb, request.author.plan)
        under_way = [(one.request.verb, one.request.author.plan) for one in state.bag]
        return takes_back and all(one == mine for one in under_way)


def _readings(vendor: Vendor) -> tuple[Seen, ...]:
    """What a reading may show: the newest state first."""
    return tuple(dict.fromkeys((vendor.seen, *vendor.shown)))


def _told(seen: Seen) -> str:
    at = "" if seen.when is None else f" for {seen.when}"
    sent = f", sent at {', '.join(map(str, seen.history))}" if seen.history else ""
    return f"{seen.word.name}{at}, recipients {seen.audience}{sent}"
