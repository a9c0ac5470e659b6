"""``modules=`` and ``files=``: what the host puts into a guest before it starts."""

from __future__ import annotations

from typing import Any

import pytest

import ringfence
from ringfence import Limits
from tests.conformance.conftest import Make, MakeAsync, Run, finish
from tests.conformance.tracebacks import below_call


@pytest.mark.requirement("modules.import")
def test_import(run: Run) -> None:
    source = '"""Greets."""\nNAME = "ä"\ndef greet(who): return f"{NAME} {who}"\n'
    code = "import greeting\nfrom greeting import greet as g\ng('you'), greeting.__name__, greeting.__doc__"
    assert run(code, modules={"greeting": source}).value == ("ä you", "greeting", "Greets.")


@pytest.mark.requirement("modules.import")
def test_modules_import_each_other_and_the_stdlib(run: Run) -> None:
    modules = {"a": "import b, json\nvalue = json.dumps(b.value)", "b": "value = [1]"}
    assert run("import a\na.value", modules=modules).value == "[1]"


@pytest.mark.requirement("modules.import")
def test_host_functions_are_reached_through_host(run: Run) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    modules = {"calc": "from host import add\ndef double(x): return add(x, x)"}
    assert run("import calc\ncalc.double(21)", modules=modules, functions=[add]).value == 42


@pytest.mark.requirement("modules.packages")
def test_packages(run: Run) -> None:
    modules = {
        "shop": "from shop.prices import price\nKIND = 'package'",
        "shop.prices": "from . import units\nfrom .units import EURO\ndef price(n): return f'{n} {EURO}'",
        "shop.units": "EURO = 'EUR'",
        "shop.deep.er": "from ..units import EURO\nfrom shop import KIND",
    }
    code = (
        "import shop, shop.deep.er, importlib, importlib.util\n"
        "shop.price(5), shop.deep.er.EURO, shop.deep.er.KIND, shop.deep.__name__,"
        " importlib.import_module('.units', 'shop').EURO, shop.prices.__package__,"
        " importlib.util.find_spec('shop.units') is not None, importlib.util.find_spec('shop.no')"
    )
    assert run(code, modules=modules).value == (
        "5 EUR", "EUR", "package", "shop.deep", "EUR", "shop", True, None,
    )  # fmt: skip


@pytest.mark.requirement("modules.packages")
def test_missing_submodule(run: Run) -> None:
    result = run("import shop.nothing", modules={"shop.units": ""})
    assert result.error is not None
    assert (result.error.type, result.error.message) == (
        "ModuleNotFoundError",
        "No module named 'shop.nothing'",
    )


@pytest.mark.requirement("modules.traceback")
def test_traceback(run: Run, guest_version: tuple[int, int]) -> None:
    result = run(
        "import tools\ntools.fail()", modules={"tools": "\ndef fail():\n    raise ValueError('x')"}
    )
    assert result.error is not None
    assert result.error.traceback == (
        "Traceback (most recent call last):\n"
        '  File "<cell 1>", line 2, in <module>\n    tools.fail()\n'
        + below_call(guest_version, "tools.fail()")
        + "  File \"<module tools>\", line 3, in fail\n    raise ValueError('x')\n"
        "ValueError: x\n"
    )


@pytest.mark.requirement("modules.traceback")
def test_syntax_error(run: Run) -> None:
    result = run("import tools", modules={"tools": "x = = 1"})
    assert result.error is not None
    assert (result.error.type, result.error.message) == (
        "SyntaxError",
        "invalid syntax (<module tools>, line 1)",
    )


@pytest.mark.requirement("modules.traceback")
def test_source_can_be_inspected(run: Run) -> None:
    code = "import inspect, tools\ninspect.getsource(tools.f)"
    source = "def f():\n    return 1\n"
    assert run(code, modules={"tools": source}).value == source


@pytest.mark.requirement("modules.lazy")
def test_module_runs_once_when_it_is_imported(make: Make) -> None:
    box = make(modules={"noisy": "print('imported')\nstate = []", "broken": "1/0"})
    assert box.run("1").stdout == ""
    assert box.run("import noisy\nimport noisy\nnoisy.state.append(1)").stdout == "imported\n"
    assert box.run("import noisy\nnoisy.state").value == [1]
    assert box.run("import importlib\nimportlib.reload(noisy).state").value == []
    assert box.run("import broken").status == "error"


