"""The way from a job to its repository on GitHub, and what is told when it is barred."""

from collections.abc import Iterator
from contextlib import contextmanager

from ccops.errors import AccessDenied, CcopsError, Diagnostic, Severity
from ccops.forge.rest import Repository
from ccops.session.ci.surroundings import Job
from ccops.transport import open_transport

Notes = list[Diagnostic]
"""What could not be told to GitHub, and changes nothing else."""


@contextmanager
def reach(job: Job) -> Iterator[Repository]:
    """Open the way to GitHub's API. Raises AccessDenied CC573: the job has no token, or no API."""
    if job.token is None or not job.repository or not job.api:
        missing = "token of GitHub" if job.token is None else "repository on GitHub"
        raise AccessDenied(
            Diagnostic(
                code="CC573",
                message=f"this job has no {missing}",
                help="pass the token as CCOPS_CI_GITHUB_TOKEN",
            )
        )
    with open_transport(job.api) as send:
        yield Repository(send=send, name=job.repository, token=job.token, prefix=job.prefix)


@contextmanager
def tolerated(notes: Notes, what: str) -> Iterator[None]:
    """Note a failure and go on: nothing that is decided about a send depends on it."""
    try:
        yield
    except (CcopsError, OSError, ValueError) as error:
        notes.append(note(f"{what}: {error}"))


def note(message: str) -> Diagnostic:
    """Make the one notice about something that GitHub was not told."""
    return Diagnostic(
        code="CC572",
        message=message,
        severity=Severity.NOTE,
        help="the plan and its outcome stand in the log and on the page of this job",
    )
