"""What a worker is given of its host's sockets."""

from __future__ import annotations

import socket

import pytest

from ringfence._engines.wasi.image import _make_control


@pytest.mark.parametrize("packets", [True, False])
def test_the_workers_end_blocks_whatever_the_hosts_own_do(*, packets: bool) -> None:
    socket.setdefaulttimeout(5)
    try:
        control, theirs = _make_control(packets=packets)
    finally:
        socket.setdefaulttimeout(None)
    with theirs:
        assert theirs.getblocking()
        assert theirs.gettimeout() is None
    control.close()
