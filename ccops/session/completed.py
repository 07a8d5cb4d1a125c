"""`ccops schema --account`: the schema of manifests with the names that the account has now."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ccops import resources
from ccops.constantcontact import reader
from ccops.constantcontact.origin import is_loopback
from ccops.errors import InvalidInput
from ccops.manifest.completion import Offer, Offers, completed, offers
from ccops.model import CampaignRow, Status
from ccops.render.escape import visible
from ccops.render.phrases import counted
from ccops.session.loading import origin_of
from ccops.session.wiring import Session, connected
from ccops.survey import own_account
from ccops.workspace import Workspace, find_root, load_settings

_STATES = {
    Status.DRAFT: "a draft",
    Status.SCHEDULED: "scheduled",
    Status.EXECUTING: "being sent",
    Status.DONE: "sent",
    Status.ERROR: "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The schema as text, and what it took.

    `left_out` counts the objects whose names no manifest can write, `requests` what was asked.
    """

    root: Path
    text: str
    offers: Offers
    left_out: int
    requests: int


def complete(start: Path, base_url: str | None, tell: Callable[[str], None]) -> Completed:
    """Read the account's names and complete the schema with them; no contact is read.

    Of the workspace only ccops.yaml is read: who looks for a name may have a mistake in a
    manifest.

    Raises:
        InvalidInput: ccops.yaml or the base URL is wrong.
        AccessDenied: there is no login, or it is another account's.
        CcopsError: a reading failed.
    """
    space = _workspace(start, base_url)
    with connected(space, base_url, tell) as session:
        own_account(session.send, space.settings)
        lists = tuple(_lists(session))
        segments = tuple(_segments(session))
        campaigns = tuple(_campaigns(session))
        requests = session.send.requests
    made = Offers(
        account=space.settings.account,
        campaigns=offers(campaigns, "campaign"),
        lists=offers(lists, "list"),
        segments=offers(segments, "segment"),
    )
    named = {one.name for one in (*made.campaigns, *made.lists, *made.segments)}
    schema = completed(resources.schema("campaign"), made)
    return Completed(
        root=space.root,
        text=json.dumps(schema, separators=(",", ":")) + "\n",
        offers=made,
        left_out=sum(one.name not in named for one in (*campaigns, *lists, *segments)),
        requests=requests,
    )


def _workspace(start: Path, base_url: str | None) -> Workspace:
    loopback = is_loopback(origin_of(base_url))
    root = find_root(start)
    settings, errors = load_settings(root, schema=resources.schema("workspace"), loopback=loopback)
    if errors:
        raise InvalidInput(*errors)
    return Workspace(root=root, settings=settings, desired=())


def _lists(session: Session) -> Iterator[Offer]:
    for one, size in reader.read_list_sizes(session.send, origin=session.origin):
        yield _offer(one.name, "not counted" if size is None else counted(size, "active contact"))


def _segments(session: Session) -> Iterator[Offer]:
    """A segment's members are computed when they are asked for, so that nobody counts them."""
    for one in reader.read_segments(session.send, origin=session.origin):
        yield _offer(one.name, "a segment; not counted")


def _campaigns(session: Session) -> Iterator[Offer]:
    for one in reader.read_campaigns(session.send, origin=session.origin):
        yield _offer(one.name, _said(one))


def _said(row: CampaignRow) -> str:
    state = _STATES.get(row.status, "in a state that ccops does not know")
    return f"{state}; an A/B test, which ccops only reads" if row.ab_test else state


def _offer(name: str, description: str) -> Offer:
    """Say also what cannot be seen in a name: it is completed as it is."""
    shown = visible(name)
    unseen = "" if shown == name else f"; it has characters that do not show: {shown}"
    return Offer(name=name, description=description + unseen)
