"""What surrounds a process grants it nothing: no variable, no file beside it, no job it runs in.

The variables that could be guessed for `now` are tried in tests/e2e/test_seed_rows_now.py.
"""

from collections.abc import Iterator

import click
import pytest

from ccops import cli
from ccops.sandbox.ids import list_id_of
from tests.e2e.stage import Stage, manifest, on_stage

HEARD = {"--base-url": "CCOPS_BASE_URL"}
"""The one option that a variable may give; where it may lead is checked all the same."""

JOB = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "owner",
    "GITHUB_EVENT_NAME": "workflow_dispatch",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REF_PROTECTED": "true",
    "GITHUB_REPOSITORY_OWNER": "owner",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SHA": "0" * 40,
    "GITHUB_TOKEN": "t",
    "GITHUB_TRIGGERING_ACTOR": "owner",
    "GITHUB_WORKFLOW": "apply",
    "INPUT_ALLOW": "send-now=Recall",
    "INPUT_REASON": "because",
    "INPUT_YES": "true",
    "RUNNER_DEBUG": "1",
}
"""A job on a protected branch, started by the owner by hand."""


def options(command: click.Command) -> Iterator[click.Parameter]:
    yield from command.params
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from options(one)


def test_no_option_is_read_from_a_variable() -> None:
    """Whoever adds a variable must say here why it grants nothing."""
    context = click.Context(cli.cli)
    commands = [cli.cli, *(cli.cli.get_command(context, name) for name in cli.COMMANDS)]
    found = [option for one in commands if one for option in options(one)]
    heard = {option.opts[0]: option.envvar for option in found if option.envvar is not None}
    assert heard == HEARD
    assert cli.cli.context_settings.get("auto_envvar_prefix") is None


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_no_job_is_consent(stage: Stage, yes: tuple[str, ...]) -> None:
    """A `now` and a block stay what they are in the most trusted of jobs."""
    stage.world.add_campaign("Recall", lists=[list_id_of("Members")])
    stage.write(manifest("Recall", "Members", send_at="now"))
    with on_stage(stage.folder, stage.world, **JOB) as job:
        for name in (".env", ".ccops", "ccops.toml", "setup.cfg"):
            text = "[ccops]\nCCOPS_ALLOW=send-now=Recall\nallow = send-now=Recall\nyes = true\n"
            (job.folder / name).write_text(text, "utf-8")
        codes = [job.run("apply", *yes).code, job.run("plan").code]
    assert (codes, stage.writes()) == ([6, 6], [])


def test_no_variable_moves_a_limit(draft: Stage) -> None:
    """The safety distances stand in ccops.yaml, where a review sees them."""
    draft.write(manifest("Spring", "Members", send_at="Mon 2027-03-01 09:10"))
    names = ("LEAD", "FREEZE", "SETTLE", "READ_LAG", "LIMITS", "LIMITS_LEAD", "NOW", "CLOCK")
    planted = {f"CCOPS_{name}": "0" for name in names}
    with on_stage(draft.folder, draft.world, **planted, **JOB) as other:
        done = other.run("apply", "--yes")
    assert (done.code, "too late" in done.out.lower(), draft.writes()) == (6, True, [])
