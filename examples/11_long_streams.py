"""A byte stream of any length passes through a small guest, at most 1 MiB of it at a time.

Prints::

    guest memory: 16 MiB
    in: 67108864 bytes, out: 67108864 bytes
    every byte inverted: True
"""

import hashlib
import io

import ringfence


class Zeros(io.RawIOBase):
    """A file of zeros that nobody ever holds in memory."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        part = bytes(min(size, self.left))
        self.left -= len(part)
        return part


class Digest:
    """A file that keeps a checksum and a length."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return len(data)


SIZE = 64 << 20
out = Digest()

with ringfence.Sandbox(limits=ringfence.Limits(memory="16MiB")) as box:
    box.run("""
INVERTED = bytes(255 - byte for byte in range(256))

def invert(source, target):
    size = 0
    while part := source.read(1 << 16):
        target.write(part.translate(INVERTED))
        size += len(part)
    return size
""")
    result = box.call("invert", ringfence.Reader(Zeros(SIZE)), ringfence.Writer(out, limit=SIZE))
    print("guest memory:", int(box.limits.memory) >> 20, "MiB")

print(f"in: {result.value} bytes, out: {out.size} bytes")
print("every byte inverted:", out.sha256.digest() == hashlib.sha256(b"\xff" * SIZE).digest())
