"""The seeds: furnished worlds for examples, tests and benchmarks."""

from datetime import datetime

from ccops.sandbox.demo import demo
from ccops.sandbox.fleet import generated
from ccops.sandbox.ids import activity_id_of, campaign_id_of, list_id_of
from ccops.sandbox.world import World

__all__ = ["SEEDS", "activity_id_of", "campaign_id_of", "generated", "list_id_of", "seed"]

SEEDS = ("demo", "empty", "fleet")
"""The names that `seed` knows; `fleet:1000` makes a fleet of that size."""

_FLEET = 200


def seed(name: str, now: datetime | None = None) -> World:
    """Return a furnished world.

    With `now` the clock starts there and stands still. Without, the demo and the fleet stand still
    at the instant they were made for, and the empty account ticks in real time.

    Raises:
        ValueError: no such seed.
    """
    kind, _, size = name.partition(":")
    if kind == "fleet" and (size.isdecimal() or not size):
        return generated(int(size or _FLEET), 1, now)
    if name == "demo":
        return demo(now)
    if name == "empty":
        return empty(now)
    raise ValueError(f"no seed {name!r}; there are {', '.join(SEEDS)}")


def empty(now: datetime | None = None) -> World:
    """Return an account with one confirmed sender, and nothing else."""
    world = World(now, frozen=now is not None)
    world.add_sender("news@sandbox.example", roles=("CONTACT", "REPLY_TO"))
    return world
