"""Live beside desired, field by field; and the fingerprint by which two readings are compared."""

from collections.abc import Mapping, Sequence

from ccops.model import Live, Now, Recipients, SendRecord, When
from ccops.planning.canonical import canonical, digest, stamp
from ccops.planning.plan import FieldChange

Names = Mapping[str, str]
"""Names of lists and segments by id, as far as known."""


def fingerprint(live: Live) -> str:
    """Digest every live field that a decision rests on: "sha256:" and 64 hex digits.

    A history that was not read differs from an empty one, so only readings of the same depth
    are comparable: `wants_history` decides it by the target and by what is read, both the same
    for a plan and its apply.
    """
    return digest(live_document(live))


def live_document(live: Live) -> dict[str, object]:
    """The fields of an activity that are fingerprinted, as JSON. Instants are UTC seconds."""
    return {
        "name": live.name,
        "role": live.role,
        "status": str(live.status),
        "ab_test": live.ab_test,
        "format_type": live.format_type,
        "recipients": recipients_document(live.recipients),
        "subject": live.subject,
        "from_name": live.from_name,
        "from_email": live.from_email,
        "reply_to": live.reply_to,
        "preheader": live.preheader,
        "schedules": [stamp(one) for one in live.schedules],
        "history": None if live.history is None else history_document(live.history),
    }


def history_document(history: Sequence[SendRecord]) -> list[object]:
    """Entries of a send history as JSON."""
    return [
        {
            "ran_at": stamp(one.ran_at),
            "completed": one.completed,
            "count": one.count,
            "reason": one.reason,
        }
        for one in history
    ]


def recipients_document(recipients: Recipients) -> dict[str, object]:
    """Recipients as JSON."""
    return {"lists": list(recipients.lists), "segments": list(recipients.segments)}


def differences(
    live: Live, recipients: Recipients, when: When | None, names: Names
) -> tuple[FieldChange, ...]:
    """What differs between live and wanted recipients and send time, as text for people.

    Names stand for ids where they are known. A time is written as in JSON, `now` as itself;
    None is: not scheduled, or nobody.
    """
    was, wanted = (live.schedules[0] if live.schedules else None), when
    before, after = _view(live.recipients, was), _view(recipients, wanted)
    if canonical(before) == canonical(after):
        return ()
    texts = {
        "recipients": (in_words(live.recipients, names), in_words(recipients, names)),
        "send_at": (when_document(was), when_document(wanted)),
    }
    changed = _changed(before, after)
    return tuple(
        FieldChange(path=path, before=old, after=new)
        for path, (old, new) in texts.items()
        if path in changed
    )


def when_document(when: When | None) -> str | None:
    """A send time as JSON: 2026-10-06T13:00:00Z, `now`, or None for none."""
    if when is None:
        return None
    return when.value if isinstance(when, Now) else stamp(when)


def in_words(recipients: Recipients, names: Names) -> str | None:
    """Recipients for people: `Board, Donors`, `segment Volunteers`; None for nobody.

    Sorted by name; a name that holds a comma is quoted, an unknown one is shown as its id.
    """
    lists = sorted(_called(one, names) for one in recipients.lists)
    segments = sorted(f"segment {_called(one, names)}" for one in recipients.segments)
    return ", ".join([*lists, *segments]) or None


def _called(identity: str, names: Names) -> str:
    name = names.get(identity, "")
    if not name:
        return f"id {identity}"
    return f'"{name}"' if "," in name else name


def _view(recipients: Recipients, when: When | None) -> dict[str, object]:
    return {"recipients": recipients_document(recipients), "send_at": when_document(when)}


def _changed(before: dict[str, object], after: dict[str, object]) -> frozenset[object]:
    """The top-level keys at which two documents differ."""
    # Imported only here: it costs more start-up than all of planning, and few plans need it.
    from deepdiff import DeepDiff  # noqa: PLC0415 - see above

    found = DeepDiff(before, after, view="tree").tree
    return frozenset(
        level.path(output_format="list")[0] for levels in found.values() for level in levels
    )
