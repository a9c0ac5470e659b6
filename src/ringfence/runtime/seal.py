"""The container of a saved session: sealed by the host, so that it is restored as it was saved.

::

    magic (8) | format (2) | key id (16) | header length (4) | payload length (8)
    header: JSON | payload: bytes of the guest, compressed where that helps | HMAC-SHA256 (32)

The numbers are unsigned and little-endian. The code authenticates everything before it, and is
checked before any of it is read but the fixed numbers in front, which say where it is. It is an
authentication, not an encryption: who has a save can read it.

A save may be restored any number of times, by whoever has its key: a save that was replaced by a
newer one stays good. A caller for whom that matters keeps the newest, or puts a number into
``context`` and counts.

No I/O here; :mod:`.state_key` has the key of the user.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, SupportsIndex

from ringfence.errors import ConfigurationError, StateRefused
from ringfence_guest.protocol.namespaces import Lost, Saved

__all__ = [
    "SNAPSHOT",
    "SavedState",
    "Unsealed",
    "check_context",
    "check_key",
    "check_state",
    "close",
    "compare_context",
    "inflate",
    "malformed",
    "open_sealed",
    "seal",
    "unseal",
]

FORMAT = 1
SHORTEST_KEY = 16
MAX_HEADER = 128 << 20
MAX_CONTEXT = 64 << 10

SNAPSHOT = b"RFSNAPS\n"
"""What a snapshot begins with; a save with something else."""

_MAGIC = b"RFSTATE\n"
_PREFIX = struct.Struct("<8sH16sIQ")
_MAC = 32
_WORTH_COMPRESSING = 512
_PIECES, _PIECE = 4, 1 << 10
_SAMPLER = (12, 5)  # the window of all pieces, and little memory: most of the time goes to clear it
_WORTH = 0.6  # a millisecond for each 40 KB is a high price for less


class SavedState(bytes):
    """The variables of a sandbox, sealed: bytes to keep anywhere.

    Attributes:
        names: the variables that are in it, in the order in which they were made.
        lost: those that are not, each with its ``name``, its ``type`` and the ``reason``.

    The attributes are those of a save that was just made. Bytes that were read from a file restore
    just as well, and the sandbox has ``restored`` and ``lost``.
    """

    names: tuple[str, ...]
    lost: tuple[Lost, ...]

    def __new__(cls, data: bytes, names: tuple[str, ...] = (), lost: tuple[Lost, ...] = ()) -> Self:
        self = super().__new__(cls, data)
        self.names, self.lost = names, lost
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """States pickle and copy with their attributes: a worker process may hand them on."""
        return type(self), (bytes(self), self.names, self.lost)

    def __repr__(self) -> str:
        return f"<SavedState of {len(self.names)} variables, {len(self):,} bytes>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """What a save holds, once it is known to be ours.

    Attributes:
        payload: for the guest.
        names: the variables in it.
        lost: those that could not be saved.
        engine: the engine that saved.
        python: the guest's version of Python, in its own words.
        functions: the host functions that were lent. What is lent at a restore is the caller's to
            say; this grants nothing.
        created: when, in seconds since 1970.
    """

    payload: bytes
    names: tuple[str, ...]
    lost: tuple[Lost, ...]
    engine: str
    python: str
    functions: tuple[str, ...]
    created: int


# --- arguments ------------------------------------------------------------------------------


def check_key(key: object) -> bytes:
    """A key.

    Raises:
        ConfigurationError: it is not bytes, or too short to be one.
    """
    if not isinstance(key, bytes | bytearray):
        raise ConfigurationError(
            f"key must be bytes, not {type(key).__name__}; secrets.token_bytes(32) makes one"
        )
    if len(key) < SHORTEST_KEY:
        raise ConfigurationError(
            f"key has {len(key)} bytes; at least {SHORTEST_KEY} are needed, "
            "secrets.token_bytes(32) makes 32"
        )
    return bytes(key)


def check_context(context: object) -> dict[str, str]:
    """What a save belongs to: text -> text.

    Raises:
        ConfigurationError: it is something else, or longer than 64 KiB.
    """
    if context is None:
        return {}
    if not isinstance(context, Mapping):
        raise ConfigurationError("context must map text to text, such as {'tenant': 'a'}")
    for name, value in context.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ConfigurationError("context must map text to text, such as {'tenant': 'a'}")
    checked = {str(name): str(value) for name, value in sorted(context.items())}
    if len(json.dumps(checked)) > MAX_CONTEXT:
        raise ConfigurationError(f"context has more than {MAX_CONTEXT:,} bytes")
    return checked


def check_state(state: object) -> bytes:
    """The bytes of a save.

    Raises:
        ConfigurationError: they are no bytes.
    """
    if not isinstance(state, bytes | bytearray | memoryview):
        raise ConfigurationError(f"state must be the bytes of a save, not {type(state).__name__}")
    return bytes(state)


# --- sealing --------------------------------------------------------------------------------


def seal(
    saved: Saved,
    *,
    key: bytes,
    context: Mapping[str, str],
    engine: str,
    functions: tuple[str, ...],
    version: str,
) -> SavedState:
    """Seal what a guest has saved.

    Args:
        saved: from the guest.
        key: see :func:`check_key`.
        context: must be given again to restore.
        engine: the engine's name.
        functions: names of the host functions that are lent.
        version: Ringfence's.
    """
    payload, encoding = _compressed(saved.payload)
    header = json.dumps(
        {
            "engine": engine,
            "python": saved.python,
            "ringfence": version,
            "created": int(time.time()),
            "context": dict(context),
            "functions": sorted(functions),
            "names": saved.names,
            "lost": [[lost.name, lost.type, lost.reason] for lost in saved.lost],
            "size": len(saved.payload),
            "encoding": encoding,
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode("ascii")
    return SavedState(close(key, header, payload), saved.names, saved.lost)


def _compressed(payload: bytes) -> tuple[bytes, str]:
    """A payload as it is kept, and how: compressed where that saves two fifths of it."""
    if len(payload) < _WORTH_COMPRESSING:
        return payload, "raw"
    if len(payload) > 2 * _PIECES * _PIECE:  # a few pieces tell
        step = len(payload) // _PIECES
        sample = b"".join(payload[at : at + _PIECE] for at in range(0, step * _PIECES, step))
        sampler = zlib.compressobj(1, zlib.DEFLATED, *_SAMPLER)
        if not _is_smaller(sampler.compress(sample) + sampler.flush(), sample):
            return payload, "raw"
    smaller = zlib.compress(payload, 1)
    return (smaller, "zlib") if _is_smaller(smaller, payload) else (payload, "raw")


def _is_smaller(compressed: bytes, data: bytes) -> bool:
    return len(compressed) < _WORTH * len(data)


def close(key: bytes, header: bytes, payload: bytes, *, magic: bytes = _MAGIC) -> bytes:
    """The container of a header and a payload."""
    prefix = _PREFIX.pack(magic, FORMAT, _key_id(key), len(header), len(payload))
    body = b"".join([prefix, header, payload])
    return body + _authenticate(key, body)


def _key_id(key: bytes) -> bytes:
    return hmac.digest(key, b"ringfence state: key id", hashlib.sha256)[:16]


def _authenticate(key: bytes, body: bytes | memoryview) -> bytes:
    own = hmac.digest(key, b"ringfence state: authentication", hashlib.sha256)
    return hmac.new(own, body, hashlib.sha256).digest()


# --- opening --------------------------------------------------------------------------------


def unseal(state: bytes, *, key: bytes, context: Mapping[str, str], limit: int) -> Unsealed:
    """What is in a save.

    Args:
        state: the bytes.
        key: that it must be sealed with.
        context: that it must have been saved with.
        limit: bytes that its content may have.

    Raises:
        StateRefused: it is not restored; ``reason`` says why.
    """
    header, payload = open_sealed(state, key)
    try:
        content = json.loads(header)
        size, encoding, saved_with = content["size"], content["encoding"], content["context"]
        unsealed = Unsealed(
            payload=b"",
            names=tuple(content["names"]),
            lost=tuple(Lost(*entry) for entry in content["lost"]),
            engine=content["engine"],
            python=content["python"],
            functions=tuple(content["functions"]),
            created=content["created"],
        )
        if type(size) is not int or size < 0 or type(saved_with) is not dict:
            raise TypeError("a field is of another type")
        if encoding not in ("raw", "zlib"):
            raise ValueError("an unknown encoding")
    except (KeyError, TypeError, ValueError, RecursionError):
        raise malformed() from None
    compare_context(saved_with, context)
    if size > limit:
        raise StateRefused(
            "too-large",
            f"the saved state holds {size:,} bytes, more than value={limit:,} of the sandbox that "
            "it would be restored in; raise Limits(value=…)",
        )
    content = bytes(payload) if encoding == "raw" else inflate(payload, size)
    if len(content) != size:
        raise malformed()
    return Unsealed(
        payload=content,
        names=unsealed.names,
        lost=unsealed.lost,
        engine=unsealed.engine,
        python=unsealed.python,
        functions=unsealed.functions,
        created=unsealed.created,
    )


def open_sealed(state: bytes, key: bytes, *, magic: bytes = _MAGIC) -> tuple[bytes, memoryview]:
    """Header and payload of a container that this key has sealed.

    Raises:
        StateRefused: it is none.
    """
    if state[: len(magic)] != magic:
        raise StateRefused("not-a-state", "these bytes are not a saved state")
    if len(state) < _PREFIX.size:
        raise _truncated(len(state), _PREFIX.size)
    _, form, key_id, header_size, payload_size = _PREFIX.unpack_from(state)
    if form != FORMAT:
        newer = form > FORMAT
        raise StateRefused(
            "newer" if newer else "older",
            f"the saved state has format {form}, and this Ringfence reads format {FORMAT}: it was "
            f"saved by {'a newer' if newer else 'an older'} Ringfence",
        )
    if not hmac.compare_digest(key_id, _key_id(key)):
        raise StateRefused(
            "foreign-key",
            f"the saved state is sealed with another key: its key id is {key_id.hex()}, that of "
            f"the key given here is {_key_id(key).hex()}",
        )
    whole = _PREFIX.size + header_size + payload_size + _MAC
    if len(state) < whole:
        raise _truncated(len(state), whole)
    if len(state) > whole:
        raise _tampered()
    view = memoryview(state)
    if not hmac.compare_digest(state[-_MAC:], _authenticate(key, view[:-_MAC])):
        raise _tampered()
    if header_size > MAX_HEADER:
        raise malformed()
    start = _PREFIX.size + header_size
    return state[_PREFIX.size : start], view[start : start + payload_size]


def compare_context(saved_with: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """Names are said, values are not: they are somebody else's if they differ."""
    wrong = [f"{name!r} is missing" for name in sorted(saved_with.keys() - given.keys())]
    wrong += [f"{name!r} was not saved" for name in sorted(given.keys() - saved_with.keys())]
    both = sorted(saved_with.keys() & given.keys())
    wrong += [f"{name!r} is another" for name in both if saved_with[name] != given[name]]
    if wrong:
        raise StateRefused(
            "context", f"the saved state belongs to another context: {', '.join(wrong)}"
        )


def inflate(payload: memoryview, size: int) -> bytes:
    """At most ``size`` bytes of what is compressed, whatever it would become."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(payload, size + 1)
    except zlib.error:
        raise malformed() from None
    if not stream.eof or stream.unused_data:
        raise malformed()
    return content


def _truncated(there: int, needed: int) -> StateRefused:
    return StateRefused(
        "truncated",
        f"the saved state is cut short: it should have at least {needed:,} bytes and has {there:,}",
    )


def _tampered() -> StateRefused:
    return StateRefused("tampered", "the saved state was changed after it was sealed")


def malformed() -> StateRefused:
    """The error for content that is sealed and still not ours."""
    return StateRefused(
        "malformed",
        "the saved state is sealed with this key, but Ringfence did not write what is in it",
    )
