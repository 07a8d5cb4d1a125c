"""From what was observed to a plan: the workspace's settings and this ccops' versions."""

from collections.abc import Iterable, Mapping, Sequence

from ccops import __version__
from ccops.planning.assemble import make_plan
from ccops.planning.plan import Permission, Plan
from ccops.ports import Halt, JournalEntry
from ccops.survey import Survey
from ccops.workspace import Workspace


def assembled(
    space: Workspace,
    seen: Survey,
    *,
    origin: str,
    select: Sequence[str],
    granted: Sequence[Permission],
    commit: str,
    tzdata: str,
    requests: int = 0,
    newest: Mapping[str, JournalEntry],
    halts: Iterable[Halt] = (),
) -> Plan:
    """Decide about every observed campaign of a workspace. Raises as `make_plan`.

    `tzdata` is the version of the zone data in force.
    """
    observed = [one.desired for one in seen.observations]
    return make_plan(
        observations=seen.observations,
        rows=seen.rows,
        catalogue=seen.catalogue,
        account=seen.account,
        origin=origin,
        zone=space.settings.zone or seen.account.zone,
        now=seen.now,
        limits=space.settings.limits,
        newest=newest,
        permissions=granted,
        selection=tuple(select),
        ccops_version=__version__,
        tzdata=tzdata,
        commit=commit,
        requests=requests,
        halts=halts,
        elsewhere=[one.campaign for one in space.desired if one not in observed],
    )
