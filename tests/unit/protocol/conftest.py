"""Settings of the tests of the protocol."""

from __future__ import annotations

from hypothesis import settings

# Under coverage, which counts branches and needs each of them once.
settings.register_profile("coverage", max_examples=10, derandomize=True, database=None)
