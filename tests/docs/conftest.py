"""What the documentation needs of the machine: the default request has to be honoured."""

from __future__ import annotations

import os

import pytest

import ringfence


@pytest.fixture(scope="session")
def standing() -> None:
    """Skip where no engine stands behind its full set of walls, unless CI says that one must."""
    try:
        ringfence.run("None")
    except (ringfence.EngineNotAvailable, ringfence.PolicyNotEnforceable) as error:
        reason = f"the documentation cannot run here: {error}"
        if os.environ.get("RINGFENCE_REQUIRE_ENGINES"):
            pytest.fail(reason)
        pytest.skip(reason)