@pytest.mark.requirement("modules.win")
@pytest.mark.parametrize("packages", [[], ["numpy"]])
def test_injected_module_wins(run: Run, engine: str, packages: list[str]) -> None:
    if packages and not ringfence.engines()[engine].capabilities.packages:
        pytest.skip(f"{engine} has no packages (its Capabilities)")
    modules = {"numpy": "name = 'mine'", "numpy.linalg": "name = 'mine too'"}
    code = "import numpy, numpy.linalg\nnumpy.name, numpy.linalg.name"
    assert run(code, modules=modules, packages=packages).value == ("mine", "mine too")


@pytest.mark.requirement("modules.import", "files.read", "tasks.parity")
def test_under_the_async_shell(make_async: MakeAsync) -> None:
    async def work() -> Any:
        async with make_async(modules={"m": "x = 1"}) as box:
            return (await box.run("import m\nm.x")).value

    assert finish(work()) == 1


# --- files ----------------------------------------------------------------------------------


@pytest.mark.requirement("files.read")
def test_files_are_in_the_working_directory(run: Run) -> None:
    files = {"data.csv": b"a,b\n1,2\n", "deep/er/ä file.txt": "ö".encode(), "empty": b""}
    code = (
        "import os\n"
        "found = sorted(os.path.join(d, f) for d, _, names in os.walk('.') for f in names)\n"
        "open('data.csv').read(), open('deep/er/ä file.txt').read(), found, os.path.getsize('empty')"
    )
    assert run(code, files=files).value == (
        "a,b\n1,2\n",
        "ö",
        ["./data.csv", "./deep/er/ä file.txt", "./empty"],
        0,
    )


@pytest.mark.requirement("files.read")
def test_files_may_be_changed_by_the_guest(make: Make) -> None:
    given = bytearray(b"before")
    box = make(files={"f": given})
    box.run("open('f', 'a').write('+after')").raise_for_status()
    assert box.run("open('f').read()").value == "before+after"
    assert given == b"before"
    box.run(
        "import os\nos.rename('f', 'g')\nos.mkdir('d')\nos.replace('g', 'd/h')"
    ).raise_for_status()
    assert box.run("os.listdir('.'), os.listdir('d')").value == (["d"], ["h"])


@pytest.mark.requirement("files.bytes")
@pytest.mark.parametrize("size", [0, 1, 4_095, 4_096, 4_097, 1_000_000, 32 << 20])
def test_contents_byte_for_byte(run: Run, size: int) -> None:
    import zlib

    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    code = "import zlib\ndata = open('f', 'rb').read()\nlen(data), zlib.crc32(data)"
    assert run(code, files={"f": content}).value == (size, zlib.crc32(content))


@pytest.mark.requirement("files.bytes")
def test_kinds_of_contents(run: Run) -> None:
    files = {"a": b"x", "b": bytearray(b"y"), "c": memoryview(b"wz")[1:]}
    assert run("[open(n).read() for n in 'abc']", files=files).value == ["x", "y", "z"]


@pytest.mark.requirement("files.private")
def test_files_are_private(make: Make) -> None:
    one, other = make(files={"shared": b"one"}), make(files={"shared": b"other"})
    one.run(
        "open('mine', 'w').write('secret')\nopen('/tmp/mine2', 'w').write('s')"
    ).raise_for_status()
    assert other.run(
        "import os\nopen('shared').read(), os.listdir('.'), os.listdir('/tmp')"
    ).value == (
        "other",
        ["shared"],
        ["shared"],
    )


@pytest.mark.requirement("files.kept")
def test_files_stay_between_turns(make: Make) -> None:
    box = make()
    box.run("open('kept', 'w').write('x')\nfile = open('kept')").raise_for_status()
    assert box.run("file.read(), open('kept').read()").value == ("x", "x")


