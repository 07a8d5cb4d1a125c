"""`ccops calendar`: what is sent when, for people who read no plan."""

from datetime import datetime
from pathlib import Path

import click

from ccops.commands.calendarout import FORMATS, for_file, for_stdout
from ccops.commands.formats import split_out
from ccops.commands.options import (
    base_url_option,
    format_option,
    locked_option,
    plan_select_option,
    workspace_option,
)
from ccops.commands.output import save, show
from ccops.commands.progress import progress
from ccops.errors import ExitCode
from ccops.session.calendared import calendar

_EXAMPLES = """\b
Examples:
  ccops calendar
  ccops calendar --from 2027-03-01 --weeks 4
  ccops calendar --out html=calendar.html --out ics=calendar.ics
  ccops calendar plan.json --format html > calendar.html
"""
_LONGEST = 520


@click.command("calendar", epilog=_EXAMPLES)
@click.argument("file", metavar="[PLAN]", required=False, type=click.Path())
@workspace_option
@base_url_option
@plan_select_option
@locked_option
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    show_default="today",
    help="The first day shown.",
)
@click.option("--weeks", type=click.IntRange(0, _LONGEST), default=0, help="Show so many weeks.")
@click.option(
    "--days",
    type=click.IntRange(0, 7 * _LONGEST),
    default=0,
    help="Show so many days; added to --weeks. Without either, two weeks are shown.",
)
@format_option(*FORMATS)
@click.option("--out", multiple=True, metavar="FORMAT=FILE", help="Also write this format there.")
def command(
    *,
    file: str | None,
    start: Path,
    base_url: str | None,
    select: tuple[str, ...],
    locked: bool,
    first: datetime | None,
    weeks: int,
    days: int,
    form: str,
    out: tuple[str, ...],
) -> ExitCode:
    """Show what is sent when: of the saved plan PLAN, or of a plan made now.

    Day by day in the workspace's time zone: what is scheduled already, what the plan schedules or
    takes back, what waits for a later apply, what needs a person, what was sent. Changes nothing.
    """
    outputs = [split_out(one, FORMATS) for one in out]
    with progress() as hears:
        agenda = calendar(
            start,
            file=file,
            base_url=base_url,
            select=select,
            locked=locked,
            first=first.date() if first else None,
            days=7 * weeks + days,
            tell=hears,
        )
    for form_out, target in outputs:
        save(target, for_file(agenda, form_out))
    show(for_stdout(agenda, form))
    return ExitCode.DONE
