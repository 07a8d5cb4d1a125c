"""GitHub's API over a real socket: what is read, what is written, what is refused."""

from collections.abc import Iterator

import pytest

from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, VendorFault
from ccops.forge import github
from ccops.forge.github import Repository
from ccops.ports import Call, Reply
from ccops.transport import open_transport
from tests.forge.github_double import BOT, GitHub, serving

SHA = "4f2c9ab1c0ffee0000000000000000000000000a"


@pytest.fixture
def hub() -> Iterator[GitHub]:
    """A pretended GitHub with one pull request."""
    made = GitHub(tokens={"bot-token": BOT, "ann-token": "ann"})
    made.add_pull(7, author="ann", head=SHA)
    with serving(made) as served:
        yield served


@pytest.fixture
def repository(hub: GitHub) -> Iterator[Repository]:
    """Its repository, through the real transport, as a workflow sees it."""
    with open_transport(hub.url) as send:
        yield Repository(send=send, name=hub.name, token=Secret("bot-token"))


def _as(repository: Repository, token: str) -> Repository:
    return Repository(send=repository.send, name=repository.name, token=Secret(token))


def test_a_comment_is_written_found_and_edited(hub: GitHub, repository: Repository) -> None:
    """What is written is read back, by its author; an edit is seen as one."""
    made = github.add_comment(repository, 7, "first")
    assert (made.author, made.body, made.edited) == (BOT, "first", False)
    github.edit_comment(repository, made, "second")
    (found,) = github.comments(repository, 7)
    assert (found.id, found.body, found.edited) == (made.id, "second", True)
    assert [method for method, _ in hub.writes()] == ["POST", "PATCH"]


def test_every_page_is_read_once(hub: GitHub, repository: Repository) -> None:
    """A hundred to a page, until one is not full."""
    for number in range(205):
        hub.add_comment(7, "ann", f"comment {number}")
    found = github.comments(repository, 7)
    assert [one.body for one in found] == [f"comment {number}" for number in range(205)]
    assert len(hub.log) == 3


def test_whose_token_it_is(repository: Repository) -> None:
    """A person's token tells it; a workflow's may not ask, and is known by that."""
    assert github.login(repository) == BOT
    assert github.login(_as(repository, "ann-token")) == "ann"


def test_a_pull_request_its_commits_and_reviews(hub: GitHub, repository: Repository) -> None:
    """The pull request that a commit came with, and who approved which commit of it."""
    hub.merge(7, SHA)
    hub.add_review(7, "bob", "APPROVED", SHA)
    (found,) = github.pulls_of(repository, SHA)
    assert (found.number, found.author, found.into, found.fork) == (7, "ann", "main", False)
    assert found.merged_at is not None
    assert github.pull(repository, 7) == found
    (review,) = github.reviews(repository, 7)
    assert (review.author, review.state, review.commit) == ("bob", "APPROVED", SHA)


def test_who_wrote_a_pull_request(hub: GitHub, repository: Repository) -> None:
    """Authors and committers, each once; an address that is nobody's has no login."""
    hub.people[7] = ["ann", "cleo", "ann"]
    assert github.people_of(repository, 7) == {"ann", "cleo"}


def test_the_last_change_of_a_file(hub: GitHub, repository: Repository) -> None:
    """The commit that brought it, or none; a file's name is never a path of the API."""
    hub.merge(7, SHA, "campaigns/a & b?.yaml")
    assert github.last_change(repository, SHA, "campaigns/a & b?.yaml") == SHA
    assert github.last_change(repository, SHA, "campaigns/other.yaml") is None
    assert {path for _, path in hub.log} == {"/repos/acme/email/commits"}
    with pytest.raises(ValueError, match="no commit"):
        github.last_change(repository, "main", "campaigns/a.yaml")


@pytest.mark.parametrize("gone", [False, True])
def test_a_fork_is_one_also_when_it_is_gone(
    hub: GitHub, repository: Repository, *, gone: bool
) -> None:
    """The repository of a deleted fork is null, and it is a fork all the same."""
    hub.add_pull(8, author="eve", head=SHA, fork=True)
    if gone:
        hub.pulls[8]["head"]["repo"] = None
    assert github.pull(repository, 8).fork


def test_a_review_not_submitted_does_not_count(hub: GitHub, repository: Repository) -> None:
    """A pending review is nobody's word yet."""
    hub.reviews[7] = [{"user": None, "state": "PENDING"}]
    assert github.reviews(repository, 7) == ()


