"""Wait for the lock, so long and no longer: a brake must not give up because an apply waits."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from ccops.errors import StoreUnavailable
from ccops.ports import Store
from ccops.store.refusals import HELD

PATIENCE = 300
"""Seconds: an apply that waits for an unclear answer to settle holds the lock for about 125."""

_BY_HAND = "what must not go out before, unschedule in Constant Contact by hand, now"


@contextmanager
def locked(
    store: Store,
    patience: float,
    tell: Callable[[str], None],
    sleep: Callable[[float], None],
) -> Iterator[None]:
    """Hold the lock; another run's end is waited for about `patience` seconds.

    Raises:
        StoreUnavailable: another run still holds it, or the store is down.
    """
    with ExitStack() as stack:
        left = patience
        while (refused := _refused(store, stack)) is not None:
            if left <= 0:
                raise refused
            if left == patience:
                tell(f"{refused.diagnostics[0].message}; waiting up to {left:.0f} s; {_BY_HAND}")
            sleep(min(left, 1.0))
            left -= 1.0
        yield


def _refused(store: Store, stack: ExitStack) -> StoreUnavailable | None:
    """Take the lock; return the refusal of one that another run holds."""
    try:
        stack.enter_context(store.lock())
    except StoreUnavailable as refused:
        if refused.diagnostics[0].code != HELD:
            raise
        return refused
    return None
