"""Hostile frames, made from a seed: broken at every level, and often almost right.

A frame is a message of the vocabulary whose header, body, blob or lengths may be wrong; bodies are
grown from the grammar of values with wrong contents grafted in, or are mutations of valid ones.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable

__all__ = ["Hostile"]

_NUMBERS = [
    "0", "1", "2", "3", "7", "8", "16", "255", "256", "4300", "65536", "-1", "1.5", "1e400", "-0",
    "-0.0", "9007199254740991", "9007199254740992", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "2305843009213693951", "true", "false", "null", "NaN", "Infinity",
    "1" * 4_300, "1" * 4_500, "1E5", "00", "0x1",
]  # fmt: skip
_TEXTS = [
    "", "a", "nan", "inf", "-inf", "read", "write", "stdout", "stderr", "ok", "error", "memory",
    "2020-01-01", "2020-02-30", "12:30:00", "2020-01-01T12:30:00+05:30", "24:00", "1.5", "1E6144",
    "1E6145", "sNaN1", "-Infinity", "0" * 32, "f" * 33, "<i4", "|u1", "|b1", "<U1", "|S2", "<f8",
    "|O", "<M8[s]", "<M8[0s]", "<c16", "\\ud800", "\\ud83d\\ude00", "\\u0000", "\\", '\\"', "{[",
    "]}", ",,,,", "\xe9", "x" * 300, "numpy", "__class__", "f", "g", "input",
]  # fmt: skip
_TAGS = [
    "dict", "tuple", "set", "frozenset", "bytes", "str", "int", "float", "complex", "date", "time",
    "datetime", "timedelta", "decimal", "fraction", "uuid", "array", "scalar", "record", "opaque",
    "stream",
]  # fmt: skip
_SCALARS: list[object] = [
    0, 1, 2, 3, 5, 512, 1 << 20, (1 << 20) + 1, (1 << 53) - 1, 1 << 53, -1, 0.5, 1e308, True, False,
    None, "", "f", "g", "h", "ok", "error", "limit", "interrupted", "memory", "value", "cpu",
    "stdout", "stderr", "stdin", "x" * 257, "x" * 5_000, "\ud800", "{", "[",
]  # fmt: skip
_LENGTHS = [0, 1, 2, 11, 12, 255, 65_535, 65_536, 65_537, 1 << 20, (1 << 31) - 1, (1 << 32) - 1]

_MESSAGES: list[Callable[[random.Random], dict[str, object]]] = [
    lambda r: {"type": "ready", "protocol": 1, "python": "3.14.0"},
    lambda r: {"type": "output", "stream": r.choice(("stdout", "stderr"))},
    lambda r: {"type": "display"},
    lambda r: {"type": "progress", "fraction": r.random(), "message": "half"},
    lambda r: {"type": "call", "id": r.randrange(9), "name": "f", "waits": r.random() < 0.5},
    lambda r: {"type": "waiting", "seen": r.randrange(3)},
    lambda r: {"type": "credit", "stream": 0, "size": r.randrange(9), "waits": r.random() < 0.5},
    lambda r: {"type": "data", "stream": 1, "eof": r.random() < 0.1, "waits": r.random() < 0.5},
    lambda r: {"type": "file", "id": r.randrange(3), "ok": r.random() < 0.8},
    lambda r: {"type": "done", "turn": 1, "status": "ok", "limit": None},
    lambda r: {"type": "done", "turn": 1, "status": "error", "limit": None},
    lambda r: {"type": "done", "turn": 1, "status": "limit", "limit": "memory"},
    lambda r: {"type": "stored", "turn": 1, "size": r.choice((0, 1, 8, 9, 300, 4_096, 4_097))},
]
_WITH_VALUE = ("display", "call", "file", "done", "stored")
_LISTINGS = [
    '"a",1', '"b/c",0', '"d\\n",5', '"..",5', '"l","link"', '"a",1', '"a",-1', '"e","lost"', "1,1",
    '"f"', '"g",1.5', '"h",9223372036854775808',
]  # fmt: skip
_FAILURES = [
    '["missing","gone"]', '["refused","no\\u001b"]', '["lost",""]', '["missing"]', '["memory",1]',
]  # fmt: skip
_WITH_BLOB = ("output", "data")


class Hostile:
    """An endless supply of hostile frames.

    Args:
        seed: the same seed makes the same frames.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    # --- values ----------------------------------------------------------------------------

    def text(self) -> str:
        random = self.random
        if random.random() < 0.9:
            return f'"{random.choice(_TEXTS)}"'
        return json.dumps(
            "".join(chr(random.randrange(0x300)) for _ in range(random.randrange(40)))
        )

    def node(self, depth: int, blob: bytearray) -> str:
        """The text of a value, more or less; what it refers to goes into ``blob``."""
        random = self.random
        chance = random.random()
        if depth <= 0 or chance < 0.25:
            return random.choice(_NUMBERS) if random.random() < 0.6 else self.text()
        if chance < 0.45:
            return self.list(depth, blob, random.randrange(5))
        tag = random.choice(_TAGS)
        if chance < 0.5:
            return f'{{"{tag}":{self.node(depth - 1, blob)}}}'
        return f'{{"{tag}":{self.content(tag, depth - 1, blob)}}}'

    def list(self, depth: int, blob: bytearray, count: int) -> str:
        return f"[{','.join(self.node(depth - 1, blob) for _ in range(count))}]"

    def content(self, tag: str, depth: int, blob: bytearray) -> str:
        """What belongs under a tag, nearly always."""
        random = self.random
        match tag:
            case "bytes" | "str" | "int":
                return str(self.raw(blob, random.choice((0, 1, 2, 8, 9, 300))))
            case "dict":
                return self.list(depth, blob, 2 * random.randrange(4))
            case "tuple" | "set" | "frozenset":
                return self.list(depth, blob, random.randrange(6))
            case "record":
                fields = (
                    f"{self.text()},{self.node(depth, blob)}" for _ in range(random.randrange(3))
                )
                return "[" + ",".join(['"r"', *fields]) + "]"
            case "array":
                dtype, size = random.choice(
                    (("<i4", 4), ("|b1", 1), ("<U1", 4), ("<M8[s]", 8), ("|S2", 2))
                )
                rows = random.randrange(4)
                return f'["{dtype}",[{rows},2],{self.raw(blob, rows * 2 * size)}]'
            case "scalar":
                return f'["<f8",{self.raw(blob, 8)}]'
            case "datetime":
                return f"[{self.text()},{random.randrange(3)}]"
            case "timedelta":
                return f"[{','.join(random.choice(_NUMBERS) for _ in range(3))}]"
            case "complex" | "fraction":
                return self.list(1, blob, 2)
            case "opaque" | "stream":
                return f"[{self.text()},{self.text()}]"
            case _:
                return self.text()

    def raw(self, blob: bytearray, size: int) -> int:
        blob += self.random.randbytes(size)
        return size if self.random.random() < 0.97 else size + self.random.randrange(-1, 3)

    def value(self) -> tuple[bytes, bytes]:
        """A body and a blob."""
        random = self.random
        blob = bytearray()
        chance = random.random()
        if chance < 0.01:
            text = random.choice(("[", '{"tuple":[', '["', '"\\', "[[],")) * random.randrange(
                1, 300
            )
        elif chance < 0.02:
            step = random.choice((1, 2_305_843_009_213_693_951))
            keys = ",".join(str(step * i) for i in range(random.randrange(20, 60)))
            text = f'{{"set":[{keys}]}}'
        else:
            text = self.node(4, blob)
        body = text.encode("latin-1", "replace")
        if random.random() < 0.15:
            body = self.mutated(body)
        return body, bytes(blob)

    def listing(self) -> bytes:
        """What a question about files may be answered with, or nearly."""
        random = self.random
        count = random.randrange(5)
        return f"[{','.join(random.choice(_LISTINGS) for _ in range(count))}]".encode()

    def failure(self) -> bytes:
        """Bytes, nothing, or why there is neither."""
        return self.random.choice([*_FAILURES, '{"bytes":0}', "null"]).encode()

    # --- frames ----------------------------------------------------------------------------

    def header(self) -> dict[str, object]:
        random = self.random
        header = random.choice(_MESSAGES)(random)
        chance = random.random()
        if chance < 0.15:
            header[random.choice(list(header))] = random.choice(_SCALARS)
        elif chance < 0.18:
            del header[random.choice(list(header))]
        elif chance < 0.21:
            header[random.choice(("x", "limit", "stream", "id"))] = random.choice(_SCALARS)
        return header

    def frame(self) -> bytes:
        """One frame, or what is sold as one."""
        random = self.random
        header = self.header()
        body = blob = b""
        kind = header.get("type")
        if kind in _WITH_VALUE or random.random() < 0.02:
            body, blob = self.value()
            if kind == "call" and random.random() < 0.7:
                body = b"[[" + body + b"],null]"
            elif kind == "display" and random.random() < 0.7:
                body = b'{"dict":["text/plain",' + body + b"]}"
            elif kind == "file" and random.random() < 0.8:
                body = random.choice((self.listing, self.failure))() or body
            elif header.get("status") in ("error", "limit") and random.random() < 0.8:
                body = b'["E",' + body + b',"traceback"]'
        elif kind in _WITH_BLOB:
            blob = random.randbytes(random.randrange(40))
        head = json.dumps(header).encode()
        lengths = [len(head), len(body), len(blob)]
        if random.random() < 0.03:
            lengths[random.randrange(3)] = random.choice(_LENGTHS)
        elif random.random() < 0.02:
            lengths[random.randrange(3)] += random.choice((-1, 1))
        if min(lengths) < 0:
            lengths = [0, 0, 0]
        frame = struct.pack("<III", *lengths) + head + body + blob
        chance = random.random()
        if chance < 0.05:
            return self.mutated(frame)
        if chance < 0.06:
            return random.randbytes(random.randrange(100))
        return frame

    def mutated(self, data: bytes) -> bytes:
        """``data``, changed in a few places."""
        random = self.random
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 1, 2, 5))):
            at = random.randrange(len(changed) + 1)
            match random.randrange(5):
                case 0 if changed:
                    changed[at % len(changed)] ^= 1 << random.randrange(8)
                case 1:
                    del changed[at : at + random.randrange(1, 5)]
                case 2:
                    changed[at:at] = random.choice(
                        (b"[", b"{", b'"', b",", b"\\", b"]", b"0", b"\xff")
                    )
                case 3:
                    end = min(len(changed), at + random.randrange(1, 30))
                    changed[at:at] = changed[at:end] * random.randrange(1, 4)
                case _:
                    changed[at : at + 4] = random.randbytes(4)
        return bytes(changed)
