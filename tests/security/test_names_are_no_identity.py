"""S-26 and S-27: what is called alike is not the same, and nobody guesses which is meant."""

import json
import unicodedata
from collections.abc import Sequence

import pytest

from ccops.sandbox.ids import identifier, list_id_of
from tests.e2e.stage import Stage, manifest
from tests.security.bent import Bend, Said, bent

MARCH_9 = "Tue 2027-03-09 09:00"
CROWD = 100_000
PER_PAGE = 20_000
COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Café Zoë") for form in ("NFC", "NFD"))


# S-26: noise.


def row(name: str, campaign_id: str) -> dict[str, object]:
    when = "2027-03-01T14:00:00.000Z"
    return {
        "campaign_id": campaign_id,
        "created_at": when,
        "current_status": "Draft",
        "name": name,
        "type": "CUSTOM_CODE_EMAIL",
        "type_code": 26,
        "updated_at": when,
    }


def crowded(stage: Stage, name: str) -> Bend:
    """Let the listing hold a crowd of campaigns of one name beside the account's own."""
    own = [row(one.name, one.campaign_id) for one in stage.world.campaigns.values()]
    crowd = [row(name, identifier("crowd", str(number))) for number in range(CROWD)]
    pages = [
        own + crowd[start : start + PER_PAGE] if not start else crowd[start : start + PER_PAGE]
        for start in range(0, CROWD, PER_PAGE)
    ]
    return listing(pages)


def listing(pages: Sequence[list[dict[str, object]]]) -> Bend:
    """Answer the listing's pages in their order, over and over."""
    bodies = []
    for number, page in enumerate(pages, start=1):
        document: dict[str, object] = {"campaigns": page}
        if number < len(pages):
            document["_links"] = {"next": {"href": f"/v3/emails?next={number}"}}
        bodies.append(json.dumps(document).encode())
    asked = [0]

    def bend(method: str, path: str) -> Said | None:
        if (method, path) != ("GET", "/v3/emails"):
            return None
        asked[0] += 1
        return Said(body=bodies[(asked[0] - 1) % len(bodies)])

    return bend


def test_s26_a_crowd_of_one_name_hides_nothing(draft: Stage) -> None:
    """The name that it took is blocked, and no other campaign's plan is touched by it."""
    draft.world.add_campaign("Other")
    draft.write(manifest("Other", "Donors", send_at=MARCH_9), name="two.yaml")
    with bent(draft.world, crowded(draft, "Spring")) as url:
        done = draft.run("apply", "--yes", "--base-url", url, "--format", "json")
    assert done.code == 6
    said = {one["campaign"]: one for one in done.document["results"]}
    assert said["Spring"]["ending"] == "needs-person"
    assert f"{CROWD + 1} campaigns have this name" in said["Spring"]["reason"]
    assert "pin one with `activity:`" in said["Spring"]["reason"]
    assert len(done.out) < 10_000
    assert said["Other"]["ending"] == "done"
    assert draft.effects() == ["PUT Other [Donors]", "POST Other 2027-03-09T14:00:00.000Z"]


def test_s26_a_pin_finds_its_campaign_in_the_crowd(draft: Stage) -> None:
    """An id is enough, however many have the name."""
    own = draft.world.campaigns[draft.world.campaign_by_name["Spring"]]
    pin = draft.world.primary(own).activity_id
    draft.write(manifest("Spring", "Members", send_at=MARCH_9, activity=pin))
    with bent(draft.world, crowded(draft, "Spring")) as url:
        assert draft.run("apply", "--yes", "--base-url", url).code == 0
    assert draft.effects() == ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]


def test_s26_two_lists_of_one_name(draft: Stage) -> None:
    """Neither is chosen; both ids are shown, and one of them written instead of the name is taken."""
    second = draft.world.add_list("Members", 2)
    ids = sorted([list_id_of("Members"), second])
    done = draft.run("plan")
    assert (done.code, "CC302" in done.err, draft.writes()) == (3, True, [])
    assert all(one in done.err for one in ids)
    draft.write(
        f"campaign: Spring\nrecipients: {{lists: [{{id: {second}}}]}}\nsend_at: {MARCH_9}\n"
    )
    change = draft.run("plan", "--format", "json").document["changes"][0]
    assert change["desired"]["recipients"]["lists"] == [second]


