"""The one issue about drift: found by label, author, marker and account."""

import hashlib
import json

from ccops.errors import ExitCode
from ccops.forge import github
from ccops.forge.rest import Repository
from ccops.forge.rows import Issue
from ccops.planning.drift import Drift, DriftItem
from ccops.render.escape import marker
from ccops.render.markdown_drift import drift_markdown
from ccops.session.ci.files import add_page, set_outputs
from ccops.session.ci.reaching import Notes, reach, tolerated
from ccops.session.ci.surroundings import Job

LABEL = "ccops-drift"
_TITLE = "Constant Contact differs from git"
_OTHERS = "Other campaigns have drifted than before: the issue says which."


def tell_drift(job: Job, found: Drift, code: ExitCode) -> Notes:
    """Tell of drift: outputs, page, and one issue; return what is to be annotated.

    A part of the workspace says nothing about the rest: then the issue is left alone.

    Raises InvalidInput CC232: the outputs cannot be set.
    """
    notes: Notes = []
    told = _told(found)
    status = "drift" if told else "clean"
    set_outputs(job, {"status": status, "summary": f"{len(told)} of drift or doubt"})
    with tolerated(notes, "the page of this job lacks the drift"):
        add_page(job, lambda budget: drift_markdown(found, code, budget=budget))
    if not found.selection:
        with tolerated(notes, "the issue about drift is as it was"), reach(job) as repository:
            _keep(repository, found, code, told)
    return notes


def _told(found: Drift) -> tuple[DriftItem, ...]:
    return tuple(one for one in found.items if one.state.is_drift or one.state.is_doubt)


def _keep(
    repository: Repository, found: Drift, code: ExitCode, told: tuple[DriftItem, ...]
) -> None:
    """Bring the issue up to date; there is none as long as nothing ever drifted."""
    issue = _ours(repository, found.account.id)
    which = marker("drifted", {"account": found.account.id, "which": _digest(told)})
    body = f"{which}\n{drift_markdown(found, code)}"
    if issue is None:
        if told:
            github.open_issue(repository, _TITLE, body, LABEL)
        return
    if issue.open or told:
        github.edit_issue(repository, issue.number, body=body, opened=bool(told))
    if issue.open and told and not issue.body.startswith(which):
        github.add_comment(repository, issue.number, _OTHERS)


def _digest(told: tuple[DriftItem, ...]) -> str:
    """Digest which campaigns drifted, and how, so that the issue holds the names once."""
    which = sorted((one.activity_id, one.campaign, one.state) for one in told)
    return hashlib.sha256(json.dumps(which).encode()).hexdigest()[:16]


def _ours(repository: Repository, account: str) -> Issue | None:
    """Find the newest of ours: everybody may copy its text, and nobody its author."""
    start = marker("drifted", {"account": account, "which": ""}).partition('","which')[0]
    for one in github.issues(repository, LABEL, github.login(repository)):
        if one.body.startswith(start):
            return one
    return None
