"""What commands of images need that may not be installed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ringfence.errors import ConfigurationError

__all__ = ["naming_wasmtime"]


@contextlib.contextmanager
def naming_wasmtime(extra: str = "build", who: str = "this image") -> Iterator[None]:
    """Around an import that needs it.

    Args:
        extra: of Ringfence, which brings it.
        who: needs it.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "wasmtime":
            raise
        raise ConfigurationError(
            f"{who} needs Wasmtime: pip install 'ringfence[{extra}]'"
        ) from None
