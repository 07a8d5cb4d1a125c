"""S-22: a plan, a workspace and a login belong to one account; between two, nothing is written."""

import json

from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import Stage
from tests.security.bent import Bend, Said, bent

SUMMARY = "/v3/account/summary"


def summarized(said: Said) -> Bend:
    return lambda method, path: said if (method, path) == ("GET", SUMMARY) else None


def summary(stage: Stage) -> dict[str, object]:
    account = stage.world.account
    return {
        "encoded_account_id": account.encoded_account_id,
        "organization_name": "B",
        "time_zone_id": "America/New_York",
    }


def test_s22_a_plan_does_not_change_hands(draft: Stage) -> None:
    """The login of account B and a plan of A, in A's workspace: exit 4 after one reading."""
    draft.run("plan", "--save", "plan.json")
    checksum = json.loads((draft.folder / "plan.json").read_text("utf-8"))["checksum"]
    draft.world.log.clear()
    other = Said(body=json.dumps({"encoded_account_id": "b2", "organization_name": "B"}).encode())
    with bent(draft.world, summarized(other)) as url:
        flags = ("--checksum", checksum, "--base-url", url)
        done = draft.run("apply", "plan.json", *flags)
    assert (done.code, "CC310" in done.err, draft.world.requests) == (4, True, ())


def test_s22_nor_does_a_workspace_make_it_fit(draft: Stage) -> None:
    """In B's own workspace, with B's own login, A's plan is for another account: exit 7."""
    draft.run("plan", "--save", "plan.json")
    path = draft.folder / "ccops.yaml"
    path.write_text(path.read_text("utf-8").replace("sandbox000001", "b2"), "utf-8")
    draft.world.log.clear()
    other = Said(body=json.dumps({**summary(draft), "encoded_account_id": "b2"}).encode())
    with bent(draft.world, summarized(other)) as url:
        done = draft.run("apply", "plan.json", "--yes", "--base-url", url)
    assert (done.code, "CC605" in done.err, draft.writes()) == (7, True, [])


def test_s22_a_login_that_changes_between_plan_and_apply(draft: Stage) -> None:
    """Who is logged in is asked again by the client that may write."""
    asked = [0]

    def bend(method: str, path: str) -> Said | None:
        asked[0] += (method, path) == ("GET", SUMMARY)
        if path != SUMMARY or asked[0] < 2:
            return None
        return Said(body=json.dumps({**summary(draft), "encoded_account_id": "b2"}).encode())

    with bent(draft.world, bend) as url:
        done = draft.run("apply", "--yes", "--base-url", url)
    assert (done.code, "CC310" in done.err, draft.writes()) == (4, True, [])


def test_s22_only_planned_activities_are_written(draft: Stage) -> None:
    """Other campaigns of the account are not even read one by one."""
    for number in range(5):
        draft.world.add_campaign(f"Other {number}", lists=[list_id_of("Members")])
    assert draft.run("apply", "--yes").code == 0
    own = draft.world.primary(
        draft.world.campaigns[draft.world.campaign_by_name["Spring"]]
    ).activity_id
    touched = {
        one.path.split("/")[4]
        for one in draft.world.requests
        if one.path.startswith("/v3/emails/activities/")
    }
    assert touched == {own}
