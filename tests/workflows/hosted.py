"""A pretended GitHub that runs workflows: what an event starts, who gets which secrets, and when."""

import fnmatch
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.workflows.conftest import git
from tests.workflows.expressions import holds
from tests.workflows.machine import Event, Job, Machine, Site

TOKEN = "bot-token"
_KINDS = {
    "contents": ("contents",),
    "pull-requests": ("pulls",),
    "issues": ("issues", "pulls"),  # a pull request is an issue too, and has its comments there
}
_ALL = {kind for kinds in _KINDS.values() for kind in kinds}


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Secrets and variables, and the refs whose jobs get them."""

    secrets: Mapping[str, str]
    variables: Mapping[str, str]
    refs: tuple[str, ...]


@dataclass(kw_only=True)
class Host:
    """The repository on GitHub, its environments, and a machine for each job.

    `lacking` is told what the token of the next job may not do, like "pulls:write".
    """

    folder: Path
    site: Site
    environments: dict[str, Environment]
    lacking: Callable[[set[str]], None]
    machines: int = 0

    def starts(self, event: Event) -> list[str]:
        """The workflows of that commit that the event starts."""
        names = git(self.site.origin, "ls-tree", "--name-only", event.sha, ".github/workflows/")
        return [
            Path(one).stem for one in names.splitlines() if _listens(self._read(one, event), event)
        ]

    def run(self, workflow: str, event: Event) -> dict[str, Job]:
        """Run the jobs of one workflow that the event starts, each after those that it needs."""
        assert workflow in self.starts(event)
        self.site.artifacts.clear()
        found = self._read(f".github/workflows/{workflow}.yml", event)
        done: dict[str, Job] = {}
        for name, job in found["jobs"].items():
            assert set(_needs(job)) <= done.keys()
            done[name] = Job()
            self._job(done[name], job, event, {one: done[one] for one in _needs(job)})
        return done

    def rerun(self, workflow: str, event: Event, job: str, done: Mapping[str, Job]) -> Job:
        """Run one job again, with what those that it needs handed on then."""
        found = self._read(f".github/workflows/{workflow}.yml", event)["jobs"][job]
        again = Job()
        self._job(again, found, event, {one: done[one] for one in _needs(found)})
        return again

    def _read(self, path: str, event: Event) -> dict[str, Any]:
        text = git(self.site.origin, "show", f"{event.sha}:{path}")
        loaded = yaml.load(text, Loader=yaml.BaseLoader)
        assert isinstance(loaded, dict)
        return loaded

    def _job(self, job: Job, plan: Mapping[str, Any], event: Event, needs: dict[str, Job]) -> None:
        github = {
            "repository": self.site.name,
            "ref": event.ref,
            "event_name": event.name,
            "event": event.payload,
            "token": TOKEN,
        }
        contexts: dict[str, Any] = {
            "github": github,
            "inputs": event.inputs,
            "needs": {
                name: {"result": one.result, "outputs": one.outputs} for name, one in needs.items()
            },
            "success": lambda: all(one.result == "success" for one in needs.values()),
            "failure": lambda: any(one.result == "failure" for one in needs.values()),
            "cancelled": lambda: False,
        }
        if not holds(plan.get("if"), contexts):
            return
        if not self._admitted(plan, event, contexts):
            job.result = "failure"
            job.log = "the environment does not admit this ref"
            return
        self.machines += 1
        self.lacking(_withheld(plan["permissions"], fork=self._is_fork(event)))
        home = self.folder / f"machine-{self.machines}"
        Machine(site=self.site, event=event, job=job, contexts=contexts, home=home).run(plan)

    def _is_fork(self, event: Event) -> bool:
        head = event.payload.get("pull_request", {}).get("head")
        return head is not None and head["repo"]["full_name"] != self.site.name

    def _admitted(self, plan: Mapping[str, Any], event: Event, contexts: dict[str, Any]) -> bool:
        """Lend the environment's secrets, if its rule admits the ref."""
        contexts["secrets"], contexts["vars"] = {}, {}
        name = plan.get("environment")
        if name is None:
            return True
        found = self.environments[name]
        if not any(fnmatch.fnmatchcase(event.ref, one) for one in found.refs):
            return False
        contexts["secrets"], contexts["vars"] = found.secrets, found.variables
        return True


def _withheld(granted: Mapping[str, str], *, fork: bool) -> set[str]:
    """Say what a token may not do; one of a fork's pull request may only read (docs)."""
    writes = {name for name, level in granted.items() if level == "write" and not fork}
    may = {(kind, "read") for name in granted for kind in _KINDS[name]}
    may |= {(kind, "write") for name in writes for kind in _KINDS[name]}
    every = {(kind, level) for kind in _ALL for level in ("read", "write")}
    return {f"{kind}:{level}" for kind, level in every - may}


def _needs(job: Mapping[str, Any]) -> list[str]:
    found = job.get("needs", [])
    return [found] if isinstance(found, str) else list(found)


def _listens(workflow: Mapping[str, Any], event: Event) -> bool:
    triggers = workflow["on"]
    if event.name not in triggers:
        return False
    branches = (triggers[event.name] or {}).get("branches") if event.name == "push" else None
    return branches is None or event.ref.removeprefix("refs/heads/") in branches


def bare(folder: Path) -> Path:
    """Make the repository on GitHub, which gives out any commit that it has."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    return folder