# S-27: look-alikes.

LOOK_ALIKES = {
    "a Cyrillic letter": ("Donors", "D\u043enors"),
    "a Greek letter": ("VIP", "VI\u03a1"),
    "full-width letters": ("VIP", "\uff36\uff29\uff30"),
    "another case": ("Donors", "donors"),
    "a no-break blank": ("Board members", "Board\u00a0members"),
    "two blanks": ("Board members", "Board  members"),
    "a blank at the end": ("Donors", "Donors "),
    "a zero-width space": ("Donors", "Don\u200bors"),
    "a soft hyphen": ("Donors", "Don\u00adors"),
    "an en dash": ("A - B", "A \u2013 B"),
    "a ligature": ("office", "o\ufb03ce"),
    "a dotless i": ("Mailing", "Ma\u0131ling"),
    "a sharp s": ("Strasse", "Straße"),
}


@pytest.mark.parametrize("form", LOOK_ALIKES)
@pytest.mark.parametrize("mirrored", [False, True], ids=["written", "mirrored"])
@pytest.mark.parametrize("kind", ["list", "segment", "campaign"])
def test_s27_a_look_alike_is_another_name(
    stage: Stage, kind: str, mirrored: bool, form: str
) -> None:
    """Only the look-alike is there: an error or a block, whichever of the two is written."""
    written, live = LOOK_ALIKES[form][:: -1 if mirrored else 1]
    stage.world.lists.clear()
    stage.world.segments.clear()
    if kind == "campaign":
        stage.world.add_list("All", 3)
        stage.world.add_campaign(live)
        stage.write(manifest(written, "All", send_at=MARCH_9))
    else:
        stage.world.add_campaign("Spring")
        (stage.world.add_list if kind == "list" else stage.world.add_segment)(live, 3)
        named = {"segment": written} if kind == "segment" else {}
        stage.write(manifest("Spring", *([written] * (not named)), send_at=MARCH_9, **named))
    done = stage.run("apply", "--yes")
    assert done.code in ({3, 6} if kind == "campaign" else {3})
    assert stage.writes() == []


@pytest.mark.parametrize("live", [COMPOSED, DECOMPOSED], ids=["NFC", "NFD"])
def test_s27_one_name_however_composed(stage: Stage, live: str) -> None:
    """Composed is what a manifest writes; the account may hold it either way, and it is found."""
    found = stage.world.add_list(live, 2)
    stage.world.add_campaign("Spring")
    stage.write(manifest("Spring", COMPOSED, send_at=MARCH_9))
    change = stage.run("plan", "--format", "json").document["changes"][0]
    assert change["audience"]["items"] == [{"id": found, "name": live}]
    stage.write(manifest("Spring", DECOMPOSED, send_at=MARCH_9))
    done = stage.run("plan")
    assert (done.code, "CC105" in done.err) == (3, True)


@pytest.mark.parametrize("kind", ["list", "segment", "campaign"])
def test_s27_both_compositions_are_two(stage: Stage, kind: str) -> None:
    """Two objects that nobody can tell apart: their ids are shown, and nothing is written."""
    if kind == "campaign":
        ids = [stage.world.add_campaign(one).campaign_id for one in (COMPOSED, DECOMPOSED)]
        stage.write(manifest(COMPOSED, "Members", send_at=MARCH_9))
    else:
        stage.world.add_campaign("Spring")
        add = stage.world.add_list if kind == "list" else stage.world.add_segment
        ids = [str(add(one, 2)) for one in (COMPOSED, DECOMPOSED)]
        named = {"segment": COMPOSED} if kind == "segment" else {}
        stage.write(manifest("Spring", *([COMPOSED] * (not named)), send_at=MARCH_9, **named))
    done = stage.run("apply", "--yes")
    assert done.code == (6 if kind == "campaign" else 3)
    assert all(one in done.out + done.err for one in ids)
    assert stage.writes() == []
