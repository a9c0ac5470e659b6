"""A guest that nobody wanted anything of for a while is what it was before."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence import Limits, Policy, Sandbox
from tests.lifecycle.hosts import run_host
from tests.support.processes import pid_of, wait_until_stopped

_BELOW = ("native", "wasi")  # whose guests are processes below this one
_ROUNDS = 12


def _rest(box: Sandbox) -> None:
    wait_until_stopped([pid_of(box)])


def test_what_it_has_and_what_it_can(engine: str) -> None:
    if engine not in _BELOW:
        pytest.skip(f"guests of {engine} are not processes below this one")
    asked: list[int] = []

    def double(number: int) -> int:
        asked.append(number)
        return 2 * number

    source = """
seen, text = [], "".join(map(chr, range(97, 123)))
def count():
    number = 0
    while True:
        number += 1
        yield number
numbers = count()
def step(kept=[]):
    kept.append(double(next(numbers)))
    seen.append((len(kept), sum(kept), text[len(kept)]))
    return len(seen)
"""
    with Sandbox(engine=engine, functions=[double]) as box:
        box.run(source).raise_for_status()
        for number in range(1, _ROUNDS):
            _rest(box)
            assert box.call("step").value == number
            _rest(box)
            assert box.run("print(text); seen[-1]").value == (
                number, number * (number + 1), chr(97 + number),
            )  # fmt: skip
        assert asked == list(range(1, _ROUNDS))
        _rest(box)
        failed = box.run("1 / 0")
        assert failed.error is not None
        assert (failed.status, failed.error.type) == ("error", "ZeroDivisionError")
        assert box.run("len(seen)").value == _ROUNDS - 1


def test_its_turns_can_be_ended(engine: str) -> None:
    """The thread that listens for that has waited as well."""
    if engine not in _BELOW:
        pytest.skip(f"guests of {engine} are not processes below this one")
    with Sandbox(engine=engine, limits=Limits(wall=0.3)) as box:
        box.run("kept = 7").raise_for_status()
        for _ in range(3):
            _rest(box)
            ended = box.run("while True: pass")
            assert (ended.status, ended.limit, ended.alive) == ("limit", "wall", True)
            _rest(box)
            assert box.run("kept").value == 7


def test_it_can_be_frozen(engine: str) -> None:
    if engine != "wasi":
        pytest.skip(f"{engine} has no snapshot (its Capabilities)")
    with Sandbox(engine=engine) as box:
        box.run("numbers = iter(range(100)); next(numbers)").raise_for_status()
        for number in range(1, _ROUNDS):
            _rest(box)
            with box.fork() as twin:
                assert twin.run("next(numbers)").value == number
                _rest(twin)
                assert twin.run("next(numbers)").value == number + 1
            _rest(box)
            assert box.run("next(numbers)").value == number


def test_what_it_is_depends_on_no_rest(engine: str) -> None:
    """A frozen guest is the pages that it has made something else of, not all that it wrote to."""
    if engine != "wasi":
        pytest.skip(f"{engine} has no snapshot (its Capabilities)")

    def live(*, rests: bool) -> bytes:
        with Sandbox(engine=engine, policy=Policy(deterministic=True)) as box:
            for number in range(4):
                box.run(f"seen = {number}; text = str(seen) * 10").raise_for_status()
                if rests:
                    _rest(box)
            return box._freeze().memory

    assert live(rests=True) == live(rests=False)


@pytest.mark.parametrize(
    "short",
    [
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
        "import errno; from tests.support.levels import _refuse; "
        "_refuse('memfd_create', errno.EPERM)",
    ],
    ids=["file size", "descriptors", "no files in memory"],
)
def test_a_host_that_lends_no_memory_for_that_has_guests_all_the_same(
    engine: str, short: str
) -> None:
    if engine != "wasi":
        pytest.skip(f"guests of {engine} give nothing back")
    said = run_host(f"""
from tests.support.processes import pid_of, wait_until_stopped
{short}
with Sandbox(engine="wasi") as box:
    box.run("x = 41").raise_for_status()
    wait_until_stopped([pid_of(box)])
    tell(box.run("x + 1").value)
""")
    assert said == [42]


def test_looking_for_what_is_as_it_was_leaves_nothing_in_its_memory(engine: str) -> None:
    """What is read of the originals is not its own, and not counted as that."""
    if engine != "wasi":
        pytest.skip(f"guests of {engine} give nothing back")
    with Sandbox(engine=engine) as box:
        for _ in range(3):
            box.run("1 + 1").raise_for_status()
        before = _resident(pid_of(box))
        _rest(box)
        assert _resident(pid_of(box)) <= before


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
