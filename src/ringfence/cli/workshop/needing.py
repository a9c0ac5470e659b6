"""What the workshop needs beside the command line's own libraries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ringfence.cli.report import reporting
from ringfence.errors import ConfigurationError

__all__ = ["working"]

_LIBRARIES = frozenset(
    {"alembic", "httpx", "securesystemslib", "sqlalchemy", "starlette", "tuf", "uvicorn"}
)


@contextlib.contextmanager
def working() -> Iterator[None]:
    """Around a command: turns what it raises into a message and an exit status."""
    with reporting():
        try:
            yield
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] not in _LIBRARIES:
                raise
            raise ConfigurationError(
                f"a workshop needs {error.name}, which this Python does not have. Get it with: "
                "pip install 'ringfence[workshop]'"
            ) from None
