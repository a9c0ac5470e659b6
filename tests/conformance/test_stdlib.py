"""The standard library in the guest: what works, and what fails at once."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

import ringfence
from tests.conformance.conftest import LEVEL, Make, Run

_USES: dict[str, tuple[str, Any]] = {
    "json": ("import json\njson.loads(json.dumps({'a': [1, 2.5, None, 'ä']}))", {"a": [1, 2.5, None, "ä"]}),
    "csv": ("import csv, io\nlist(csv.reader(io.StringIO('a,\"b,c\"\\n')))", [["a", "b,c"]]),
    "re": ("import re\nre.findall(r'(\\w)(\\d)', 'a1b2')", [("a", "1"), ("b", "2")]),
    "datetime": ("from datetime import datetime\ndatetime.strptime('2024-02-29', '%Y-%m-%d').isoformat()", "2024-02-29T00:00:00"),
    "calendar": ("import calendar\ncalendar.monthrange(2024, 2)", (3, 29)),
    "time": ("import time\ntime.gmtime(0).tm_year, time.monotonic() > 0, time.perf_counter() > 0", (1970, True, True)),
    "zoneinfo": ("import zoneinfo\nzoneinfo.ZoneInfo.__name__", "ZoneInfo"),
    "decimal": ("from decimal import Decimal, getcontext\ngetcontext().prec = 5\nstr(Decimal(1) / 3)", "0.33333"),
    "fractions": ("from fractions import Fraction\nstr(Fraction('0.25') + 1)", "5/4"),
    "math": ("import math\nmath.comb(5, 2), math.isqrt(17), round(math.pi, 4)", (10, 4, 3.1416)),
    "statistics": ("import statistics\nstatistics.median([1, 3, 2])", 2),
    "random": ("import random\nrandom.seed(1)\nrandom.Random(5).randint(1, 10) == random.Random(5).randint(1, 10)", True),
    "secrets": ("import secrets\nlen(secrets.token_hex(8))", 16),
    "uuid": ("import uuid\nuuid.uuid4().version, str(uuid.uuid5(uuid.NAMESPACE_DNS, 'x'))", (4, "05b16a01-46c6-56dd-bd6e-c6dfb4a1427a")),
    "hashlib": ("import hashlib\nhashlib.sha256(b'x').hexdigest()[:8], hashlib.blake2b(b'x', digest_size=4).hexdigest(), hashlib.md5(b'').hexdigest()[:4]", ("2d711642", "b1ba07e5", "d41d")),
    "hmac": ("import hmac\nhmac.new(b'k', b'm', 'sha256').hexdigest()[:8]", "b60090e3"),
    "zlib": ("import zlib\nzlib.decompress(zlib.compress(b'x' * 1000)) == b'x' * 1000", True),
    "gzip": ("import gzip\ngzip.decompress(gzip.compress(b'x'))", b"x"),
    "bz2": ("import bz2\nbz2.decompress(bz2.compress(b'x'))", b"x"),
    "lzma": ("import lzma\nlzma.decompress(lzma.compress(b'x'))", b"x"),
    "base64": ("import base64\nbase64.b64encode(b'x')", b"eA=="),
    "struct": ("import struct\nstruct.pack('<I', 1)", b"\x01\0\0\0"),
    "array": ("import array\narray.array('i', [1, 2]).tolist()", [1, 2]),
    "collections": ("from collections import deque, ChainMap\nlist(deque([1, 2, 3], 2))", [2, 3]),
    "itertools": ("import itertools\nlist(itertools.pairwise('abc'))", [("a", "b"), ("b", "c")]),
    "functools": ("import functools\n@functools.lru_cache\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nf(80)", 23416728348467685),
    "operator": ("import operator\noperator.itemgetter(1)([5, 6])", 6),
    "heapq": ("import heapq\nheapq.nsmallest(2, [3, 1, 2])", [1, 2]),
    "bisect": ("import bisect\nbisect.bisect([1, 2, 3], 2)", 2),
    "dataclasses": ("from dataclasses import dataclass, asdict\n@dataclass\nclass A:\n    x: int = 1\nasdict(A())", {"x": 1}),
    "enum": ("from enum import Enum\nclass C(Enum):\n    A = 1\nC(1).name", "A"),
    "typing": ("import typing\nclass T(typing.TypedDict):\n    x: int\ntyping.get_type_hints(T)['x'].__name__", "int"),
    "abc": ("import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\nA.__abstractmethods__", frozenset({"f"})),
    "string": ("import string\nstring.Template('$a').substitute(a=1)", "1"),
    "textwrap": ("import textwrap\ntextwrap.dedent('  a')", "a"),
    "difflib": ("import difflib\nlist(difflib.unified_diff(['a'], ['b'], lineterm=''))[-1]", "+b"),
    "pprint": ("import pprint\npprint.pformat({'b': 1, 'a': 2})", "{'a': 2, 'b': 1}"),
    "locale": ("import locale\nlocale.getpreferredencoding(False).lower()", "utf-8"),
    "unicodedata": ("import unicodedata\nunicodedata.name('ä')", "LATIN SMALL LETTER A WITH DIAERESIS"),
    "html": ("import html\nhtml.unescape('&auml;')", "ä"),
    "html.parser": ("from html.parser import HTMLParser\nclass P(HTMLParser):\n    def handle_starttag(self, t, a): seen.append(t)\nseen = []\nP().feed('<a><b>')\nseen", ["a", "b"]),
    "xml.etree": ("import xml.etree.ElementTree as E\nE.fromstring('<a><b>x</b></a>').find('b').text", "x"),
    "xml.dom": ("from xml.dom import minidom\nminidom.parseString('<a/>').documentElement.tagName", "a"),
    "urllib.parse": ("from urllib.parse import urlparse, quote\nurlparse('http://h/p?q').path, quote('ä')", ("/p", "%C3%A4")),
    "email": ("import email\nemail.message_from_string('Subject: x\\n\\nbody')['subject']", "x"),
    "configparser": ("import configparser\nc = configparser.ConfigParser()\nc.read_string('[a]\\nb = 1')\nc['a']['b']", "1"),
    "tomllib": ("import tomllib\ntomllib.loads('a = [1]')", {"a": [1]}),
    "argparse": ("import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int)\np.parse_args(['--n', '5']).n", 5),
    "pickle": ("import pickle\nclass A:\n    x = 1\npickle.loads(pickle.dumps(A())).x", 1),
    "copy": ("import copy\ncopy.deepcopy({'a': [1]})", {"a": [1]}),
    "ast": ("import ast\nast.unparse(ast.parse('1+1'))", "1 + 1"),
    "inspect": ("import inspect\ndef f(a, *, b=1): pass\nstr(inspect.signature(f)), inspect.getsource(f)", ("(a, *, b=1)", "def f(a, *, b=1): pass\n")),
    "dis": ("import dis\nlen(list(dis.get_instructions(lambda: 1))) > 1", True),
    "traceback": ("import traceback\ntry:\n    1/0\nexcept ZeroDivisionError:\n    seen = traceback.format_exc().splitlines()[-1]\nseen", "ZeroDivisionError: division by zero"),
    "contextlib": ("import contextlib\nwith contextlib.suppress(KeyError): {}['k']\n'on'", "on"),
    "weakref": ("import weakref\nclass A: pass\na = A()\nr = weakref.ref(a)\ndel a\nr() is None", True),
    "gc": ("import gc\ngc.isenabled()", True),
    "sys": ("import sys\nsys.argv, sys.orig_argv, sys.flags.isolated, sys.getrecursionlimit()", ([""], [""], 1, 1000)),
    "platform": ("import platform\nplatform.python_implementation()", "CPython"),
    "os": ("import os\nos.sep, os.path.join('a', 'b'), os.getcwd() == os.environ['HOME'], os.cpu_count() >= 1", ("/", "a/b", True, True)),
    "io": ("import io\nio.StringIO('a\\nb').readlines()", ["a\n", "b"]),
    "sqlite3": ("import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('create table t(a)')\nc.executemany('insert into t values (?)', [(1,), (2,)])\nc.execute('select sum(a) from t').fetchone()", (3,)),
    "ssl": ("import ssl\nssl.OPENSSL_VERSION_INFO[0] >= 1", True),
    "ctypes": ("import ctypes\nctypes.c_uint8(257).value, ctypes.sizeof(ctypes.c_int64)", (1, 8)),
    "queue": ("import queue\nq = queue.Queue()\nq.put(1)\nq.get()", 1),
    "sched": ("import sched\ns = sched.scheduler()\ns.enter(0, 1, seen.append, (1,)) if (seen := []) is not None else 0\ns.run()\nseen", [1]),
    "selectors": ("import selectors\nselectors.DefaultSelector().close()", None),
    "signal": ("import signal\nsignal.getsignal(signal.SIGTERM) == signal.SIG_DFL", True),
    "importlib": ("import importlib\nimportlib.import_module('json').loads('1')", 1),
    "codecs": ("import codecs\ncodecs.encode('a', 'rot13')", "n"),
    "encodings": ("'ä'.encode('latin-1'), b'\\xe4'.decode('cp1252'), 'ä'.encode('utf-16-le'), 'ä.de'.encode('idna')", (b"\xe4", "ä", b"\xe4\0", b"xn--4ca.de")),
    "timeit": ("import timeit\ntimeit.timeit('1', number=1) >= 0", True),
    "cmath": ("import cmath\ncmath.sqrt(-1)", 1j),
    "colorsys": ("import colorsys\ncolorsys.rgb_to_hsv(1, 0, 0)", (0.0, 1.0, 1)),
    "graphlib": ("import graphlib\nlist(graphlib.TopologicalSorter({'a': {'b'}}).static_order())", ["b", "a"]),
    "shlex": ("import shlex\nshlex.split('a \"b c\"')", ["a", "b c"]),
    "fnmatch": ("import fnmatch\nfnmatch.filter(['a.py', 'b'], '*.py')", ["a.py"]),
    "numbers": ("import numbers\nisinstance(1, numbers.Integral)", True),
    "types": ("import types\ntypes.SimpleNamespace(a=1).a", 1),
    "warnings": ("import warnings\nwith warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always')\n    warnings.warn('x')\nlen(w)", 1),
    "tracemalloc": ("import tracemalloc\ntracemalloc.start()\ntracemalloc.stop()", None),
    "cProfile": ("import cProfile, pstats, io\np = cProfile.Profile()\np.runcall(len, [])\npstats.Stats(p, stream=io.StringIO()).total_calls >= 1", True),
    "http": ("import http.client\nhttp.client.HTTPConnection.__name__", "HTTPConnection"),
    "https": ("import http.client\nhttp.client.HTTPSConnection.__name__", "HTTPSConnection"),
    "asyncio": ("import asyncio\nasync def f(x): return x\nawait asyncio.gather(f(1), f(2))", [1, 2]),
    "atexit": ("import atexit\natexit.register(len, '') is len", True),
    "bdb": ("import bdb\nbdb.Bdb().breaks", {}),
    "binascii": ("import binascii\nbinascii.hexlify(b'x'), binascii.crc32(b'x')", (b"78", 2363233923)),
    "builtins": ("import builtins\nbuiltins.sum([1, 2])", 3),
    "cmd": ("import cmd\ncmd.Cmd().onecmd('help')", None),
    "code": ("import code\ncode.InteractiveInterpreter({}).runsource('x = 1')", False),
    "codeop": ("import codeop\ncodeop.compile_command('if 1:') is None", True),
    "compileall": ("import compileall\ncallable(compileall.compile_file)", True),
    "concurrent.futures": ("from concurrent.futures import Future\nf = Future()\nf.set_result(1)\nf.result()", 1),
    "contextvars": ("import contextvars\nv = contextvars.ContextVar('v', default=1)\nv.get()", 1),
    "copyreg": ("import copyreg\ncopyreg.dispatch_table is not None", True),
    "dbm": ("import dbm.dumb\ndbm.dumb.error.__name__", "OSError"),
    "doctest": ("import doctest\ndoctest.DocTestParser().get_examples('>>> 1\\n1\\n')[0].want", "1\n"),
    "errno": ("import errno\nerrno.errorcode[errno.ENOENT]", "ENOENT"),
    "faulthandler": ("import faulthandler\nfaulthandler.is_enabled()", False),
    "getopt": ("import getopt\ngetopt.getopt(['-a', 'b'], 'a')", ([("-a", "")], ["b"])),
    "gettext": ("import gettext\ngettext.gettext('x')", "x"),
    "http.cookies": ("from http.cookies import SimpleCookie\nSimpleCookie('a=b')['a'].value", "b"),
    "http.server": ("import http.server\nhttp.server.BaseHTTPRequestHandler.protocol_version", "HTTP/1.0"),
    "importlib.metadata": ("import importlib.metadata as m\ntry:\n    m.version('nothing-of-this-name')\nexcept m.PackageNotFoundError:\n    seen = 'none'\nseen", "none"),
    "ipaddress": ("import ipaddress\nipaddress.ip_network('10.0.0.0/30').num_addresses", 4),
    "keyword": ("import keyword\nkeyword.iskeyword('for')", True),
    "linecache": ("import linecache\nlinecache.getline('no such file', 1)", ""),
    "logging": ("import logging\nlogging.getLogger('a.b').parent.name", "root"),
    "marshal": ("import marshal\nmarshal.loads(marshal.dumps([1]))", [1]),
    "multiprocessing": ("import multiprocessing\nmultiprocessing.current_process().name", "MainProcess"),
    "optparse": ("import optparse\np = optparse.OptionParser()\np.add_option('-n')\np.parse_args(['-n', '5'])[0].n", "5"),
    "pathlib": ("from pathlib import Path, PurePosixPath\nstr(Path('a') / 'b'), PurePosixPath('/a/b.c').suffix", ("a/b", ".c")),
    "pdb": ("import pdb\npdb.Pdb.__name__", "Pdb"),
    "pickletools": ("import pickle, pickletools\npickle.loads(pickletools.optimize(pickle.dumps([1])))", [1]),
    "pkgutil": ("import pkgutil\n'json' in {m.name for m in pkgutil.iter_modules()}", True),
    "plistlib": ("import plistlib\nplistlib.loads(plistlib.dumps({'a': 1}))", {"a": 1}),
    "profile": ("import profile\nprofile.Profile.__name__", "Profile"),
    "pydoc": ("import pydoc\npydoc.plain(pydoc.render_doc(len)).splitlines()[2]", "len(obj, /)"),
    "quopri": ("import quopri\nquopri.encodestring('ä'.encode())", b"=C3=A4"),
    "reprlib": ("import reprlib\nreprlib.repr(list(range(9)))", "[0, 1, 2, 3, 4, 5, ...]"),
    "runpy": ("import runpy\ncallable(runpy.run_module)", True),
    "select": ("import select\nselect.select([], [], [], 0)", ([], [], [])),
    "stat": ("import stat\nstat.filemode(0o100644)", "-rw-r--r--"),
    "stringprep": ("import stringprep\nstringprep.in_table_a1('\\u0221')", True),
    "subprocess": ("import subprocess\nsubprocess.list2cmdline(['a', 'b c'])", 'a "b c"'),
    "symtable": ("import symtable\nsymtable.symtable('x = 1', 'f', 'exec').get_symbols()[0].get_name()", "x"),
    "sysconfig": ("import sysconfig\nsysconfig.get_python_version() in sysconfig.get_path('stdlib')", True),
    "tarfile": ("import io, tarfile\nb = io.BytesIO()\nt = tarfile.open(fileobj=b, mode='w:gz')\nt.addfile(tarfile.TarInfo('a'))\nt.close()\nb.seek(0)\ntarfile.open(fileobj=b).getnames()", ["a"]),
    "tokenize": ("import io, tokenize\n[t.string for t in tokenize.generate_tokens(io.StringIO('a+1').readline)][:3]", ["a", "+", "1"]),
    "trace": ("import trace\ntrace.Trace(trace=0).runfunc(len, '')", 0),
    "urllib.request": ("import urllib.request\nurllib.request.Request('http://h/p').host", "h"),
    "wave": ("import io, wave\nb = io.BytesIO()\nw = wave.open(b, 'wb')\nw.setparams((1, 2, 8000, 0, 'NONE', ''))\nw.writeframes(b'abcd')\nw.close()\nlen(b.getvalue())", 48),
    "wsgiref": ("import wsgiref.util\nwsgiref.util.guess_scheme({})", "http"),
    "xml.sax": ("import xml.sax\nxml.sax.saxutils.escape('<') if hasattr(xml.sax, 'saxutils') else '&lt;'", "&lt;"),
    "zipfile": ("import io, zipfile\nb = io.BytesIO()\nwith zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('a', 'x' * 99)\nzipfile.ZipFile(b).read('a') == b'x' * 99", True),
    "zipimport": ("import zipimport\nzipimport.zipimporter.__name__", "zipimporter"),
    "mimetypes": ("import mimetypes\nmimetypes.guess_type('a.png')[0]", "image/png"),
    "getpass": ("import getpass\ncallable(getpass.getuser)", True),
    "curses.ascii": ("import curses.ascii\ncurses.ascii.isalpha('a')", True),
}  # fmt: skip

_PARTS = {
    "bz2": "bz2",
    "ctypes": "ctypes",
    "curses.ascii": "curses",
    "https": "ssl",
    "lzma": "lzma",
    "ssl": "ssl",
}
"""What is a part of a module that not every engine's Python has -> that module."""


