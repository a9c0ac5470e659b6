"""What the application starts in a guest: an extension's entry point, with its wire."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any, cast

from vishwakarma_api.v1.session import Session, begin
from vishwakarma_api.v1.wire.messages import Wire

__all__ = ["run_extension"]


def run_extension(
    wire: str,
    exchange: Callable[[bytes], bytes],
    module: str,
    entry: str,
    arguments: dict[str, Any],
) -> Any:
    """Call a function of an extension, and send what it left in the buffer.

    Args:
        wire: ``protobuf`` or ``packed``.
        exchange: gives the application a message and returns its reply.
        module: the extension's module.
        entry: the name of its function.
        arguments: what to call it with.

    Returns:
        What it returned.
    """
    # In a guest, protobuf is Python: its C implementation may be there, and is not used.
    os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"
    codec = importlib.import_module(f"vishwakarma_api.v1.wire.{wire}")
    session = Session(cast(Wire, codec), exchange)
    begin(session)
    value = getattr(importlib.import_module(module), entry)(**arguments)
    session.flush()
    return value
