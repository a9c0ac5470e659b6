"""What plugins keep in a world, saved and restored with it.

A save has the data of each plugin's modules, as its guest gave it; functions and classes come with
the verified source. It is sealed as a saved sandbox is (:mod:`ringfence.runtime.seal`), and goes
back into guests that have loaded the very same bundles, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ringfence.errors import StateRefused
from ringfence.plugins.bundle import Bundle
from ringfence.runtime.seal import close, compare_context, malformed, open_sealed

__all__ = [
    "LostState",
    "SavedPlugin",
    "SavedWorld",
    "lost_of",
    "lost_whole",
    "open_world",
    "read_saved",
    "refuse_others",
    "seal_world",
]

_MAGIC = b"RFWORLD\n"
_MOST_MODULES = 500
_MOST_LOST = 1_000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class LostState:
    """What a plugin kept and a save does not have; the texts are the plugin's.

    Attributes:
        plugin: its name in the host.
        name: of the variable, with its module; empty where all that it kept is lost.
        type: of its value.
        reason: why.
    """

    plugin: str
    name: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class SavedPlugin:
    """What one plugin keeps.

    Attributes:
        sha256: of its bundle.
        modules: ``(name, payload)``; bytes of a guest, for guests only.
        lost: what it does not have.
    """

    sha256: str
    modules: tuple[tuple[str, bytes], ...]
    lost: tuple[LostState, ...]


class SavedWorld(bytes):
    """A save of a world: bytes to keep anywhere. ``lost`` is what is not in it."""

    lost: tuple[LostState, ...]

    def __new__(cls, data: bytes, lost: tuple[LostState, ...] = ()) -> Self:
        """Bytes, and what is not in them."""
        self = super().__new__(cls, data)
        self.lost = lost
        return self


def read_saved(plugin: str, bundle: Bundle, value: Any) -> SavedPlugin | None:
    """What a guest says that its plugin keeps; None if that is not what guests say."""
    if type(value) is not list or len(value) > _MOST_MODULES:
        return None
    modules: dict[str, bytes] = {}
    lost: list[LostState] = []
    for entry in value:
        if type(entry) is not list or [type(one) for one in entry] != [str, bytes, list, list]:
            return None
        module, payload, _, left = entry
        if module not in bundle.modules or module in modules:
            return None
        modules[module] = payload
        lost += _read_lost(plugin, module, left[: _MOST_LOST - len(lost)])
    return SavedPlugin(bundle.sha256, tuple(modules.items()), tuple(lost))


def _read_lost(plugin: str, module: str, left: list[Any]) -> Iterator[LostState]:
    """What a guest says that is not there; what is not said as guests say it is left out."""
    for one in left:
        if type(one) is list and [type(part) for part in one] == [str, str, str]:
            name, kind, reason = (part[:_LONGEST] for part in one)
            yield LostState(plugin, f"{module}.{name}", kind, reason)


def lost_whole(plugin: str, reason: str) -> LostState:
    """All that a plugin kept is not there."""
    return LostState(plugin, "", "", reason[:_LONGEST])


def seal_world(
    saved: Mapping[str, SavedPlugin],
    lost: Sequence[LostState],
    *,
    key: bytes,
    context: Mapping[str, str],
) -> SavedWorld:
    """Seal what the plugins keep.

    Args:
        saved: of those that could say.
        lost: what the others kept.
        key: seals it.
        context: what it belongs to.
    """
    header = {
        "context": dict(context),
        "plugins": {
            name: [one.sha256, [[module, len(payload)] for module, payload in one.modules]]
            for name, one in saved.items()
        },
    }
    payload = b"".join(payload for one in saved.values() for _, payload in one.modules)
    left = (*lost, *(one for plugin in saved.values() for one in plugin.lost))
    return SavedWorld(close(key, json.dumps(header).encode(), payload, magic=_MAGIC), left)


def open_world(
    state: bytes, *, key: bytes, context: Mapping[str, str], limit: int
) -> dict[str, SavedPlugin]:
    """What a save has, by plugin.

    Args:
        state: the bytes.
        key: that it must be sealed with.
        context: that it must have been saved with.
        limit: bytes that one plugin's part may have.

    Raises:
        StateRefused: it is not restored; ``reason`` says why.
    """
    header, payload = open_sealed(bytes(state), key, magic=_MAGIC)
    found: dict[str, SavedPlugin] = {}
    at = 0
    try:
        content = json.loads(header)
        saved_with = content["context"]
        for name, (sha256, modules) in content["plugins"].items():
            parts: list[tuple[str, bytes]] = []
            for module, size in modules:
                parts.append((str(module), bytes(payload[at : at + int(size)])))
                at += int(size)
            found[str(name)] = SavedPlugin(str(sha256), tuple(parts), ())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise malformed() from error
    if at != len(payload):
        raise malformed()
    compare_context(saved_with, context)
    for name, one in found.items():
        size = sum(len(part) for _, part in one.modules)
        if size > limit:
            raise StateRefused(
                "too-large", f"what {name} keeps has {size:,} bytes, and value={limit:,}"
            )
    return found


def refuse_others(saved: Mapping[str, SavedPlugin], hashes: Mapping[str, str]) -> None:
    """A save belongs to the bundles that it was made with.

    Args:
        saved: what a save has.
        hashes: name -> SHA-256 of the host's plugins.

    Raises:
        StateRefused: one is another, or is not there.
    """
    for name, one in saved.items():
        if hashes.get(name) != one.sha256:
            what = "is another bundle here" if name in hashes else "is not in this host"
            raise StateRefused(
                "context",
                f"the save has what the plugin {name} kept, which {what}; its own has the SHA-256 "
                f"{one.sha256}",
            )


def lost_of(plugin: str, bundle: Bundle, value: Any) -> Sequence[LostState]:
    """What a guest says that could not be restored; nothing if that is not what guests say."""
    found: list[LostState] = []
    for entry in value if type(value) is list else ():
        if type(entry) is list and [type(one) for one in entry] == [str, list, list]:
            module, _, left = entry
            if module in bundle.modules:
                found += _read_lost(plugin, module, left[: _MOST_LOST - len(found)])
    return found
