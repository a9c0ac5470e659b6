"""What the tests of a service have in common, whatever its database."""

from __future__ import annotations

import pytest

import ringfence


@pytest.fixture(scope="session")
def weighing() -> None:
    """For what is said of guests that are weighed."""
    with ringfence.Sandbox(engine="native") as box:
        box.run("1")
        if box._weight() is None:
            pytest.skip("this user may not look at the pages of guests, so they are not weighed")
