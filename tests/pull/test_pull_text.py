"""What a pull says: for a person, with harmless names, and for a program."""

import json
from dataclasses import replace

import pytest

from ccops.manifest.lockfile import Lock
from ccops.model import CampaignRow, Status
from ccops.planning.adopted import Adoption, Outcome, Pulled, Relocked, Rewrite
from ccops.render.pulling import diff_text, pulled_json, pulled_text
from ccops.render.style import PLAIN

REWRITE = Rewrite(file="a\x1b.yaml", before="a\nb\x1b[2J\nc\n", after="a\nB\nc\n")


def adoption(outcome: Outcome, **more: object) -> Adoption:
    row = CampaignRow(campaign_id="c", name="Evil\x1b[2J\n::x::", status=Status.DONE)
    return replace(Adoption(row=row, outcome=outcome, file="a.yaml"), **more)  # type: ignore[arg-type]  # fields by name


def pulled(*adoptions: Adoption, dry: bool = False) -> Pulled:
    lock = None if dry else Relocked(lock=Lock(account="a"))
    return Pulled(adoptions=adoptions, relocked=lock, requests=1, dry=dry)


EVERY = pulled(
    adoption(Outcome.WRITTEN),
    adoption(Outcome.CHANGED, rewrite=REWRITE),
    adoption(Outcome.UNCHANGED),
    adoption(Outcome.DIFFERS, rewrite=REWRITE),
    adoption(Outcome.DIFFERS, reason="no way"),
    adoption(Outcome.NOT_WRITTEN, reason="so"),
)


def test_a_difference_is_its_lines() -> None:
    """Harmless, and without the names of files."""
    assert diff_text(REWRITE, style=PLAIN) == (
        "    @@ -1,3 +1,3 @@\n     a\n    -b⟨U+001B⟩[2J\n    +B\n     c\n"
    )


def test_each_outcome_is_told() -> None:
    """Every campaign but the unchanged by its name; the sum of all."""
    told = pulled_text(EVERY, style=PLAIN)
    name = "Evil⟨U+001B⟩[2J⏎::x::"
    assert told.startswith(f"Wrote a.yaml: {name} (sent)\nChanged a.yaml: {name} (sent)\n")
    assert f"Differs a.yaml: {name} (sent): no way\n" in told
    assert f"Not written\n  because so:\n    {name} (sent)\n" in told
    sums = "1 written, 1 changed, 1 unchanged, 2 left as it is, although it differs, 1 not written"
    assert f"6 campaigns. {sums}.\n" in told
    assert "\x1b" not in told


@pytest.mark.parametrize("outcome", [Outcome.WRITTEN, Outcome.CHANGED])
def test_a_dry_run_says_that_it_is_one(outcome: Outcome) -> None:
    """And leads nowhere."""
    told = pulled_text(pulled(adoption(outcome), dry=True), style=PLAIN)
    assert told.startswith("Would ")
    assert "This is a dry run: nothing was written." in told
    assert "Next:" not in told
    assert "ccops.lock" not in told


def test_a_state_without_a_word_is_told() -> None:
    """One that ccops does not know."""
    row = CampaignRow(campaign_id="c", name="Odd", status=Status.UNKNOWN)
    told = pulled_text(pulled(adoption(Outcome.NOT_WRITTEN, row=row, reason="so")), style=PLAIN)
    assert "Odd (unknown)" in told


def test_a_document_holds_names_to_the_letter() -> None:
    """And all that a program needs to go on."""
    document = json.loads(pulled_json(EVERY))
    assert {one["campaign"] for one in document["campaigns"]} == {"Evil\x1b[2J\n::x::"}
    assert document["exit_code"] == 6
    assert document["lock"] == {"written": True, "changes": [], "problems": []}
    assert document["campaigns"][1]["diff"][2] == "-b\x1b[2J"
    assert json.loads(pulled_json(pulled(dry=True)))["lock"] is None
