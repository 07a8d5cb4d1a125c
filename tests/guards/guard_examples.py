"""One example a guard: rules as ccops.yaml has them, a send that passes, and one that does not.

The page docs/guards.md shows these very examples.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from ccops import resources
from ccops.errors import Place
from ccops.manifest.rules import Guard, Rules
from ccops.manifest.settings import read_settings
from ccops.model import Desired, Expect, Live, Override, Range, Recipients, SendRecord, Status, When
from ccops.planning.assemble import Observation
from ccops.planning.facts import Known
from ccops.planning.guarding.judge import judged
from ccops.planning.guarding.scene import Scene, scene_of
from ccops.planning.plan import Permission, Plan
from tests.planning.samples import (
    BOARD,
    CATALOGUE,
    DONORS,
    LISTS,
    LIVE,
    NAME,
    NOW_IS,
    OTHER_LISTS,
    SEGMENTED,
    desired,
)
from tests.planning.strategies import planned

REASON = "The gala is on this day"
CONFIRMED = frozenset({"news@example.org"})
HOLIDAYS = {date(2026, 10, 12): "Columbus Day (US)", date(2026, 12, 25): "Christmas Day (US)"}
MEMBERS = {DONORS: 1_402, BOARD: 14}


def new_york(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of October 2026, by a clock in New York."""
    return datetime(2026, 10, day, minute=minute, tzinfo=UTC) + timedelta(hours=hour + 4)


TUESDAY = new_york(13, 9)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One campaign's send, in words and as facts; `beside` are other campaigns' sends."""

    words: str
    at: When = TUESDAY
    recipients: Recipients = LISTS
    members: Mapping[str, int] = field(default_factory=lambda: MEMBERS)
    contacts: Mapping[Recipients, int] = field(default_factory=dict)
    confirmed: frozenset[str] | None = CONFIRMED
    lacking: tuple[tuple[str, str], ...] | None = ()
    expect: Expect = field(default_factory=Expect)
    history: tuple[SendRecord, ...] = ()
    beside: tuple[tuple[str, datetime, Recipients], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Example:
    """A guard's rules, as the mapping below `guards:`, and what passes and what does not."""

    guard: Guard
    rules: str
    passes: Situation
    fails: Situation


def rules_of(text: str) -> Rules:
    """Read the rules as a workspace file has them."""
    head = "version: 1\naccount: p07e1l8cdif9dl\ntimezone: America/New_York\n"
    body = "guards:\n" + "".join(f"  {line}\n" for line in text.splitlines()) if text else ""
    schema = resources.schema("workspace")
    return read_settings("ccops.yaml", head + body, schema=schema, loopback=False).rules


def known_of(situation: Situation) -> Known:
    """The facts of a situation."""
    return Known(
        members=situation.members,
        contacts=situation.contacts,
        confirmed=situation.confirmed,
        lacking=situation.lacking,
        holidays=HOLIDAYS,
    )


def live_of(situation: Situation, status: Status | None = None) -> Live:
    """The activity: a draft, or as its history has it; or SCHEDULED, or DONE."""
    base = Status.DONE if situation.history else Status.DRAFT
    found = replace(
        LIVE,
        status=status or base,
        format_type=3,
        recipients=situation.recipients,
        history=situation.history,
    )
    if status is Status.SCHEDULED and isinstance(situation.at, datetime):
        return replace(found, schedules=(situation.at,))
    return found


def manifest_of(situation: Situation, *, overrides: tuple[str, ...] = ()) -> Desired:
    """The manifest: the sends of the history, and the one to come."""
    times = [one.ran_at for one in situation.history]
    names = ("Volunteers",) if situation.recipients.segments else ("Donors",)
    found = desired(*times, situation.at, names=names)
    at = found.place
    broken = tuple(Override(guard=one, reason=REASON, place=at) for one in overrides)
    return replace(found, expect=situation.expect, overrides=broken)


def observed(situation: Situation) -> list[Observation]:
    """The campaigns beside it, each to be scheduled where nothing is yet."""
    return [
        Observation(
            desired=replace(
                desired(at, campaign=name),
                place=Place(file="campaigns/other.yaml", line=number, column=1),
            ),
            live=replace(
                LIVE,
                name=name,
                activity_id=f"{number:08}-0000-0000-0000-000000000000",
                campaign_id=f"{number:08}-0000-0000-0000-000000000001",
                recipients=recipients,
                status=Status.SCHEDULED,
                schedules=(at,),
            ),
            recipients=recipients,
        )
        for number, (name, at, recipients) in enumerate(situation.beside, start=1)
    ]


def scene(
    rules: Rules,
    situation: Situation,
    *,
    status: Status | None = None,
    overrides: tuple[str, ...] = (),
    allow: tuple[str, ...] = (),
    sends: tuple[When, ...] | None = None,
    now: datetime = NOW_IS,
    zone: str = "America/New_York",
) -> Scene:
    """Look at one situation. `sends` are those declared, where they are others."""
    wanted = manifest_of(situation, overrides=overrides)
    if sends is not None:
        wanted = replace(wanted, sends=desired(*sends).sends)
    wanted = replace(wanted, sends=tuple(replace(one, zone=zone) for one in wanted.sends))
    own = Observation(
        desired=wanted, live=live_of(situation, status), recipients=situation.recipients
    )
    seen = [own, *observed(situation)]
    granted = [Permission(rule=one, campaign=NAME, reason=REASON) for one in allow]
    return scene_of(
        planned(seen, now=now, permissions=granted),
        rules=rules,
        known=known_of(situation),
        manifests=[one.desired for one in seen],
        catalogue=CATALOGUE,
        now=now,
    )


