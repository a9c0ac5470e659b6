"""Errors of guest code: type, message, and a traceback of the guest's own lines."""

from __future__ import annotations

import asyncio
import linecache
import sys
import threading
import traceback
import types

import pytest

import ringfence
from tests.conformance.conftest import Make, Run
from tests.conformance.tracebacks import below_call

_HEAD = "Traceback (most recent call last):\n"


def _error(result: ringfence.Result) -> tuple[str, str, str]:
    assert result.status == "error"
    assert result.error is not None
    return result.error.type, result.error.message, result.error.traceback


@pytest.mark.requirement("errors.traceback")
def test_traceback(run: Run) -> None:
    assert _error(run("x = 1\nraise ValueError(f'bad {x}')")) == (
        "ValueError",
        "bad 1",
        _HEAD + '  File "<cell 1>", line 2, in <module>\n'
        "    raise ValueError(f'bad {x}')\n"
        "ValueError: bad 1\n",
    )


@pytest.mark.requirement("errors.traceback")
def test_traceback_of_the_guests_own_exception(run: Run) -> None:
    code = "class Trouble(Exception):\n    pass\nraise Trouble('deep', 5)"
    assert _error(run(code)) == (
        "Trouble",
        "('deep', 5)",
        _HEAD + '  File "<cell 1>", line 3, in <module>\n'
        "    raise Trouble('deep', 5)\n"
        "Trouble: ('deep', 5)\n",
    )


_PROGRAMS = {
    "expression": "1/0",
    "expression-in-a-call": "len(len(1))",
    "last-line-without-an-end": "values = [1]\nvalues[5]",
    "last-line-with-an-end": "values = [1]\nvalues[5]\n",
    "functions": "def inner(x):\n    return 1 / x\n\ndef outer():\n    return inner(0) + 1\n\nouter()\n",
    "method": "class A:\n    def go(self):\n        return self.missing\nA().go()",
    "comprehension": "[int(text) for text in ('1', 'x')]",
    "generator": "def numbers():\n    yield 1\n    raise KeyError('k')\nlist(numbers())",
    "lambda": "(lambda: undefined)()",
    "several-lines": "max(\n    1,\n    'a',\n)",
    "unicode": "ä = 'é'\n{'ö': ä}['ü'] + ä",
    "form-feed": "a = 1\n\x0cb = 2\nb.missing",
    "odd-line-separators": "text = 'one\u2028two\x1cthree'\ntext.missing",
    "carriage-returns": "a = 1\r\nb = 2\r\nb.missing\r\n",
    "cause": (
        "def work():\n    try:\n        {}['k']\n    except KeyError as error:\n"
        "        raise RuntimeError('work failed') from error\nwork()"
    ),
    "context": "try:\n    1/0\nexcept ZeroDivisionError:\n    undefined",
    "context-hidden": "try:\n    1/0\nexcept ZeroDivisionError:\n    raise ValueError('x') from None",
    "group": (
        "def fail(kind):\n    raise kind('part')\nparts = []\n"
        "for kind in (ValueError, TypeError):\n    try:\n        fail(kind)\n"
        "    except Exception as error:\n        parts.append(error)\n"
        "raise ExceptionGroup('several', parts)"
    ),
    "note": "error = ValueError('x')\nerror.add_note('look here')\nraise error",
    "assert": "assert 1 == 2, 'arithmetic'",
    "recursion": "def down(n):\n    return down(n - 1) if n else 1/0\ndown(10)",
    "stdlib": "import json\njson.loads('{')",
    "syntax": "x = (",
    "syntax-in-the-middle": "x = 1\nif x\n    pass",
    "syntax-indentation": "if True:\nx = 1",
    "syntax-tabs": "if True:\n\tx = 1\n        y = 2",
    "syntax-no-text": "'''never closed",
    "syntax-return": "return 5",
    "syntax-found-when-compiled": "def f(a, a): pass",
    "import": "import no_such_module",
    "name": "prnt('x')",
}


