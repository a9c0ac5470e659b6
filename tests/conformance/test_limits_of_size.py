"""output, display, calls, value, memory, threads, disk, files."""

from __future__ import annotations

import asyncio

import pytest

import ringfence
from ringfence import Limits
from tests.conformance.conftest import LEVEL, Level, Make, MakeAsync, Run, finish


def _end(result: ringfence.Result) -> tuple[str, str | None, bool]:
    return result.status, result.limit, result.alive


# --- output ---------------------------------------------------------------------------------


@pytest.mark.requirement("limits.output")
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_output(make: Make, stream: str) -> None:
    box = make(limits=Limits(output="64KiB"))
    result = box.run(f"import sys\nwhile True: print('x' * 999, file=sys.{stream})")
    assert _end(result) == ("limit", "output", True)
    assert result.error is not None
    assert result.error.message == "the guest reached its limit output=65,536"
    text = getattr(result, stream)
    assert 30_000 < len(text) <= 65_536
    assert set(text.splitlines()[:-1]) == {"x" * 999}
    assert box.run("print('again')").stdout == "again\n"


@pytest.mark.requirement("limits.output")
def test_output_in_one_piece(make: Make) -> None:
    box = make(limits=Limits(output="64KiB"))
    assert _end(box.run("print('x' * 10_000_000)")) == ("limit", "output", True)
    assert box.run("print('again')").stdout == "again\n"


@pytest.mark.requirement("limits.output")
def test_output_of_both_streams_counts_together(make: Make) -> None:
    box = make(limits=Limits(output="64KiB"))
    result = box.run("import sys\nprint('x' * 40_000)\nprint('y' * 40_000, file=sys.stderr)")
    assert _end(result) == ("limit", "output", True)


@pytest.mark.requirement("limits.output")
def test_output_below_the_limit(make: Make) -> None:
    result = make(limits=Limits(output="64KiB")).run("print('x' * 60_000)")
    assert (result.status, len(result.stdout)) == ("ok", 60_001)
    assert 60_001 <= result.usage.output <= 65_536


@pytest.mark.requirement("limits.output-small-pieces")
def test_many_short_lines_fit(make: Make) -> None:
    result = make().run("for i in range(20_000): print(i)")
    assert result.status == "ok"
    assert result.stdout == "".join(f"{i}\n" for i in range(20_000))


# --- display --------------------------------------------------------------------------------


@pytest.mark.requirement("limits.display")
def test_display(make: Make) -> None:
    box = make(limits=Limits(display="64KiB"))
    result = box.run("while True: display('x' * 10_000)")
    assert _end(result) == ("limit", "display", True)
    assert result.error is not None
    assert result.error.message == "the guest reached its limit display=65,536"
    assert len(result.displays) == 6
    assert len(box.run("display(1)").displays) == 1


@pytest.mark.requirement("limits.display")
def test_number_of_displays_is_bounded(make: Make) -> None:
    result = make().run("while True: display(1)")
    assert _end(result) == ("limit", "display", True)
    assert len(result.displays) == 1_000


# --- calls ----------------------------------------------------------------------------------


@pytest.mark.requirement("limits.calls")
@pytest.mark.parametrize("calls", [0, 1, 5])
def test_calls(make: Make, calls: int) -> None:
    made: list[int] = []

    def count() -> int:
        made.append(1)
        return len(made)

    box = make(functions=[count], limits=Limits(calls=calls))
    result = box.run("seen = []\nwhile True: seen.append(count())")
    assert _end(result) == ("limit", "calls", True)
    assert len(made) == calls
    assert box.run("len(seen)").value == calls


@pytest.mark.requirement("limits.calls")
def test_calls_at_once(make: Make) -> None:
    made: list[int] = []

    async def count() -> None:
        made.append(1)
        await asyncio.Event().wait()

    box = make(functions=[count], limits=Limits(calls=3))
    result = box.run("import asyncio\nawait asyncio.gather(*[count() for _ in range(10)])")
    assert _end(result) == ("limit", "calls", True)
    assert len(made) <= 3


@pytest.mark.requirement("limits.calls")
def test_calls_are_counted_per_turn(make: Make) -> None:
    def count() -> None:
        return None

    box = make(functions=[count], limits=Limits(calls=2))
    assert [box.run("count(); count()").status for _ in range(3)] == ["ok"] * 3


# --- value ----------------------------------------------------------------------------------

_VALUE = Limits(value="1MiB")


