"""Read the campaigns beside a plan whose sends its guards must know.

Those are campaigns that no manifest names and that are scheduled, or were sent lately; campaigns
that are over, whose resend to non-openers may be ahead; and of the recipients that must not have
grown, the last campaign that went to them. Each costs up to five requests, and none is read
that no guard asks for.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ccops.constantcontact import reader
from ccops.counting.attached import REACH
from ccops.errors import InvalidInput
from ccops.model import CampaignRow, Desired, Live, Recipients, Status
from ccops.planning.facts import Beside, reached
from ccops.planning.guarding.scene import Scene, makes_send
from ccops.planning.guarding.sizes import last_sends
from ccops.planning.names import plain
from ccops.planning.resolve import resolve
from ccops.ports import Send

_TRIES = 3
"""So many campaigns are read to find the last one to the same recipients."""


def near(send: Send, scene: Scene, rows: Sequence[CampaignRow]) -> tuple[Beside, ...]:
    """Read the campaigns whose sends may lie near those of the plan; `rows` are all living ones.

    What the plan's changes tell of is not read again.
    """
    if not scene.rules.crowding:
        return ()
    written = {plain(one.campaign): one for one in scene.manifests}
    told = {one.before.campaign_id.lower() for one in scene.plan.changes if one.before is not None}
    wanted = (
        row
        for row in rows
        if row.campaign_id.lower() not in told
        and _matters(row, written.get(plain(row.name)), scene)
    )
    return _read_all(send, wanted)


def _matters(row: CampaignRow, manifest: Desired | None, scene: Scene) -> bool:
    """Whether a campaign's sends may be near; what a selection left out counts as declared."""
    match row.status:
        case Status.SCHEDULED | Status.EXECUTING:
            return manifest is None
        case Status.DONE | Status.ERROR:
            last = _last(row, manifest, scene.now)
            reach = max(REACH, scene.rules.min_gap or REACH)
            return last is None or last > scene.now - reach
        case _:
            return False


def _last(row: CampaignRow, manifest: Desired | None, now: datetime) -> datetime | None:
    """When a campaign that is over was sent at the latest; None: that is not known.

    Whether sending moves `updated_at` is unpublished; that nothing is sent after it is inferred.
    """
    times = [one.when for one in manifest.sends] if manifest else []
    if times and all(isinstance(one, datetime) for one in times):
        return max((one for one in times if isinstance(one, datetime) and one <= now), default=None)
    return row.updated_at


def grown(send: Send, scene: Scene, rows: Sequence[CampaignRow]) -> tuple[Beside, ...]:
    """Read the last campaigns to the recipients of the plan's sends, where nothing read is one."""
    if scene.rules.max_growth is None:
        return ()
    known, found = last_sends(scene), list[Beside]()
    targets = (one.target.recipients for one in scene.plan.changes if makes_send(one))
    for recipients in dict.fromkeys(one for one in targets if one is not None):
        if recipients not in known:
            found += _until_reached(send, _candidates(scene, rows, recipients), recipients)
    return tuple(found)


def _until_reached(
    send: Send, rows: Iterator[CampaignRow], recipients: Recipients
) -> Iterator[Beside]:
    """Read one campaign after another until one did go to the recipients."""
    for one in (_read(send, row) for row in rows):
        if one is not None:
            yield one
            if reached(one.live, recipients) is not None:
                return


def _candidates(
    scene: Scene, rows: Sequence[CampaignRow], recipients: Recipients
) -> Iterator[CampaignRow]:
    """The campaigns that were sent to recipients by their manifests, the last ones."""
    over = {plain(row.name): row for row in rows if row.status is Status.DONE}
    read = {plain(one.live.name) for one in scene.known.beside}
    sent = [
        (when, over[name])
        for manifest in scene.manifests
        if (name := plain(manifest.campaign)) in over.keys() - read
        and (when := _last(over[name], manifest, scene.now)) is not None
        and _goes_to(manifest, scene, recipients)
    ]
    for _, row in sorted(sent, key=lambda one: one[0], reverse=True)[:_TRIES]:
        yield row


def _goes_to(manifest: Desired, scene: Scene, recipients: Recipients) -> bool:
    try:
        return resolve(manifest, scene.catalogue) == recipients
    except InvalidInput:
        return False


def _read_all(send: Send, rows: Iterator[CampaignRow]) -> tuple[Beside, ...]:
    found = (_read(send, row) for row in rows)
    return tuple(one for one in found if one is not None)


def _read(send: Send, row: CampaignRow) -> Beside | None:
    campaign = reader.read_campaign(send, row.campaign_id)
    if campaign is None or campaign.activity_id is None:
        return None
    live = reader.read_live(send, campaign, wants_history=_has_history)
    if live is None:
        return None
    return Beside(live=live, attached=reader.read_attached(send, campaign))


def _has_history(live: Live) -> bool:
    """Whatever is or was scheduled may have been sent before; A/B tests are asked for none."""
    return live.status in {Status.SCHEDULED, Status.DONE, Status.ERROR} and not live.ab_test
