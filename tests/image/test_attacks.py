"""What breaks the interpreter breaks it alone: the guest ends or goes on, the process lives."""

from __future__ import annotations

import pytest

from ringfence.wasm.instance import InstanceStopped
from tests.support.wasm_guest import WasmGuest

_ATTACKS = {
    "bytecode that is none": """
def f(): pass
for seed in range(200):
    code = bytes((seed * 7 + n * 13) % 256 for n in range(64))
    f.__code__ = f.__code__.replace(co_code=code, co_stacksize=1)
    try: f()
    except BaseException: pass
""",
    "a stack that lies about its size": """
def f(): return [1, 2, 3, 4, 5, 6, 7, 8]
g = lambda: None
g.__code__ = f.__code__.replace(co_stacksize=0)
for _ in range(1000): g()
""",
    "constants that are not there": """
import opcode
def f(): pass
op = opcode.opmap["LOAD_CONST"]
for index in (5, 100, 255):
    f.__code__ = f.__code__.replace(co_code=bytes([opcode.opmap["RESUME"], 0, op, index, opcode.opmap["RETURN_VALUE"], 0]))
    try: repr(f())
    except BaseException: pass
""",
    "recursion without a limit": "import sys\nsys.setrecursionlimit(2**31 - 1)\ndef f(): f()\nf()",
    "iterators in iterators": "it = iter(())\nfor _ in range(10**5): it = map(int, it)\nnext(it, None)",
    "a comparison that recurses": "a, b = [], []\nfor _ in range(10**5): a, b = [a], [b]\na == b",
    "a pickle that recurses": "import pickle\nx = []\nfor _ in range(10**5): x = [x]\npickle.dumps(x)",
    "memory that is freed twice": "import gc\nfor _ in range(50):\n    x = [object() for _ in range(1000)]; gc.collect(); del x[:]",
    "a buffer that moves": "b = bytearray(100)\nm = memoryview(b)\ntry: b.extend(bytes(10**6))\nexcept BufferError: pass",
    "the channel itself": """
from ringfence_guest import _host
for value in (b"", bytearray(0), memoryview(b"")): _host.send(value)
for wrong in (None, 5, "text"):
    try: _host.send(wrong)
    except TypeError: pass
try: _host.receive(b"read-only")
except BufferError: pass
except TypeError: pass
for time in (10**30, -10**30):
    try: _host.wait(time)
    except OverflowError: pass
""",
}


@pytest.mark.parametrize("name", _ATTACKS)
def test_an_attack_ends_at_the_guest(name: str) -> None:
    guest = WasmGuest()
    try:
        status, _ = guest.run(_ATTACKS[name])
        assert status in ("ok", "error", "limit")
        assert guest.value("40 + 2") == 42
    except InstanceStopped as stopped:
        assert stopped.cause is None
    finally:
        guest.close()
    other = WasmGuest()
    assert other.value("40 + 2") == 42
    other.close()


def test_many_guests_leave_nothing_behind() -> None:
    """Started, used, broken and closed: the process holds no more than before."""
    import resource

    def use(number: int) -> None:
        guest = WasmGuest()
        try:
            if number % 3:
                assert guest.value(f"sum(range({number}))") == sum(range(number))
            else:
                with pytest.raises(InstanceStopped):
                    guest.run("import os\nos._exit(1)")
        finally:
            guest.close()

    for number in range(20):
        use(number)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(200):
        use(number)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30 << 10  # KiB
