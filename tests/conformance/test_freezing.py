"""Forks, snapshots and rollbacks: the whole state, exactly."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import pytest

import ringfence
from ringfence import ConfigurationError, PolicyNotEnforceable, Sandbox, StateRefused
from ringfence.runtime.registry import describe_engines
from ringfence.runtime.seal import SNAPSHOT
from ringfence.runtime.turnstile import Turnstile
from tests.conformance.conftest import LEVEL, Make, MakeAsync, finish
from tests.conformance.saving import Restore
from tests.support.damage import damaged
from tests.support.snapshots import KEY, forged

LIVE = """
import io, random
text = io.StringIO()
text.write("abc")
def count():
    n = 0
    while True:
        n += 1
        yield n
numbers = count()
next(numbers), next(numbers)
def counter():
    n = 10
    def step():
        nonlocal n
        n += 1
        return n
    return step
step = counter()
step()
class Stubborn:
    def __reduce__(self): raise TypeError
kept = Stubborn()
kept.itself = kept
random.seed()
with open("file", "w") as file:
    file.write("hello")
handle = open("file")
handle.read(2)
walk = iter({1: "a", 2: "b", 3: "c"}.items())
next(walk)
"""
LOOK = """
text.write("d")
(text.getvalue(), next(numbers), step(), kept.itself is kept, random.random(),
 handle.read(), next(walk), id(kept))
