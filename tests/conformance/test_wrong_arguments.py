"""Every wrong argument is refused by name, with what would be right, before anything starts."""

from __future__ import annotations

import io
import pathlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Policy, Reader, Writer, host_function, sandbox
from tests.conformance.conftest import Make, MakeAsync, finish

_ALLOWED = (
    "Allowed are: None, bool, int, float, complex, str, bytes, date, time, datetime, timedelta, "
    "Decimal, Fraction, UUID, list, tuple, set, frozenset, dict, Sequence, Mapping, Literal, Enum, "
    "Optional and unions, Any, NewType, Annotated with bounds or lengths, dataclasses, TypedDict, "
    "NamedTuple, pydantic models, NumPy arrays and scalars"
)
_SIZE = 'is not a size; write bytes (1048576) or a text such as "1MiB"'
_LONG = 'is a text of 1000002 characters, and no size; write "1MiB"'
_TIME = "is not a time; write seconds or a timedelta"
_SECONDS = "must be more than 0 and at most 3.16224e+07 seconds"
_WALLS = 'walls must be a list of sets of walls, such as [{"namespaces", "landlock", "seccomp"}]'
_ALL_WALLS = "the walls are landlock, namespaces, process, seccomp, v8, wasm"


def _add(a: int) -> int:
    return a


async def _add_async(a: int) -> int:
    return a


def _bare(x):  # type: ignore[no-untyped-def]
    return x


def _takes_a_type(x: type) -> None:
    del x


def _takes_a_path(x: pathlib.Path) -> None:
    del x


def _generator() -> Iterator[int]:
    yield 1


async def _ask() -> str:
    return ""


_circular: list[Any] = []
_circular.append(_circular)
_reader = Reader(io.BytesIO())

