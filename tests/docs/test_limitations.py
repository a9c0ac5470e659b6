"""Each line of docs/limitations/native.md, run. A line without a witness fails."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

import ringfence
from tests.docs.limitations import Case, denied, lines_of, verdict_of

LINES = lines_of("native")

LANDLOCK = [{"landlock", "seccomp"}]
SECCOMP = [{"seccomp"}]
BARE = ringfence.Limits(threads=0, disk=0)


CASES: Mapping[str, list[Case]] = {
    "The host's files are not there.": [
        Case("open('/dev/null')", "error: FileNotFoundError"),
        Case("open('/etc/passwd')", "error: FileNotFoundError"),
        denied("import os; os.listdir('/')"),
    ],
    "Scratch is `/box/tmp`.": [
        Case(
            "import os; [os.getcwd(), os.environ['HOME'], os.environ['TMPDIR'],"
            " os.path.realpath('/tmp')]",
            ["/box/tmp"] * 4,
        )
    ],
    "Folders count as files.": [
        Case(
            "import os\nos.mkdir('a')\nopen('b', 'w').close()\nopen('c', 'w')",
            "error: OSError",
            ringfence.Limits(files=2),
        )
    ],
    "A full disk is an exception.": [
        Case(
            "try:\n    open('x', 'wb').write(bytes(2 << 20))\nexcept OSError as error:\n"
            "    full = error.strerror\nfull",
            "File too large",
            ringfence.Limits(disk="1MiB"),
        ),
        Case(
            "for name in 'ab': open(name, 'wb').write(bytes(700 << 10))",
            "error: OSError",
            ringfence.Limits(disk="1MiB"),
        ),
    ],
    "No links.": [
        denied("import os; os.symlink('a', 'b')"),
        denied("import os; open('a', 'w').close(); os.link('a', 'b')"),
        denied("import os; os.mkfifo('a')"),
    ],
    "No owners.": [denied("import os; open('a', 'w').close(); os.chown('a', 1, 1)")],
    "`os.statvfs` and `shutil.disk_usage` are refused.": [
        denied("import os; os.statvfs('.')"),
        denied("import shutil; shutil.disk_usage('.')"),
    ],
    "No extended attributes.": [
        Case("import os; os.setxattr('.', 'user.a', b'')", "error: OSError"),
        Case(
            "import shutil; open('a', 'w').write('x'); open(shutil.copy2('a', 'b')).read()", "x"
        ),
    ],
    "`os.fsync` does nothing.": [
        Case("import os; file = open('a', 'w'); os.fsync(file.fileno())", None)
    ],
    "Record locks do nothing.": [
        Case("import fcntl; fcntl.lockf(open('a', 'w'), fcntl.LOCK_EX)", None),
        Case(
            "import sqlite3; db = sqlite3.connect('a.db'); db.execute('create table t (x)')\n"
            "db.execute('insert into t values (1)'); db.commit()\n"
            "db.execute('select x from t').fetchall()",
            [(1,)],
        ),
    ],
    "`fcntl.flock` is refused.": [denied("import fcntl; fcntl.flock(open('a', 'w'), 2)")],
    "No native code from scratch.": [
        Case(
            "import _sqlite3, shutil, ctypes\n"
            "shutil.copy(_sqlite3.__file__, 'a.so')\nctypes.CDLL('/box/tmp/a.so')",
            "error: OSError",
        )
    ],
    "At most 64 open files.": [Case("[open('a', 'w') for _ in range(64)]", "error: OSError")],
    "`mmap.mmap(-1, n)` is refused.": [
        denied("import mmap; mmap.mmap(-1, 4096)"),
        Case(
            "import mmap; len(mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))",
            4096,
        ),
    ],
    "No shared memory.": [
        Case(
            "from multiprocessing import shared_memory\n"
            "shared_memory.SharedMemory(create=True, size=1)",
            "error",
        ),
        denied("import os; os.memfd_create('a')"),
    ],
    "`SC_PHYS_PAGES` is garbage.": [
        Case(f"import os; os.sysconf('SC_PHYS_PAGES') == {os.sysconf('SC_PHYS_PAGES')}", False)
    ],
    "Reserved counts as used.": [
        Case(
            "import mmap; mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)",
            "error: OSError",
        )
    ],
    "4 MiB of slack.": [
        Case("len(bytearray(20 << 20)) >> 20", 20, ringfence.Limits(memory="20MiB", disk=0)),
        Case("bytearray(25 << 20)", "limit: memory", ringfence.Limits(memory="20MiB", disk=0)),
    ],
    "Scratch is memory.": [
        Case(
            "bytearray(70 << 20)", "limit: memory", ringfence.Limits(memory="128MiB", disk="64MiB")
        ),
        Case("len(bytearray(120 << 20)) >> 20", 120, ringfence.Limits(memory="128MiB", disk=0)),
    ],
    "A caught `MemoryError` is not a limit.": [
        Case("try:\n    bytearray(1 << 40)\nexcept MemoryError:\n    caught = 1\ncaught", 1)
    ],
    "Thread stacks have 1 MiB.": [
        Case("import threading; threading.stack_size()", 1 << 20),
        Case("import resource; resource.getrlimit(resource.RLIMIT_STACK)", (8 << 20, 8 << 20)),
    ],
    "No processes.": [
        denied("import os; os.fork()"),
        denied("import subprocess, sys; subprocess.run([sys.executable])"),
        Case("import os; os.system('true')", 32512),
        Case("import ctypes; ctypes.CDLL(None).execve(b'/', None, None)", "crashed: SIGSYS"),
    ],
    "No `multiprocessing`.": [
        Case("import multiprocessing; multiprocessing.Lock()", "error"),
        Case(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "with ThreadPoolExecutor(2) as pool: result = list(pool.map(abs, [-1, -2]))\nresult",
            [1, 2],
        ),
    ],
    "Sending output may take a thread.": [
        Case(
            "import threading\nhold = threading.Event()\nstarted = 0\n"
            "for i in range(100): print(i)\ntry:\n    while True:\n"
            "        threading.Thread(target=hold.wait, daemon=True).start(); started += 1\n"
            "except RuntimeError:\n    pass\nstarted",
            7,
        )
    ],
    "A guest is pid 1.": [
        Case("import os; (os.getpid(), os.getppid())", (1, 0)),
        Case("import signal; signal.raise_signal(signal.SIGTERM)", None),
    ],
    "`os.abort` ends as `SIGSEGV`.": [Case("import os; os.abort()", "crashed: SIGSEGV")],
    "`os.kill` is refused.": [
        denied("import os; os.kill(os.getpid(), 0)"),
        Case(
            "import signal, threading\nseen = []\nsignal.signal(10, lambda *_: seen.append(1))\n"
            "signal.raise_signal(10); signal.pthread_kill(threading.get_ident(), 10)\nlen(seen)",
            2,
        ),
    ],
    "`SIGCONT` is refused.": [
        denied("import signal; signal.raise_signal(signal.SIGCONT)")
    ],
    "Long tracebacks are cut.": [
        Case(
            "import sys\nsys.setrecursionlimit(9000)\n"
            "def deep(n):\n  if n: deep(n - 1)\n  else: 1 / 0\ndeep(8000)",
            "error: ZeroDivisionError",
        )
    ],
    "Priorities are fixed.": [
        denied("import os; os.nice(1)"),
        denied("import os; os.sched_setaffinity(0, {0})"),
    ],
    "Limits cannot be changed.": [
        Case("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))", "error")
    ],
    "Descriptors 0 to 2 lead to `/dev/null`.": [
        Case("import os; os.write(1, b'lost'), os.write(2, b'lost'), os.read(0, 1)", (4, 4, b""))
    ],
    "`sys.stdout` has no descriptor.": [
        Case("import sys; sys.stdout.fileno()", "error: UnsupportedOperation"),
        Case("import faulthandler; faulthandler.enable()", "error: UnsupportedOperation"),
    ],
    "No sockets.": [
        denied("import socket; socket.socket()"),
        Case("import socket; a, b = socket.socketpair(); a.send(b'x'); b.recv(1)", b"x"),
    ],
    "No names.": [
        Case("import socket; socket.getaddrinfo('localhost', 80)", "error: gaierror")
    ],
    "`asyncio` has no transports to the outside.": [
        Case("import asyncio; await asyncio.to_thread(len, 'ab')", 2),
        Case("import asyncio; await asyncio.open_connection('127.0.0.1', 80)", "error"),
        denied("import asyncio; await asyncio.create_subprocess_exec('/bin/true')"),
    ],
    "The clock cannot be fixed.": [],
    "No instruction budget.": [],
    "Local time is UTC.": [
        Case("import time; time.tzname", ("UTC", "UTC")),
        Case(
            "import zoneinfo; zoneinfo.ZoneInfo('Europe/Berlin')", "error: ZoneInfoNotFoundError"
        ),
    ],
    "No `site`.": [Case(name, "error: NameError") for name in ("copyright", "license")],
    "A cell has no `__file__`.": [Case("__file__", "error: NameError")],
    "Parts of the standard library are missing.": [
        Case("import test.support", "error: ModuleNotFoundError"),
        Case("import tkinter", "error"),
    ],
    "No users.": [
        Case("import pwd; pwd.getpwall()", []),
        Case("import os; os.getuid()", 1000),
        Case("import getpass; getpass.getuser()", "error"),
    ],
    "The locale is C.UTF-8.": [Case("import os; os.environ['LC_ALL']", "C.UTF-8")],
    "A crash of native code ends the guest.": [
        Case("def f(): f()\nf()", "error: RecursionError"),
        Case("import ctypes; ctypes.string_at(0)", "crashed: SIGSEGV"),
    ],
    "Only what was asked for.": [Case("import numpy", "error: ModuleNotFoundError")],
    "Open figures are shown and closed.": [
        Case(
            "import matplotlib.pyplot as plt\nplt.figure(figsize=(9_999, 9_999))\n1",
            "limit: memory",
            packages=("matplotlib",),
        ),
        Case(
            "import matplotlib.pyplot as plt\nplt.close(plt.figure(figsize=(9_999, 9_999)))\n1",
            1,
            packages=("matplotlib",),
        ),
    ],
    "Large tables are shown in part.": [
        Case(
            "import pandas as pd\ntable = pd.DataFrame({'n': range(100)})\n"
            "table._repr_html_().count('<tr>'), len(table)",
            (11, 100),
            packages=("pandas",),
        )
    ],
    "Dtypes of tables become plain.": [
        Case(
            "import pandas as pd\npd.DataFrame({'c': pd.Categorical(['a', 'b'])})",
            {"c": ["a", "b"]},
            packages=("pandas",),
        ),
        Case(
            "import pandas as pd\npd.period_range('2024', periods=1, freq='Y')",
            [ringfence.Opaque("Period", "Period('2024', 'Y-DEC')")],
            packages=("pandas",),
        ),
    ],
    "A table's nanoseconds need UTC.": [
        Case(
            "import pandas as pd\npd.Series([pd.Timestamp(1, tz='UTC')])",
            "error: EncodeError",
            packages=("pandas",),
        )
    ],
    "One thread for linear algebra.": [Case("import os; os.environ['OMP_NUM_THREADS']", "1")],
    "`{landlock, seccomp}` lets `stat` through.": [
        Case("import os; os.path.exists('/proc/1')", True, BARE, LANDLOCK),
        Case("open('/etc/passwd')", "error: PermissionError", BARE, LANDLOCK),
    ],
    "`{seccomp}` has no path calls.": [
        Case("import os; os.path.exists('/etc')", False, BARE, SECCOMP),
        Case("import mailbox", "error: ModuleNotFoundError", BARE, SECCOMP),
    ],
    "Neither has threads or scratch.": [
        Case("import threading; threading.Thread(target=len).start()", "error", BARE, walls)
        for walls in (LANDLOCK, SECCOMP)
    ],
    "Both show the host.": [
        Case("import os; (os.uname().nodename, os.getpid() == 1)", (os.uname().nodename, False),
             BARE, walls)
        for walls in (LANDLOCK, SECCOMP)
    ],
    "`{namespaces, seccomp}`": [
        Case("import os; os.getpid()", 1, walls=[{"namespaces", "seccomp"}])
    ],
}  # fmt: skip

ELSEWHERE: Mapping[str, str] = {
    "Scratch ends with the guest.": "test_scratch_ends_with_the_guest",
    "A lent array counts as used.": "test_a_lent_array",
    "Neither can be lent matplotlib.": "tests/attacks need disk for it",
    "One guest is there ahead.": "tests/lifecycle/test_spares.py",
    "`{seccomp}` shares no memory.": "tests/conformance/test_arenas.py, stepped down",
    "A lent array cannot be written to.": "test_a_lent_array",
    "`box.files` waits for a guest that computes.": "tests/conformance/test_files.py",
    "`box.files` has no links, folders or odd names.": "test_files_that_are_not_in_the_mapping",
    "Threads stop between turns.": "tests/conformance; here it would need a sleep",
    "CPU of a life is bounded as well.": "takes 1,000 times the smallest cpu budget",
    "A plot that needs scripts is not drawn.": "tests/attacks/test_displays_page.py",
    "Metadata of display methods is dropped.": "tests/unit/guest/test_display.py",
    "`progress` forgets quick calls.": "test_progress_forgets_quick_calls",
    "The clock cannot be fixed.": "test_refused",
    "No instruction budget.": "test_refused",
    "Hash seed and addresses are shared.": "SECURITY.md, whose blocks are executed",
    "Generators made at import are copies.": "follows from forking; no package here does it",
    "Wheels are pure Python.": "tests/docs/test_troubleshooting_wheels.py",
    "Wheels are imported by each guest.": "tests/conformance/test_wheels.py",
    "Behind `{seccomp}` no wheels are lent.": "tests/docs/test_troubleshooting_wheels.py",
    "Root needs namespaces to lend wheels.": "depends on where the cache is",
    "Nothing is installed.": "docs/troubleshooting.md",
    "Data that a system keeps elsewhere is not found.": "needs packages of the system",
    "Editable installs need a path.": "tests/unit/_engines",
    "A package may not leave threads or processes.": "tests/unit/_engines",
    "An image with matplotlib takes longer.": "a duration",
    "Images take time.": "a duration",
    "Linux on x86_64.": "another machine",
    "Python 3.14 is accepted and was not run.": "another Python",
    "`cpu_share` needs a cgroup controller.": "depends on the machine",
    "Root needs a Python that everybody can read.": "depends on where Python is",
}


@dataclass(frozen=True)
class Kept:
    """A program whose session is saved, and what an expression gives before and afterwards."""

    code: str
    look: str
    before: Any
    after: Any
    packages: tuple[str, ...] = ()


RESTORED: Mapping[str, Kept] = {
    "Variables are saved, and nothing else.": Kept(
        "import os, sys, json\nopen('a', 'w').close()\nsys.path.append('/x')\n"
        "os.environ['A'] = 'b'\njson.extra = 1\nx = 1",
        "[os.path.exists('a'), '/x' in sys.path, 'A' in os.environ, hasattr(json, 'extra'), x]",
        [True, True, True, True, 1],
        [False, False, False, False, 1],
    ),
    "`random` draws anew.": Kept(
        "import random\nrandom.seed(1)\nfirst = random.Random(1).random()\nown = random.Random(1)",
        "[random.random() == first, own.random() == first]",
        [True, True],
        [False, True],
    ),
    "Defaults are evaluated again.": Kept(
        "def f(x, seen=[]):\n    seen.append(x)\n    return seen\nf(1)",
        "f(2)",
        [1, 2],
        [2],
    ),
    "What a decorator keeps for itself starts anew.": Kept(
        "import functools\n@functools.cache\ndef f(x): return x\nf(1)",
        "f.cache_info().currsize",
        1,
        0,
    ),
    "A decorator that gave its function back is not called again.": Kept(
        "calls = []\ndef tell(f):\n    calls.append(f.__name__)\n    return f\n"
        "@tell\ndef f(): pass",
        "calls",
        ["f"],
        ["f"],
    ),
    "Views become copies.": Kept(
        "import numpy as np\nx = np.zeros(2)\nview = x[:1]\nsame = x",
        "(x.fill(1), view[0], same[0])[1:]",
        (1.0, 1.0),
        (0.0, 1.0),
        ("numpy",),
    ),
    "Class attributes behind a metaclass start anew.": Kept(
        "from enum import Enum\nclass Color(Enum):\n    RED = 1\nColor.extra = 5",
        "hasattr(Color, 'extra')",
        True,
        False,
    ),
}


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("line", RESTORED)
def test_saved_sessions(line: str) -> None:
    kept, key = RESTORED[line], bytes(32)
    options: Any = {"engine": "native", "packages": kept.packages}
    with ringfence.Sandbox(**options) as box:
        box.run(kept.code).raise_for_status()
        state = box.save(key=key)
        assert box.run(kept.look).raise_for_status().value == kept.before
    with ringfence.Sandbox.restore(state, key=key, **options) as box:
        assert box.lost == ()
        assert box.run(kept.look).raise_for_status().value == kept.after


def test_every_line_has_a_witness() -> None:
    witnessed = {line for line, cases in CASES.items() if cases} | set(RESTORED)
    assert sorted(LINES) == sorted(witnessed | set(ELSEWHERE))


CASE_LIST = [(line, case) for line, cases in CASES.items() for case in cases]


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize(("line", "case"), CASE_LIST, ids=[line for line, _ in CASE_LIST])
def test_line(line: str, case: Case) -> None:
    policy = ringfence.Policy() if case.walls is None else ringfence.Policy(walls=case.walls)
    try:
        result = ringfence.run(
            case.code,
            engine="native",
            limits=case.limits,
            policy=policy,
            packages=case.packages,
            python=readable_python() if case.walls in (LANDLOCK, SECCOMP) else None,
        )
    except ringfence.PolicyNotEnforceable as error:
        assert case.walls is not None, error
        pytest.skip(str(error))
    verdict_of(case, result)


def readable_python() -> str | None:
    """Root's own interpreter may lie below its home; a system's does not."""
    system = "/usr/bin/python3"
    return system if os.geteuid() == 0 and os.path.exists(system) else None


@pytest.mark.usefixtures("standing")
def test_scratch_ends_with_the_guest() -> None:
    for _ in range(2):
        result = ringfence.run("import os\nbefore = os.listdir()\nopen('a', 'w')\nbefore")
        assert result.value == []


@pytest.mark.usefixtures("standing")
def test_progress_forgets_quick_calls() -> None:
    with ringfence.Sandbox() as box:
        events = list(box.stream("for i in range(100): progress(i / 1000)\nprogress(1.0)"))
    seen = [e.fraction for e in events if isinstance(e, ringfence.Progress)]
    assert len(seen) < 100
    assert seen[-1] == 1.0


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize(
    "request_",
    [
        {"limits": ringfence.Limits(fuel=1)},
        {"limits": ringfence.Limits(steps=1)},
        {"policy": ringfence.Policy(deterministic=True)},
    ],
    ids=["fuel", "steps", "deterministic"],
)
def test_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(ringfence.PolicyNotEnforceable):
        ringfence.run("1", engine="native", **request_)


@pytest.mark.usefixtures("standing")
def test_a_lent_array() -> None:
    array = ringfence.empty((5, 1 << 20))
    limits = ringfence.Limits(memory="64MiB")
    with ringfence.Sandbox(packages=["numpy"], limits=limits) as box:
        whole = box.run("array.nbytes", inputs={"array": array})
        assert (whole.usage.shared, whole.value) == (40 << 20, 40 << 20)
        more = ringfence.empty((5, 1 << 20))
        assert box.run("more.nbytes", inputs={"more": more}).limit == "memory"
        assert box.run("array[0] = 1").error.type == "ValueError"  # type: ignore[union-attr]
        assert box.run("part = array[0].copy()\npart[0] = 1\nfloat(part[0])").value == 1.0


@pytest.mark.usefixtures("standing")
def test_files_that_are_not_in_the_mapping() -> None:
    with ringfence.Sandbox(engine="native") as box:
        box.run("import os; os.mkdir('folder'); open('a\\tb', 'w').close()").raise_for_status()
        assert box.files.listing() == ({}, {"a\\tb": "holds a control character"})
