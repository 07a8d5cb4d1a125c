"""What a job of GitHub Actions is told of itself, read once and strictly.

Facts are those of GitHub's documentation of variables and of webhook payloads (docs). Who opens
a pull request chooses its title and branch; neither is read here.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from ccops.constantcontact.origin import is_loopback
from ccops.constantcontact.secret import Secret
from ccops.constantcontact.strict import integer, member, parse, record, text
from ccops.errors import AccessDenied, CcopsError, Diagnostic, InvalidInput, VendorFault
from ccops.model import JsonObject
from ccops.render.annotations import mask
from ccops.render.source import Source
from ccops.session.credentials import credentials, given_refresh
from ccops.workspace import find_root

MAX_EVENT = 25 * 1024 * 1024
"""Bytes: no payload of an event is larger (docs)."""

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_SITE = re.compile(r"https?://(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?", re.ASCII)
_API = re.compile(rf"({_SITE.pattern})(/api/v3)?/?", re.ASCII)
_PASSWORD = re.compile(r"://[^/@:\s]*:([^/@\s]*)@|\bpassword=([^&\s]+)")
_SHORTEST = 8
_GITHUB = "https://github.com"
_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The pull request that an event is about. `head` is the sha that was pushed."""

    number: int
    head: str
    fork: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the runner says; "" and None for what it does not say.

    `listening`: a runner reads our output for commands. `commit` is a full sha, `branch` the one
    that was pushed to. `api` is the origin of GitHub's API and `prefix` its path there; `folder`
    is where the workspace lies in the checkout, "" or ending in "/". `public`: everybody can read
    the repository, hence its comments, pages and logs. `secrets` are to be masked.
    """

    listening: bool = False
    event: str = ""
    opened: Opened | None = None
    commit: str = ""
    branch: str = ""
    repository: str = ""
    api: str = ""
    prefix: str = ""
    site: str = _GITHUB
    run: str = ""
    token: Secret | None = field(default=None, repr=False)
    outputs: Path | None = None
    summary: Path | None = None
    temporary: Path | None = None
    folder: str = ""
    public: bool = False
    secrets: tuple[Secret, ...] = field(default=(), repr=False)

    @property
    def run_url(self) -> str:
        """The page of this run, made of checked parts; "" where there is none."""
        known = self.repository and self.run
        return f"{self.site}/{self.repository}/actions/runs/{self.run}" if known else ""

    @property
    def source(self) -> Source | None:
        """Where the files stand on GitHub that the job is about; None: that is not known."""
        commit = self.opened.head if self.opened else self.commit
        if not self.repository or not commit:
            return None
        tree = f"{self.site}/{self.repository}/blob/{commit}/"
        return Source(tree=tree, folder=self.folder)


def job(start: Path) -> Job:
    """Read the variables of the runner, and the event that it names.

    Raises:
        InvalidInput: CC230, a variable or the event is not as GitHub writes it. CC231, a
            `pull_request_target`: it would give a stranger's files the secrets of the repository.
    """
    given = os.environ
    event = given.get("GITHUB_EVENT_NAME", "")
    if event == "pull_request_target":
        raise InvalidInput(_REFUSED)
    repository = _checked(given, "GITHUB_REPOSITORY", _REPOSITORY)
    api, prefix = _api(given.get("GITHUB_API_URL", ""))
    ref = given.get("GITHUB_REF", "")
    return Job(
        listening=given.get("GITHUB_ACTIONS") == "true",
        event=event,
        opened=_opened(given, repository) if event == "pull_request" else None,
        commit=_checked(given, "GITHUB_SHA", _SHA),
        branch=ref.removeprefix(_HEADS) if ref.startswith(_HEADS) else "",
        repository=repository,
        api=api,
        prefix=prefix,
        site=_checked(given, "GITHUB_SERVER_URL", _SITE) or _GITHUB,
        run=_checked(given, "GITHUB_RUN_ID", _NUMBER),
        token=_token(given),
        outputs=_path(given, "GITHUB_OUTPUT"),
        summary=_path(given, "GITHUB_STEP_SUMMARY"),
        temporary=_path(given, "RUNNER_TEMP"),
        folder=_folder(start, _path(given, "GITHUB_WORKSPACE")),
        public=_public(given),
        secrets=_secrets(given),
    )


def refuse_unmerged(job: Job) -> None:
    """Refuse to apply what nobody has merged yet.

    Raises:
        InvalidInput: CC233, the job is one of a pull request.
    """
    if job.opened is not None:
        raise InvalidInput(_UNMERGED)


def masks(job: Job, secrets: Iterable[Secret]) -> str:
    """Return the commands that keep these out of the log; "" where nobody would obey them."""
    return "".join(mask(one.reveal()) for one in secrets) if job.listening else ""


def _checked(given: Mapping[str, str], name: str, shape: re.Pattern[str]) -> str:
    value = given.get(name, "")
    if value and (not shape.fullmatch(value) or ".." in value.split("/")):
        raise _unusable(name)
    return value


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]) if given.get(name) else None


def _api(url: str) -> tuple[str, str]:
    """Split the API's address into origin and path; the token goes there, so https it is."""
    if not url:
        return "", ""
    found = _API.fullmatch(url)
    if found is None or not (url.startswith("https:") or is_loopback(found[1])):
        raise _unusable("GITHUB_API_URL")
    return found[1], found[2] or ""


