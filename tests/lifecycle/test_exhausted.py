"""A machine that has run out of something: a clear error, nothing leaked, and on with it when there
is some again.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tests.lifecycle.hosts import HERE, Host, run_host
from tests.support.levels import command

_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may limit another process")

# --- descriptors -------------------------------------------------------------------------------

_FEW = """
import asyncio, errno, gc, resource
from tests.support.leaks import Belongings, await_ends, below
from ringfence._engines.native.engine import NativeEngine

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))

async def twice(n: int) -> int:
    return 2 * n

def once(): return ringfence.run("1").status
def session():
    with Sandbox(functions=[twice]) as box: return box.run("await twice(1)").status
def task():
    async def main():
        async with ringfence.AsyncSandbox() as box: return (await box.run("1")).status
    return loop.run_until_complete(main())
def cold():
    engine = NativeEngine()
    try: return ringfence.run("1", engine=engine).status
    finally: engine.close()

loop = asyncio.new_event_loop()
work = {what}
work()
with Sandbox() as beside:
    beside.run("x = 42")
    gc.collect()
    before = Belongings.now()
    for spare in range(14):
        fillers = []
        try:
            while True: fillers.append(os.open("/", os.O_RDONLY))
        except OSError as error:
            assert error.errno == errno.EMFILE
        for _ in range(spare): os.close(fillers.pop())
        try: answer = work()
        except ringfence.EngineFailure as error: answer = str(error)
        for filler in fillers: os.close(filler)
        tell(answer)
        assert beside.run("x").value == 42, spare
        assert work() == "ok", spare
    gc.collect()
    await_ends(below() - before.processes)
    tell(Belongings.now().left_since(before))
"""


@pytest.mark.parametrize("what", ["once", "session", "task", "cold"])
def test_too_many_open_files(what: str) -> None:
    *answers, left = run_host(_FEW.format(what=what))
    assert left == []
    enough = answers.index("ok")
    assert answers[enough:] == ["ok"] * (len(answers) - enough)
    assert 1 <= enough <= 12  # a guest that is forked ahead has its descriptors already
    for answer in answers[:enough]:
        assert "oo many open files" in answer, answer


_STARVED = """
import json, os, resource, sys
import ringfence
from ringfence import Sandbox
from tests.support.leaks import await_ends, below, children, outer_of

def zygote():
    (outer,) = outer_of(os.getpid())
    (init,) = children(outer)
    (pid,) = children(init)
    return pid

with Sandbox() as beside:
    beside.run("x = 42")
    pid = zygote()
    everyone = below()
    soft, hard = resource.prlimit(pid, resource.{limit})
    for most in {numbers}:
        below()  # a guest that was forked ahead would speak for what there was then
        resource.prlimit(pid, resource.{limit}, (most, hard))
        try: result = ringfence.run("1")
        except ringfence.EngineFailure as error: answer = str(error)
        else: answer = "ok" if result.ok else f"{{result.status}}: {{result.error}}"
        print(json.dumps(answer))
        still = beside.run("x")
        assert still.value == 42, (most, still.status, still.error)
    resource.prlimit(pid, resource.{limit}, (soft, hard))
    assert ringfence.run("1").status == "ok"
    assert zygote() == pid
    await_ends(below() - everyone)
    print(json.dumps(sorted(below() - everyone)))
