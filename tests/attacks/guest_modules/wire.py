"""Frames by hand, for attacks: ``from wire import done, frame, send``.

They leave through the guest's own channel, whatever the engine calls it. The product's own code makes
none of them, so that it cannot mend them.
"""

import json
import struct

agent = progress.__self__
progress(0)  # the guest says ``ready`` with its first frame: that is behind us now
_channel = agent.link.channel


def frame(header, body=b"", blob=b"", lengths=None):
    """A frame; ``header`` is a dict, or bytes; ``lengths`` are the three that it claims to have."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    lengths = lengths or (len(head), len(body), len(blob))
    return struct.pack("<III", *lengths) + head + body + blob


def send(*chunks):
    """Write bytes to the host, all of them."""
    data = memoryview(b"".join(chunks))
    while data:
        data = data[_channel.send([data[:65_536]]) :]


class _Silence:
    fileno, wait, receive = _channel.fileno, _channel.wait, _channel.receive

    @staticmethod
    def send(buffers):
        return sum(map(len, buffers))


def mute():
    """From now on only :func:`send` speaks: the guest's own code says nothing any more, and no
    interrupt disturbs it."""
    agent.link.channel = _Silence
    agent.interrupts.held = 1


def done(body=b"null", blob=b"", turn=1, status="ok", limit=None):
    """The frame that ends a turn, with this value."""
    return frame({"type": "done", "turn": turn, "status": status, "limit": limit}, body, blob)


def call(name, arguments=b"[[],null]", blob=b"", id=0, waits=False):
    """The frame that calls a host function."""
    return frame({"type": "call", "id": id, "name": name, "waits": waits}, arguments, blob)


def output(data, stream="stdout"):
    """The frame that prints."""
    return frame({"type": "output", "stream": stream}, b"", data)


def show(body, blob=b""):
    """The frame that displays."""
    return frame({"type": "display"}, body, blob)


def answer(body, blob=b""):
    """Have the guest's own code end the turn with this value."""
    from ringfence_guest.protocol import codec

    real = codec.encode

    def encode(value, **options):
        codec.encode = real
        return codec.Packed(body, [blob], len(blob))

    codec.encode = encode
