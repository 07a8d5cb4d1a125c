"""A job of GitHub Actions: the variables it has, and how its runner reads what a step says."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from tests.e2e.stage import Done, Stage, account, manifest, on_stage
from tests.forge.github_double import GitHub, serving

MARCH_9 = "Tue 2027-03-09 09:00"
GITHUB_TOKEN = "bot-token"
WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:]*))?::(?P<message>.*)")


@dataclass(frozen=True, kw_only=True)
class Command:
    """A workflow command, as the runner reads it."""

    name: str
    message: str
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a step left behind: how it ended, its outputs, its page, and what the runner obeyed."""

    done: Done
    outputs: dict[str, str]
    page: str

    @property
    def commands(self) -> list[Command]:
        """Everything in both streams that a runner obeys (runner, ActionCommand.cs)."""
        lines = (self.done.out + "\n" + self.done.err).splitlines()
        assert not [one for one in lines if "##[" in one]
        return [command(one) for one in lines if one.lstrip().startswith("::")]

    def said(self, name: str) -> list[str]:
        """The messages of one kind of command."""
        return [one.message for one in self.commands if one.name == name]


def command(line: str) -> Command:
    """Read one command; a line that begins like one and is none fails the test."""
    found = _COMMAND.fullmatch(line)
    assert found is not None, line
    pairs = [one.partition("=") for one in (found["properties"] or "").split(",") if one]
    return Command(
        name=found["name"],
        message=unquote(found["message"]),
        properties={key: unquote(value) for key, _, value in pairs},
    )


def read_outputs(text: str) -> dict[str, str]:
    """Read the file of GITHUB_OUTPUT as the runner does (FileCommandManager.cs)."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, mark, delimiter = line.partition("<<")
        assert mark, line
        assert "=" not in name
        value = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        else:
            raise AssertionError(f"{name} has no end")
        found[name] = "\n".join(value)
    return found


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A repository on GitHub, its checkout, and the account behind it."""

    stage: Stage
    hub: GitHub

    def step(self, *arguments: str, **variables: str) -> Step:
        """Run `ccops ci …` as a step of a job."""
        temporary = self.stage.folder.parent / "temp"
        temporary.mkdir(exist_ok=True)
        output, page = temporary / "output", temporary / "page"
        for one in (output, page):
            one.write_text("", "utf-8")
        around = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.hub.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_RUN_ID": "42",
            "GITHUB_REPOSITORY": self.hub.name,
            "GITHUB_TOKEN": GITHUB_TOKEN,
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(page),
            "GITHUB_WORKSPACE": str(self.stage.folder),
            "RUNNER_TEMP": str(temporary),
            **variables,
        }
        stage = replace(self.stage, environment={**self.stage.environment, **around})
        done = stage.run("ci", *arguments)
        outputs = read_outputs(output.read_text("utf-8"))
        return Step(done=done, outputs=outputs, page=page.read_text("utf-8"))

    def on_pull(self, *arguments: str, number: int = 7, **variables: str) -> Step:
        """Run in a job of a pull request, for its newest commit."""
        file = self.stage.folder.parent / "event.json"
        found = self.hub.pulls[number]
        title = "::error::x\n<!-- ccops:plan:v1 {} -->"
        event = {"pull_request": {**found, "title": title}, "action": "synchronize"}
        file.write_text(json.dumps(event), "utf-8")
        return self.step(
            *arguments,
            **{
                "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_EVENT_PATH": str(file),
                "GITHUB_REF": f"refs/pull/{number}/merge",
                "GITHUB_SHA": "f" * 40,
                **variables,
            },
        )

    def on_main(self, *arguments: str, **variables: str) -> Step:
        """Run in a job of a push to main."""
        return self.step(
            *arguments,
            **{
                "GITHUB_EVENT_NAME": "push",
                "GITHUB_REF": "refs/heads/main",
                "GITHUB_SHA": self.head(),
                **variables,
            },
        )

    def git(self, *words: str) -> str:
        """Run git in the checkout."""
        done = subprocess.run(
            ["git", *WHO, *words], cwd=self.stage.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        """Commit all that stands there."""
        self.git("add", "ccops.yaml", "campaigns")
        self.git("commit", "--quiet", "--allow-empty", "-m", "x")
        return self.head()

    def head(self) -> str:
        """The commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def push(self, *campaigns: str, number: int = 7) -> str:
        """Write manifests, and push them to the pull request."""
        self.stage.write(*campaigns)
        self.hub.push(number, self.commit())
        return self.head()

    def merge(self, number: int = 7) -> str:
        """Merge the pull request, as a commit of its own with all that stands there."""
        sha = self.commit()
        self.hub.merge(number, sha)
        return sha

    def settings(self, line: str) -> None:
        """Add a line to ccops.yaml."""
        with (self.stage.folder / "ccops.yaml").open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


@contextmanager
def on_scene(folder: Path) -> Iterator[Scene]:
    """A draft named Spring, and a pull request of ann's that schedules it."""
    hub = GitHub(tokens={GITHUB_TOKEN: "github-actions[bot]", "ann-token": "ann"})
    with serving(hub), on_stage(folder / "checkout", account()) as stage:
        stage.world.add_campaign("Spring")
        scene = Scene(stage=stage, hub=hub)
        hub.root = stage.folder
        (stage.folder / ".gitignore").write_text(".state\n", "utf-8")
        scene.git("init", "--quiet", "--initial-branch=main")
        hub.add_pull(7, author="ann", head="0" * 40)
        scene.push(manifest("Spring", "Members", send_at=MARCH_9))
        yield scene


def without(*names: str) -> dict[str, str]:
    """The variables that a job does not have."""
    assert not set(names) & set(os.environ)
    return dict.fromkeys(names, "")
