"""What a plugin may import: each way around the list that the suite knows, and what is left."""

from __future__ import annotations

import pytest

from tests.plugins.conftest import MakeHost
from tests.plugins.specs import bundle

NOT_ALLOWED = "ImportError: a plugin may not import"
IMPORTS = {
    "import os": NOT_ALLOWED,
    "import os.path": NOT_ALLOWED,
    "from os import environ": NOT_ALLOWED,
    "import sys": NOT_ALLOWED,
    "import builtins": NOT_ALLOWED,
    "import importlib": NOT_ALLOWED,
    "import ringfence_guest.plugins": NOT_ALLOWED,
    "import __main__": NOT_ALLOWED,
    "import host": NOT_ALLOWED,
    "import numpy": NOT_ALLOWED,
    "import math as m, socket": NOT_ALLOWED,
    "__import__('os')": NOT_ALLOWED,
    "__import__('o' + 's')": NOT_ALLOWED,
    "__import__('os', {'__name__': 'json', '__package__': 'json'})": NOT_ALLOWED,
    "__import__('decoder', {'__package__': 'os'}, None, ['x'], 1)": NOT_ALLOWED,
    "__builtins__['__import__']('os')": NOT_ALLOWED,
    "print.__self__.__import__('os')": NOT_ALLOWED,
    "print.__self__.__dict__['__import__']('os')": NOT_ALLOWED,
    "eval('__import__')('os')": NOT_ALLOWED,
    "eval(\"__import__('os')\", {})": NOT_ALLOWED,
    "exec('import os')": NOT_ALLOWED,
    "exec('import os', {})": NOT_ALLOWED,
    "exec('import os', {'__builtins__': print.__self__.__dict__})": NOT_ALLOWED,
    "exec('import os', {'__builtins__': print.__self__})": NOT_ALLOWED,
    "import json\nexec('import os', json.dumps.__globals__)": NOT_ALLOWED,
    "import json\ntype(lambda: 0)((lambda: __import__('os')).__code__, json.dumps.__globals__)()": NOT_ALLOWED,
    "import json\nf = lambda *a, **k: __import__('os')\njson.dumps.__code__ = f.__code__\njson.dumps(1)": NOT_ALLOWED,
    "import json\ncode = compile('import os', json.loads.__code__.co_filename, 'exec')": "PermissionError: compile: a plugin makes no code that is named like a library's",
    "code = compile('import os', '/x.py', 'exec')": "PermissionError: compile: a plugin makes no code",
    "code = compile('import os', '<frozen x>', 'exec')": "PermissionError: compile: a plugin makes no code",
    "class Name(str): pass\nexec(compile('import os', Name('/x.py'), 'exec'))": NOT_ALLOWED,
    "f = lambda: __import__('os')\nf.__code__.replace(co_filename='/x.py')": "PermissionError: code.__new__: a plugin makes no code",
    "import ringfence_guest": NOT_ALLOWED,
    "from random import _os": "ImportError: cannot import name '_os' from 'random'",
    "import random\nrandom._os": "AttributeError: module 'random' has no attribute '_os'",
    "import collections\ncollections._sys": "AttributeError: module 'collections' has no attribute '_sys'",
    "import json\njson.codecs": "AttributeError: module 'json' has no attribute 'codecs'",
    "import json.decoder\njson.decoder.re._compiler.sys": "AttributeError",
    "import random\nrandom.__loader__.load_module('os')": "AttributeError",
    "import random\nrandom.__spec__.loader": "AttributeError",
    "from . import os": "ImportError: attempted relative import with no known parent package",
    "from .... import x": "ImportError: attempted relative import with no known parent package",
    "open('/etc/passwd')": "PermissionError: open(): a plugin has no files",
    "input()": "PermissionError: input(): a plugin has no input",
    "breakpoint()": "PermissionError: breakpoint(): there is no debugger here",
    "exit()": "NameError: name 'exit' is not defined",
    "import typing\ntyping.get_type_hints(type('C', (), {'__annotations__': {'x': '__import__(\"os\")'}}))": NOT_ALLOWED,
    "import dataclasses\ndataclasses.make_dataclass('C', [('x', int, dataclasses.field(default_factory=lambda: __import__('os')))])()": NOT_ALLOWED,
}  # fmt: skip


@pytest.mark.parametrize("where", ["at import", "in a call"])
def test_no_import_gets_around_the_list(host: MakeHost, where: str) -> None:
    found = {}
    for code, wanted in IMPORTS.items():
        lines = "\n    ".join(code.splitlines())
        if where == "at import":
            source = f"if True:\n    {lines}\ndef probe(n): return 1\n"
        else:
            source = f"def probe(n):\n    {lines}\n    return 1\n"
        with host(bundle(source), workers=1) as made:
            answer = made.ask_plugins("probe", n=1)
        assert answer is not None
        kind = "load" if where == "at import" else "raised"
        if not answer.failures:
            found[code] = f"allowed, and {answer.value}"
        elif answer.failures[0].kind != kind or not answer.failures[0].reason.startswith(wanted):
            found[code] = str(answer.failures[0])
    assert found == {}


ALLOWED = """
import math, json.decoder, collections.abc as abc, random
from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple
import other.deep as deep
from other import deep as again, NUMBER
from other.deep import value

Pair = namedtuple("Pair", "a b")

@dataclass
class Point:
    x: int = 1
    rest: list = field(default_factory=list)

class Colour(Enum):
    RED = 1

def probe(n):
    assert datetime.strptime("2026-11-28", "%Y-%m-%d").day == 28
    assert json.decoder.JSONDecoder().decode("[1]") == [1]
    assert isinstance({}, Mapping) and abc.Mapping is Mapping
    assert random.Random(1).random() == random.Random(1).random()
    assert Point() == Point() and Colour(1) is Colour.RED and Pair(1, 2).b == 2
    assert deep is again and deep.value == value == NUMBER
    class Later(NamedTuple):
        x: int = math.floor(2.5)
    return Later().x * n
"""


def test_what_is_allowed_works(host: MakeHost) -> None:
    files = {
        "other/__init__.py": "NUMBER = 7\n",
        "other/deep.py": "from . import NUMBER\nfrom .sibling import half\nvalue = half(14)\n",
        "other/sibling.py": "from __future__ import annotations\n\ndef half(x): return x // 2\n",
    }
    with host(bundle(ALLOWED, files=files)) as made:
        answer = made.call("probe", n=3)
        assert (answer.failures, answer.value) == ((), 6)


def test_a_host_may_allow_others(host: MakeHost) -> None:
    plugin = bundle("import uuid, math\ndef probe(n): return uuid.UUID(int=n).int")
    with host(plugin, imports={"uuid", "math"}) as made:
        assert made.call("probe", n=5).value == 5
    with host(plugin, imports={"math"}) as made:
        (failure,) = made.call("probe", n=5).failures
        assert failure.kind == "load"
        assert failure.reason == (
            "ImportError: a plugin may not import 'uuid'; it may import its own modules, no "
            "package, and of the standard library math"
        )
        assert 'File "<module counter>", line 1' in failure.traceback
