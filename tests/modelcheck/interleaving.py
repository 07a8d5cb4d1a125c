"""Everything that may happen next: in each process, on the network, in the browser, to the clock.

A process stands before an effect, and may stand there while the clock turns: so it is asleep, or
frozen, between any two of its effects.
"""

from collections.abc import Iterator

from ccops.applying.effects import Write
from tests.modelcheck import vendor as cc
from tests.modelcheck.account import STRANGERS
from tests.modelcheck.automaton import Automaton
from tests.modelcheck.case import Case
from tests.modelcheck.running import Runs
from tests.modelcheck.state import Move, State, gathering, start
from tests.modelcheck.vendor import Vendor


class World:
    """The moves of one case."""

    def __init__(self, case: Case, automaton: Automaton | None = None) -> None:
        self.case = case
        self.runs = Runs(case, automaton or Automaton())

    def start(self) -> State:
        """Nothing has happened yet."""
        return start(self.case)

    def moves(self, state: State) -> Iterator[Move]:
        """All that may happen next."""
        awake = state._replace(frozen=False) if state.frozen else state
        for at in range(len(state.processes)):
            yield from self.runs.moves(awake, at)
        yield from _network(awake)
        yield from self._person(awake)
        yield from self._time(state)

    def _person(self, state: State) -> Iterator[Move]:
        if not state.edits:
            return
        undeclared = self.case.bounds.horizon + 1
        for label, account in cc.edits(state.vendor, state.clock, STRANGERS, undeclared):
            after = state._replace(vendor=account, edits=state.edits - 1)
            yield Move(f"a person {label}", after)

    def _time(self, state: State) -> Iterator[Move]:
        """Let a tick pass, and one of the freezes begin if a process could act."""
        ready = any(self.runs.ready(state, at) for at in range(len(state.processes)))
        begins = ready and not state.frozen
        if (begins and not state.freezes) or self._stands_still(state):
            return
        now = state.clock + 1
        passed = state._replace(
            clock=now,
            processes=tuple(one._replace(fresh=False) for one in state.processes),
            bag=tuple(one for one in state.bag if one.deadline > now),
            stalled=_blind(state.vendor) and (state.stalled or ready),
            freezes=state.freezes - begins,
            frozen=ready,
        )
        for account in _arrivals(state, now):
            yield Move(f"the clock turns to {now}", passed._replace(vendor=account))

    def _stands_still(self, state: State) -> bool:
        """Whether the clock cannot turn, within the bounds of the case."""
        prompt = self.case.prompt_writes and any(
            isinstance(self.runs.effect(one), Write) for one in state.processes
        )
        ended = state.clock >= self.case.bounds.horizon
        return ended or prompt or gathering(self.case, state)


def _blind(vendor: Vendor) -> bool:
    """Whether a schedule stands that was made over an edit which its maker had not seen."""
    return vendor.blind and vendor.seen.word is cc.Word.SCHEDULED


def _arrivals(state: State, now: int) -> list[Vendor]:
    """The account after a tick: what is at the end of its time on the network arrives just then."""
    accounts = [cc.tick(state.vendor, now)]
    for one in state.bag:
        if one.deadline <= now:
            effects = [cc.effects(account, one.request, now) for account in accounts]
            accounts = [after for each in effects for after, _ in each]
    return list(dict.fromkeys(accounts))


def _network(state: State) -> Iterator[Move]:
    """A request that nobody waits for any more arrives, or never does."""
    for one in dict.fromkeys(state.bag):
        rest = list(state.bag)
        rest.remove(one)
        request, lighter = one.request, state._replace(bag=tuple(rest))
        words = f"{request.author.commit}'s late {request.verb.name} {request.argument}"
        yield Move(f"{words} is lost", lighter)
        for account, accepted in cc.effects(state.vendor, request, state.clock):
            verb = "takes effect" if accepted else "is refused"
            yield Move(f"{words} {verb}", lighter._replace(vendor=account))
