"""What a story begins with: an activity as it is, and a manifest that wants something of it."""

from dataclasses import replace
from datetime import datetime

from ccops.model import NOW, Live, SendRecord, Status, Target
from tests.simulation.campaign import BOARD, DRAFT, HOUR, scheduled, sent, target
from tests.simulation.vendor import START

OLD = START - 24 * HOUR
SENT = replace(DRAFT, status=Status.DONE, history=sent(OLD))
FAILED = replace(
    DRAFT,
    status=Status.ERROR,
    history=(SendRecord(ran_at=OLD, completed=False, count=0, reason=1),),
)


def situations(when: datetime) -> dict[str, tuple[Live, Target]]:
    """Every sequence that a plan can hold."""
    later = when + HOUR
    return {
        "schedule": (DRAFT, target(when)),
        "schedule for others": (DRAFT, target(when, recipients=BOARD)),
        "update a draft": (DRAFT, target(recipients=BOARD)),
        "move up": (scheduled(DRAFT, later), target(when)),
        "move back": (scheduled(DRAFT, when), target(later)),
        "update": (scheduled(DRAFT, when), target(when, recipients=BOARD)),
        "unschedule": (scheduled(DRAFT, when), target()),
        "unschedule and update": (scheduled(DRAFT, when), target(recipients=BOARD)),
        "unschedule a resend": (scheduled(SENT, when), target(OLD)),
        "resend": (SENT, target(OLD, when)),
        "resend to others": (SENT, target(OLD, when, recipients=BOARD)),
        "retry": (FAILED, target(when)),
        "now": (DRAFT, target(NOW)),
        "now to others": (DRAFT, target(NOW, recipients=BOARD)),
        "now and again": (DRAFT, target(NOW, later)),
        "schedule and again": (DRAFT, target(when, later)),
    }
