"""Each rule finds its sample, at its line, and leaves what is near to it."""

from __future__ import annotations

import pytest

from ringfence.plugins import analysis
from ringfence.plugins.analysis import RULES

FAR = " " * 160
BLOB = "QmFzZTY0IGRhdGEgdGhhdCBub2JvZHkgcmVhZHM5" * 8

# rule -> (what it finds, the line, what is near to it and is none)
CASES: dict[str, tuple[str, int, str]] = {
    "RF101": ("x = 1\nimport requests\n", 2, "import json, collections.abc\nfrom numpy import sin\n"),
    "RF102": ("import importlib\nimportlib.import_module('json')\n", 2, "import importlib\n"),
    "RF103": ("x = 1\n__import__('js' + 'on')\n", 2, "__import__('json')\n"),
    "RF104": ("import random\nrandom._os.getpid()\n", 2, "import os.path, glob\nglob.glob\nos.path.join\n"),
    "RF105": ("\nimport js\n", 2, "import json\njs = json\n"),
    "RF201": ("x = 1\ny = eval('x')\n", 2, "import re, ast\nre.compile('x')\nast.literal_eval('1')\n"),
    "RF202": ("t = 'im' + 'port os'\nexec(t)\n", 2, "exec('x = 1')\n"),
    "RF203": ("def f(): pass\nf.__code__ = None\n", 2, "def f(): pass\nf.calls = 1\n"),
    "RF204": ("x = 1\nprint.__self__\n", 2, "import builtins\nbuiltins.print('x')\n"),
    "RF301": ("def f(o, n):\n    return getattr(o, n)\n", 2, "def f(o, n):\n    return getattr(o, 'visit_' + n)\n"),
    "RF302": ("def f(o):\n    return getattr(o, '__sub' + 'classes__')\n", 2, "def f(o):\n    return getattr(o, 'na' + 'me')\n"),
    "RF303": ("import os\nprint(os)\n", 2, "import math\nprint(math)\n"),
    "RF304": ("import inspect\ninspect.stack()\n", 2, "import inspect\ninspect.signature(print)\n"),
    "RF305": ("def f():\n    return locals()\n", 2, "def f(locals):\n    return locals\n"),
    "RF401": ("x = 1\n().__class__.__base__.__subclasses__()\n", 2, "def f(x):\n    return x.__class__.__name__, type(x).__mro__\n"),
    "RF402": ("def f(): pass\nf.__globals__\n", 2, "def f(): pass\nf.__name__, f.__doc__\n"),
    "RF403": ("class A: pass\nA.__subclasses__()\n", 2, "class A:\n    def __init_subclass__(cls): pass\n"),
    "RF404": ("g = (x for x in ())\ng.gi_frame\n", 2, "g = (x for x in ())\ng.send, g.frame\n"),
    "RF405": ("try:\n    x.y\nexcept AttributeError as e:\n    e.obj\n", 4, "class N: pass\nN().obj\n"),
    "RF406": ("x = 1\ny = '__subclasses__'\n", 2, "def f():\n    '''__subclasses__'''\ny = 'subclasses of __init__'\n"),
    "RF407": ("x = 1\nx.__reduce_ex__(2)\n", 2, "class A:\n    def f(self):\n        return super().__reduce_ex__(2)\n"),
    "RF408": (
        "class A:\n    __class__ = dict\n",
        2,
        "class A:\n    kind = dict\n    def f(self):\n        return self.__class__\n",
    ),
    "RF411": ("x = 1\n'{0.__init__.__globals__}'.format(x)\n", 2, "'{0.__class__.__name__} {0.real} {1[key]}'.format(1, {})\n"),
    "RF412": ("import string\nstring.Formatter()\n", 2, "import string\nstring.Template('x')\n"),
    "RF601": ("x = 1\nimport pickle\n", 2, "import json, struct\n"),
    "RF602": ("class A:\n    def __reduce__(self):\n        return (eval, ('1',))\n", 3, "class A:\n    def __reduce__(self):\n        return (A, ())\n"),
    "RF603": ("class A:\n    def __reduce__(self):\n        return (A, ())\n", 2, "class A:\n    def reduce(self):\n        return (A, ())\n"),
    "RF701": ("import json\njson.loads = None\n", 2, "import json\nclass A: pass\nA.loads = json.loads\n"),
    "RF702": ("import builtins\nbuiltins.print = None\n", 2, "def print(*x): pass\n"),
    "RF703": ("import sys\nsys.settrace(None)\n", 2, "import sys\nprint(sys.version_info, file=sys.stderr)\n"),
    "RF704": ("import sys\nsys.modules['os']\n", 2, "modules = {}\nmodules['os']\n"),
    "RF705": (
        "x = 1\ndef f(x, isinstance=None): pass\n",
        2,
        "def f(x, kind=None, isinstance=isinstance): pass\n",
    ),
    "RF801": ("x = 1\nopen('x')\n", 2, "import io, os.path\nio.BytesIO(b'')\nos.path.join('a', 'b')\n"),
    "RF802": ("x = 1\nimport socket\n", 2, "import urllib.parse\nurllib.parse.quote('x')\n"),
    "RF803": ("import os\nos.system('x')\n", 2, "import os\nos.sep\n"),
    "RF804": ("x = 1\nimport ctypes\n", 2, "import struct, array\n"),
    "RF805": ("import threading\nthreading.Thread()\n", 2, "import threading\nthreading.Lock()\n"),
    "RF806": ("import os\nos.environ['x']\n", 2, "import os\nos.fspath('x')\n"),
    "RF807": ("import time\ntime.time()\n", 2, "import datetime\n"),
    "RF808": ("import random\nrandom.random()\n", 2, "import statistics\n"),
    "RF901": ("x = 1\ny = '\u202e'\n", 2, "y = '\\u202e'  # ← →\n"),
    "RF902": ("x = 1\ny = 'a\u200bb'\n", 2, "y = 'a\\u200bb'\n"),
    "RF903": ("x = 1\nsc\u043ere = 1\n", 2, "гора = 1\nΔx = 2\nθ_max = 3\nhöhe = 4\n"),
    "RF904": ("x = 1\n\uff45val = 1\n", 2, "größe = 1\n"),
    "RF905": ("#!/x\n# coding: utf-7\n", 2, "# -*- coding: utf-8 -*-\nx = 1\n"),
    "RF906": ("x = 1\ny = 1  # \x1b[2K\n", 2, "x = 1\n\fy = '\\x1b[2K'\t\n"),
    "RF907": (f"x = 1\ny = 2;{FAR}z = 3\n", 2, f"x = 1\ny = 2{FAR}# far\n"),
    "RF911": (f"x = 1\ny = '{BLOB}'\n", 2, f"x = 1\ny = '{'a long text of words ' * 30}'\n"),
    "RF912": ("import base64\nbase64.b64decode('aW1wb3J0IG9zIGFzIG8=')\n", 2, "import base64\nbase64.b64decode('anVzdCBzb21lIHdvcmRz')\n"),
    "RF921": ("x = 1\ny = = 2\n", 2, "x = 1\n"),
    "RF922": ("x = 1\ny = " + "-" * 300 + "1\n", 2, "x = 1\ny = " + "1 + " * 900 + "1\n"),
    "RF951": ("x = 1\nsum(range(10**18))\n", 2, "for n in range(10**18):\n    if n > 3:\n        break\nsum(range(10**6))\n"),
    "RF952": ("import re\nre.compile('(a+)+$')\n", 2, "import re\nre.compile(r'(\\w+,)+(?:[^\"]|x)*')\n"),
    "RF953": ("x = 1\nwhile True:\n    x = x + 1\n", 2, "x = 1\nwhile True:\n    x = x + 1\n    if x > 9:\n        break\n"),
    "RF954": ("x = 0\nfor _ in range(99999):\n    x = [x]\n", 3, "x = 0\nfor y in range(99999):\n    x = [y]\n"),
    "RF955": ("x = 1\ndef f(n):\n    return f(n + 1)\n", 2, "def f(n):\n    return f(n - 1) if n else 0\n"),
    "RF956": ("class A:\n    def __hash__(self):\n        return 1\n", 2, "class A:\n    def __hash__(self):\n        return hash(self.x)\n"),
    "RF957": ("x = 1\nwhile True:\n    try:\n        x += 1\n    except BaseException:\n        pass\n", 2, "while True:\n    try:\n        x += 1\n    except BaseException:\n        raise\n"),
}  # fmt: skip