_ARGUMENTS: list[tuple[str, Any, str]] = [
    ("code", 5, "code must be text, not int"),
    ("code", None, "code must be text, not NoneType"),
    ("code", b"1", "code must be text, not bytes"),
    ("code", "a\0", "code holds a NUL character, which Python refuses"),
    ("filename", 5, "filename=5 is not a name for the code"),
    ("filename", "", "filename='' is not a name for the code"),
    ("filename", "a\0", "filename='a\\x00' is not a name for the code"),
    ("engine", 5, "engine=5 is not an engine's name or a list of names"),
    ("engine", None, "engine=None is not an engine's name or a list of names"),
    ("engine", b"native", "engine=b'native' is not an engine's name or a list of names"),
    ("engine", {"native": 1}, "engine={'native': 1} is not an engine's name or a list of names"),
    ("engine", "moat", "engine='moat' is not installed; there is {engines}"),
    ("engine", ["moat"], "engine='moat' is not installed; there is {engines}"),
    ("engine", "", "engine='' is not installed; there is {engines}"),
    ("engine", [], "engine=[] names no engine"),
    ("engine", [5], "engine=5 is not an engine's name or a list of names"),
    ("limits", {"wall": 5}, "limits must be ringfence.Limits(…), not dict"),
    ("limits", 5, "limits must be ringfence.Limits(…), not int"),
    ("policy", {}, "policy must be ringfence.Policy(…), not dict"),
    ("policy", "strict", "policy must be ringfence.Policy(…), not str"),
    ("packages", "numpy", "packages='numpy' must be a list, such as [\"numpy\"]"),
    ("packages", 5, 'packages=5 must be a list, such as ["numpy"]'),
    ("packages", None, 'packages=None must be a list, such as ["numpy"]'),
    ("packages", [5], "packages: 5 is not the name of a package"),
    ("packages", [" "], "packages: ' ' is not the name of a package"),
    ("python", 5, "python=5 is not the path of a CPython"),
    ("python", b"/bin/python", "python=b'/bin/python' is not the path of a CPython"),
    ("python", "a\0", "python='a\\x00' is not the path of a CPython"),
    ("stdin", 5, "stdin must be text, or a function that returns the next line"),
    ("stdin", b"line", "stdin must be text, or a function that returns the next line"),
    ("stdin", _ask, "stdin: the function is async; it must be a plain one that returns the next line"),
    ("trace", 5, "trace must be a function of one TraceEvent"),
    ("returns", 5, f"returns: 5: cannot cross; say which values it may be. {_ALLOWED}"),
    ("returns", type, f"returns: type: cannot cross; code never crosses. {_ALLOWED}"),
    ("returns", "int", "returns: 'int': the name cannot be resolved"),
    (
        "returns",
        pathlib.Path,
        f"returns: pathlib.Path: cannot cross; a path of the guest's means nothing on the host. {_ALLOWED}",
    ),
    ("inputs", 5, "inputs must map names to values"),
    ("inputs", [("a", 1)], "inputs must map names to values"),
    ("inputs", {5: 1}, "inputs: 5 is not a Python name"),
    ("inputs", {"a b": 1}, "inputs: 'a b' is not a Python name"),
    ("inputs", {"class": 1}, "inputs: 'class' is not a Python name"),
    (
        "inputs",
        {"x": _circular},
        "inputs: a value cannot cross to the guest: the value is nested deeper than 64, or contains itself",
    ),
    (
        "inputs",
        {"x": 1 << 600_000},
        "inputs: a value cannot cross to the guest: an integer of 75001 bytes; at most 65536 may cross",
    ),
    ("inputs", {"a": _reader, "b": _reader}, "inputs: the same Reader is there twice"),
    ("modules", 5, "modules must map names to source text"),
    ("modules", ["a"], "modules must map names to source text"),
    ("modules", {5: ""}, "modules: 5 is not the name of a module"),
    ("modules", {"a b": ""}, "modules: 'a b': 'a b' is not a Python name"),
    ("modules", {"a..b": ""}, "modules: 'a..b': '' is not a Python name"),
    ("modules", {"a.class": ""}, "modules: 'a.class': 'class' is not a Python name"),
    ("modules", {"a": 5}, "modules: the source of 'a' must be text, not int"),
    ("modules", {"a": "\0"}, "modules: the source of 'a' holds a NUL character, which Python refuses"),
    *(
        ("modules", {name: ""}, f"modules: the name {name!r} is taken: {root} is a module of Python or ours")
        for name, root in [
            ("host", "host"),
            ("json", "json"),
            ("os.path", "os"),
            ("__main__", "__main__"),
            ("ringfence_guest.agent", "ringfence_guest"),
        ]
    ),
    ("files", 5, "files must map relative paths to bytes"),
    ("files", ["a"], "files must map relative paths to bytes"),
    ("files", {"a": "x"}, "files: 'a' must be bytes; encode the text first"),
    ("files", {"a": None}, "files: 'a' must be bytes, not NoneType"),
    ("files", {5: b""}, "files: 5 is not a relative path"),
    ("files", {"": b""}, "files: '' is not a relative path"),
    ("files", {"a\0": b""}, "files: 'a\\x00' is not a relative path"),
    ("files", {"a\\b": b""}, "files: 'a\\\\b' is not a relative path"),
    ("files", {"\ud800": b""}, "files: '\\ud800' holds a surrogate, which UTF-8 cannot say"),
    *(
        ("files", {path: b""}, f"files: {path!r} is not a relative path without '..'")
        for path in ["/a", "..", "a/../b", ".", "a/", "a//b", "x" * 256, "/".join("abcdefghijklmnopq")]
    ),
    (
        "functions",
        None,
        "functions must be a list of functions, or a mapping of name to function, not None",
    ),
    (
        "functions",
        5,
        "functions must be a list of functions, or a mapping of name to function, not int 5",
    ),
    ("functions", [5], "a host function must be callable, not int 5"),
    ("functions", "abc", "a host function must be callable, not str 'a'"),
    (
        "functions",
        [lambda: 1],
        "a lambda has neither a name nor annotations; write a `def` with annotations",
    ),
    (
        "functions",
        [dict],
        "dict is a class; a guest cannot hold an instance of it. "
        "Write a function that returns what the guest needs",
    ),
    (
        "functions",
        [_bare],
        "_bare(): parameter 'x' has no annotation, so nothing could be checked; "
        "write what it takes, for example `x: str`",
    ),
    (
        "functions",
        [_takes_a_type],
        f"_takes_a_type(): parameter 'x': type: cannot cross; code never crosses. {_ALLOWED}",
    ),
    (
        "functions",
        [_takes_a_path],
        "_takes_a_path(): parameter 'x': pathlib.Path: cannot cross; "
        f"a path of the guest's means nothing on the host. {_ALLOWED}",
    ),
    ("functions", [_generator], "_generator() is a generator; return a list instead"),
    (
        "functions",
        [_add, _add],
        "two host functions are named '_add'; give one another name: "
        "ringfence.host_function(f, name=...)",
    ),
    ("functions", {"a b": _add}, "the name of a host function must be an identifier, not str 'a b'"),
    ("functions", {5: _add}, "the name of a host function must be an identifier, not int 5"),
    ("functions", {"class": _add}, "'class' is a keyword; choose another name"),
    (
        "functions",
        {"len": _add},
        "'len' is a builtin, which the guest needs itself; choose another name: "
        "ringfence.host_function(f, name=...)",
    ),
]  # fmt: skip

