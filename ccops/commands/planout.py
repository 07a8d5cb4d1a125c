"""A plan in one of its formats, for stdout or a file."""

from datetime import datetime
from typing import TextIO

from ccops.commands import formats
from ccops.commands.look import FILE, look
from ccops.planning.plan import Plan
from ccops.planning.planfile import checksum, to_json
from ccops.render.escape import log_json
from ccops.render.jsonlines import opening_lines
from ccops.render.markdown import plan_markdown
from ccops.render.plan_annotations import plan_annotations
from ccops.render.text import plan_text

FORMATS = ("text", "json", "markdown", "github")


def render(
    plan: Plan,
    form: str,
    stream: TextIO | None,
    *,
    show_requests: bool = False,
    now: datetime | None = None,
) -> str:
    """Return the plan in one format; for a file (`stream` None) it is never styled or cut.

    `now` is when it is looked at, if that is not when it was made.
    """
    seen = now or plan.created_at
    if form == "json":
        return log_json(to_json(plan))
    if form == "jsonl":
        return log_json(opening_lines(plan, checksum=checksum(plan)))
    if form == "markdown":
        return plan_markdown(plan, checksum=checksum(plan), now=seen)
    if form == "github":
        return plan_annotations(plan, now=seen)
    return plan_text(
        plan,
        checksum=checksum(plan),
        now=seen,
        **(look(stream) if stream else FILE),
        show_requests=show_requests,
    )


def split_out(text: str) -> tuple[str, str]:
    """Split `FORMAT=FILE`, with a format of a plan. Raises InvalidInput CC281 and CC213."""
    return formats.split_out(text, FORMATS)