def _opened(given: Mapping[str, str], repository: str) -> Opened:
    try:
        event = record(parse(_content(given.get("GITHUB_EVENT_PATH", ""))), "event")
        found = record(member(event, "pull_request", "event"), "event.pull_request")
        head = record(member(found, "head", "event.pull_request"), "event.pull_request.head")
        sha = text(head, "sha", "event.pull_request.head")
        number = integer(found, "number", "event.pull_request")
    except (OSError, VendorFault):
        raise _unusable("GITHUB_EVENT_PATH") from None
    if not _SHA.fullmatch(sha) or number < 1:
        raise _unusable("GITHUB_EVENT_PATH")
    return Opened(number=number, head=sha, fork=_elsewhere(head, repository))


def _public(given: Mapping[str, str]) -> bool:
    """Whether the event says of the repository that it is not private."""
    with suppress(OSError, VendorFault):
        event = record(parse(_content(given.get("GITHUB_EVENT_PATH", ""))), "event")
        return record(member(event, "repository", "event"), "repository").get("private") is False
    return False


def _elsewhere(head: JsonObject, repository: str) -> bool:
    """Whether the branch is another repository's; that of a deleted fork is null (docs)."""
    source = head.get("repo")
    return not isinstance(source, dict) or source.get("full_name") != repository


def _content(file: str) -> bytes:
    with Path(file).open("rb") as stream:
        content = stream.read(MAX_EVENT + 1)
    if len(content) > MAX_EVENT:
        raise OSError
    return content


def _token(given: Mapping[str, str]) -> Secret | None:
    word = given.get("CCOPS_CI_GITHUB_TOKEN") or given.get("GITHUB_TOKEN")
    return _secret(word) if word else None


def _secret(word: str) -> Secret:
    try:
        return Secret(word)
    except AccessDenied:
        raise _unusable("the token of GitHub") from None


def _secrets(given: Mapping[str, str]) -> tuple[Secret, ...]:
    """Return what no log may show; what is no token is refused by whoever uses it."""
    found, login = [_token(given)], credentials(given)
    with suppress(CcopsError):
        found.append(Secret(login.access) if login.access else None)
    with suppress(CcopsError):
        found.append(given_refresh(login))
    for word in _passwords(given):
        with suppress(CcopsError):
            found.append(Secret(word))
    return tuple(one for one in found if one is not None)


def _passwords(given: Mapping[str, str]) -> Iterator[str]:
    """Give what opens a shared store; a shorter word than that would hide half a log."""
    within = ("".join(one) for one in _PASSWORD.findall(given.get("CCOPS_STORE", "")))
    spelled = (word for one in within for word in (one, unquote(one)))
    for word in dict.fromkeys((given.get("PGPASSWORD", ""), *spelled)):
        if len(word) >= _SHORTEST:
            yield word


def _folder(start: Path, root: Path | None) -> str:
    if root is None:
        return ""
    try:
        inner = find_root(start).relative_to(root.resolve()).as_posix()
    except (InvalidInput, ValueError):
        return ""
    return "" if inner == "." else f"{inner}/"


_REFUSED = Diagnostic(
    code="CC231",
    message="ccops does not run for the event pull_request_target: it gives a stranger's files "
    "the secrets of the repository",
    help="use the event pull_request; a fork is then checked without secrets",
)


_UNMERGED = Diagnostic(
    code="CC233",
    message="ccops ci apply does not run for a pull request: nobody has merged it yet",
    help="run ccops ci plan here, and ccops ci apply for the event push of the branch",
)


def _unusable(name: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="CC230",
            message=f"{name} is not as a runner of GitHub Actions sets it",
            help="unset it outside of a job; inside of one, let nothing overwrite it",
        )
    )
