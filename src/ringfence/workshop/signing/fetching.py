"""How a client gets bytes from a workshop: bounded in size and in time, whoever sends them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ringfence.errors import NotTrusted, WorkshopUnreachable

__all__ = ["Fetch", "fetch_bounded"]

Fetch = Callable[[str], bytes | Iterable[bytes]]
"""Gets what is at ``metadata/…`` or ``targets/…``: its bytes, or pieces of them as they come.

It raises ``FileNotFoundError`` where there is nothing, and any other ``OSError`` or
``WorkshopUnreachable`` where it cannot tell. Pieces are better: a client stops to take them at the
bound of what it asked for, so that nobody can fill its memory.
"""


def fetch_bounded(fetch: Fetch, path: str, most: int, patience: float) -> bytes:
    """What is at a path.

    Args:
        fetch: gets it.
        path: of what.
        most: bytes of it.
        patience: seconds for all of it.

    Raises:
        FileNotFoundError: there is nothing.
        NotTrusted: it has more than ``most`` bytes.
        WorkshopUnreachable: it did not arrive, or took longer.
    """
    end = time.monotonic() + patience
    taken = bytearray()
    try:
        found = fetch(path)
        whole = isinstance(found, bytes)
        for piece in (found,) if isinstance(found, bytes) else found:
            taken += piece
            if len(taken) > most:
                raise NotTrusted(path, f"it has more than {most:,} bytes; the rest was not taken")
            if not whole and time.monotonic() >= end:
                raise WorkshopUnreachable(
                    f"{path} did not arrive within {patience:g} s; nothing was taken over"
                )
    except FileNotFoundError:
        raise
    except OSError as error:
        raise WorkshopUnreachable(f"{path} did not arrive: {error}") from error
    return bytes(taken)