"""


def echo(number: int) -> int:
    """Give it back."""
    return number


async def later(number: int) -> int:
    """Give it back."""
    return number


# --- forks -----------------------------------------------------------------------------------


@pytest.mark.requirement("freezing.fork")
def test_a_fork_has_everything(make: Make) -> None:
    box = make()
    box.run(LIVE).raise_for_status()
    with box.fork() as twin, twin.fork() as third:
        assert (twin.engine, twin.walls, twin.limits) == (box.engine, box.walls, box.limits)
        seen = [one.run(LOOK).raise_for_status().value for one in (box, twin, third)]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][:4] == ("abcd", 3, 12, True)
    assert seen[0][5:7] == ("llo", (2, "b"))


@pytest.mark.requirement("freezing.fork")
def test_each_goes_its_own_way(make: Make) -> None:
    box = make()
    box.run("x = []; open('a', 'w').close()").raise_for_status()
    with box.fork() as twin:
        twin.run("x.append(1); open('b', 'w').close()").raise_for_status()
        box.run("x.append(2)").raise_for_status()
        look = "import os; x, sorted(os.listdir())"
        assert twin.run(look).value == ([1], ["a", "b"])
        assert box.run(look).value == ([2], ["a"])
        box.close()
        assert twin.run("x").value == [1]


@pytest.mark.requirement("freezing.fork")
def test_a_fork_of_a_sandbox_that_ran_nothing(make: Make) -> None:
    box = make(functions={"echo": echo}, files={"a": b"x"}, modules={"m": "y = 5"})
    with box.fork() as twin:
        assert twin.run("import m; echo(3), m.y, open('a').read()").value == (3, 5, "x")
    assert box.run("import m; echo(3), m.y, open('a').read()").value == (3, 5, "x")


@pytest.mark.requirement("freezing.fork")
def test_an_interrupt_that_came_too_late_is_nobody_s(make: Make) -> None:
    """As one that was sent when the turn had just ended: it stands in the memory that is frozen."""
    box = make()
    box.run("x = 1").raise_for_status()
    assert box._session is not None
    box._session.guest.stop("interrupt")
    with box.fork() as twin:
        assert twin.run("[n for n in range(100_000)] and x").value == 1
    assert box.run("x").value == 1


@pytest.mark.requirement("freezing.fork")
def test_a_fork_calls_the_same_functions(make: Make) -> None:
    box = make(functions={"echo": echo, "later": later})
    box.run("f = echo").raise_for_status()
    with box.fork() as twin:
        assert twin.run("f(1), await later(2)").value == (1, 2)
        assert twin.call("f", 4).value == 4


@pytest.mark.requirement("freezing.fork")
def test_a_fork_after_errors_and_output(make: Make) -> None:
    box = make()
    box.run("x = 1\nprint('out')\n1 / 0")
    box.run("import time\ntime.sleep(5)", limits=box.limits.replace(wall=0.1))
    with box.fork() as twin:
        assert (twin.run("print('here'); x").value, len(twin.displays)) == (1, 0)
        assert twin.run("print('here')").stdout == "here\n"


@pytest.mark.requirement("freezing.fork")
def test_much_memory_is_forked(make: Make) -> None:
    box = make()
    box.run("big = bytes(range(256)) * 100_000").raise_for_status()
    with box.fork() as twin:
        assert twin.run("import hashlib; hashlib.sha256(big).hexdigest()").value == (
            box.run("import hashlib; hashlib.sha256(big).hexdigest()").value
        )


@pytest.mark.requirement("freezing.fork", "freezing.snapshot", "freezing.rollback")
def test_awaited(make_async: MakeAsync, engine: str) -> None:
    async def work() -> list[Any]:
        async with make_async(checkpoints=True) as box:
            await box.run("x = 5")
            async with await box.fork() as twin:
                state = await box.snapshot(key=KEY)
                options = LEVEL.options(engine, {})
                async with await ringfence.AsyncSandbox.restore(state, key=KEY, **options) as again:
                    await box.run("x = 6")
                    await box.rollback()
                    return [(await one.run("x")).value for one in (box, twin, again)]

    assert finish(work()) == [5, 5, 5]


# --- snapshots -------------------------------------------------------------------------------


@pytest.mark.requirement("freezing.snapshot")
def test_a_snapshot_is_restored_as_often_as_one_likes(make: Make, restore: Restore) -> None:
    box = make()
    box.run(LIVE).raise_for_status()
    state = box.snapshot(key=KEY)
    seen = [box.run(LOOK).raise_for_status().value]
    box.close()
    seen += [restore(state).run(LOOK).raise_for_status().value for _ in range(2)]
    assert seen[0] == seen[1] == seen[2]
    assert type(state) is bytes


@pytest.mark.requirement("freezing.snapshot")
def test_a_small_session_takes_less_than_a_megabyte(make: Make) -> None:
    box = make()
    box.run(LIVE).raise_for_status()
    assert len(box.snapshot(key=KEY)) < 1_000_000


@pytest.mark.requirement("freezing.snapshot")
def test_a_restored_sandbox_can_be_kept_again(make: Make, restore: Restore) -> None:
    box = make()
    box.run("x = [1]").raise_for_status()
    second = restore(box.snapshot(key=KEY))
    second.run("x.append(2)").raise_for_status()
    assert restore(second.snapshot(key=KEY)).run("x").value == [1, 2]
    assert second.save(key=KEY).names == ("x",)


@pytest.mark.requirement("freezing.snapshot")
def test_the_engine_is_that_of_the_snapshot(make: Make) -> None:
    box = make()
    if LEVEL.walls is not None:
        pytest.skip("behind other walls than the default's the policy has to be given")
    with Sandbox.restore(box.snapshot(key=KEY), key=KEY) as again:
        assert again.engine == box.engine


# --- rollback --------------------------------------------------------------------------------

STUBBORN = """
x = "changed"
while True:
    try:
        while True: pass
    except BaseException: pass