_OF_A_SANDBOX = [
    row for row in _ARGUMENTS if row[0] not in ("code", "filename", "returns", "inputs")
]


def _ids(rows: list[Any]) -> list[str]:
    return [f"{row[0]}-{number}" for number, row in enumerate(rows)]


def _check(use: Callable[[], object], message: str) -> None:
    with pytest.raises(ringfence.ConfigurationError) as caught:
        use()
    engines = ", ".join(sorted(ringfence.engines()))
    assert str(caught.value) == message.replace("{engines}", engines)
    assert isinstance(caught.value, ValueError)


@pytest.mark.requirement("arguments.refused", "arguments.nothing-started")
@pytest.mark.parametrize(("name", "value", "message"), _ARGUMENTS, ids=_ids(_ARGUMENTS))
def test_run_refuses(engine: str, name: str, value: Any, message: str) -> None:
    started: list[Any] = []
    options: dict[str, Any] = {"code": "1", "engine": engine, "trace": started.append, name: value}
    _check(lambda: ringfence.run(**options), message)
    assert started == []


@pytest.mark.requirement("arguments.refused", "arguments.nothing-started")
@pytest.mark.parametrize(("name", "value", "message"), _OF_A_SANDBOX, ids=_ids(_OF_A_SANDBOX))
@pytest.mark.parametrize("kind", [ringfence.Sandbox, ringfence.AsyncSandbox])
def test_sandbox_refuses(engine: str, kind: Any, name: str, value: Any, message: str) -> None:
    options: dict[str, Any] = {"engine": engine, name: value}
    _check(lambda: kind(**options), message)


