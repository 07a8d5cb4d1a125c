"""Telling of drift in a job: outputs, page, and one issue."""

from ccops.errors import ExitCode
from ccops.planning.drift import Drift
from ccops.render.markdown_drift import drift_markdown
from ccops.session.ci.files import add_page, set_outputs
from ccops.session.ci.issues import Matter, Topic, keep
from ccops.session.ci.reaching import Notes, reach, tolerated
from ccops.session.ci.surroundings import Job

_TOPIC = Topic(
    label="ccops-drift",
    kind="drifted",
    title="Constant Contact differs from git",
    others="Other campaigns have drifted than before: the issue says which.",
)


def tell_drift(job: Job, found: Drift, code: ExitCode) -> Notes:
    """Tell of drift: outputs, page, and one issue; return what is to be annotated.

    A part of the workspace says nothing about the rest: then the issue is left alone.

    Raises InvalidInput CC232: the outputs cannot be set.
    """
    notes: Notes = []
    told = [one for one in found.items if one.state.is_drift or one.state.is_doubt]
    status = "drift" if told else "clean"
    set_outputs(job, {"status": status, "summary": f"{len(told)} of drift or doubt"})
    with tolerated(notes, "the page of this job lacks the drift"):
        add_page(job, lambda budget: drift_markdown(found, code, budget=budget))
    if not found.selection:
        words = [(one.activity_id, one.campaign, one.state) for one in told]
        page = drift_markdown(found, code)
        matter = Matter(account=found.account.id, page=page, words=words)
        with tolerated(notes, "the issue about drift is as it was"), reach(job) as repository:
            keep(repository, _TOPIC, matter)
    return notes
