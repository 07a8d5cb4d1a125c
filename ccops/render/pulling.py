"""What a pull did: for a person, and as a document."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff

from ccops.planning.adopt_choice import STATES
from ccops.planning.adopted import Adoption, Outcome, Pulled, Relocked, Rewrite
from ccops.render.documents import document
from ccops.render.layout import Block, Line, Span, line, paint, sections
from ccops.render.phrases import counted
from ccops.render.style import Meaning, Style

_VERBS: Mapping[Outcome, tuple[str, str]] = {
    Outcome.WRITTEN: ("Wrote", "Would write"),
    Outcome.CHANGED: ("Changed", "Would change"),
    Outcome.DIFFERS: ("Differs", "Differs"),
}
_COUNTS: Mapping[Outcome, str] = {
    Outcome.WRITTEN: "written",
    Outcome.CHANGED: "changed",
    Outcome.UNCHANGED: "unchanged",
    Outcome.DIFFERS: "left as it is, although it differs",
    Outcome.NOT_WRITTEN: "not written",
}


def pulled_text(
    pulled: Pulled, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """Every file that was written, every campaign that was not and why, and what to do next."""
    blocks = sections(
        _files(pulled),
        _differing(pulled),
        _not_written(pulled),
        (*_summary(pulled), *_next(pulled)),
    )
    return paint(blocks, style=style, width=width, encoding=encoding)


def diff_text(
    rewrite: Rewrite, *, style: Style, width: int | None = None, encoding: str = "utf-8"
) -> str:
    """What would change in a file, line by line."""
    return paint(_diff(rewrite), style=style, width=width, encoding=encoding)


def pulled_json(pulled: Pulled) -> str:
    """One entry per campaign, in the order in which they were adopted, and the exit code."""
    lock = pulled.relocked
    return document(
        "pull",
        {
            "dry_run": pulled.dry,
            "exit_code": int(pulled.exit_code),
            "requests_made": pulled.requests,
            "campaigns": [_campaign(one) for one in pulled.adoptions],
            "lock": None if lock is None else _lock(lock),
            "unmatched_patterns": list(pulled.unmatched),
        },
    )


def _campaign(one: Adoption) -> Mapping[str, object]:
    diff = _changes(one.rewrite) if one.rewrite else []
    return {
        "campaign": one.row.name,
        "campaign_id": one.row.campaign_id,
        "status": one.row.status,
        "outcome": one.outcome,
        "file": one.file or None,
        "reason": one.reason,
        "diff": diff,
    }


def _lock(lock: Relocked) -> Mapping[str, object]:
    return {
        "written": lock.lock is not None,
        "changes": list(lock.changes),
        "problems": [one.message for one in (*lock.missing, *lock.errors)],
    }


def _files(pulled: Pulled) -> Iterator[Block]:
    for outcome in (Outcome.WRITTEN, Outcome.CHANGED):
        for one in pulled.of(outcome):
            word = Span(_VERBS[outcome][pulled.dry], Meaning.OK)
            yield line(word, f" {one.file}: {one.row.name} ({_state(one)})", hang=4)


def _state(one: Adoption) -> str:
    """The state as `--state` calls it."""
    return next((word for word, status in STATES.items() if status is one.row.status), "unknown")


def _differing(pulled: Pulled) -> Iterator[Block]:
    """What differs and was left: with the lines that would change, or why none can."""
    for one in pulled.of(Outcome.DIFFERS):
        why = f": {one.reason}" if one.reason else ""
        word = Span(_VERBS[Outcome.DIFFERS][pulled.dry], Meaning.WARNING)
        yield line(word, f" {one.file}: {one.row.name} ({_state(one)}){why}", hang=4)
        yield from _diff(one.rewrite) if one.rewrite else ()


def _diff(rewrite: Rewrite) -> tuple[Line, ...]:
    return tuple(line(f"    {text}", hang=None) for text in _changes(rewrite))


def _changes(rewrite: Rewrite) -> list[str]:
    """The hunks of a unified diff, without the names of the files."""
    before, after = (text.splitlines() for text in (rewrite.before, rewrite.after))
    return list(unified_diff(before, after, lineterm="", n=1))[2:]


def _not_written(pulled: Pulled) -> Iterator[Block]:
    """Every campaign without a manifest below its reason, the reasons as they come first."""
    groups: dict[str, list[Adoption]] = {}
    for one in pulled.of(Outcome.NOT_WRITTEN):
        groups.setdefault(one.reason, []).append(one)
    if groups:
        yield line(Span("Not written", Meaning.WARNING))
    for reason, members in groups.items():
        yield line(f"  because {reason}:", hang=4)
        yield from (line(f"    {one.row.name} ({_state(one)})", hang=6) for one in members)


def _summary(pulled: Pulled) -> Iterator[Block]:
    amounts = [(len(pulled.of(one)), words) for one, words in _COUNTS.items()]
    told = ", ".join(f"{amount:,} {words}" for amount, words in amounts if amount)
    total = counted(len(pulled.adoptions), "campaign")
    dry = " This is a dry run: nothing was written." if pulled.dry else ""
    yield line(Span(f"{total}.", Meaning.STRONG), f" {told}." if told else "", dry)
    lock = pulled.relocked
    if lock is not None and lock.lock is not None:
        state = "written" if lock.changes else "up to date"
        yield line(f"ccops.lock is {state}: it pins {_amounts(lock)}.")
    yield line(Span(f"Made with {counted(pulled.requests, 'request')}.", Meaning.DIM))


def _amounts(lock: Relocked) -> str:
    pins: Sequence[int] = (
        (len(lock.lock.campaigns), len(lock.lock.lists), len(lock.lock.segments))
        if lock.lock
        else ()
    )
    nouns = ("campaign", "list", "segment")
    return ", ".join(counted(one, noun) for one, noun in zip(pins, nouns, strict=False))


def _next(pulled: Pulled) -> Iterator[Block]:
    for pattern in pulled.unmatched:
        told = f"No file matches `{pattern}` yet, and plan refuses a workspace like that."
        yield line(Span(told, Meaning.WARNING))
    if pulled.of(Outcome.DIFFERS):
        yield line("Next: look at what differs; `ccops pull --overwrite` takes the account's word.")
    elif pulled.of(Outcome.WRITTEN) and not pulled.dry:
        yield line("Next: ccops plan")