def _as_cpython_prints(code: str) -> str:
    """What this interpreter prints for the same source under the same name."""
    name = "<cell 1>"
    lines = [line + "\n" for line in code.replace("\r\n", "\n").split("\n")]
    linecache.cache[name] = (len(code), None, lines, name)
    module = types.ModuleType("__main__")
    try:
        exec(compile(code, name, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        own = error.__traceback__
        assert own is not None
        shown = traceback.TracebackException(type(error), error, own.tb_next, compact=True)
        return "".join(shown.format())
    finally:
        del linecache.cache[name]
    raise AssertionError("the program did not fail")


@pytest.mark.requirement("errors.traceback-cpython")
@pytest.mark.parametrize("name", _PROGRAMS)
def test_traceback_is_that_of_cpython(run: Run, name: str) -> None:
    version = run("import sys\nsys.version_info[:2]").value
    if version != sys.version_info[:2]:
        pytest.skip(f"the guest is CPython {version}: its traceback is worded differently")
    _, _, shown = _error(run(_PROGRAMS[name]))
    assert shown == _as_cpython_prints(_PROGRAMS[name])


@pytest.mark.requirement("errors.functions")
def test_lines_of_earlier_cells(make: Make, guest_version: tuple[int, int]) -> None:
    box = make()
    box.run("def f(x):\n    return g(x)").raise_for_status()
    box.run("# another cell\ndef g(x):\n    raise ValueError(x)").raise_for_status()
    marked = "           ^^^^\n" if guest_version < (3, 13) else ""  # `return g(x)` is no longer
    expected = (
        f'  File "<cell 1>", line 2, in f\n    return g(x)\n{marked}'
        '  File "<cell 2>", line 3, in g\n    raise ValueError(x)\nValueError: 5\n'
    )
    assert _error(box.run("f(5)"))[2] == (
        _HEAD
        + '  File "<cell 3>", line 1, in <module>\n    f(5)\n'
        + below_call(guest_version, "f(5)")
        + expected
    )
    assert _error(box.call("f", 5))[2] == _HEAD + expected


@pytest.mark.requirement("errors.filename")
def test_filename(make: Make) -> None:
    box = make()
    result = box.run("raise ValueError('x')", filename="plugin.py")
    assert _error(result)[2] == (
        _HEAD + '  File "plugin.py", line 1, in <module>\n'
        "    raise ValueError('x')\nValueError: x\n"
    )
    assert '"<cell 1>"' in _error(box.run("1/0"))[2]


@pytest.mark.requirement("errors.syntax")
def test_syntax_error(run: Run) -> None:
    kind, message, shown = _error(run("print(1)\nx = = 2"))
    assert (kind, message) == ("SyntaxError", "invalid syntax (<cell 1>, line 2)")
    assert shown == (
        '  File "<cell 1>", line 2\n    x = = 2\n        ^\nSyntaxError: invalid syntax\n'
    )


@pytest.mark.requirement("errors.syntax")
@pytest.mark.parametrize("code", ["x = (", "'\\N{no such}'", "\ud800", "0777", "a" * 5_000 + " b"])
def test_syntax_error_shows_no_path(run: Run, code: str) -> None:
    kind, _, shown = _error(run(code))
    assert kind in ("SyntaxError", "UnicodeEncodeError")
    assert ".py" not in shown


@pytest.mark.requirement("errors.chained", "errors.group")
@pytest.mark.parametrize("name", ["cause", "context", "group"])
def test_every_part_of_a_chain_is_shown(run: Run, name: str) -> None:
    shown = _error(run(_PROGRAMS[name]))[2]
    parts = {
        "cause": ["KeyError: 'k'", "direct cause of the following", "RuntimeError: work failed"],
        "context": ["ZeroDivisionError", "During handling of the above", "NameError"],
        "group": [
            "ExceptionGroup: several (2 sub-exceptions)",
            "ValueError: part",
            "TypeError: part",
        ],
    }
    for part in parts[name]:
        assert part in shown


@pytest.mark.requirement("errors.await")
@pytest.mark.parametrize(
    "code",
    [
        "async def work():\n    raise ValueError('x')\nawait work()",
        "import asyncio\nasync def work():\n    raise ValueError('x')\nawait asyncio.gather(work())",
    ],
)
def test_await_shows_the_guests_frames_only(run: Run, code: str) -> None:
    lines = code.splitlines()
    assert _error(run(code))[2] == (
        _HEAD + f'  File "<cell 1>", line {len(lines)}, in <module>\n    {lines[-1]}\n'
        f'  File "<cell 1>", line {len(lines) - 1}, in work\n'
        "    raise ValueError('x')\nValueError: x\n"
    )


@pytest.mark.requirement("errors.exit")
@pytest.mark.parametrize(
    "code", ["raise SystemExit", "import sys\nsys.exit()", "import sys\nsys.exit(0)"]
)
def test_exit_is_ok(make: Make, code: str) -> None:
    box = make()
    result = box.run(f"done = True\n{code}\ndone = False")
    assert (result.status, result.value, result.error, result.alive) == ("ok", None, None, True)
    assert box.run("done").value is True


@pytest.mark.requirement("errors.exit")
@pytest.mark.parametrize(
    ("code", "message"), [("3", "3"), ("'failed'", "failed"), ("1.5", "1.5"), ("-1", "-1")]
)
def test_exit_with_a_code_is_an_error(make: Make, code: str, message: str) -> None:
    result = make().run(f"raise SystemExit({code})")
    assert _error(result) == (
        "SystemExit",
        message,
        _HEAD + f'  File "<cell 1>", line 1, in <module>\n    raise SystemExit({code})\n'
        f"SystemExit: {message}\n",
    )
    assert result.alive is True


@pytest.mark.requirement("errors.exit-output")
@pytest.mark.parametrize("code", ["", "0", "3"])
def test_output_before_an_exit(run: Run, code: str) -> None:
    result = run(f"print('before')\nprint('unended', end='')\nraise SystemExit({code})")
    assert result.stdout == "before\nunended"


@pytest.mark.requirement("errors.interrupt")
def test_keyboard_interrupt_of_the_guests_own(make: Make) -> None:
    box = make()
    kind, message, _ = _error(box.run("raise KeyboardInterrupt('mine')"))
    assert (kind, message) == ("KeyboardInterrupt", "mine")
    assert box.run("1").value == 1


@pytest.mark.requirement("errors.bounded")
def test_long_message_is_cut(make: Make) -> None:
    box = make()
    kind, message, shown = _error(box.run("raise ValueError('x' * 10_000_000)"))
    assert kind == "ValueError"
    assert len(message) < 10_000
    assert len(shown) < 40_000
    assert "characters left out" in message
    assert box.run("1").value == 1


@pytest.mark.requirement("errors.bounded")
@pytest.mark.parametrize(
    "code",
    [
        "type('N' * 100_000, (Exception,), {})",
        "ExceptionGroup('g', [ValueError('x' * 1000)] * 1000)",
        "__import__('functools').reduce(lambda e, _: setattr(n := ValueError('x' * 100), '__cause__', e) or n, range(500), None)",
    ],
)
def test_endless_error_is_cut(make: Make, code: str) -> None:
    kind, message, shown = _error(make().run(f"raise {code}"))
    assert len(kind) <= 256
    assert len(message) < 10_000
    assert len(shown) < 40_000


@pytest.mark.requirement("errors.hostile-str")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise RuntimeError('no text')", "<Odd whose str raised RuntimeError>"),
        ("return 5", "<Odd whose str raised TypeError>"),
        ("return str(self)", "<Odd whose str raised RecursionError>"),
        ("raise SystemExit", "<Odd whose str raised SystemExit>"),
    ],
)
def test_exception_whose_str_fails(make: Make, body: str, message: str) -> None:
    box = make()
    result = box.run(f"class Odd(Exception):\n    def __str__(self): {body}\nraise Odd")
    assert _error(result)[:2] == ("Odd", message)
    assert box.run("1").value == 1


