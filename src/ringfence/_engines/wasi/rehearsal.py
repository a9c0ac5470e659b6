"""Some lives of a guest, each in an instance that is thrown away, before the first guest.

What the worker needs for them is then loaded, and it is known to which pages of its memory a guest
writes. The worker's own code is known to its interpreter as well, which rewrites what it runs for
the first times: afterwards it writes to fewer of the pages that all workers share.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from ringfence._engines.wasi.control import BEGIN, BUDGET, USED
from ringfence._engines.wasi.ends import Descriptor
from ringfence.jail.guest_limits import GuestLimits
from ringfence.wasm.fuel import UNBOUNDED
from ringfence.wasm.pages import own_spans
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import FrameReader, frame_buffers

if TYPE_CHECKING:
    from ringfence._engines.wasi.program import WasiProgram

__all__ = ["rehearse"]

_LIVES = 12  # CPython 3.11 begins to rewrite a function when it has run eight times
_LIMITS = GuestLimits(memory=64 << 20, disk=1 << 20, files=100, threads=0, cpu=1.0)
_CELLS = ("1 + 1", "print('a line')", "{'a': [1, 2.5, 'b', None]}")
_MOST = 1 << 16


def rehearse(program: WasiProgram, pagemap: int, wake: int) -> list[tuple[int, int]]:
    """Live some times.

    Args:
        program: whose guests do that; it has an instance that was used afterwards.
        pagemap: a descriptor of /proc/self/pagemap.
        wake: an eventfd.

    Returns:
        the pages that the smallest cell writes to, as :func:`ringfence.wasm.pages.own_spans` has
        them.
    """
    written: list[tuple[int, int]] = []
    for left in reversed(range(_LIVES)):
        calls = type(program.calls)()
        instance = program.make(calls)
        host, channel = socket.socketpair()
        orders, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with host, channel, orders, control:
            orders.send(BEGIN)
            ended = threading.Lock()
            ended.acquire()

            def live(first: bytes, ended: threading.Lock = ended) -> None:
                try:
                    program.live(first)
                finally:
                    ended.release()

            program.stand_at(
                Descriptor(channel.fileno()), Descriptor(control.fileno()), Descriptor(wake)
            )
            program.start(_LIMITS, live)
            if program.counts:
                orders.send(BUDGET + USED.pack(UNBOUNDED))
            for number, source in enumerate(_CELLS if left else _CELLS[:1], 1):
                _ask(host, number, source)
            host.shutdown(socket.SHUT_RDWR)
            ended.acquire()
            written = own_spans(instance, pagemap)
            instance.close()
    return written


def _ask(host: socket.socket, number: int, source: str) -> None:
    """One turn."""
    request = codec.encode([source, None, None, None], limit=_MOST)
    header = {"type": "run", "turn": number}
    host.sendall(b"".join(frame_buffers(header, request.body, request.blob, request.blob_size)))
    reader, ended = FrameReader(_MOST), False
    while not ended:
        size = host.recv_into(reader.buffer())
        if not size:
            raise RuntimeError("the guest ended in its rehearsal")
        ended = any(frame.header["type"] == "done" for frame in reader.received(size))
