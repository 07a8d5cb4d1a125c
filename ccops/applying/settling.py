"""What became of the writes that earlier runs left open, as the journal tells after a look."""

from collections.abc import Sequence
from contextlib import suppress

from ccops.applying.judgement import went
from ccops.applying.progress import Progress
from ccops.applying.report import Became, Settled
from ccops.errors import StoreUnavailable
from ccops.model import StepKind
from ccops.planning.resolution import Recorded, recorded
from ccops.ports import Store, WriteState


def settled(progresses: Sequence[Progress], store: Store) -> tuple[Settled, ...]:
    """The writes that were open when their activities were taken up and are closed now.

    Oldest first. To be asked as soon as they were looked for, when nothing else was written yet:
    the last reading is the one that closed them. A store that fails now tells of none.
    """
    left = {
        one.task.journal[-1].write_id: one
        for one in progresses
        if one.task.journal and one.task.journal[-1].state.open
    }
    with suppress(StoreUnavailable):
        writes = recorded(store.entries()) if left else ()
        return tuple(
            Settled(write=one, became=_became(one, progress), zone=progress.task.change.zone)
            for one in writes
            if (progress := left.get(one.entry.write_id)) and not one.entry.state.open
        )
    return ()


def _became(write: Recorded, progress: Progress) -> Became:
    """A send that nobody can put down to a request is none that had no effect."""
    entry, live = write.entry, progress.live
    if entry.state is WriteState.VERIFIED:
        return Became.TOOK_EFFECT
    if entry.state is WriteState.COMPENSATED:
        return Became.TAKEN_BACK
    posted = entry.step.kind is StepKind.SCHEDULE
    sent = live is not None and went(entry, live)
    return Became.OTHERWISE if posted and sent else Became.NO_EFFECT
