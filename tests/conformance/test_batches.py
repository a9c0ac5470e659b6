"""Many calls of one function in one round trip."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence import ConfigurationError, Limits
from ringfence.runtime.evaluator import CallStatus, GuestProgram, Outcomes
from ringfence.runtime.recipe import Recipe
from tests.conformance.conftest import LEVEL

NOT_RUN, OK, ERROR, LIMIT, CRASHED = map(int, CallStatus)

MakeProgram = Callable[..., GuestProgram]


@pytest.fixture
def program(engine: str) -> Iterator[MakeProgram]:
    """Makes a :class:`GuestProgram` of the engine under test; closed at the end."""
    made: list[GuestProgram] = []

    def make_one(source: str, entry: str = "f", **options: Any) -> GuestProgram:
        given: dict[str, Any] = dict.fromkeys(
            ("limits", "policy", "files", "python", "modules", "stdin", "trace", "pool")
        )
        given |= {"functions": (), "packages": ()} | LEVEL.options(engine, options)
        made.append(GuestProgram(source, entry, Recipe(**given)))
        return made[-1]

    yield make_one
    for one in made:
        one.close()


def told(outcomes: Outcomes) -> list[int]:
    statuses: list[int] = outcomes.status.tolist()
    return statuses


@pytest.mark.requirement("batch.calls")
def test_a_function_is_called_for_each_row(program: MakeProgram) -> None:
    f = program("def f(x, y):\n    return x * y + 1")
    outcomes = f.evaluate([np.arange(5.0), [2.0] * 5])
    assert (outcomes.ok, outcomes.guests, dict(outcomes.errors)) == (True, 1, {})
    assert outcomes.values.tolist() == [1.0, 3.0, 5.0, 7.0, 9.0]
    again = f.evaluate([[2**53 + 1], [3]], dtype="int64")
    assert (again.values.dtype.name, again.values.tolist()) == ("int64", [3 * (2**53 + 1) + 1])
    wide = program("def f(*xs):\n    return [len(xs), 2]").evaluate([], count=3, width=2)
    assert wide.values.tolist() == [[0.0, 2.0]] * 3
    assert f.evaluate([[], []]).values.tolist() == []
    many = f.evaluate([np.arange(100_000.0), np.ones(100_000)])
    assert (many.values == np.arange(100_000.0) + 1).all()


@pytest.mark.requirement("batch.columns")
def test_columns_of_an_arena_are_lent(program: MakeProgram) -> None:
    f = program("def f(x):\n    return -x", packages=["numpy"])
    column = ringfence.empty(1 << 18)
    column[:] = np.arange(1 << 18)
    outcomes = f.evaluate([column])
    assert (outcomes.values == -column).all()
    assert outcomes.result.usage.shared in (0, column.nbytes)


@pytest.mark.requirement("batch.errors")
def test_a_call_that_raises_is_marked(program: MakeProgram) -> None:
    f = program(
        "def f(x):\n    if x == 1:\n        raise ValueError('one')\n    return [x, 'a'][x == 2]"
    )
    outcomes = f.evaluate([[0, 1, 2, 3]])
    assert told(outcomes) == [OK, ERROR, ERROR, OK]
    assert outcomes.values.tolist() == [0.0, 0.0, 0.0, 3.0]
    assert outcomes.errors[1] == ringfence.model.GuestErrorInfo(
        "ValueError", "one", '  File "<cell 1>", line 3\n'
    )
    assert outcomes.errors[2].type == "TypeError"
    assert outcomes.result.alive
    missing = program("1", "g").evaluate([[1]])
    assert missing.result.error is not None
    assert (told(missing), missing.result.error.type) == ([NOT_RUN], "NameError")


@pytest.mark.requirement("batch.each")
def test_a_call_that_takes_too_long_is_stopped(program: MakeProgram) -> None:
    f = program("def f(x):\n    if x == 2:\n        0.5 in range(10**12)\n    return x")
    outcomes = f.evaluate([[0, 1, 2, 3, 4]], each=0.2)
    assert told(outcomes) == [OK, OK, LIMIT, OK, OK]
    assert outcomes.values.tolist() == [0.0, 1.0, 0.0, 3.0, 4.0]
    assert outcomes.errors[2].message == "the guest reached its limit each"
    assert outcomes.guests == 2
    assert f.evaluate([[7]], each=0.2).values.tolist() == [7.0]


@pytest.mark.requirement("batch.crash")
def test_a_call_in_which_the_guest_dies_is_marked(program: MakeProgram) -> None:
    f = program("import os\ndef f(x):\n    if x in (1, 4):\n        os._exit(3)\n    return x")
    outcomes = f.evaluate([[0, 1, 2, 3, 4]])
    assert told(outcomes) == [OK, CRASHED, OK, OK, CRASHED]
    assert outcomes.errors[4].message == "the guest process ended with exit code 3"
    assert outcomes.guests == 3 - 1
    assert f.evaluate([[7]]).ok


@pytest.mark.requirement("batch.limits")
def test_a_limit_of_the_turn_ends_it(program: MakeProgram) -> None:
    source = "def f(x):\n    while x == 2: pass\n    return x"
    f = program(source, limits=Limits(wall=0.3))
    outcomes = f.evaluate([[0, 1, 2, 3]])
    assert (outcomes.result.limit, outcomes.result.alive) == ("wall", True)
    assert told(outcomes) == [OK, OK, NOT_RUN, NOT_RUN]


@pytest.mark.requirement("batch.cancel")
def test_cancelled(program: MakeProgram) -> None:
    reached = threading.Event()

    def reach() -> None:
        reached.set()

    source = "from host import reach\ndef f(x):\n    if x == 1:\n        reach()\n        while True: pass\n    return 9"
    f = program(source, functions=[reach])

    def cancel() -> None:
        reached.wait()
        assert f.cancel() is True

    thread = threading.Thread(target=cancel)
    thread.start()
    outcomes = f.evaluate([[0, 1, 2]])
    thread.join()
    assert (outcomes.result.status, told(outcomes)) == ("cancelled", [OK, NOT_RUN, NOT_RUN])
    assert f.cancel() is False


@pytest.mark.requirement("batch.wrong")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"columns": [[1], [1, 2]]},
            "columns and count disagree about the number of calls: [1, 2]",
        ),
        (
            {"columns": [[1]], "count": 2},
            "columns and count disagree about the number of calls: [1, 2]",
        ),
        ({"columns": []}, "a batch without columns needs count="),
        ({"columns": "ab"}, "columns must be a list of columns, one for each argument"),
        ({"columns": [], "count": -1}, "count=-1 must be a whole number, 0 to 10000000"),
        ({"columns": [[1]], "width": 0}, "width=0 must be a whole number, 1 to 1048576"),
        ({"columns": [[1]], "dtype": "object"}, "dtype='object' must be float64 or int64"),
        ({"columns": [[1]], "each": 0}, "each=0 must be seconds, up to wall=30.0"),
        ({"columns": [[1]], "each": 31}, "each=31 must be seconds, up to wall=30.0"),
    ],
)
def test_wrong_arguments(program: MakeProgram, options: Any, message: str) -> None:
    f = program("def f(x):\n    return x")
    with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}$"):
        f.evaluate(**options)


@pytest.mark.requirement("batch.wrong")
def test_a_program_that_is_none(program: MakeProgram) -> None:
    with pytest.raises(ringfence.GuestError, match="ZeroDivisionError"):
        program("1 / 0")
    with pytest.raises(ConfigurationError, match=r"^entry='a b' is not the name of a function$"):
        program("1", "a b")
    f = program("def f(): return 1")
    f.close()
    f.close()
    with pytest.raises(ringfence.SandboxClosed, match=r"^this program was closed$"):
        f.evaluate([], count=1)


_LIES = """
import gc, mmap, struct

