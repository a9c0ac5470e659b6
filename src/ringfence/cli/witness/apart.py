"""Guests know nothing of each other: nothing stays, nothing is shared, nobody is dragged along."""

from __future__ import annotations

import threading
from typing import Any

from ringfence.cli.witness.bench import Bench, describe_result
from ringfence.cli.witness.evidence import Probe, Seen, fell, stood
from ringfence.model import Result

__all__ = ["APART"]

_MARK = """
import json, os
json.mark = mark = 1
try:
    open("mark", "w").close()
except OSError:
    pass  # no scratch behind these walls
"""
_LOOK = """
import json, os
try:
    names = os.listdir(".")
except OSError:
    names = []
[name for name, found in (
    ("a file", "mark" in names), ("a variable", "mark" in globals()),
    ("a patched module", hasattr(json, "mark")),
) if found]
"""
_DRAW = """
import os, random
drawn = {"random": random.random(), "os.urandom": os.urandom(8)}
for module, draw in (
    ("secrets", lambda m: m.token_hex(8)),
    ("uuid", lambda m: m.uuid4().hex),
    ("ssl", lambda m: m.RAND_bytes(8)),
    ("tempfile", lambda m: next(m._get_candidate_names())),
):
    try:
        drawn[module] = draw(__import__(module))
    except ImportError:
        pass  # this guest has no such module
drawn
"""
_SPIN = "import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end:\n    pass"
_CATCH = """
try:
    fail()
except HostFunctionError as error:
    told = str(error)
told
"""
_CRASH = """
try:
    import ctypes
except ImportError:
    import os
    os.abort()
ctypes.string_at(1)
"""


def _siblings(bench: Bench) -> Seen:
    with bench.sandbox() as first, bench.sandbox() as second:
        return _nothing_found(first.run(_MARK), second.run(_LOOK))


def _successors(bench: Bench) -> Seen:
    return _nothing_found(bench.run(_MARK), bench.run(_LOOK))


def _nothing_found(marked: Result, looked: Result) -> Seen:
    if not marked.ok:
        return fell(describe_result(marked))
    if not looked.ok:
        return fell(describe_result(looked))
    if looked.value:
        return fell(f"it found {' and '.join(map(str, looked.value))}")
    return stood("it found nothing")


def _streams(bench: Bench) -> Seen:
    with bench.sandbox() as first, bench.sandbox() as second:
        results = first.run(_DRAW), second.run(_DRAW)
    for result in results:
        if not result.ok or type(result.value) is not dict or not result.value:
            return fell(describe_result(result))
    one, other = (result.value for result in results)
    same = [name for name in one if one[name] == other.get(name)]
    if same:
        return fell(f"{', '.join(same)} gave the same to both")
    return stood(f"{', '.join(one)} all differ")


def _crash(bench: Bench) -> Seen:
    with bench.sandbox() as neighbour:
        before = neighbour.run("kept = 41")
        crashed = bench.run(_CRASH)
        after = neighbour.run("kept + 1")
    if crashed.status != "crashed":
        return fell(describe_result(crashed))
    if not before.ok or after.value != 42:
        return fell(f"its neighbour: {describe_result(after)}")
    return stood(f"{describe_result(crashed)}; its neighbour goes on")


def _cancel(bench: Bench) -> Seen:
    over = threading.Event()
    with bench.sandbox() as box:

        def cancel() -> None:
            while not over.is_set() and not box.cancel():
                over.wait(0.005)

        thread = threading.Thread(target=cancel, daemon=True)
        thread.start()
        try:
            result = box.run(_SPIN)
        finally:
            over.set()
            thread.join()
    return stood("cancelled") if result.status == "cancelled" else fell(describe_result(result))


def _exception(bench: Bench) -> Seen:
    def fail() -> None:
        raise RuntimeError(bench.canaries.secret)

    functions: dict[str, Any] = {"fail": fail}
    result = bench.run(_CATCH, functions=functions)
    leak = bench.leak(result)
    if leak or not result.ok:
        return fell(leak or describe_result(result))
    return stood(f"it is told {result.value!r:.60}, and no more")


APART = (
    Probe("apart", "siblings", "look for what a guest beside it left", _siblings),
    Probe("apart", "successors", "look for what a guest before it left", _successors),
    Probe("apart", "random numbers", "draw the same as a guest beside it", _streams),
    Probe("apart", "crashes", "crash, beside a guest that works", _crash),
    Probe("apart", "cancel", "compute on when it is cancelled", _cancel),
    Probe("apart", "exceptions", "read the message of a host function's exception", _exception),
)
"""None of them depends on a limit."""