@pytest.mark.requirement("limits.value-result")
@pytest.mark.parametrize(
    "code", ["b'x' * 2_000_000", "'x' * 2_000_000", "[b'x' * 600_000] * 2", "list(range(100_000))"]
)
def test_result_beyond_value(make: Make, code: str) -> None:
    box = make(limits=_VALUE)
    result = box.run(code)
    assert _end(result) == ("limit", "value", True)
    assert result.value is None
    assert box.run("b'x' * 1_000_000").status == "ok"


@pytest.mark.requirement("limits.value-argument")
def test_argument_of_a_host_call_beyond_value(make: Make) -> None:
    def size(data: bytes) -> int:
        return len(data)

    box = make(functions=[size], limits=_VALUE)
    assert _end(box.run("size(b'x' * 2_000_000)")) == ("limit", "value", True)
    assert box.run("size(b'x' * 1_000_000)").value == 1_000_000


@pytest.mark.requirement("limits.value-answer")
def test_result_of_a_host_function_beyond_value(make: Make) -> None:
    def big() -> bytes:
        return b"x" * 2_000_000

    result = make(functions=[big], limits=_VALUE).run("big()")
    assert result.status == "error"
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("HostFunctionError", "big")


@pytest.mark.requirement("limits.value-input")
def test_input_beyond_value(make: Make) -> None:
    box = make(limits=_VALUE)
    with pytest.raises(ringfence.ConfigurationError, match="larger than 1048576 bytes"):
        box.run("1", inputs={"data": b"x" * 2_000_000})
    with pytest.raises(ringfence.ConfigurationError, match="larger than 1048576 bytes"):
        box.call("f", b"x" * 2_000_000)
    assert box.run("len(data)", inputs={"data": b"x" * 1_000_000}).value == 1_000_000


@pytest.mark.requirement("limits.value-turn")
def test_value_of_one_turn(make: Make) -> None:
    box = make(limits=_VALUE)
    wide, narrow = box.limits.replace(value="4MiB"), box.limits.replace(value="4KiB")
    assert len(box.run("b'x' * 2_000_000", limits=wide).value) == 2_000_000
    assert _end(box.run("b'x' * 10_000", limits=narrow)) == ("limit", "value", True)
    assert len(box.run("b'x' * 10_000").value) == 10_000
    assert _end(box.run("b'x' * 2_000_000")) == ("limit", "value", True)


@pytest.mark.requirement("limits.value-result")
def test_usage_counts_the_value(make: Make) -> None:
    assert 1_000_000 <= make().run("b'x' * 1_000_000").usage.value <= 1_001_000


# --- memory ---------------------------------------------------------------------------------


@pytest.mark.requirement("limits.memory")
@pytest.mark.parametrize(
    "code",
    [
        "bytearray(10 ** 9)",
        "'a' * 10 ** 9",
        "[0] * 10 ** 9",
        "kept = []\nwhile True: kept.append(bytearray(1 << 20))",
        "def grow():\n    kept = []\n    while True: kept.append([kept] * 1000)\ngrow()",
        "b''.join([b'x' * (1 << 20)] * 400)",
    ],
)
def test_memory(make: Make, code: str) -> None:
    box = make(limits=Limits(memory="64MiB", wall=60))
    result = box.run(code)
    assert _end(result) == ("limit", "memory", True)
    assert result.error is not None
    assert result.error.type == "MemoryError"
    assert box.run("kept = None\n'alive'").value == "alive"


@pytest.mark.requirement("limits.memory")
@pytest.mark.parametrize("pages", range(0, 16, 2))
def test_memory_of_a_recursion_that_nothing_else_ends(make: Make, pages: int) -> None:
    """Where memory ends decides what CPython was about to do, and whether it loses the error."""
    box = make(limits=Limits(memory=(32 << 20) + pages * 65_536, wall=60))
    source = "import sys\nsys.setrecursionlimit((1 << 31) - 1)\ndef deeper(): deeper()\ndeeper()"
    result = box.run(source)
    assert result.error is not None
    assert (result.status, result.limit) == ("limit", "memory")
    assert result.error.type == "MemoryError"


@pytest.mark.requirement("limits.memory")
def test_memory_may_be_used_up_to_the_limit(make: Make) -> None:
    limits = Limits(memory="128MiB", disk="1MiB")
    result = make(limits=limits).run("data = bytearray(100 << 20)\nlen(data)")
    assert (result.status, result.value) == ("ok", 100 << 20)


