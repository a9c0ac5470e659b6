"""Which statement made a name, and its text: read from cells, run again by itself."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from ringfence_guest.definitions import Definition, Notebook, unwrap
from ringfence_guest.execute import run_cell


class Session:
    """Cells that run in a namespace, and what a notebook makes of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        main = types.ModuleType("__main__")
        monkeypatch.setitem(sys.modules, "__main__", main)
        self.names = main.__dict__
        self.notebook = Notebook()
        self.count = 0

    def run(self, source: str, filename: str | None = None) -> None:
        self.count += 1
        name = filename or f"<cell {self.count}>"
        run_cell(source, name, self.names, lambda c: c, self.notebook.note)

    def read(self) -> None:
        self.notebook.read(self.names)

    def again(self, definition: Definition | None) -> dict[str, Any]:
        """What the statement makes by itself."""
        assert definition is not None
        made: dict[str, Any] = {"__name__": "__main__"}
        definition.run(made)
        return made


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(monkeypatch)


FUNCTIONS = [
    "def f(): return 42",
    "x = 'é€😀'; y = 1\ndef f():\n    return 42",
    "if True:\n    def f():\n        return 42\nelse:\n    def f():\n        return 0",
    "try:\n    1/0\nexcept ZeroDivisionError:\n    def f():\n        return 42\nfinally:\n    pass",
    "for i in range(2):\n    if i:\n        def f(): return 42",
    "with __import__('contextlib').nullcontext():\n\tdef f():\n\t\treturn 42",
    "match 1:\n    case 1:\n        def f():\n            return 42",
    "def same(f): return f\n@same\n# why\n@same\n\n# and\ndef f():\n    return 42",
    "if 1:\n    def same(f): return f\n    @same\n    def f(\n        a=(\n  1),\n    ):\n        return 42",
    "def f():\n    text = '''\n  indented\nnot\n'''\n    return 42 if text == '\\n  indented\\nnot\\n' else 0",
    "if 1:\n    def f():\n        text = '''\n  indented\nnot\n'''\n        return 42 if text == '\\n  indented\\nnot\\n' else 0",
    "def f(): return 42\r\nx = 1\r\n",
    "def f():\\\n  return 42",
    "async def g(): pass\ndef f(): return 42 if g.__code__.co_flags & 0x80 else 0",
]  # fmt: skip


@pytest.mark.parametrize("source", FUNCTIONS)
def test_the_statement_of_a_function(session: Session, source: str) -> None:
    session.run(source)
    session.read()
    f = session.names["f"]
    definition = session.notebook.function(f)
    assert definition is not None
    made = session.again(definition.stripped())
    made |= {name: value for name, value in session.names.items() if name != "f"}
    assert made["f"]() == f() == 42
    assert definition.filename == f.__code__.co_filename
    body = definition.stripped().compiled().co_consts
    lines = [c.co_firstlineno for c in body if isinstance(c, types.CodeType) and c.co_name == "f"]
    assert lines == [definition.bare[1]]


def test_wrapped_functions(session: Session) -> None:
    session.run(
        "import functools\ndef twice(f):\n    @functools.wraps(f)\n"
        "    def wrapper(): return 2 * f()\n    return wrapper\n@twice\n@twice\ndef f(): return 5"
    )
    session.read()
    f = session.names["f"]
    assert unwrap(f) is not f
    definition = session.notebook.function(f)
    assert definition is not None
    assert definition.source.startswith("@twice\n@twice\ndef f")
    made = {"twice": session.names["twice"]}
    definition.run(made)
    assert made["f"]() == 20


def test_a_function_that_is_not_of_a_cell(session: Session) -> None:
    session.run("exec('def f(): pass')\ng = len\ndef h(): pass\nh.__wrapped__ = h")
    session.read()
    for name in ("f", "g"):
        assert session.notebook.function(session.names[name]) is None
    assert session.notebook.function(session.names["h"]) is not None  # a ring of them ends


def test_classes(session: Session) -> None:
    session.run("class A:\n    x = 1\nclass B:\n    def m(self): pass\nold = A")
    session.run("raise_here = 1\nclass A:\n    x, y = 1, 2\n    z = 3")
    session.read()
    a = session.notebook.klass(session.names["A"])
    assert a is not None
    assert a.filename == "<cell 2>"
    old = session.notebook.klass(session.names["old"])
    assert old is not None
    assert old.filename == "<cell 1>"
    assert session.notebook.klass(session.names["B"]) is not None
    assert session.notebook.klass(type("C", (), {})) is None


def test_imports(session: Session) -> None:
    session.run("import xml.dom, xml.sax, os.path as p, json\nfrom math import pi, sin as s")
    session.run("import xml.etree")
    session.read()
    names = session.names

    def found(name: str) -> list[str]:
        return [d.source for d in session.notebook.imports(name, names[name])]

    assert found("xml") == ["import xml.dom", "import xml.sax", "import xml.etree"]
    assert found("p") == ["import os.path as p"]
    assert found("json") == ["import json"]
    assert found("s") == ["from math import sin as s"]
    assert found("pi") == []  # data
    names["json"] = names["p"]
    assert found("json") == []


VALUES = {
    "f = lambda x: x": True,
    "f = lambda x, y=(1, 'a', -2): x": True,
    "f = {'a': lambda: 1, 2: [lambda: 2, None]}": True,
    "f = (lambda: 1, 1.5)": True,
    "a = b = f = lambda: 1": True,
    "n = 1\nf = lambda x=n: x": False,
    "f = {**{}, 'a': lambda: 1}": False,
    "f = [lambda: 1, print]": False,
    "f = [lambda: 1]\nf.append(2)": False,
    "f = [lambda: 1]\nf[0] = lambda: 2": False,
    "f = (lambda: (lambda: 1))()": False,
    "f = {'a': 1}": False,
}


@pytest.mark.parametrize(("source", "kept"), VALUES.items())
def test_lambdas(session: Session, source: str, kept: bool) -> None:
    session.run(source)
    session.read()
    definition = session.notebook.lambdas("f", session.names["f"])
    assert (definition is not None) == kept


def test_named_tuples_and_their_like(session: Session) -> None:
    session.run(
        "import collections, typing, enum\nP = collections.namedtuple('P', 'a b')\n"
        "E = enum.Enum('E', ['X'])\nT = typing.TypeVar('T')\n"
        "Q = collections.namedtuple('Q', [print('called') or 'a'])"
    )
    session.read()
    for name in ("P", "E"):
        definition = session.notebook.klass(session.names[name])
        assert definition is not None
        assert definition.source.startswith(f"{name} = ")
    assert session.notebook.factory("T", session.names["T"]) is not None
    assert session.notebook.klass(session.names["Q"]) is None  # its argument does something


def test_what_cannot_define_anything_is_not_noted() -> None:
    notebook = Notebook()
    for source in ("x = 1", "x += f(2)\nprint(x)", "for i in range(3): y = i"):
        notebook.note("<cell 1>", source)
    assert notebook._cells == []


def test_what_nothing_refers_to_is_forgotten(session: Session) -> None:
    for _ in range(3):
        session.run("def f(): pass\ndef g(): pass")
        del session.names["g"]
        session.read()
    assert set(session.notebook._by_name) == {"f"}
    assert session.notebook._cells == []
