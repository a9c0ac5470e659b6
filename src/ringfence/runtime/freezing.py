"""Whole sessions as bytes: what fork, snapshot and rollback have in common. No waiting here.

A frozen session is the guest's memory, which holds its variables, generators and files, and the
little that this process knows of it. A snapshot is one in a container that is sealed like a save
(:mod:`.seal`), with a head of its own.
"""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringfence.errors import ConfigurationError, PolicyNotEnforceable, StateRefused
from ringfence.model import Limits
from ringfence.runtime.functions import HostFunction
from ringfence.runtime.seal import SNAPSHOT, close, compare_context, inflate, malformed, open_sealed

__all__ = [
    "Frozen",
    "Lending",
    "is_snapshot",
    "refuse_freezing",
    "seal_snapshot",
    "unseal_snapshot",
]

_UNSENT = struct.Struct("<Q")
_SPARE = 128 << 20  # of the image's own memory, as much as there may be of it in a snapshot


@dataclass(frozen=True, slots=True)
class Lending:
    """What a guest knows of the host functions and of stdin: lent again, or not restored."""

    functions: Mapping[str, Any]
    asks: bool

    @classmethod
    def of(cls, functions: Mapping[str, HostFunction], *, asks: bool) -> Lending:
        """What is lent with these, as plain data."""
        declared = {name: function.declaration() for name, function in functions.items()}
        return cls(json.loads(json.dumps(declared)), asks)

    def refuse_others(self, given: Lending) -> None:
        """Raise StateRefused unless the same is lent again."""
        mine, theirs = self.functions, given.functions
        wrong = [f"{name!r} is missing" for name in sorted(mine.keys() - theirs.keys())]
        wrong += [f"{name!r} was not lent" for name in sorted(theirs.keys() - mine.keys())]
        both = sorted(mine.keys() & theirs.keys())
        wrong += [f"{name!r} is another" for name in both if mine[name] != theirs[name]]
        if self.asks != given.asks:
            wrong.append("stdin= was a function" if self.asks else "stdin= was no function")
        if wrong:
            raise StateRefused(
                "context",
                f"the guest of this snapshot knows other host functions: {', '.join(wrong)}; pass "
                "the functions= and stdin= that it was made with",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A session between two turns.

    Attributes:
        engine: the engine's name.
        image: the key of the image that the memory belongs to.
        memory: of the guest, beyond the image's.
        turns: how many it has taken.
        value: the limit ``value`` that it was told last, or -1.
        unsent: bytes that go before its next request.
        scratch: the limits ``disk`` and ``files`` that its memory knows.
        lending: what it was lent.
    """

    engine: str
    image: str
    memory: bytes
    turns: int
    value: int
    unsent: bytes
    scratch: tuple[int, int]
    lending: Lending


def refuse_freezing(engine: str) -> PolicyNotEnforceable:
    """The error for an engine whose guests are more than their memory."""
    return PolicyNotEnforceable(
        f"{engine}: its guests cannot be forked, frozen or rolled back: a process is more than its "
        "memory; use engine='wasi', or save() and restore() for the variables"
    )


def is_snapshot(state: object) -> bool:
    """Whether bytes look like a snapshot, not like a save."""
    return isinstance(state, bytes | bytearray | memoryview) and bytes(state[:8]) == SNAPSHOT


def seal_snapshot(frozen: Frozen, *, key: bytes, context: Mapping[str, str], version: str) -> bytes:
    """A snapshot: compressed, sealed, with the names of what it depends on."""
    header = json.dumps(
        {
            "engine": frozen.engine,
            "image": frozen.image,
            "ringfence": version,
            "created": int(time.time()),
            "context": dict(context),
            "functions": frozen.lending.functions,
            "asks": frozen.lending.asks,
            "turns": frozen.turns,
            "value": frozen.value,
            "scratch": frozen.scratch,
            "size": _UNSENT.size + len(frozen.unsent) + len(frozen.memory),
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode("ascii")
    content = _UNSENT.pack(len(frozen.unsent)) + frozen.unsent + frozen.memory
    return close(key, header, zlib.compress(content, 1), magic=SNAPSHOT)


def unseal_snapshot(
    state: bytes, *, key: bytes, context: Mapping[str, str], limits: Limits
) -> Frozen:
    """What is in a snapshot.

    Raises:
        StateRefused: it is not restored; ``reason`` says why.
    """
    header, payload = open_sealed(state, key, magic=SNAPSHOT)
    try:
        content = json.loads(header)
        size, saved_with = content["size"], content["context"]
        disk, files = content["scratch"]
        frozen = Frozen(
            engine=content["engine"],
            image=content["image"],
            memory=b"",
            turns=content["turns"],
            value=content["value"],
            unsent=b"",
            scratch=(disk, files),
            lending=Lending(content["functions"], content["asks"]),
        )
        kinds = (int, dict, dict, bool, int, int, int, int)
        fields = (size, saved_with, frozen.lending.functions, frozen.lending.asks, disk, files)
        if tuple(map(type, (*fields, frozen.turns, frozen.value))) != kinds or size < _UNSENT.size:
            raise TypeError("a field is of another type")
    except (KeyError, TypeError, ValueError, RecursionError):
        raise malformed() from None
    compare_context(saved_with, context)
    _refuse_limits(frozen, size, limits)
    whole = inflate(payload, size)
    if len(whole) != size:
        raise malformed()
    start = _UNSENT.size + _UNSENT.unpack_from(whole)[0]
    return Frozen(
        engine=frozen.engine,
        image=frozen.image,
        memory=whole[start:],
        turns=frozen.turns,
        value=frozen.value,
        unsent=whole[_UNSENT.size : start],
        scratch=frozen.scratch,
        lending=frozen.lending,
    )


def _refuse_limits(frozen: Frozen, size: int, limits: Limits) -> None:
    if size > int(limits.memory) + _SPARE:
        raise StateRefused(
            "too-large",
            f"the snapshot holds {size:,} bytes, more than memory={limits.memory:,} of the sandbox "
            "that it would be restored in; raise Limits(memory=…)",
        )
    disk, files = frozen.scratch
    if (disk, files) != (limits.disk, limits.files):
        raise StateRefused(
            "context",
            f"the guest of this snapshot has files under disk={disk:,} and files={files:,}, which "
            "are part of its memory; pass the same Limits(disk=…, files=…)",
        )


def check_checkpoints(checkpoints: object) -> bool:
    """Whether the state before each turn is kept.

    Raises:
        ConfigurationError: it is neither True nor False.
    """
    if type(checkpoints) is not bool:
        raise ConfigurationError(f"checkpoints={checkpoints!r} must be True or False")
    return checkpoints
