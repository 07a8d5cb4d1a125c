"""A saved plan, held against the manifests and the account as they are now, before it is applied.

`apply` reads every activity again; what else the plan was approved for, its manifests and the
names of its lists and segments, is looked up here. A plan that was made in the same run was made
of just these readings, and is not held against them again.
"""

from ccops.constantcontact import reader
from ccops.errors import StalePlan
from ccops.model import RecipientKind
from ccops.planning.locking import Pins
from ccops.planning.plan import Plan
from ccops.planning.redeclared import redeclared
from ccops.planning.renamed import kinds, renamed
from ccops.planning.resolve import Catalogue
from ccops.session.wiring import Session
from ccops.workspace import Workspace


def refuse_redeclared(space: Workspace, plan: Plan) -> None:
    """Refuse a plan of campaigns whose manifests declare something else now; nothing is read.

    Raises:
        StalePlan: CC617, for each difference.
    """
    wrong = redeclared(plan, space.desired, Pins(lock=space.lock))
    if wrong:
        raise StalePlan(*wrong)


def refuse_renamed(session: Session, plan: Plan) -> Catalogue:
    """Refuse a plan to lists or segments that are gone or called otherwise; return what lives.

    Reads each collection that some send or update of the plan needs, once: all its pages, lists
    with their active contacts. Nothing for a plan that writes nothing, or only unschedules.

    Raises:
        StalePlan: CC616, for each name.
        CcopsError: a reading failed.
    """
    needed, send, origin = kinds(plan), session.send, session.origin
    lists, segments = RecipientKind.LISTS in needed, RecipientKind.SEGMENT in needed
    catalogue = Catalogue(
        lists=reader.read_lists(send, origin=origin, members=True) if lists else (),
        segments=reader.read_segments(send, origin=origin) if segments else (),
    )
    wrong = renamed(plan, session.workspace.desired, catalogue)
    if wrong:
        raise StalePlan(*wrong)
    return catalogue
