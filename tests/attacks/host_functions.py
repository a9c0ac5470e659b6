"""What attacks may ask the host to lend them: ``# functions: echo lookup``."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import fractions
import os
import time
from collections.abc import Callable
from typing import Any

import ringfence

__all__ = ["FUNCTIONS"]

_TABLE = {"a": "alpha", "b": "beta"}


def echo(value: str) -> str:
    """Give the text back."""
    return value


def echo_bytes(value: bytes) -> bytes:
    """Give the bytes back."""
    return value


def echo_list(value: list[int]) -> list[int]:
    """Give the list back."""
    return value


def echo_dict(value: dict[str, float]) -> dict[str, float]:
    """Give the dict back."""
    return value


def echo_decimal(value: decimal.Decimal) -> decimal.Decimal:
    """Give the number back."""
    return value


def echo_fraction(value: fractions.Fraction) -> fractions.Fraction:
    """Give the number back."""
    return value


def echo_time(value: datetime.datetime) -> datetime.datetime:
    """Give the moment back."""
    return value


def add(a: int, b: int = 1) -> int:
    """Add two whole numbers."""
    return a + b


def half(value: float) -> float:
    """Half of a number."""
    return value / 2


def lookup(key: str) -> str:
    """What the table has under a key; it has only ``a`` and ``b``."""
    return _TABLE[key]


def make(size: int) -> bytes:
    """That many zero bytes, at most 1 MiB."""
    return bytes(min(size, 1 << 20))


def fail(message: str) -> str:
    """Raise an error whose text only the host may see."""
    secret = os.environ.get("RINGFENCE_CANARY", "")
    raise RuntimeError(f"password {secret} refused at db.internal: {message}")


def fail_visibly(message: str) -> str:
    """Raise an error whose text the guest may see."""
    raise ringfence.GuestVisibleError(f"refused: {message}")


def pause(seconds: float) -> None:
    """Keep the host busy for a while, at most 5 seconds."""
    time.sleep(min(seconds, 5))


async def lookup_async(key: str) -> str:
    """``lookup``, awaited."""
    return _TABLE[key]


async def pause_async(seconds: float) -> None:
    """``pause``, awaited; at most 60 seconds."""
    await asyncio.sleep(min(seconds, 60))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        echo, echo_bytes, echo_list, echo_dict, echo_decimal, echo_fraction, echo_time, add, half,
        lookup, make, fail, fail_visibly, pause, lookup_async, pause_async,
    )
}  # fmt: skip
