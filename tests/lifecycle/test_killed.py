"""SIGKILL for the host, for each process of a zygote, and for a guest: who is left, who goes on."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

import ringfence
from tests.attacks.canaries import descendants
from tests.lifecycle.hosts import Host, await_guests
from tests.lifecycle.walls import WITH_NAMESPACES, WITHOUT, options
from tests.support.leaks import await_ends, children, outer_of
from tests.support.processes import pid_of

_BUSY = {
    "spins": "while True: pass",
    "sleeps": "import time; time.sleep(1000)",
    "ignores every signal": (
        "import signal\n"
        "for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except OSError: pass\n"
        "while True: pass"
    ),
    "blocks every signal": (
        "import signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\n"
        "while True: pass"
    ),
    "swallows every exception": (
        "while True:\n    try:\n        while True: x = 1\n    except BaseException: pass"
    ),
    "prints for ever": "while True: print('x' * 1000)",
    "waits for the host": "wait()",
    "computes in C": "10 ** 10 ** 9",
    "closed its channel": "import os\nos.close(3)\nwhile True: pass",
}
_THREADS = "import threading\nfor _ in range(4): threading.Thread(target=lambda: exec('while 1: 0')).start()"

_HOST_OF_MANY = """
def on() -> None:
    tell("a turn runs")

def wait() -> None:
    tell("a turn runs")
    threading.Event().wait()

for code in {codes!r}:
    box = Sandbox({options}, functions=[on, wait]).start()
    limits = box.limits.replace(wall=600, cpu=600, host_wall=600, output="1GiB")
    code = code if code == "wait()" else "on()\\n" + code
    threading.Thread(target=box.run, args=(code,), kwargs=dict(limits=limits)).start()
idle = Sandbox({options}).start()
unused = Sandbox({options}).start()
idle.run("x = 1")
tell("idle")
"""


@pytest.mark.parametrize("walls", [WITH_NAMESPACES, WITHOUT], ids="+".join)
def test_a_killed_host_takes_its_guests_along(
    walls: tuple[str, ...], nothing_left: Callable[[], list[str]]
) -> None:
    code = _HOST_OF_MANY.format(options=options(walls), codes=list(_BUSY.values()))
    with Host(code) as host:
        said = sorted(host.hear() for _ in range(len(_BUSY) + 1))
        assert said == ["a turn runs"] * len(_BUSY) + ["idle"]
        await_guests(host, len(_BUSY) + 3)  # one is unused, and one is forked ahead
        everyone = descendants(host.pid)
        host.kill()
        assert await_ends(everyone) == set()
    assert nothing_left() == []


def test_a_killed_host_takes_guests_with_threads_along(
    nothing_left: Callable[[], list[str]],
) -> None:
    code = f"""
    boxes = [Sandbox().start() for _ in range(5)]
    for box in boxes:
        box.run({_THREADS!r})
    tell("threads")
    sys.stdin.readline()
    """
    with Host(code) as host:
        host.hear()
        await_guests(host, 6)  # five that are stopped, between their turns, and one ahead
        host.kill()
    assert nothing_left() == []


def test_a_host_that_is_killed_while_a_zygote_starts_leaves_none(
    tmp_path: os.PathLike[str], nothing_left: Callable[[], list[str]]
) -> None:
    with Host("tell('starts')\nbox = Sandbox().start()\nsys.stdin.readline()") as host:
        host.hear()
        while not outer_of(host.pid):  # the processes come in between; any moment will do
            assert host._process.poll() is None
        host.kill()
    assert nothing_left() == []


# --- the zygote --------------------------------------------------------------------------------

_HOST_OF_TWO = """
one, two = Sandbox({options}).start(), Sandbox({options}).start()
tell(one.run("import os; os.getpid()").status)
two.run("x = 1")
sys.stdin.readline()
results = [one.run("1"), two.run("2")]
tell([[r.status, r.alive, r.error.type] for r in results])
try:
    one.run("1")
except ringfence.SandboxClosed as error:
    tell(str(error))
one.close()
two.close()
tell(ringfence.run("21 * 2", {options}).value)
with Sandbox({options}) as three:
    tell(three.run("6 * 7").value)
sys.stdin.readline()
"""


def _outer(host: int) -> int:
    (outer,) = outer_of(host)
    return outer


def _init(host: int) -> int:
    (init,) = children(_outer(host))
    return init


def _zygote(host: int) -> int:
    (zygote,) = children(_init(host))
    return zygote


_PROCESSES: dict[str, tuple[tuple[str, ...], Callable[[int], int]]] = {
    "the process that the host started": (WITH_NAMESPACES, _outer),
    "pid 1": (WITH_NAMESPACES, _init),
    "the zygote": (WITH_NAMESPACES, _zygote),
    "the zygote without namespaces": (WITHOUT, _outer),
}


@pytest.mark.parametrize("victim", _PROCESSES)
def test_a_killed_zygote_ends_its_guests_and_the_next_run_has_a_new_one(
    victim: str, nothing_left: Callable[[], list[str]]
) -> None:
    walls, find = _PROCESSES[victim]
    with Host(_HOST_OF_TWO.format(options=options(walls))) as host:
        assert host.hear() == "ok"
        old = descendants(host.pid)
        os.kill(find(host.pid), signal.SIGKILL)
        assert await_ends(old) == set()
        host.go_on()
        assert host.hear() == [["crashed", False, "Disconnected"]] * 2
        assert "has ended" in host.hear()
        assert host.hear() == 42
        assert host.hear() == 42
        assert len(outer_of(host.pid)) == 1
        host.go_on()
        assert host.end() == (0, "", "")
    assert nothing_left() == []


def test_a_zygote_that_is_killed_during_a_turn_ends_it_as_crashed() -> None:
    code = """
    def look() -> None:
        tell("a turn runs")

    with Sandbox(functions=[look]) as box:
        tell(box.run("look()\\nwhile True: pass").error.type)
    tell(ringfence.run("1").value)
    """
    with Host(code) as host:
        assert host.hear() == "a turn runs"
        os.kill(_zygote(host.pid), signal.SIGKILL)
        assert host.hear() == "Disconnected"
        assert host.hear() == 1
        assert host.end() == (0, "", "")


# --- a guest -----------------------------------------------------------------------------------


def test_a_guest_that_is_killed_from_outside_crashes_alone() -> None:
    with ringfence.Sandbox() as one, ringfence.Sandbox() as two:
        one.run("x = 1")
        two.run("x = 2")
        assert one._session is not None
        pid = pid_of(one)
        os.kill(pid, signal.SIGKILL)
        result = one.run("x")
        assert (result.status, result.alive) == ("crashed", False)
        assert result.error is not None
        assert result.error.type == "SIGKILL"
        assert two.run("x").value == 2


def test_closing_a_guest_that_has_ended_touches_nobody_who_has_its_pid_now() -> None:
    with ringfence.Sandbox(engine="native") as box, subprocess.Popen(["sleep", "60"]) as bystander:
        box.run("1").raise_for_status()
        assert box._session is not None
        guest: Any = box._session.guest
        guest.stop("kill")
        assert guest.exit(10) is not None
        guest._pid = bystander.pid  # as if the kernel had given the number again
        box.close()
        policy = os.sched_getscheduler(bystander.pid)
        bystander.kill()
    assert policy == os.SCHED_OTHER