_TURNS: list[tuple[str, Callable[[Any], Any], str]] = [
    ("run", lambda box: box.run(5), "code must be text, not int"),
    ("run", lambda box: box.run("1", stdin=5), "stdin of one run must be text; pass a function to the sandbox"),
    (
        "run",
        lambda box: box.run("1", stdin=lambda: ""),
        "stdin of one run must be text; pass a function to the sandbox",
    ),
    ("run", lambda box: box.run("1", limits=5), "limits must be ringfence.Limits(…), not int"),
    (
        "run",
        lambda box: box.run("1", limits=box.limits.replace(fuel=5)),
        "limits: fuel must be given when the sandbox is made, which then counts; it may have another "
        "for each turn",
    ),
    (
        "run",
        lambda box: box.run("1", limits=box.limits.replace(files=5)),
        "limits: files belongs to the sandbox and cannot change for one turn; "
        "use box.limits.replace(wall=…)",
    ),
    ("run", lambda box: box.run("1", inputs=5), "inputs must map names to values"),
    ("run", lambda box: box.run("1", filename=5), "filename=5 is not a name for the code"),
    ("run", lambda box: box.run("1", returns="int"), "returns: 'int': the name cannot be resolved"),
    ("call", lambda box: box.call(5), "call: 5 is not the name of a function"),
    ("call", lambda box: box.call("a.b"), "call: 'a.b' is not the name of a function"),
    ("call", lambda box: box.call(""), "call: '' is not the name of a function"),
    (
        "call",
        lambda box: box.call("f", x=_circular),
        "call of f(): a value cannot cross to the guest: the value is nested deeper than 64, or contains itself",
    ),
    ("call_with", lambda box: box.call_with("f", 5), "args=5 must be a list of positional arguments"),
    ("call_with", lambda box: box.call_with("f", "ab"), "args='ab' must be a list of positional arguments"),
    ("call_with", lambda box: box.call_with("f", [], 5), "kwargs must map names to values"),
    ("call_with", lambda box: box.call_with("f", [], {"a b": 1}), "kwargs: 'a b' is not a Python name"),
    ("stream", lambda box: box.stream(5), "code must be text, not int"),
    ("stream", lambda box: box.stream("1", limits=5), "limits must be ringfence.Limits(…), not int"),
]  # fmt: skip


@pytest.mark.requirement("arguments.refused", "arguments.turn")
@pytest.mark.parametrize(("name", "use", "message"), _TURNS, ids=_ids(_TURNS))
def test_turn_refuses(shared: ringfence.Sandbox, name: str, use: Any, message: str) -> None:
    _check(lambda: use(shared), message)
    assert shared.run("1").value == 1


@pytest.mark.requirement("arguments.refused", "arguments.turn", "arguments.nothing-started")
@pytest.mark.parametrize(("name", "use", "message"), _TURNS, ids=_ids(_TURNS))
def test_turn_refuses_before_a_start(
    make_async: MakeAsync, name: str, use: Any, message: str
) -> None:
    started: list[Any] = []

    async def work() -> None:
        box = make_async(trace=started.append)
        used = use(box)
        if hasattr(used, "__await__"):
            await used

    _check(lambda: finish(work()), message)
    assert started == []


_LIMITS: list[tuple[str, Any, str]] = [
    *((name, 0, f"{name}=0 {_SECONDS}") for name in ("wall", "host_wall", "cpu")),
    ("wall", -1, f"wall=-1 {_SECONDS}"),
    ("wall", "5", f"wall='5' {_TIME}"),
    ("wall", None, f"wall=None {_TIME}"),
    ("wall", True, f"wall=True {_TIME}"),
    ("wall", float("inf"), f"wall=inf {_SECONDS}"),
    ("wall", float("nan"), f"wall=nan {_SECONDS}"),
    ("wall", timedelta(0), f"wall=datetime.timedelta(0) {_SECONDS}"),
    ("wall", 1e9, f"wall=1000000000.0 {_SECONDS}"),
    ("memory", "lots", f"memory='lots' {_SIZE}"),
    ("memory", "5 apples", f"memory='5 apples' {_SIZE}"),
    # A text of a stranger's: neither read for long nor told back.
    ("memory", f"1{' ' * 1_000_000}!", f"memory {_LONG}"),
    ("memory", f"64M{' ' * 1_000_000}", f"memory {_LONG.replace('2 ch', '3 ch')}"),
    ("memory", 1.5, f"memory=1.5 {_SIZE}"),
    ("memory", True, f"memory=True {_SIZE}"),
    ("memory", None, f"memory=None {_SIZE}"),
    ("memory", -1, "memory=-1 must be from 1048576 to 70368744177664 bytes"),
    ("memory", "1kB", "memory='1kB' must be from 1048576 to 70368744177664 bytes"),
    ("memory", 1 << 60, f"memory={1 << 60} must be from 1048576 to 70368744177664 bytes"),
    ("output", 0, "output=0 must be from 512 to 70368744177664 bytes"),
    ("display", 1, "display=1 must be from 512 to 70368744177664 bytes"),
    ("value", 1, "value=1 must be from 1024 to 70368744177664 bytes"),
    ("disk", -1, "disk=-1 must be from 0 to 70368744177664 bytes"),
    (
        "disk",
        1 << 30,
        "disk=1073741824 must be less than memory=268435456: scratch files live in memory and are counted there",
    ),
    ("calls", -1, "calls=-1 must be a whole number from 0 to 1000000000"),
    ("calls", 1.5, "calls=1.5 must be a whole number from 0 to 1000000000"),
    ("calls", True, "calls=True must be a whole number from 0 to 1000000000"),
    ("threads", 2_000, "threads=2000 must be a whole number from 0 to 1024"),
    ("threads", None, "threads=None must be a whole number from 0 to 1024"),
    ("files", -1, "files=-1 must be a whole number from 0 to 1000000"),
    ("fuel", 0, "fuel=0 must be a whole number from 1 to 4611686018427387904"),
    ("steps", "x", "steps='x' must be a whole number from 1 to 4611686018427387904"),
]  # fmt: skip


