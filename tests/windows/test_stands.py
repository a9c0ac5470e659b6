"""What stands on Windows, what is said of the rest, and that turns are what they are elsewhere."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import ringfence
from ringfence import Limits, Policy, Sandbox
from tests.windows.programs import read_line, start


def test_what_stands_and_what_is_said_of_the_rest() -> None:
    found = {name: one.availability for name, one in ringfence.engines().items()}
    assert found["native"].walls == ()
    assert dict(found["native"].missing) == {"zygote": "a zygote needs Linux"}
    assert found["native"].remedy.startswith("use engine='wasi', which runs there")
    assert found["wasi"].walls == (frozenset({"process", "wasm"}),)
    assert found["wasi"].remedy.startswith("a jail is built by Linux alone")


def test_without_a_name_wasi_is_what_runs() -> None:
    result = ringfence.run("6 * 7")
    assert (result.value, result.engine) == (42, "wasi")
    assert result.walls == frozenset({"process", "wasm"})


def test_a_jail_that_is_insisted_on_is_refused() -> None:
    with pytest.raises(ringfence.EngineNotAvailable, match="a zygote needs Linux"):
        ringfence.run("1", engine="native")
    with pytest.raises(ringfence.PolicyNotEnforceable, match="a zygote needs Linux"):
        ringfence.run("1", engine="wasi", policy=Policy(walls=[{"wasm", "seccomp"}]))


def test_what_is_enforced_names_what_windows_has() -> None:
    with Sandbox(engine="wasi") as box:
        assert box.enforced["wall"] == "host clock: interrupt, then TerminateProcess"
        assert box.enforced["cpu"].endswith("the time of its job as backstop")


def test_a_session_goes_on_after_each_limit() -> None:
    with Sandbox(engine="wasi", limits=Limits(wall=0.5)) as box:
        box.run("x = 1").raise_for_status()
        for source in ("while True: pass", "import time; time.sleep(100)"):
            result = box.run(source)
            assert (result.limit, result.alive) == ("wall", True)
        memory = box.run("y = bytearray(10**9)")
        assert memory.error is not None
        assert (memory.error.type, box.run("x").value) == ("MemoryError", 1)


def test_who_does_not_heed_an_interrupt_is_ended() -> None:
    stubborn = "while True:\n try:\n  while True: pass\n except BaseException: pass"
    with Sandbox(engine="wasi", limits=Limits(wall=0.5)) as box:
        result = box.run(stubborn)
        assert (result.status, result.limit, result.alive) == ("limit", "wall", False)


def test_a_host_may_be_in_a_job_itself() -> None:
    """As those of supervisors are, and of CI: a job within a job may not do everything."""
    source = """
import ctypes
kernel = ctypes.WinDLL("kernel32")
kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
kernel.AssignProcessToJobObject.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
job = kernel.CreateJobObjectW(None, None)
assert kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
import ringfence
print(ringfence.run("1 + 1", engine="wasi").value)
"""
    with start(source) as host:
        assert read_line(host) == "2"


def test_words_that_a_guest_ends_with_arrive() -> None:
    with Sandbox(engine="wasi", limits=Limits(fuel=50_000_000)) as box:
        result = box.run("print('said', flush=True)\nwhile True: pass")
        assert (result.status, result.limit, result.stdout) == ("limit", "fuel", "said\n")


def test_megabytes_are_sent_piece_by_piece() -> None:
    with Sandbox(engine="wasi", limits=Limits(value="64MiB", memory="512MiB")) as box:
        data = bytes(range(256)) * 80_000
        assert box.run("data", inputs={"data": data}).value == data


def test_a_twin_and_a_snapshot() -> None:
    key = bytes(range(16))
    with Sandbox(engine="wasi") as box:
        box.run("import io; text = io.StringIO(); n = text.write('be')").raise_for_status()
        with box.fork() as twin:
            assert twin.run("n = text.write('gin'); text.getvalue()").value == "begin"
        with Sandbox.restore(box.snapshot(key=key), key=key, engine="wasi") as other:
            assert other.run("n = text.write('gun'); text.getvalue()").value == "begun"
        assert box.run("text.getvalue()").value == "be"


def test_ctrl_c_ends_a_turn_that_waits() -> None:
    """A wait for sockets is none that Windows would end for it."""

    def begin() -> None:
        started.set()

    def press() -> None:
        started.wait()
        signal.raise_signal(signal.SIGINT)

    started = threading.Event()
    thread = threading.Thread(target=press)
    with Sandbox(engine="wasi", functions=[begin], limits=Limits(wall=60)) as box:
        thread.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            box.run("begin()\nimport time; time.sleep(60)")
        assert time.monotonic() - began < 30
    thread.join()


def test_no_handle_of_the_hosts_is_the_guests() -> None:
    with Sandbox(engine="wasi") as box:
        told = box.run("import os; [name for name in os.environ]").value
        assert "USERPROFILE" not in told
        assert os.environ["SYSTEMROOT"]