def _rows(names: Iterable[str], parts: Mapping[str, str]) -> list[Any]:
    return [
        pytest.param(
            name,
            marks=pytest.mark.requirement(f"stdlib.{parts[name]}") if name in parts else (),
        )
        for name in names
    ]


@pytest.mark.requirement("stdlib.imports")
@pytest.mark.parametrize("name", _rows(_USES, _PARTS))
def test_module_works(make: Make, name: str) -> None:
    if name == "mimetypes" and not LEVEL.private:
        pytest.skip("mimetypes finds the host's tables, which it is not allowed to read")
    if name == "pkgutil" and not LEVEL.private:
        pytest.skip("behind these walls the folders of the standard library cannot be listed")
    code, value = _USES[name]
    result = make().run(code)
    assert result.status == "ok", result.error
    assert result.value == value


@pytest.mark.requirement("stdlib.imports")
def test_threading(make: Make) -> None:
    box = make(limits=ringfence.Limits(threads=0))
    code = "import threading\nlock = threading.Lock()\nwith lock: pass\nthreading.local().x = 1\nthreading.current_thread() is threading.main_thread()"
    assert box.run(code).value is True


_DENIED = {
    "socket": "import socket\nsocket.socket()",
    "socket-udp": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "socket-unix": "import socket\nsocket.socket(socket.AF_UNIX)",
    "socket-netlink": "import socket\nsocket.socket(16, socket.SOCK_RAW)",
    "create_connection": "import socket\nsocket.create_connection(('127.0.0.1', 80))",
    "create_server": "import socket\nsocket.create_server(('127.0.0.1', 0))",
    "urlopen": "import urllib.request\nurllib.request.urlopen('http://127.0.0.1/')",
    "http.client": "import http.client\nhttp.client.HTTPConnection('127.0.0.1').request('GET', '/')",
    "asyncio-connection": "import asyncio\nawait asyncio.open_connection('127.0.0.1', 80)",
    "subprocess": "import subprocess\nsubprocess.run(['/bin/true'])",
    "subprocess-shell": "import subprocess\nsubprocess.check_output('true', shell=True)",
    "asyncio-subprocess": "import asyncio\nawait asyncio.create_subprocess_exec('/bin/true')",
    "popen": "import os\nos.popen('true')",
    "fork": "import os\nos.fork()",
    "posix_spawn": "import os\nos.posix_spawn('/bin/true', ['true'], {})",
    "multiprocessing": "import multiprocessing\nmultiprocessing.Process(target=len).start()",
    "multiprocessing-pool": "import multiprocessing\nmultiprocessing.Pool(1)",
    "process-pool": "import concurrent.futures as c\nc.ProcessPoolExecutor(1).submit(len, '')",
    "pty": "import pty\npty.spawn('/bin/true')",
    "kill": "import os\nos.kill(1 << 20, 9)",
}


