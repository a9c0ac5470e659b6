"""Each limit, reached: what is over it must be stopped, under its own name.

``threads``, ``disk`` and ``files`` are told to the guest by an exception; the others end the turn.
"""

from __future__ import annotations

import asyncio

from ringfence.cli.witness.bench import Bench, describe_result, ended_in
from ringfence.cli.witness.evidence import Probe, Seen, fell, stood

__all__ = ["LIMITS"]

_MIB = 1 << 20
_SPIN = "import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end:\n    pass"
_STUBBORN = """
import time
end = time.monotonic() + 2
while time.monotonic() < end:
    try:
        while time.monotonic() < end:
            pass
    except KeyboardInterrupt:
        pass
"""
_HOARD = "held = []\nwhile len(held) < 256:\n    held.append(bytearray(1 << 20))\nlen(held)"
_GRAB = "len(bytearray(512 << 20))"
_PRINT = "for _ in range(1000):\n    print('x' * 100)"
_DISPLAY = "for _ in range(100):\n    display('x' * 1000)"
_CALL = "for number in range(100):\n    echo(number)"
_THREADS = """
import threading
release = threading.Event()
started = []
try:
    while len(started) < 32:
        thread = threading.Thread(target=release.wait)
        thread.start()
        started.append(thread)
except RuntimeError:
    pass
release.set()
for thread in started:
    thread.join()
len(started)
"""
_FILL = """
import errno
written = 0
try:
    with open("filled", "wb", buffering=0) as file:
        while written < 8 << 20:
            written += file.write(bytes(65536))
except OSError as error:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        raise
written
"""
_FILES = """
import errno
made = 0
try:
    while made < 100:
        open(f"file-{made}", "w").close()
        made += 1
except OSError as error:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise
made
"""
_START_THREAD = "import threading\nthread = threading.Thread(target=len)\nthread.start()"


def _echo(number: int) -> int:
    return number


async def _linger() -> None:
    await asyncio.sleep(2)


def _reached(
    limit: str, claim: str, code: str, value: float, functions: object = (), **others: float
) -> Probe:
    return Probe(
        "limit",
        limit,
        claim,
        lambda bench: bench.stop(limit, code, {limit: value, **others}, functions),
    )


def _stubborn(bench: Bench) -> Seen:
    result = bench.run(_STUBBORN, {"wall": 0.2})
    if result.status == "limit" and result.limit == "wall":
        return stood("limit wall, and it was killed")
    return fell(describe_result(result))


def _counted(limit: str, claim: str, code: str, value: int, most: int) -> Probe:
    """A limit that the guest meets as an exception, and counts up to."""

    def take(bench: Bench) -> Seen:
        result = bench.run(code, {limit: value})
        count = result.value
        if (
            limit == "threads"
            and not bench.capabilities.threads
            and (result.ok, count) == (True, 0)
        ):
            return stood("0: its guests have no threads")
        if result.status == "ok" and type(count) is int and value <= count <= most:
            return stood(f"{count:,}, and not one more")
        return fell(describe_result(result))

    return Probe("limit", limit, claim, take)


def _files(bench: Bench) -> Seen:
    result = bench.run(_FILES, {"files": 5})
    if not bench.limits.disk and ended_in(result, "error", "PermissionError", "OSError"):
        return stood(describe_result(result))
    made = result.status == "ok" and result.value == 5
    return stood("5, and not one more") if made else fell(describe_result(result))


def _no_thread(bench: Bench) -> Seen:
    result = bench.run(_START_THREAD, {"threads": 0})
    return (stood if ended_in(result, "error", "RuntimeError") else fell)(describe_result(result))


def _no_file(bench: Bench) -> Seen:
    result = bench.run("open('file', 'w').close()", {"disk": 0})
    denied = ended_in(result, "error", "OSError", "PermissionError", "FileNotFoundError")
    return (stood if denied else fell)(describe_result(result))


LIMITS = (
    _reached("wall", "sleep for 2 s with wall=0.2", "import time; time.sleep(2)", 0.2),
    Probe("limit", "wall", "ignore every interrupt with wall=0.2", _stubborn),
    _reached("host_wall", "wait for a host function for 2 s with host_wall=0.2",
             "from host import linger\nawait linger()", 0.2, {"linger": _linger}),
    _reached("cpu", "compute for 2 s with cpu=0.2", _SPIN, 0.2),
    _reached("output", "print 100 kB with output=10 kB", _PRINT, 10_000),
    _reached("display", "display 100 kB with display=10 kB", _DISPLAY, 10_000),
    _reached("calls", "call a host function 100 times with calls=3", _CALL, 3, {"echo": _echo}),
    _reached("value", "return 100 kB with value=10 kB", "'x' * 100_000", 10_000),
    _reached("memory", "collect 256 MiB with memory=32 MiB", _HOARD, 32 * _MIB, disk=0),
    _reached("memory", "take 512 MiB at once with memory=256 MiB", _GRAB, 256 * _MIB),
    # The thread that sends output is not one of them; it runs only where much is printed.
    _counted("threads", "start 32 threads with threads=3, and one for output", _THREADS, 3, most=4),
    Probe("limit", "threads", "start a thread with threads=0", _no_thread),
    _counted("disk", "write 8 MiB with disk=1 MiB", _FILL, _MIB, most=_MIB),
    Probe("limit", "disk", "write a file with disk=0", _no_file),
    Probe("limit", "files", "make 100 files with files=5", _files),
    _reached("fuel", "compute for 2 s with fuel=1,000,000", _SPIN, 1_000_000),
    _reached("steps", "compute for 2 s with steps=100,000", _SPIN, 100_000),
)  # fmt: skip
"""Every limit of :class:`~ringfence.Limits`, at least once."""
