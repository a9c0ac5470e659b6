"""What a module may have beside its memory."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from ringfence.errors import ConfigurationError

__all__ = ["StoreLimits"]

_MOST = (1 << 32) - 1


@dataclass(frozen=True, kw_only=True)
class StoreLimits:
    """What a guest in WebAssembly may have beside its memory, which ``Limits(memory=…)`` bounds.

    An interpreter has one of each, and its table of functions does not grow: these are for what one
    that has been taken over might try.

    Attributes:
        table_elements: entries of a table.
        instances: instances of modules.
        tables: tables of functions.
        memories: linear memories.

    Raises:
        ConfigurationError: a value is not a whole number from 1 to 2³² - 1. One that is less than
            the interpreter needs is refused before a guest starts; the message has the least.
    """

    table_elements: int = 100_000
    instances: int = 1
    tables: int = 1
    memories: int = 1

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if type(value) is not int or not 1 <= value <= _MOST:
                raise ConfigurationError(
                    f"{name}={value!r} must be a whole number from 1 to {_MOST}"
                )

    def refuse_less(self, least: StoreLimits) -> None:
        """Raise ConfigurationError if something is less than ``least``."""
        wanted = dataclasses.asdict(self)
        for name, value in dataclasses.asdict(least).items():
            if wanted[name] < value:
                raise ConfigurationError(
                    f"{name}={wanted[name]} is less than the interpreter needs: at least {value}"
                )