@pytest.mark.requirement("stdlib.denied")
@pytest.mark.parametrize("name", _rows(_DENIED, {"pty": "pty"}))
def test_denied_at_once(make: Make, name: str) -> None:
    box = make()
    result = box.run(
        f"try:\n{_indented(_DENIED[name])}\nexcept OSError as error:\n    seen = 'denied'\nseen"
    )
    assert result.status == "ok", result.error
    assert (result.value, result.alive) == ("denied", True)
    assert box.run("1").value == 1


def _indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.splitlines())


@pytest.mark.requirement("stdlib.denied")
@pytest.mark.parametrize("name", ["socket", "subprocess", "fork", "multiprocessing"])
def test_denial_is_a_permission_error(make: Make, name: str) -> None:
    result = make().run(_DENIED[name])
    assert result.status == "error"
    assert result.error is not None
    assert result.error.type in ("PermissionError", "OSError")


@pytest.mark.requirement("stdlib.denied")
def test_system_runs_nothing(make: Make) -> None:
    result = make().run(
        "import os\nos.system('echo out > ran; exit 0') != 0, os.path.exists('ran')"
    )
    assert result.value == (True, False)


_ELSEWHERE = {"msilib", "msvcrt", "nt", "winreg", "winsound"}
"""Of other systems: no Python has them on Linux."""

