"""The protocol: encoding and decoding values, and large arrays across the boundary."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable
from typing import Any

import ringfence
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, skipped, timing
from bench.unjailed import Unjailed
from ringfence.cli.bench.timing import Series, Subject, take_turns
from ringfence_guest.protocol import codec

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Values across the boundary"
NOTE = (
    "Encoding and decoding in one process, with all budgets on; beside them json, and a plain copy "
    "of the same bytes. An array goes to a live guest as the argument of a call, or comes back as "
    "its result, in frames over a socket; beside it the bare bytes over a socket pair, to a "
    "process that reads into a buffer it kept."
)
_LIMIT = 64 << 20
_ARRAY_ITEMS = 8_000_000
_GUEST = """
import numpy as np
_kept = np.ones(8_000_000)


def take(array):
    return array.nbytes


def give():
    return _kept
"""
_ARGUMENTS = {
    "x": 12.5,
    "y": -3.25,
    "seed": 42,
    "name": "north ridge",
    "tags": ["a", "b", "c"],
    "size": {"width": 256, "height": 128, "deep": True, "label": None},
}

_LENT = Target(1.0)


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    numpy = importlib.util.find_spec("numpy") is not None
    progress.begin(GROUP, plan.codec_rounds + (plan.transfers if numpy else 0))
    rows = _codec_rows(plan, progress)
    if not numpy:
        return [*rows, skipped(GROUP, "64 MB array", "NumPy is not installed", subject=True)]
    return rows + _transfer_rows(plan, progress)


def _encode(value: Any) -> Callable[[], object]:
    return lambda: codec.encode(value, limit=_LIMIT)


def _decode(value: Any) -> Callable[[], object]:
    packed = codec.encode(value, limit=_LIMIT)
    blob = b"".join(packed.blob)
    if codec.decode(packed.body, blob, limit=_LIMIT) != value:
        raise RuntimeError("a value did not survive")
    return lambda: codec.decode(packed.body, blob, limit=_LIMIT)


def _codec_rows(plan: Plan, progress: Progress) -> list[Row]:
    raw = bytes(range(256)) * 4_096
    items = list(range(100_000))
    texts = {"arguments": json.dumps(_ARGUMENTS), "list": json.dumps(items)}
    block = 10
    work: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "arguments of a call: encode": (_encode(_ARGUMENTS), lambda: json.dumps(_ARGUMENTS)),
        "arguments of a call: decode": (
            _decode(_ARGUMENTS),
            lambda: json.loads(texts["arguments"]),
        ),
        "list of 100,000 integers: encode": (_encode(items), lambda: json.dumps(items)),
        "list of 100,000 integers: decode": (_decode(items), lambda: json.loads(texts["list"])),
        "1 MiB of bytes: encode": (_encode(raw), lambda: bytearray(raw)),
        "1 MiB of bytes: decode": (_decode(raw), lambda: bytearray(raw)),
    }
    subjects = []
    for name, (ours, peer) in work.items():
        calls = 1 if "list" in name else block
        subjects.append(Subject(name=name, work=ours, block=calls, warm=1))
        subjects.append(Subject(name=f"{name}, peer", work=peer, block=calls, warm=1))
    found = take_turns(subjects, plan.codec_rounds, progress)
    rows = []
    for name in work:
        to = "copy" if "bytes" in name else "json"
        unit = "ms" if "list" in name else "us"
        rows.append(timing(GROUP, name, found[name], unit, against=found[f"{name}, peer"], to=to))
    return rows


def _transfer_rows(plan: Plan, progress: Progress) -> list[Row]:
    array = importlib.import_module("numpy").ones(_ARRAY_ITEMS)
    data = memoryview(array).cast("B")
    born = ringfence.empty(array.shape)
    born[:] = array
    back = memoryview(bytearray(len(data)))
    with ringfence.Sandbox(packages=["numpy"]) as box, Unjailed() as process:
        box.run(_GUEST).raise_for_status()

        def send() -> None:
            if box.call("take", array).value != len(data):
                raise RuntimeError("the array did not arrive")

        def fetch() -> None:
            if box.call("give").value.nbytes != len(data):
                raise RuntimeError("the array did not come")

        def lend() -> None:
            result = box.call("take", born)
            if result.value != len(data) or result.usage.shared != len(data):
                raise RuntimeError("the array was not lent")

        subjects = [
            Subject(name="lend", work=lend, warm=1),
            Subject(name="send", work=send, warm=1),
            Subject(name="send, peer", work=lambda: process.send(data), warm=1),
            Subject(name="fetch", work=fetch, warm=1),
            Subject(name="fetch, peer", work=lambda: process.fetch(back), warm=1),
        ]
        found = take_turns(subjects, plan.transfers, progress)
    names = {"send": "64 MB array to the guest", "fetch": "64 MB array from the guest"}
    lent = timing(
        GROUP,
        "64 MB array born in an arena, used in the guest",
        found["lend"],
        "ms",
        against=found["send, peer"],
        to="bare bytes",
        target=_LENT,
    )
    return [lent] + [
        timing(
            GROUP,
            text,
            found[name],
            "ms",
            against=found[f"{name}, peer"],
            to="bare bytes",
            note=f"{_megabytes_per_second(found[name], len(data)):,.0f} MB/s",
        )
        for name, text in names.items()
    ]


def _megabytes_per_second(series: Series, size: int) -> float:
    return size / 1e6 / series.median
