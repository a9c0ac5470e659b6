"""The time budget of one awaited host call. Both shells use it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from ringfence.runtime.session import HostFunctionTimeout

__all__ = ["within"]


async def within(timeout: float | None, work: Awaitable[Any]) -> Any:
    """Await ``work``, and cancel it when ``timeout`` seconds are over.

    Raises:
        HostFunctionTimeout: it took too long. A TimeoutError of its own stays what it is.
    """
    scope = asyncio.timeout(timeout)
    try:
        async with scope:
            return await work
    except TimeoutError:
        if scope.expired():
            raise HostFunctionTimeout from None
        raise
