"""The interpreter in the image: it computes, it fails as Python fails, and it stops when asked."""

from __future__ import annotations

import threading

import pytest
from wasmtime import Engine, Module

from ringfence.images.wasi.build import MODULE, find_image
from ringfence.wasm.host import IMPORTS, GuestLeft
from ringfence.wasm.instance import InstanceStopped
from tests.support.wasm_guest import WasmGuest


def test_the_module_imports_nothing_but_what_the_host_lends() -> None:
    module = Module(Engine(), (find_image() / MODULE).read_bytes())
    imported = {(it.module, it.name) for it in module.imports}
    assert imported == {("ringfence", name) for name in IMPORTS}


def test_who_it_is(shared: WasmGuest) -> None:
    code = "import sys\nsys.platform, sys.version_info[:3], sys.maxsize, sys.argv, sys.flags.hash_randomization"
    assert shared.value(code) == ("wasi", (3, 13, 5), 2**31 - 1, [""], 0)
    assert shared.value("import os\ndict(os.environ)['HOME'], os.getcwd()") == (
        "/box/tmp",
        "/box/tmp",
    )


def test_state_stays_between_turns(guest: WasmGuest) -> None:
    guest.value("import itertools\ncounter = itertools.count(5)\nnext(counter)")
    assert guest.value("next(counter), next(counter)") == (6, 7)


def test_what_is_printed_comes_with_its_turn(guest: WasmGuest) -> None:
    frames = guest.ask(
        "run", ["print('out')\nimport sys\nprint('err', file=sys.stderr)", None, None, None]
    )
    said = [(f.header["stream"], bytes(f.blob)) for f in frames if f.header["type"] == "output"]
    assert said == [("stdout", b"out\n"), ("stderr", b"err\n")]
    assert guest.printed == b""


def test_asyncio(shared: WasmGuest) -> None:
    code = """
import asyncio
async def work(number):
    await asyncio.sleep(0.001)
    return number * 2
await asyncio.gather(*(work(n) for n in range(5)))
"""
    assert shared.value(code) == [0, 2, 4, 6, 8]
    assert shared.value("async def f(): return 3\nasyncio.run(f())") == 3


@pytest.mark.parametrize(
    "module",
    [
        "abc",
        "argparse",
        "array",
        "ast",
        "asyncio",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "cmath",
        "codecs",
        "collections",
        "configparser",
        "contextlib",
        "copy",
        "csv",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "dis",
        "email",
        "enum",
        "fnmatch",
        "fractions",
        "functools",
        "getpass",
        "glob",
        "graphlib",
        "gzip",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "http.client",
        "inspect",
        "io",
        "ipaddress",
        "itertools",
        "json",
        "keyword",
        "linecache",
        "locale",
        "logging",
        "math",
        "mimetypes",
        "numbers",
        "operator",
        "os",
        "pathlib",
        "pickle",
        "pkgutil",
        "platform",
        "pprint",
        "queue",
        "random",
        "re",
        "reprlib",
        "sched",
        "secrets",
        "shlex",
        "shutil",
        "signal",
        "sqlite3",
        "statistics",
        "string",
        "stringprep",
        "struct",
        "sys",
        "tarfile",
        "tempfile",
        "textwrap",
        "threading",
        "time",
        "timeit",
        "tomllib",
        "traceback",
        "types",
        "typing",
        "unicodedata",
        "unittest",
        "urllib.parse",
        "urllib.request",
        "uuid",
        "warnings",
        "weakref",
        "xml.dom.minidom",
        "xml.etree.ElementTree",
        "zipfile",
        "zlib",
        "zoneinfo",
    ],
)
def test_modules_that_people_expect(shared: WasmGuest, module: str) -> None:
    assert (
        shared.value(f"import {module}\n{module.partition('.')[0]}.__name__")
        == module.partition(".")[0]
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import hashlib\nhashlib.sha256(b'a').hexdigest()[:8]", "ca978112"),
        ("import zlib\nzlib.decompress(zlib.compress(b'a' * 100000)) == b'a' * 100000", True),
        ("import decimal\nstr(decimal.Decimal(1) / 7)", "0.1428571428571428571428571429"),
        (
            "import sqlite3\nsqlite3.connect(':memory:').execute('select sqlite_version(), sqrt(2.25)').fetchone()",
            ("3.46.1", 1.5),
        ),
        ("import struct\nstruct.calcsize('P')", 4),
        ("import datetime\ndatetime.datetime(2024, 2, 29).strftime('%A %j')", "Thursday 060"),
        ("import statistics\nstatistics.stdev([1, 2, 3, 4])", 1.2909944487358056),
        (
            "import math\nmath.factorial(20), math.comb(50, 25), round(math.lgamma(0.5), 12)",
            (2432902008176640000, 126410606437752, 0.572364942925),
        ),
        (
            "import math\n[n for n in range(-1074, 1024) if math.log2(math.ldexp(1.0, n)) != n]",
            [],
        ),
        (
            "import math\nmath.log2(1e-308), math.log2(3), math.log2(1 + 2**-52)",
            (-1023.1538532253076, 1.584962500721156, 3.2034265038149176e-16),
        ),
        (
            "import inspect, textwrap\ninspect.getsource(textwrap.dedent).splitlines()[0]",
            "def dedent(text):",
        ),
    ],
)
def test_modules_do_their_work(shared: WasmGuest, code: str, expected: object) -> None:
    assert shared.value(code) == expected


