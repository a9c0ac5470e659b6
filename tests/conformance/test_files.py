"""``box.files``: the scratch folder from the host, between turns and while a turn waits."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import ringfence
from ringfence import GuestFileError, Limits, host_function
from ringfence.runtime.registry import describe_engines
from tests.conformance.conftest import Make, MakeAsync, finish

GONE = "the guest of this sandbox has ended, and its scratch files with it; make a new sandbox"


# --- between turns --------------------------------------------------------------------------


@pytest.mark.requirement("files.mapping")
def test_a_mapping(make: Make) -> None:
    box = make(files={"b.txt": b"given", "deep/er/ä": b"x" * 1_000})
    files = box.files
    assert dict(files) == {"b.txt": b"given", "deep/er/ä": b"x" * 1_000}
    assert (list(files), len(files), "b.txt" in files, "b" in files) == (
        ["b.txt", "deep/er/ä"], 2, True, False,
    )  # fmt: skip
    assert (files.sizes(), files.refused()) == ({"b.txt": 5, "deep/er/ä": 1_000}, {})
    box.run("import os; os.rename('b.txt', 'a.txt'); open('deep/new', 'w').write('12')")
    assert files.listing() == ({"a.txt": 5, "deep/er/ä": 1_000, "deep/new": 2}, {})
    assert (files.pop("a.txt"), files.get("a.txt"), files.get("deep/new")) == (
        b"given",
        None,
        b"12",
    )
    files.clear()
    assert (list(files), box.run("os.listdir('.'), os.listdir('deep')").value) == (
        [], (["deep"], ["er"]),
    )  # fmt: skip
    assert repr(files) == "<files of a guest>"


@pytest.mark.requirement("files.mapping")
def test_the_program_may_go_elsewhere(make: Make) -> None:
    box = make(files={"a": b"1"})
    box.run("import os; os.mkdir('d'); os.chdir('d'); open('b', 'w').write('22')")
    assert box.files.sizes() == {"a": 1, "d/b": 2}


@pytest.mark.requirement("files.mapping", "files.upload", "tasks.parity")
def test_awaited(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async(files={"a": b"1"}) as box:
            await box.files.write("d/b", b"22")
            assert await box.files.sizes() == {"a": 1, "d/b": 2}
            assert (await box.run("open('d/b').read()")).value == "22"
            assert await box.files.read("a") == b"1"
            await box.files.remove("a")
            assert await box.files.listing() == ({"d/b": 2}, {})
            assert await box.files.refused() == {}
            with pytest.raises(KeyError, match="^'a'$"):
                await box.files.read("a")
            assert repr(box.files) == "<files of a guest>"

    finish(work())


@pytest.mark.requirement("files.mapping")
def test_it_starts_the_guest(engine: str) -> None:
    with ringfence.Sandbox(engine=engine) as box:
        assert list(box.files) == []
    box = ringfence.Sandbox(engine=engine, files={"a": b"1"})
    try:
        assert box.files["a"] == b"1"
    finally:
        box.close()


@pytest.mark.requirement("files.upload")
def test_uploads(make: Make) -> None:
    box = make()
    given = bytearray(b"first, and longer")
    box.files["one/two/three"] = given
    box.files["one/two/three"] = memoryview(b"later")
    box.files["one/empty"] = b""
    box.files.update({"k": b"v", "one/k": b"w"})
    code = "[open('one/' + n).read() for n in ('two/three', 'empty', 'k')], open('k').read()"
    assert box.run(code).value == (["later", "", "w"], "v")
    box.run("file = open('k')").raise_for_status()
    box.files["k"] = b"changed"
    assert box.run("file.read()").value == "changed"


@pytest.mark.requirement("files.upload")
@pytest.mark.parametrize("size", [0, 1, 4_096, 65_537, 3_000_001, 30 << 20])
def test_contents_byte_for_byte(make: Make, size: int) -> None:
    content = (bytes(range(256)) * (size // 256 + 1))[:size]
    box = make()
    box.files["f"] = content
    assert box.run("import os; os.path.getsize('f')").value == size
    assert box.files["f"] == content


@pytest.mark.requirement("files.missing")
def test_missing(make: Make) -> None:
    box = make(files={"file": b"", "folder/x": b""})
    for name in ("no", "no/where", "file/x"):
        with pytest.raises(KeyError) as caught:
            box.files[name]
        assert caught.value.args == (name,)
        with pytest.raises(KeyError):
            del box.files[name]
    for name, operation in [("folder", "read"), ("folder", "remove"), ("folder", "write")]:
        with pytest.raises(GuestFileError) as refused:
            if operation == "read":
                box.files[name]
            elif operation == "remove":
                del box.files[name]
            else:
                box.files[name] = b""
        assert str(refused.value) == "files['folder']: it is a folder"
    with pytest.raises(GuestFileError) as refused:
        box.files["file/x"] = b""
    assert str(refused.value) == "files['file/x']: 'file' is not a folder"
    assert (refused.value.name, refused.value.reason) == ("file/x", "'file' is not a folder")
    assert box.run("1").value == 1


@pytest.mark.requirement("files.arguments")
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("/etc/passwd", b"", "files: '/etc/passwd' is not a relative path without '..'"),
        ("../x", b"", "files: '../x' is not a relative path without '..'"),
        ("a\nb", b"", "files: 'a\\nb' holds a control character"),
        (5, b"", "files: 5 is not a relative path"),
        ("a", "text", "files: 'a' must be bytes; encode the text first"),
        ("a", 5, "files: 'a' must be bytes, not int"),
        (
            "a",
            bytes(2_000),
            "files: 'a' has 2,000 bytes, more than crosses at once with value=1,024; lend a Reader, "
            "or raise the limit",
        ),
    ],
)
def test_wrong_arguments(make: Make, name: Any, content: Any, message: str) -> None:
    box = make(limits=Limits(value=1_024))
    if not box.limits.disk:
        pytest.skip("no scratch behind these walls")
    with pytest.raises(ringfence.ConfigurationError) as caught:
        box.files[name] = content
    assert str(caught.value) == message
    if message.startswith(f"files: {name!r} is"):
        for use in (box.files.__getitem__, box.files.__delitem__):
            with pytest.raises(ringfence.ConfigurationError):
                use(name)


@pytest.mark.requirement("files.no-scratch")
def test_without_scratch(make: Make, make_async: MakeAsync) -> None:
    message = "^files: this sandbox has no scratch folder: its limits say disk=0$"
    box = make(limits=Limits(disk=0))
    with pytest.raises(ringfence.ConfigurationError, match=message):
        list(box.files)

    async def work() -> None:
        async with make_async(limits=Limits(disk=0)) as box:
            with pytest.raises(ringfence.ConfigurationError, match=message):
                await box.files.read("a")

    finish(work())


# --- while a turn waits ---------------------------------------------------------------------

CALLED = "open('mine', 'w').write('from the guest'); use(), open('up/load').read()"
AWAITED = "open('mine', 'w').write('from the guest'); await use(), open('up/load').read()"
USED = ("from the guest", "from the host")


@pytest.mark.requirement("files.waiting")
@pytest.mark.parametrize("threaded", [False, True])
def test_from_a_host_function(make: Make, threaded: bool) -> None:
    @host_function(threaded=threaded)
    def use() -> str:
        box.files["up/load"] = b"from the host"
        assert box.files.sizes() == {"mine": 14, "up/load": 13}
        return box.files["mine"].decode()

    box = make(functions=[use])
    for _ in range(3):
        assert box.run(CALLED).value == USED
        box.files.clear()


@pytest.mark.requirement("files.waiting")
def test_from_an_async_host_function(make: Make, make_async: MakeAsync) -> None:
    async def use() -> str:
        box.files["up/load"] = b"from the host"
        return box.files["mine"].decode()

    box = make(functions=[use])
    assert box.run(AWAITED).value == USED

    async def work() -> None:
        async def use() -> str:
            await asyncio.gather(
                aware.files.write("up/load", b"from the host"), aware.files.write("other", b"")
            )
            return (await aware.files.read("mine")).decode()

        async with make_async(functions=[use]) as aware:
            assert (await aware.run(AWAITED)).value == USED

    finish(work())


@pytest.mark.requirement("files.waiting")
def test_from_a_threaded_host_function_of_an_event_loop(make_async: MakeAsync) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()

        @host_function(threaded=True)
        def use() -> str:
            def wait(coroutine: Any) -> Any:
                return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

            wait(box.files.write("up/load", b"from the host"))
            text: str = wait(box.files.read("mine")).decode()
            return text

        async with make_async(functions=[use]) as box:
            assert (await box.run(CALLED)).value == USED

    finish(work())


@pytest.mark.requirement("files.waiting")
def test_from_the_callback_of_stdin(make: Make) -> None:
    def ask() -> str:
        return box.files["prompt"].decode()

    box = make(stdin=ask)
    assert box.run("open('prompt', 'w').write('the line'); input()").value == "the line"


@pytest.mark.requirement("files.waiting")
def test_from_another_thread_while_a_host_function_runs(make: Make) -> None:
    """Also from one that the function itself waits for."""

    def use() -> str:
        with ThreadPoolExecutor(3) as pool:
            pool.submit(box.files.__setitem__, "up/load", b"from the host").result()
            return pool.submit(box.files.__getitem__, "mine").result().decode()

    box = make(functions=[use])
    assert box.run(CALLED).value == USED


@pytest.mark.requirement("files.waiting", "host.any-order")
def test_what_else_comes_meanwhile_is_served_after(make: Make, engine: str) -> None:
    """A thread of the guest prints and calls while the host function asks."""
    order: list[str] = []

    def use() -> bytes:
        order.append("use")
        box.files["go"] = b""
        while "more" not in box.files:
            pass
        assert order == ["use"]
        order.append("used")
        return box.files["more"]

    def other(n: int) -> int:
        order.append(f"other {n}")
        return n

    code = """
