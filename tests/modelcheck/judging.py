"""Whether what happened may happen."""

from typing import NamedTuple

from tests.modelcheck.case import Case, Law
from tests.modelcheck.state import NONE, Move, State
from tests.modelcheck.vendor import AT_ONCE, Mail, Word


class Verdict(NamedTuple):
    """A law is broken. `residual`: by the one risk that no order of requests can exclude."""

    law: Law
    residual: bool = False


class Outcome(NamedTuple):
    """What counts in the end. Of a mail: the time that was asked for, and the audience.

    `audience` is the activity's, until something was mailed: after that it tells nobody anything.
    """

    word: Word
    audience: int
    sends: int
    mails: tuple[tuple[int, int], ...]


class Ending(NamedTuple):
    """A state in which nothing more happens.

    `quiet`: the newest plan's run ended in silence. `declared` are the commits that end like this
    when nothing disturbs them.
    """

    outcome: Outcome
    quiet: bool
    declared: tuple[int, ...]


class Judge:
    """The laws for one case. `ends` are the ends of each commit's undisturbed run."""

    def __init__(self, case: Case, ends: tuple[State, ...]) -> None:
        self.case = case
        self.ends = tuple(_outcome(one) for one in ends)

    def verdict(self, before: State, move: Move) -> Verdict | None:
        """Judge one move; None: it breaks no law."""
        after = move.state
        if move.wrote and before.bag:
            return Verdict(Law.OVERLAP)
        if len(after.vendor.mails) > len(before.vendor.mails):
            return self._mailed(after, after.vendor.mails[-1])
        if self._at_rest(after) and self._missed(after):
            return Verdict(Law.MISSED)
        return None

    def _mailed(self, state: State, mail: Mail) -> Verdict | None:
        if mail.author.plan == NONE:
            return None
        residual = mail.blind and state.stalled
        if len(state.vendor.mails) > self.case.allowed:
            return Verdict(Law.TWICE, residual)
        if mail.asked not in {AT_ONCE, mail.at}:
            return Verdict(Law.TIME)
        wanted = self.case.commits[mail.author.commit]
        if mail.audience != wanted.audience and not mail.by_hand:
            return Verdict(Law.PEOPLE, residual)
        return Verdict(Law.OVERRULED) if self._overruled(state, mail) else None

    def _overruled(self, state: State, mail: Mail) -> bool:
        """Whether a newer decision was finished before, and wants otherwise."""
        if state.standing is None or state.standing.number <= mail.author.plan:
            return False
        newer = self.case.commits[state.standing.commit]
        others = mail.audience != newer.audience and not mail.by_hand
        return others or mail.asked not in newer.sends

    def _at_rest(self, state: State) -> bool:
        """Whether nothing more can happen: nobody is at work, and all declared times are past."""
        idle = all(one.point == NONE for one in state.processes)
        return idle and not state.bag and state.clock == self.case.bounds.horizon

    def _quiet(self, state: State) -> bool:
        return state.standing is not None and state.standing.number == state.made - 1

    def _missed(self, state: State) -> bool:
        """Whether the newest decision was finished in silence, and the account is not as wanted.

        What another commit mailed, or went out edited, is not its own, and was judged when it did.
        """
        standing = state.standing
        if standing is None or not self._quiet(state) or state.vendor.edits > state.verified:
            return False
        mails = state.vendor.mails
        own = all(one.author.commit == standing.commit for one in mails)
        edited = any(one.by_hand or one.blind for one in mails)
        return own and not edited and _outcome(state) != self.ends[standing.commit]

    def ending(self, state: State) -> Ending | None:
        """What a state that is an end shows; None if it is none."""
        if not self._at_rest(state):
            return None
        outcome = _outcome(state)
        declared = tuple(at for at, end in enumerate(self.ends) if end == outcome)
        return Ending(outcome, self._quiet(state), declared)


def _outcome(state: State) -> Outcome:
    seen, mails = state.vendor.seen, state.vendor.mails
    asked = tuple((one.asked, one.audience) for one in mails)
    going = seen.word is Word.EXECUTING
    word = Word.DONE if going else seen.word
    audience = NONE if mails else seen.audience
    return Outcome(word, audience, len(seen.history) + going, asked)
