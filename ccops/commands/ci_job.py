"""What the commands of a job share: the runner's surroundings, and speaking to it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ccops.commands.output import tell, tell_rendered
from ccops.constantcontact.secret import Secret
from ccops.errors import CcopsError, Diagnostic
from ccops.render.annotations import annotations
from ccops.session.ci.surroundings import Job, job, masks
from ccops.session.ci.telling import tell_failure


@contextmanager
def in_job(command: str, start: Path) -> Iterator[Job]:
    """Read the surroundings and mask what they hold; a refusal is told there as well."""
    here = job(start)
    hide(here, *here.secrets)
    try:
        yield here
    except CcopsError as error:
        tell_failure(here, command, error)
        annotate(here, error.diagnostics, said=True)
        raise


def hide(here: Job, *secrets: Secret) -> None:
    """Have the runner keep these out of its logs, before anything else is done with them."""
    tell_rendered(masks(here, secrets))


def annotate(here: Job, diagnostics: Sequence[Diagnostic], *, said: bool = False) -> None:
    """Annotate the commit; where nobody would obey that, say it, unless it is `said` anyway."""
    if here.listening:
        tell_rendered(annotations(diagnostics, folder=here.folder))
    elif not said:
        for one in diagnostics:
            tell(f"{one.severity}[{one.code}]: {one.message}")
