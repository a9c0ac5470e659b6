"""What tests of a worker's channel share."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The host's end of a channel, and the worker's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs
