"""What a Result says, and what ``raise_for_status()`` makes of it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

import ringfence
from ringfence import errors
from tests.conformance.conftest import LEVEL, Make, Run
from tests.conformance.tracebacks import below_call


@pytest.mark.requirement("result.ok")
def test_ok(run: Run) -> None:
    result = run("print('out')\n6 * 7")
    assert (result.status, result.ok, result.limit, result.error) == ("ok", True, None, None)
    assert (result.value, result.stdout, result.stderr) == (42, "out\n", "")
    assert (result.displays, result.abandoned) == ((), ())
    assert result.alive is False


@pytest.mark.requirement("result.ok")
def test_alive_in_a_sandbox(shared: ringfence.Sandbox) -> None:
    assert shared.run("1").alive is True
    assert shared.run("1/0").alive is True


@pytest.mark.requirement("result.value")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("", None),
        ("# nothing", None),
        ("\n\n  \n", None),
        ("x = 5", None),
        ("5", 5),
        ("5;", 5),
        ("x = 1; x + 1", 2),
        ("x = 1\nx\n", 1),
        ("x = 1\nx  # a comment\n", 1),
        ("x\nx = 2", None),
        ("(\n1,\n2\n)", (1, 2)),
        ("'''a\nb'''", "a\nb"),
        ("if True:\n    5", None),
        ("for i in range(3):\n    i", None),
        ("def f():\n    return 5", None),
        ("def f():\n    return 5\nf()", 5),
        ("import math", None),
        ("pass", None),
        ("assert True", None),
        ("del x", None),
        ("y = z = 3\ny, z", (3, 3)),
        ("(w := 4)", 4),
        ("w", 4),
        ("lambda: 1\n1", 1),
        ("from __future__ import annotations\n1", 1),
        ("x: int = 5\nx", 5),
        ("match 5:\n    case 5: found = 'yes'\nfound", "yes"),
        ("None", None),
        ("print('x')", None),
        ("a = 1\r\na\r\n", 1),
        ("ä = 'umlaut'\nä", "umlaut"),
    ],
)
def test_value_is_the_last_expression(shared: ringfence.Sandbox, code: str, value: object) -> None:
    shared.run("x = 0").raise_for_status()
    result = shared.run(code)
    assert result.status == "ok", result.error
    assert result.value == value


_USAGE = {
    "wall", "host_wall", "cpu", "fuel", "steps", "output", "display", "calls", "value", "memory",
}  # fmt: skip


@pytest.mark.requirement("result.usage-keys")
def test_usage_keys(run: Run) -> None:
    usage = run("1").usage
    assert set(usage.as_dict()) >= _USAGE
    named = {field.name for field in fields(ringfence.Limits)} | {"shared"}  # which nothing bounds
    assert set(usage.as_dict()) <= named
    assert {name: usage[name] for name in usage.as_dict()} == usage.as_dict()
    with pytest.raises(KeyError, match="nonsense"):
        _ = usage["nonsense"]


@pytest.mark.requirement("result.usage")
def test_usage_is_of_this_turn(make: Make) -> None:
    def f() -> None:
        return None

    box = make(functions=[f])
    busy = box.run("for _ in range(5): f()\nprint('x' * 600)\ndisplay(1)\nb'x' * 1000").usage
    assert (busy.calls, busy.output, busy.fuel, busy.steps) == (5, 601, None, None)
    assert busy.display >= 512
    assert busy.value >= 1_000
    assert busy.wall > 0
    assert busy.host_wall > 0
    quiet = box.run("1").usage
    assert (quiet.calls, quiet.output, quiet.display) == (0, 0, 0)
    assert quiet.host_wall == 0
    assert quiet.value < 100


@pytest.mark.requirement("result.usage")
def test_usage_of_cpu_and_memory(make: Make) -> None:
    box = make()
    spin = "import time\nend = time.process_time() + 0.21\nwhile time.process_time() < end: pass"
    usage = box.run(spin).usage
    if usage.cpu is not None:
        assert usage.cpu >= 0.2
        after = box.run("1").usage.cpu
        assert after is not None
        assert after < 0.2
    before = box.run("1").usage.memory
    if before is not None:
        after_growth = box.run("kept = bytearray(b'x' * (32 << 20))\n1").usage.memory
        assert after_growth is not None
        assert after_growth - before >= 32 << 20


@pytest.mark.requirement("result.enforced")
def test_enforced_names_a_mechanism_for_everything(make: Make, engine: str) -> None:
    box = make()
    result = box.run("1")
    limits = ringfence.engines()[engine].capabilities.limits
    bounded = {name for name in limits if getattr(box.limits, name) is not None}
    assert set(result.enforced) == bounded | {"network", "files", "processes"}
    assert all(text for text in result.enforced.values())
    assert result.enforced == box.enforced


@pytest.mark.requirement("result.enforced")
def test_enforced_cannot_be_changed(shared: ringfence.Sandbox) -> None:
    with pytest.raises(TypeError):
        shared.run("1").enforced["memory"] = "nothing"  # type: ignore[index]


@pytest.mark.requirement("result.engine-walls")
def test_engine_and_walls(run: Run, engine: str) -> None:
    result = run("1/0")
    assert result.engine == engine
    info = ringfence.engines()[engine]
    assert result.walls == (LEVEL.walls or info.availability.walls[0])
    assert result.walls in info.capabilities.walls


@pytest.mark.requirement("result.plain-data")
def test_result_is_plain_data(run: Run) -> None:
    result = run("print('x')\ndisplay(5)\n[1, {'a': (2,)}]")
    with pytest.raises(FrozenInstanceError):
        result.value = 1  # type: ignore[misc]
    assert copy.copy(result) == result
    assert copy.deepcopy(result) == result
    assert pickle.loads(pickle.dumps(result)) == result


# --- raise_for_status -----------------------------------------------------------------------


@pytest.mark.requirement("raise.ok")
def test_ok_returns_itself(shared: ringfence.Sandbox) -> None:
    result = shared.run("1")
    assert result.raise_for_status() is result


_ENDS: dict[str, tuple[str, str, str | None, type[Exception]]] = {
    "error": ("1/0", "error", None, errors.GuestError),
    "wall": ("while True: pass", "limit", "wall", errors.TimeLimitExceeded),
    "memory": ("bytearray(2 * 10**9)", "limit", "memory", errors.MemoryLimitExceeded),
    "output": ("print('x' * 9_999)", "limit", "output", errors.OutputLimitExceeded),
    "display": (
        "display('x' * 3_000, 'y' * 3_000)",
        "limit",
        "display",
        errors.OutputLimitExceeded,
    ),
    "value": ("b'x' * 9_999", "limit", "value", errors.OutputLimitExceeded),
    "calls": ("f()", "limit", "calls", errors.LimitExceeded),
    "crashed": ("import os\nos._exit(3)", "crashed", None, errors.GuestCrashed),
}


@pytest.mark.requirement("raise.statuses")
@pytest.mark.parametrize("name", _ENDS)
def test_each_end_raises_its_own(run: Run, name: str) -> None:
    def f() -> None:
        return None

    code, status, limit, kind = _ENDS[name]
    limits = ringfence.Limits(wall=0.5, output=4_096, display=4_096, value=4_096, calls=0)
    result = run(code, functions=[f], limits=limits)
    assert (result.status, result.limit) == (status, limit)
    with pytest.raises(ringfence.GuestFailure) as caught:
        result.raise_for_status()
    assert type(caught.value) is kind
    assert caught.value.result is result
    assert isinstance(caught.value, ringfence.RingfenceError)


@pytest.mark.requirement("raise.statuses")
def test_limit_exceptions_are_builtin_ones_too(run: Run) -> None:
    with pytest.raises(TimeoutError):
        run("while True: pass", limits=ringfence.Limits(wall=0.3)).raise_for_status()
    with pytest.raises(MemoryError):
        run("bytearray(2 * 10**9)").raise_for_status()


@pytest.mark.requirement("raise.statuses")
def test_failure_pickles(run: Run) -> None:
    with pytest.raises(ringfence.GuestError) as caught:
        run("1/0").raise_for_status()
    copied = pickle.loads(pickle.dumps(caught.value))
    assert type(copied) is ringfence.GuestError
    assert str(copied) == str(caught.value)
    assert copied.result == caught.value.result


@pytest.mark.requirement("raise.message")
def test_message_shows_the_traceback(run: Run, guest_version: tuple[int, int]) -> None:
    with pytest.raises(ringfence.GuestError) as caught:
        run("def f():\n    raise ValueError('no')\nf()").raise_for_status()
    assert str(caught.value) == (
        "the guest raised ValueError: no\n"
        "\n"
        "Traceback (most recent call last):\n"
        '  File "<cell 1>", line 3, in <module>\n'
        "    f()\n" + below_call(guest_version, "f()") + '  File "<cell 1>", line 2, in f\n'
        "    raise ValueError('no')\n"
        "ValueError: no"
    )


@pytest.mark.requirement("raise.message")
def test_message_of_a_limit(run: Run) -> None:
    with pytest.raises(ringfence.LimitExceeded) as caught:
        run("while True: pass", limits=ringfence.Limits(wall=0.25)).raise_for_status()
    assert str(caught.value) == "the guest reached its limit wall=0.25 s"