@pytest.mark.requirement("errors.hostile-str")
@pytest.mark.parametrize(
    "code",
    [
        "class Odd(Exception):\n    __name__ = property(lambda s: 1/0)\nraise Odd",
        "class Meta(type):\n    __name__ = property(lambda c: 1/0)\nclass Odd(Exception, metaclass=Meta): pass\nraise Odd",
        "class Meta(type):\n    __name__ = 5\nclass Odd(Exception, metaclass=Meta): pass\nraise Odd",
        "class Odd(Exception):\n    @property\n    def __traceback__(self): return 5\nraise Odd",
        "class Odd(Exception):\n    @property\n    def __class__(self): return int\nraise Odd",
        "class Odd(Exception):\n    __notes__ = 5\nraise Odd",
        "e = ValueError()\ne.__cause__ = e\nraise e",
        "raise ValueError('\\ud800')",
    ],
)
def test_exception_whose_type_misbehaves(make: Make, code: str) -> None:
    box = make()
    result = box.run(code)
    assert (result.status, result.alive) == ("error", True)
    assert box.run("1").value == 1


@pytest.mark.requirement("errors.recursion")
@pytest.mark.parametrize(
    "code",
    [
        "def f(): f()\nf()",
        "class A:\n    def __repr__(self): return repr(self)\nrepr(A())",
        "class A:\n    def __getattr__(self, name): return self.other\nA().x",
        "import json\nx = []\nx.append(x)\njson.dumps(x, check_circular=False)",
    ],
)
def test_recursion(make: Make, code: str) -> None:
    box = make()
    result = box.run(code)
    assert _error(result)[0] == "RecursionError"
    assert box.run("1").value == 1


