"""The state of the pretended account: tables of frozen values, and the instant being processed."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ccops.sandbox.clock import Clock
from ccops.sandbox.faults import Fault
from ccops.sandbox.ids import identifier
from ccops.sandbox.privileges import ALL_PRIVILEGES, ALL_SCOPES
from ccops.sandbox.records import (
    Account,
    Activity,
    Campaign,
    Contact,
    ContactList,
    Grant,
    Logged,
    Mailing,
    Segment,
    Token,
)
from ccops.sandbox.switches import SWITCHES, check_switch

_VERSIONS_KEPT = 32


class Tables:
    """Everything the account holds. All access is serialised by `lock`.

    `now` is the UTC instant being processed: sends that became due run at their own instant, then
    the request at the clock's. Campaigns and activities are stored through `put_campaign` and
    `put_activity` only, which keep the indexes true.
    """

    def __init__(self, now: datetime | None = None, *, frozen: bool = False) -> None:
        self.lock = threading.RLock()
        self.clock = Clock(now, frozen=frozen)
        self.now = self.clock.now()
        self.account = Account()
        self.switches = {name: switch.default for name, switch in SWITCHES.items()}
        self.scopes: tuple[str, ...] = ALL_SCOPES
        self.privileges: tuple[str, ...] = ALL_PRIVILEGES
        self.contacts: dict[str, Contact] = {}
        self.lists: dict[str, ContactList] = {}
        self.segments: dict[int, Segment] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.activities: dict[str, Activity] = {}
        self.mailings: dict[int, Mailing] = {}
        self.log: dict[int, Logged] = {}
        self.tokens: dict[str, Token] = {}
        self.grants: dict[str, Grant] = {}
        self.clients: dict[str, str] = {}
        self.counters: dict[str, int] = {}
        self.faults: dict[int, Fault] = {}
        self.campaign_by_name: dict[str, str] = {}
        self.agenda: set[str] = set()
        self.late: list[tuple[datetime, Callable[[], object]]] = []
        self.recent_calls: dict[str, list[float]] = {}
        self.monotonic: Callable[[], float] = time.monotonic
        self.sleep: Callable[[float], None] = time.sleep
        self.save: Callable[[], None] = lambda: None
        self._versions: dict[str, list[tuple[datetime, Activity]]] = {}

    def count_up(self, counter: str) -> int:
        """Return the next number of a counter, which starts at 1."""
        self.counters[counter] = self.counters.get(counter, 0) + 1
        return self.counters[counter]

    def new_id(self, kind: str) -> str:
        """Return a UUID not used before; the same history gives the same ids."""
        return identifier(kind, f"#{self.count_up(kind)}")

    def put_campaign(self, campaign: Campaign) -> None:
        """Store a campaign. A removed one keeps its name reserved (probe)."""
        old = self.campaigns.get(campaign.campaign_id)
        if old is not None and old.name != campaign.name:
            del self.campaign_by_name[old.name]
        self.campaign_by_name[campaign.name] = campaign.campaign_id
        self.campaigns[campaign.campaign_id] = campaign

    def put_activity(self, activity: Activity) -> None:
        """Store an activity, remembering the earlier versions that a lagging read may show."""
        self.activities[activity.activity_id] = activity
        if activity.status in {"SCHEDULED", "EXECUTING"}:
            self.agenda.add(activity.activity_id)
        else:
            self.agenda.discard(activity.activity_id)
        versions = self._versions.setdefault(activity.activity_id, [])
        versions.append((self.now, activity))
        del versions[:-_VERSIONS_KEPT]

    def drop_activity(self, activity_id: str) -> None:
        """Forget an activity altogether, as a cancelled resend is."""
        del self.activities[activity_id]
        del self._versions[activity_id]
        self.agenda.discard(activity_id)

    def touch(self, campaign_id: str) -> None:
        """Bump `updated_at` of a campaign (recorded for PUT, inferred for schedules and sends)."""
        self.put_campaign(replace(self.campaigns[campaign_id], updated_at=self.now))

    def as_read(self, activity_id: str) -> Activity:
        """Return the activity as a GET shows it: `read_lag` virtual seconds ago."""
        horizon = self.now - timedelta(seconds=self.seconds("read_lag"))
        versions = self._versions[activity_id]
        seen = [activity for at, activity in versions if at <= horizon]
        return seen[-1] if seen else versions[0][1]

    def primary(self, campaign: Campaign) -> Activity:
        """Return the campaign's activity with role primary_email."""
        refs = [ref for ref in campaign.activities if ref.role == "primary_email"]
        return self.activities[refs[0].campaign_activity_id]

    def switch(self, name: str) -> bool | int | float | str:
        """Return the value of a switch."""
        return self.switches[name]

    def seconds(self, name: str) -> float:
        """Return the value of a switch that is an amount."""
        value = self.switches[name]
        return value if isinstance(value, (int, float)) else 0

    def set_switch(self, name: str, value: object) -> None:
        """Turn a switch.

        Raises:
            ValueError: no such switch, or not one of its values.
        """
        self.switches[name] = check_switch(name, value)
