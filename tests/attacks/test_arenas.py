"""What a guest tries with memory that the host lent."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence.plugins import Array, HookSpec, PluginHost, hook
from tests.plugins.specs import bundle
from tests.support.capabilities import require

MIB = 1 << 20

_ADDRESS = "import ctypes\naddress = array.__array_interface__['data'][0]\n"
_KERNEL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
"""


def lent(engine: str, code: str, array: np.ndarray) -> ringfence.Result:
    require(engine, "packages")
    result = ringfence.run(code, engine=engine, packages=["numpy"], inputs={"array": array})
    if not result.usage.shared:
        pytest.skip(f"{engine} shares no memory: arrays are copies")
    return result


def test_writing_to_the_pages(engine: str) -> None:
    array = ringfence.empty(MIB)
    result = lent(engine, _ADDRESS + "ctypes.memset(address, 1, 8)", array)
    assert result.error is not None
    assert (result.status, result.error.type) == ("crashed", "SIGSEGV")
    assert not array.any()


@pytest.mark.parametrize(
    ("attempt", "answer"),
    [
        ("libc.mprotect(ctypes.c_void_p(address), 4096, 3)", -1),
        ("libc.mremap(ctypes.c_void_p(address), 4096, 1 << 30, 1)", -1),
        ("libc.madvise(ctypes.c_void_p(address), 4096, 9)", -1),
    ],
)
def test_making_the_pages_writable(engine: str, attempt: str, answer: int) -> None:
    array = ringfence.empty(MIB)
    array[0] = 7.0
    result = lent(engine, _KERNEL + _ADDRESS + f"{attempt}, float(array[0])", array)
    assert (result.status, result.value) == ("ok", (answer, 7.0))
    assert array[0] == 7.0


def test_finding_the_descriptor(engine: str) -> None:
    """None of the guest's descriptors is the memory's, by which guests could tell each other things
    (a position, flags, times), or punch holes."""
    array = ringfence.empty(MIB)
    code = """
import os
from typing import Any
found = []
for number in range(64):
    try:
        status = os.fstat(number)
    except OSError:
        continue
    if status.st_size:
        found.append(number)
found
"""
    result = lent(engine, code, array)
    assert (result.status, result.value) == ("ok", [])


def test_the_hosts_descriptor_is_sealed(engine: str) -> None:
    array = ringfence.empty(MIB)
    lent(engine, "1", array)
    owner: Any = array
    while not hasattr(owner, "descriptor"):
        owner = owner.obj if isinstance(owner, memoryview) else owner.base
    with pytest.raises(PermissionError):
        os.write(owner.descriptor, b"x")
    with pytest.raises(PermissionError):
        os.ftruncate(owner.descriptor, 1)


def test_returning_what_looks_shared(engine: str) -> None:
    """A guest names memory that was lent in what it returns: the host never looks there."""
    require(engine, "packages")
    array = ringfence.empty(MIB)
    code = """
import sys
from ringfence_guest.protocol import codec
sys.modules["ringfence_guest.agent"].codec = type("C", (), {
    "encode": staticmethod(lambda value, **_: codec.Packed(b'{"shared":["<f8",[1],0,0]}', [], 0)),
})
1
"""
    result = ringfence.run(code, engine=engine, packages=["numpy"], inputs={"array": array})
    assert result.error is not None
    assert (result.status, result.error.type) == ("crashed", "Protocol")
    assert result.error.message == (
        "the guest broke the protocol: an array in memory that was not lent"
    )


def test_one_input_for_two_tenants(engine: str) -> None:
    """What one guest does to an input, another does not see."""
    array = ringfence.empty(MIB)
    spoil = (
        _KERNEL
        + _ADDRESS
        + """
for call, *arguments in (
    ("mprotect", 4096, 3), ("madvise", 4096, 4), ("madvise", 4096, 9), ("msync", 4096, 4),
    ("mlock", 4096), ("munmap", 4096),
):
    getattr(libc, call)(ctypes.c_void_p(address), *arguments)
"done"
"""
    )
    assert lent(engine, spoil, array).value == "done"
    assert lent(engine, "float(array.sum())", array).value == 0.0


class Maps(HookSpec, name="tests.maps", version="1.0"):
    """A hook whose answers come in memory that the guest is lent for them."""

    @hook()
    def map(self, x: Array[np.float64, " n"]) -> Array[np.float64, " m"]:
        """Of the first number."""


FORGER = """
import numpy as np

def map(x):
    if x[0] == 0.0:
        return x * 1.0
    agent = np.__builtins__["progress"].__self__
    memory, link = agent._arenas.output, agent.link
    size, body = len(memory), b"null"
    %s
    link.offer({"type": "stored", "turn": link._turn, "size": size}, body)
    while True:
        pass
"""

FORGED = {
    "size += 1": "a value in memory that was not lent",
    "size = (1 << 53) - 1": "a value in memory that was not lent",
    "size = 1 << 53": "size is not a small natural number",
    "size = -1": "size is not a small natural number",
    "size = True": "size is not a small natural number",
    "pass": "bytes that the value does not refer to",
    "size, body = 8, b'{\"bytes\":9}'": "a reference beyond the blob",
    'size, body = 8, b\'{"array":["|O",[1],8]}\'': "an array of a dtype that may not cross",
    'size, body = 8, b\'{"array":["<f8",[2],8]}\'': "an array whose shape and bytes disagree",
    'size, body = 0, b\'{"shared":["<f8",[1],0,0]}\'': "an array in memory that was not lent",
    "link._turn += 1": "the end of another turn",
}


@pytest.mark.parametrize("forged", FORGED)
def test_an_answer_that_is_said_to_be_in_memory(forged: str) -> None:
    """A guest writes the frame itself that says how much of the memory is its answer."""
    plugin = bundle(FORGER % forged, spec="tests.maps", packages=["numpy"])
    good, bad = np.zeros(1 << 17), np.ones(1 << 17)
    with PluginHost(Maps, [plugin], engine="native", packages=["numpy"], workers=1) as host:
        assert host.call("map", x=good).value.sum() == 0.0
        answer = host.ask_plugins("map", x=bad)
        assert answer is not None
        (failure,) = answer.failures
        assert (failure.kind, answer.value) == ("crashed", None)
        assert failure.reason == f"Protocol: the guest broke the protocol: {FORGED[forged]}"
        assert host.quarantined["counter"].reason.reason == failure.reason


def test_an_answer_where_no_memory_was_lent(engine: str) -> None:
    code = """
link = progress.__self__.link
link.offer({"type": "stored", "turn": link._turn, "size": 0}, b"null")
while True:
    pass
"""
    result = ringfence.run(code, engine=engine)
    assert result.error is not None
    assert (result.status, result.error.type) == ("crashed", "Protocol")
    assert result.error.message == (
        "the guest broke the protocol: a value in memory that was not lent"
    )