def f(x):
    output = next(o for o in gc.get_objects() if type(o) is memoryview and not o.readonly and len(o) > 64)
    if x == 1:
        output[64:67] = bytes([LIE, LIE, LIE])
        output[:8] = struct.pack("Q", COUNTER)
        DIE
    return x
"""


@pytest.mark.requirement("batch.hostile")
@pytest.mark.parametrize("counter", [0, 1, 3, 1_000, 2**64 - 1])
@pytest.mark.parametrize("lie", [0, 2, 3, 255])
def test_an_output_that_lies(program: MakeProgram, counter: int, lie: int) -> None:
    """Whatever it writes, the batch ends, and statuses are those that there are."""
    source = _LIES.replace("COUNTER", str(counter)).replace("LIE", str(lie))
    f = program(source.replace("DIE", "__import__('os')._exit(1)"))
    outcomes = f.evaluate([[0, 1, 2]], each=2.0)
    assert set(told(outcomes)) <= {NOT_RUN, OK, ERROR, LIMIT, CRASHED}
    assert outcomes.guests <= 3
    assert outcomes.values.shape == (3,)
    assert (outcomes.values[outcomes.status != OK] == 0).all()


_REWRITES = """
import gc, os, threading

def find():
    return next(o for o in gc.get_objects() if type(o) is memoryview and not o.readonly and len(o) > 64)

def spoil(output):
    while True:
        for junk in (b"\\xff", b"\\x00", b"\\x02", b"\\x01"):
            output[:] = junk * len(output)

def f(x):
    if x == 0:
        threading.Thread(target=spoil, args=(find(),), daemon=True).start()
    return x
"""


@pytest.mark.requirement("batch.hostile")
def test_an_output_that_is_rewritten_while_it_is_read(program: MakeProgram) -> None:
    """The host looks at a copy: what it checked is what it gives."""
    f = program(_REWRITES)
    if not f.evaluate([], count=0).result.alive or not LEVEL.private:
        pytest.skip("no threads behind these walls")
    for _ in range(20):
        outcomes = f.evaluate([list(range(1_000))])
        assert set(told(outcomes)) <= {NOT_RUN, OK, ERROR, CRASHED}
        assert (outcomes.values[outcomes.status != OK] == 0).all()
