"""What the accounts' API keys have spent today, read from the meters that their runs share."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from ccops.errors import CcopsError
from ccops.fleet.accounts import Member
from ccops.manifest.settings import Settings
from ccops.model import Limits
from ccops.ports import Meter
from ccops.session.authorizing import open_login
from ccops.session.credentials import given_client_id, given_refresh
from ccops.session.renewing import stored
from ccops.session.wiring import Environment, environment, surroundings, today
from ccops.store.choice import open_memory

_NOBODY = "(fleet)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One API key, and what the workspaces that use it declare of it, each once."""

    name: str
    accounts: tuple[str, ...]
    limits: tuple[Limits, ...]

    @property
    def per_day(self) -> int:
        """What may be asked in a day: the least that is declared."""
        return min(one.per_day for one in self.limits)

    @property
    def agreed(self) -> bool:
        """Whether all its workspaces declare the same of it."""
        return len({(one.request_gap, one.per_day) for one in self.limits}) <= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The meters of some keys, open; `before` is what each had counted when they were opened."""

    meters: Mapping[str, Meter]
    before: Mapping[str, int]
    began: date

    def spent(self, name: str, day: date) -> int:
        """Return what a key has counted on a UTC day (StoreUnavailable)."""
        return self.meters[name].spent(day)

    def since(self) -> int:
        """Return what all keys have counted since these were opened (StoreUnavailable)."""
        days = [self.began + timedelta(days=one) for one in range((today() - self.began).days + 1)]
        counted = sum(self.meters[name].spent(day) for name in self.meters for day in days)
        return counted - sum(self.before.values())


def keys(members: Iterable[Member], origin: str) -> tuple[Key, ...]:
    """Return the API keys behind the accounts' logins; a login that cannot be read is left out."""
    found: dict[str, list[Settings]] = {}
    given = environment()
    for one in members:
        if one.settings is not None:
            name = _key(given, one.settings, origin)
            found.setdefault(name, []).append(one.settings)
    return tuple(
        Key(
            name=name,
            accounts=tuple(one.account for one in known),
            limits=tuple(dict.fromkeys(one.limits for one in known)),
        )
        for name, known in sorted(found.items())
    )


@contextmanager
def opened(known: Iterable[Key], origin: str) -> Iterator[Ledger]:
    """Open the meters of these keys, closed after the block.

    Raises:
        InvalidInput, StoreUnavailable: as `ccops.store.choice.open_memory`.
    """
    given = environment()
    with ExitStack() as stack:
        meters = {
            one.name: stack.enter_context(
                open_memory(
                    given.store,
                    given.state,
                    origin=origin,
                    # A journal of no account: a damaged one must not keep all others waiting.
                    account=_NOBODY,
                    key=f"{origin} {one.name}",
                    run="none",
                )
            ).meter
            for one in known
        }
        day = today()
        before = {name: one.spent(day) for name, one in meters.items()}
        yield Ledger(meters=meters, before=before, began=day)


def _key(given: Environment, settings: Settings, origin: str) -> str:
    """Return the key that a run would use now, as `ccops.session.wiring` finds it."""
    if given.credentials.access is not None:
        return given.api_key
    try:
        around = surroundings(given, origin, settings.account, settings.limits)
        seed = given_refresh(given.credentials)
        with open_login(around, seed) as store:
            grant = stored(store.tokens.read())
        named = given_client_id(given.credentials) if seed else None
    except CcopsError:
        return given.api_key
    return grant.client_id if grant else named or given.api_key
