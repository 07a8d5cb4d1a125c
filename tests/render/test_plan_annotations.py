"""A plan as annotations: findings where they are, people where they are needed, and one line."""

from hypothesis import given, settings

from ccops.planning.plan import Plan
from ccops.render.headline import headline
from ccops.render.plan_annotations import plan_annotations
from ccops.render.words import needing_person
from tests.render import render_builders as build
from tests.render.plan_strategies import plans


@settings(max_examples=40)
@given(plans)
def test_one_line_each(plan: Plan) -> None:
    """One command for each finding and each campaign that needs a person; then the verdict."""
    *commands, last = plan_annotations(plan, now=build.NOON).splitlines()
    assert len(commands) == len(plan.findings) + len(needing_person(plan))
    assert all(one.startswith(("::error ", "::warning ")) for one in commands)
    found = headline(plan, now=build.NOON)
    assert last == f"{found.title} {found.detail}"


def test_they_stand_on_the_lines_of_their_manifests() -> None:
    """An error where a guard blocks, a warning where it does not or where a person must act."""
    shown = plan_annotations(build.mixed(), now=build.NOON, folder="email/").splitlines()
    assert [one.split("::")[1].split(",col")[0] for one in shown[:-1]] == [
        "error title=ccops CC403,file=email/campaigns/recall.yaml,line=9",
        "warning title=ccops CC410,file=email/campaigns/cyber-monday.yaml,line=15",
        "warning title=ccops CC483,file=email/campaigns/digest.yaml,line=9",
        "warning title=ccops CC483,file=email/campaigns/gala.yaml,line=3",
    ]
    assert shown[-1] == "Blocked. 1 finding must be cleared before this plan can be applied."