ELSEWHERE = {
    "RF809": "test_capabilities.py",  # is about a manifest
    "RF923": "test_hostile_input.py",  # takes a long text
}


def found(source: str) -> list[tuple[str, int]]:
    report = analysis.analyze_files({"plugin.py": source.encode()}, packages=["numpy"])
    return [(one.rule, one.line) for one in report.findings]


def test_every_rule_has_its_case() -> None:
    assert CASES.keys() | ELSEWHERE.keys() == RULES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_its_sample_at_its_line(rule: str) -> None:
    source, line, _ = CASES[rule]
    assert (rule, line) in found(source)


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_leaves_what_is_near_to_it(rule: str) -> None:
    _, _, near = CASES[rule]
    assert rule not in [name for name, _ in found(near)]


def test_the_registry_is_in_order_and_speaks_in_sentences() -> None:
    assert list(RULES) == sorted(RULES)
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
    for rule in RULES.values():
        assert rule.explanation.endswith(".")
        assert not rule.remedy.endswith(".")


# What a name stands for is followed through all of these.
FLOWS = {
    "alias": "g = getattr\nh = g\nh(object, '__sub' + 'classes__')",
    "from": "from builtins import getattr as g\ng(object, '__sub' + 'classes__')",
    "walrus": "if (g := getattr):\n    g(object, '__sub' + 'classes__')",
    "default": "def f(g=getattr):\n    g(object, '__sub' + 'classes__')",
    "tuple": "a, (g, b) = 1, (getattr, 2)\ng(object, '__sub' + 'classes__')",
    "dictionary": "d = {'g': getattr}\nd['g'](object, '__sub' + 'classes__')",
    "get": "d = {'g': getattr}\nd.get('g')(object, '__sub' + 'classes__')",
    "list": "d = [len, getattr]\nd[1](object, '__sub' + 'classes__')",
    "choice": "g = len if len else getattr\ng(object, '__sub' + 'classes__')",
    "or": "g = None or getattr\ng(object, '__sub' + 'classes__')",
    "loop": "for g in (len, getattr):\n    g(object, '__sub' + 'classes__')",
    "lambda": "n = (lambda a, b: a + b)('__sub', 'classes__')\ngetattr(object, n)",
    "function": "def n(a):\n    return '__' + a + '__'\ngetattr(object, n('subclasses'))",
    "partial": "import functools\ng = functools.partial(getattr, object)\nn = '__sub' + 'classes__'\ng(n)",
    "class": "class A:\n    n = '__sub' + 'classes__'\ngetattr(object, A.n)",
    "global": "def f():\n    global n\n    n = '__sub' + 'classes__'\ngetattr(object, n)",
    "augmented": "n = '__sub'\nn += 'classes__'\ngetattr(object, n)",
    "later": "def f():\n    return getattr(object, n)\nn = '__sub' + 'classes__'",
    "format": "getattr(object, '__{}__'.format('subclasses'))",
    "percent": "getattr(object, '__%s__' % 'subclasses')",
    "f-string": "s = 'subclasses'\ngetattr(object, f'__{s}__')",
    "slice": "getattr(object, '__sessalcbus__'[::-1])",
    "join": "getattr(object, ''.join(['__sub', 'classes__']))",
    "reversed": "getattr(object, ''.join(reversed('__sessalcbus__')))",
    "characters": "getattr(object, ''.join(chr(n) for n in [95, 95, 98, 97, 115, 101, 95, 95]))",
    "xor": "getattr(object, ''.join(chr(n ^ 1) for n in b'^^c`rd^^'))",
    "bytes": "getattr(object, bytes([95, 95, 98, 97, 115, 101, 95, 95]).decode())",
    "hex": "getattr(object, bytes.fromhex('5f5f626173655f5f').decode())",
    "base64": "import base64\ngetattr(object, base64.b64decode('X19iYXNlX18=').decode())",
    "rot13": "import codecs\ngetattr(object, codecs.decode('__onfr__', 'rot13'))",
    "replace": "getattr(object, '__bXase__'.replace('X', ''))",
    "unknown bytes": "def f(d):\n    return getattr(object, ''.join(map(chr, d)))",
    "unfolded": "def n(d):\n    out = ''\n    for c in d:\n        out += chr(c ^ 7)\n    return out\ngetattr(object, n([1, 2]))",
}  # fmt: skip


@pytest.mark.parametrize("flow", FLOWS)
def test_a_hidden_name_is_seen_through(flow: str) -> None:
    assert "RF302" in [name for name, _ in found(FLOWS[flow] + "\n")]


def test_a_name_is_followed_into_another_module_of_the_plugin() -> None:
    files = {
        "a/__init__.py": b"",
        "a/tools.py": b"from builtins import getattr as pick\nNAME = '__sub' + 'classes__'\n",
        "a/main.py": b"from .tools import NAME\nfrom a import tools\ntools.pick(object, NAME)\n",
    }
    report = analysis.analyze_files(files)
    assert ("a/main.py", "RF302", 3) in [(one.file, one.rule, one.line) for one in report.findings]


def test_columns_count_characters() -> None:
    (one,) = analysis.analyze_files({"m.py": "ä = 'ü'; open(ä)\n".encode()}).findings
    assert (one.line, one.column) == (1, 10)