def test_one_issue_is_opened_changed_closed_and_opened_again(
    hub: GitHub, repository: Repository
) -> None:
    """Pull requests, which GitHub lists among issues, are none; strangers' issues are left out."""
    github.open_issue(repository, "Drift", "body", "ccops-drift")
    hub.issues[7]["labels"] = ["ccops-drift"]
    hub.issues[7]["user"] = {"login": BOT}
    hub.issues[99] = {**hub.issues[8], "number": 99, "user": {"login": "eve"}}
    (found,) = github.issues(repository, "ccops-drift", BOT)
    assert (found.number, found.body, found.open) == (8, "body", True)
    github.edit_issue(repository, 8, body="new", opened=False)
    (found,) = github.issues(repository, "ccops-drift", BOT)
    assert (found.body, found.open) == ("new", False)
    github.edit_issue(repository, 8, opened=True)
    assert github.issues(repository, "ccops-drift", BOT)[0].open


def test_a_token_that_may_not_write_is_told(hub: GitHub, repository: Repository) -> None:
    """A fork's token reads; its write is refused, made once, and says what is missing."""
    hub.readers.add(BOT)
    with pytest.raises(AccessDenied, match=r"CC570.*403.*not accessible"):
        github.add_comment(repository, 7, "text")
    assert len(hub.writes()) == 1


def test_a_refusal_of_any_other_kind_is_a_fault(repository: Repository) -> None:
    """A comment too long is GitHub's 422, in GitHub's words."""
    with pytest.raises(VendorFault, match=r"CC571.*422.*too long"):
        github.add_comment(repository, 7, "x" * 70_000)


@pytest.mark.parametrize("token", ["wrong", "bot-token"])
def test_no_token_and_no_repository(hub: GitHub, repository: Repository, token: str) -> None:
    """401 and 404 are one thing: the job has no right to look."""
    other = Repository(send=repository.send, name="acme/other", token=Secret(token))
    with pytest.raises(AccessDenied, match="CC570"):
        github.comments(other, 7)
    assert not hub.writes()


@pytest.mark.parametrize("name", ["acme", "acme/x/y", "../x", "acme/..", "acme/em ail", "a/b?c"])
def test_a_name_that_is_no_repository(name: str) -> None:
    """No name leads a path elsewhere."""
    with pytest.raises(ValueError, match="no repository"):
        Repository(send=_never, name=name, token=Secret("x"))


def test_a_prefix_that_is_none() -> None:
    """Only the path of an Enterprise Server is one."""
    with pytest.raises(ValueError, match="no path"):
        Repository(send=_never, name="a/b", token=Secret("x"), prefix="/elsewhere")


@pytest.mark.parametrize("commit", ["main", "4f2c9ab", SHA.upper(), f"{SHA}/../x"])
def test_a_commit_is_a_full_sha(repository: Repository, commit: str) -> None:
    """A branch or a short name could mean another commit tomorrow."""
    with pytest.raises(ValueError, match="no commit"):
        github.pulls_of(repository, commit)


def test_an_enterprise_server_has_its_api_below_a_path() -> None:
    """Everything is asked for below the prefix."""
    hub = GitHub(prefix="/api/v3")
    hub.add_pull(7, author="ann", head=SHA)
    with serving(hub), open_transport(hub.url) as send:
        token = Secret("bot-token")
        there = Repository(send=send, name=hub.name, token=token, prefix="/api/v3")
        assert github.login(there) == BOT
        assert github.pull(there, 7).head == SHA


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html>", "CC510"),
        (b"[{}]", "CC511"),
        (b'[{"id": 1, "user": null, "body": null, "created_at": "x", "updated_at": "x"}]', "CC571"),
    ],
)
def test_an_answer_that_is_none(body: bytes, code: str) -> None:
    """Nothing is concluded from what GitHub would not say."""
    there = Repository(send=_always(200, body), name="a/b", token=Secret("x"))
    with pytest.raises(VendorFault, match=code):
        github.comments(there, 1)


def test_endless_pages_end() -> None:
    """A forge that always has one more page is not followed for ever."""
    row = b'{"id":1,"user":null,"body":null,"created_at":"2027-03-01","updated_at":"2027-03-01"}'
    body = b"[" + b",".join([row] * 100) + b"]"
    there = Repository(send=_always(200, body), name="a/b", token=Secret("x"))
    with pytest.raises(VendorFault, match=r"CC571.*pages"):
        github.comments(there, 1)


def test_a_refusal_without_words() -> None:
    """A proxy's page is no message."""
    there = Repository(send=_always(502, b"<html>"), name="a/b", token=Secret("x"))
    with pytest.raises(VendorFault, match=r"502 to /issues/1/comments$"):
        github.comments(there, 1)


def _never(_: Call) -> Reply:
    raise AssertionError("no request was expected")


def _always(status: int, body: bytes) -> github.Send:
    return lambda _: Reply(status=status, headers={}, body=body)
