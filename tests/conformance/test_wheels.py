"""``packages=`` with wheels: files of the caller's, read-only for guests, run by guests alone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import ConfigurationError, PolicyNotEnforceable, Pool, Sandbox, StateRefused, Wheel
from ringfence.errors import PackageNotAvailable, WheelRefused
from tests.conformance.conftest import LEVEL, Make, MakeAsync, Run, finish
from tests.support.snapshots import KEY
from tests.support.wheels import build_wheel

Build = Callable[..., Path]

_GADGET = {
    "gadget/__init__.py": "from gadget.inner import divide\n",
    "gadget/inner.py": "def divide(a, b):\n    return a / b\n",
    "gadget/data/words.txt": "hello",
}


@pytest.fixture
def build(engine: str, tmp_path: Path) -> Build:
    """Makes wheels. Guests that cannot open files by path cannot import them."""
    if not LEVEL.paths:
        pytest.skip(f"{engine}: no path calls behind {{{', '.join(sorted(LEVEL.walls or ()))}}}")
    try:
        ringfence.run("1", **LEVEL.options(engine, {"packages": [build_wheel(tmp_path, "probe")]}))
    except PolicyNotEnforceable as error:
        if "cannot be read once root's rights are given up" not in str(error):
            raise
        pytest.skip("the cache folder can be read by root only, and there is no mount namespace")

    def build_one(name: str = "gadget", *args: Any, **options: Any) -> Path:
        return build_wheel(tmp_path, name, *args, **options)

    return build_one


# --- what a guest sees -----------------------------------------------------------------------


@pytest.mark.requirement("wheels.import")
def test_modules_data_and_metadata(build: Build, run: Run) -> None:
    wheel = build(files=_GADGET, lines=["Summary: a gadget"])
    code = (
        "import gadget, importlib.metadata as m, importlib.resources as r, os\n"
        "info = m.metadata('gadget')\n"
        "gadget.divide(6, 3), m.version('gadget'), info['Summary'],"
        " r.files('gadget').joinpath('data/words.txt').read_text(),"
        " os.path.basename(gadget.__file__), sorted(map(str, m.files('gadget')))[0]"
    )
    result = run(code, packages=[wheel])
    assert result.status == "ok", result.error
    assert result.value == (
        2.0,
        "1.0",
        "a gadget",
        "hello",
        "__init__.py",
        "gadget-1.0.dist-info/METADATA",
    )


@pytest.mark.requirement("wheels.import")
def test_tracebacks_show_its_lines(build: Build, make: Make) -> None:
    box = make(packages=[build(files=_GADGET)])
    place = box.run("import gadget\ngadget.inner.__file__").raise_for_status().value
    if LEVEL.private:
        assert place == "/packages/gadget/inner.py"
    result = box.run("gadget.divide(1, 0)")
    assert result.error is not None
    assert f'  File "{place}", line 2, in divide\n    return a / b\n' in result.error.traceback


@pytest.mark.requirement("wheels.import")
def test_the_standard_library_and_given_modules_come_first(build: Build, run: Run) -> None:
    files = {"json.py": "WHOSE = 'wheel'\n", "own.py": "WHOSE = 'wheel'\n", "gadget.py": ""}
    code = "import json, own, gadget\nhasattr(json, 'WHOSE'), own.WHOSE"
    result = run(code, packages=[build(files=files)], modules={"own": "WHOSE = 'given'"})
    assert result.status == "ok", result.error
    assert result.value == (False, "given")


@pytest.mark.requirement("wheels.import")
def test_parts_of_a_namespace_come_together(build: Build, run: Run) -> None:
    wheels = [
        build(f"space-{part}".replace("-", "_"), files={f"space/{part}.py": f"NAME = {part!r}"})
        for part in ("one", "two")
    ]
    result = run("import space.one, space.two\nspace.one.NAME + space.two.NAME", packages=wheels)
    assert (result.status, result.value) == ("ok", "onetwo"), result.error


@pytest.mark.requirement("wheels.given")
def test_ways_to_give_it(build: Build, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build()
    monkeypatch.chdir(path.parent)
    for given in (path, str(path), Wheel(path), Wheel(path.name), path.name):
        result = run("import gadget\ngadget.ANSWER", packages=[given])
        assert (result.status, result.value) == ("ok", 42), result.error
    result = run("import gadget\ngadget.ANSWER", packages=[path, Wheel(path)])  # once is enough
    assert (result.status, result.value) == ("ok", 42), result.error


@pytest.mark.requirement("wheels.given")
@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["a.whl/"], "packages='a.whl/'|PackageNotAvailable|packages: 'a.whl/'"),
        ([Path("a.zip")], "Wheel: .*a.zip'\\) is not the path of a .whl file"),
        ([b"a.whl"], "packages: b'a.whl' is not the name of a package"),
        (["nowhere.whl"], "packages: .*/nowhere.whl cannot be read: No such file or directory"),
    ],
)
def test_what_is_none(run: Run, given: Any, says: str) -> None:
    with pytest.raises((ConfigurationError, PolicyNotEnforceable), match=says):
        run("1", packages=given)


@pytest.mark.requirement("wheels.given")
@pytest.mark.parametrize("value", [5, "abc", "g" * 64, b"0" * 64])
def test_what_is_no_hash(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="is no SHA-256: 64 hexadecimal digits"):
        Wheel("a.whl", sha256=value)


@pytest.mark.requirement("wheels.data")
def test_data_of_a_wheel_is_spread(build: Build, run: Run) -> None:
    data = "gadget-1.0.data"
    wheel = build(
        files={
            f"{data}/purelib/pure.py": "A = 1",
            f"{data}/platlib/plat.py": "A = 2",
            f"{data}/data/share/words": "x",
            f"{data}/scripts/tool": "#!python\n",
            f"{data}/headers/gadget.h": "",
        }
    )
    code = (
        "import pure, plat, os, importlib.metadata as m\n"
        "home = os.path.dirname(pure.__file__)\n"
        "found = sorted(str(f) for f in m.files('gadget'))\n"
        "pure.A + plat.A, found[:1] + found[-5:], all(f.locate().exists() for f in m.files('gadget'))"
    )
    result = run(code, packages=[wheel])
    assert result.status == "ok", result.error
    assert result.value == (
        3,
        ["bin/tool", "gadget-1.0.dist-info/WHEEL", "include/gadget/gadget.h", "plat.py", "pure.py", "share/words"],
        True,
    )  # fmt: skip


# --- walls -----------------------------------------------------------------------------------


@pytest.mark.requirement("wheels.read-only")
def test_a_guest_cannot_change_it(build: Build, make: Make) -> None:
    options = {"packages": [build(files=_GADGET)]}
    box = make(**options)
    code = """