def test_bytes_are_found_and_compared_at_any_place(shared: WasmGuest) -> None:
    code = """
wrong = []
for size in range(70):
    for start in range(9):
        plain = b"." * start + b"a" * size
        if plain[start:] != b"a" * size or plain.find(b"x") != -1 or plain.rfind(b"x") != -1:
            wrong.append((size, start))
        for place in range(start, start + size):
            for byte in (0, 98, 128, 255):
                other = plain[:place] + bytes([byte]) + plain[place + 1 :]
                view, found = memoryview(other)[start:], place - start
                text = bytes(view).decode("latin-1")
                if not (
                    bytes(view).find(byte) == bytes(view).rfind(byte) == text.find(chr(byte)) == found
                    and bytes(view) != b"a" * size
                    and (bytes(view) < b"a" * size) == (byte < 97)
                    and bytes(view) + bytes([byte]) != plain[start:]
                ):
                    wrong.append((size, start, place, byte))
wrong
"""
    assert shared.value(code) == []


def test_the_first_and_the_last_of_several_are_found(shared: WasmGuest) -> None:
    code = """
def naive(data, byte):
    places = [n for n, it in enumerate(data) if it == byte]
    return (places[0], places[-1]) if places else (-1, -1)
import random
draw = random.Random(1)
tried = [bytes(draw.choices((0, 1, 127, 128, 255), k=draw.randrange(90))) for _ in range(2000)]
[data for data in tried for byte in (0, 1, 127, 128, 255)
 if (data.find(byte), data.rfind(byte)) != naive(data, byte)]
"""
    assert shared.value(code) == []


def test_what_is_not_there_is_not_offered(shared: WasmGuest) -> None:
    code = "import os, signal\n[name for name in dir(os) if 'timerfd' in name.lower()], signal.ITIMER_REAL, signal.setitimer.__module__, os.fork.__module__"
    assert shared.value(code) == ([], 0, "signal", "os")


# --- failing as Python fails ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("def f(): return f()\nf()", "RecursionError"),
        ("import json\njson.loads('[' * 10**6)", "RecursionError"),
        ("eval('-' * 100_000 + '1')", "MemoryError"),
        ("eval('(' * 100_000)", "MemoryError"),
        ("x = []\nfor _ in range(10**5): x = [x]\nrepr(x)", "RecursionError"),
        (
            "class A:\n    def __getattr__(self, name): return getattr(self, name + 'a')\nA().b",
            "RecursionError",
        ),
        ("import re\nre.compile('(' * 5000)", "RecursionError"),
        ("'a' * 10**9", "MemoryError"),
        ("x = []\nwhile True: x.append('a' * 10**6)", "MemoryError"),
        ("import threading\nthreading.Thread(target=print).start()", "RuntimeError"),
        ("import subprocess\nsubprocess.run(['ls'])", "PermissionError"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 80))", "PermissionError"),
        ("import ctypes", "ModuleNotFoundError"),
        ("import os\nos.fork()", "PermissionError"),
    ],
)
def test_a_failure_leaves_the_guest_usable(guest: WasmGuest, code: str, kind: str) -> None:
    status, error = guest.run(code)
    assert (status, error[0]) == ("limit" if kind == "MemoryError" else "error", kind)
    assert guest.value("40 + 2") == 42


def test_deallocation_that_recurses(guest: WasmGuest) -> None:
    assert guest.value("t = ()\nfor _ in range(10**5): t = (t,)\ndel t\n1") == 1
    assert guest.value("x = []\nfor _ in range(10**5): x = [x]\ndel x\n2") == 2