"""


def test_a_zygote_with_too_many_open_files() -> None:
    """Each of its guests costs it a descriptor, and each needs two to become a guest. As an ordinary
    user, who may limit his own processes.
    """
    code = _STARVED.format(limit="RLIMIT_NOFILE", numbers="range(4, 24)")
    *answers, left = _at("nobody", code)
    assert left == []
    assert answers[0] == (
        "no process for a guest: the zygote has too many open files; raise the hard limit of open "
        "files (ulimit -Hn) before the first sandbox, or close sandboxes"
    )
    assert answers[-1] == "ok"
    for answer in answers:
        if answer == "ok":  # and the next need not be: a guest before it may not be reaped yet
            continue
        assert answer.startswith("no process for a guest: "), answer
        assert "oo many open files" in answer, answer
        assert "close sandboxes" in answer, answer


# --- processes ---------------------------------------------------------------------------------


def test_no_process_for_a_guest() -> None:
    """As an ordinary user, whose processes are counted."""
    *answers, left = _at("nobody", _STARVED.format(limit="RLIMIT_NPROC", numbers="[1] * 8"))
    assert left == []
    message = (
        "no process for a guest: fork: Resource temporarily unavailable; raise the limit of "
        "processes (ulimit -u, or pids.max of the cgroup) or close sandboxes"
    )
    assert answers == [message] * 8


_NO_PROCESS = """
import json, os, resource, sys, tempfile
import ringfence
from ringfence._engines.native.engine import NativeEngine
from tests.support.leaks import Belongings

folder = tempfile.TemporaryDirectory()
tempfile.tempdir = folder.name  # others write to the machine's
ringfence.run("1", engine=NativeEngine())  # whatever is imported lazily is imported now
before = Belongings.now()
soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
for most in range(1, 8):
    engine = NativeEngine()
    resource.setrlimit(resource.RLIMIT_NPROC, (most, hard))
    try: answer = ringfence.run("1", engine=engine).status
    except ringfence.EngineFailure as error: answer = str(error)
    finally: resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
    assert ringfence.run("1", engine=engine).status == "ok"
    engine.close()
    print(json.dumps(answer))
print(json.dumps(Belongings.now().left_since(before)))
"""


def _at(level: str, code: str) -> list[Any]:
    """What a host at a level says."""
    done = subprocess.run(
        command(level, "tests.support.script"),
        input=code,
        capture_output=True,
        text=True,
        cwd=HERE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_no_process_for_a_zygote() -> None:
    """As an ordinary user, whose processes are counted."""
    *answers, left = _at("nobody", _NO_PROCESS)
    assert left == []
    assert "ok" not in answers[:1]
    for answer in answers:
        assert answer == "ok" or "Resource temporarily unavailable" in answer, answer


def test_no_namespace_for_a_guest() -> None:
    """``user.max_user_namespaces`` is reached: one is the zygote's, two are left for guests."""
    said = _at(
        "userns-3",
        """
import json
import ringfence
from ringfence import Sandbox

one, two = Sandbox().start(), Sandbox().start()
one.run("x = 1"), two.run("x = 2")
with Sandbox() as third:
    try: print(json.dumps(third.run("1").status))
    except ringfence.EngineFailure as error: print(json.dumps(str(error)))
    print(json.dumps(third.alive))
print(json.dumps([one.run("x").value, two.run("x").value]))
session = two._session
two.close()
while True:  # the kernel frees a namespace some time after its last process was reaped
    try: print(json.dumps(ringfence.run("6 * 7").value))
    except ringfence.EngineFailure: continue
    break
one.close()
""",
    )
    error = said.pop(0)
    assert error == (
        "no process for a guest: it could not be confined: unshare: No space left on device; raise "
        "the sysctls user.max_*_namespaces and fs.mount-max or close sandboxes"
    )
    assert said == [False, [1, 2], 42]


# --- disk --------------------------------------------------------------------------------------


def test_a_host_that_cannot_write_a_byte() -> None:
    """RLIMIT_FSIZE of 0: neither the library nor a zygote needs a file on a disk."""
    said = run_host(
        """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
tell(ringfence.run("6 * 7").value)
with Sandbox(files={"a": b"abc"}) as box:
    tell(box.run("open('b', 'w').write('x' * 1000)\\nopen('a').read()").value)
tell(ringfence.run("import numpy; int(numpy.arange(7).sum())", packages=["numpy"]).value)
"""
    )
    assert said == [42, "abc", 21]


