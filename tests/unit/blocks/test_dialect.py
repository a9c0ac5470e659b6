"""What the dialect allows, and what it says about the rest."""

from __future__ import annotations

import threading

import pytest

from ringfence import blocks
from ringfence.blocks import BlockRejected
from ringfence.blocks.bounds import MOST_BYTES, MOST_DEPTH, MOST_NODES
from ringfence.blocks.dialect import check


def told(source: str) -> list[tuple[int, int, str]]:
    with pytest.raises(BlockRejected) as caught:
        check(source, "b")
    return [(one.line, one.column, one.message) for one in caught.value.findings]


def in_block(statement: str) -> str:
    body = "\n".join(f"    {line}" for line in statement.split("\n"))
    return f"def f(x):\n    return x\ndef block(n: int = 1, w: float = 1.0):\n{body}\n"


@pytest.mark.parametrize(
    ("statement", "column", "message"),
    [
        ("import os", 5, "import is not allowed"),
        ("from math import sin", 5, "import is not allowed"),
        ("eval('1')", 5, "eval is not allowed"),
        ("exec('1')", 5, "exec is not allowed"),
        ("compile('1', '', 'exec')", 5, "compile is not allowed"),
        ("open('f')", 5, "open is not allowed"),
        ("__import__('os')", 5, "the name __import__ begins with _"),
        ("getattr(w, 'x')", 5, "getattr is not allowed"),
        ("setattr(w, 'x', 1)", 5, "setattr is not allowed"),
        ("delattr(w, 'x')", 5, "delattr is not allowed"),
        ("hasattr(w, 'x')", 5, "hasattr is not allowed"),
        ("globals()", 5, "globals is not allowed"),
        ("locals()", 5, "locals is not allowed"),
        ("vars()", 5, "vars is not allowed"),
        ("dir()", 5, "dir is not allowed"),
        ("print(1)", 5, "print is not allowed"),
        ("type(w)", 5, "type is not allowed"),
        ("w.__class__", 5, "the attribute __class__ is not allowed"),
        ("f.__globals__", 5, "f is a function, and no value"),
        ("x = __name__", 9, "the name __name__ begins with _"),
        ("_x = 1", 5, "the name _x begins with _"),
        ("'{0.x}'.format(w)", 5, "the attribute format is not allowed"),
        ("'{x}'.format_map({})", 5, "the attribute format_map is not allowed"),
        ("str.format('{}', 1)", 5, "str is a function, and no value"),
        ("'%s' % w", 5, "text % values is not allowed"),
        ("f'{w:1000}'", 5, "this format is not allowed"),
        ("f'{w:{n}}'", 5, "a format that is computed is not allowed"),
        ("f'{w!r}'", 5, "!r and !a are not allowed"),
        ("f'{[i for i in (1, 2)]}'", 5, "what has to be counted stands in an f-string"),
        ("f'{f(1)}'", 5, "what has to be counted stands in an f-string"),
        ("f'{n * f(2)}'", 5, "what has to be counted stands in an f-string"),
        ("f'{1 << n}'", 5, "what has to be counted stands in an f-string"),
        ("global n", 5, "global is not allowed"),
        ("nonlocal n", 5, "nonlocal is not allowed"),
        ("del n", 5, "del is not allowed"),
        ("try: n\nexcept: n", 5, "try is not allowed"),
        ("with w: n", 5, "with is not allowed"),
        ("class C: n", 5, "a class is not allowed"),
        ("def g(): n", 5, "a function within a function is not allowed"),
        ("async def g(): n", 5, "async is not allowed"),
        ("match n:\n  case 1: n", 5, "match is not allowed"),
        ("yield n", 5, "yield is not allowed"),
        ("x = (y := 1)", 10, ":= is not allowed"),
        ("x = lambda: 1", 9, "a lambda may only be key="),
        ("sorted([n], key=f)", 21, "f is a function, and no value"),
        ("sorted([n], key=lambda *a: a)", 21, "this lambda has more than plain parameters"),
        ("x = len", 9, "len is a function, and no value"),
        ("x = math", 9, "math is no value"),
        ("math.factorial(9)", 5, "math.factorial is not there"),
        ("math.pow(9, 9)", 5, "math.pow is not there"),
        ("w.x = 1", 5, "the attribute x is assigned"),
        ("line = 1", 5, "line is lent by the host and keeps its meaning"),
        ("for range in [1]: n", 9, "range is lent by the host and keeps its meaning"),
        ("type = 1", 5, "type is a name of Python's and keeps its meaning"),
        ("f = 1", 5, "f is a function"),
        ("n()", 5, "n is no function that can be called by name"),
        ("f(1)(2)", 5, "only names and methods are called"),
        ("[f][0](2)", 5, "only names and methods are called"),
        ("f(**{})", 9, "** is not allowed here"),
        ("x = {**{}}", 9, "** is not allowed here"),
        ("x = [*(1, 2)]", 10, "* is not allowed here"),
        ("unknown(1)", 5, "unknown is not defined"),
        ("x = unknown", 9, "unknown is not defined"),
        ("raise TypeError('x')", 5, "only ValueError is raised"),
        ("raise", 5, "only ValueError is raised"),
        ("raise ValueError('x') from None", 5, "only ValueError is raised"),
        ("x = b'bytes'", 9, "a literal of type bytes is not allowed"),
        ("x = 1j", 9, "a literal of type complex is not allowed"),
        ("x = ...", 9, "a literal of type ellipsis is not allowed"),
        ("x = 99999999999999999999", 9, "this number has more than 64 bits"),
        ("x = w @ w", 9, "@ is not allowed"),
        ("w @= w", 5, "@ is not allowed"),
        ("x: int", 5, "a declaration without a value is not allowed"),
        ("x = [1]\nx[0] *= n", 5, "this operation in place has to be guarded"),
        ("await n", 5, "await is not allowed"),
        ("[x async for x in w]", 5, "async is not allowed"),
        ("w.append.__self__", 5, "the attribute __self__ is not allowed"),
        ("w.mro", 5, "the attribute mro is not allowed"),
        ("w.gi_frame", 5, "the attribute gi_frame is not allowed"),
    ],
)  # fmt: skip
def test_what_is_refused(statement: str, column: int, message: str) -> None:
    found = told(in_block(statement))
    line = 5 if statement.startswith("x = [1]\n") else 4
    assert (line, column, message) in found


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("x = 1", (0, 0, "there is no function")),
        ("", (0, 0, "there is no function")),
        ("import os\ndef b(): pass", (1, 1, "import is not allowed")),
        ("print(1)\ndef b(): pass", (1, 1, "only functions and constants stand outside of functions")),
        ("X = []\ndef b(): pass", (1, 5, "X is not a constant")),
        ("X = Y = 1\ndef b(): pass", (1, 1, "a constant has one name")),
        ("X = 1\nX = 2\ndef b(): pass", (2, 1, "X is there already")),
        ("@f\ndef b(): pass", (1, 2, "a decorator is not allowed")),
        ("def b(x): pass", (1, 7, "parameter x has no type that a block can have")),
        ("def b(x: list): pass", (1, 7, "parameter x has no type that a block can have")),
        ("def b(x: 'int'): pass", (1, 7, "parameter x has no type that a block can have")),
        ("def b(x: print()): pass", (1, 7, "parameter x has no type that a block can have")),
        ("def b(x: int = 1.5): pass", (1, 16, "the default of x is not a literal of type int")),
        ("def b(x: float = 1e999): pass", (1, 18, "the default of x is not a literal of type float")),
        ("def b(x: float = print()): pass", (1, 18, "the default of x is not a literal of type float")),
        ("def b(*x: int): pass", (1, 8, "x is not a plain parameter")),
        ("def b(**x: int): pass", (1, 9, "x is not a plain parameter")),
        ("def b(x: int, /): pass", (1, 7, "x is not a plain parameter")),
        ("def f(x=[]): pass\ndef b(): pass", (1, 9, "a default is a literal")),
        ("def f(*x): pass\ndef b(): pass", (1, 8, "*x is not allowed")),
        ("def len(): pass", (1, 1, "len is lent by the host and keeps its meaning")),
        ("def b(: pass", (1, 7, "this is not Python: invalid syntax")),
        ("def b():\n\tif 1:\n        pass", (3, 1, "this is not Python: inconsistent use of tabs and spaces in indentation")),
    ],
)  # fmt: skip
def test_the_module(source: str, place: tuple[int, int, str]) -> None:
    assert place in told(source)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BlockRejected) as caught:
        blocks.compile(in_block("import os\neval('1')\nx = len"), name="stairs.py")
    assert caught.value.block == "stairs.py"
    assert str(caught.value) == (
        "stairs.py, line 4, column 5: import is not allowed; math and the primitives are there "
        "already\n"
        "stairs.py, line 5, column 5: eval is not allowed; write the expression itself, or take a "
        "parameter\n"
        "stairs.py, line 6, column 9: len is a function, and no value; call it: len(…)"
    )
    assert isinstance(caught.value, ValueError)
    assert len(told(in_block("\n".join(f"import a{n}" for n in range(500))))) == 100


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("#" * (MOST_BYTES + 1), f"the source has {MOST_BYTES + 1} bytes, and may have {MOST_BYTES}"),
        ("(" * 60_000, f"more than {MOST_DEPTH} brackets are open"),
        ("[" * 61 + "]" * 61, f"more than {MOST_DEPTH} brackets are open"),
        ("x = " + "-" * 50_000 + "1", "a chain of operators is too long"),
        ("x = " + "not " * 10_000 + "1", "a chain of operators is too long"),
        ("x = " + "~ - +" * 10_000 + "1", "a chain of operators is too long"),
        ("x = " + "lambda: " * 5_000 + "1", "a chain of operators is too long"),
        ("x = " + "2 ** " * 5_000 + "1", "there are more than 200 **"),
        ("x = " + "1 if 1 else " * 4_000 + "1", "there are more than 200 else"),
        ("if 1: pass\n" + "elif 1: pass\n" * 4_000, "there are more than 200 elif"),
        ("x = " + "1 + " * 500 + "1", f"this is nested more than {MOST_DEPTH} levels deep"),
        ("x = a" + ".b" * 500, f"this is nested more than {MOST_DEPTH} levels deep"),
        ("x = a" + "[0]" * 500, f"this is nested more than {MOST_DEPTH} levels deep"),
        ("x = (" + "1, " * 21_000 + ")", f"this has more than {MOST_NODES} parts"),
        ("x = 1\0", "there is a NUL character in the source"),
        ("x = '\ud800'", "there are lone surrogates in the source"),
        ("if 1:\n" + " " * 201 + "pass", "a line is indented by more than 200"),
        ("x = " + "9" * 5_000, "this is not Python: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits."),
    ],
)  # fmt: skip
def test_what_is_too_much_for_the_host(source: str, message: str) -> None:
    """On a thread with a small stack, as servers have them."""
    found: list[str] = []
    size = threading.stack_size(512 << 10)
    try:
        thread = threading.Thread(target=lambda: found.append(told(source)[0][2]))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
    assert found == [message]


def test_line_ends_and_letters() -> None:
    script = check(
        "def f(x):\r\n    return x\r\rdef b(größe: float = 1.0):\r    point(größe, 0)", "b"
    )
    assert (script.function, script.line) == ("b", 4)
    assert "\r" not in script.source
    assert told("def b():\n    \uff45\uff56\uff41\uff4c('1')")[0][2] == "eval is not allowed"
    assert told("def b():\n    x = 'é'; import os")[0][:2] == (2, 14)


def test_equal_scripts_have_equal_keys() -> None:
    one, other = check("def b(): pass", "a"), check("def b(): pass", "c")
    assert one.key == other.key != check("def b(): point(0, 0)", "a").key
    assert len(one.key) == 64


@pytest.mark.parametrize("wrong", [{}, {"": "x"}, {"a\nb": "x"}, {1: "x"}, {"a": 1}, [], "x"])
def test_wrong_arguments(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"^(sources|'|1 is|a: )"):
        blocks.compile_all(wrong)  # type: ignore[arg-type]