"""


@pytest.mark.requirement("freezing.rollback")
@pytest.mark.parametrize(
    ("code", "alive"),
    [
        ("x = 'changed'; import time; time.sleep(10)", True),
        (STUBBORN, False),
        ("x = 'changed'\nbytearray(3 << 29)", True),
        ("x = 'changed'\nimport os\nos._exit(3)", False),
        ("x = 'changed'\nimport os\nos.abort()", False),
        ("x = 'changed'\n1 / 0", True),
        ("x = 'changed'", True),
    ],
    ids=["wall", "killed", "memory", "exit", "abort", "error", "ok"],
)
def test_the_state_before_a_turn(make: Make, code: str, alive: bool) -> None:
    box = make(checkpoints=True)
    box.run("x = ['kept']; open('file', 'w').close()").raise_for_status()
    ended = box.run(code, limits=box.limits.replace(wall=0.3))
    assert ended.alive is alive
    for _ in range(2):  # the second undoes the turn that looked
        box.rollback()
        assert box.alive
        assert box.run("import os; x.append(1); x, os.listdir()").value == (["kept", 1], ["file"])


@pytest.mark.requirement("freezing.rollback")
def test_what_was_shown_stays_shown(make: Make) -> None:
    box = make(checkpoints=True)
    box.run("display('one')").raise_for_status()
    box.rollback()
    assert len(box.displays) == 1


@pytest.mark.requirement("freezing.rollback")
def test_a_turn_that_waits_for_a_rollback_is_the_new_guests(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And under its limits, though the sandbox had another guest when the turn was asked for."""
    box = make(checkpoints=True)
    box.run("x = 1").raise_for_status()
    limits, results = box.limits.replace(wall=0.5), []
    go_on_from = box._go_on_from

    def run() -> None:
        results.append(box.run("x = 2\nwhile True: pass", limits=limits))

    def is_waiting() -> bool:
        frame = sys._current_frames().get(waiting.ident or 0)
        return frame is not None and frame.f_code is Turnstile.acquire.__code__

    waiting = threading.Thread(target=run)

    def while_another_waits(frozen: Any) -> None:
        waiting.start()
        while not is_waiting():
            os.sched_yield()
        go_on_from(frozen)

    monkeypatch.setattr(box, "_go_on_from", while_another_waits)
    box.rollback()
    waiting.join()
    assert [(one.status, one.limit, one.alive) for one in results] == [("limit", "wall", True)]
    monkeypatch.undo()
    assert box.run("x").value == 2


@pytest.mark.requirement("freezing.rollback-asked")
def test_nothing_was_kept(make: Make) -> None:
    box = make()
    box.run("1").raise_for_status()
    with pytest.raises(ConfigurationError, match=r"^rollback: .* made with checkpoints=True$"):
        box.rollback()
    with pytest.raises(ConfigurationError, match=r"^checkpoints=1 must be True or False$"):
        make(checkpoints=1)


@pytest.mark.requirement("freezing.rollback")
def test_no_turn_to_undo(make: Make) -> None:
    box = make(checkpoints=True)
    with pytest.raises(ConfigurationError, match="^rollback: no turn was begun"):
        box.rollback()


# --- refused ---------------------------------------------------------------------------------


@pytest.mark.requirement("freezing.lent")
@pytest.mark.parametrize(
    ("functions", "wrong"),
    [
        ({}, "'echo' is missing"),
        ({"echo": echo, "more": echo}, "'more' was not lent"),
        ({"echo": later}, "'echo' is another"),
    ],
    ids=["missing", "more", "another"],
)
def test_other_functions(make: Make, restore: Restore, functions: Any, wrong: str) -> None:
    state = make(functions={"echo": echo}).snapshot(key=KEY)
    with pytest.raises(StateRefused, match=wrong) as caught:
        restore(state, functions=functions)
    assert caught.value.reason == "context"


@pytest.mark.requirement("freezing.lent")
def test_stdin_is_lent_again(make: Make, restore: Restore) -> None:
    state = make(stdin=lambda: "a\n").snapshot(key=KEY)
    with pytest.raises(StateRefused, match="stdin= was a function"):
        restore(state)
    assert restore(state, stdin=lambda: "b\n").run("input()").value == "b"


