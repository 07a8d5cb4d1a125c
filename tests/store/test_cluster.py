"""What is missing on a machine is said, and hides nothing where it is demanded."""

import pytest

from tests.store import cluster


def test_without_a_server_its_tests_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine of one's own, with the reason."""
    monkeypatch.setattr(cluster, "DEMANDED", False)
    with pytest.raises(pytest.skip.Exception, match="there is no pgbouncer on this machine"):
        cluster.needed("pgbouncer")


def test_where_ci_demands_a_server_its_absence_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A skipped test looks like a passed one."""
    monkeypatch.setattr(cluster, "DEMANDED", True)
    with pytest.raises(pytest.fail.Exception, match="CI demands"):
        cluster.needed("pgbouncer")
