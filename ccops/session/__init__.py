"""The composition root: commands say what they want, and get it from wired parts."""

from ccops.session.applied import apply
from ccops.session.examined import examine
from ccops.session.planned import plan, planned, read_plan
from ccops.session.wiring import Session, load, local_now, reading

__all__ = [
    "Session",
    "apply",
    "examine",
    "load",
    "local_now",
    "plan",
    "planned",
    "read_plan",
    "reading",
]
