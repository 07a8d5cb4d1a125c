"""Lists and segments by name: read, or the cache's where it knows every name in use."""

from collections.abc import Sequence
from functools import partial

from ccops.constantcontact import reader
from ccops.model import RecipientKind
from ccops.planning.cache import Register, Registers, knows
from ccops.planning.case import one_kind
from ccops.planning.resolve import Match, needs
from ccops.surveying.around import Around, Ask, Seen, all_sent, over, recollection


def registers(
    ask: Ask, around: Around, matches: Sequence[Match], cached: Registers
) -> dict[RecipientKind, Register]:
    """Get the kinds that some manifest needs: the cached, if they know every name in use."""
    living = [one.desired for one in matches if not over(one, around.now)]
    named = [one.desired for one in matches if not _done(around, one)]
    return {
        kind: cached[kind]
        if kind in cached and knows(cached[kind], kind, named, around.pins)
        else _register(ask, kind)
        for kind in RecipientKind
        if kind in needs(living)
    }


def replaced(
    ask: Ask, seen: Sequence[Seen], used: Registers, cached: Registers
) -> dict[RecipientKind, Register]:
    """Get the kinds that are to be replaced and are not in use, so that they are called by name.

    What a change is called must not depend on which other manifests are selected.
    """
    before = [
        one.observation.live.recipients
        for one in seen
        if one.observation.live is not None
        and one.observation.recipients is not None
        and one_kind(one.observation.live.recipients)
    ]
    named = {
        RecipientKind.LISTS: any(one.lists for one in before),
        RecipientKind.SEGMENT: any(one.segments for one in before),
    }
    wanted = (kind for kind in RecipientKind if named[kind] and kind not in used)
    return {kind: cached.get(kind) or _register(ask, kind) for kind in wanted}


def _done(around: Around, one: Match) -> bool:
    """Whether every declared send is done, by the listing or by what is known of the past."""
    known = recollection(around, one)
    remembered = known is not None and all_sent(one.desired, known.reading.live)
    return over(one, around.now) or remembered


def _register(ask: Ask, kind: RecipientKind) -> Register:
    counting = partial(reader.read_lists, members=True)
    read = counting if kind is RecipientKind.LISTS else reader.read_segments
    read_at = ask.clock().replace(microsecond=0)
    return Register(named=read(ask.send, origin=ask.origin), read_at=read_at)