@pytest.mark.requirement("files.do-not-fit")
@pytest.mark.parametrize(
    ("files", "limits", "message"),
    [
        (
            {"a": bytes(5_000), "b/c/d": b"x"},
            Limits(disk=8_192),
            "files: 2 files and 2 folders of 12288 bytes, in whole pages, do not fit in "
            "files=1000, disk=8192",
        ),
        (
            {"a/b": b"", "c": b""},
            Limits(files=2),
            "files: 2 files and 1 folders of 0 bytes, in whole pages, do not fit in "
            "files=2, disk=67108864",
        ),
        (
            {"a": b"x"},
            Limits(disk=0),
            "files: 1 files and 0 folders of 4096 bytes, in whole pages, do not fit in "
            "files=1000, disk=0",
        ),
        ({"a": b"", "a/b": b""}, Limits(), "files: 'a' cannot be a file and a folder"),
    ],
)
def test_files_that_do_not_fit(
    engine: str, files: dict[str, bytes], limits: Limits, message: str
) -> None:
    with pytest.raises(ringfence.ConfigurationError) as caught:
        ringfence.run("1", engine=engine, files=files, limits=limits)
    assert str(caught.value) == message


@pytest.mark.requirement("files.read")
@pytest.mark.parametrize(
    ("count", "limits"),
    [(9, Limits(files=10)), (10, Limits(disk=40_960)), (4, Limits(disk=16_384))],
)
def test_files_that_just_fit(run: Run, count: int, limits: Limits) -> None:
    files = {f"file{n}": b"x" for n in range(count)}
    assert run("import os\nlen(os.listdir('.'))", files=files, limits=limits).value == count


_TOOLS = {
    "tempfile": "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as f:\n    f.write('x'); f.seek(0); seen = f.read()\nseen == 'x'",
    "temporary-directory": "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    open(os.path.join(d, 'f'), 'w').close(); n = len(os.listdir(d))\nn == 1",
    "pathlib": "from pathlib import Path\np = Path('a/b'); p.mkdir(parents=True); (p / 'f').write_text('ä')\n[str(q) for q in Path('.').rglob('f')] == ['a/b/f'] and (p / 'f').read_text() == 'ä'",
    "shutil": "import shutil, os\nos.makedirs('t/u'); open('t/u/f', 'w').write('x'); shutil.copytree('t', 'v'); shutil.rmtree('t')\nos.path.exists('v/u/f') and not os.path.exists('t')",
    "zipfile": "import zipfile\nwith zipfile.ZipFile('z.zip', 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('f', b'x' * 1000)\nzipfile.ZipFile('z.zip').read('f') == b'x' * 1000",
    "tarfile": "import tarfile, io\nwith tarfile.open('t.tgz', 'w:gz') as t:\n    i = tarfile.TarInfo('f'); i.size = 3; t.addfile(i, io.BytesIO(b'abc'))\ntarfile.open('t.tgz').extractfile('f').read() == b'abc'",
    "sqlite3": "import sqlite3\nc = sqlite3.connect('d.db'); c.execute('create table t(a)'); c.execute('insert into t values (1)'); c.commit(); c.close()\nsqlite3.connect('d.db').execute('select a from t').fetchall() == [(1,)]",
    "mmap": "import mmap\nopen('m', 'wb').write(bytes(8192))\nwith open('m', 'r+b') as f:\n    m = mmap.mmap(f.fileno(), 0); m[:3] = b'abc'; m.close()\nopen('m', 'rb').read(3) == b'abc'",
    "shelve": "import shelve\nwith shelve.open('s') as s: s['k'] = [1]\nwith shelve.open('s') as s: seen = s['k']\nseen == [1]",
    "csv": "import csv\nwith open('c.csv', 'w', newline='') as f: csv.writer(f).writerows([['a', 'b'], [1, 'x,y']])\nlist(csv.DictReader(open('c.csv'))) == [{'a': '1', 'b': 'x,y'}]",
    "glob": "import glob\nfor n in 'ab': open(n + '.txt', 'w').close()\nsorted(glob.glob('*.txt')) == ['a.txt', 'b.txt']",
    "chdir": "import os\nos.mkdir('d'); os.chdir('d'); open('f', 'w').close()\nos.listdir('.') == ['f']",
    "append": "for _ in range(3): open('log', 'a').write('line\\n')\nlen(open('log').readlines()) == 3",
    "logging": "import logging\nlogging.basicConfig(filename='l', level='INFO', force=True); logging.info('x')\nopen('l').read() == 'INFO:root:x\\n'",
}


@pytest.mark.requirement("files.tools")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.requirement("stdlib.mmap") if name == "mmap" else ())
        for name in _TOOLS
    ],
)
def test_tools_that_use_files(make: Make, name: str) -> None:
    result = make().run(_TOOLS[name])
    assert result.status == "ok", result.error
    assert result.value is True