import gadget, os
folder = os.path.dirname(gadget.__file__)
home = os.path.dirname(folder)
def attempt(function, *arguments):
    try:
        return function(*arguments)
    except OSError as error:
        return "refused"
[
    attempt(open, gadget.__file__, "w"), attempt(open, gadget.__file__, "r+b"),
    attempt(os.open, gadget.__file__, os.O_WRONLY), attempt(os.remove, gadget.__file__),
    attempt(os.rename, gadget.__file__, "stolen"), attempt(os.rename, folder, home + "/other"),
    attempt(os.truncate, gadget.__file__, 0), attempt(os.rmdir, folder),
    attempt(open, home + "/evil.py", "w"), attempt(open, folder + "/evil.py", "w"),
    attempt(os.mkdir, folder + "/__pycache__/x"), attempt(os.symlink, "/box", home + "/link"),
    attempt(os.link, gadget.__file__, "linked"), attempt(os.utime, gadget.__file__),
]
"""
    attempts = box.run(code).raise_for_status().value
    assert attempts == ["refused"] * 14
    again = "import gadget\ngadget.divide(6, 3)"
    assert make(**options).run(again).raise_for_status().value == 2.0


@pytest.mark.requirement("wheels.not-run")
def test_each_guest_runs_it_for_itself(build: Build, make: Make) -> None:
    source = "import os, time, uuid\nMADE = uuid.uuid4().hex\nseen = []\n"
    options = {"packages": [build(files={"gadget.py": source})]}
    code = "import sys\nbefore = 'gadget' in sys.modules\nimport gadget\ngadget.seen.append(1)\nbefore, gadget.MADE, gadget.seen"
    found = [make(**options).run(code).raise_for_status().value for _ in range(2)]
    assert [(before, seen) for before, _, seen in found] == [(False, [1])] * 2
    assert found[0][1] != found[1][1]


@pytest.mark.requirement("wheels.not-run")
def test_what_never_ends_ends_a_turn_only(build: Build, run: Run) -> None:
    files = {"gadget.py": "while True: pass\n", "broken.py": "def f(:\n", "deep.py": "(" * 10_000}
    wheel = build(files=files)
    result = run("1 + 1", packages=[wheel])
    assert (result.status, result.value) == ("ok", 2), result.error
    result = run("import gadget", packages=[wheel], limits=ringfence.Limits(wall=0.5))
    assert (result.status, result.limit) == ("limit", "wall")
    for name in ("broken", "deep"):
        result = run(f"import {name}", packages=[wheel])
        assert result.error is not None
        assert result.error.type in ("SyntaxError", "MemoryError")  # a parser may say either


@pytest.mark.requirement("wheels.hash")
def test_its_hash_is_checked_and_told(build: Build, run: Run) -> None:
    path = build()
    result = run("import gadget", packages=[path])
    digest = result.enforced["packages"].rpartition("gadget 1.0 (sha256 ")[2].rstrip(")")
    assert run("import gadget", packages=[Wheel(path, sha256=digest.upper())]).status == "ok"
    wrong = "0" * 64
    says = f"gadget-1.0-py3-none-any.whl is not the file that was asked for: its sha256 is {digest}, not {wrong}"
    with pytest.raises(WheelRefused, match=says):
        run("1", packages=[Wheel(path, sha256=wrong)])


@pytest.mark.requirement("wheels.hash")
def test_another_file_in_its_place_is_another_wheel(build: Build, run: Run) -> None:
    path = build(files={"gadget.py": "ANSWER = 1"})
    code = "import gadget\ngadget.ANSWER"
    first = run(code, packages=[path])
    build(files={"gadget.py": "ANSWER = 2"})
    second = run(code, packages=[path])
    assert (first.value, second.value) == (1, 2)
    assert first.enforced["packages"] != second.enforced["packages"]


@pytest.mark.requirement("wheels.hash")
def test_without_wheels_nothing_is_said_of_them(shared: Sandbox) -> None:
    result = shared.run("import sys\n'packages' in sys.modules")
    assert "packages" not in result.enforced


# --- what goes together ----------------------------------------------------------------------


@pytest.mark.requirement("wheels.required")
def test_what_is_required_is_given_or_refused(build: Build, run: Run) -> None:
    one = build(
        "one",
        files={"one.py": "import ringfence_test_two"},
        lines=["Requires-Dist: ringfence-test-two[fast]>=2"],
    )
    fast = ["Provides-Extra: fast", "Requires-Dist: ringfence-test-three; extra == 'fast'"]
    two = build("ringfence_test_two", "2.1", files={"ringfence_test_two.py": ""}, lines=fast)
    three = build("ringfence_test_three", files={"ringfence_test_three.py": ""})
    with pytest.raises(PackageNotAvailable, match="ringfence-test-two.*>=2.* for .*one 1.0"):
        run("1", packages=[one])
    with pytest.raises(PackageNotAvailable, match="ringfence-test-three"):
        run("1", packages=[one, two])
    assert run("import one", packages=[one, two, three]).status == "ok"
    assert run("import ringfence_test_two", packages=[two]).status == "ok"  # no extra, no need
    old = build("ringfence_test_two", "1.0", files={"ringfence_test_two.py": ""})
    says = "one 1.0 requires ringfence-test-two>=2, and ringfence-test-two 1.0 is given"
    with pytest.raises(PackageNotAvailable, match=says):
        run("1", packages=[one, old])


@pytest.mark.requirement("wheels.required")
def test_markers_are_the_guest_s(build: Build, run: Run) -> None:
    names = [
        "implementation_name",
        "implementation_version",
        "os_name",
        "platform_machine",
        "platform_python_implementation",
        "platform_system",
        "python_full_version",
        "python_version",
        "sys_platform",
    ]
    code = (
        "import os, platform, sys\n"
        "version = '.'.join(map(str, sys.version_info[:3]))\n"
        "[sys.implementation.name, version, os.name, platform.machine(),"
        " platform.python_implementation(), platform.system(), platform.python_version(),"
        " '.'.join(platform.python_version_tuple()[:2]), sys.platform]"
    )
    answers = run(code).raise_for_status().value
    lines = [
        f"Requires-Dist: ringfence-test-nothing; {name} != {answer!r}"
        for name, answer in zip(names, answers, strict=True)
    ]
    assert run("import gadget", packages=[build(lines=lines)]).status == "ok"
    for name, answer in zip(names, answers, strict=True):
        wheel = build(lines=[f"Requires-Dist: ringfence-test-nothing; {name} == {answer!r}"])
        with pytest.raises(PackageNotAvailable, match="ringfence-test-nothing"):
            run("1", packages=[wheel])


@pytest.mark.requirement("wheels.refused")
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tag": "cp313-cp313-manylinux_2_17_x86_64"}, "it has native code for manylinux_2_17_x86_64: only wheels of pure Python"),
        ({"tag": "cp311-abi3-win_amd64"}, "it has native code for win_amd64: only"),
        ({"tag": "cp313-cp313-any"}, "it has native code for cp313: only"),
        ({"files": {"gadget/fast.cpython-313-wasm32-wasi.so": b""}}, "it has native code, 'gadget/fast.cpython-313-wasm32-wasi.so': only"),
        ({"files": {"gadget/fast.PYD": b""}}, "it has native code, 'gadget/fast.PYD': only"),
        ({"tag": "py2-none-any"}, "it was built for py2, and this is Python 3"),
        ({"tag": "py399-none-any"}, "it was built for py399, and this is Python 3"),
        ({"lines": ["Requires-Python: <3.8"]}, "it requires Python <3.8, and this is 3."),
        ({"lines": ["Requires-Python: soon"]}, "its Requires-Python is 'soon', which says nothing"),
        ({"lines": ["Requires-Dist: ???"]}, "it requires '\\?\\?\\?', which is no requirement"),
    ],
)  # fmt: skip
def test_what_cannot_be_lent(build: Build, run: Run, options: dict[str, Any], says: str) -> None:
    path = build(**options)
    with pytest.raises(WheelRefused, match=f"^packages: {path.name}: {says}"):
        run("1", packages=[path])


@pytest.mark.requirement("wheels.refused")
def test_two_that_do_not_go_together(build: Build, run: Run) -> None:
    one, two = (
        build("Gadget", "1.0", files={"a.py": ""}),
        build("gadget", "2.0", files={"b.py": ""}),
    )
    with pytest.raises(WheelRefused, match="gadget is given twice: gadget 1.0 and gadget 2.0"):
        run("1", packages=[one, two])
    first = build("first", files={"tests/__init__.py": "1", "LICENSE": "free"})
    same = build("same", files={"tests/__init__.py": "1", "LICENSE": "free"})
    other = build("other", files={"tests/__init__.py": "2"})
    under = build("under", files={"LICENSE/text": ""})
    assert run("import tests", packages=[first, same]).status == "ok"
    with pytest.raises(
        WheelRefused,
        match="first 1.0 and other 1.0 both bring 'tests/__init__.py', and they are not",
    ):
        run("1", packages=[first, other])
    for pair in ([first, under], [under, first]):
        with pytest.raises(WheelRefused, match="first 1.0 and under 1.0 both bring 'LICENSE"):
            run("1", packages=pair)


@pytest.mark.requirement("wheels.installed")
def test_what_is_installed_comes_along(build: Build, run: Run) -> None:
    pytest.importorskip("numpy")
    wheel = build(
        files={"gadget.py": "import numpy as np\nTOTAL = int(np.arange(4).sum())"},
        lines=["Requires-Dist: numpy>=1"],
    )
    result = run("import gadget\ngadget.TOTAL", packages=[wheel])
    assert (result.status, result.value) == ("ok", 6), result.error
    result = run("import gadget, numpy\ngadget.TOTAL", packages=["numpy", wheel])
    assert (result.status, result.value) == ("ok", 6), result.error
    mine = build("numpy", "99.0", files={"numpy.py": ""})
    with pytest.raises(
        ConfigurationError,
        match="numpy is given as a wheel, and the one that is installed is lent as well",
    ):
        run("1", packages=["numpy", mine])


@pytest.mark.requirement("wheels.names")
def test_names_without_a_host_to_take_them_from(engine: str, run: Run) -> None:
    if ringfence.engines()[engine].capabilities.packages:
        pytest.skip(f"{engine} lends what the host has installed")
    with pytest.raises(
        PolicyNotEnforceable,
        match="'Jinja2>=3' cannot be lent: .*pip download --no-deps Jinja2; then packages=",
    ):
        run("1", packages=["Jinja2>=3"])
    with pytest.raises(
        PolicyNotEnforceable,
        match="'numpy' cannot be lent: it has native code, which nobody publishes for",
    ):
        run("1", packages=["numpy"])


# --- faces -----------------------------------------------------------------------------------


@pytest.mark.requirement("wheels.faces")
def test_async(build: Build, make_async: MakeAsync) -> None:
    async def work() -> Any:
        async with make_async(packages=[build()]) as box:
            return (await box.run("import gadget\ngadget.ANSWER")).value

    assert finish(work()) == 42


@pytest.mark.requirement("wheels.faces")
def test_pool(engine: str, build: Build) -> None:
    options = LEVEL.options(engine, {"packages": [build()]})
    with Pool(1, **options) as pool:
        result = ringfence.run("import gadget\ngadget.ANSWER", pool=pool)
    assert (result.status, result.value) == ("ok", 42), result.error


@pytest.mark.requirement("wheels.snapshot")
def test_a_snapshot_belongs_to_its_wheels(engine: str, build: Build, make: Make) -> None:
    text = os.urandom(1 << 20)
    path = build(files={"gadget.py": "ANSWER = 42\n", "gadget_data/noise": text})
    plain = make()
    plain.run("1")
    box = make(packages=[path])
    code = "import gadget\nkept = iter([1, 2, 3])\nnext(kept)"
    box.run(code).raise_for_status()
    state = box.snapshot(key=KEY)
    assert len(state) < len(plain.snapshot(key=KEY)) + (512 << 10)  # not the noise, which stays
    look = "next(kept), gadget.ANSWER, len(open('/packages/gadget_data/noise', 'rb').read())"
    with Sandbox.restore(state, key=KEY, engine=engine, packages=[path]) as twin:
        assert twin.run(look).raise_for_status().value == (2, 42, 1 << 20)
    with box.fork() as twin:
        assert twin.run(look).raise_for_status().value == (2, 42, 1 << 20)
    build(files={"gadget.py": "ANSWER = 43\n", "gadget_data/noise": text})
    for others in ([], [path]):
        with pytest.raises(
            StateRefused, match=r"belongs to the image \w+\+gadget-1.0\+\w+ of"
        ) as caught:
            Sandbox.restore(state, key=KEY, engine=engine, packages=others)
        assert caught.value.reason == "image"


@pytest.mark.requirement("wheels.compiled")
def test_byte_code_is_there(build: Build, run: Run) -> None:
    files = {
        "gadget.py": "1\n",
        "broken.py": "def f(:\n",
        "tests/__init__.py": "",
        "pack/deep.py": "",
    }
    code = (
        "import os, gadget\n"
        "sorted(os.path.relpath(f'{a}/{f}', '/packages') for a, _, c in os.walk('/packages') for f in c if f.endswith('.pyc')),"
        " gadget.__cached__"
    )
    result = run(code, packages=[build(files=files)])
    assert result.status == "ok", result.error
    tag = "cpython-313.pyc"
    assert result.value == (
        [f"__pycache__/gadget.{tag}", f"pack/__pycache__/deep.{tag}"],
        f"/packages/__pycache__/gadget.{tag}",
    )


@pytest.mark.requirement("wheels.import")
def test_byte_code_that_it_brings_itself(build: Build, run: Run) -> None:
    """It is files like others, and what is made beside the source never takes their place."""
    files = {f"__pycache__/gadget.cpython-3{n}.pyc": b"no byte code" for n in range(11, 15)}
    result = run(
        "import other\nopen(other.__file__[:-8] + '__pycache__/gadget.cpython-313.pyc').read()",
        packages=[build(files={**files, "gadget.py": "", "other.py": ""})],
    )
    assert (result.status, result.value) == ("ok", "no byte code"), result.error


@pytest.mark.requirement("wheels.import")
def test_they_are_the_same_in_every_run(engine: str, build: Build, run: Run) -> None:
    if not ringfence.engines()[engine].capabilities.deterministic:
        pytest.skip(f"{engine} is not deterministic (its Capabilities)")
    code = (
        "import gadget, os, time, uuid\n"
        "[tuple(os.stat(gadget.__file__)), os.listdir('/packages'), time.time(), uuid.uuid4().hex, id(gadget)]"
    )
    options = {"packages": [build()], "policy": ringfence.Policy(deterministic=True)}
    first, second = (run(code, **options).raise_for_status().value for _ in range(2))
    assert first == second


# --- wheels of others ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A few small wheels of the package index."""
    folder = tmp_path_factory.mktemp("downloaded")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    names = ("tabulate==0.9.0", "python-dateutil==2.9.0.post0", "six==1.17.0", "attrs==25.3.0")
    try:
        subprocess.run(
            [*command, "--dest", str(folder), *names], check=True, capture_output=True, timeout=120
        )
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no package index can be reached, or there is no pip")
    return {path.name.partition("-")[0]: path for path in folder.glob("*.whl")}


_REAL = [
    (("tabulate",), "import tabulate\ntabulate.tabulate([['a', 1]], tablefmt='plain')", "a  1"),
    (("python_dateutil", "six"), "from dateutil import parser, tz\nparser.parse('3 May 2024 10:00').isoformat(), tz.gettz('Europe/Oslo') is not None", ("2024-05-03T10:00:00", True)),
    (("attrs",), "import attrs\n@attrs.define\nclass P:\n    x: int\nrepr(P(3))", "P(x=3)"),
]  # fmt: skip


@pytest.mark.requirement("wheels.real")
@pytest.mark.parametrize(("names", "code", "value"), _REAL, ids=[names[0] for names, _, _ in _REAL])
def test_real_wheels(
    build: Build,
    run: Run,
    downloaded: dict[str, Path],
    names: tuple[str, ...],
    code: str,
    value: Any,
) -> None:
    result = run(code, packages=[downloaded[name] for name in names])
    assert result.status == "ok", result.error
    assert result.value == value
    assert zipfile.is_zipfile(downloaded[names[0]])
