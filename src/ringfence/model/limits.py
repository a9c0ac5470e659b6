"""What bounds a guest."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from ringfence.errors import ConfigurationError

__all__ = ["LIMIT_NAMES", "Duration", "Limits", "Size", "parse_duration", "parse_size"]

Size = int | str
Duration = float | int | timedelta

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]*)", re.ASCII)
_LONGEST_SIZE = 32  # characters: a text may be a stranger's, and is told back in errors
_MOST_BYTES = 1 << 46
_MOST_SECONDS = 366 * 86_400.0


def parse_size(value: object, name: str, *, least: int = 1) -> int:
    """Bytes from an int or a text such as ``"256MiB"``, ``"1.5 GB"``, ``"64 kB"``.

    Raises:
        ConfigurationError: it is something else, or below ``least``.
    """
    if type(value) is str:
        if len(value) > _LONGEST_SIZE:
            raise ConfigurationError(
                f'{name} is a text of {len(value)} characters, and no size; write "1MiB"'
            )
        match = _SIZE.fullmatch(value.strip())
        unit = _UNITS.get(match[2].lower()) if match else None
        if match is None or unit is None:
            raise ConfigurationError(
                f'{name}={value!r} is not a size; write bytes (1048576) or a text such as "1MiB"'
            )
        number = round(float(match[1]) * unit)
    elif type(value) is int:
        number = value
    else:
        raise ConfigurationError(
            f'{name}={value!r} is not a size; write bytes (1048576) or a text such as "1MiB"'
        )
    if not least <= number <= _MOST_BYTES:
        raise ConfigurationError(f"{name}={value!r} must be from {least} to {_MOST_BYTES} bytes")
    return number


def parse_duration(value: object, name: str) -> float:
    """Seconds from a number or a :class:`~datetime.timedelta`.

    Raises:
        ConfigurationError: it is something else, not positive, or longer than a year.
    """
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif type(value) in (int, float):
        seconds = float(value)  # type: ignore[arg-type]
    else:
        raise ConfigurationError(f"{name}={value!r} is not a time; write seconds or a timedelta")
    if not math.isfinite(seconds) or not 0 < seconds <= _MOST_SECONDS:
        raise ConfigurationError(
            f"{name}={value!r} must be more than 0 and at most {_MOST_SECONDS:g} seconds"
        )
    return seconds


def _parse_count(value: object, name: str, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ConfigurationError(f"{name}={value!r} must be a whole number from {least} to {most}")
    return value


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What bounds a guest. Every default is finite.

    Times take seconds or a timedelta, sizes take bytes or a text (``"256MiB"``). Once made, times
    are floats in seconds and sizes are ints in bytes.

    Per turn:

    Attributes:
        wall: seconds that the guest may run. Rests only while the guest waits for a host function.
        host_wall: seconds in all during which host functions may keep a turn.
        cpu: seconds of the guest's CPU clock; it never rests.
        fuel: instructions, exact; None is no bound. A turn that uses more ends the guest. Engines
            that cannot count refuse a value. A sandbox that is made with one counts, and may be
            given another for each turn; a deterministic one always counts.
        steps: Python-level ticks of the block compiler; None is no bound.
        output: bytes of stdout and stderr; every piece counts at least 512.
        display: bytes of displays.
        calls: host calls.
        value: bytes of one value that crosses, as :func:`~ringfence_guest.protocol.codec.charge`
            counts them.

    Per sandbox:

    Attributes:
        memory: bytes beyond the warm image. ``disk`` is within it, because scratch files live in
            memory: the heap may grow by ``memory - disk``.
        threads: threads beside the main one. A guest that prints much uses one of them to send
            what it prints while it computes.
        disk: bytes of scratch files; 64 MiB, or a quarter of ``memory`` if that is less. 0 is none.
        files: how many scratch files.

    Raises:
        ConfigurationError: a value is not what it should be; the message names it.
    """

    wall: Duration = 30.0
    host_wall: Duration = 30.0
    cpu: Duration = 30.0
    fuel: int | None = None
    steps: int | None = None
    output: Size = 1 << 20
    display: Size = 16 << 20
    calls: int = 1_000
    value: Size = 64 << 20
    memory: Size = 256 << 20
    threads: int = 8
    disk: Size | None = None
    files: int = 1_000

    # Whether nobody set ``disk``. No field: it is no limit, and two limits do not differ by it.
    _disk_follows: ClassVar[bool] = True

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for name in ("wall", "host_wall", "cpu"):
            set_(self, name, parse_duration(getattr(self, name), name))
        for name in ("fuel", "steps"):
            value = getattr(self, name)
            if value is not None:
                _parse_count(value, name, 1, 1 << 62)
        set_(self, "output", parse_size(self.output, "output", least=512))
        set_(self, "display", parse_size(self.display, "display", least=512))
        set_(self, "value", parse_size(self.value, "value", least=1_024))
        memory = parse_size(self.memory, "memory", least=1 << 20)
        set_(self, "memory", memory)
        _parse_count(self.calls, "calls", 0, 1_000_000_000)
        _parse_count(self.threads, "threads", 0, 1_024)
        _parse_count(self.files, "files", 0, 1_000_000)
        set_(self, "_disk_follows", self.disk is None)
        if self.disk is None:
            set_(self, "disk", min(64 << 20, memory // 4))
        else:
            disk = parse_size(self.disk, "disk", least=0)
            set_(self, "disk", disk)
            if disk >= memory:
                raise ConfigurationError(
                    f"disk={self.disk!r} must be less than memory={memory}: scratch files live in "
                    "memory and are counted there"
                )

    def replace(self, **changes: Any) -> Limits:
        """A copy with some limits changed.

        A ``disk`` that was never set follows a changed ``memory``, as in a new one; one that was
        set stays, also where it is the same number.
        """
        if self._disk_follows:
            changes.setdefault("disk", None)
        return dataclasses.replace(self, **changes)


LIMIT_NAMES = tuple(field.name for field in dataclasses.fields(Limits))
"""Every limit by its name, in the order of the docstring."""
