"""What the commands of a job share: the runner's surroundings, and speaking to it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ccops.commands.output import harmless, show, tell, tell_rendered
from ccops.constantcontact.secret import Secret
from ccops.errors import CcopsError, Diagnostic, ExitCode
from ccops.render.annotations import annotations
from ccops.session.ci.planning import Unselected
from ccops.session.ci.surroundings import Job, job, masks
from ccops.session.ci.telling import tell_failure, tell_unselected


@contextmanager
def in_job(command: str, start: Path, *, showing: bool = False) -> Iterator[Job]:
    """Read the surroundings and mask what they hold; a refusal is told there as well.

    `showing`: the command shows a plan in the pull request.
    """
    here = job(start)
    hide(here, *here.secrets)
    try:
        yield here
    except CcopsError as error:
        notes = tell_failure(here, command, error, showing=showing)
        annotate(here, error.diagnostics, said=True)
        annotate(here, notes)
        raise


def hide(here: Job, *secrets: Secret) -> None:
    """Have the runner keep these out of its logs, before anything else is done with them."""
    tell_rendered(masks(here, secrets))


def end_unselected(here: Job, found: Unselected) -> ExitCode:
    """End a command that has nothing to do, and say so wherever it would have shown a plan."""
    words, notes = tell_unselected(here, found)
    show("\n".join(harmless(one) for one in words))
    annotate(here, notes)
    return ExitCode.DONE


def annotate(here: Job, diagnostics: Sequence[Diagnostic], *, said: bool = False) -> None:
    """Annotate the commit; where nobody would obey that, say it, unless it is `said` anyway."""
    if here.listening:
        tell_rendered(annotations(diagnostics, folder=here.folder))
    elif not said:
        for one in diagnostics:
            tell(f"{one.severity}[{one.code}]: {one.message}")