import os, threading
def work():
    while not os.path.exists("go"): pass
    print("printed")
    with open("part", "w") as file: file.write("x")
    os.rename("part", "more")
    seen.append(other(1))
seen = []
thread = threading.Thread(target=work)
thread.start()
used = use()
thread.join()
used, seen
"""
    box = make(functions=[use, other])
    if not box.limits.threads or not describe_engines()[engine].capabilities.threads:
        pytest.skip("no threads behind these walls")
    result = box.run(code)
    assert (result.value, result.stdout) == ((b"x", [1]), "printed\n")
    assert order == ["use", "used", "other 1"]


@pytest.mark.requirement("files.busy")
def test_from_another_thread_while_the_guest_computes(make: Make, make_async: MakeAsync) -> None:
    """The turn never waits: the answer comes when it has ended."""
    code = "print('busy')\nfor _ in range(10**6): pass\nopen('made', 'w').write('at the end')"
    computing = threading.Event()
    got: list[bytes] = []

    def ask() -> None:
        computing.wait()
        got.append(box.files["made"])

    box = make(limits=Limits(wall=60))
    thread = threading.Thread(target=ask)
    thread.start()
    for event in box.stream(code):
        if isinstance(event, ringfence.Output):
            computing.set()
    thread.join()
    assert got == [b"at the end"]

    async def work() -> None:
        async with make_async(limits=Limits(wall=60)) as box:
            asked: asyncio.Future[bytes] | None = None
            async for event in box.stream(code):
                if isinstance(event, ringfence.Output):
                    asked = asyncio.ensure_future(box.files.read("made"))
            assert asked is not None
            assert await asked == b"at the end"

    finish(work())


@pytest.mark.requirement("files.queue")
def test_threads_and_tasks_at_once(make: Make, make_async: MakeAsync) -> None:
    def use() -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(put, range(40)))

    def put(n: int) -> None:
        box.files[f"f{n % 10}"] = bytes(n)
        assert len(box.files[f"f{n % 10}"]) % 10 == n % 10

    box = make(functions=[use])
    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(box.run, "use()") for _ in range(3)]
        list(pool.map(put, range(100)))
    assert [run.result().status for run in runs] == ["ok"] * 3
    assert sorted(box.files) == [f"f{n}" for n in range(10)]

    async def work() -> None:
        async def lookup() -> None:
            await asyncio.gather(*[box.files.write(f"g{n}", b"x") for n in range(10)])

        async with make_async(functions=[lookup]) as box:
            await asyncio.gather(
                *[box.run("await lookup()") for _ in range(3)],
                *[box.files.write(f"f{n}", b"x") for n in range(20)],
            )
            assert len(await box.files.sizes()) == 30

    finish(work())


@pytest.mark.requirement("files.busy", "stream.live")
def test_in_an_open_stream_of_the_same_thread_it_is_busy(make: Make) -> None:
    box = make()
    for event in box.stream("print('x')\nopen('f', 'w').close()"):
        if isinstance(event, ringfence.Output):
            with pytest.raises(ringfence.SandboxBusy):
                list(box.files)
    assert list(box.files) == ["f"]


@pytest.mark.requirement("files.own-time")
def test_asking_is_no_time_of_the_guest(make: Make) -> None:
    def use() -> None:
        for n in range(20):
            box.files["f"] = bytes(n)

    @host_function(threaded=True)
    def use_later() -> None:
        use()

    box = make(functions=[use, use_later])
    for name in ("use", "use_later"):
        result = box.run(f"for _ in range(5): {name}()")
        assert result.status == "ok"
        assert result.usage.host_wall > result.usage.wall
        assert result.usage.calls == 5


@pytest.mark.requirement("files.own-time")
def test_a_coroutine_goes_on_waiting(make: Make) -> None:
    """Several calls are open, files are asked for, and the declared waiting stays true."""

    async def use(n: int) -> int:
        box.files[f"f{n}"] = b"x"
        return len(box.files)

    box = make(functions=[use], limits=Limits(wall=5, host_wall=60))
    code = "import asyncio\nsum(n > 0 for n in await asyncio.gather(*[use(n) for n in range(30)]))"
    assert box.run(code).value == 30


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.requirement("files.too-large")
def test_a_file_that_is_too_large(make: Make) -> None:
    box = make(limits=Limits(value=65_536))
    box.run("open('f', 'wb').write(bytes(65_537)); open('sparse', 'wb').truncate(32 << 20)")
    assert box.files.sizes() == {"f": 65_537, "sparse": 32 << 20}
    for name, size in (("f", "65,537"), ("sparse", "33,554,432")):
        with pytest.raises(GuestFileError) as caught:
            box.files[name]
        assert str(caught.value) == (
            f"files['{name}']: it has {size} bytes; value=65,536 is the most that crosses"
        )
    assert box.run("open('f', 'wb').write(bytes(65_000))").value == 65_000
    assert len(box.files["f"]) == 65_000


@pytest.mark.requirement("files.too-large")
def test_the_limit_of_the_turn_counts_while_it_runs(make: Make) -> None:
    def use() -> str:
        try:
            return str(len(box.files["f"]))
        except GuestFileError as error:
            return str(error)

    box = make(functions=[use], files={"f": bytes(5_000)})
    small = box.limits.replace(value=2_048)
    assert box.run("use()", limits=small).value == (
        "files['f']: it has 5,000 bytes; value=2,048 is the most that crosses"
    )
    assert box.run("use()").value == "5000"


@pytest.mark.requirement("files.hard-names")
def test_hard_names(make: Make) -> None:
    code = """
