"""``python=``: guests of another CPython than the host's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Limits
from tests.conformance.conftest import Make, Run
from tests.conformance.interpreters import SUPPORTED, find_interpreter
from tests.conformance.same import same
from tests.conformance.test_values import _VALUES


@pytest.fixture(params=SUPPORTED, ids=lambda version: f"{version[0]}.{version[1]}")
def version(request: pytest.FixtureRequest) -> tuple[int, int]:
    """One of the versions that guests may be of."""
    wanted: tuple[int, int] = request.param
    return wanted


@pytest.fixture
def python(run: Run, version: tuple[int, int]) -> str:
    """The path of an interpreter of this version that guests can be started with."""
    path = find_interpreter(version)
    if path is None:
        pytest.skip(f"no CPython {version[0]}.{version[1]} on this machine")
    try:
        run("1", python=path)
    except ringfence.PolicyNotEnforceable as error:
        if "cannot be read once root's rights are given up" not in str(error):
            raise
        pytest.skip(f"{path} can be read by root only, and there is no mount namespace")
    return path


@pytest.mark.requirement("python.other")
def test_version(run: Run, python: str, version: tuple[int, int]) -> None:
    code = "import sys\nsys.version_info[:2], sys.implementation.name"
    for given in (python, Path(python)):
        result = run(code, python=given)
        assert result.status == "ok", result.error
        assert result.value == (version, "cpython")


@pytest.mark.requirement("python.same-api")
def test_values(make: Make, python: str) -> None:
    box = make(python=python)
    for values in _VALUES.values():
        for value in values:
            result = box.run("value", inputs={"value": value})
            assert result.status == "ok", result.error
            assert same(result.value, value)


@pytest.mark.requirement("python.same-api")
def test_errors(make: Make, python: str) -> None:
    box = make(python=python)
    result = box.run("def f():\n    raise ValueError('x')\nf()")
    assert result.error is not None
    assert result.error.traceback == (
        "Traceback (most recent call last):\n"
        '  File "<cell 1>", line 3, in <module>\n    f()\n'
        + ("    ~^^\n" if _version(box) >= ("3", "13") else "")
        + "  File \"<cell 1>\", line 2, in f\n    raise ValueError('x')\nValueError: x\n"
    )
    for code in ("x = (", "await asyncio.sleep('x')", "1/0", "import no_such_module"):
        shown = box.run(f"import asyncio\n{code}")
        assert shown.error is not None
        assert "ringfence" not in shown.error.traceback
        assert "run_until_complete" not in shown.error.traceback


def _version(box: ringfence.Sandbox) -> tuple[str, str]:
    value: tuple[str, str] = box.run(
        "import sys\n(str(sys.version_info[0]), str(sys.version_info[1]))"
    ).value
    return value


@pytest.mark.requirement("python.same-api")
def test_conversation(make: Make, python: str) -> None:
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x

    def add(a: int, b: int = 1) -> int:
        return a + b

    box = make(python=python, functions=[later, add], stdin="line", modules={"m": "x = 1"})
    cases: dict[str, Any] = {
        "add(1), await later(2)": (2, 2),
        "import asyncio\nawait asyncio.gather(*[later(n) for n in range(9)])": list(range(9)),
        "async def main():\n    return await later(5)\nasyncio.run(main())": 5,
        "async with asyncio.TaskGroup() as g:\n    t = g.create_task(later(6))\nt.result()": 6,
        "import m\nm.x, input()": (1, "line"),
        "add.__name__, add.__doc__": ("add", "add(a: int, b: int = 1) -> int"),
        "[x async for x in (await later(n) for n in range(3))]": [0, 1, 2],
    }
    for code, value in cases.items():
        result = box.run(code)
        assert result.status == "ok", (code, result.error)
        assert result.value == value
    printed = box.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay(1)")
    assert (printed.stdout, printed.stderr, len(printed.displays)) == ("out\n", "err\n", 1)


@pytest.mark.requirement("python.same-api")
def test_limits(make: Make, python: str) -> None:
    box = make(python=python, limits=Limits(wall=0.5, memory="64MiB", output=4_096))
    ends = {
        "while True: len('')": "wall",
        "import time\ntime.sleep(1000)": "wall",
        "bytearray(10 ** 9)": "memory",
        "print('x' * 9999)": "output",
    }
    for code, limit in ends.items():
        result = box.run(code)
        assert (result.status, result.limit, result.alive) == ("limit", limit, True), code
    assert box.run("1").value == 1


@pytest.mark.requirement("python.same-api")
def test_denials(make: Make, python: str) -> None:
    box = make(python=python)
    for code in ("import socket\nsocket.socket()", "import os\nos.fork()", "open('/etc/passwd')"):
        result = box.run(code)
        assert result.error is not None
        assert result.error.type in ("PermissionError", "FileNotFoundError")


@pytest.mark.requirement("python.same-api")
def test_standard_library(make: Make, python: str) -> None:
    code = (
        "import csv, ctypes, datetime, decimal, hashlib, json, math, queue, random, re, sqlite3,"
        " ssl, statistics, threading, unittest, uuid, xml.etree.ElementTree, zlib\n"
        "sqlite3.connect(':memory:').execute('select 1').fetchall(), len(ssl.RAND_bytes(4)),"
        " hashlib.sha256(b'').hexdigest()[:4], zlib.crc32(b'x')"
    )
    result = make(python=python).run(code)
    assert result.status == "ok", result.error
    assert result.value == ([(1,)], 4, "e3b0", 2363233923)


@pytest.mark.requirement("python.same-api")
def test_no_two_guests_draw_the_same(run: Run, python: str) -> None:
    code = "import os, random, ssl, uuid\n[random.random(), ssl.RAND_bytes(8), str(uuid.uuid4()), os.urandom(8)]"
    one, other = run(code, python=python).value, run(code, python=python).value
    assert all(a != b for a, b in zip(one, other, strict=True))


@pytest.mark.requirement("python.refused")
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("/no/such/python", "python='/no/such/python' cannot be used: No such file or directory"),
        ("/bin/ls", "python='/bin/ls' is not a Python interpreter"),
        ("/", "python='/'"),
        ("", "python='' is not a path"),
    ],
)
def test_refused(run: Run, given: str, reason: str) -> None:
    with pytest.raises(ringfence.ConfigurationError) as caught:
        run("1", python=given)
    assert str(caught.value).startswith(reason)
    assert "pass python= the path of a CPython 3.11 to 3.14" in str(caught.value)


@pytest.mark.requirement("python.refused")
def test_old_version_is_refused(run: Run) -> None:
    root = Path.home() / ".pyenv" / "versions"
    old = next(iter(sorted(root.glob("3.[6-9].*/bin/python3"))), None)
    if old is None:
        pytest.skip("no CPython older than 3.11 on this machine")
    with pytest.raises(ringfence.ConfigurationError, match=r"3\.\d+\.\d+"):
        run("1", python=old)
