"""A place in a manifest is a link where its commit is known, and text where it is not."""

import pytest

from ccops.errors import Place
from ccops.render.source import Source, located

TREE = "https://github.com/fern/mail/blob/4f2c9ab/"


@pytest.mark.parametrize(
    ("file", "folder", "path"),
    [
        ("campaigns/fall.yaml", "", "campaigns/fall.yaml"),
        ("campaigns/fall.yaml", "email/", "email/campaigns/fall.yaml"),
        ("a b/(c) é.yaml", "", "a%20b/%28c%29%20%C3%A9.yaml"),
        ("a#b?c.yaml", "", "a%23b%3Fc.yaml"),
    ],
)
def test_a_link(file: str, folder: str, path: str) -> None:
    """To the line, in the repository, of that commit."""
    place = Place(file=file, line=9, column=1)
    shown = located(place, Source(tree=TREE, folder=folder))
    assert shown == f"[`{file}:9`]({TREE}{path}#L9)"


@pytest.mark.parametrize("file", ["../../evil/x.yaml", "/etc/passwd", "a/./b", "a//b", ""])
def test_a_path_that_leads_out_is_no_link(file: str) -> None:
    """A browser would follow it to somebody else's repository."""
    assert located(Place(file=file, line=1, column=1), Source(tree=TREE)) == f"`{file}:1`"


def test_without_a_commit() -> None:
    """It is where it is."""
    assert located(Place(file="fall.yaml", line=2, column=1), None) == "`fall.yaml:2`"
