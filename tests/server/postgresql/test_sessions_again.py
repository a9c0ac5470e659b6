"""Sessions and keyed requests with PostgreSQL: those tests whose database does the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.core.test_keyed import (
    test_a_large_reply_is_replayed_whole as test_a_large_reply,
)
from tests.server.core.test_keyed import (
    test_what_a_kill_interrupted_is_told_and_not_run_again as test_a_kill_that_interrupts,
)
from tests.server.core.test_memory import (
    test_after_a_storm_nothing_is_held,
    test_sessions_that_rest_are_put_aside_for_one_that_needs_the_memory,
)
from tests.server.core.test_sessions import (
    test_a_fork_goes_its_own_way,
    test_a_session_keeps_variables_and_files_and_says_which_turn_it_was,
    test_a_session_that_is_never_saved_is_gone_with_its_guest,
    test_a_state_is_taken_away_and_brought_back_under_another_id,
    test_a_state_that_is_taken_away_has_the_files_too,
    test_files_are_uploaded_listed_downloaded_and_outlive_the_server,
    test_sessions_are_made_listed_and_deleted,
    test_the_session_used_least_recently_is_put_aside_for_another,
)
from tests.server.core.test_stored import (
    test_a_turn_whose_state_does_not_fit_is_undone_and_may_be_sent_again as test_a_turn_that_does_not_fit,
)
from tests.server.hatchery import Hatchery, Server, hatchery

__all__ = [
    "test_a_fork_goes_its_own_way",
    "test_a_kill_that_interrupts",
    "test_a_large_reply",
    "test_a_session_keeps_variables_and_files_and_says_which_turn_it_was",
    "test_a_session_that_is_never_saved_is_gone_with_its_guest",
    "test_a_state_is_taken_away_and_brought_back_under_another_id",
    "test_a_state_that_is_taken_away_has_the_files_too",
    "test_a_turn_that_does_not_fit",
    "test_after_a_storm_nothing_is_held",
    "test_files_are_uploaded_listed_downloaded_and_outlive_the_server",
    "test_sessions_are_made_listed_and_deleted",
    "test_sessions_that_rest_are_put_aside_for_one_that_needs_the_memory",
    "test_the_session_used_least_recently_is_put_aside_for_another",
]


@pytest.fixture(scope="module")
def hatched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    with hatchery(tmp_path_factory.mktemp("hatchery")) as made:
        yield made


@pytest.fixture
def serving(hatched: Hatchery, address: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers on a database of this test's own; those that still run are stopped."""
    hatched.home = tmp_path
    hatched.log = tmp_path / "server.log"
    started: list[Server] = []

    def start(**settings: str) -> Server:
        server = hatched.start(
            **{"database": address, "blobs": f"disk:{tmp_path}/blobs", **settings}
        )
        started.append(server)
        return server

    yield start
    for server in started:
        if server.running:
            server.stop()
