"""A pretended runner of GitHub Actions: checkouts, steps, and the action's own scripts for real.

Written from GitHub's documentation and from the source of actions/checkout 7.0.1 (ref-helper.ts,
git-source-provider.ts): which commits a checkout holds, and under which names.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workflows.conftest import ACTION, ACTION_FOLDER, document, git
from tests.workflows.expressions import filled, holds

PATIENCE = 120.0
"""Seconds after which a script that does not end fails its test."""
BRANCH = "refs/heads/main"


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened: on which ref, at which commit, and what GitHub tells of it."""

    name: str
    sha: str
    ref: str = BRANCH
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Job:
    """How a job ended, what it handed on, what its log and its page say."""

    result: str = "skipped"
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    page: str = ""


@dataclass(frozen=True, kw_only=True)
class Started:
    """One process that a step started: the step's name, and its environment."""

    step: str
    environment: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Site:
    """What all jobs of a repository on GitHub have in common, and what they left behind.

    `machine` are the variables that its runners have anyway, and `python` what runs ccops there.
    """

    origin: Path
    name: str
    api: str
    machine: Mapping[str, str]
    python: Path
    processes: list[Started] = field(default_factory=list)
    artifacts: dict[str, bytes] = field(default_factory=dict)


@dataclass(kw_only=True)
class Machine:
    """A fresh machine, and the one job on it."""

    site: Site
    event: Event
    job: Job
    contexts: dict[str, Any]
    home: Path
    failed: bool = False

    @property
    def work(self) -> Path:
        return self.home / "work"

    @property
    def temporary(self) -> Path:
        return self.home / "temp"

    def run(self, plan: Mapping[str, Any]) -> None:
        self.work.mkdir(parents=True)
        self.temporary.mkdir()
        (self.home / "event.json").write_text(json.dumps(self.event.payload), "utf-8")
        steps: dict[str, Any] = {}
        self.contexts |= {
            "steps": steps,
            "runner": {"temp": str(self.temporary)},
            "success": lambda: not self.failed,
            "failure": lambda: self.failed,
        }
        for step in plan["steps"]:
            if holds(step.get("if"), self.contexts):
                outputs = self._step(step)
                steps[step.get("id", "")] = {"outputs": outputs}
        self.job.result = "failure" if self.failed else "success"
        self.job.outputs = {
            name: filled(text, self.contexts) for name, text in plan.get("outputs", {}).items()
        }

    def _step(self, step: Mapping[str, Any]) -> dict[str, str]:
        given = {name: filled(text, self.contexts) for name, text in step.get("with", {}).items()}
        lent = {name: filled(text, self.contexts) for name, text in step.get("env", {}).items()}
        used = step.get("uses", "run").partition("@")[0]
        match used:
            case "run":
                return self._script(step, lent)
            case "actions/checkout":
                self._checkout(given)
            case "actions/upload-artifact":
                path = Path(given["path"])
                self.site.artifacts[given.get("name", path.name)] = path.read_bytes()
            case "actions/download-artifact":
                folder = Path(given["path"])
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "plan.json").write_bytes(self.site.artifacts[given["name"]])
            case _:
                assert step["uses"] == ACTION
                return self._action(given, lent)
        return {}

    def _action(self, given: Mapping[str, str], lent: Mapping[str, str]) -> dict[str, str]:
        """Run the composite action: its own inputs and steps, and the caller's environment."""
        action: Any = document(ACTION_FOLDER / "action.yml")
        assert given.keys() <= action["inputs"].keys()
        wanted = {one for one, about in action["inputs"].items() if about.get("required")}
        assert wanted <= given.keys()
        defaults = {
            name: filled(about.get("default", ""), self.contexts)
            for name, about in action["inputs"].items()
        }
        steps: dict[str, Any] = {}
        inner = {
            "github": self.contexts["github"],
            "inputs": defaults | dict(given),
            "steps": steps,
        }
        for step in action["runs"]["steps"]:
            if self.failed and steps:
                break
            env = dict(lent) | {
                name: filled(text, inner) for name, text in step.get("env", {}).items()
            }
            ours = "run.sh" in step.get("run", "")
            outputs = self._script(step, env) if ours else self._prepared(step, env)
            steps[step.get("id", "")] = {"outputs": outputs}
        return {name: filled(about["value"], inner) for name, about in action["outputs"].items()}

    def _prepared(self, step: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
        """Stand in for actions/setup-python, and for the installation, which has its own tests."""
        assert "install.sh" in step.get("run", "") or step["uses"].startswith("actions/setup-")
        self.site.processes.append(Started(step=step["name"], environment=env))
        python = self.temporary / "ccops-venv" / "bin" / "python"
        if not python.exists():
            python.parent.mkdir(parents=True)
            python.symlink_to(self.site.python)
        return {"python-path": str(python)}

    def _script(self, step: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
        """Run a script as `shell: bash` does (runner, ScriptHandler.cs)."""
        assert "${{" not in step["run"]
        script, output, page = (self.home / name for name in ("script", "output", "page"))
        script.write_text(step["run"], "utf-8")
        output.write_text("", "utf-8")
        page.write_text("", "utf-8")
        around = self._around(output, page) | dict(env)
        self.site.processes.append(Started(step=step.get("name", ""), environment=around))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.work,
            env=around,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.failed = self.failed or done.returncode != 0
        self.job.log += done.stdout
        self.job.page += page.read_text("utf-8")
        return read_outputs(output.read_text("utf-8"))

    def _around(self, output: Path, page: Path) -> dict[str, str]:
        """Give the variables of GitHub's documentation that anything reads."""
        return {
            **self.site.machine,
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "CCOPS_STATE_DIR": str(self.temporary / "state"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION_FOLDER),
            "GITHUB_API_URL": self.site.api,
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(self.home / "event.json"),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REF": self.event.ref,
            "GITHUB_REF_NAME": self.event.ref.removeprefix("refs/heads/").removeprefix("refs/"),
            "GITHUB_REPOSITORY": self.site.name,
            "GITHUB_RUN_ID": "42",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_SHA": self.event.sha,
            "GITHUB_STEP_SUMMARY": str(page),
            "GITHUB_WORKSPACE": str(self.work),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temporary),
        }

    def _checkout(self, given: Mapping[str, str]) -> None:
        """Fetch the event's commit alone, and nothing of where the branch is by now."""
        assert given["persist-credentials"] == "false"
        assert given.keys() <= {"persist-credentials", "fetch-depth"}
        depth = int(given.get("fetch-depth", "1"))
        name = self.event.ref.replace("refs/heads/", "refs/remotes/origin/")
        name = name.replace("refs/pull/", "refs/remotes/pull/")
        wanted = f"+{self.event.sha}:{name}"
        fetch = ("fetch", "--quiet", "--no-tags", "--prune", "--no-recurse-submodules")
        git(self.work, "init", "--quiet")
        git(self.work, "remote", "add", "origin", self.site.origin.as_uri())
        if depth:
            git(self.work, *fetch, f"--depth={depth}", "origin", wanted)
        else:
            git(self.work, *fetch, "origin", "+refs/heads/*:refs/remotes/origin/*")
            git(self.work, *fetch, "origin", wanted)
        git(self.work, "checkout", "--quiet", "--force", "--detach", name)


def read_outputs(text: str) -> dict[str, str]:
    """Read the file of GITHUB_OUTPUT: `name=value`, and values between delimiters."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, mark, rest = line.partition("<<")
        if mark and "=" not in name:
            block = list(iter(lambda: next(lines), rest))
            found[name] = "\n".join(block)
        else:
            name, mark, rest = line.partition("=")
            found[name] = rest
            assert mark, line
    return found
