"""SIGKILL, fork, Ctrl-C, cancel and close at every step of a life: a step is a call that the library
makes on the thread that uses it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.lifecycle.hosts import Host, run_host

_LIFE = """
import gc, signal
from tests.support.leaks import Belongings, await_ends, below
from ringfence._engines.native.engine import NativeEngine

OURS = os.path.dirname(ringfence.__file__)  # also the prefix of the guest's package

class At:
    "Does something at one of the library's calls, counted from 1."

    def __init__(self, number, work):
        self.number, self.work, self.seen = number, work, 0

    def __enter__(self):
        sys.setprofile(self.look)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)

    def look(self, frame, event, argument):
        if event == "call" and frame.f_code.co_filename.startswith(OURS):
            while frame is not None:  # nothing that is raised in there would be seen
                if frame.f_code.co_name == "__del__": return
                frame = frame.f_back
            self.seen += 1
            if self.seen == self.number:
                sys.setprofile(None)
                self.work()
                sys.setprofile(self.look)

def again() -> int:
    return 1

async def later() -> int:
    return 2

def life(*, hurry=True, **options):
    with Sandbox(functions=[again, later], files={"a": b"b"}, **options) as box:
        assert box.run("x = again() + await later()").status == "ok"
        assert box.run("1 / 0").status == "error"
        for event in box.stream("print(1)\\nprint(2)"): last = event
        assert last.stdout == "1\\n2\\n"
        if hurry: assert box.run("while True: pass", limits=Limits(wall=0.01)).limit == "wall"
        return box.run("x").value

def unhurried(**options):
    return life(hurry=False, **options)

def cold():
    engine = NativeEngine()
    try: return unhurried(engine=engine)
    finally: engine.close()

def steps(work):
    with At(0, None) as counted: assert work() == 3
    return counted.seen

def points(work, count):
    "Numbers of steps, evenly spread."
    total = steps(work)
    assert total > count, total
    return [1 + index * total // count for index in range(count)]

"""


def test_a_host_that_is_killed_at_every_step(
    tmp_path: Path, nothing_left: Callable[[], list[str]]
) -> None:
    """Cold, as the first sandbox of a process is; the steps of the start are most of it."""
    environment = {"TMPDIR": str(tmp_path)}
    (first, total) = run_host(
        _LIFE
        + """
with At(0, None) as counted:
    Sandbox(functions=[again, later], files={"a": b"b"}).start().close()
tell(counted.seen)
tell(counted.seen + steps(life))
""",
        environment=environment,
    )
    early = [1 + index * first // 10 for index in range(10)]
    late = [first + index * (total - first) // 10 for index in range(10)]
    for number in early + late:
        code = f"with At({number}, lambda: os.kill(os.getpid(), 9)): life(), life()"
        with Host(_LIFE + code, environment=environment) as host:
            assert host.end() == (-9, "", ""), number
        assert nothing_left() == [], number
        assert os.listdir(tmp_path) == [], number


_FORKS = """
def fork():
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.alarm(60)  # a lock that nobody holds any more
            if ringfence.run("6 * 7").value == 42 and life() == 3: status = 0
        finally: os._exit(status)
    ends.append(os.waitpid(pid, 0)[1])

for work, count in ((unhurried, 16), (cold, 8)):  # its guest would not be waited for that long
    work()
    gc.collect()
    before = Belongings.now()
    for number in points(work, count):
        ends = []
        with At(number, fork): assert work() == 3
        assert ends == [0], (number, ends)
    gc.collect()
    await_ends(below() - before.processes)
    tell(Belongings.now().left_since(before))
"""


def test_a_host_that_forks_at_every_step() -> None:
    """The child has a life of its own, and the parent finishes the one that it began."""
    assert run_host(_LIFE + _FORKS) == [[], []]


_INTERRUPTS = """
def interrupt():
    raise KeyboardInterrupt

before = below()
engine = NativeEngine()
for work, count in ((lambda: life(engine=engine), 100), (cold, 20)):
    for number in points(work, count):
        try:
            with At(number, interrupt): work()
        except (KeyboardInterrupt, ringfence.SandboxBusy): pass  # its turn was not quite over
        assert ringfence.run("6 * 7", engine=engine).value == 42, number
        gc.collect()
engine.close()
gc.collect()
tell(sorted(await_ends(below() - before)))
"""


def test_a_host_that_is_interrupted_at_every_step() -> None:
    """Ctrl-C: the library goes on, and with the engine everything ends."""
    assert run_host(_LIFE + _INTERRUPTS) == [[]]


_CANCELS = """
far = Limits(wall=600, cpu=600, host_wall=600, output="1GiB", calls=1_000_000)
ends = {{}}

def turn(box):
    return box.run({code!r}, limits=far).status

with Sandbox(functions=[again, later]) as box:
    box.run("1")
    with At(0, None) as counted: box.run("1")
    for number in range(1, counted.seen + 40):
        if not box.alive: box = Sandbox(functions=[again, later]).start()
        told = []
        def cancel():
            told.append(box.cancel())
            if told[-1]: told.append(box.cancel())  # twice
            else: at.number += 1                    # too early: at the next step
        with At(number, cancel) as at: status = turn(box)
        assert told[-2:] == [True, True], (number, told)
        ends[status] = ends.get(status, 0) + 1
    tell(sorted(ends))
"""


def test_a_turn_that_is_cancelled_at_every_step_of_its_own_thread() -> None:
    """As a signal handler does it: in the middle of anything that the library does. The guest never
    lets its host wait: each step comes.
    """
    for code in ("while True: again()", "while True: await later()", "while True: print(1)"):
        assert run_host(_LIFE + _CANCELS.format(code=code)) == [["cancelled"]]


_CLOSES = """
def close():
    closing = threading.Thread(target=box.close)
    closing.start()
    threads.append(closing)

life()
gc.collect()
before = Belongings.now()
with Sandbox(functions=[again, later]) as box:
    box.run("1")
    with At(0, None) as counted: box.run("again()")
seen = set()
for number in range(1, counted.seen, 2):
    threads = []
    box = Sandbox(functions=[again, later]).start()
    with At(number, close):
        try: seen.add(box.run("again()").status)
        except ringfence.SandboxClosed: seen.add("closed")
    for thread in threads: thread.join()
    assert not box.alive or not threads
    box.close()
del box
gc.collect()
await_ends(below() - before.processes)
tell(Belongings.now().left_since(before))
tell(sorted(seen - {"ok"}))
"""


def test_a_sandbox_that_is_closed_at_every_step_of_a_turn() -> None:
    left, seen = run_host(_LIFE + _CLOSES)
    assert left == []
    assert set(seen) <= {"cancelled", "closed"}
    assert "closed" in seen
