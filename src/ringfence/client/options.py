"""The options of runs and sessions, for type checkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from ringfence.client.asking import LimitsLike

__all__ = ["RunOptions", "SessionOptions"]


class RunOptions(TypedDict, total=False):
    """Of a sandbox; what is not given is the operator's to decide."""

    engine: str | None
    packages: Sequence[str] | None
    limits: LimitsLike
    files: Mapping[str, bytes] | None


class SessionOptions(RunOptions, total=False):
    """Of a new session."""

    durability: Literal["per-turn", "idle", "never"] | None