_TRY = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
names = {name for name in sys.stdlib_module_names if name[0] != "_"} - {"antigravity", "this"}
missing = set()
for name in names:
    try:
        importlib.import_module(name)
    except ImportError:
        missing.add(name)
names, missing
"""


@pytest.mark.requirement("stdlib.missing")
def test_missing_modules(run: Run, engine: str) -> None:
    """A module that this machine's own Python lacks as well says nothing about the engine."""
    if not LEVEL.private:
        pytest.skip("behind these walls some modules may not read what they read when imported")
    names, missing = run(_TRY, limits=ringfence.Limits(wall=120, cpu=120)).raise_for_status().value
    said = ringfence.engines()[engine].capabilities.missing_modules
    assert said & names <= missing
    absent = {name for name in missing - said - _ELSEWHERE if not _is_absent_here(name)}
    assert absent == set()


def _is_absent_here(name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(name)
        except ImportError:
            return True
        return False


_NETWORK = "there is no network here: lend a host function that fetches what is needed"
_ABSENT = {
    "requests": _NETWORK, "urllib3": _NETWORK, "httpx": _NETWORK, "aiohttp": _NETWORK,
    "websockets": _NETWORK,
    "pip": "nothing is installed from here: ",
    "pygame": "there is no screen here: return a value, or display() a picture",
    "numpy": "packages=['numpy']", "pandas": "packages=['pandas']",
    "matplotlib": "packages=['matplotlib']", "sklearn": "packages=['scikit-learn']",
    "PIL": "packages=['pillow']", "yaml": "packages=['PyYAML']",
}  # fmt: skip
"""What people import that is not there -> a part of what they are told."""


@pytest.mark.requirement("stdlib.advice")
@pytest.mark.parametrize("name", _ABSENT)
def test_import_that_cannot_work(make: Make, name: str) -> None:
    box = make()
    error = box.run(f"import {name}").error
    assert error is not None
    assert error.type == "ModuleNotFoundError"
    assert error.message.startswith(f"No module named '{name}': ")
    assert _ABSENT[name] in error.message
    assert error.traceback == (
        f'Traceback (most recent call last):\n  File "<cell 1>", line 1, in <module>\n'
        f"    import {name}\nModuleNotFoundError: {error.message}\n"
    )
    asked = box.run(
        f"try:\n    from {name}.part import thing\n"
        "except ModuleNotFoundError as error:\n    seen = error.name\nseen"
    )
    assert asked.value == name


@pytest.mark.requirement("stdlib.advice")
def test_tkinter(make: Make) -> None:
    result = make().run("import tkinter")
    assert (result.status, result.alive) == ("error", True)
    assert result.error is not None
    assert result.error.type in ("ModuleNotFoundError", "ImportError")


@pytest.mark.requirement("stdlib.asked")
def test_asking_for_a_module(make: Make) -> None:
    box = make()
    code = "import importlib.util\n[importlib.util.find_spec(name) for name in ('requests', 'numpy', 'pip')]"
    assert box.run(code).value == [None, None, None]
    error = box.run("import no_such_module").error
    assert error is not None
    assert error.message == "No module named 'no_such_module'"
    own = (
        "import importlib.machinery, sys\n"
        "class Finder:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'requests':\n            return importlib.machinery.ModuleSpec(name, self)\n"
        "    def create_module(self, spec): return None\n"
        "    def exec_module(self, module): module.get = len\n"
        "sys.meta_path.append(Finder())\nimport requests\nrequests.get('abc')"
    )
    assert box.run(own).value == 3


@pytest.mark.requirement("stdlib.unittest")
def test_unittest(make: Make) -> None:
    code = (
        "import unittest\n"
        "class T(unittest.TestCase):\n"
        "    def test_good(self): self.assertEqual(1, 1)\n"
        "    def test_bad(self): self.assertEqual(1, 2)\n"
        "program = unittest.main(argv=['x'], exit=False)\n"
        "program.result.testsRun, len(program.result.failures)"
    )
    result = make().run(code)
    assert result.value == (2, 1)
    assert "FAILED (failures=1)" in result.stderr
    assert "self.assertEqual(1, 2)" in result.stderr


@pytest.mark.requirement("stdlib.unittest")
def test_async_tests_and_doctest(make: Make) -> None:
    code = (
        "import unittest, doctest\n"
        "class T(unittest.IsolatedAsyncioTestCase):\n"
        "    async def test_it(self): self.assertTrue(True)\n"
        "def double(x):\n    '''\n    >>> double(2)\n    4\n    '''\n    return x * 2\n"
        "suite = unittest.defaultTestLoader.loadTestsFromTestCase(T)\n"
        "ran = unittest.TextTestRunner().run(suite)\n"
        "import __main__\n"
        "ran.wasSuccessful(), tuple(doctest.testmod(__main__))"
    )
    assert make().run(code).value == (True, (0, 1))


@pytest.mark.requirement("stdlib.builtins")
@pytest.mark.parametrize("name", ["exit", "quit"])
def test_exit(make: Make, name: str) -> None:
    box = make()
    result = box.run(f"print('x')\n{name}()\nprint('y')")
    assert (result.status, result.stdout) == ("ok", "x\n")
    result = box.run(f"{name}(3)")
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("SystemExit", "3")


@pytest.mark.requirement("stdlib.builtins")
def test_help(make: Make) -> None:
    assert "Return the number of items in a container." in make().run("help(len)").stdout
