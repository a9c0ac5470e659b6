"""Guests that are started alone, as where no zygote can stand: how they start, and that they all end."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ringfence
from ringfence import Limits, Sandbox
from ringfence.engine import ImageSpec
from ringfence.errors import EngineFailure
from ringfence.zygote.launch import StartFailed
from ringfence.zygote.workers import WorkerProcesses
from tests.lifecycle.hosts import FORK, Host, run_host
from tests.support.alone import PLAIN, AloneEngine
from tests.support.leaks import Belongings, await_ends, children, is_running
from tests.support.processes import pid_of

_HEAD = """
from tests.support.alone import PLAIN, AloneEngine
engine = AloneEngine()
options = dict(engine=engine, policy=PLAIN)
"""


_FORKS = ("-W", "ignore::DeprecationWarning")
"""Options of hosts that fork and have threads."""


@pytest.fixture(autouse=True)
def _wasi() -> None:
    if not ringfence.engines()["wasi"].availability.walls:
        pytest.skip("wasi has no image here: ringfence image build wasi")


@pytest.fixture
def alone() -> Iterator[AloneEngine]:
    made = AloneEngine()
    yield made
    made.close()


def _source(engine: AloneEngine) -> WorkerProcesses:
    """What an engine starts its guests from."""
    image = engine.image(ImageSpec(policy=PLAIN, limits=Limits(threads=0)))
    source = image._lease.zygote
    assert isinstance(source, WorkerProcesses)
    image.close()
    return source


def _here() -> tuple[frozenset[int], set[int]]:
    """The processes below this one, and its descriptors."""
    gc.collect()  # what an earlier test has left to it ends now
    now = Belongings.now()
    return now.processes, set(now.descriptors)


# --- starts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"program": "tests.nowhere"}, "failed at configuration: ModuleNotFoundError"),
        ({"settings": "{}"}, "failed at configuration: KeyError: 'code'"),
        ({"command": ("/nowhere/python",)}, "failed at start: /nowhere/python: No such file"),
        ({"command": ("/bin/false",)}, "failed at start: the process ended with code 1"),
    ],
    ids=["no program", "no settings", "no interpreter", "another program"],
)
def test_what_does_not_start_says_why_and_leaves_nothing(
    changes: dict[str, object], message: str
) -> None:
    before = _here()
    engine = AloneEngine(**changes)
    with pytest.raises(ringfence.PolicyNotEnforceable) as caught:
        ringfence.run("1", engine=engine, policy=PLAIN)
    assert message in str(caught.value)
    engine.close()
    assert _here() == before


def test_one_that_is_killed_while_it_waits_is_replaced(alone: AloneEngine) -> None:
    source = _source(alone)
    assert source._first is not None
    os.kill(source._first.pid, signal.SIGKILL)
    while is_running(source._first.pid):
        pass
    assert ringfence.run("6 * 7", engine=alone, policy=PLAIN).value == 42


def test_one_that_is_killed_before_it_begins_is_told(alone: AloneEngine) -> None:
    with Sandbox(engine=alone, policy=PLAIN) as box:
        box.run("1").raise_for_status()
        pid = pid_of(box)
        os.kill(pid, signal.SIGKILL)
        result = box.run("2")
        assert result.error is not None
        assert (result.status, result.error.type, result.alive) == ("crashed", "SIGKILL", False)


def test_no_descriptors_are_left_to_start_with() -> None:
    said = run_host(
        _HEAD
        + """
import resource
tell(ringfence.run("1", **options).value)
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 2, hard))
boxes = []
try:
    for _ in range(20):
        boxes.append(Sandbox(**options).start())
        boxes[-1].run("1")
except ringfence.EngineFailure as error:
    tell(str(error))
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
tell(ringfence.run("2", **options).value)
engine.close()
"""
    )
    assert (said[0], said[2]) == (1, 2)
    assert "raise the limit of open files (ulimit -n) or close sandboxes" in said[1]


def test_the_time_until_it_is_warm_is_nobodys(alone: AloneEngine) -> None:
    for _ in range(2):
        used = ringfence.run("1", engine=alone, policy=PLAIN).usage.cpu
        assert used is not None
        assert 0 <= used < 0.1  # seconds; to become warm takes more on any machine


def test_what_its_process_may(alone: AloneEngine) -> None:
    """No right of root's, no core, no file, few descriptors, and no end of processor time."""
    with Sandbox(engine=alone, policy=PLAIN) as one, Sandbox(engine=alone, policy=PLAIN) as other:
        pids = [pid_of(one.start()), pid_of(other.start())]
        users = [_line(pid, "status", "Uid:") for pid in pids]
        if os.geteuid() == 0:  # one of its own, in all of its places
            assert all(len(set(ids)) == 1 and "0" not in ids for ids in users)
            assert users[0] != users[1]
        for pid in pids:
            assert _line(pid, "limits", "Max core file size")[:2] == ["0", "0"]
            assert _line(pid, "limits", "Max file size")[:2] == ["0", "0"]
            assert _line(pid, "limits", "Max open files")[:2] == ["64", "64"]
            soft, hard, _ = _line(pid, "limits", "Max cpu time")
            assert soft == hard != "unlimited"


def _line(pid: int, file: str, name: str) -> list[str]:
    """The fields of a line of /proc/PID/FILE. proc(5)."""
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return next(line[len(name) :].split() for line in lines if line.startswith(name))


# --- ends --------------------------------------------------------------------------------------


