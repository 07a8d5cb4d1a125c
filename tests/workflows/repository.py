"""A repository with a workspace in a folder of it: pushes, pull requests, timers, and who runs them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ccops.sandbox.ids import list_id_of
from ccops.sandbox.records import Token
from tests.e2e.stage import START, Stage, account, manifest, on_stage
from tests.forge.github_double import BOT, GitHub, serving
from tests.workflows.conftest import ACTION, git
from tests.workflows.hosted import TOKEN, Environment, Host, bare
from tests.workflows.machine import BRANCH, Event, Site

CLIENT = "app-of-the-tests"
MARCH_2, MARCH_9 = "Tue 2027-03-02 09:00", "Tue 2027-03-09 09:00"
YESTERDAY = "Sun 2027-02-28 09:00"
MEMBERS = list_id_of("Members")
PULL = "refs/pull/7/merge"


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A clone that people push from, and what GitHub makes of it."""

    stage: Stage
    hub: GitHub
    host: Host

    @property
    def root(self) -> Path:
        return self.stage.folder.parent

    def git(self, *words: str) -> str:
        return git(self.root, *words)

    def declare(self, name: str, send_at: str, **more: Any) -> None:
        """Write a campaign's manifest."""
        text = manifest(name, "Members", send_at=send_at, **more)
        self.stage.write(text, name=f"{name.lower()}.yaml")

    def push(self, *, force: bool = False) -> Event:
        """Commit everything to main."""
        before = git(self.host.site.origin, "rev-parse", BRANCH)
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", "pushed")
        self.git("push", "--quiet", *(["--force"] if force else []), "origin", f"HEAD:{BRANCH}")
        return self.pushed(before)

    def pushed(self, before: str) -> Event:
        return Event(name="push", sha=self.git("rev-parse", "HEAD"), payload={"before": before})

    def open(self, *, fork: bool = False, onto: str = "main") -> Event:
        """Commit everything to the branch of pull request 7, which main is merged into."""
        self.git("checkout", "--quiet", "-B", "change", onto)
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "proposed")
        head = self.git("rev-parse", "HEAD")
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "-m", "merged", "change")
        self.git("push", "--quiet", "--force", "origin", f"HEAD:{PULL}")
        sha = self.git("rev-parse", "HEAD")
        self.git("checkout", "--quiet", "change")
        self.hub.add_pull(7, author="ann", head=head, fork=fork)
        pull = {**self.hub.pulls[7], "title": "${{ secrets.CCOPS_REFRESH_TOKEN }}`touch ran`"}
        return Event(name="pull_request", sha=sha, ref=PULL, payload={"pull_request": pull})

    def merge(self) -> Event:
        """Merge pull request 7."""
        before = self.git("rev-parse", "main")
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "-m", "merged", "change")
        self.git("push", "--quiet", "origin", f"HEAD:{BRANCH}")
        event = self.pushed(before)
        self.hub.merge(7, event.sha)
        return event

    def timer(self) -> Event:
        return Event(name="schedule", sha=git(self.host.site.origin, "rev-parse", BRANCH))

    def start(self, **inputs: str) -> Event:
        """Start a workflow by hand."""
        return replace(self.timer(), name="workflow_dispatch", inputs=inputs)

    def effects(self) -> list[str]:
        """What was written to the account: a login is no part of it."""
        return [one for one in self.stage.effects() if "/oauth2/" not in one]

    def lend(self, environment: str, secrets: dict[str, str]) -> None:
        """Give an environment other secrets."""
        found = self.host.environments[environment]
        self.host.environments[environment] = replace(found, secrets=secrets)


@contextmanager
def on_github(folder: Path, python: Path) -> Iterator[Repository]:
    """Near is a draft to be scheduled, Sent was sent yesterday; everything is pushed."""
    world = account()
    world.add_campaign("Near", lists=[MEMBERS])
    world.add_campaign("Other", lists=[MEMBERS])
    world.add_campaign("Sent", lists=[MEMBERS], history=[START - timedelta(days=1)], format_type=3)
    world.set_switch("strict_auth", True)
    world.set_switch("refresh_tokens", "long_lived")
    hub = GitHub(tokens={TOKEN: BOT}, root=folder / "origin.git")
    clone = folder / "clone"
    with serving(hub), on_stage(clone / "mail", world, CCOPS_CLIENT_ID=CLIENT) as stage:
        world.add_token(stage.environment["CCOPS_ACCESS_TOKEN"])
        origin = bare(folder / "origin.git")
        site = Site(
            origin=origin,
            name=hub.name,
            api=hub.url,
            python=python,
            machine={"CCOPS_BASE_URL": stage.url, "PYTHONIOENCODING": "utf-8"},
        )
        lent = {
            f"constantcontact-{name}": _environment(stage, name, refs)
            for name, refs in (
                ("review", ("refs/pull/*/merge",)),
                ("plan", (BRANCH,)),
                ("production", (BRANCH,)),
                ("send", (BRANCH,)),
            )
        }
        host = Host(
            folder=folder,
            site=site,
            environments=lent,
            lacking=lambda withheld: setattr(hub, "lacking", withheld),
        )
        found = Repository(stage=stage, hub=hub, host=host)
        _furnish(found)
        yield found


def _environment(stage: Stage, name: str, refs: tuple[str, ...]) -> Environment:
    """Give an environment a long-lived login of its own."""
    word = f"refresh-token-of-{name}"
    stage.world.tokens[word] = Token(
        value=word,
        kind="refresh",
        client_id=CLIENT,
        scopes=stage.world.scopes,
        expires_at=START + timedelta(days=180),
    )
    return Environment(
        secrets={"CCOPS_REFRESH_TOKEN": word}, variables={"CCOPS_CLIENT_ID": CLIENT}, refs=refs
    )


def _furnish(found: Repository) -> None:
    stage = found.stage
    found.git("init", "--quiet", "--initial-branch=main")
    found.git("remote", "add", "origin", found.host.site.origin.as_uri())
    (found.root / ".gitignore").write_text(".state\n", "utf-8")
    found.declare("Near", MARCH_9)
    found.declare("Other", "unscheduled")
    found.declare("Sent", YESTERDAY)
    assert stage.run("lock").code == 0
    assert stage.run("init", "github", "--action", ACTION).code == 0
    found.git("add", ".")
    found.git("commit", "--quiet", "-m", "first")
    found.git("push", "--quiet", "origin", f"HEAD:{BRANCH}")


def comments(hub: GitHub) -> str:
    """All that stands in the pull request."""
    return json.dumps(hub.bodies(7))