@_root_only
def test_a_full_disk(tmp_path: os.PathLike[str]) -> None:
    said = run_host(
        f"""
from ringfence.jail import libc
libc.unshare(libc.CLONE_NEWNS)
libc.mount(None, b"/", None, libc.MS_REC | libc.MS_PRIVATE, None)
place = {os.fspath(tmp_path)!r}
needed = (ringfence.__file__, sys.prefix, sys.base_prefix)  # a checkout below /tmp stays visible
for folder in (place, "/tmp", "/var/tmp", "/dev/shm"):
    if os.path.isdir(folder) and not any(path.startswith(folder + "/") for path in needed):
        libc.mount(b"full", folder.encode(), b"tmpfs", 0, b"size=4k,nr_inodes=2")
        try: open(folder + "/filler", "w").write("x" * 100_000)
        except OSError: pass
os.environ["TMPDIR"] = os.environ["HOME"] = place
tell(ringfence.run("6 * 7").value)
with Sandbox(files={{"a": b"abc"}}) as box:
    tell(box.run("open('b', 'w').write('x' * 1000)\\nopen('a').read()").value)
""",
    )
    assert said == [42, "abc"]


# --- /proc -------------------------------------------------------------------------------------


@_root_only
def test_no_proc() -> None:
    said = run_host(
        """
from ringfence.jail import libc
libc.unshare(libc.CLONE_NEWNS)
libc.mount(None, b"/", None, libc.MS_REC | libc.MS_PRIVATE, None)
libc.mount(b"nothing", b"/proc", b"tmpfs", 0, None)
for walls in (["namespaces", "landlock", "seccomp"], ["landlock", "seccomp"]):
    options = {"policy": Policy(walls=[walls]), "limits": Limits(threads=0, disk=0)}
    try: ringfence.run("1", engine="native", **options)
    except ringfence.PolicyNotEnforceable as error: tell(str(error))
tell(ringfence.engines()["native"].availability.walls)
"""
    )
    assert "/proc is not mounted" in said[0]
    assert "/proc is not mounted" in said[1]
    assert said[2] == []


# --- memory ------------------------------------------------------------------------------------


@_root_only
def test_no_memory_for_a_zygote() -> None:
    """Its address space is bounded so tightly that it cannot even start."""
    said = run_host(
        """
import resource
from ringfence._engines.native.engine import NativeEngine
from tests.support.leaks import Belongings, await_ends, below
ringfence.run("1")
before = Belongings.now()
soft, hard = resource.getrlimit(resource.RLIMIT_AS)
for most in (1 << 20, 16 << 20, 24 << 20, 32 << 20, 40 << 20):
    engine = NativeEngine()
    import subprocess
    real = subprocess.Popen
    def small(*args, **options):
        process = real(*args, **options)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (most, hard))
        return process
    subprocess.Popen = small
    try: answer = ringfence.run("1", engine=engine).status
    except ringfence.RingfenceError as error: answer = type(error).__name__
    subprocess.Popen = real
    tell(answer)
    engine.close()
    assert ringfence.run("1").status == "ok"
await_ends(below() - before.processes)
tell(Belongings.now().left_since(before))
"""
    )
    *answers, left = said
    assert left == []
    assert set(answers) <= {"EngineFailure", "StartFailed", "ok"}
    assert answers[0] != "ok"


def test_a_host_of_a_dead_zygote_says_so_once() -> None:
    """A sandbox whose zygote was ended is closed; the error does not come again and again."""
    with Host(
        """
from ringfence._engines.native.engine import NativeEngine
engine = NativeEngine()
box = Sandbox(engine=engine).start()
engine.close()
tell(box.run("1").status)
for _ in range(2):
    try: box.run("1")
    except ringfence.SandboxClosed as error: tell(str(error))
"""
    ) as host:
        assert host.hear() == "crashed"
        assert host.hear() == host.hear()
        assert host.end() == (0, "", "")
