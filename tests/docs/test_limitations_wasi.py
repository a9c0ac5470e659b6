"""Each line of docs/limitations/wasi.md, run. A line without a witness fails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence.runtime.evaluator import GuestProgram
from ringfence.runtime.recipe import Recipe
from tests.docs.limitations import Case, denied, lines_of, verdict_of
from tests.support.wheels import build_wheel

LINES = lines_of("wasi")
CAPABILITIES = ringfence.engines()["wasi"].capabilities

_LACKING = "error: ModuleNotFoundError"
_INSTEAD = "lend a host function"


def lacking(*names: str, says: str = "is built without it") -> list[Case]:
    return [Case(f"import {name}", _LACKING, says=says) for name in names]


def no_thread(code: str) -> Case:
    return Case(
        code, "error: RuntimeError", says="can't start new thread: there are none here; use "
    )


CASES: Mapping[str, list[Case]] = {
    "It is CPython 3.13, whatever the host's is.": [
        Case("import sys; sys.implementation.name, sys.version_info[:2]", ("cpython", (3, 13)))
    ],
    "It has 32 bits.": [
        Case("import sys; sys.maxsize", 2**31 - 1),
        Case("bytearray(10**12)", "error: OverflowError"),
        Case("bytearray(2 * 10**9)", "limit: memory"),
        Case("10**12 + 1", 10**12 + 1),
    ],
    "Modules in C are missing.": lacking(
        "bz2", "lzma", "ssl", "ctypes", "mmap", "curses", "readline"
    ),
    "Modules about a Unix system are missing.": lacking(
        "fcntl", "grp", "pwd", "resource", "syslog", "termios", "tty", "pty"
    ),
    "Modules that need a screen or install something are missing.": [
        *lacking("tkinter", "turtle", "turtledemo", "idlelib", says="there is no screen here"),
        *lacking("ensurepip", "venv", says="nothing is installed from here"),
    ],
    "No `HTTPSConnection`.": [
        Case("import http.client; hasattr(http.client, 'HTTPSConnection')", False)
    ],
    "No `shared_memory`.": [Case("import multiprocessing.shared_memory", _LACKING)],
    "Hashes of OpenSSL are missing.": [
        Case(
            "import hashlib; [hasattr(hashlib, n) for n in ('scrypt', 'pbkdf2_hmac', 'sha3_256')]",
            [False, False, True],
        )
    ],
    "`sysconfig` knows no build.": [
        Case(
            "import sysconfig; sysconfig.get_python_version(), sysconfig.get_config_var('CFLAGS')",
            ("3.13", None),
        )
    ],
    "Files are in the guest's memory.": [
        Case("open('a', 'wb').write(bytes(70 << 20))", "error: OSError"),
        Case(
            "with open('a', 'wb') as file:\n"
            "    for _ in range(40): file.write(bytes(1 << 20))",
            "error: OSError",
            ringfence.Limits(memory="64MiB", disk="60MiB"),
            says="No space left on device",
        ),
    ],
    "Modes mean nothing.": [
        Case("import os; open('a', 'w').write('x'); os.chmod('a', 0); open('a').read()", "x")
    ],
    "Large objects take up to twice their size.": [
        Case("len(bytearray(120 << 20))", 120 << 20, ringfence.Limits(memory="200MiB")),
        Case("len(bytearray(140 << 20))", "limit: memory", ringfence.Limits(memory="200MiB")),
    ],
    "An error for want of memory may come without its lines.": [
        Case(
            "kept = []\nwhile True: kept.append(bytearray(100))",
            "limit: memory",
            ringfence.Limits(memory="16MiB"),
        )
    ],
    "Only scratch can be written.": [
        Case("import os; os.getcwd(), os.path.realpath('/tmp')", ("/box/tmp", "/box/tmp")),
        Case("open('/box/a', 'w')", "error: OSError"),
        Case("import json; len(open(json.__file__).read()) > 0", True),
        Case("open('/lib/python3.13/json/__init__.py', 'w')", "error: OSError"),
    ],
    "No owners, no mask.": [
        Case(
            "import os, shutil\n"
            "[n for n in ('chown', 'umask', 'getuid', 'mkfifo', 'statvfs') if hasattr(os, n)],"
            " hasattr(shutil, 'disk_usage')",
            ([], False),
        )
    ],
    "No processes.": [
        denied("import os; os.fork()", _INSTEAD),
        denied("import os; os.forkpty()", _INSTEAD),
        denied("import os; os.execv('/bin/true', ['true'])", _INSTEAD),
        denied("import os; os.execl('/bin/true', 'true')", _INSTEAD),
        denied("import os; os.spawnl(1, 'a')", _INSTEAD),
        denied("import os; os.posix_spawn('/bin/true', ['true'], {})", _INSTEAD),
        denied("import os; os.popen('true')", _INSTEAD),
        denied("import subprocess; subprocess.run(['true'])", _INSTEAD),
        denied("import asyncio; await asyncio.create_subprocess_exec('true')", _INSTEAD),
        denied("import multiprocessing as m; m.Process(target=len).start()", _INSTEAD),
        denied("import multiprocessing as m; m.Pool(1)", _INSTEAD),
        denied("import multiprocessing as m; m.Lock()", _INSTEAD),
        denied(
            "from concurrent.futures import ProcessPoolExecutor as P; P(1).submit(len, '')", _INSTEAD
        ),
        Case("import os; os.waitpid(-1, os.WNOHANG)", "error: ChildProcessError"),
        Case(
            "import io, os, sys; sys.stderr = said = io.StringIO()\n"
            f"os.system('true'), {_INSTEAD!r} in said.getvalue()",
            (32512, True),
        ),
    ],
    "No pipes.": [denied("import os; os.pipe()", "use io.BytesIO, collections.deque")],
    "No threads.": [
        no_thread("import threading; threading.Thread(target=print).start()"),
        no_thread("import threading; threading.Timer(0, print).start()"),
        no_thread("import _thread; _thread.start_new_thread(print, ())"),
        no_thread("from concurrent.futures import ThreadPoolExecutor as P; P(1).submit(print)"),
        no_thread("import asyncio; await asyncio.to_thread(print)"),
        Case("import threading; threading.active_count()", 1),
    ],
    "A guest is alone.": [Case("import os; os.getpid(), os.getppid()", (42, 0))],
    "No signals to others.": [
        denied("import os; os.kill(1, 9)", "signal.raise_signal reaches this one"),
        denied("import os; os.kill(os.getpid(), 15)", "signal.raise_signal reaches this one"),
        Case(
            "import signal; seen = []; signal.signal(signal.SIGUSR1, lambda *a: seen.append(1))\n"
            "signal.raise_signal(signal.SIGUSR1); seen",
            [1],
        ),
    ],
    "A signal that ends a process ends the guest.": [
        Case("import signal; signal.raise_signal(signal.SIGTERM)", "crashed"),
        Case("import os; os.abort()", "crashed"),
    ],
    "No alarms.": [
        denied("import signal; signal.alarm(1)", "use asyncio.timeout"),
        denied("import signal; signal.setitimer(0, 1)", "asyncio"),
        Case(
            "import asyncio\nasync with asyncio.timeout(0.01): await asyncio.sleep(9)",
            "error: TimeoutError",
        ),
    ],
    "No sockets.": [
        denied("import socket; socket.socket()", _INSTEAD),
        denied("import socket; socket.socket(socket.AF_UNIX)", _INSTEAD),
        denied("import socket; socket.socketpair()", _INSTEAD),
        denied("import socket; socket.create_connection(('127.0.0.1', 80))", _INSTEAD),
        denied("import asyncio; await asyncio.open_connection('127.0.0.1', 80)", _INSTEAD),
        Case(
            "import urllib.request; urllib.request.urlopen('http://example.com')",
            "error: URLError",
            says=_INSTEAD,
        ),
    ],
    "No names.": [
        Case("import socket; socket.gethostbyname('a.b')", "error: gaierror", says=_INSTEAD),
        Case("import asyncio; await asyncio.open_connection('a.b', 80)", "error: gaierror"),
        Case("import socket; socket.getaddrinfo('10.0.0.1', 80)[0][4]", ("10.0.0.1", 80)),
    ],
    "Descriptors 0 to 2 lead nowhere.": [
        Case("import os; os.write(1, b'lost')", 4),
        Case("import os; [os.isatty(n) for n in range(3)]", [False] * 3),
    ],
    "Hash seed and addresses are shared.": [
        Case("hash('a') == seed, id(None) == address", (True, True))
    ],
}  # fmt: skip

ELSEWHERE: Mapping[str, str] = {
    "No packages by name.": "test_refused",
    "A wheel may need what is not there.": "test_a_wheel_that_needs_more",
    "Packages are compiled when they are lent first.": "test_a_wheel_that_needs_more",
    "Computing takes about twice as long.": "docs/performance.md",
    "What is printed in a burst may wait.": "tests/unit/guest/test_output.py; here it takes a clock",
    "One guest is there ahead.": "tests/lifecycle/test_spares.py",
    "A batch cannot be bounded call by call.": "test_batches",
    "A batch that does not end is lost.": "test_batches",
    "NumPy arrays do not arrive.": "test_arrays",
    "No NumPy, and no other native code.": "test_refused",
    "No image of one's own.": "test_refused",
    "Determinism ends where answers come from outside.": "tests/conformance/test_determinism.py",
    "Fuel is exact where chance is fixed.": "test_fuel",
    "A guest that ran out of fuel is gone.": "test_fuel",
    "Counting takes time.": "docs/performance.md",
    "Instructions are of the image.": "another image",
    "No steps.": "test_refused",
    "No share of a core.": "test_refused",
    "No paths of the host.": "test_refused",
    "At most 3 GiB.": "test_refused",
    "Linux on x86_64.": "another machine",
    "Idle guests give pages back on x86-64 and AArch64": (
        "tests/unit/images/wasi/test_recipe.py::test_for_whom_there_is_a_workers_code"
    ),
    "Elsewhere it stands behind `{process, wasm}`.": "tests/levels/test_bare.py",
    "On Windows it was tested under Wine alone.": "tests/levels/test_windows.py",
    "On Windows a guest shares little with others.": "another machine",
    "No image is built from sources on Windows.": "tests/windows/test_image.py",
    "No image is built from sources on macOS.": "another machine",
    "A snapshot belongs to one module": "tests/conformance/test_freezing.py::test_another_image",
    "Twins draw the same random numbers.": "test_twins",
    "Monotonic clocks may jump.": "another machine",
}


@pytest.fixture(scope="module", autouse=True)
def _available() -> None:
    if not ringfence.engines()["wasi"].availability.walls:
        pytest.skip(f"wasi cannot run here: {ringfence.engines()['wasi'].availability.remedy}")


def test_every_line_has_a_witness() -> None:
    assert sorted(LINES) == sorted({*CASES, *ELSEWHERE})


def test_every_missing_module_is_on_the_page() -> None:
    named = {case.code.removeprefix("import ") for line in LINES[2:5] for case in CASES[line]}
    assert named == CAPABILITIES.missing_modules


CASE_LIST = [(line, case) for line, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("line", "case"), CASE_LIST, ids=[line for line, _ in CASE_LIST])
def test_line(line: str, case: Case) -> None:
    inputs = None
    if "seed" in case.code:
        first = ringfence.run("hash('a'), id(None)", engine="wasi").raise_for_status().value
        inputs = {"seed": first[0], "address": first[1]}
    verdict_of(case, ringfence.run(case.code, engine="wasi", limits=case.limits, inputs=inputs))


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"packages": ["tabulate"]}, "packages='tabulate' cannot be lent: guests do not see what"),
        ({"packages": ["numpy"]}, "packages='numpy' cannot be lent: it has native code, which "),
        ({"python": "/usr/bin/python3"}, "python= cannot be chosen: "),
        ({"policy": {"isolation": "tenant"}}, "isolation='tenant' cannot be enforced: "),
        ({"policy": {"cpu_share": 0.5}}, "cpu_share= cannot be enforced: "),
        ({"policy": {"read": ["/usr"]}}, "read= cannot be granted: "),
        ({"limits": {"steps": 1}}, "steps: "),
        ({"limits": {"memory": "4GiB"}}, "memory=4294967296: a guest can have at most "),
    ],
)
def test_refused(request_: dict[str, Any], says: str) -> None:
    options = dict(request_)
    if "policy" in options:
        options["policy"] = ringfence.Policy(**options["policy"])
    if "limits" in options:
        options["limits"] = ringfence.Limits(**options["limits"])
    with pytest.raises(ringfence.PolicyNotEnforceable) as caught:
        ringfence.run("1", engine="wasi", **options)
    assert str(caught.value).startswith(f"wasi: {says}")


def test_fuel() -> None:
    """Exact, but for chance; and what is left of who used it up."""
    code = "import random\nsorted(random.random() for _ in range(1000)) and None"
    limits = ringfence.Limits(fuel=100_000_000)
    drawn = {ringfence.run(code, engine="wasi", limits=limits).usage.fuel for _ in range(5)}
    fixed = {
        ringfence.run(code, engine="wasi", policy=ringfence.Policy(deterministic=True)).usage.fuel
        for _ in range(5)
    }
    assert (len(drawn) > 1, len(fixed)) == (True, 1)
    with ringfence.Sandbox(engine="wasi", limits=limits, checkpoints=True) as box:
        box.run("x = 1")
        assert box.run("while True: pass").alive is False
        box.rollback()
        assert box.run("x").value == 1


def test_a_wheel_that_needs_more(tmp_path: Path) -> None:
    files = {"needy.py": "import ctypes\n", "fine.py": "1\n", "tests/__init__.py": "1\n"}
    wheel = build_wheel(tmp_path, "needy", files=files)
    with ringfence.Sandbox(engine="wasi", packages=[wheel]) as box:
        result = box.run("import needy")
        assert result.error is not None
        assert result.error.type == "ModuleNotFoundError"
        assert "is built without it" in result.error.message
        code = "import fine, tests, os\n[os.path.exists(m.__cached__) for m in (fine, tests)]"
        assert box.run(code).value == [True, False]


def test_twins() -> None:
    with ringfence.Sandbox(engine="wasi") as box, box.fork() as twin:
        drawn = [
            one.run("import os, random; random.random(), os.urandom(8)") for one in (box, twin)
        ]
    (mine, secret), (theirs, other) = (result.raise_for_status().value for result in drawn)
    assert mine == theirs
    assert secret != other


def test_arrays() -> None:
    array = ringfence.empty(8)
    array[:] = 1
    result = ringfence.run("type(a).__name__", engine="wasi", inputs={"a": array})
    assert (result.value, result.usage.shared, CAPABILITIES.arenas) == ("Opaque", 0, False)


@contextlib.contextmanager
def batches_of(source: str, **options: Any) -> Iterator[GuestProgram]:
    given: dict[str, Any] = dict.fromkeys(
        ("limits", "policy", "files", "python", "modules", "stdin", "trace", "pool")
    )
    given |= {"engine": "wasi", "functions": (), "packages": ()} | options
    with GuestProgram(source, "f", Recipe(**given)) as program:
        yield program


def test_batches() -> None:
    with batches_of("import os\ndef f(x):\n    return x if x != 1 else os._exit(3)") as program:
        with pytest.raises(ringfence.PolicyNotEnforceable, match="each=1 needs memory that"):
            program.evaluate([[1, 2]], each=1)
        assert program.evaluate([[0, 1, 2]]).status.tolist() == [4, 4, 1]
    source = "def f(x):\n    while x: pass\n    return 5"
    with batches_of(source, limits=ringfence.Limits(wall=0.3)) as program:
        outcomes = program.evaluate([[0, 1]])
        assert (outcomes.result.limit, outcomes.status.tolist()) == ("wall", [0, 0])
