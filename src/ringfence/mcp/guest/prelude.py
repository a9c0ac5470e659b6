"""What is run in a guest before the first program, where there is anything."""

from __future__ import annotations

__all__ = ["prelude"]


def prelude(*, sampling: bool = False) -> str | None:
    """Source to run once in a new guest, or None: without sampling nothing is needed, since the
    functions are lent under the names that programs call. With it, ``llm`` is a name that programs
    find as they find builtins.
    """
    return "import llm\ndel llm" if sampling else None
