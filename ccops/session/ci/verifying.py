"""Telling in a job what became of what was applied: outputs, page, and one issue."""

from ccops.render.delivering import Verification
from ccops.render.markdown_deliveries import deliveries_markdown
from ccops.session.ci.files import add_page, set_outputs
from ccops.session.ci.issues import Matter, Topic, keep
from ccops.session.ci.reaching import Notes, reach, tolerated
from ccops.session.ci.surroundings import Job

_TOPIC = Topic(
    label="ccops-verify",
    kind="verified",
    title="Not everything was sent as applied",
    others="It is about other sends than before: the issue says which.",
)


def tell_verified(job: Job, found: Verification) -> Notes:
    """Tell of deliveries: outputs, page, and one issue; return what is to be annotated.

    The issue is closed when nothing of the time that was looked at needs a person any more. A part
    of the campaigns says nothing about the rest: then it is left alone.

    Raises InvalidInput CC232: the outputs cannot be set.
    """
    notes: Notes = []
    trouble = found.trouble
    status = "trouble" if trouble else "clean"
    set_outputs(job, {"status": status, "summary": f"{len(trouble)} not as applied"})
    with tolerated(notes, "the page of this job lacks the deliveries"):
        add_page(job, lambda budget: deliveries_markdown(found, budget=budget))
    if not found.selection:
        words = [(one.activity_id, one.campaign, one.state) for one in trouble]
        page = deliveries_markdown(found, budget=_ISSUE)
        matter = Matter(account=found.account.id, page=page, words=words)
        with tolerated(notes, "the issue about deliveries is as it was"), reach(job) as repository:
            keep(repository, _TOPIC, matter)
    return notes


_ISSUE = 30_000
"""Bytes of an issue's text; GitHub takes 65,536 characters."""
