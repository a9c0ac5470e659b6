"""What has to happen in a child that a host process forks of itself."""

from __future__ import annotations

import os
from collections.abc import Callable

__all__ = ["call_in_forked_children"]


def call_in_forked_children(function: Callable[[], object]) -> None:
    """Have a function called in every child that is forked from here on; where the system forks."""
    if hasattr(os, "register_at_fork"):  # Windows does not
        os.register_at_fork(after_in_child=function)