@pytest.mark.requirement("limits.memory-caught")
def test_memory_error_may_be_caught(make: Make) -> None:
    box = make(limits=Limits(memory="64MiB"))
    result = box.run(
        "try:\n    bytearray(10 ** 9)\nexcept MemoryError:\n    caught = 'yes'\ncaught"
    )
    assert (result.status, result.value) == ("ok", "yes")


@pytest.mark.requirement("limits.memory-small")
def test_smallest_memory(make: Make) -> None:
    box = make(limits=Limits(memory="1MiB"))
    assert box.run("print('x')\nsorted([3, 1, 2])").value == [1, 2, 3]


@pytest.mark.requirement("limits.memory-input")
@pytest.mark.parametrize("kind", ["run", "call"])
def test_request_beyond_memory(make: Make, kind: str) -> None:
    box = make(limits=Limits(memory="16MiB"))
    box.run("def size(data): return len(data)").raise_for_status()
    data = b"x" * 48_000_000
    result = (
        box.run("len(data)", inputs={"data": data}) if kind == "run" else box.call("size", data)
    )
    assert (result.status, result.limit) == ("limit", "memory")


@pytest.mark.requirement("limits.memory-shared")
@pytest.mark.parametrize(
    "code",
    [
        "import mmap\nkept = []\nwhile True: kept.append(mmap.mmap(-1, 1 << 24))",
        "import mmap\nkept = []\nwhile True:\n    kept.append(mmap.mmap(-1, 1 << 24, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))\n    kept[-1][:] = bytes(1 << 24)",
    ],
)
def test_mapped_memory_is_bounded(make: Make, code: str) -> None:
    result = make(limits=Limits(memory="64MiB", wall=60)).run(code)
    assert result.status in ("error", "limit")
    if result.status == "error":
        assert result.error is not None
        assert result.error.type in ("PermissionError", "OSError")
    else:
        assert result.limit == "memory"


# --- threads --------------------------------------------------------------------------------

_START = (
    "import threading\nstop = threading.Event()\nstarted = 0\n"
    "try:\n"
    "    while started < 64:\n"
    "        threading.Thread(target=stop.wait).start()\n"
    "        started += 1\n"
    "except RuntimeError as error:\n"
    "    message = str(error)\n"
    "finally:\n"
    "    stop.set()\n"
)


@pytest.mark.requirement("limits.threads")
@pytest.mark.parametrize("threads", [1, 3, 8])
def test_threads(make: Make, threads: int) -> None:
    box = make(limits=Limits(threads=threads))
    assert box.run(_START + "started, message").value == (threads, "can't start new thread")


@pytest.mark.requirement("limits.threads")
def test_threads_end_and_others_may_start(make: Make) -> None:
    box = make(limits=Limits(threads=2))
    code = (
        "import threading\nseen = []\n"
        "for i in range(300):\n"
        "    thread = threading.Thread(target=seen.append, args=[i])\n"
        "    thread.start()\n    thread.join()\nseen == list(range(300))"
    )
    assert box.run(code).value is True


@pytest.mark.requirement("limits.threads-printing")
def test_printing_and_threads(make: Make) -> None:
    box = make(limits=Limits(threads=2))
    box.run("for i in range(2_000): print(i)").raise_for_status()
    assert box.run(_START + "started").value in (1, 2)
    busy = make(limits=Limits(threads=1))
    busy.run(
        "import threading\nstop = threading.Event()\nthreading.Thread(target=stop.wait).start()"
    ).raise_for_status()
    result = busy.run("for i in range(2_000): print(i)\nstop.set()")
    assert result.stdout == "".join(f"{i}\n" for i in range(2_000))


@pytest.mark.requirement("limits.threads-none")
def test_no_threads(make: Make, engine: str) -> None:
    box = make(limits=Limits(threads=0))
    started, message = box.run(_START + "started, message").value
    refused = "can't start new thread"
    if not ringfence.engines()[engine].capabilities.threads:
        refused += ": there are none here; use asyncio.gather for what waits, or call what computes directly"
    assert (started, message) == (0, refused)
    result = box.run("for i in range(2_000): print(i)")
    assert result.stdout == "".join(f"{i}\n" for i in range(2_000))


# --- scratch files --------------------------------------------------------------------------


@pytest.mark.requirement("limits.disk")
def test_disk(make: Make) -> None:
    box = make(limits=Limits(disk="4MiB"))
    code = (
        "import errno, os\n"
        "with open('big', 'wb') as file:\n"
        "    try:\n"
        "        for written in range(100): file.write(bytes(1 << 16)); file.flush()\n"
        "    except OSError as error:\n"
        "        name = errno.errorcode[error.errno]\n"
        "name, 50 < written <= 64"
    )
    name, reached = box.run(code).value
    assert name in ("ENOSPC", "EFBIG")
    assert reached is True
    assert box.run("os.remove('big')\nopen('b', 'wb').write(bytes(3 << 20))").value == 3 << 20


