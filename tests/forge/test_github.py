"""GitHub's API over a real socket: what is read, what is written, what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ccops.constantcontact.secret import Secret
from ccops.errors import AccessDenied, VendorFault
from ccops.forge import github
from ccops.forge.rest import Repository
from ccops.forge.rows import Comment
from ccops.ports import Call, Reply, Send
from ccops.transport import open_transport
from tests.forge.github_double import BOT, GitHub, serving

WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
BOMB = "\U0001f4a3"
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
COMMENT = Comment(id=1, author="ann", body="", at=NOON, changed_at=NOON, node="IC_1")
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


@pytest.mark.parametrize("file", ["campaigns/a & b?.yaml", "campaigns/ü%20#1.yaml"])
def test_the_content_of_a_file(
    hub: GitHub, repository: Repository, tmp_path: Path, file: str
) -> None:
    """Its id in a commit, or none; a file's name is never a path of the API."""
    hub.root = tmp_path
    (tmp_path / "campaigns").mkdir()
    (tmp_path / file).write_text("x", "utf-8")
    for words in (("init", "--quiet", "-b", "a/b"), ("add", "."), ("commit", "--quiet", "-m", "x")):
        assert hub.git(*WHO, *words) is not None
    commit = github.tip_of(repository, "a/b")
    assert commit == hub.git("rev-parse", "HEAD")
    assert github.blob_of(repository, commit, file) == hub.git("rev-parse", f"HEAD:{file}")
    assert github.blob_of(repository, commit, "campaigns/other.yaml") is None
    assert github.blob_of(repository, "1" * 40, file) is None
    with pytest.raises(ValueError, match="no commit"):
        github.blob_of(repository, "main", file)
    with pytest.raises(VendorFault, match="CC511"):
        github.blob_of(repository, commit, "campaigns")
    with pytest.raises(AccessDenied, match="CC570"):
        github.tip_of(repository, "gone")


def test_who_edited_a_comment(hub: GitHub, repository: Repository) -> None:
    """Everybody, an app by the name that it has everywhere else, and nobody for a deleted user."""
    made = github.add_comment(repository, 7, "first")
    assert github.edits(repository, made) == ()
    for who in (BOT, "ann", ""):
        hub.edit_comment(made.id, "x", who)
    found = github.edits(repository, made)
    assert sorted(one.editor for one in found) == ["", "ann", BOT, BOT]
    assert min(one.at for one in found) == made.at


def test_more_edits_than_are_told(hub: GitHub, repository: Repository) -> None:
    """Nothing is concluded from a part of them, nor from an error."""
    made = github.add_comment(repository, 7, "first")
    hub.lacking.add("history:read")
    with pytest.raises(VendorFault, match=r"CC5[17]1"):
        github.edits(repository, made)
    hub.lacking.clear()
    for number in range(100):
        hub.edit_comment(made.id, f"{number}", BOT)
    with pytest.raises(VendorFault, match="CC571"):
        github.edits(repository, made)


def test_an_answer_with_an_error_is_none() -> None:
    """Even if it has the rest as well."""
    found = b'{"data":{"node":{"userContentEdits":{"totalCount":0,"nodes":[]}}},"errors":[{}]}'
    there = Repository(send=_always(200, found), name="a/b", token=Secret("x"))
    with pytest.raises(VendorFault, match="CC571"):
        github.edits(there, COMMENT)


def test_co_authors(hub: GitHub, repository: Repository) -> None:
    """By GitHub's own address, or by one that somebody in these commits has; others stay unknown."""
    hub.people[7] = ["ann", "cleo"]
    hub.messages[7] = (
        "words\n\nCo-authored-by: A <12+Bob-2@users.noreply.github.com>\n"
        "co-authored-by: C <CLEO@example.org>\nCo-authored-by: D <dan@elsewhere.example>\n"
        "> Co-authored-by: E <eve@users.noreply.github.com>"
    )
    assert github.people_of(repository, 7) == {"ann", "cleo", "bob-2"}


def test_too_many_commits_to_know_who_wrote_them(hub: GitHub, repository: Repository) -> None:
    """GitHub tells of 250 and no more."""
    hub.people[7] = ["ann"] * (github.MOST_COMMITS - 1)
    assert github.people_of(repository, 7) == {"ann"}
    hub.people[7] = ["ann"] * 300
    with pytest.raises(VendorFault, match=r"CC571.*250 commits"):
        github.people_of(repository, 7)


def test_too_many_requests_are_no_missing_right(hub: GitHub, repository: Repository) -> None:
    """Nor do they tell whose token it is: that a workflow's own may not ask is another 403."""
    hub.exhausted = True
    with pytest.raises(VendorFault, match=r"CC571.*rate limit"):
        github.comments(repository, 7)
    for token in ("bot-token", "ann-token"):
        with pytest.raises(VendorFault, match=r"CC571.*rate limit"):
            github.login(_as(repository, token))


@pytest.mark.parametrize("headers", [{"retry-after": "60"}, {"x-ratelimit-remaining": "0"}])
def test_both_ways_of_asking_for_patience(headers: dict[str, str]) -> None:
    """The second limit leaves requests over (docs)."""
    reply = Reply(status=403, headers=headers, body=b"{}")
    there = Repository(send=lambda _: reply, name="a/b", token=Secret("x"))
    with pytest.raises(VendorFault, match="CC571"):
        github.comments(there, 1)


def test_long_comments_are_read_by_fewer(hub: GitHub, repository: Repository) -> None:
    """All of them, once each, in their order."""
    for number in range(32):
        hub.add_comment(7, "eve", f"{number} {BOMB * 65_000}")
    found = github.comments(repository, 7)
    assert [one.body.split()[0] for one in found] == [str(number) for number in range(32)]
    assert len(hub.log) == 1 + 4


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


def _always(status: int, body: bytes) -> Send:
    return lambda _: Reply(status=status, headers={}, body=body)
