"""While manifests are read, nobody looks for garbage; afterwards, it is found as ever."""

import gc
import weakref

from ccops.session.loading import uncollected


class Circle:
    """Something that only a search can free."""

    def __init__(self) -> None:
        self.itself = self


def test_no_garbage_is_looked_for_meanwhile() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_looked_for_none_before_does_not_afterwards() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_was_made_meanwhile_is_old_and_is_still_found() -> None:
    """No quick search goes through it, and a whole one frees what nobody holds any more."""
    with uncollected():
        circle = Circle()
    assert any(one is circle for one in gc.get_objects(generation=2))
    assert gc.get_freeze_count() == 0
    there = weakref.ref(circle)
    del circle
    gc.collect()
    assert there() is None