@pytest.mark.requirement("arguments.refused")
@pytest.mark.parametrize(("name", "value", "message"), _LIMITS, ids=_ids(_LIMITS))
def test_limits_refuse(name: str, value: Any, message: str) -> None:
    _check(lambda: Limits(**{name: value}), message)
    _check(lambda: Limits().replace(**{name: value}), message)


_POLICIES: list[tuple[str, Any, str]] = [
    ("walls", "seccomp", _WALLS),
    ("walls", 5, _WALLS),
    ("walls", ["seccomp"], _WALLS),
    ("walls", [], f"walls is empty: no engine could be accepted. {_WALLS}"),
    ("walls", [{"moat"}], f"walls: {{moat}} is not a set of walls; {_ALL_WALLS}"),
    ("walls", [set()], f"walls: {{}} is not a set of walls; {_ALL_WALLS}"),
    ("read", "/usr", "read='/usr' must be a list of paths, such as [\"/usr/share\"]"),
    ("read", 5, 'read=5 must be a list of paths, such as ["/usr/share"]'),
    ("read", ["share"], "read: 'share' is not an absolute path"),
    ("read", ["/no/such/path"], "read: '/no/such/path' does not exist"),
    ("read", ["/"], "read: '/' would show the guest the whole host; name folders"),
    ("read", ["/usr/.."], "read: '/' would show the guest the whole host; name folders"),
    ("read", [5], "read: 5 is not a path"),
    ("read", ["/usr\0"], "read: '/usr\\x00' is not a path"),
    ("deterministic", 1, "deterministic=1 must be True or False"),
    ("isolation", "none", "isolation='none' must be \"shared-image\" or \"tenant\""),
    ("isolation", None, 'isolation=None must be "shared-image" or "tenant"'),
]  # fmt: skip


@pytest.mark.requirement("arguments.refused")
@pytest.mark.parametrize(("name", "value", "message"), _POLICIES, ids=_ids(_POLICIES))
def test_policy_refuses(name: str, value: Any, message: str) -> None:
    _check(lambda: Policy(**{name: value}), message)


@pytest.mark.requirement("arguments.refused")
@pytest.mark.parametrize("share", [0, -1, 1e9, "half", True, float("nan")])
def test_cpu_share_refuses(share: Any) -> None:
    with pytest.raises(ringfence.ConfigurationError) as caught:
        Policy(cpu_share=share)
    assert str(caught.value).startswith(
        f"cpu_share={share!r} must be a number of cores from 0.01 to "
    )


