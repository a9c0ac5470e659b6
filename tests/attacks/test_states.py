"""Saves that attack: made by a hostile guest, or by somebody who has one and no key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Lost, Sandbox
from tests.attacks.canaries import Canaries, wait_until
from tests.support.leaks import below, guests_of

KEY = bytes(range(32))
LIMITS = Limits(wall=5, cpu=5, memory="128MiB")


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with Canaries() as watched:
        yield watched


@pytest.fixture
def watched(canaries: Canaries, engine: str) -> Iterator[Canaries]:
    """The canaries, looked at afterwards."""
    below()  # what was forked ahead is ended
    there = guests_of(os.getpid())
    with Sandbox(engine=engine) as box:  # the image and the thread that watches, which stay
        box.run("1")
        own = guests_of(os.getpid()) - there
    below()
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in own))
    before = canaries.look()
    yield canaries
    assert canaries.complaints(before, ()) == []


def saved(engine: str, code: str, **options: Any) -> ringfence.SavedState:
    with Sandbox(engine=engine, limits=LIMITS, **options) as box:
        box.run(code).raise_for_status()
        return box.save(key=KEY)


def reducing(expression: str) -> str:
    """A variable ``x`` whose loading calls something."""
    return (
        "import os, socket, builtins, sys, subprocess\n"
        f"class A:\n    def __reduce__(self): return {expression}\nx, kept = A(), 1"
    )


ON_LOAD = {
    "reads the host's secret": ("open, (SECRET,)", "FileNotFoundError"),
    "reads the users": ("open, ('/etc/passwd',)", "FileNotFoundError"),
    "writes beside the secret": ("open, (FOLDER + '/new', 'w')", "FileNotFoundError"),
    "opens a socket": ("socket.create_connection, (('127.0.0.1', PORT),)", "PermissionError"),
    "starts a program": ("subprocess.run, (['/bin/true'],)", "PermissionError"),
    "forks": ("eval, ('__import__(\"os\").fork()',)", "PermissionError"),
    "signals the host": ("eval, ('__import__(\"os\").kill(HOST, 9)',)", "PermissionError"),
    "leaves by an exception": ("exec, ('raise SystemExit(0)',)", "SystemExit: 0"),
    "pretends to be interrupted": ("exec, ('raise KeyboardInterrupt',)", "KeyboardInterrupt"),
    "recurses": ("eval, ('(lambda f: f(f))(lambda f: f(f))',)", "it is nested too deeply"),
}


@pytest.mark.parametrize("name", ON_LOAD)
def test_what_a_state_does_when_it_loads(engine: str, watched: Canaries, name: str) -> None:
    """It does it in the jail of the sandbox that it is restored in, and only itself is lost."""
    expression, reason = ON_LOAD[name]
    target = watched.target
    for word, key in (
        ("SECRET", "secret_file"), ("FOLDER", "folder"), ("PORT", "port"), ("HOST", "host_pid"),
    ):  # fmt: skip
        expression = expression.replace(word, repr(target[key]))
    state = saved(engine, reducing(expression))
    with Sandbox.restore(state, key=KEY, engine=engine, limits=LIMITS) as box:
        assert box.restored == ("os", "socket", "builtins", "sys", "subprocess", "A", "kept")
        (lost,) = box.lost
        assert (lost.name, lost.type) == ("x", "A")
        assert lost.reason.startswith(reason)
        assert box.run("kept").value == 1


ENDS = {
    "never ends": ("exec, ('while True: pass',)", "limit", "wall"),
    "takes all memory": ("bytes, (1 << 30,)", "lost", "MemoryError"),
    "crashes": ("os.abort, ()", "crashed", "SIGSEGV"),
    "exits": ("os._exit, (0,)", "crashed", "Exit"),
    "floods": ("exec, ('while True: print(\"x\" * 60_000)',)", "limit", "output"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_state_that_ends_its_guest(engine: str, watched: Canaries, name: str) -> None:
    expression, status, detail = ENDS[name]
    state = saved(engine, reducing(expression))
    limits = LIMITS.replace(wall=0.5)
    if status == "lost":
        with Sandbox.restore(state, key=KEY, engine=engine, limits=limits) as box:
            assert box.lost == (Lost("x", "A", detail),)
        return
    with pytest.raises(ringfence.GuestFailure) as caught:
        Sandbox.restore(state, key=KEY, engine=engine, limits=limits)
    result = caught.value.result
    assert result.status == status
    assert result.error is not None
    if "wasm" in result.walls and detail == "SIGSEGV":
        detail = "Trap"
    assert detail in (result.limit, result.error.type)


def test_a_state_that_would_widen_its_grants(engine: str, watched: Canaries) -> None:
    """It names functions, and calls them when it loads: there is what the restore lends."""
    called: list[str] = []

    def transfer(amount: int) -> str:
        called.append(f"transfer {amount}")
        return "done"

    def look(amount: int) -> str:
        called.append(f"look {amount}")
        return "seen"

    state = saved(
        engine,
        "import host\nown = transfer\n"
        "class A:\n    def __reduce__(self): return eval, ('__import__(\"host\").transfer(5)',)\n"
        "class B:\n"
        "    def __reduce__(self):\n"
        "        return eval, ('progress.__self__._lent.update(transfer=len)',)\n"
        "class C:\n"
        "    def __reduce__(self):\n"
        "        return eval, ('progress.__self__.link.call(\"transfer\", [5], {})',)\n"
        "a, b = A(), B()",
        functions=[transfer],
    )
    assert called == []
    with Sandbox.restore(state, key=KEY, engine=engine, limits=LIMITS, functions=[look]) as box:
        assert [entry.name for entry in box.lost][:1] == ["a"]
        assert box.run("look(1)").value == "seen"
        result = box.run("progress.__self__.link.call('transfer', [5], {})")
        assert (result.status, result.alive) == ("crashed", False)
    state = saved(
        engine,
        "class C:\n    def __reduce__(self):\n"
        "        return eval, ('progress.__self__.link.call(\"transfer\", [5], {})',)\nc = C()",
    )
    with pytest.raises(ringfence.GuestCrashed) as caught:
        Sandbox.restore(state, key=KEY, engine=engine, limits=LIMITS, functions=[look])
    assert "the guest broke the protocol: " in str(caught.value)
    assert called == ["look 1"]


def test_a_state_that_forges_the_end_of_its_restore(engine: str, watched: Canaries) -> None:
    """It may say what it likes about itself, and nothing else."""
    forge = (
        "exec, ('agent = progress.__self__\\n"
        "agent.state.restore = None\\n"
        'agent.link.end_turn(1, "ok", None, agent._nothing)\\n'
        "while True: pass',)"
    )  # fmt: skip
    state = saved(engine, reducing(forge))
    with pytest.raises(ringfence.GuestCrashed) as caught:
        Sandbox.restore(state, key=KEY, engine=engine, limits=LIMITS)
    assert str(caught.value) == "the guest broke the protocol: a restore that is not one"


def test_the_key_never_reaches_a_guest(engine: str, watched: Canaries) -> None:
    look = (
        "import gc\nkey = bytes(range(16, 32))\n"
        "found = [o for o in gc.get_objects() if type(o) in (list, tuple, dict)"
        " and any(type(i) is bytes and key in i for i in (o.values() if type(o) is dict else o))]\n"
        "len(found)"
    )
    state = saved(engine, "x = 1")
    with Sandbox.restore(state, key=KEY, engine=engine, limits=LIMITS) as box:
        box.save(key=KEY)
        assert box.run(look).value in (0, 1)  # the constant of this very program


def test_a_state_of_another_tenant(engine: str) -> None:
    """One key for all tenants, and the context keeps them apart."""
    with Sandbox(engine=engine) as box:
        box.run("secret = 'of a'").raise_for_status()
        state = box.save(key=KEY, context={"tenant": "a"})
    for context in (None, {}, {"tenant": "b"}, {"tenant": "a", "session": "1"}, {"Tenant": "a"}):
        with pytest.raises(ringfence.StateRefused) as caught:
            Sandbox.restore(state, key=KEY, context=context, engine=engine)
        assert caught.value.reason == "context"


def test_an_old_state_can_be_restored_again(engine: str) -> None:
    """Replay: a save stays good when a newer one is made. It is the caller's to prevent."""
    with Sandbox(engine=engine) as box:
        box.run("credit = 10").raise_for_status()
        old = box.save(key=KEY)
        box.run("credit = 0").raise_for_status()
        box.save(key=KEY)
    for _ in range(2):
        with Sandbox.restore(old, key=KEY, engine=engine) as again:
            assert again.run("credit").value == 10