@pytest.mark.parametrize(
    ("code", "left"),
    [("import os\nos._exit(3)", 3), ("import os\nos.abort()", None)],
    ids=["_exit", "abort"],
)
def test_a_guest_that_ends_itself(guest: WasmGuest, code: str, left: int | None) -> None:
    with pytest.raises(InstanceStopped) as caught:
        guest.run(code)
    if left is not None:
        assert isinstance(caught.value.cause, GuestLeft)
        assert caught.value.cause.code == left


# --- stopping ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import time\ntime.sleep(1000)",
        "import re\nre.match('(a+)+$', 'a' * 40 + 'b')",
        "import asyncio\nawait asyncio.sleep(1000)",
        "import select\nselect.select([], [], [], 1000)",
        "import threading\nthreading.Event().wait(1000)",
        "import threading\nthreading.Event().wait()",
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        "import select\nselect.poll().poll()",
    ],
    ids=["loop", "sleep", "regex", "asyncio", "select", "event", "event-ever", "lock", "poll"],
)
def test_an_interrupt_ends_a_turn_and_no_more(guest: WasmGuest, code: str) -> None:
    guest.value("kept = 5")
    began = threading.Event()
    clock = guest.clock

    def watched(which: int) -> int:
        began.set()
        return clock(which)

    guest.clock = watched  # type: ignore[method-assign]

    def stop() -> None:
        began.wait()
        guest.interrupt()

    stopper = threading.Thread(target=stop)
    stopper.start()
    status, error = guest.run(f"import time; time.time()\n{code}")
    stopper.join()
    assert (status, error[0]) == ("interrupted", "KeyboardInterrupt")
    assert guest.value("kept") == 5


# --- clocks --------------------------------------------------------------------------------


def test_processor_time_is_not_the_time_of_day(guest: WasmGuest) -> None:
    code = """
import os, time
before = time.process_time(), os.times().user, time.monotonic(), os.times().elapsed
time.sleep(0.3)
idle = time.process_time() - before[0], os.times().user - before[1]
passed = time.monotonic() - before[2], os.times().elapsed - before[3]
while time.process_time() - before[0] < 0.1: pass
max(idle) < 0.2, min(passed) > 0.28, os.times().user > before[1]
"""
    assert guest.value(code) == (True, True, True)


def test_a_clock_that_does_not_exist(guest: WasmGuest) -> None:
    code = """
import time
def refused(call, number):
    try:
        call(number)
    except OSError as error:
        return error.strerror
[refused(call, number) for call in (time.clock_gettime, time.clock_getres) for number in (-22, 0, 2, 1 << 30)]
"""
    assert guest.value(code) == ["Invalid argument"] * 8


def test_sysconfig_knows_where_the_library_is(guest: WasmGuest) -> None:
    code = "import sysconfig, os; os.path.normpath(sysconfig.get_path('stdlib'))"
    assert guest.value(code) == "//lib/python3.13"


# --- memory --------------------------------------------------------------------------------

SMALL = """
class Node:
    __slots__ = ("next",)
head = None
for n in range(10**8):
    node = Node(); node.next = head; head = node
"""


@pytest.mark.parametrize(
    "code",
    [
        SMALL,
        "kept = []\nwhile True: kept.append(object())",
        "kept = {}\nn = 0\nwhile True: n += 1; kept[n] = str(n)",
    ],
    ids=["nodes", "list", "dict"],
)
def test_memory_that_is_used_up_by_small_objects(code: str) -> None:
    guest = WasmGuest(16 << 20)
    try:
        for _ in range(3):
            status, error = guest.run(code)
            assert (status, error[0]) == ("limit", "MemoryError")
            assert guest.value("kept = head = node = None; 5") == 5
    finally:
        guest.close()


# --- apart ---------------------------------------------------------------------------------


def test_no_two_guests_draw_the_same_numbers() -> None:
    code = "import random, uuid, secrets, tempfile\nrandom.random(), uuid.uuid4(), secrets.token_hex(), tempfile.mktemp()"
    drawn = []
    for _ in range(2):
        one = WasmGuest()
        drawn.append(one.value(code))
        one.close()
    assert all(first != second for first, second in zip(*drawn, strict=True))


def test_no_guest_sees_what_another_did() -> None:
    one, other = WasmGuest(), WasmGuest()
    one.value("import sys, os\nsys.modules['mine'] = 1\nopen('file', 'w').write('x')\nsecret = 1")
    assert other.value(
        "import sys, os\n'mine' in sys.modules, os.listdir('.'), 'secret' in globals()"
    ) == (False, [], False)
    one.close()
    other.close()