def test_nothing_is_left(alone: AloneEngine) -> None:
    before = _here()
    boxes = [Sandbox(engine=alone, policy=PLAIN) for _ in range(4)]
    for number, box in enumerate(boxes):
        box.run(f"x = {number}").raise_for_status()
    twin = boxes[0].fork()
    assert boxes[1].run("import os; os._exit(3)").status == "crashed"
    stubborn = "while True:\n try:\n  while True: pass\n except BaseException: pass"
    assert boxes[2].run(stubborn, limits=boxes[2].limits.replace(wall=0.1)).status == "limit"
    assert [twin.run("x").value, boxes[3].run("x").value] == [0, 3]
    for box in (*boxes, twin):
        box.close()
    alone.close()
    assert _here() == before


def test_a_guest_that_the_host_has_waited_for_is_signalled_no_more(
    alone: AloneEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that reaps what it does not know: how a guest ended is lost, and its pid may be
    another's.
    """
    signalled: list[int] = []
    with Sandbox(engine=alone, policy=PLAIN) as box:
        pid = pid_of(box.start())
        os.kill(pid, signal.SIGKILL)
        assert os.waitpid(pid, 0)[0] == pid
        monkeypatch.setattr(os, "kill", lambda pid, what: signalled.append(pid))
        assert box.run("1").status == "crashed"
    monkeypatch.undo()
    assert signalled == []
    assert ringfence.run("2", engine=alone, policy=PLAIN).value == 2


def test_a_host_that_is_killed_takes_them_along(nothing_left: Callable[[], list[str]]) -> None:
    code = (
        _HEAD
        + """
from tests.support.processes import pid_of, wait_until_stopped
idle, unused = Sandbox(**options).start(), Sandbox(**options).start()
idle.run("x = 1")
wait_until_stopped([pid_of(idle)])
def on(): tell("a turn runs")
def wait():
    tell("a turn runs")
    threading.Event().wait()
for source in ("on()\\nwhile True: pass", "on()\\nimport time; time.sleep(1000)", "wait()"):
    box = Sandbox(**options, functions=[on, wait]).start()
    far = box.limits.replace(wall=600, cpu=600, host_wall=600)
    threading.Thread(target=box.run, args=(source,), kwargs={"limits": far}).start()
sys.stdin.readline()
"""
    )
    with Host(code) as host:
        assert [host.hear() for _ in range(3)] == ["a turn runs"] * 3
        assert len(children(host.pid)) >= 5
        host.kill()
    assert nothing_left() == []


def test_a_forked_child_leaves_them_to_its_parent() -> None:
    said = run_host(
        _HEAD
        + FORK
        + """
with Sandbox(**options) as box:
    box.run("x = 1")
    def work():
        try:
            box.run("x")
        except ringfence.RingfenceError as error:
            first = type(error).__name__
        return [first, ringfence.run("2", **options).value]
    tell(in_child(work))
    tell(box.run("x").value)
engine.close()
""",
        python=_FORKS,
    )
    assert said == [["SandboxClosed", 2], 1]


def test_a_fork_of_the_host_while_a_guest_starts_keeps_nothing_of_it() -> None:
    said = run_host(
        _HEAD
        + """
from ringfence.zygote import posix_child
from tests.support.processes import pid_of
started, children = posix_child.launch, []
def launch(*arguments):
    made = started(*arguments)
    children.append(os.fork())
    if not children[-1]:
        signal.pause()
    return made
posix_child.launch = launch
with Sandbox(**options) as box, Sandbox(**options) as other:
    box.run("x = 1")
    for one in (box, other):
        os.kill(pid_of(one), signal.SIGKILL)
        tell(one.run("x").status)
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
engine.close()
""",
        python=_FORKS,
    )
    assert said == ["crashed", "crashed"]


def test_a_handler_of_a_signal_may_close_what_is_just_being_looked_at() -> None:
    said = run_host(
        _HEAD
        + """
from tests.support.processes import pid_of
box = Sandbox(**options).start()
signal.signal(signal.SIGUSR1, lambda *_: engine.close())
waited = os.wait4
def wait4(*arguments):
    os.wait4 = waited
    signal.raise_signal(signal.SIGUSR1)
    return waited(*arguments)
os.kill(pid_of(box), signal.SIGKILL)
os.wait4 = wait4
tell(box.run("1").status)
box.close()
"""
    )
    assert said == ["crashed"]


def test_ends_are_reaped_while_the_host_does_other_things(alone: AloneEngine) -> None:
    with Sandbox(engine=alone, policy=PLAIN) as box:
        pid = pid_of(box.start())
    await_ends([pid])
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)


def test_what_was_closed_starts_nothing(alone: AloneEngine) -> None:
    source = _source(alone)
    alone.close()
    with pytest.raises(EngineFailure, match="belongs to another process, or was closed"):
        source._begin(None, ())  # type: ignore[arg-type]
    assert issubclass(StartFailed, EngineFailure)


def test_many_at_once_with_crashes_and_kills_among_them(alone: AloneEngine) -> None:
    before = _here()
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(4):
            with Sandbox(engine=alone, policy=PLAIN) as box:
                if turn == number % 4:
                    os.kill(pid_of(box.start()), signal.SIGKILL)
                expected = "crashed" if turn == number % 4 else "ok"
                result = box.run(f"{number} * 10 + {turn}")
                if (result.status, result.value) != (
                    expected,
                    number * 10 + turn if expected == "ok" else None,
                ):
                    wrong.append((number, turn, result))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone.close()
    assert wrong == []
    assert _here() == before
