"""Once through what a guest does, in an instance that is thrown away, before the first guest.

What the worker needs for that is then loaded, and it is known to which pages of its memory a guest
writes.
"""

from __future__ import annotations

import socket

from ringfence._engines.wasi.calls import ChannelCalls
from ringfence.wasm.engine import Engine, Module
from ringfence.wasm.instance import Instance
from ringfence.wasm.pages import own_spans
from ringfence.wasm.stack import with_room
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import frame_buffers

__all__ = ["rehearse"]

_SCRATCH = (1 << 20, 100)  # bytes, files
_CELLS = ("1 + 1", "print('a line')", "{'a': [1, 2.5, 'b', None]}")
_MOST = 1 << 16


def rehearse(
    engine: Engine, module: Module, pagemap: int, *, fuel: bool = False
) -> list[tuple[int, int]]:
    """Run some cells.

    Args:
        engine: the engine.
        module: the image.
        pagemap: a descriptor of /proc/self/pagemap.
        fuel: whether the engine counts instructions.

    Returns:
        the pages that were written to, as :func:`ringfence.wasm.pages.own_spans` has them.
    """
    calls = ChannelCalls()
    here, there = socket.socketpair()
    with here, there:
        calls.open(there.fileno())
        instance = Instance(engine, module, calls, fuel=fuel)
        with_room(_run, instance, here)
        written = own_spans(instance, pagemap)
        instance.close()
        calls.close()
    return written


def _run(instance: Instance, host: socket.socket) -> None:
    instance.call("start", *_SCRATCH)
    for number, source in enumerate(_CELLS, 1):
        request = codec.encode([source, None, None, None], limit=_MOST)
        header = {"type": "run", "turn": number}
        host.sendall(b"".join(frame_buffers(header, request.body, request.blob, request.blob_size)))
        instance.call("turn")
        host.recv(_MOST)
