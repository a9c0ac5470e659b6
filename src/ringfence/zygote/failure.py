"""What a process tells its host that cannot be started: the same of a zygote and of a worker."""

from __future__ import annotations

import errno
import traceback  # now: a jail has no files, and who is nobody may not read them
from typing import Any

__all__ = ["describe_failure"]


def describe_failure(stage: str, error: BaseException) -> dict[str, Any]:
    """The message for an error that is being handled; :class:`.launch.StartFailed` has its parts.

    Args:
        stage: where it happened.
        error: what it was.
    """
    code = error.errno if isinstance(error, OSError) else None
    if isinstance(error, MemoryError):
        code = errno.ENOMEM
    return {
        "failed": stage,
        "errno": code,
        "error": f"{type(error).__name__}: {error}"[:2_000],
        "traceback": traceback.format_exc()[-8_000:],
    }