@pytest.mark.requirement("freezing.lent")
@pytest.mark.parametrize("given", [{"files": {"a": b""}}, {"modules": {"m": ""}}], ids=str)
def test_what_the_guest_has_already(make: Make, restore: Restore, given: Any) -> None:
    with pytest.raises(ConfigurationError, match="cannot be given with a snapshot"):
        restore(make().snapshot(key=KEY), **given)


@pytest.mark.requirement("freezing.sealed")
def test_bytes_that_are_not_what_was_made(make: Make, restore: Restore) -> None:
    state = make().snapshot(key=KEY, context={"tenant": "a"})

    def reason(data: bytes, **options: Any) -> str:
        with pytest.raises(StateRefused) as caught:
            restore(data, **{"context": {"tenant": "a"}, **options})
        return caught.value.reason

    assert reason(state[:-1]) == "truncated"
    assert reason(state + b"x") == "tampered"
    assert reason(damaged(state)) == "tampered"
    middle = len(state) // 2
    assert reason(state[:middle] + bytes([state[middle] ^ 1]) + state[middle + 1 :]) == "tampered"
    assert reason(state, key=bytes(32)) == "foreign-key"
    assert reason(state, context={"tenant": "b"}) == "context"
    assert reason(state, context={}) == "context"
    # A save in a snapshot's clothes, and the opposite.
    assert reason(b"RFSTATE\n" + state[8:]) == "tampered"
    save = make().save(key=KEY)
    assert reason(SNAPSHOT + save[8:]) == "tampered"


@pytest.mark.requirement("freezing.bounded")
def test_memory_that_is_not_allowed(make: Make, restore: Restore) -> None:
    box = make()
    box.run("import os; big = os.urandom(200 << 20)").raise_for_status()
    state = box.snapshot(key=KEY)
    disk = box.limits.disk
    with pytest.raises(StateRefused) as caught:
        restore(state, limits=box.limits.replace(memory="66MiB", disk=disk))
    assert caught.value.reason == "too-large"
    with pytest.raises(StateRefused, match="is more than the guest may have$") as caught:
        restore(state, limits=box.limits.replace(memory="160MiB", disk=disk))
    assert caught.value.reason == "malformed"


@pytest.mark.requirement("freezing.bounded")
def test_files_that_are_not_allowed(make: Make, restore: Restore) -> None:
    state = make().snapshot(key=KEY)
    with pytest.raises(StateRefused, match=r"pass the same Limits\(disk=…, files=…\)"):
        restore(state, limits=ringfence.Limits(files=5))


@pytest.mark.requirement("freezing.image")
def test_another_image(make: Make, restore: Restore) -> None:
    state = forged(make().snapshot(key=KEY), image="0123")
    with pytest.raises(StateRefused, match="belongs to the image 0123 of") as caught:
        restore(state)
    assert caught.value.reason == "image"


@pytest.mark.requirement("freezing.sealed")
@pytest.mark.parametrize(
    "changes",
    [{"size": -1}, {"size": 5}, {"size": "x"}, {"context": []}, {"scratch": 5}, {"functions": 1}],
    ids=str,
)
def test_a_head_that_was_not_written_by_ringfence(
    make: Make, restore: Restore, changes: Any
) -> None:
    with pytest.raises(StateRefused) as caught:
        restore(forged(make().snapshot(key=KEY), **changes))
    assert caught.value.reason == "malformed"


@pytest.mark.requirement("freezing.refused")
def test_an_engine_that_cannot(make: Make, engine: str) -> None:
    if describe_engines()[engine].capabilities.snapshot:
        pytest.skip(f"{engine} can")
    box = make()
    for refused in (box.fork, lambda: box.snapshot(key=KEY)):
        with pytest.raises(PolicyNotEnforceable, match=f"^{engine}: its guests cannot be forked"):
            refused()
    assert box.run("1").value == 1
    with pytest.raises(PolicyNotEnforceable, match=f"^{engine}: its guests cannot be forked"):
        make(checkpoints=True).run("1")