def judge(rules: Rules, situation: Situation, **more: object) -> Plan:
    """Judge one situation."""
    return judged(scene(rules, situation, **more))  # type: ignore[arg-type]  # as `scene` names them


SENT = SendRecord(ran_at=new_york(5, 9), completed=True, count=1_000, recipients=LISTS)
NEWS = "News"

EXAMPLES: tuple[Example, ...] = (
    Example(
        guard=Guard.QUIET_HOURS,
        rules="quiet-hours: 20:00-08:00",
        passes=Situation(words="On Tuesday at 08:00 sharp.", at=new_york(13, 8)),
        fails=Situation(words="On Tuesday at 07:59.", at=new_york(13, 7, 59)),
    ),
    Example(
        guard=Guard.QUIET_DAYS,
        rules="quiet-days: [Sat, Sun]",
        passes=Situation(words="On a Friday.", at=new_york(16, 9)),
        fails=Situation(words="On a Saturday.", at=new_york(17, 9)),
    ),
    Example(
        guard=Guard.HOLIDAYS,
        rules="holidays: [US, 2026-11-27]",
        passes=Situation(words="On the day after Columbus Day."),
        fails=Situation(words="On Columbus Day.", at=new_york(12, 9)),
    ),
    Example(
        guard=Guard.BLACKOUTS,
        rules="blackouts:\n  - {dates: 2026-10-14..2026-10-16, why: The office moves}",
        passes=Situation(words="On the day before."),
        fails=Situation(words="On its last evening.", at=new_york(16, 19, 59)),
    ),
    Example(
        guard=Guard.MAX_CONTACTS,
        rules="max-contacts: 1500",
        passes=Situation(words="To a list of 1,402 contacts."),
        fails=Situation(
            words="To two lists that have 1,501 contacts together.",
            recipients=OTHER_LISTS,
            contacts={OTHER_LISTS: 1_501},
        ),
    ),
    Example(
        guard=Guard.NO_CONTACTS,
        rules="",
        passes=Situation(words="To a list of one contact.", members={DONORS: 1}),
        fails=Situation(words="To a list without active contacts.", members={DONORS: 0}),
    ),
    Example(
        guard=Guard.MAX_GROWTH,
        rules="max-growth: 20%",
        passes=Situation(
            words="A resend to a list of 1,200 contacts that had 1,000.",
            history=(SENT,),
            members={DONORS: 1_200},
        ),
        fails=Situation(
            words="A resend to a list of 1,201 contacts that had 1,000.",
            history=(SENT,),
            members={DONORS: 1_201},
        ),
    ),
    Example(
        guard=Guard.MIN_GAP,
        rules="min-gap-same-recipients: 48 hours",
        passes=Situation(
            words="48 hours after another send to the same list.",
            beside=((NEWS, new_york(11, 9), LISTS),),
        ),
        fails=Situation(
            words="47 hours after another send to the same list.",
            beside=((NEWS, new_york(11, 10), LISTS),),
        ),
    ),
    Example(
        guard=Guard.FORBIDDEN_LISTS,
        rules='forbidden-lists: ["QA*", "boa*"]',
        passes=Situation(words="To Donors."),
        fails=Situation(
            words="To Donors and Board.", recipients=OTHER_LISTS, contacts={OTHER_LISTS: 1_410}
        ),
    ),
    Example(
        guard=Guard.EXPECT,
        rules="",
        passes=Situation(
            words="The manifest expects `contacts: 1000..2000`, and there are 1,402.",
            expect=Expect(contacts=Range(least=1_000, most=2_000)),
        ),
        fails=Situation(
            words="The manifest expects `contacts: ≤ 1400`, and there are 1,402.",
            expect=Expect(contacts=Range(least=0, most=1_400)),
        ),
    ),
    Example(
        guard=Guard.SENDER_CONFIRMED,
        rules="",
        passes=Situation(words="From a confirmed address."),
        fails=Situation(
            words="From an address whose owner has not confirmed it.",
            confirmed=frozenset({"other@example.org"}),
        ),
    ),
    Example(
        guard=Guard.SEND_PRIVILEGE,
        rules="severity: {send-privilege: error}",
        passes=Situation(words="With a login that may schedule sends."),
        fails=Situation(
            words="With the login of a Campaign Creator.",
            lacking=(("campaign:send", "Owner and Manager have it"),),
        ),
    ),
    Example(
        guard=Guard.MAX_SENDS,
        rules="max-sends-per-day: 2",
        passes=Situation(
            words="The second send of its day.", beside=((NEWS, new_york(13, 8), SEGMENTED),)
        ),
        fails=Situation(
            words="The third send of its day.",
            beside=(
                (NEWS, new_york(13, 8), SEGMENTED),
                ("Board", new_york(13, 8, 30), OTHER_LISTS),
            ),
        ),
    ),
)
