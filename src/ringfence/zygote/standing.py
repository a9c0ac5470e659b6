"""Which sets of walls stand on this machine, found by starting a zygote behind each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ringfence.errors import PolicyNotEnforceable
from ringfence.model import WallSet
from ringfence.model.policy import describe_walls
from ringfence.zygote.launch import StartFailed, ZygoteConfig, explain_exhausted
from ringfence.zygote.shortage import EXHAUSTED
from ringfence.zygote.zygotes import Zygotes

__all__ = ["try_walls"]


def try_walls(
    zygotes: Zygotes, sets: Iterable[WallSet], configure: Callable[[WallSet], ZygoteConfig]
) -> tuple[list[WallSet], dict[str, str]]:
    """Start a zygote of each kind, as a real request would.

    Args:
        zygotes: keep those that start.
        sets: the sets of walls, strongest first.
        configure: the zygote for one of them.

    Returns:
        those that stand, and why each of the others does not.

    Raises:
        EngineFailure: the machine has run out of something, which is no fact about it.
    """
    standing: list[WallSet] = []
    missing: dict[str, str] = {}
    for walls in sets:
        try:
            zygotes.acquire(configure(walls), None).release()
            standing.append(walls)
        except (StartFailed, PolicyNotEnforceable) as error:
            if isinstance(error, StartFailed) and error.errno in EXHAUSTED:
                raise explain_exhausted(error) from error
            missing[describe_walls(walls)] = str(error)
    return standing, missing
