"""The process of a sandbox's guest, and what it is doing. proc(5)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["faults_of", "pid_of", "wait_until_stopped"]

_STATE, _FAULTS = 0, 7  # of the fields behind the name


def pid_of(box: Any) -> int:
    """The pid of a live sandbox's guest, as this process sees it."""
    pid: int | None = box._session.guest.host_pid()
    assert pid is not None
    return pid


def faults_of(pid: int) -> int:
    """Pages that a process was given so far."""
    return int(_fields(pid)[_FAULTS])


def wait_until_stopped(pids: Iterable[int]) -> None:
    """Wait until the host has stopped these guests, which have had a turn: what one does of itself
    before that is done.
    """
    while not all(_fields(pid)[_STATE] == "T" for pid in pids):
        os.sched_yield()


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