@pytest.mark.requirement("limits.disk")
@pytest.mark.parametrize("size", ["1 << 40", "1 << 50"])
def test_sparse_files_are_no_way_around_disk(make: Make, size: str) -> None:
    box = make(limits=Limits(disk="4MiB"))
    code = (
        "file = open('sparse', 'wb')\n"
        "try:\n"
        f"    file.seek({size}); file.write(b'x'); file.flush()\n"
        "except OSError as error:\n    outcome = 'refused'\n"
        "else:\n    outcome = 'one page'\n"
        "outcome"
    )
    assert box.run(code).value in ("refused", "one page")
    total = "sum(1 for _ in iter(lambda: data.write(bytes(1 << 16)), None))"
    result = box.run(f"data = open('data', 'wb', buffering=0)\n{total}")
    assert result.status == "error"
    assert result.error is not None
    assert result.error.type == "OSError"


@pytest.mark.requirement("limits.files")
def test_files(make: Make) -> None:
    box = make(limits=Limits(files=20))
    code = (
        "import errno\n"
        "try:\n"
        "    for made in range(100): open(f'file{made}', 'w').close()\n"
        "except OSError as error:\n"
        "    name = errno.errorcode[error.errno]\n"
        "name, made"
    )
    assert box.run(code).value == ("ENOSPC", 20)


@pytest.mark.requirement("limits.disk-none")
@pytest.mark.parametrize("limits", [Limits(disk=0), Limits(files=0)])
def test_no_scratch(make: Make, limits: Limits) -> None:
    code = (
        "try:\n    open('x', 'w')\nexcept OSError as error:\n    name = type(error).__name__\nname"
    )
    value = make(limits=limits).run(code).value
    assert value in ("OSError", "PermissionError", "FileNotFoundError")


@pytest.mark.requirement("limits.turn")
def test_sizes_of_one_turn(make: Make) -> None:
    def f() -> None:
        return None

    box = make(functions=[f])
    assert box.run("print('x' * 9_999)", limits=box.limits.replace(output=600)).limit == "output"
    assert (
        box.run("display('x' * 9_999)", limits=box.limits.replace(display=600)).limit == "display"
    )
    assert box.run("f(); f()", limits=box.limits.replace(calls=1)).limit == "calls"
    assert box.run("f(); f()").status == "ok"


@pytest.mark.requirement(
    "limits.output", "limits.display", "limits.calls", "limits.value-result", "limits.memory",
    "tasks.parity",
)  # fmt: skip
def test_sizes_under_the_async_shell(make_async: MakeAsync) -> None:
    def f() -> None:
        return None

    limits = Limits(output=4_096, display=4_096, calls=3, value="64KiB", memory="64MiB")

    async def work() -> list[str | None]:
        async with make_async(functions=[f], limits=limits) as box:
            results = [
                await box.run(code)
                for code in (
                    "print('x' * 9_999)",
                    "display('x' * 9_999)",
                    "while True: f()",
                    "b'x' * 99_999",
                    "bytearray(10 ** 9)",
                )
            ]
            assert (await box.run("1")).value == 1
            return [result.limit for result in results]

    assert finish(work()) == ["output", "display", "calls", "value", "memory"]


@pytest.mark.requirement("walls.unenforceable")
def test_weaker_walls_refuse_what_they_cannot_enforce(run: Run, engine: str) -> None:
    if LEVEL.walls is not None:
        pytest.skip("asked at the full level only")
    weaker = [w for w in ringfence.engines()[engine].availability.walls if "namespaces" not in w]
    if "namespaces" not in ringfence.engines()[engine].capabilities.walls[0] or not weaker:
        pytest.skip(f"{engine} has no weaker set of walls here")
    if Level(weaker[0]).lacks("limit:threads") is None:
        pytest.skip(f"{engine} enforces every limit behind {sorted(weaker[0])}")
    policy = ringfence.Policy(walls=[weaker[0]])
    with pytest.raises(ringfence.PolicyNotEnforceable, match="threads=8"):
        run("1", policy=policy)
    with pytest.raises(ringfence.PolicyNotEnforceable, match="disk=67108864"):
        run("1", policy=policy, limits=Limits(threads=0))
