"""Hostile strings by the thousand, and plans, reports and diagnostics that are full of them."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

from ccops.applying.report import Ending, Report
from ccops.constantcontact.beside import Attached, AttachedKind
from ccops.errors import Diagnostic, Place, Severity
from ccops.model import Account, RecipientKind, Step, StepKind
from ccops.planning.audience import Audience, Overlap
from ccops.planning.plan import (
    Change,
    FieldChange,
    Finding,
    Permission,
    Plan,
    Unmanaged,
    Verdict,
)
from ccops.render.escape import visible
from tests.render import render_builders as build
from tests.render.hostile import HOSTILE

Word = Callable[[], str]

PARTS = (
    *HOSTILE,
    *("|", "\\|", "\\", "`", "``", "```", "~~~", "\n", "\r", "\t", "  ", "\u2028", "\x85", "\x0b"),
    *(
        "<",
        ">",
        "&lt;",
        "&#64;",
        "-->",
        "--!>",
        "<!--",
        "<![CDATA[",
        "<?php",
        "<a href=x>",
        "</td>",
    ),
    *("</details>", "</sub>", "<br>", "</code>", "</pre>", "<script>", "<style>", "<textarea>"),
    *("@org/team", "GH-12", "#12", "octo/repo#1", "0123456789abcdef0123456789abcdef01234567"),
    *(
        "https://x.example/?a=b&c",
        "ftp://x.example",
        "mailto:a@x.example",
        "[x](y)",
        "[x]: y",
        "![](",
    ),
    *("*", "**", "_", "__", "~~", "- [ ] x", "# x", "> [!CAUTION]", "| a | b |", "|--|--|", "---"),
    *(
        ":tada:",
        "$x$",
        "$$",
        "$`x`$",
        "[^1]",
        "[^1]: x",
        "{{",
        "${{ x }}",
        "%0A",
        "%25",
        "::",
        "##[",
    ),
    *("%%{init: {'theme': 'x'}}%%", "%% x", "click ", "section x", "title ", ":::", ";", "end"),
    *(
        "::warning file=x::",
        "::stop-commands::t",
        "\x1b[31m",
        "\x1b]0;t\x07",
        "\x9b1m",
        "\x08",
        "\x00",
    ),
    *(
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\U000e0041",
        "\ud800",
        "é",
        "日本",
        "🎁",
        "a",
        "Fall 2026",
    ),
)
CHANGES = 36
"""As many as leave room for the picture of the sends."""


def hostile_words(seed: int) -> Word:
    """Strings of one to five parts; none is blank, since those are shown by a word of ours."""
    chance = random.Random(seed)

    def word() -> str:
        while True:
            text = "".join(chance.choices(PARTS, k=chance.randint(1, 5)))
            if visible(text).strip():
                return text

    return word


def place(word: Word) -> Place:
    """A place in a file of any name, on a line of any text."""
    return Place(file=word(), line=3, column=2, width=2, text=word())


def filled(change: Change, word: Word) -> Change:
    """The change with a word wherever it holds text of others."""
    live = change.before and replace(
        change.before,
        name=word(),
        subject=word(),
        from_name=word(),
        from_email=word(),
        reply_to=word(),
    )
    names = tuple((word(), word()) for _ in range(3))
    step = Step(kind=StepKind.UPDATE, method=word(), path=word(), body=word())
    return replace(
        change,
        campaign=word(),
        place=place(word),
        reason=word(),
        remedy=word(),
        before=live,
        audience=Audience(kind=RecipientKind.LISTS, items=names, counts=(1, None, 0), contacts=1),
        fields=(FieldChange(path="recipients", before=word(), after=word()),),
        steps=(step, step) if change.verdict.writes else (),
        tags=(word(),),
        owner=word(),
        attached=(Attached(kind=AttachedKind.AB_TEST, subject=word()),),
    )


def diagnostic(word: Word, severity: Severity) -> Diagnostic:
    """One with every text."""
    return Diagnostic(
        code=word(),
        message=word(),
        place=place(word),
        label=word(),
        help=word(),
        severity=severity,
        also=((place(word), word()),),
    )


def kinds() -> tuple[Change, ...]:
    """A change of every kind that a page shows."""
    return (
        build.frozen(),
        build.missed(),
        build.scheduled(),
        build.rescheduled(),
        build.updated(),
        build.unscheduled(),
        build.change("Flash", Verdict.SENDING),
        build.in_sync("Advent", build.at(1, 14, month=12)),
        build.recall(),
    )


def plan_of(word: Word) -> Plan:
    """A plan in which each text is one word of this source."""
    changes = tuple(
        filled(one, word) for one, _ in zip(cycle(kinds()), range(CHANGES), strict=False)
    )
    findings = tuple(
        Finding(
            guard=word(), campaign=word(), blocking=blocking, diagnostic=diagnostic(word, severity)
        )
        for blocking, severity in ((True, Severity.ERROR), (False, Severity.WARNING)) * 5
    )
    return replace(
        build.plan(
            changes,
            findings=findings,
            permissions=(Permission(rule=word(), campaign=word(), reason=word()),),
            unmanaged=(Unmanaged(campaign_id=word(), name=word()),),
            selection=(word(), word()),
            account=Account(id=word(), name=word(), zone=word()),
            commit=word(),
        ),
        origin=word(),
        overlaps=(Overlap(first=word(), second=word(), contacts=2),),
    )


def report_of(word: Word) -> Report:
    """A report in which each text is one word of this source, with every ending."""
    endings = cycle(Ending)
    results = tuple(
        replace(
            build.result(filled(one, word), ending, seen=build.live()),
            detail=word(),
            writes=one.steps,
        )
        for one, ending, _ in zip(cycle(kinds()), endings, range(40), strict=False)
    )
    return replace(
        build.report(*results),
        checksum=word(),
        finished_at=build.NOON + timedelta(seconds=14),
    )


def harmless() -> str:
    """A word that nothing obeys."""
    return "x"