import os
for name in (b"new\\nline", b"\\x1b[31mred", b"back\\\\slash", b"\\xff\\xfe", "\\u2028".encode()):
    with open(name, "w") as file: file.write("x")
folder = "/".join("d" * 16)
os.makedirs(folder)
open("fine", "w").close()
"""
    box = make()
    box.run(code).raise_for_status()
    assert box.files.listing() == (
        {"fine": 0},
        {
            "\\u2028": "holds a control character",
            "\\udcff\\udcfe": "holds a surrogate, which UTF-8 cannot say",
            "\\x1b[31mred": "holds a control character",
            "back\\\\slash": "is not a relative path",
            "/".join("d" * 16): "is a folder that lies too deep",
            "new\\nline": "holds a control character",
        },
    )
    assert dict(box.files) == {"fine": b""}


@pytest.mark.requirement("files.hard-names")
def test_a_folder_that_cannot_be_read(make: Make) -> None:
    box = make(files={"shut/f": b"x", "g": b"y"})
    modes = "import os; os.chmod('g', 0o600); os.stat('g').st_mode & 0o777"
    if box.run(modes).raise_for_status().value != 0o600:
        pytest.skip("files have no modes in a guest of this engine")
    box.run("os.chmod('shut', 0); os.chmod('g', 0)").raise_for_status()
    assert box.files.listing() == ({"g": 1}, {"shut": "is a folder that cannot be read"})
    with pytest.raises(GuestFileError, match=r"^files\['g'\]: Permission denied$"):
        box.files["g"]


@pytest.mark.requirement("files.many")
def test_a_listing_that_is_too_long(make: Make) -> None:
    box = make(limits=Limits(value="64KiB", files=2_000))
    code = "for n in range({}): open(f'{{n:05}}' + 'x' * 50, 'w').close()"
    box.run(code.format(400)).raise_for_status()
    assert len(box.files) == 400
    box.run(code.format(1_500)).raise_for_status()
    with pytest.raises(GuestFileError) as caught:
        len(box.files)
    assert str(caught.value) == "files: it is more than what crosses with value=65,536"
    assert box.files["00007" + "x" * 50] == b""


@pytest.mark.requirement("files.full")
def test_an_upload_that_does_not_fit(make: Make) -> None:
    box = make(limits=Limits(disk="1MiB", files=3))
    with pytest.raises(GuestFileError) as caught:
        box.files["f"] = bytes(2 << 20)
    assert caught.value.reason.endswith("; what is there now is incomplete")
    box.files["f"] = b"short"
    assert dict(box.files) == {"f": b"short"}
    with pytest.raises(GuestFileError, match="No space left on device"):
        box.files["a/b/c/d"] = b""
    assert box.run("1").value == 1


@pytest.mark.requirement("files.gone")
def test_after_a_kill(make: Make, make_async: MakeAsync) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    box = make(limits=Limits(wall=0.2))
    assert box.run(code).alive is False
    for use in (lambda: list(box.files), lambda: box.files["f"], lambda: box.files.update(f=b"")):
        with pytest.raises(ringfence.SandboxClosed) as caught:
            use()
        assert str(caught.value) == GONE
    box.close()
    with pytest.raises(ringfence.SandboxClosed, match="^this sandbox was closed$"):
        list(box.files)

    async def work() -> None:
        async with make_async(limits=Limits(wall=0.2)) as box:
            assert (await box.run(code)).alive is False
            with pytest.raises(ringfence.SandboxClosed) as caught:
                await box.files.sizes()
            assert str(caught.value) == GONE

    finish(work())


@pytest.mark.requirement("files.gone", "host.abandoned")
def test_a_host_function_that_outlives_its_turn(make: Make) -> None:
    release, ended = threading.Event(), threading.Event()
    failures: list[str] = []

    @host_function(threaded=True)
    def stuck() -> None:
        release.wait()
        try:
            box.files["f"]
        except GuestFileError as error:
            failures.append(str(error))
        ended.set()

    box = make(functions=[stuck], files={"f": b"x"}, limits=Limits(host_wall=0.2))
    assert box.run("stuck()").limit == "host_wall"
    release.set()
    ended.wait()
    assert failures == ["files['f']: the turn that called this host function has ended"]
    assert box.files["f"] == b"x"


@pytest.mark.requirement("files.gone")
def test_a_turn_that_is_cancelled_while_a_host_function_asks(make: Make) -> None:
    def use() -> str:
        box.cancel()
        with pytest.raises((GuestFileError, ringfence.SandboxClosed)):
            while True:
                box.files["f"]
        return "late"

    box = make(functions=[use], files={"f": b"x"})
    assert box.run("use()").status == "cancelled"