@pytest.mark.requirement("errors.partial")
def test_what_was_done_before_an_error_stays(make: Make) -> None:
    box = make()
    result = box.run("a = 1\nprint('said')\ndisplay('shown')\n1/0\nb = 2")
    assert (result.status, result.stdout, len(result.displays)) == ("error", "said\n", 1)
    assert box.run("a, 'b' in globals()").value == (1, False)


@pytest.mark.requirement("errors.ours")
def test_machinery_errors_have_plain_names(make: Make, guest_version: tuple[int, int]) -> None:
    def fail() -> None:
        raise RuntimeError

    box = make(functions=[fail])
    assert _error(box.run("fail()"))[2] == (
        _HEAD
        + '  File "<cell 1>", line 1, in <module>\n    fail()\n'
        + below_call(guest_version, "fail()")
        + "HostFunctionError: fail\n"
    )
    assert _error(box.run("x = []\nx.append(x)\nx"))[2] == (
        "EncodeError: the value is nested deeper than 64, or contains itself\n"
    )


# --- crashes --------------------------------------------------------------------------------

_CRASHES = {
    "exit": "import os\nos._exit(0)",
    "exit-3": "import os\nos._exit(3)",
    "exit-70": "import os\nos._exit(70)",
    "null": "import ctypes\nctypes.string_at(0)",
    "abort": "import os\nos.abort()",
}
_CRASH_ROWS = [
    pytest.param(name, marks=pytest.mark.requirement("crash.native") if name == "null" else ())
    for name in _CRASHES
]


@pytest.mark.requirement("crash.exit", "crash.used-after")
@pytest.mark.parametrize("name", _CRASH_ROWS)
def test_crash(make: Make, name: str) -> None:
    box = make()
    result = box.run(f"print('before')\n{_CRASHES[name]}")
    assert (result.status, result.limit, result.value, result.alive) == (
        "crashed",
        None,
        None,
        False,
    )
    assert result.stdout == "before\n"
    assert result.error is not None
    assert result.error.type
    assert result.error.message
    assert box.alive is False
    with pytest.raises(ringfence.SandboxClosed) as caught:
        box.run("1")
    assert str(caught.value) == "the guest of this sandbox has ended; make a new sandbox"


@pytest.mark.requirement("crash.beside")
@pytest.mark.parametrize("name", _CRASH_ROWS)
def test_crash_beside(shared: ringfence.Sandbox, run: Run, name: str) -> None:
    shared.run("beside = 'untouched'").raise_for_status()
    assert run(_CRASHES[name]).status == "crashed"
    assert shared.run("beside").value == "untouched"
    assert run("1").status == "ok"


@pytest.mark.requirement("crash.exit")
def test_crash_while_a_host_call_is_open(make: Make) -> None:
    cancelled = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    code = (
        "import asyncio, os\ntask = asyncio.ensure_future(never())\n"
        "await asyncio.sleep(0.1)\nos._exit(5)"
    )
    assert make(functions=[never]).run(code).status == "crashed"
    assert cancelled.wait(30)
