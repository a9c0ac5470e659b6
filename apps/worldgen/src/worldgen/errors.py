"""What can go wrong on the host.

::

    WorldgenError
    ├── WorldRefused       a world, or a change of one, that is not accepted; it stays as it was
    ├── NotFound           there is no such world, plugin, version or tile
    ├── Outdated           the world was changed by somebody else meanwhile; look again
    ├── UploadRefused      a plugin that is not published, with the reason
    └── StoreNotUsable     the database of worlds is damaged, newer, or not to be had

What a plugin does wrong is none of these: its failures are data, and others answer in its place.
"""

from __future__ import annotations

__all__ = [
    "NotFound",
    "Outdated",
    "StoreNotUsable",
    "UploadRefused",
    "WorldRefused",
    "WorldgenError",
]


class WorldgenError(Exception):
    """The root of what this application raises on purpose."""


class WorldRefused(WorldgenError):
    """A world, or a change of one, that is not accepted; says which part and what would do."""


class NotFound(WorldgenError):
    """There is no such thing; names it."""


class Outdated(WorldgenError):
    """What was to be changed is not what it was when somebody looked at it."""


class UploadRefused(WorldgenError):
    """A plugin that cannot be uploaded at all: it is no bundle, or the name is another's."""


class StoreNotUsable(WorldgenError):
    """The database of worlds cannot be used; says why."""
