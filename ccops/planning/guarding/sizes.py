"""Guards of audiences: how many contacts a send may reach. An unknown count satisfies none."""

from collections.abc import Iterator, Mapping

from ccops.manifest.rules import Guard
from ccops.model import Recipients
from ccops.planning.facts import contacts_of, last_reached, never_empty
from ccops.planning.guarding.scene import Moment, Objection, Scene
from ccops.planning.words import contacts_in_words

MOST_LISTS = 25
"""How many lists one request counts together (spec)."""


def no_contacts(scene: Scene) -> Iterator[Objection]:
    """No send to nobody."""
    for moment in scene.moments:
        recipients = moment.recipients
        count = contacts_of(recipients, scene.known)
        if count == 0:
            yield _objection(
                moment,
                "CC415",
                "would be sent to nobody",
                "its recipients have no active contacts",
                "add contacts in Constant Contact, or write other recipients",
            )
        elif count is None and scene.rules.counted and not never_empty(recipients, scene.known):
            yield from uncounted(moment, Guard.NO_CONTACTS, scene)


def max_contacts(scene: Scene) -> Iterator[Objection]:
    """No send to more contacts than are allowed."""
    most = scene.rules.max_contacts
    for moment in scene.moments if most is not None else ():
        count = _count(moment, scene)
        if count is None:
            yield from uncounted(moment, Guard.MAX_CONTACTS, scene)
        elif most is not None and count > most:
            yield _objection(
                moment,
                "CC414",
                f"has {contacts_in_words(count)}",
                f"the most allowed is {most:,}",
                "write smaller recipients",
            )


def max_growth(scene: Scene) -> Iterator[Objection]:
    """No send to recipients that have grown too much since somebody last wrote to them."""
    percent = scene.rules.max_growth
    last = last_sends(scene) if percent is not None else {}
    for moment in scene.moments:
        before = last.get(moment.recipients) if moment.recipients is not None else None
        if before is None or percent is None:
            continue  # nothing is known to have gone to them, so nothing can have grown
        count = _count(moment, scene)
        if count is None:
            yield from uncounted(moment, Guard.MAX_GROWTH, scene)
        elif 100 * count > before * (100 + percent):
            yield _objection(
                moment,
                "CC416",
                f"has {contacts_in_words(count)}, and had {contacts_in_words(before)}",
                f"the most growth allowed is {percent} %",
                "look at what was added to the recipients",
            )


def last_sends(scene: Scene) -> Mapping[Recipients, int]:
    """How many the last campaign to each recipients reached, of all that were read."""
    read = (change.before for change in scene.plan.changes if change.before is not None)
    return last_reached((*read, *(one.live for one in scene.known.beside)))


def expect_contacts(scene: Scene) -> Iterator[Objection]:
    """What the manifest expects of the number of contacts is true."""
    for moment in scene.moments:
        wanted = moment.change.target.expect.contacts
        if wanted is None:
            continue
        count = _count(moment, scene)
        if count is None:
            yield from uncounted(moment, Guard.EXPECT, scene)
        elif not wanted.holds(count):
            yield _objection(
                moment,
                "CC419",
                f"has {contacts_in_words(count)}",
                f"the manifest expects {wanted}",
                "look at the recipients, or correct `expect`",
            )


def uncounted(moment: Moment, guard: Guard, scene: Scene) -> Iterator[Objection]:
    """Say that a count is missing, and how it can be known.

    Only of sends that this plan makes or moves: for others nothing is counted.
    """
    if not moment.made:
        return
    why, remedy = _missing(moment.recipients, scene)
    yield _objection(
        moment, "CC424", f"was not counted, and {guard} must know how many it has", why, remedy
    )


def _missing(recipients: Recipients | None, scene: Scene) -> tuple[str, str]:
    """Why there is no count, and what to do."""
    budget = scene.rules.segments
    if recipients is not None and recipients.segments and not budget:
        why = "the contacts of a segment are counted only as far as a budget goes"
        remedy = "write `counting: {segments: 60}` in `guards:` of ccops.yaml; a request counts 500"
    elif recipients is not None and recipients.segments:
        why = f"the {budget} requests allowed for segments did not do, or one was not answered"
        remedy = "plan again in a minute, or allow more: `counting: {segments: …}`, 500 for each"
    elif recipients is not None and len(recipients.lists) > MOST_LISTS:
        why, remedy = f"only {MOST_LISTS} lists are counted together", "write fewer lists"
    else:
        why = scene.known.uncounted or "Constant Contact did not tell"
        remedy = "log in with the scope contact_data as a user who may read contacts"
    return why, remedy


def _count(moment: Moment, scene: Scene) -> int | None:
    return contacts_of(moment.recipients, scene.known)


def _objection(moment: Moment, code: str, what: str, why: str, remedy: str) -> Objection:
    message = f'"{moment.change.campaign}" {what}'
    return Objection(moment=moment, code=code, message=message, label=why, help=remedy)
