"""Moving SQLite's log into its file, beside the writer, who would have to wait for the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import threading

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

__all__ = ["Checkpoints"]

_PAUSE = 0.25
"""Seconds between two at least: pages that are written often are moved once."""


class Checkpoints:
    """A thread that moves the log whenever something was written.

    If it falls behind, SQLite does it within a commit, as ever (``log_pages`` of the engine).

    Args:
        engine: the database's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._written = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._move, name="ringfence-store-checkpoints", daemon=True
        )
        self._thread.start()

    def written(self) -> None:
        """Something was written."""
        self._written.set()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._written.set()
        self._thread.join()

    def _move(self) -> None:
        while not self._closing.wait(_PAUSE):
            self._written.wait()
            self._written.clear()
            if self._closing.is_set():
                return
            # What cannot be moved now is moved later: nothing is lost of it.
            with contextlib.suppress(sqlite3.Error, SQLAlchemyError):
                connection = self._engine.raw_connection()
                try:
                    connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                finally:
                    connection.close()
