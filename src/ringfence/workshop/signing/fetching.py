"""How a client gets bytes from a workshop: bounded in size and in time, whoever sends them."""

from __future__ import annotations

import threading
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
    taking = _Taking(fetch, path, most)
    taking.start()
    taking.join(patience)
    if taking.is_alive():
        taking.given_up = True
        raise WorkshopUnreachable(
            f"{path} did not arrive within {patience:g} s; nothing was taken over"
        )
    if taking.error is not None:
        raise taking.error
    return bytes(taking.taken)


class _Taking(threading.Thread):
    """Takes the pieces, on a thread that can be given up: what waits for the first byte of an
    answer cannot be asked to stop. It takes no more once it has been, and ends with its connection.
    """

    def __init__(self, fetch: Fetch, path: str, most: int) -> None:
        super().__init__(name="ringfence-fetch", daemon=True)
        self._fetch, self._path, self._most = fetch, path, most
        self.taken = bytearray()
        self.error: Exception | None = None
        self.given_up = False

    def run(self) -> None:
        try:
            self._take()
        except FileNotFoundError as error:
            self.error = error
        except OSError as error:
            self.error = WorkshopUnreachable(f"{self._path} did not arrive: {error}")
            self.error.__cause__ = error
        except Exception as error:  # raised where it was asked for
            self.error = error

    def _take(self) -> None:
        found = self._fetch(self._path)
        for piece in (found,) if isinstance(found, bytes) else found:
            self.taken += piece
            if len(self.taken) > self._most:
                raise NotTrusted(
                    self._path, f"it has more than {self._most:,} bytes; the rest was not taken"
                )
            if self.given_up:
                return