_FUNCTIONS: list[tuple[str, Callable[[], Any], str]] = [
    ("threaded", lambda: host_function(_add, threaded=5), "_add(): threaded must be True or False, not int 5"),  # type: ignore[call-overload]
    ("timeout", lambda: host_function(_add, timeout="x"), "_add(): timeout must be seconds or a timedelta, not str 'x'"),  # type: ignore[call-overload]
    ("timeout", lambda: host_function(_add, timeout=0), "_add(): timeout must be more than 0 seconds, not 0"),
    ("timeout", lambda: host_function(_add, timeout=float("nan")), "_add(): timeout must be more than 0 seconds, not nan"),
    ("name", lambda: host_function(_add, name="a b"), "the name of a host function must be an identifier, not str 'a b'"),
    ("name", lambda: host_function(_add, name=""), "the name of a host function must be an identifier, not str ''"),
    (
        "async",
        lambda: host_function(_add_async, threaded=True),
        "_add_async() is async: it can be cancelled and needs no thread; leave threaded out",
    ),
    ("twice", lambda: host_function(host_function(_add)), "_add() is a host function already"),
    ("reader", lambda: Reader(5), "Reader needs a binary file with read(size)"),  # type: ignore[arg-type]
    ("writer", lambda: Writer(5), "Writer needs a binary file with write(data)"),  # type: ignore[arg-type]
    ("limit", lambda: Writer(io.BytesIO(), limit=-1), "Writer: limit=-1 must be a number of bytes, or None"),
    ("limit", lambda: Writer(io.BytesIO(), limit="x"), "Writer: limit='x' must be a number of bytes, or None"),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.requirement("arguments.refused")
@pytest.mark.parametrize(("name", "use", "message"), _FUNCTIONS, ids=_ids(_FUNCTIONS))
def test_functions_and_streams_refuse(name: str, use: Any, message: str) -> None:
    _check(use, message)


@pytest.mark.requirement("arguments.refused")
def test_text_file_is_refused_when_it_is_read(make: Make) -> None:
    with pytest.raises(ringfence.ConfigurationError) as caught:
        make().run("f.read()", inputs={"f": Reader(io.StringIO("x"))})  # type: ignore[arg-type]
    assert str(caught.value) == "Reader: the file must give at most `size` bytes; open it 'rb'"


@pytest.mark.requirement("arguments.unknown")
def test_unknown_arguments(make: Make) -> None:
    uses: list[Callable[[], Any]] = [
        lambda: ringfence.run("1", nonsense=1),  # type: ignore[call-arg]
        lambda: ringfence.Sandbox(nonsense=1),  # type: ignore[call-arg]
        lambda: ringfence.AsyncSandbox(nonsense=1),  # type: ignore[call-arg]
        lambda: ringfence.Sandbox("native"),  # type: ignore[call-arg]
        lambda: Limits(nonsense=1),  # type: ignore[call-arg]
        lambda: Limits(5),  # type: ignore[call-arg]
        lambda: Policy(nonsense=1),  # type: ignore[call-arg]
        lambda: make().run("1", nonsense=1),  # type: ignore[call-arg]
        lambda: make().stream("1", nonsense=1),  # type: ignore[call-arg]
    ]
    for use in uses:
        with pytest.raises(TypeError, match="argument"):
            use()
    assert sandbox.Sandbox is ringfence.Sandbox


@pytest.mark.requirement("arguments.refused", "arguments.turn")
def test_a_name_that_is_too_long_to_be_sent_changes_nothing(make: Make) -> None:
    box = make()
    box.run("def echo(x): return x").raise_for_status()
    narrow = box.limits.replace(value=8_192)
    with pytest.raises(
        ringfence.ConfigurationError, match="^the request is too large: a header of "
    ):
        box.call_with("f" * 70_000, limits=narrow)
    assert box.call_with("echo", ["a"], limits=narrow).value == "a"
    assert box.call_with("echo", ["a" * 9_000]).value == "a" * 9_000
