"""A host that forks: the child keeps nothing of the parent's, and the parent notices nothing."""

from __future__ import annotations

import pytest

from tests.lifecycle.hosts import FORK, run_host
from tests.lifecycle.walls import WITH_NAMESPACES, WITHOUT, options

_CLOSED = "SandboxClosed: this sandbox belongs to process {}; make a new one after a fork"


@pytest.mark.parametrize("walls", [WITH_NAMESPACES, WITHOUT], ids="+".join)
def test_a_forked_child_has_sandboxes_of_its_own(walls: tuple[str, ...]) -> None:
    said = run_host(
        FORK
        + f"""
from tests.support.leaks import Belongings, descriptors, outer_of

box = Sandbox({options(walls)}).start()
box.run("x = 1")
stopped = Sandbox({options(walls)}).start()
stopped.run("import threading; threading.Thread(target=lambda: exec('while 1: 0')).start()")
tell(os.getpid())
tell(in_child(lambda: box.run("x").value))
tell(in_child(lambda: ringfence.run("21 * 2", {options(walls)}).value))
tell(in_child(lambda: Sandbox({options(walls)}).start().run("6 * 7").value))
tell(in_child(lambda: sorted(n for n, t in descriptors().items() if "pidfd" in t or "statm" in t)))
tell(in_child(lambda: [box.close(), box.alive]))
tell(in_child(lambda: box.cancel()))
tell(box.run("x").value)
tell(stopped.run("1").value)
tell(ringfence.run("6 * 7", {options(walls)}).value)
tell(len(outer_of(os.getpid())))
"""
    )
    pid = said.pop(0)
    assert said == [_CLOSED.format(pid), 42, 42, [], [None, False], False, 1, 1, 42, 1]


def test_a_child_that_is_forked_during_turns_can_close_and_go_on() -> None:
    said = run_host(
        FORK
        + """
started = threading.Semaphore(0)
go_on = threading.Event()

def wait() -> None:
    started.release()
    go_on.wait()

boxes = [Sandbox(functions=[wait]).start() for _ in range(4)]
results = []
threads = [
    threading.Thread(target=lambda box=box: results.append(box.run("wait()\\n1").value))
    for box in boxes
]
for thread in threads: thread.start()
for _ in boxes: started.acquire()

def work():
    for box in boxes:
        box.cancel()
        box.close()
    with Sandbox() as box:
        return box.run("6 * 7").value

tell(in_child(work))
tell([box.alive for box in boxes])
go_on.set()
for thread in threads: thread.join()
tell(results)
tell([box.run("2").value for box in boxes])
"""
    )
    assert said == [42, [True] * 4, [1] * 4, [2] * 4]


def test_children_forked_while_threads_come_and_go() -> None:
    """Locks of the library that another thread holds at the fork do not matter to the child."""
    said = run_host(
        FORK
        + """
ringfence.run("1")
ends = threading.Event()
done = []

def churn():
    while not ends.is_set():
        with Sandbox() as box:
            box.run("1")
    done.append(True)

threads = [threading.Thread(target=churn) for _ in range(3)]
for thread in threads: thread.start()
tell([in_child(lambda: ringfence.run("6 * 7").value) for _ in range(6)])
ends.set()
for thread in threads: thread.join()
tell(len(done))
""",
        python=("-W", "ignore::DeprecationWarning"),
    )
    assert said == [[42] * 6, 3]


def test_a_killed_parent_takes_its_guests_along_though_a_child_lives() -> None:
    said = run_host(
        FORK
        + """
import signal
from tests.support.leaks import adopting, await_ends
from tests.attacks.canaries import descendants
read, write = os.pipe()

with adopting():
    parent = os.fork()
    if parent == 0:
        box = Sandbox().start()
        box.run("1")
        child = os.fork()
        if child == 0:
            os.write(write, b"x")
            signal.pause()
        os.write(write, b"y")
        signal.pause()
    os.read(read, 1)
    os.read(read, 1)
    everyone = descendants(parent)
    (child,) = [p for p in everyone if open(f"/proc/{p}/cmdline").read().startswith(sys.executable + "\\0-c\\0\\nimport json")]
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    tell(len(everyone - {child}) in (4, 5))
    tell(sorted(await_ends(everyone - {child}, patience=20)))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""
    )
    # The zygote's three processes, the guest, and one that is forked ahead, if it came to that.
    assert said == [True, []]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(method: str) -> None:
    said = run_host(
        f"""
import multiprocessing
from tests.lifecycle import pool_work

box = Sandbox().start()
box.run("x = 41")
with multiprocessing.get_context({method!r}).Pool(2) as pool:
    tell(pool.map(pool_work.evaluate, ["6 * 7", "1 + 1", "'a'"]))
    if {method!r} == "fork":
        pool_work.kept = box
tell(box.run("x + 1").value)
"""
    )
    assert said == [[42, 2, "a"], 42]


def test_prefork() -> None:
    """As gunicorn does it: the application uses the library before the workers are forked, and each
    of them serves from its own zygote.
    """
    said = run_host(
        """
box = Sandbox().start()
box.run("x = 1")
workers = []
for number in range(3):
    ask, asked = os.pipe()
    answer, answered = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(asked)
        os.close(answer)
        with Sandbox() as own:
            own.run(f"number = {number}")
            while os.read(ask, 1):
                os.write(answered, b"%d" % (own.run("number").value + ringfence.run("0").value))
        sys.exit(0)
    workers.append((pid, asked, answer))
    os.close(ask)
    os.close(answered)
said = []
for _ in range(3):
    for pid, asked, answer in workers:
        os.write(asked, b"x")
    said.append([int(os.read(answer, 9)) for _, _, answer in workers])
    said.append(box.run("x").value)
tell(said)
for pid, asked, answer in reversed(workers):
    os.close(asked)
    assert os.waitpid(pid, 0)[1] == 0
tell(box.run("x").value)
"""
    )
    assert said == [[[0, 1, 2], 1] * 3, 1]


def test_a_child_that_leaves_a_run_of_its_parents_starts_no_pool() -> None:
    said = run_host("""
pool = ringfence.Pool(size=1)
pool.wait(30)

def fork():
    pid = os.fork()
    if not pid:
        sys.exit()
    return os.waitpid(pid, 0)[1]

try:
    tell(ringfence.run("fork()", functions=[fork], pool=pool).value)
except SystemExit:
    tell([one.name for one in threading.enumerate()])
    os._exit(0)
pool.close()
""")
    assert said == [["MainThread"], 0]
